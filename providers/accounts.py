"""What happens to an account: blocked, unblocked, given a one-time link, told of it; assigned.

Nobody sets another's password. An administrator issues a link, shown once and never mailed; its
holder chooses the password, and learns at the next login that a link had been issued.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.http import int_to_base36
from django.utils.translation import gettext as _

from centers.models import Center
from kim_portal.errors import NotYours, Refusal
from providers.models import Assignment, Provider, StaffMember
from providers.roles import Permission, Role


class PasswordLinkTokenGenerator(PasswordResetTokenGenerator):
    """Make links that end with their use, with the next link, and with a block."""

    def _make_hash_value(self, user, timestamp):
        issued = user.password_link_issued_at
        return "|".join(
            [
                super()._make_hash_value(user, timestamp),
                issued.isoformat() if issued else "",
                str(user.session_round),
                "active" if user.is_active else "inactive",
            ]
        )


@transaction.atomic
def block(staff: StaffMember, *, by: StaffMember) -> None:
    """Block a login at once: every session of this person ends with its next request."""
    _require_administrator(by)
    if staff.pk == by.pk:
        raise Refusal(_("You cannot block your own login. Ask another administrator."))
    locked = _locked(staff)
    locked.blocked_at = locked.blocked_at or timezone.now()
    locked.session_round = F("session_round") + 1
    locked.save(update_fields=["blocked_at", "session_round"])
    staff.refresh_from_db()


@transaction.atomic
def unblock(staff: StaffMember, *, by: StaffMember) -> None:
    """Let somebody sign in again; sessions from before the block stay ended."""
    _require_administrator(by)
    if staff.pk == by.pk:
        raise NotYours
    locked = _locked(staff)
    locked.blocked_at = None
    locked.save(update_fields=["blocked_at"])
    staff.refresh_from_db()


@transaction.atomic
def issue_password_link(staff: StaffMember, *, by: StaffMember) -> str:
    """Return the path of a one-time link to a new password; earlier links end."""
    _require_administrator(by)
    locked = _locked(staff)
    if not locked.is_active:
        raise Refusal(_("This login is blocked or has ended. A link would not open it."))
    return _new_link(locked, by=by)


def _new_link(staff: StaffMember, *, by: StaffMember | None) -> str:
    staff.password_link_issued_at = timezone.now()
    staff.password_link_issued_by = by
    staff.save(update_fields=["password_link_issued_at", "password_link_issued_by"])
    token = PasswordLinkTokenGenerator().make_token(staff)
    return reverse("account_reset_password_from_key", args=[int_to_base36(staff.pk), token])


def password_link_expires_at(staff: StaffMember):
    """Say until when the latest link opens the page."""
    if staff.password_link_issued_at is None:
        return None
    return staff.password_link_issued_at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def take_note_of_password_link(staff: StaffMember) -> bool:
    """Say once, at the login, whether a link had been issued since the last one."""
    issued, told = staff.password_link_issued_at, staff.password_link_told_at
    if issued is None or (told is not None and told >= issued):
        return False
    staff.password_link_told_at = timezone.now()
    staff.save(update_fields=["password_link_told_at"])
    return True


@transaction.atomic
def assign(
    staff: StaffMember,
    *,
    by: StaffMember,
    employer: Provider,
    role: Role,
    center: Center | None = None,
    fte: Decimal | float = 1,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Assignment:
    """Give somebody an assignment; one person's assignments are written one after the other."""
    _require_administrator(by)
    if staff.pk == by.pk:
        raise NotYours(_("Nobody edits their own assignments."))
    _locked(staff)
    assignment = Assignment(
        staff_member=staff,
        employer=employer,
        center=center,
        role=role,
        fte=Decimal(str(fte)),
        valid_from=valid_from or timezone.localdate(),
        valid_until=valid_until,
        created_by=by,
    )
    try:
        assignment.full_clean()
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from error
    assignment.save()
    staff.forget_assignments()
    return assignment


@transaction.atomic
def create_first_administrator(
    *, username: str, given_name: str, family_name: str, employer: Provider
) -> tuple[StaffMember, str]:
    """Create the account that creates all others, and return it with its one-time link."""
    if StaffMember.objects.who_may(Permission.ADMINISTER).exists():
        raise Refusal(_("There is an administrator already; only they create further accounts."))
    staff = StaffMember(username=username, given_name=given_name, family_name=family_name)
    staff.set_unusable_password()
    assignment = Assignment(
        employer=employer, role=Role.ADMINISTRATOR, valid_from=timezone.localdate()
    )
    try:
        staff.full_clean()
        staff.save()
        assignment.staff_member = staff
        assignment.full_clean()
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from error
    assignment.save()
    return staff, _new_link(staff, by=None)


def _require_administrator(by: StaffMember) -> None:
    if not by.may(Permission.ADMINISTER):
        raise NotYours


def _locked(staff: StaffMember) -> StaffMember:
    return StaffMember.objects.select_for_update().get(pk=staff.pk)
