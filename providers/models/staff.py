"""The people who work with the portal; they are its users."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from centers.phones import PhoneField
from kim_portal.errors import Refusal
from providers.models.catalogues import Language
from providers.roles import Permission, Role, grants, roles_granting

if TYPE_CHECKING:
    from providers.models.assignment import Assignment
    from providers.models.provider import Provider


class StaffMemberQuerySet(models.QuerySet):
    def delete(self):
        raise Refusal(gettext("Staff are never deleted. Block the login or enter the last day."))

    delete.alters_data = True
    delete.queryset_only = True

    def active(self, on: date | None = None) -> "StaffMemberQuerySet":
        """Keep those who can sign in: neither blocked nor left."""
        on = on or timezone.localdate()
        return self.filter(Q(left_on=None) | Q(left_on__gt=on), blocked_at=None)

    def working_as(self, role: Role, on: date | None = None) -> "StaffMemberQuerySet":
        """Keep those who can sign in and hold a current assignment of `role`."""
        from providers.models.assignment import Assignment

        current = Assignment.objects.current(on).filter(staff_member=OuterRef("pk"), role=role)
        return self.active(on).filter(Exists(current))

    def working_as_caseworkers(self, on: date | None = None) -> "StaffMemberQuerySet":
        """Keep those who can sign in and hold a current caseworker assignment."""
        return self.working_as(Role.CASEWORKER, on)

    def with_assignments(self) -> "StaffMemberQuerySet":
        """Load everybody's assignments at once, for lists that name the employer."""
        from providers.models.assignment import Assignment

        rows = Assignment.objects.select_related("employer", "center").order_by("valid_from", "pk")
        return self.prefetch_related(Prefetch("assignments", rows, to_attr="_assignments"))

    def who_may(self, permission: Permission, on: date | None = None) -> "StaffMemberQuerySet":
        """Keep those who can sign in and hold `permission` today, at whatever center."""
        from providers.models.assignment import Assignment

        granting = Assignment.objects.current(on).filter(
            staff_member=OuterRef("pk"), role__in=roles_granting(permission)
        )
        return self.active(on).filter(Exists(granting))


