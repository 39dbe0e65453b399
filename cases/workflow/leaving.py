"""Leaving: nobody leaves who leads active cases; blocking a login always works.

Blocking is `providers.accounts.block`; the cases of whoever is blocked stand on the coordination's
page from that moment on (`Case.objects.without_able_lead`).
"""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.access import Step
from cases.models import AnnouncedLeaving, Case, FollowUp
from cases.workflow.rights import bring_home
from cases.workflow.steps import Taking, finish, lock
from kim_portal.errors import NotYours, Refusal
from providers.models import StaffMember
from providers.roles import Permission


def led_by(staff: StaffMember) -> int:
    """Count the active cases that `staff` leads."""
    return Case.objects.active().filter(lead=staff).count()


def cases_wait(count: int) -> str:
    """Say what happens to the cases of somebody whose login has been blocked."""
    return ngettext(
        "This person leads one active case. It is on the coordination's page now.",
        "This person leads %(count)d active cases. They are on the coordination's page now.",
        count,
    ) % {"count": count}


@transaction.atomic
def announce(staff: StaffMember, *, left_on: date, by: StaffMember) -> str:
    """Tell the coordination who is to leave; return why the day cannot be entered yet, or "".

    Locks the staff member's row: whoever is about to take a case waits, and finds them leaving.
    """
    if not by.may(Permission.ADMINISTER):
        raise NotYours
    StaffMember.objects.select_for_update(no_key=True).get(pk=staff.pk)
    count = led_by(staff)
    if not count:
        return ""
    AnnouncedLeaving.objects.update_or_create(
        staff_member=staff, defaults={"left_on": left_on, "announced_by": by}
    )
    return ngettext(
        "%(person)s still leads one active case. The coordination has been told and will assign "
        "it. After that the last day can be entered. The login can be blocked at once.",
        "%(person)s still leads %(count)d active cases. The coordination has been told and will "
        "assign them. After that the last day can be entered. The login can be blocked at once.",
        count,
    ) % {"person": staff, "count": count}


@transaction.atomic
def leave(staff: StaffMember, *, left_on: date, by: StaffMember) -> StaffMember:
    """Enter the last day of somebody who leads no active case any more."""
    if sentence := announce(staff, left_on=left_on, by=by):
        raise Refusal(sentence)
    staff.left_on = left_on
    staff.save(update_fields=["left_on"])
    forget_announcement(staff)
    return staff


def forget_announcement(staff: StaffMember) -> None:
    """Take somebody off the coordination's page: they have left, or stay after all."""
    AnnouncedLeaving.objects.filter(staff_member=staff).delete()


def return_follow_ups(staff: StaffMember, *, by: StaffMember) -> int:
    """Give what somebody who can no longer sign in was to do on others' cases to those leads.

    Their own cases keep theirs until a lead is assigned. Returns how many follow-ups moved.
    """
    if staff.is_active:
        raise Refusal(_("%(person)s still works here.") % {"person": staff})
    waiting = FollowUp.objects.open().filter(assignee=staff).values("case")
    cases = Case.objects.active().filter(pk__in=waiting).exclude(lead=staff)
    moved = 0
    for case in cases.order_by("pk"):
        with transaction.atomic():
            lock(case)
            if case.lead_id == staff.pk or not case.is_active:
                continue
            taken = Taking(case, Step.RETURN_FOLLOW_UPS, by)
            count = bring_home(case)
            taken.record(former=staff.pk, moved_follow_ups=count)
            finish(taken)
            moved += count
    return moved
