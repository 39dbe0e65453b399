"""Goals: set, changed, agreed with the client on a day, rated, and taken up again."""

from collections.abc import Iterable
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Case, Goal, Measure, Need, Person
from cases.workflow.measures import end_measure
from cases.workflow.records import read_again
from cases.workflow.steps import taking
from kim_portal.errors import Refusal
from providers.models import StaffMember

S = Goal.State
Level = Goal.Level

# From the highest to the lowest (DOMAIN §2.2). A goal serves one of a higher level, so the outline
# has no loops.
LEVELS = (Level.PRINCIPLE, Level.FRAMEWORK, Level.ACTION)

_ENDS = (S.REACHED, S.PARTLY, S.NOT_REACHED, S.GIVEN_UP, S.IRRELEVANT)
# What can follow what. An end that was said wrongly is corrected by taking the goal up again.
NEXT_STATES: dict[Goal.State, tuple[Goal.State, ...]] = {
    S.OPEN: (S.IN_PROGRESS, *_ENDS),
    S.IN_PROGRESS: (S.OPEN, *_ENDS),
    S.REACHED: (S.IN_PROGRESS,),
    S.PARTLY: (S.REACHED, S.IN_PROGRESS),
    S.NOT_REACHED: (S.REACHED, S.PARTLY, S.IN_PROGRESS),
    S.GIVEN_UP: (S.IN_PROGRESS,),
    S.IRRELEVANT: (S.IN_PROGRESS,),
}


def set_goal(
    case: Case,
    *,
    by: StaffMember,
    description: str,
    level: str = Level.ACTION,
    parent: Goal | None = None,
    needs: Iterable[Need] = (),
    due_on: date | None = None,
    agreed_on: date | None = None,
    concerns: Person | None = None,
    is_confidential: bool = False,
) -> Goal:
    """Set one goal, described as the state that is wished for."""
    with taking(Step.SET_GOAL, case, by=by) as taken:
        goal = Goal(
            case=case,
            recorded_by=by,
            description=description,
            level=level,
            parent=parent,
            due_on=due_on,
            agreed_on=agreed_on,
            concerns=concerns,
            is_confidential=is_confidential,
        )
        needs = list(needs)
        _refuse_misfits(goal, needs)
        _refuse_impossible_agreement(case, agreed_on)
        goal.save()
        goal.needs.set(needs)
        taken.record(goal, after=level, due_on=due_on, agreed_on=agreed_on)
    return goal


def change_goal(
    goal: Goal,
    *,
    by: StaffMember,
    description: str,
    level: str,
    parent: Goal | None = None,
    needs: Iterable[Need] = (),
    due_on: date | None = None,
    concerns: Person | None = None,
    is_confidential: bool = False,
    seen: str = "",
) -> Goal:
    """Change a goal. What was agreed on is another goal now, and has to be agreed on again.

    `seen` is the version that the form was opened with (`with_version`): if somebody has changed
    the goal since, Refusal.
    """
    with taking(Step.CHANGE_GOAL, goal.case, by=by) as taken:
        read_again(goal)
        _refuse_struck(goal)
        if seen and seen != str(with_version(Goal.objects.filter(pk=goal.pk)).get().version):
            raise Refusal(_("This goal has been changed meanwhile. Please look at it again."))
        is_another = (goal.description, goal.due_on) != (description, due_on)
        goal.description, goal.due_on = description, due_on
        goal.level, goal.parent = level, parent
        goal.concerns, goal.is_confidential = concerns, is_confidential
        needs = list(needs)
        _refuse_misfits(goal, needs)
        if is_another:
            goal.agreed_on = None
        goal.save()
        goal.needs.set(needs)
        taken.record(goal, after=level, due_on=due_on)
    return goal


def rate_goal(
    goal: Goal,
    *,
    by: StaffMember,
    state: str,
    attainment: int | None = None,
    drop_measures: bool = False,
    seen: str | None = None,
) -> Goal:
    """Say how a goal stands. `drop_measures`: what is still open for it is dropped with it."""
    with taking(Step.RATE_GOAL, goal.case, by=by) as taken:
        read_again(goal)
        _refuse_struck(goal)
        before = S(goal.state)
        if seen is not None and seen != before:
            raise Refusal(
                _("This goal has been rated meanwhile: it is “%(state)s” now.")
                % {"state": before.label}
            )
        end_or_resume(goal, S(state), attainment)
        if drop_measures and not goal.is_under_way:
            for measure in _open_measures(goal):
                measure.case = goal.case
                end_measure(measure, Measure.State.DROPPED, by=by)
        taken.record(goal, before=before, after=goal.state)
    return goal