class StaffMemberManager(BaseUserManager.from_queryset(StaffMemberQuerySet)):
    def create_user(
        self, username: str, password: str | None = None, **fields: object
    ) -> "StaffMember":
        """Create an account; without a password it can only be entered by a one-time link."""
        staff = self.model(username=self.model.normalize_username(username), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def get_by_natural_key(self, username: str | None) -> "StaffMember":
        """Find an account by its name, however it is capitalised."""
        return self.get(username__iexact=username)


class StaffMember(AbstractBaseUser):
    """Somebody who works in a support center (Mitarbeiter:in).

    There are no superusers and no groups: what somebody may do follows from their current
    assignments (`providers.roles`). A row is never deleted, because trails name it.
    """

    username = models.CharField(
        _("user name"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$",
                _("Use letters, digits, dots, hyphens and underscores only."),
            )
        ],
        error_messages={"unique": _("This user name is taken.")},
    )
    given_name = models.CharField(_("given name"), max_length=80)
    family_name = models.CharField(_("family name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = PhoneField(_("phone"), blank=True)
    languages = models.ManyToManyField(
        Language, verbose_name=_("languages"), related_name="staff_members", blank=True
    )
    is_recognised_social_worker = models.BooleanField(
        _("state-recognised social worker"),
        default=False,
        help_text=_("Bound by professional secrecy (§ 203 StGB)."),
    )
    sworn_on = models.DateField(_("sworn to secrecy on"), null=True, blank=True)
    blocked_at = models.DateTimeField(_("blocked since"), null=True, editable=False)
    left_on = models.DateField(
        _("left on"),
        null=True,
        blank=True,
        help_text=_("From this day on there is no login."),
    )
    is_demo = models.BooleanField(
        _("demo account"),
        default=False,
        editable=False,
        help_text=_("Can sign in only while the portal runs as a demo."),
    )
    password_link_issued_at = models.DateTimeField(
        _("link for a new password issued"), null=True, editable=False
    )
    password_link_issued_by = models.ForeignKey(
        "self",
        verbose_name=_("link issued by"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    password_link_told_at = models.DateTimeField(
        _("holder told of the link"), null=True, editable=False
    )
    # Part of what a session is checked against: raising it ends every session of this person.
    session_round = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = StaffMemberManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ("given_name", "family_name")

    class Meta:
        ordering = ["family_name", "given_name", "pk"]
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="username_is_unique_however_it_is_capitalised",
                violation_error_code="username_taken",
                violation_error_message=_("This user name is taken."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def delete(self, *args, **kwargs):
        raise Refusal(gettext("Staff are never deleted. Block the login or enter the last day."))

    delete.alters_data = True

    @property
    def short_name(self) -> str:
        """Name somebody in little space: "A. Demir"."""
        return f"{self.given_name[:1]}. {self.family_name}"

    def get_short_name(self) -> str:
        return self.short_name

    def get_full_name(self) -> str:
        return str(self)

    # --- Signing in -----------------------------------------------------------------------------

    @property
    def is_blocked(self) -> bool:
        return self.blocked_at is not None

    @property
    def has_left(self) -> bool:
        return self.left_on is not None and self.left_on <= timezone.localdate()

    @property
    def is_active(self) -> bool:
        """Say whether this account may be used: neither blocked nor left."""
        return not self.is_blocked and not self.has_left

    def get_session_auth_hash(self) -> str:
        return self._session_hash()

    def get_session_auth_fallback_hash(self):
        from django.conf import settings

        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret=secret)

    def _session_hash(self, secret: str | None = None) -> str:
        value = f"{self.session_round}:{self.password}"
        return salted_hmac(
            "providers.models.StaffMember.session",
            value,
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    # --- What they may do -----------------------------------------------------------------------

    @cached_property
    def _assignments(self) -> Sequence["Assignment"]:
        return list(
            self.assignments.select_related("employer", "center").order_by("valid_from", "pk")
        )

    def forget_assignments(self) -> None:
        """Read the assignments anew at the next question; for code that has just changed them."""
        self.__dict__.pop("_assignments", None)

    def refresh_from_db(self, *args, **kwargs) -> None:
        super().refresh_from_db(*args, **kwargs)
        self.forget_assignments()

    @property
    def current_assignments(self) -> list["Assignment"]:
        """Return the assignments that count today; one query for the life of this instance."""
        today = timezone.localdate()
        return [assignment for assignment in self._assignments if assignment.is_current(today)]

    @property
    def role(self) -> Role | None:
        """Return the one role this account holds today."""
        return next((Role(assignment.role) for assignment in self.current_assignments), None)

    @property
    def employer(self) -> "Provider | None":
        """Return who employs this person today."""
        return next((assignment.employer for assignment in self.current_assignments), None)

    def may(self, permission: Permission) -> bool:
        """Say whether this person holds `permission` today, at whatever center."""
        return any(self._granting(permission))

    def employer_ids(self, permission: Permission) -> set[int]:
        """Return for which employers this person holds `permission` today."""
        return {assignment.employer_id for assignment in self._granting(permission)}

    def center_ids(self, permission: Permission) -> set[int] | None:
        """Return at which centers this person holds `permission` today; None means all."""
        ids = {assignment.center_id for assignment in self._granting(permission)}
        return None if None in ids else ids

    def covers_center(self, center_id: int, permission: Permission) -> bool:
        """Say whether this person holds `permission` at that center today."""
        ids = self.center_ids(permission)
        return ids is None or center_id in ids

    def _granting(self, permission: Permission) -> list["Assignment"]:
        if not self.is_active:
            return []
        return [one for one in self.current_assignments if grants(one.role, permission)]
