"""Deadlines of a case: entered, checked, changed, settled, and in step with their follow-ups."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from cases.access import Step
from cases.deadline_law import Arrival
from cases.models import (
    CaseEvent,
    ClosingReason,
    Consent,
    Deadline,
    DeadlineRule,
    FollowUp,
    HandoverReason,
)
from cases.workflow import closing, consents, deadlines, follow_ups
from cases.workflow.deadlines import Letter
from cases.workflow.handover_sheet import draft, live_sheet
from centers.working_days import working_day_from
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    HandoverFactory,
    in_days,
)

State = Deadline.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal, person__family_name="Dimitrova", person__given_name="Vesela")


@pytest.fixture
def rule():
    return DeadlineRule.objects.get(pk="WIDERSPRUCH_SOZ")


@pytest.fixture
def deadline(case, amal, rule):
    return deadlines.enter_letter(case, by=amal, letter=Letter(rule, timezone.localdate()))


def page(case):
    return reverse("cases:deadlines", args=[case.reference])


def typed(**changes):
    today = timezone.localdate().isoformat()
    return {
        "once_key": uuid4(),
        "template": "WIDERSPRUCH_SOZ",
        "dated_on": today,
        "arrival": "post",
        "has_instruction": "on",
    } | changes


# --- Entering a letter ----------------------------------------------------------------------------


def test_a_letter_becomes_a_deadline_with_its_follow_up_and_a_warning_before(deadline, amal):
    deadline.refresh_from_db()
    warning = deadline.warning

    assert deadline.follow_up.kind == FollowUp.Kind.LEGAL_DEADLINE
    assert deadline.follow_up.due_on == deadline.due_on == deadline.computed_on
    assert deadline.follow_up.assignee == amal
    assert warning.kind == FollowUp.Kind.TASK
    assert timedelta(days=7) <= deadline.due_on - warning.due_on <= timedelta(days=12)
    assert f"{deadline.due_on:%d.%m.%Y}" in warning.subject
    assert [line.paragraph for line in deadline.lines][1:4] == [
        "§ 37 Abs. 2 Satz 1 SGB X",
        "§ 64 Abs. 1 SGG",
        "§ 84 Abs. 1 SGG",
    ]
    event = CaseEvent.objects.latest("pk")
    assert (event.step, event.details["due_on"]) == (
        Step.ENTER_LETTER,
        deadline.due_on.isoformat(),
    )


def test_what_was_entered_comes_back_on_the_day_as_the_next_date_of_the_case(case, amal, rule):
    FollowUp.objects.filter(case=case).update(due_on=in_days(300))
    deadline = deadlines.enter_letter(case, by=amal, letter=Letter(rule, timezone.localdate()))

    case.refresh_from_db()
    assert case.next_due_on == deadline.warning.due_on


def test_somebody_else_may_answer_for_it_and_somebody_strange_may_not(case, amal, dora, ben, rule):
    AccessFactory(case=case, staff_member=dora)
    today = timezone.localdate()
    deadline = deadlines.enter_letter(case, by=amal, letter=Letter(rule, today, assignee=dora))

    assert deadline.follow_up.assignee == deadline.warning.assignee == dora
    with pytest.raises(Refusal, match="arbeitet nicht an diesem Fall"):
        deadlines.enter_letter(case, by=amal, letter=Letter(rule, today, assignee=ben))
    with pytest.raises(NotYours):
        deadlines.enter_letter(case, by=ben, letter=Letter(rule, today))


def test_another_day_counts_with_a_reason_and_the_computed_one_is_kept(case, amal, rule):
    day, today = in_days(20), timezone.localdate()
    with pytest.raises(Refusal, match="warum ein anderer Tag"):
        deadlines.enter_letter(case, by=amal, letter=Letter(rule, today, due_on=day))
    letter = Letter(rule, today, due_on=day, because="Steht so im Bescheid.")
    deadline = deadlines.enter_letter(case, by=amal, letter=letter)

    assert deadline.due_on == deadline.follow_up.due_on == day
    assert deadline.computed_on != day
    assert deadline.warning.due_on < day


def test_an_old_letter_makes_an_overdue_deadline_without_a_warning(case, amal, rule):
    deadline = deadlines.enter_letter(case, by=amal, letter=Letter(rule, in_days(-90)))

    assert deadline.is_past
    assert deadline.warning is None
    assert deadline.follow_up.is_overdue


def test_a_deadline_that_is_near_warns_today(case, amal, rule):
    letter = Letter(rule, in_days(-30), Arrival.HANDED_OVER, in_days(-26))
    deadline = deadlines.enter_letter(case, by=amal, letter=letter)

    assert deadline.warning.due_on == timezone.localdate()


def test_where_waiting_is_over_nothing_warns_before(case, amal):
    rule = DeadlineRule.objects.get(pk="UNTAETIGKEIT_VW")

    assert deadlines.enter_letter(case, by=amal, letter=Letter(rule, in_days(-5))).warning is None


@pytest.mark.parametrize(
    ("rule_code", "letter", "sentence"),
    [
        ("WIDERSPRUCH_SOZ", {"dated_on": 1}, "noch nicht gekommen"),
        ("WIDERSPRUCH_SOZ", {"dated_on": -3, "received_on": -4}, "vor seinem Datum"),
        ("WIDERSPRUCH_SOZ", {"dated_on": -3, "arrival": Arrival.SERVED}, "an dem es ankam"),
        ("TITEL_GEBURT", {"dated_on": 1}, "noch nicht gekommen"),
    ],
)
def test_what_no_letter_can_say_is_refused(case, amal, rule_code, letter, sentence):
    words = {
        name: in_days(value) if isinstance(value, int) else value for name, value in letter.items()
    }
    rule = DeadlineRule.objects.get(pk=rule_code)
    with pytest.raises(Refusal, match=sentence):
        deadlines.enter_letter(case, by=amal, letter=Letter(rule, **words))

    assert not Deadline.objects.exists()


def test_the_version_of_the_law_that_held_on_the_day_of_the_letter_is_used(case, browse, amal):
    DeadlineRule.objects.filter(pk="WIDERSPRUCH_SOZ").update(valid_until=in_days(-10))
    new = DeadlineRule.objects.get(pk="WIDERSPRUCH_SOZ")
    new.pk, new.valid_from, new.valid_until, new.length = "NEU", in_days(-9), None, 2
    new._state.adding = True
    new.save()
    url = reverse("cases:enter_letter", args=[case.reference])
    for day in (in_days(-10), in_days(-9)):
        assert browse(amal).post(url, typed(dated_on=day.isoformat())).status_code == 302

    assert [one.rule_id for one in Deadline.objects.order_by("pk")] == ["WIDERSPRUCH_SOZ", "NEU"]


def test_a_new_version_that_overlaps_the_old_one_is_refused(rule):
    rule.pk, rule.valid_from = "NEU", in_days(0)
    rule._state.adding = True

    with pytest.raises(ValidationError, match="zur selben Zeit"):
        rule.full_clean()


# --- Checking and changing ------------------------------------------------------------------------


def test_a_deadline_is_to_be_checked_until_somebody_has(deadline, browse, amal):
    client = browse(amal)

    assert "berechnet, bitte prüfen" in client.get(page(deadline.case)).text
    client.post(reverse("cases:check_deadline", args=[deadline.case.reference, deadline.pk]))
    text = client.get(page(deadline.case)).text
    assert "berechnet, bitte prüfen" not in text
    assert f"geprüft von {amal}" in text
    with pytest.raises(Refusal, match="schon geprüft"):
        deadlines.check_deadline(deadline, by=amal)


def test_a_change_moves_both_follow_ups_and_asks_for_a_new_check(deadline, amal, rule):
    deadlines.check_deadline(deadline, by=amal)
    letter = Letter(rule, in_days(-8), subject="Aufhebung", other_authority="Jobcenter Duisburg")
    deadlines.change_deadline(deadline, by=amal, letter=letter)

    deadline.refresh_from_db()
    assert deadline.checked_at is None
    assert deadline.follow_up.due_on == deadline.due_on
    assert deadline.warning.due_on < deadline.due_on
    assert "Jobcenter Duisburg" in deadline.follow_up.subject
    assert FollowUp.objects.filter(case=deadline.case).open().count() == 3


def test_a_change_to_a_day_too_near_lets_the_warning_go(deadline, amal, rule):
    warning = deadline.warning
    today = timezone.localdate()
    letter = Letter(rule, today, due_on=today, because="Heute, sagt das Gericht.")
    deadlines.change_deadline(deadline, by=amal, letter=letter)

    warning.refresh_from_db()
    assert warning.state == FollowUp.State.DROPPED


def test_the_form_to_change_shows_what_was_entered(case, browse, amal, rule):
    letter = Letter(
        rule, in_days(-2), subject="Aufhebung", due_on=in_days(9), because="Anwältin sagt es."
    )
    deadline = deadlines.enter_letter(case, by=amal, letter=letter)
    url = reverse("cases:change_deadline", args=[case.reference, deadline.pk])
    form = browse(amal).get(url).context["form"]

    assert form["template"].value() == "WIDERSPRUCH_SOZ"
    assert (form["subject"].value(), form["because"].value()) == ("Aufhebung", "Anwältin sagt es.")
    assert form["due_on"].value() == in_days(9)


# --- Settling, from either side -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "follow_up"),
    [(State.MET, FollowUp.State.DONE), (State.DROPPED, FollowUp.State.DROPPED)],
)
def test_settling_ends_both_follow_ups(deadline, amal, state, follow_up):
    deadlines.settle_deadline(deadline, by=amal, state=state, note="Fax mit Sendebericht")

    deadline.refresh_from_db()
    assert (deadline.state, deadline.settled_by) == (state, amal)
    assert deadline.follow_up.state == follow_up
    assert deadline.follow_up.ending_note == "Fax mit Sendebericht"
    assert not deadline.warning.is_open
    with pytest.raises(Refusal, match="inzwischen abgeschlossen"):
        deadlines.settle_deadline(deadline, by=amal, state=State.MET)
    with pytest.raises(Refusal, match="inzwischen abgeschlossen"):
        deadlines.check_deadline(deadline, by=amal)


def test_nothing_is_missed_before_its_day_is_over(deadline, amal):
    with pytest.raises(Refusal, match="noch einhalten"):
        deadlines.settle_deadline(deadline, by=amal, state=State.MISSED)


def test_done_on_the_follow_up_means_met(deadline, amal):
    follow_ups.complete_follow_up(deadline.follow_up, by=amal)

    deadline.refresh_from_db()
    assert (deadline.state, deadline.settled_by) == (State.MET, amal)
    assert not deadline.warning.is_open


def test_done_after_the_day_asks_whether_it_was_in_time(case, amal, rule):
    deadline = deadlines.enter_letter(case, by=amal, letter=Letter(rule, in_days(-90)))
    with pytest.raises(Refusal, match="ob sie eingehalten wurde") as refused:
        follow_ups.complete_follow_up(deadline.follow_up, by=amal)

    deadline.refresh_from_db()
    assert deadline.is_open
    assert f"/deadlines/{deadline.pk}/settle/" in refused.value.links[0][1]
    deadlines.settle_deadline(deadline, by=amal, state=State.MISSED)


def test_dropping_the_follow_up_drops_the_deadline_and_undo_brings_both_back(deadline, amal):
    follow_ups.drop_follow_up(deadline.follow_up, by=amal, note="Bescheid ist aufgehoben")
    deadline.refresh_from_db()
    assert deadline.state == State.DROPPED

    follow_ups.undo_follow_up(deadline.follow_up, by=amal)
    deadline.refresh_from_db()
    assert (deadline.state, deadline.settled_at) == (State.OPEN, None)


def test_a_warning_done_leaves_the_deadline_running(deadline, amal):
    follow_ups.complete_follow_up(deadline.warning, by=amal)

    deadline.refresh_from_db()
    assert deadline.is_open
    assert deadline.follow_up.is_open


def test_the_warning_of_a_settled_deadline_does_not_come_back(deadline, amal):
    deadlines.settle_deadline(deadline, by=amal, state=State.MET)
    deadline.warning.refresh_from_db()
    deadline.warning.case = deadline.case

    with pytest.raises(Refusal, match="selbst ist abgeschlossen"):
        follow_ups.undo_follow_up(deadline.warning, by=amal)


def test_a_legal_deadline_cannot_be_postponed_and_the_page_says_where_to_change_it(
    deadline, browse, amal
):
    url = reverse("cases:postpone_follow_up", args=[deadline.case.reference, deadline.follow_up_id])
    day = working_day_from(in_days(60)).isoformat()
    answer = browse(amal).post(url, {"due_on": day, "because": "Urlaub"})

    assert answer.status_code == 409
    assert f"/deadlines/{deadline.pk}/change/" in answer.text
    deadline.follow_up.refresh_from_db()
    assert deadline.follow_up.due_on == deadline.due_on


def test_a_warning_may_be_postponed_but_not_past_the_last_day(deadline, amal):
    day = deadline.due_on - timedelta(days=1)
    follow_ups.postpone_follow_up(deadline.warning, by=amal, due_on=day, because="Termin")

    assert deadline.warning.due_on == day
    with pytest.raises(Refusal, match="vor dem letzten Tag"):
        follow_ups.postpone_follow_up(
            deadline.warning, by=amal, due_on=deadline.due_on, because="Termin"
        )


def test_settling_the_last_next_step_asks_for_the_next_one(case, browse, amal, rule):
    deadline = deadlines.enter_letter(case, by=amal, letter=Letter(rule, timezone.localdate()))
    first = FollowUp.objects.filter(case=case).exclude(
        pk__in=[deadline.follow_up_id, deadline.warning_id]
    )
    for one in first:
        follow_ups.complete_follow_up(one, by=amal)
    url = reverse("cases:settle_deadline", args=[case.reference, deadline.pk])
    client = browse(amal)

    assert "next_subject" in client.post(url, {"state": "met"}).context["form"].errors
    words = {"next_subject": "Antwort abwarten", "next_due_on": in_days(30).isoformat()}
    assert client.post(url, {"state": "met"} | words).status_code == 302
    with pytest.raises(Refusal):
        deadlines.settle_deadline(deadline, by=amal, state=State.MET)


# --- The life of the case -------------------------------------------------------------------------


def test_a_case_is_not_closed_over_a_running_deadline(deadline, amal):
    reason = ClosingReason.objects.get(pk="ZIEL_ERREICHT")
    words = {"by": amal, "reason": reason, "outcome": "reached", "end_the_rest": True}
    with pytest.raises(Refusal, match="einzeln") as refused:
        closing.close(deadline.case, **words)

    assert refused.value.links[0][1] == page(deadline.case)
    deadlines.settle_deadline(deadline, by=amal, state=State.MET)
    closing.close(deadline.case, **words)


def test_after_the_consent_is_revoked_a_deadline_ends_with_the_case(deadline, amal):
    case = deadline.case
    consent = Consent.objects.get(case=case, kind=Consent.Kind.FILE)
    consents.revoke_consent(consent, by=amal)
    with pytest.raises(Refusal):
        deadlines.check_deadline(deadline, by=amal)
    reason = ClosingReason.objects.get(pk=ClosingReason.CONSENT_REVOKED)
    closing.close(case, by=amal, reason=reason, outcome="ended")

    deadline.refresh_from_db()
    assert (deadline.state, deadline.settled_by) == (State.DROPPED, amal)


def test_the_sheet_of_a_handover_begins_with_the_deadlines_and_names_nobody(case, amal, rule):
    letter = Letter(rule, timezone.localdate(), other_authority="Jobcenter wegen Dimitrova")
    deadline = deadlines.enter_letter(case, by=amal, letter=letter)
    handover = HandoverFactory.build(case=case, reason=HandoverReason.objects.first())
    case.is_urgent = True
    first, second = draft(case, live_sheet(handover))["risks"].splitlines()

    assert f"{deadline.due_on:%d.%m.%Y}" in first
    assert "Dimitrova" not in first
    assert "eilig" in second.lower() or "dringend" in second.lower()
