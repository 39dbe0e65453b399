"""Rights that have run out by themselves: what they leave behind goes to the lead.

A right ends at its moment, whether this runs or not. What stays behind is a deputy who is one no
more, and open follow-ups that nobody would see. Rights whose holder has left or works for the
provider no more open nothing; they are ended here, so that nobody finds them again on coming back.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from cases.access import AccessReason, Step
from cases.models import Case, CaseAccess, CaseEvent, FollowUp
from cases.workflow.rights import bring_home
from cases.workflow.steps import lock


@dataclass(frozen=True)
class BroughtHome:
    """How many cases were put right, and how many follow-ups went to their leads."""

    cases: int
    follow_ups: int


def affected() -> QuerySet[Case]:
    """Keep the active cases on which somebody has something left without a right to the file."""
    working = CaseAccess.objects.working()
    strangers = (
        FollowUp.objects.open()
        .filter(case=OuterRef("pk"))
        .exclude(assignee=F("case__lead"))
        .exclude(Exists(working.filter(case=OuterRef("case"), staff_member=OuterRef("assignee"))))
    )
    deputy = working.filter(
        case=OuterRef("pk"), staff_member=OuterRef("deputy"), reason=AccessReason.DEPUTY
    )
    left_behind = CaseAccess.objects.left_behind().filter(case=OuterRef("pk"))
    return Case.objects.active().filter(
        Q(Exists(strangers)) | Q(deputy__isnull=False) & ~Q(Exists(deputy)) | Q(Exists(left_behind))
    )


def bring_all_home() -> BroughtHome:
    """Put every affected case right, each in a transaction of its own, locked and read again.

    Nobody presses here: the event names the lead, to whom the follow-ups went. The case counts as
    untouched, so that a quiet one stays on the list of quiet ones.
    """
    cases = follow_ups = 0
    for case in affected().order_by("pk"):
        with transaction.atomic():
            lock(case)
            if not affected().filter(pk=case.pk).exists():
                continue
            former_deputy = case.deputy_id
            moved = bring_home(case)
            case.save()
            CaseEvent.objects.create(
                case=case,
                step=Step.RETURN_FOLLOW_UPS,
                actor=case.lead,
                details={
                    "moved_follow_ups": moved,
                    "former_deputy": former_deputy if case.deputy_id is None else None,
                    "by_itself": True,
                },
            )
            cases += 1
            follow_ups += moved
    return BroughtHome(cases, follow_ups)
