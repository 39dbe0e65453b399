"""Measures and their follow-ups: whichever is pressed, both end, move and return together."""

from contextlib import suppress

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cases.models import FollowUp, Goal, Measure
from cases.workflow import follow_ups, measures
from cases.workflow.goals import change_goal
from cases.workflow.invariants import broken_rules
from kim_portal.errors import Refusal
from tests.cases.factories import CaseFactory, ReferralFactory, in_days
from tests.cases.plan_factories import GoalFactory, MeasureFactory

Who = Measure.Responsible


@pytest.fixture
def goal(amal):
    return GoalFactory(case=CaseFactory(lead=amal, opened_on=in_days(-60)))


@pytest.fixture
def measure(goal, amal):
    return add(goal, amal)


def add(goal, by, **fields):
    usual = {"what": "Amt anrufen", "responsible": Who.TOGETHER, "due_on": in_days(5)}
    return measures.add_measure(goal, by=by, **usual | fields)


def state_of(measure):
    measure.refresh_from_db()
    return measure.state, measure.follow_up and measure.follow_up.state


# --- Adding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("responsible", "due", "comes_back"),
    [
        (Who.TOGETHER, 5, True),
        (Who.CASEWORKER, 5, True),
        (Who.CLIENT, 5, False),
        (Who.THIRD, 5, False),
        (Who.TOGETHER, None, False),
    ],
)
def test_a_measure_comes_back_where_case_management_has_a_part_in_it(
    goal, amal, responsible, due, comes_back
):
    due_on = None if due is None else in_days(due)
    made = add(goal, amal, responsible=responsible, due_on=due_on)

    assert (made.follow_up is not None) == comes_back
    if comes_back:
        assert (made.follow_up.subject, made.follow_up.due_on) == ("Amt anrufen", in_days(5))
    goal.refresh_from_db()
    assert goal.state == Goal.State.IN_PROGRESS


def test_a_measure_does_not_come_after_its_goal_nor_before_the_case(goal, amal):
    goal.due_on = in_days(10)
    goal.save()
    for day in (in_days(11), in_days(-61)):
        with pytest.raises(Refusal):
            add(goal, amal, due_on=day)


@pytest.mark.parametrize("day", ["2199-01-01", "1999-01-01", "30.02.2027"])
def test_an_impossible_day_gets_a_sentence_and_loses_nothing(goal, amal, browse, day):
    goal.due_on = in_days(10)
    goal.save()
    url = reverse("cases:add_measure", args=[goal.case.reference, goal.pk])
    form = browse(amal).get(url).context["form"]
    typed = {
        "once_key": form["once_key"].value(),
        "what": "Bleibt stehen",
        "responsible": Who.CLIENT,
        "due_on": day,
    }

    page = browse(amal).post(url, typed)

    assert "due_on" in page.context["form"].errors
    assert "Bleibt stehen" in page.text
    assert not Measure.objects.exists()


def test_a_goal_that_has_ended_or_a_foreign_referral_takes_no_measure(goal, amal):
    with pytest.raises(Refusal):
        add(goal, amal, referral=ReferralFactory(need__case__lead=amal))
    with pytest.raises(Refusal):
        add(GoalFactory(case=goal.case, reached=True), amal)


def test_a_goal_cannot_be_moved_before_its_measures(goal, amal, measure):
    with pytest.raises(Refusal):
        change_goal(
            goal, by=amal, description=goal.description, level=goal.level, due_on=in_days(4)
        )


# --- In step --------------------------------------------------------------------------------------


def test_a_done_measure_takes_its_follow_up_along(measure, amal):
    measures.complete_measure(measure, by=amal, note="Termin am Montag")

    assert state_of(measure) == ("done", "done")
    assert measure.follow_up.ending_note == "Termin am Montag"


def test_a_done_follow_up_takes_its_measure_along(measure, amal):
    follow_ups.complete_follow_up(measure.follow_up, by=amal, note="Termin am Montag")

    assert state_of(measure) == ("done", "done")
    assert measure.ending_note == "Termin am Montag"
    with pytest.raises(Refusal):
        measures.complete_measure(measure, by=amal)


