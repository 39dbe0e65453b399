"""What expires comes back by itself, 12, 8 and 4 weeks ahead, and never twice."""

from datetime import date, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cases.access import Step
from cases.models import CaseEvent, Consent, Expiry, ExpiryReminder, FollowUp
from cases.workflow import expiries
from cases.workflow.corrections import strike
from cases.workflow.documents import correct_document, version_of
from cases.workflow.expiries import due_reminders, due_stage, remind, remind_all
from kim_portal.errors import Refusal
from tests.cases import uploads
from tests.cases.deadline_factories import ExpiryFactory
from tests.cases.factories import (
    CaseFactory,
    ConsentFactory,
    DocumentFactory,
    HouseholdMemberFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
Kind = Expiry.Kind


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


def reminders(case):
    return FollowUp.objects.filter(case=case, kind=FollowUp.Kind.EXPIRY).order_by("pk")


def page(case):
    return reverse("cases:deadlines", args=[case.reference])


# --- When -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "weeks"),
    [(85, None), (84, 12), (57, 12), (56, 8), (29, 8), (28, 4), (1, 4), (0, 4), (-40, 4)],
)
def test_the_stages_are_twelve_eight_and_four_weeks_ahead(days, weeks):
    today = date(2026, 3, 2)

    assert due_stage(today + timedelta(days=days), today) == weeks


@given(start=st.integers(90, 200), steps=st.lists(st.integers(0, 40), max_size=12))
def test_however_often_somebody_looks_each_stage_reminds_once(start, steps):
    until, today, seen = date(2027, 1, 1), date(2027, 1, 1) - timedelta(days=start), []
    for step in steps:
        today += timedelta(days=step)
        stage = due_stage(until, today)
        if stage is not None and (not seen or stage < seen[-1]):
            seen.append(stage)

    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) <= 3


def test_over_the_weeks_a_passport_reminds_three_times_and_one_is_open(case, time_machine):
    until = timezone.localdate() + timedelta(days=100)
    ExpiryFactory(case=case, valid_until=until)
    for days in (100, 84, 83, 60, 56, 40, 28, 20, 3, -5):
        time_machine.move_to(until - timedelta(days=days))
        remind_all(timezone.localdate())

    assert [one.weeks for one in ExpiryReminder.objects.order_by("pk")] == [12, 8, 4]
    assert [one.state for one in reminders(case)] == ["dropped", "dropped", "open"]
    assert f"{until:%d.%m.%Y}" in reminders(case).last().subject


def test_where_several_stages_have_passed_only_the_latest_reminds(case):
    ExpiryFactory(case=case, valid_until=in_days(10))
    remind_all(timezone.localdate())

    assert ExpiryReminder.objects.get().weeks == 4


def test_a_reminder_that_is_done_stays_done_until_the_next_stage(case, amal, time_machine):
    until = in_days(80)
    ExpiryFactory(case=case, valid_until=until)
    remind_all(timezone.localdate())
    reminders(case).update(state="done", ended_at=timezone.now(), ended_by=amal)

    assert remind_all(timezone.localdate()) == 0
    time_machine.move_to(until - timedelta(weeks=8))
    assert remind_all(timezone.localdate()) == 1
    assert [one.state for one in reminders(case)] == ["done", "open"]


# --- What -----------------------------------------------------------------------------------------


def test_the_residence_title_of_the_person_reminds_without_being_recorded_again(case):
    case.person.residence_valid_until = in_days(50)
    case.person.save()
    remind_all(timezone.localdate())

    assert reminders(case).get().subject.startswith("Aufenthaltstitel läuft am")


def test_the_same_paper_recorded_in_two_places_reminds_once(case):
    case.person.residence_valid_until = in_days(50)
    case.person.save()
    ExpiryFactory(case=case, kind=Kind.RESIDENCE, valid_until=in_days(50))

    assert remind_all(timezone.localdate()) == 1


def test_a_renewed_title_is_not_recalled_by_the_old_date_on_the_person(case, amal):
    case.person.residence_valid_until = in_days(5)
    case.person.save()
    ExpiryFactory(case=case, kind=Kind.RESIDENCE, valid_until=in_days(400))

    assert remind_all(timezone.localdate()) == 0


