"""Pausing a case: for a reason, for ninety days at most, and it comes back by itself."""

from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Case, FollowUp
from cases.workflow.follow_ups import create
from cases.workflow.steps import taking
from centers.working_days import working_day_from
from kim_portal.errors import Refusal
from providers.models import StaffMember


def longest_pause(today: date) -> date:
    """Return the last day on which a pause that begins today may end."""
    return today + timedelta(days=settings.LONGEST_PAUSE_DAYS)


def pause(case: Case, *, by: StaffMember, because: str, until: date) -> Case:
    """Let a case rest until the day `until`, on which a follow-up brings it back."""
    with taking(Step.PAUSE, case, by=by) as taken:
        today = timezone.localdate()
        if case.is_paused:
            raise Refusal(_("The case is paused already."))
        if not today < until <= longest_pause(today):
            raise Refusal(_("A pause ends after today and within 90 days."))
        case.paused_until, case.pause_reason = until, because
        _detach_from_former_pause(case)
        follow_up = create(
            case,
            by=by,
            subject=_("The pause is over: how does it go on?"),
            due_on=working_day_from(until),
            assignee=case.lead,
            kind=FollowUp.Kind.REVIEW,
            ends_pause=True,
        )
        taken.record(follow_up, after="paused", until=until)
    return case


def resume(
    case: Case, *, by: StaffMember, next_subject: str = "", next_due_on: date | None = None
) -> Case:
    """End a pause early; its follow-up goes, and where no other is open the next is planned."""
    with taking(Step.RESUME, case, by=by) as taken:
        if case.paused_until is None:
            raise Refusal(_("The case is not paused."))
        case.paused_until, case.pause_reason = None, ""
        for follow_up in FollowUp.objects.filter(case=case, ends_pause=True).open():
            follow_up.state = FollowUp.State.DROPPED
            follow_up.ended_at, follow_up.ended_by = timezone.now(), by
            follow_up.save()
        if next_subject and next_due_on is not None:
            create(case, by=by, subject=next_subject, due_on=next_due_on)
        taken.record(before="paused")
    return case


def _detach_from_former_pause(case: Case) -> None:
    """Let what an earlier pause left open be done without ending the new one."""
    for follow_up in FollowUp.objects.filter(case=case, ends_pause=True).open():
        follow_up.ends_pause = False
        follow_up.save()
