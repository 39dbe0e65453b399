"""Deputy and team: who else opens a file, and what they may do there."""

import pytest
from django.urls import reverse

from cases.access import AccessReason
from cases.models import Case, CaseAccess
from cases.workflow.deputies import (
    add_team_member,
    name_deputy,
    remove_deputy,
    remove_team_member,
)
from cases.workflow.handover import accept_handover
from cases.workflow.invariants import broken_rules
from cases.workflow.phases import change_phase
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import CaseFactory, ConsentFactory, FollowUpFactory, in_days
from tests.cases.handovers import offer
from tests.client import shown_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


def test_a_deputy_of_the_same_provider_needs_no_consent_and_takes_every_step(case, amal, dora):
    name_deputy(case, by=amal, to=dora)

    change_phase(case, by=dora, to="planning")

    assert Case.objects.get().deputy == dora


def test_a_deputy_of_another_provider_needs_a_consent(case, amal, ben, awo):
    with pytest.raises(Refusal):
        name_deputy(case, by=amal, to=ben)
    assert Case.objects.get().deputy is None

    ConsentFactory(case=case, recipients=[awo])
    name_deputy(case, by=amal, to=ben)
    assert Case.objects.visible_to(ben).exists()


def test_a_new_deputy_replaces_the_former_one_at_once(case, amal, dora, ben, awo):
    ConsentFactory(case=case, recipients=[awo])
    name_deputy(case, by=amal, to=dora)
    follow_up = FollowUpFactory(case=case, assignee=dora)

    name_deputy(case, by=amal, to=ben)

    assert not Case.objects.visible_to(dora).exists()
    follow_up.refresh_from_db()
    assert follow_up.assignee == amal


def test_a_deputy_named_in_between_is_not_replaced_unseen(case, amal, dora, ben, awo, browse):
    ConsentFactory(case=case, recipients=[awo])
    url = reverse("cases:name_deputy", args=[case.reference])
    shown = browse(amal).get(url).context["form"]["seen"].value()
    name_deputy(case, by=amal, to=dora)

    page = browse(amal).post(url, {"to": ben.pk, "seen": shown})

    assert page.status_code == 409
    assert str(dora) in page.context["refusal"].sentence
    assert str(page.context["form"]["to"].value()) == str(ben.pk)
    assert Case.objects.get().deputy == dora
    assert browse(amal).post(url, {"to": ben.pk} | shown_again(page)).status_code == 302


def test_a_deputyship_ended_in_between_is_said(case, amal, dora, ben, awo, browse):
    ConsentFactory(case=case, recipients=[awo])
    name_deputy(case, by=amal, to=dora)
    url = reverse("cases:name_deputy", args=[case.reference])
    shown = browse(amal).get(url).context["form"]["seen"].value()
    remove_deputy(case, by=amal)

    page = browse(amal).post(url, {"to": ben.pk, "seen": shown})

    assert page.status_code == 409
    assert Case.objects.get().deputy is None


def test_a_deputy_is_replaced_from_the_page_that_shows_them(case, amal, dora, ben, awo, browse):
    ConsentFactory(case=case, recipients=[awo])
    name_deputy(case, by=amal, to=dora)
    url = reverse("cases:name_deputy", args=[case.reference])
    shown = browse(amal).get(url).context["form"]["seen"].value()

    assert browse(amal).post(url, {"to": ben.pk, "seen": shown}).status_code == 302

    assert Case.objects.get().deputy == ben


def test_the_end_of_a_deputyship_brings_the_follow_ups_home(case, amal, dora):
    name_deputy(case, by=amal, to=dora)
    follow_up = FollowUpFactory(case=case, assignee=dora)

    remove_deputy(case, by=amal)

    follow_up.refresh_from_db()
    assert follow_up.assignee == amal
    assert not Case.objects.visible_to(dora).exists()


def test_nobody_has_two_rights_to_one_file(case, amal, dora):
    add_team_member(case, by=amal, to=dora)
    with pytest.raises(Refusal):
        add_team_member(case, by=amal, to=dora)

    name_deputy(case, by=amal, to=dora)

    rows = CaseAccess.objects.current().filter(staff_member=dora)
    assert [row.reason for row in rows] == [AccessReason.DEPUTY]


def test_a_team_member_does_not_add_another(case, amal, dora, ben):
    add_team_member(case, by=amal, to=dora)

    with pytest.raises(NotYours):
        add_team_member(case, by=dora, to=ben)


def test_a_team_right_ends_after_its_last_day(case, amal, dora, time_machine):
    add_team_member(case, by=amal, to=dora, until=in_days(2))

    time_machine.move_to(in_days(2))
    assert Case.objects.visible_to(dora).exists()
    time_machine.move_to(in_days(1))
    assert not Case.objects.visible_to(dora).exists()


def test_the_pages_offer_only_colleagues_who_may_be_chosen(browse, case, amal, dora, ben, kora):
    page = browse(amal).get(reverse("cases:name_deputy", args=[case.reference]))

    offered = page.context["form"].fields["to"].queryset
    assert dora in offered
    assert ben not in offered
    assert kora not in offered
    assert amal not in offered


def test_ending_a_right_of_another_case_is_404(browse, case, amal, dora):
    row = add_team_member(CaseFactory(lead=amal), by=amal, to=dora)

    url = reverse("cases:remove_team_member", args=[case.reference, row.pk])

    assert browse(amal).post(url).status_code == 404


def test_removing_a_team_member_closes_the_file_at_once(browse, case, amal, dora):
    row = add_team_member(case, by=amal, to=dora)

    browse(amal).post(reverse("cases:remove_team_member", args=[case.reference, row.pk]))

    assert not Case.objects.visible_to(dora).exists()
    with pytest.raises(Refusal):
        remove_team_member(row, by=amal)


@pytest.mark.parametrize("give", [name_deputy, add_team_member])
def test_a_former_lead_who_works_on_the_case_again_has_one_right(case, amal, dora, give):
    accept_handover(offer(case, dora), by=dora)
    case = Case.objects.get()

    give(case, by=dora, to=amal)

    row = CaseAccess.objects.current().get(case=case, staff_member=amal)
    assert row.reason != AccessReason.HANDOVER
    assert not list(broken_rules())
