"""Mein Tag and the list of follow-ups: what comes back, comes back to somebody who sees it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Consent, FollowUp
from cases.statistics.load import Load, load_of
from cases.workflow.consents import revoke_consent
from tests.cases.factories import (
    CaseFactory,
    ConsentFactory,
    ContactFactory,
    FollowUpFactory,
    HandoverFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def test_my_day_shows_what_is_overdue_and_due_and_nothing_else(browse, amal):
    case = CaseFactory(lead=amal, follow_up__subject="Später")
    FollowUpFactory(case=case, due_on=in_days(-3), subject="Längst fällig")
    FollowUpFactory(case=case, due_on=in_days(0), subject="Heute fällig")
    FollowUpFactory(case=case, due_on=in_days(-1), subject="Erledigt", done=True)

    page = browse(amal).get(reverse("cases:day"))

    assert [row.subject for row in page.context["due"]] == ["Längst fällig", "Heute fällig"]


@pytest.mark.parametrize("page", ["day", "follow_ups"])
def test_what_is_done_from_a_list_leads_back_to_it(browse, amal, page):
    case = CaseFactory(lead=amal)
    follow_up = FollowUpFactory(case=case, due_on=in_days(0))
    url = reverse(f"cases:{page}")
    done = reverse("cases:complete_follow_up", args=[case.reference, follow_up.pk])

    assert f'href="{done}?next={url}"' in browse(amal).get(url).text
    assert browse(amal).post(f"{done}?next={url}").url == url


def test_my_day_shows_nothing_of_other_people_s_cases(browse, amal, dora):
    FollowUpFactory(case=CaseFactory(lead=dora), due_on=in_days(-1), subject="Fremd")

    assert "Fremd" not in browse(amal).get(reverse("cases:day")).text


def test_what_an_absent_lead_left_comes_to_the_deputy(browse, amal, dora):
    case = CaseFactory(lead=amal, deputy=dora)
    FollowUpFactory(case=case, due_on=in_days(0), subject="Von Amal")
    assert "Von Amal" not in browse(dora).get(reverse("cases:day")).text

    amal.blocked_at = timezone.now()
    amal.save()

    assert "Von Amal" in browse(dora).get(reverse("cases:day")).text


def test_a_case_whose_consent_was_revoked_stands_on_top(browse, amal, time_machine):
    quiet = CaseFactory(lead=amal)
    revoked = CaseFactory(lead=amal)
    time_machine.move_to(timezone.now() + timedelta(days=40))
    revoke_consent(Consent.objects.get(case=revoked), by=amal)

    assert browse(amal).get(reverse("cases:day")).context["worth_a_look"] == [revoked, quiet]


def test_a_case_with_a_recent_contact_is_not_quiet(browse, amal, time_machine):
    case = CaseFactory(lead=amal)
    time_machine.move_to(timezone.now() + timedelta(days=40))
    ContactFactory(case=case)

    assert browse(amal).get(reverse("cases:day")).context["worth_a_look"] == []


def test_an_offer_waits_in_the_day_of_its_receiver_and_later_of_its_lead(
    browse, amal, ben, awo, time_machine
):
    case = CaseFactory(lead=amal)
    ConsentFactory(case=case, recipients=[awo])
    handover = HandoverFactory(case=case, to_staff=ben)

    assert browse(ben).get(reverse("cases:day")).context["handovers"] == [handover]
    assert browse(amal).get(reverse("cases:day")).context["handovers"] == []
    time_machine.move_to(timezone.now() + timedelta(days=5))
    assert browse(amal).get(reverse("cases:day")).context["handovers"] == [handover]


def test_coordination_and_administration_have_no_such_day(browse, kora, adam):
    assert browse(kora).get(reverse("cases:day")).status_code == 403
    assert browse(adam).get(reverse("cases:day")).status_code == 403


def test_load_weighs_cases_by_intensity_and_shares_them_by_post(amal):
    CaseFactory(lead=amal, intensity="intensive")
    CaseFactory(lead=amal, intensity="light")
    CaseFactory(lead=amal, closed=True)

    load = load_of(Case.objects.filter(lead=amal), fte=Decimal("0.5"))

    assert (load.cases, load.weight, load.per_fte) == (2, Decimal("2.5"), Decimal("5.0"))


@pytest.mark.parametrize(
    ("weight", "level"), [(35, "ok"), (36, "warn"), (45, "warn"), (46, "alert")]
)
def test_load_changes_its_level_at_the_limits(weight, level):
    assert Load(cases=1, weight=Decimal(weight), fte=Decimal(1)).level == level


@pytest.mark.parametrize("name", ["cases:day", "cases:follow_ups"])
@pytest.mark.parametrize("rows", [10, 50])
def test_the_pages_cost_the_same_with_ten_and_with_fifty_rows(
    browse, amal, max_queries, name, rows
):
    for _ in range(rows):
        CaseFactory(lead=amal, follow_up__due_on=in_days(-1))
    client = browse(amal)

    with max_queries(12):
        assert client.get(reverse(name)).status_code == 200


def test_my_follow_ups_are_filtered_by_date_and_state(browse, amal):
    case = CaseFactory(lead=amal, follow_up__due_on=in_days(3))
    FollowUpFactory(case=case, due_on=in_days(-3), subject="Alt")
    FollowUpFactory(case=case, due_on=in_days(-3), subject="Fertig", done=True)
    client, url = browse(amal), reverse("cases:follow_ups")

    def shown(**query):
        return {row.subject for row in client.get(url, query).context["page"]}

    assert shown(due="overdue") == {"Alt"}
    assert shown(due="week") == {"Nachfragen, wie es steht"}
    assert shown(state="done") == {"Fertig"}
    assert shown() == {"Alt", "Nachfragen, wie es steht"}


def test_the_calendar_holds_days_and_references_and_no_names(browse, amal):
    case = CaseFactory(lead=amal, person__family_name="Geheim", follow_up__subject="Zum Arzt")

    calendar = browse(amal).get(reverse("cases:calendar")).content.decode()

    assert case.reference in calendar
    assert in_days(7).strftime("%Y%m%d") in calendar
    assert "Geheim" not in calendar
    assert "Arzt" not in calendar


def test_the_file_of_follow_ups_holds_what_the_list_shows(browse, amal):
    CaseFactory(lead=amal, follow_up__subject="@SUM(1)")

    content = browse(amal).get(reverse("cases:export_follow_ups")).content.decode()

    assert FollowUp.objects.count() == content.count("\r\n") - 1
    assert "'@SUM(1)" in content


def test_a_legal_deadline_stands_before_tasks_that_are_overdue(browse, amal):
    case = CaseFactory(lead=amal)
    FollowUpFactory(case=case, assignee=amal, subject="Wie ist die Lage?", due_on=in_days(-9))
    FollowUpFactory(
        case=case,
        assignee=amal,
        subject="Widerspruch",
        due_on=in_days(0),
        kind=FollowUp.Kind.LEGAL_DEADLINE,
    )

    due = browse(amal).get("/day/").context["due"]

    assert [one.subject for one in due] == ["Widerspruch", "Wie ist die Lage?"]
