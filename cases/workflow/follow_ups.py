"""Follow-ups: planned, done, undone, postponed, dropped. None of it leaves a case without one."""

from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Case, CaseAccess, FollowUp, Measure, Need, Referral
from cases.workflow.kept_deadlines import end_deadline_of, refuse_moving, reopen_deadline_of
from cases.workflow.records import read_again
from cases.workflow.steps import taking
from kim_portal.errors import Refusal
from providers.models import StaffMember


def assignees_of(case: Case):
    """Return who may be responsible for a follow-up of `case`: whoever works on it now."""
    rows = CaseAccess.objects.working().filter(case=case)
    return StaffMember.objects.filter(pk__in=rows.values("staff_member"))


def plan_follow_up(
    case: Case,
    *,
    by: StaffMember,
    subject: str,
    due_on: date,
    assignee: StaffMember | None = None,
    kind: str = FollowUp.Kind.TASK,
    need: Need | None = None,
    referral: Referral | None = None,
) -> FollowUp:
    """Plan one thing to do by one day; the person who plans it is responsible unless named."""
    with taking(Step.PLAN_FOLLOW_UP, case, by=by) as taken:
        follow_up = create(
            case,
            by=by,
            subject=subject,
            due_on=due_on,
            assignee=assignee,
            kind=kind,
            need=need,
            referral=referral,
        )
        taken.record(follow_up, after=follow_up.state, kind=kind, due_on=due_on)
    return follow_up


def create(
    case: Case,
    *,
    by: StaffMember,
    subject: str,
    due_on: date,
    assignee: StaffMember | None = None,
    **fields: object,
) -> FollowUp:
    """Write the row of a follow-up inside a step. Raises Refusal for one nobody could see."""
    assignee = assignee or by
    if not assignees_of(case).filter(pk=assignee.pk).exists():
        raise Refusal(_("%(person)s does not work on this case.") % {"person": assignee})
    return FollowUp.objects.create(
        case=case, recorded_by=by, subject=subject, due_on=due_on, assignee=assignee, **fields
    )


def complete_follow_up(
    follow_up: FollowUp,
    *,
    by: StaffMember,
    note: str = "",
    next_subject: str = "",
    next_due_on: date | None = None,
) -> FollowUp:
    """Finish a follow-up and plan the next one, if named."""
    case = follow_up.case
    with taking(Step.COMPLETE_FOLLOW_UP, case, by=by) as taken:
        end(follow_up, FollowUp.State.DONE, by=by, note=note)
        _plan_next(follow_up, by, next_subject, next_due_on)
        taken.record(
            follow_up, before=FollowUp.State.OPEN, after=follow_up.state, due_on=follow_up.due_on
        )
    return follow_up


def drop_follow_up(
    follow_up: FollowUp,
    *,
    by: StaffMember,
    note: str,
    next_subject: str = "",
    next_due_on: date | None = None,
) -> FollowUp:
    """Let a follow-up go, with the reason why it is no longer needed."""
    case = follow_up.case
    with taking(Step.DROP_FOLLOW_UP, case, by=by) as taken:
        end(follow_up, FollowUp.State.DROPPED, by=by, note=note)
        _plan_next(follow_up, by, next_subject, next_due_on)
        taken.record(follow_up, before=FollowUp.State.OPEN, after=follow_up.state)
    return follow_up


def undo_follow_up(follow_up: FollowUp, *, by: StaffMember) -> FollowUp:
    """Take “done” or “dropped” back: the follow-up is open again, with somebody who sees it."""
    case = follow_up.case
    with taking(Step.UNDO_FOLLOW_UP, case, by=by) as taken:
        read_again(follow_up)
        if follow_up.is_open:
            raise Refusal(_("This follow-up is open."))
        before = follow_up.state
        open_again(follow_up)
        reopen_deadline_of(follow_up)
        for measure in _its_measure(follow_up, ended=True):
            measure.state, measure.done_on, measure.ending_note = Measure.State.OPEN, None, ""
            measure.save()
        taken.record(follow_up, before=before, after=follow_up.state)
    return follow_up


def postpone_follow_up(
    follow_up: FollowUp, *, by: StaffMember, due_on: date, because: str, seen: date | None = None
) -> FollowUp:
    """Move a follow-up to another day, with the reason.

    `seen` is the day that the form showed: if somebody has moved it meanwhile, Refusal.
    """
    case = follow_up.case
    with taking(Step.POSTPONE_FOLLOW_UP, case, by=by) as taken:
        read_again(follow_up)
        _must_be_open(follow_up)
        refuse_moving(follow_up, due_on)
        before = follow_up.due_on
        if seen is not None and seen != before:
            raise Refusal(
                _("This follow-up has been moved meanwhile: it is due on %(day)s now.")
                % {"day": date_format(before, "d.m.Y")}
            )
        follow_up.due_on, follow_up.postponed_because = due_on, because
        follow_up.times_postponed += 1
        follow_up.save()
        for measure in _its_measure(follow_up, ended=False):
            measure.due_on = due_on
            measure.save()
        taken.record(follow_up, before=before.isoformat(), after=due_on.isoformat())
    return follow_up


def end(follow_up: FollowUp, state: FollowUp.State, *, by: StaffMember, note: str = "") -> None:
    """Finish a follow-up inside a step, and the measure it stands for."""
    read_again(follow_up)
    _must_be_open(follow_up)
    follow_up.state, follow_up.ending_note = state, note
    follow_up.ended_at, follow_up.ended_by = timezone.now(), by
    follow_up.save()
    end_deadline_of(follow_up, by=by)
    if follow_up.ends_pause:
        follow_up.case.paused_until, follow_up.case.pause_reason = None, ""
    for measure in _its_measure(follow_up, ended=False):
        measure.state, measure.done_on = Measure.State(state), timezone.localdate()
        measure.ending_note = note
        measure.save()


def open_again(follow_up: FollowUp) -> None:
    """Open a finished follow-up again inside a step, with somebody who sees it."""
    follow_up.state = FollowUp.State.OPEN
    follow_up.ended_at = follow_up.ended_by = None
    if not assignees_of(follow_up.case).filter(pk=follow_up.assignee_id).exists():
        follow_up.assignee = follow_up.case.lead
    follow_up.save()


def _its_measure(follow_up: FollowUp, *, ended: bool) -> list[Measure]:
    """Return the measure that a follow-up stands for, if it is in that state."""
    measures = Measure.objects.standing().filter(follow_up=follow_up)
    is_open = Q(state=Measure.State.OPEN)
    return list(measures.filter(~is_open if ended else is_open).select_for_update())


def _plan_next(
    follow_up: FollowUp, by: StaffMember, subject: str, due_on: date | None
) -> FollowUp | None:
    if not subject or due_on is None:
        return None
    return create(
        follow_up.case,
        by=by,
        subject=subject,
        due_on=due_on,
        need=follow_up.need,
        referral=follow_up.referral,
    )


def _must_be_open(follow_up: FollowUp) -> None:
    if not follow_up.is_open:
        raise Refusal(_("This follow-up has been finished meanwhile."))
