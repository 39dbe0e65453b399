"""Plan: goals in three levels grow out of needs, are agreed on a day, and end with a word."""

from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cases.access import Step
from cases.models import (
    CaseEvent,
    ClosingReason,
    FollowUp,
    Goal,
    Measure,
)
from cases.views.file_head import head_of
from cases.views.outline import outline_of
from cases.workflow import corrections, goals, measures
from cases.workflow.invariants import broken_rules
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import AccessFactory, CaseFactory, NeedFactory, in_days
from tests.cases.plan_factories import GoalFactory, MeasureFactory

Level, State = Goal.Level, Goal.State


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal, opened_on=in_days(-60))


@pytest.fixture
def reached(db):
    return ClosingReason.objects.get(code="ZIEL_ERREICHT")


def address(page, case, *args):
    return reverse(f"cases:{page}", args=[case.reference, *args])


def set_goal(case, by, **fields):
    return goals.set_goal(case, by=by, **{"description": "Eine Wohnung"} | fields)


def stuck(case, reader):
    return [one.sentence for one in outline_of(head_of(reader, case.reference, "plan")).stuck]


# --- Setting and changing -------------------------------------------------------------------------


def test_a_goal_grows_out_of_a_need_and_is_agreed_on_a_day(case, amal, browse):
    need = NeedFactory(case=case, description="Wohnung zu klein")
    form = browse(amal).get(address("set_goal", case), {"need": need.pk})
    assert f'value="{need.pk}"' in form.text
    typed = {
        "once_key": form.context["form"]["once_key"].value(),
        "description": "Ich wohne in zwei Zimmern.",
        "level": Level.ACTION,
        "needs": [need.pk],
        "due_on": in_days(90).isoformat(),
        "agreed_on": in_days(0).isoformat(),
    }
    for _ in range(2):
        assert browse(amal).post(address("set_goal", case), typed).status_code == 302

    goal = Goal.objects.get()
    assert list(goal.needs.all()) == [need]
    assert goal.agreed_on == in_days(0)
    event = CaseEvent.objects.get(case=case, step=Step.SET_GOAL)
    assert "Zimmer" not in str(event.details)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("due_on", "1999-01-01"),
        ("due_on", "30.02.2027"),
        ("agreed_on", "2199-01-01"),
        ("agreed_on", "1999-01-01"),
        ("description", ""),
        ("description", "x" * 301),
        ("level", "highest"),
        ("needs", ["99999"]),
        ("parent", "99999"),
    ],
)
def test_what_cannot_be_gets_a_sentence_beside_the_field(case, amal, browse, field, value):
    form = browse(amal).get(address("set_goal", case)).context["form"]
    typed = {
        "once_key": form["once_key"].value(),
        "description": "Bleibt stehen",
        "level": Level.ACTION,
    }

    page = browse(amal).post(address("set_goal", case), typed | {field: value})

    assert field in page.context["form"].errors
    assert field == "description" or "Bleibt stehen" in page.text
    assert not Goal.objects.exists()


def test_a_goal_is_not_due_before_the_case_was_opened_nor_out_of_a_struck_need(case, amal):
    struck = NeedFactory(case=case)
    corrections.strike(struck, by=amal, because="Falsche Akte")
    foreign = NeedFactory(case=CaseFactory(lead=amal))
    for fields in (
        {"due_on": case.opened_on - timedelta(days=1)},
        {"needs": [struck]},
        {"needs": [foreign]},
        {"agreed_on": in_days(1)},
        {"parent": GoalFactory(case=foreign.case, level=Level.PRINCIPLE)},
        {"level": Level.FRAMEWORK, "parent": GoalFactory(case=case)},
        {"level": Level.PRINCIPLE, "parent": GoalFactory(case=case, level=Level.FRAMEWORK)},
    ):
        with pytest.raises(Refusal):
            set_goal(case, amal, **fields)


def test_a_changed_goal_has_to_be_agreed_on_again(case, amal):
    goal = set_goal(case, amal, agreed_on=in_days(-1))
    same = {"description": goal.description, "due_on": None}

    goals.change_goal(goal, by=amal, level=Level.FRAMEWORK, **same)
    assert goal.agreed_on == in_days(-1)
    goals.change_goal(goal, by=amal, level=Level.FRAMEWORK, **same | {"due_on": in_days(30)})
    assert goal.agreed_on is None


def test_a_goal_changed_by_two_at_once_keeps_what_came_first(case, amal, browse):
    goal = set_goal(case, amal)
    shown = browse(amal).get(address("change_goal", case, goal.pk)).context["form"]
    typed = {
        "description": "Mein Text",
        "level": Level.ACTION,
        "seen": shown["seen"].value(),
    }
    goals.change_goal(goal, by=amal, description="Schneller", level=Level.ACTION)

    page = browse(amal).post(address("change_goal", case, goal.pk), typed)

    assert page.status_code == 409
    assert "Mein Text" in page.text
    goal.refresh_from_db()
    assert goal.description == "Schneller"


