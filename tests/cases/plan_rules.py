"""What the state machine does with goals and measures (`test_state_machine.py`)."""

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from cases.models import Measure
from cases.workflow import goals, invariants, measures
from tests.cases.deadline_rules import Attempts, people
from tests.cases.factories import in_days


class PlanRules(Attempts):
    """Goals with measures; each measure stays in step with its follow-up."""

    @rule(who=people, which=st.integers(0, 1), whose=st.sampled_from(Measure.Responsible))
    def plan_a_measure(self, who, which, whose):
        by, due_on = self.person(who), in_days(9)
        goal = self.attempt(goals.set_goal, self.case(which), by=by, description="Arbeit")
        if goal is not None:
            words = {"what": "Anrufen", "responsible": whose, "due_on": due_on}
            self.attempt(measures.add_measure, goal, by=by, **words)

    @rule(who=people, which=st.integers(0, 1), done=st.booleans())
    def end_or_undo_measure(self, who, which, done):
        measure = Measure.objects.filter(case=self.cases[which]).last()
        if measure is not None:
            ending = measures.complete_measure if done else measures.drop_measure
            step = ending if measure.is_open else measures.undo_measure
            self.attempt(step, measure, by=self.person(who))

    @invariant()
    def measures_are_in_step_and_nothing_is_under_way_on_a_closed_case(self):
        assert not list(invariants.measures_stay_in_step_with_their_follow_ups())
        assert not list(invariants.closed_cases_have_no_goal_or_draft_under_way())
