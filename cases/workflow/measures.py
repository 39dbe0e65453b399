"""Measures: what is done for a goal. A measure and its follow-up end, move and return together."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import FollowUp, Goal, Measure, Referral
from cases.workflow.follow_ups import create, end, open_again
from cases.workflow.records import read_again
from cases.workflow.steps import taking
from kim_portal.errors import Refusal
from providers.models import StaffMember

S = Measure.State


def add_measure(
    goal: Goal,
    *,
    by: StaffMember,
    what: str,
    responsible: str,
    due_on: date | None = None,
    referral: Referral | None = None,
) -> Measure:
    """Add what is done for a goal. Where case management has a part in it, it comes back."""
    with taking(Step.ADD_MEASURE, goal.case, by=by) as taken:
        read_again(goal)
        _refuse_ended_goal(goal)
        measure = Measure(
            case=goal.case,
            recorded_by=by,
            goal=goal,
            what=what,
            responsible=responsible,
            due_on=due_on,
            referral=referral,
        )
        _refuse_misfits(measure)
        _keep_follow_up(measure, by=by)
        measure.save()
        if goal.state == Goal.State.OPEN:
            goal.state = Goal.State.IN_PROGRESS
            goal.save()
        taken.record(measure, after=responsible, due_on=due_on, goal=goal.pk)
    return measure


def change_measure(
    measure: Measure,
    *,
    by: StaffMember,
    what: str,
    responsible: str,
    due_on: date | None = None,
    referral: Referral | None = None,
) -> Measure:
    """Change an open measure; its follow-up moves, comes or goes with it."""
    with taking(Step.CHANGE_MEASURE, measure.case, by=by) as taken:
        read_again(measure)
        _refuse_ended(measure)
        measure.what, measure.responsible = what, responsible
        measure.due_on, measure.referral = due_on, referral
        _refuse_misfits(measure)
        _keep_follow_up(measure, by=by)
        measure.save()
        taken.record(measure, after=responsible, due_on=due_on, goal=measure.goal_id)
    return measure


def complete_measure(
    measure: Measure,
    *,
    by: StaffMember,
    note: str = "",
    next_subject: str = "",
    next_due_on: date | None = None,
) -> Measure:
    """Finish a measure, and with it the follow-up that stood for it."""
    return _finish(measure, S.DONE, Step.COMPLETE_MEASURE, by, note, next_subject, next_due_on)


def drop_measure(
    measure: Measure,
    *,
    by: StaffMember,
    note: str = "",
    next_subject: str = "",
    next_due_on: date | None = None,
) -> Measure:
    """Let a measure go, and with it the follow-up that stood for it."""
    return _finish(measure, S.DROPPED, Step.DROP_MEASURE, by, note, next_subject, next_due_on)


def undo_measure(measure: Measure, *, by: StaffMember) -> Measure:
    """Take a measure up again that was done or dropped; its follow-up is open again."""
    with taking(Step.UNDO_MEASURE, measure.case, by=by) as taken:
        read_again(measure)
        _refuse_struck(measure)
        if measure.is_open:
            raise Refusal(_("This measure is open."))
        before = measure.state
        measure.state, measure.done_on, measure.ending_note = S.OPEN, None, ""
        measure.save()
        follow_up = _its_follow_up(measure)
        if follow_up is not None and not follow_up.is_open:
            open_again(follow_up)
        taken.record(measure, before=before, after=measure.state, goal=measure.goal_id)
    return measure


def end_measure(measure: Measure, state: Measure.State, *, by: StaffMember, note: str = "") -> None:
    """End a measure and its follow-up inside a step."""
    measure.state, measure.done_on = state, timezone.localdate()
    measure.ending_note = note
    measure.save()
    follow_up = _its_follow_up(measure)
    if follow_up is not None and follow_up.is_open:
        end(follow_up, FollowUp.State(state), by=by, note=note)


def serve_with(goal: Goal, referral: Referral, *, by: StaffMember, due_on: date | None) -> Measure:
    """Let a referral that has just been made serve a goal, inside its step."""
    goal.case = referral.case
    read_again(goal)
    _refuse_ended_goal(goal)
    if goal.state == Goal.State.OPEN:
        goal.state = Goal.State.IN_PROGRESS
        goal.save()
    return Measure.objects.create(
        case=referral.case,
        recorded_by=by,
        goal=goal,
        what=str(referral)[:200],
        responsible=Measure.Responsible.THIRD,
        due_on=due_on,
        referral=referral,
    )


def follow_referral(referral: Referral, *, by: StaffMember) -> None:
    """Let the measures that a referral is made for end with it, inside its step."""
    if referral.is_open:
        return
    succeeded = referral.state == Referral.State.SUCCEEDED
    measures = Measure.objects.standing().filter(referral=referral, state=S.OPEN)
    for measure in measures.select_for_update():
        measure.case = referral.case
        end_measure(measure, S.DONE if succeeded else S.DROPPED, by=by)


def _finish(
    measure: Measure,
    state: Measure.State,
    step: Step,
    by: StaffMember,
    note: str,
    next_subject: str,
    next_due_on: date | None,
) -> Measure:
    case = measure.case
    with taking(step, case, by=by) as taken:
        read_again(measure)
        _refuse_ended(measure)
        before = measure.state
        end_measure(measure, state, by=by, note=note)
        if next_subject and next_due_on is not None:
            create(case, by=by, subject=next_subject, due_on=next_due_on)
        taken.record(measure, before=before, after=state, goal=measure.goal_id)
    return measure


def _keep_follow_up(measure: Measure, *, by: StaffMember) -> None:
    """Let an open measure have the follow-up that fits it: one day, one subject, or none."""
    wanted = measure.responsible in Measure.COMES_BACK and measure.due_on is not None
    follow_up = _its_follow_up(measure)
    if follow_up is None:
        if wanted:
            measure.follow_up = create(
                measure.case, by=by, subject=measure.what, due_on=measure.due_on
            )
    elif not wanted:
        measure.follow_up = None
        measure.save()
        if follow_up.is_open:
            end(follow_up, FollowUp.State.DROPPED, by=by)
    else:
        follow_up.subject, follow_up.due_on = measure.what, measure.due_on
        follow_up.save()


def _its_follow_up(measure: Measure) -> FollowUp | None:
    follow_up = measure.follow_up
    if follow_up is not None:
        follow_up.case = measure.case
        read_again(follow_up)
    return follow_up


def _refuse_misfits(measure: Measure) -> None:
    due_on, goal = measure.due_on, measure.goal
    if measure.referral is not None and measure.referral.case_id != measure.case_id:
        raise Refusal(_("This referral belongs to another case."))
    if due_on is None:
        return
    if due_on < measure.case.opened_on:
        raise Refusal(_("A measure cannot be due before the case was opened."))
    if goal.due_on is not None and due_on > goal.due_on:
        raise Refusal(_("The measure would come after the goal it serves is to be reached."))


def _refuse_ended(measure: Measure) -> None:
    _refuse_struck(measure)
    if not measure.is_open:
        raise Refusal(
            _("This measure has ended meanwhile: it is “%(state)s”.")
            % {"state": measure.get_state_display()}
        )


def _refuse_struck(measure: Measure) -> None:
    if measure.struck_at is not None:
        raise Refusal(_("This measure has been struck through."))


def _refuse_ended_goal(goal: Goal) -> None:
    if goal.struck_at is not None:
        raise Refusal(_("This goal has been struck through."))
    if not goal.is_under_way:
        raise Refusal(
            _("This goal has ended: it is “%(state)s”. Please take it up again first.")
            % {"state": goal.get_state_display()}
        )