def test_a_child_in_the_household_reminds_and_nobody_is_named(case):
    child = HouseholdMemberFactory(case=case, person__given_name="Mira").person
    child.residence_valid_until = in_days(20)
    child.save()
    ExpiryFactory(case=case, concerns=child, valid_until=in_days(20))
    remind_all(timezone.localdate())

    subjects = [one.subject for one in reminders(case)]
    assert len(subjects) == 2
    assert all("(Kind)" in one and "Mira" not in one for one in subjects)


def test_who_has_an_open_case_of_their_own_is_reminded_of_there(case, amal):
    own = CaseFactory(lead=amal, person__residence_valid_until=in_days(20))
    HouseholdMemberFactory(case=case, person=own.person, own_case=own)
    remind_all(timezone.localdate())

    assert reminders(own).count() == 1
    assert not reminders(case).exists()


def test_a_closed_case_and_one_that_may_not_be_kept_are_left_alone(amal):
    closed = CaseFactory(lead=amal, closed=True)
    revoked = CaseFactory(lead=amal, consent=False)
    ConsentFactory(case=revoked, kind=Consent.Kind.FILE, revoked=True)
    for case in (closed, revoked):
        ExpiryFactory(case=case, valid_until=in_days(5))

    assert list(due_reminders(timezone.localdate())) == []


def test_whatever_else_expires_joins_with_a_key_of_its_own(case):
    words = {"what": "Kopie des Mietvertrags", "until": in_days(30), "source": "document:7"}
    today = timezone.localdate()
    follow_up = remind(case, **words, today=today)

    assert follow_up.subject.startswith("Kopie des Mietvertrags läuft am")
    assert (follow_up.assignee, follow_up.kind) == (case.lead, FollowUp.Kind.EXPIRY)
    assert remind(case, **words, today=today) is None
    case.refresh_from_db()
    assert case.next_due_on == FollowUp.objects.filter(case=case).open().earliest("due_on").due_on
    event = CaseEvent.objects.filter(case=case).latest("pk")
    assert (event.step, event.details["by_itself"]) == (Step.REMIND_OF_EXPIRY, True)


def test_a_document_that_runs_out_reminds_once_and_its_title_stays_in_the_file(case):
    today = timezone.localdate()
    DocumentFactory(case=case, title="Pass von Maria", valid_until=in_days(20))
    DocumentFactory(case=case, valid_until=in_days(200))

    assert remind_all(today) == 1
    assert remind_all(today) == 0
    assert "Maria" not in reminders(case).get().subject


def test_a_document_that_runs_out_soon_reminds_at_once(case, amal):
    uploads.add(case, amal, valid_until=in_days(20))

    assert reminders(case).open().count() == 1
    assert remind_all(timezone.localdate()) == 0


def test_a_document_that_is_struck_through_reminds_of_nothing_any_more(case, amal):
    document = DocumentFactory(case=case, valid_until=in_days(20))
    remind_all(timezone.localdate())

    strike(document, by=amal, because="Falsche Akte")

    assert not reminders(case).open().exists()


def test_a_corrected_date_reminds_anew_in_place_of_the_wrong_one(case, amal):
    document = DocumentFactory(case=case, valid_until=in_days(20))
    remind_all(timezone.localdate())

    correct_document(
        document,
        by=amal,
        version=version_of(document),
        kind=document.kind,
        valid_until=in_days(300),
    )

    assert not reminders(case).open().exists()


def test_reminding_leaves_a_quiet_case_among_the_quiet_ones(case):
    before = case.last_touched_at
    ExpiryFactory(case=case, valid_until=in_days(5))
    remind_all(timezone.localdate())

    case.refresh_from_db()
    assert case.last_touched_at == before


# --- The command ----------------------------------------------------------------------------------