def end_or_resume(goal: Goal, state: Goal.State, attainment: int | None = None) -> None:
    """Write the state of a goal inside a step. Raises Refusal for what cannot follow."""
    before = S(goal.state)
    if state != before and state not in NEXT_STATES[before]:
        raise Refusal(
            _("After “%(before)s” the state “%(after)s” is not possible.")
            % {"before": before.label, "after": state.label}
        )
    goal.state, goal.attainment = state, attainment
    if goal.is_under_way:
        goal.ended_on = None
    elif goal.ended_on is None:
        goal.ended_on = timezone.localdate()
    goal.save()


def next_states(goal: Goal) -> tuple[Goal.State, ...]:
    """Return what may be said now: the present state, then what can follow."""
    present = S(goal.state)
    return (present, *NEXT_STATES[present])


def agree_plan(
    case: Case, *, by: StaffMember, goals: Iterable[Goal], agreed_on: date
) -> list[Goal]:
    """Record that the client has agreed to these goals on a day."""
    with taking(Step.AGREE_PLAN, case, by=by) as taken:
        _refuse_impossible_agreement(case, agreed_on)
        agreed = []
        for goal in goals:
            goal.case = case
            read_again(goal)
            _refuse_struck(goal)
            goal.agreed_on = agreed_on
            goal.save()
            agreed.append(goal)
        if not agreed:
            raise Refusal(_("Please choose at least one goal."))
        taken.record(agreed[0], agreed_on=agreed_on, goals=len(agreed))
    return agreed


def with_version(goals: QuerySet) -> QuerySet:
    """Annotate goals with the `version` that a form shows: their last change in the history."""
    changes = Goal.history.filter(id=OuterRef("pk")).order_by("-history_date", "-history_id")
    return goals.annotate(version=Subquery(changes.values("history_id")[:1]))


def may_serve(lower: str, higher: str) -> bool:
    """Tell whether a goal of one level can serve one of another."""
    return LEVELS.index(Level(lower)) > LEVELS.index(Level(higher))


def _refuse_misfits(goal: Goal, needs: list[Need]) -> None:
    """Refuse what does not fit the case, the outline, or the measures that are planned."""
    case = goal.case
    if goal.due_on is not None and goal.due_on < case.opened_on:
        raise Refusal(_("A goal cannot be due before the case was opened."))
    if any(need.case_id != case.pk for need in needs):
        raise Refusal(_("This need belongs to another case."))
    if any(need.struck_at is not None for need in needs):
        raise Refusal(_("This need has been struck through; no goal grows out of it."))
    _refuse_outside_the_outline(goal)
    if goal.pk is None or goal.due_on is None:
        return
    if _open_measures(goal).filter(due_on__gt=goal.due_on).exists():
        raise Refusal(_("A measure for this goal is due later than that."))


def _refuse_outside_the_outline(goal: Goal) -> None:
    parent = goal.parent
    if parent is not None:
        if parent.case_id != goal.case_id or parent.struck_at is not None:
            raise Refusal(_("There is no such goal in this case."))
        if not may_serve(goal.level, parent.level):
            raise Refusal(_("A goal serves one of a higher level."))
    if goal.pk is None:
        return
    below = Goal.objects.standing().filter(parent=goal).values_list("level", flat=True)
    if not all(may_serve(level, goal.level) for level in below):
        raise Refusal(_("Other goals serve this one; it has to stay above them."))


def _refuse_impossible_agreement(case: Case, agreed_on: date | None) -> None:
    if agreed_on is None:
        return
    if agreed_on > timezone.localdate():
        raise Refusal(_("The agreement cannot lie in the future."))
    if agreed_on < case.opened_on:
        raise Refusal(_("The agreement cannot lie before the case was opened."))


def _refuse_struck(goal: Goal) -> None:
    if goal.struck_at is not None:
        raise Refusal(_("This goal has been struck through."))


def _open_measures(goal: Goal):
    return Measure.objects.standing().filter(goal=goal, state=Measure.State.OPEN)
