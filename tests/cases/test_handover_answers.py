"""What moves when a case is accepted, who reads on afterwards, and how else an offer ends."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import (
    Case,
    CaseAccess,
    CaseEvent,
    Consent,
    Contact,
    FollowUp,
    Handover,
    HandoverReason,
)
from cases.workflow import consents as consent_steps
from cases.workflow import handover as workflow
from kim_portal.errors import NotYours, Refusal
from tests.at_once import at_once, on_postgresql
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ContactFactory,
    FollowUpFactory,
    HandoverFactory,
)
from tests.cases.handovers import consent_for, offer, read_anew
from tests.providers.factories import CaseworkerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal, person__given_name="Jelena", person__family_name="Ilieva")


@pytest.fixture
def moved():
    return HandoverReason.objects.get(code="UMZUG_STADTBEZIRK")


# --- Acceptance ---------------------------------------------------------------------------------


def test_everything_moves_when_a_case_is_accepted_across_providers(
    case, amal, dora, ben, chen, rheinhausen, grafschafter, awo
):
    consent_for(case, grafschafter, awo)
    case.deputy = dora
    case.save()
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.DEPUTY)
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.TEAM)
    own, deputys, third = (
        FollowUp.objects.get(),
        *(FollowUpFactory(case=case, assignee=person) for person in (dora, ben)),
    )
    done = FollowUpFactory(case=case, assignee=amal, done=True)
    handover = offer(case, rheinhausen)

    workflow.accept_handover(handover, by=chen)

    case.refresh_from_db()
    assert (case.lead, case.provider, case.center) == (chen, grafschafter, rheinhausen)
    assert case.deputy is None
    assignee_of = dict(FollowUp.objects.values_list("pk", "assignee"))
    assert assignee_of == {own.pk: chen.pk, deputys.pk: chen.pk, third.pk: ben.pk, done.pk: amal.pk}
    rows = CaseAccess.objects.current().filter(case=case)
    assert set(rows.values_list("staff_member", "reason")) == {
        (chen.pk, AccessReason.LEAD),
        (ben.pk, AccessReason.TEAM),
    }
    assert rows.get(reason=AccessReason.LEAD).ends_at is None
    assert Case.objects.visible_to(chen).exists()
    assert not Case.objects.visible_to(amal).exists()
    event = CaseEvent.objects.get(step=Step.ACCEPT_HANDOVER)
    assert (event.before, event.after, event.actor) == ("offered", "accepted", chen)
    assert event.details["moved_follow_ups"] == 2


def test_the_receiver_keeps_the_file_when_the_transfer_consent_ends(case, chen, grafschafter):
    consent_for(case, grafschafter, valid_until=timezone.localdate())
    workflow.accept_handover(offer(case, chen), by=chen)

    with time_machine.travel(timezone.now() + timedelta(days=40), tick=False):
        assert Case.objects.visible_to(read_anew(chen)).exists()


def test_a_person_takes_the_case_to_the_one_center_where_they_work(
    case, chen, rheinhausen, grafschafter, drk
):
    consent_for(case, grafschafter)
    workflow.accept_handover(offer(case, chen), by=chen)
    assert Case.objects.get().center == rheinhausen

    everywhere = CaseworkerFactory(center=None, employer=grafschafter)
    workflow.accept_handover(offer(Case.objects.get(), everywhere), by=everywhere)
    assert Case.objects.get().center == rheinhausen


def test_within_the_provider_deputy_and_team_stay(case, amal, dora, drk, hamborn):
    third = CaseworkerFactory(employer=drk, center=hamborn)
    case.deputy = third
    case.save()
    AccessFactory(case=case, staff_member=third, reason=AccessReason.DEPUTY)
    theirs = FollowUpFactory(case=case, assignee=third)

    workflow.accept_handover(offer(case, dora), by=dora)

    assert Case.objects.get().deputy == third
    theirs.refresh_from_db()
    assert theirs.assignee == third


def test_a_deputy_who_becomes_the_lead_is_no_longer_the_deputy(case, dora):
    case.deputy = dora
    case.save()
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.DEPUTY)

    workflow.accept_handover(offer(case, dora), by=dora)

    assert Case.objects.get().deputy is None
    rows = CaseAccess.objects.current().filter(staff_member=dora)
    assert [row.reason for row in rows] == [AccessReason.LEAD]


def test_the_consent_is_asked_for_again_at_acceptance(case, chen, grafschafter):
    consent = consent_for(case, grafschafter)
    handover = offer(case, chen)
    Consent.objects.filter(pk=consent.pk).update(revoked_at=timezone.now())

    with pytest.raises(Refusal, match=r"Einwilligung|consent"):
        workflow.accept_handover(handover, by=chen)
    assert Case.objects.get().lead == case.lead


def test_revoking_the_consent_withdraws_the_offer_at_once(case, amal, chen, grafschafter):
    consent = consent_for(case, grafschafter)
    handover = offer(case, chen)

    consent_steps.revoke_consent(consent, by=amal)

    handover.refresh_from_db()
    assert handover.state == Handover.State.WITHDRAWN
    assert not Case.objects.known_to(chen).exists()


def test_a_team_offer_stays_while_it_still_reaches_somebody(case, amal, ben, dora, awo, hamborn):
    consent = consent_for(case, awo)
    handover = offer(case, hamborn)

    consent_steps.revoke_consent(consent, by=amal)

    handover.refresh_from_db()
    assert handover.is_open
    assert not Handover.objects.offered_to(ben).exists()


def test_nobody_else_accepts_an_offer_to_a_person(case, dora, chen, drk, hamborn):
    handover = offer(case, dora)

    for stranger in (chen, CaseworkerFactory(employer=drk, center=hamborn)):
        with pytest.raises(NotYours):
            workflow.accept_handover(handover, by=stranger)


def test_the_second_to_accept_gets_a_sentence_with_the_name_of_the_first(case, dora, drk, hamborn):
    second = CaseworkerFactory(employer=drk, center=hamborn)
    handover = offer(case, hamborn)
    stale = Handover.objects.get()
    workflow.accept_handover(handover, by=dora)

    with pytest.raises(Refusal, match="Dora"):
        workflow.accept_handover(stale, by=second)
    assert Case.objects.get().lead == dora


def test_nothing_moves_when_the_trail_cannot_be_written(case, amal, dora, monkeypatch):
    handover = offer(case, dora)

    def fail(**kwargs):
        raise RuntimeError

    monkeypatch.setattr(CaseEvent.objects, "create", fail)
    with pytest.raises(RuntimeError):
        workflow.accept_handover(handover, by=dora)

    assert Case.objects.get().lead == amal
    assert FollowUp.objects.get().assignee == amal
    assert Handover.objects.get().is_open
    assert Case.objects.visible_to(amal).exists()


# --- Thirty days --------------------------------------------------------------------------------


def test_the_former_lead_reads_on_for_thirty_days_and_only_the_past(case, amal, dora):
    ContactFactory(case=case, note="Vorher.", recorded_at=timezone.now() - timedelta(hours=1))
    workflow.accept_handover(offer(case, dora), by=dora)
    ContactFactory(case=case, note="Nachher.", recorded_at=timezone.now() + timedelta(seconds=1))

    with time_machine.travel(timezone.now() + timedelta(days=30, hours=-1), tick=False):
        reader = read_anew(amal)
        assert Case.objects.visible_to(reader).exists()
        assert [contact.note for contact in Contact.objects.visible_to(reader)] == ["Vorher."]
    with time_machine.travel(timezone.now() + timedelta(days=30, hours=1), tick=False):
        assert not Case.objects.visible_to(read_anew(amal)).exists()


def test_the_former_lead_takes_no_step(case, amal, dora, hamborn):
    workflow.accept_handover(offer(case, dora), by=dora)

    with pytest.raises(NotYours):
        offer(Case.objects.get(), hamborn, by=amal)


@pytest.mark.parametrize(("is_mutual", "reads"), [(True, True), (False, False)])
def test_across_providers_the_former_lead_reads_on_under_a_mutual_consent_alone(
    case, amal, chen, grafschafter, is_mutual, reads
):
    consent_for(case, grafschafter, is_mutual=is_mutual)

    workflow.accept_handover(offer(case, chen), by=chen)

    assert Case.objects.visible_to(amal).exists() is reads


def test_a_mutual_consent_that_ends_sooner_ends_the_reading(case, amal, chen, grafschafter):
    consent_for(
        case, grafschafter, is_mutual=True, valid_until=timezone.localdate() + timedelta(days=5)
    )
    workflow.accept_handover(offer(case, chen), by=chen)

    with time_machine.travel(timezone.now() + timedelta(days=6), tick=False):
        assert not Case.objects.visible_to(read_anew(amal)).exists()


def test_a_case_that_comes_back_leaves_no_overlapping_rows(case, amal, dora):
    workflow.accept_handover(offer(case, dora), by=dora)
    workflow.accept_handover(offer(Case.objects.get(), amal), by=amal)

    rows = CaseAccess.objects.current()
    assert set(rows.values_list("staff_member", "reason")) == {
        (amal.pk, AccessReason.LEAD),
        (dora.pk, AccessReason.HANDOVER),
    }


# --- Other answers ------------------------------------------------------------------------------


def test_declining_needs_a_reason_and_leaves_the_lead(case, amal, dora):
    handover = offer(case, dora)
    with pytest.raises(Refusal):
        workflow.decline_handover(handover, by=dora, because=" ")

    workflow.decline_handover(handover, by=dora, because="Befangen.")

    handover.refresh_from_db()
    assert (handover.state, handover.answered_because) == ("declined", "Befangen.")
    assert not Case.objects.offered_to(dora).exists()
    assert Case.objects.get().lead == amal
    assert offer(case, dora)


def test_withdrawing_closes_the_sheet_and_a_late_answer_gets_a_sentence(case, amal, dora):
    handover = offer(case, dora)
    stale = Handover.objects.get()

    workflow.withdraw_handover(handover, by=amal)

    assert not Case.objects.offered_to(dora).exists()
    with pytest.raises(Refusal):
        workflow.accept_handover(stale, by=dora)
    with pytest.raises(Refusal):
        workflow.ask_back(stale, by=dora, question="Noch da?")


def test_the_coordination_sends_an_offer_back_from_the_eighth_day_on(case, kora, dora):
    handover = offer(case, dora)

    on_day_7 = time_machine.travel(timezone.now() + timedelta(days=7), tick=False)
    with on_day_7, pytest.raises(Refusal):
        workflow.send_back(handover, by=kora, because="Keine Antwort.")
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert list(Handover.objects.overdue()) == [handover]
        workflow.send_back(handover, by=kora, because="Keine Antwort.")

    assert Handover.objects.get().state == Handover.State.WITHDRAWN


def test_a_caseworker_cannot_send_an_offer_back(case, dora, ben):
    handover = HandoverFactory(
        case=case, to_staff=dora, answer_due_on=timezone.localdate() - timedelta(days=1)
    )

    with pytest.raises(NotYours):
        workflow.send_back(handover, by=ben, because="Nicht meins.")


# --- Two at once --------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_people_accepting_at_the_same_moment_one_gets_the_case(case, dora, drk, hamborn):
    on_postgresql()
    other = CaseworkerFactory(employer=drk, center=hamborn)
    handover = offer(case, hamborn)

    def accepting(person):
        own_copy = Handover.objects.get(pk=handover.pk)
        return lambda: workflow.accept_handover(own_copy, by=person) and "accepted"

    people = (dora, other)
    answers = dict(zip(people, at_once(*map(accepting, people)), strict=True))

    winner, loser = sorted(answers, key=lambda person: answers[person] != "accepted")
    assert answers[winner] == "accepted"
    assert isinstance(answers[loser], Refusal), answers[loser]
    assert str(winner) in answers[loser].sentence
    assert Case.objects.get().lead == winner
    assert CaseAccess.objects.current().get(reason=AccessReason.LEAD).staff_member == winner
    assert set(FollowUp.objects.open().values_list("assignee", flat=True)) == {winner.pk}
    assert CaseEvent.objects.filter(step=Step.ACCEPT_HANDOVER).count() == 1