def test_the_command_says_in_one_line_what_it_did_and_may_be_repeated(case):
    ExpiryFactory(case=case, valid_until=in_days(5))
    said = []
    for arguments in (["--dry-run"], [], []):
        out = StringIO()
        call_command("remind_expiries", *arguments, stdout=out)
        said.append(out.getvalue())

    assert said == ["1 reminders would be made.\n", "1 reminders made.\n", "0 reminders made.\n"]
    assert reminders(case).count() == 1


def test_many_cases_are_looked_through_in_a_few_queries(amal, max_queries):
    for _ in range(12):
        ExpiryFactory(case=CaseFactory(lead=amal), valid_until=in_days(400))
        ExpiryFactory(case=CaseFactory(lead=amal), valid_until=in_days(5))

    with max_queries(5):
        assert len(list(due_reminders(timezone.localdate()))) == 12


# --- The steps ------------------------------------------------------------------------------------


def test_what_is_recorded_late_reminds_at_once(case, amal):
    expiries.record_expiry(
        case, by=amal, kind=Kind.PASSPORT, valid_until=in_days(20), concerns=case.person
    )

    assert reminders(case).get().is_open
    assert remind_all(timezone.localdate()) == 0


def test_what_is_recorded_in_time_waits(case, amal):
    expiries.record_expiry(case, by=amal, kind=Kind.APPROVAL, valid_until=in_days(300))

    assert not reminders(case).exists()


def test_a_renewal_ends_the_old_date_and_its_reminder(case, amal):
    words = {"by": amal, "kind": Kind.PASSPORT, "concerns": case.person}
    old = expiries.record_expiry(case, **words, valid_until=in_days(20))
    new = expiries.record_expiry(case, **words, valid_until=in_days(900), replaces=old)

    old.refresh_from_db()
    assert (old.is_open, old.replaced_by, old.ended_by) == (False, new, amal)
    assert reminders(case).get().state == FollowUp.State.DONE
    with pytest.raises(Refusal, match="inzwischen"):
        expiries.end_expiry(old, by=amal)


def test_ending_one_never_takes_the_last_next_step_of_a_case(case, amal):
    expiry = expiries.record_expiry(
        case, by=amal, kind=Kind.PASSPORT, valid_until=in_days(20), concerns=case.person
    )
    FollowUp.objects.filter(case=case).exclude(kind=FollowUp.Kind.EXPIRY).delete()
    expiries.end_expiry(expiry, by=amal)

    assert not expiry.is_open
    assert reminders(case).get().is_open


def test_the_form_knows_whose_paper_it_is_where_nobody_else_is_there(case, browse, amal):
    url = reverse("cases:record_expiry", args=[case.reference])
    day = in_days(300).isoformat()
    answer = browse(amal).post(url, {"once_key": uuid4(), "kind": "passport", "valid_until": day})

    assert answer.status_code == 302
    assert Expiry.objects.get().concerns == case.person


def test_the_form_asks_whose_paper_it_is_and_for_a_later_day(case, browse, amal):
    HouseholdMemberFactory(case=case)
    old = ExpiryFactory(case=case, valid_until=in_days(30))
    url = reverse("cases:record_expiry", args=[case.reference])
    client = browse(amal)
    day = in_days(30).isoformat()
    words = {"once_key": uuid4(), "kind": "passport", "valid_until": day}

    assert "concerns" in client.post(url, words).context["form"].errors
    answer = client.post(f"{url}?replaces={old.pk}", words | {"concerns": case.person_id})
    assert "valid_until" in answer.context["form"].errors
    assert client.get(f"{url}?replaces=99999").status_code == 404
    assert client.get(f"{url}?replaces=x").status_code == 200


def test_the_page_shows_what_expires_and_what_was_renewed(case, browse, amal):
    words = {"by": amal, "kind": Kind.PASSPORT, "concerns": case.person}
    old = expiries.record_expiry(case, **words, valid_until=in_days(-1))
    answer = browse(amal).get(page(case))
    assert "abgelaufen" in answer.text
    expiries.record_expiry(case, **words, valid_until=in_days(900), replaces=old)
    answer = browse(amal).get(page(case))

    assert "Verlängert oder beendet" in answer.text
    assert [one.pk for one in answer.context["ended_expiries"]] == [old.pk]