def test_what_serves_a_goal_stays_below_it(case, amal):
    top = set_goal(case, amal, level=Level.PRINCIPLE)
    set_goal(case, amal, level=Level.FRAMEWORK, parent=top)

    with pytest.raises(Refusal):
        goals.change_goal(top, by=amal, description="x", level=Level.ACTION)


def test_goals_are_agreed_on_together(case, amal, browse):
    first, second = set_goal(case, amal), set_goal(case, amal, description="Arbeit")
    page = browse(amal).get(address("agree_plan", case))
    assert set(page.context["form"]["goals"].value()) == {first.pk, second.pk}
    typed = {"goals": [first.pk], "agreed_on": in_days(-2).isoformat()}

    browse(amal).post(address("agree_plan", case), typed)

    assert Goal.objects.get(agreed_on=in_days(-2)) == first
    empty = browse(amal).post(address("agree_plan", case), {"agreed_on": in_days(0).isoformat()})
    assert "goals" in empty.context["form"].errors


def test_the_team_sets_no_goals_but_finishes_measures(case, dora):
    AccessFactory(case=case, staff_member=dora)
    measure = MeasureFactory(goal__case=case)

    with pytest.raises(NotYours):
        set_goal(case, dora)
    measures.complete_measure(measure, by=dora)


# --- Rating ---------------------------------------------------------------------------------------


def test_a_goal_is_rated_with_its_attainment(case, amal, browse):
    goal = set_goal(case, amal)
    typed = {"state": State.PARTLY, "attainment": "-1", "seen": State.OPEN}

    browse(amal).post(address("rate_goal", case, goal.pk), typed)
    stale = browse(amal).post(
        address("rate_goal", case, goal.pk), typed | {"state": State.GIVEN_UP}
    )

    goal.refresh_from_db()
    assert (goal.state, goal.attainment, goal.ended_on) == (State.PARTLY, -1, in_days(0))
    assert stale.status_code == 409


def test_measures_of_an_ended_goal_are_dropped_if_asked_for(case, amal):
    goal = set_goal(case, amal)
    due = {"what": "Amt anrufen", "responsible": "caseworker", "due_on": in_days(3)}
    measure = measures.add_measure(goal, by=amal, **due)

    goals.rate_goal(goal, by=amal, state=State.GIVEN_UP, drop_measures=True)

    measure.refresh_from_db()
    assert measure.state == Measure.State.DROPPED
    assert measure.follow_up.state == FollowUp.State.DROPPED


class TestTheTable(TestCase):
    """Any order of ratings follows the table, and only what it allows happens."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(State), max_size=8))
    def test_states_follow_the_table(self, states):
        goal = GoalFactory()
        for state in states:
            before = State(goal.state)
            allowed = state == before or state in goals.NEXT_STATES[before]
            try:
                goals.rate_goal(goal, by=goal.case.lead, state=state)
            except Refusal:
                goal.refresh_from_db()
                assert not allowed
                assert goal.state == before
            else:
                assert allowed
                assert goal.state == state
            assert (goal.ended_on is None) == goal.is_under_way

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(Level), st.none() | st.integers(0, 5), st.none() | st.integers(0, 5)
            ),
            min_size=1,
            max_size=10,
        )
    )
    def test_no_order_of_changes_makes_a_loop(self, moves):
        case = CaseFactory()
        made = []
        for level, which, above in moves:
            parent = made[above % len(made)] if made and above is not None else None
            try:
                if which is None or not made:
                    made.append(set_goal(case, case.lead, level=level, parent=parent))
                else:
                    goals.change_goal(
                        made[which % len(made)],
                        by=case.lead,
                        description="Anders",
                        level=level,
                        parent=parent,
                    )
            except Refusal:
                made = [Goal.objects.get(pk=goal.pk) for goal in made]
                for goal in made:
                    goal.case = case
        for goal in Goal.objects.all():
            seen = {goal.pk}
            while goal.parent is not None:
                assert goals.may_serve(goal.level, goal.parent.level)
                goal = goal.parent
                assert goal.pk not in seen
                seen.add(goal.pk)
        shown = outline_of(head_of(case.lead, case.reference, "plan")).lines
        assert len(shown) == Goal.objects.count()
        assert not list(broken_rules())


def test_every_state_has_its_place_in_the_table():
    assert set(goals.NEXT_STATES) == set(State)
    assert all(set(after) <= set(State) for after in goals.NEXT_STATES.values())