def test_both_are_taken_up_again_whichever_is_undone(measure, amal):
    measures.complete_measure(measure, by=amal)
    follow_ups.undo_follow_up(FollowUp.objects.get(pk=measure.follow_up_id), by=amal)
    assert state_of(measure) == ("open", "open")

    follow_ups.drop_follow_up(measure.follow_up, by=amal, note="unnötig")
    assert state_of(measure) == ("dropped", "dropped")
    measures.undo_measure(measure, by=amal)
    assert state_of(measure) == ("open", "open")
    assert measure.ending_note == ""
    with pytest.raises(Refusal):
        measures.undo_measure(measure, by=amal)


def test_a_postponed_follow_up_moves_its_measure_and_the_other_way_round(measure, amal):
    follow_ups.postpone_follow_up(measure.follow_up, by=amal, due_on=in_days(8), because="Urlaub")
    measure.refresh_from_db()
    assert measure.due_on == in_days(8)

    measures.change_measure(
        measure, by=amal, what="Noch einmal anrufen", responsible=Who.TOGETHER, due_on=in_days(3)
    )
    measure.follow_up.refresh_from_db()
    assert measure.follow_up.due_on == in_days(3)
    assert measure.follow_up.subject == "Noch einmal anrufen"


def test_a_measure_that_becomes_the_client_s_no_longer_comes_back(measure, amal):
    follow_up = measure.follow_up
    same = {"what": measure.what, "due_on": measure.due_on}

    measures.change_measure(measure, by=amal, responsible=Who.CLIENT, **same)
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUp.State.DROPPED
    assert state_of(measure) == ("open", None)

    measures.change_measure(measure, by=amal, responsible=Who.TOGETHER, **same)
    assert state_of(measure) == ("open", "open")


def test_the_last_next_step_is_not_dropped_with_a_measure_without_another(amal, browse):
    case = CaseFactory(lead=amal, follow_up=False)
    FollowUp.objects.filter(case=case).delete()
    measure = add(GoalFactory(case=case), amal)
    url = reverse("cases:drop_measure", args=[case.reference, measure.pk])
    with pytest.raises(Refusal):
        measures.drop_measure(measure, by=amal)
    page = browse(amal).post(url, {"note": "Nicht mehr nötig"})
    assert "next_subject" in page.context["form"].errors

    typed = {"note": "x", "next_subject": "Weiter", "next_due_on": in_days(9).isoformat()}
    browse(amal).post(url, typed)

    assert state_of(measure) == ("dropped", "dropped")
    assert FollowUp.objects.filter(case=case).open().get().subject == "Weiter"


def test_a_measure_of_another_case_does_not_exist_here(goal, amal, browse):
    other = MeasureFactory(goal__case__lead=amal)
    url = reverse("cases:complete_measure", args=[goal.case.reference, other.pk])
    assert browse(amal).post(url).status_code == 404


def press(button, measure, lead):
    """Press one of the buttons of a measure, or of its follow-up where it has one."""
    follow_up = measure.follow_up
    if button.startswith("follow_up") and follow_up is None:
        return
    kept = {"what": measure.what, "due_on": measure.due_on}
    match button:
        case "done":
            measures.complete_measure(measure, by=lead)
        case "drop":
            measures.drop_measure(measure, by=lead)
        case "undo":
            measures.undo_measure(measure, by=lead)
        case "mine":
            measures.change_measure(measure, by=lead, responsible=Who.CASEWORKER, **kept)
        case "theirs":
            measures.change_measure(measure, by=lead, responsible=Who.CLIENT, **kept)
        case "follow_up_done":
            follow_ups.complete_follow_up(follow_up, by=lead)
        case "follow_up_drop":
            follow_ups.drop_follow_up(follow_up, by=lead, note="x")
        case "follow_up_undo":
            follow_ups.undo_follow_up(follow_up, by=lead)


BUTTONS = [
    "done", "drop", "undo", "mine", "theirs", "follow_up_done", "follow_up_drop", "follow_up_undo",
]  # fmt: skip


class TestInStep(TestCase):
    """Any order of buttons on either of the two leaves them in the same state."""

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(BUTTONS), max_size=8))
    def test_a_measure_and_its_follow_up_stay_in_step(self, buttons):
        case = CaseFactory()
        pk = add(GoalFactory(case=case), case.lead).pk
        for button in buttons:
            with suppress(Refusal):
                press(button, Measure.objects.get(pk=pk), case.lead)
            assert not list(broken_rules())
