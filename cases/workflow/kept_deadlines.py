"""Keeps a deadline and the follow-ups it owns in step, whichever of them somebody touches.

“Done” on the follow-up of the last day means that the deadline was met, as long as the day is not
over; afterwards somebody has to say whether it was. Dropping it drops the deadline. Moving it is
refused: the day is the law's, and changed on the deadline itself. The warning is only a warning.
"""

from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Deadline, FollowUp
from kim_portal.errors import Refusal
from providers.models import StaffMember


def end_deadline_of(follow_up: FollowUp, *, by: StaffMember) -> None:
    """Let the deadline follow what became of its follow-up, which has just been ended."""
    deadline = Deadline.objects.select_for_update().filter(follow_up=follow_up).first()
    if deadline is None or not deadline.is_open:
        return
    deadline.case = follow_up.case
    dropped = follow_up.state == FollowUp.State.DROPPED
    if not dropped and deadline.is_past:
        raise Refusal(
            _("The last day of this deadline is over. Please say whether it was met in time."),
            links=[_to("settle_deadline", deadline)],
        )
    mark_settled(deadline, Deadline.State.DROPPED if dropped else Deadline.State.MET, by=by)


def reopen_deadline_of(follow_up: FollowUp) -> None:
    """Let the deadline run again with its follow-up; a warning of a settled one stays ended."""
    deadline = Deadline.objects.select_for_update().filter(follow_up=follow_up).first()
    if deadline is not None:
        deadline.state = Deadline.State.OPEN
        deadline.settled_at = deadline.settled_by = None
        deadline.save()
        return
    warned = Deadline.objects.filter(warning=follow_up).first()
    if warned is not None and not warned.is_open:
        warned.case = follow_up.case
        raise Refusal(_("The deadline itself is settled."), links=[_to_page(warned)])


def refuse_moving(follow_up: FollowUp, due_on: date) -> None:
    """Raise Refusal where postponing would move a deadline, or its warning past its last day."""
    deadline = Deadline.objects.filter(follow_up=follow_up).first()
    if deadline is not None:
        deadline.case = follow_up.case
        raise Refusal(
            _(
                "The law sets the day of this deadline: it cannot be postponed. If another day "
                "counts, please change the deadline itself."
            ),
            links=[_to("change_deadline", deadline)],
        )
    warned = Deadline.objects.open().filter(warning=follow_up).first()
    if warned is not None and due_on >= warned.due_on:
        raise Refusal(
            _("The warning has to come before the last day, %(day)s.")
            % {"day": f"{warned.due_on:%d.%m.%Y}"}
        )


def mark_settled(deadline: Deadline, state: Deadline.State, *, by: StaffMember) -> None:
    """Write the end of a deadline; a warning that is still open has nothing left to warn of."""
    deadline.state = state
    deadline.settled_at, deadline.settled_by = timezone.now(), by
    deadline.save()
    warning = deadline.warning
    if warning is not None and warning.is_open:
        end_quietly(warning, FollowUp.State.DROPPED, by=by)


def end_quietly(follow_up: FollowUp, state: FollowUp.State, *, by: StaffMember) -> None:
    """End a follow-up whose owner tells the event."""
    follow_up.state = state
    follow_up.ended_at, follow_up.ended_by = timezone.now(), by
    follow_up.save()


def drop_all(deadlines, *, by: StaffMember) -> None:
    """Drop deadlines whose follow-ups end with the case."""
    for deadline in deadlines.open().select_for_update():
        deadline.state = Deadline.State.DROPPED
        deadline.settled_at, deadline.settled_by = timezone.now(), by
        deadline.save()


def _to(step: str, deadline: Deadline) -> tuple[str, str]:
    labels = {
        "settle_deadline": _("Settle the deadline"),
        "change_deadline": _("Change the deadline"),
    }
    return labels[step], reverse(f"cases:{step}", args=[deadline.case.reference, deadline.pk])


def _to_page(deadline: Deadline) -> tuple[str, str]:
    url = reverse("cases:deadlines", args=[deadline.case.reference])
    return _("Deadlines"), f"{url}#deadline-{deadline.pk}"
