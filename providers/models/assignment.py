"""Who works for whom, where, as what, and from when until when."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from centers.models import Center
from providers.models.provider import Provider
from providers.models.staff import StaffMember
from providers.roles import Permission, Role, roles_granting


class AssignmentQuerySet(models.QuerySet):
    def current(self, on: date | None = None) -> "AssignmentQuerySet":
        """Keep those that count on a day, today unless told otherwise."""
        on = on or timezone.localdate()
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)

    def not_ended(self, on: date | None = None) -> "AssignmentQuerySet":
        """Keep those that count on a day or later."""
        on = on or timezone.localdate()
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=on))

    def overlapping(self, valid_from: date, valid_until: date | None) -> "AssignmentQuerySet":
        """Keep those that share at least one day with the given span, its last day included."""
        rows = self.filter(Q(valid_until=None) | Q(valid_until__gte=valid_from))
        return rows if valid_until is None else rows.filter(valid_from__lte=valid_until)

    def granting(self, permission: Permission) -> "AssignmentQuerySet":
        """Keep those whose role holds `permission`."""
        return self.filter(role__in=roles_granting(permission))

    def at_center(self, center: Center) -> "AssignmentQuerySet":
        """Keep those that cover `center`: its own and those for all centers."""
        return self.filter(Q(center=center) | Q(center=None))

    def recently_created(self, days: int = 30) -> "AssignmentQuerySet":
        """Keep what was entered of late, newest first: every coordinator sees this list."""
        since = timezone.now() - timedelta(days=days)
        return (
            self.filter(created_at__gte=since)
            .select_related("staff_member", "employer", "center", "created_by")
            .order_by("-created_at", "-pk")
        )


class Assignment(models.Model):
    """A dated right and duty to work (Einsatz); only current ones grant anything."""

    staff_member = models.ForeignKey(
        StaffMember,
        verbose_name=_("staff member"),
        on_delete=models.PROTECT,
        related_name="assignments",
    )
    employer = models.ForeignKey(
        Provider,
        verbose_name=_("employer"),
        on_delete=models.PROTECT,
        related_name="assignments",
        limit_choices_to=~Q(kind="authority"),
    )
    center = models.ForeignKey(
        Center,
        verbose_name=_("center"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        help_text=_("Empty: for all centers."),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    fte = models.DecimalField(
        _("share of a full-time post"),
        max_digits=3,
        decimal_places=2,
        default=1,
        help_text=_("1 is full time, 0.5 half time."),
    )
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The last day that counts.")
    )
    created_at = models.DateTimeField(_("entered"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        StaffMember,
        verbose_name=_("entered by"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    history = HistoricalRecords()
    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from", "-pk"]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        indexes = [
            models.Index(
                fields=["role", "center", "valid_from"],
                name="assignments_by_role_and_center",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="assignment_ends_after_it_begins",
                violation_error_code="ends_before_it_begins",
                violation_error_message=_("An assignment cannot end before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(fte__gt=0, fte__lte=1),
                name="assignment_is_a_share_of_one_full_post",
                violation_error_code="fte_out_of_range",
                violation_error_message=_(
                    "The share of a full-time post is more than 0 and at most 1."
                ),
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values),
                name="assignment_has_a_known_role",
                violation_error_code="role_unknown",
                violation_error_message=_("This role does not exist."),
            ),
        ]

    def __str__(self) -> str:
        where = self.center if self.center_id else _("all centers")
        return f"{self.staff_member} · {self.get_role_display()} · {self.employer} · {where}"

    def is_current(self, on: date) -> bool:
        """Say whether this assignment counts on a day."""
        return self.valid_from <= on and (self.valid_until is None or self.valid_until >= on)

    def clean(self) -> None:
        """Refuse what the database cannot see: rules about several rows of one person.

        Callers that save afterwards hold a lock on the staff member's row
        (`providers.accounts.assign`, the admin's form).
        """
        errors = {}
        if self.employer_id and self.employer.kind == Provider.Kind.AUTHORITY:
            errors["employer"] = ValidationError(
                _("An authority has no staff in the portal."),
                code="authority_as_employer",
            )
        if self.staff_member_id and self.valid_from and self.role:
            errors.update(self._conflicts())
        if errors:
            raise ValidationError(errors)

    def _conflicts(self) -> dict[str, ValidationError]:
        others = Assignment.objects.filter(staff_member=self.staff_member_id).exclude(pk=self.pk)
        at_the_same_time = others.overlapping(self.valid_from, self.valid_until)
        other_role = others.exclude(role=self.role)
        if (other_role.not_ended() | other_role & at_the_same_time).exists():
            return {
                "role": ValidationError(
                    _(
                        "This account holds another role. One account holds case management, "
                        "coordination or administration, never two: end the other assignment "
                        "first, or create a second account."
                    ),
                    code="second_role",
                )
            }
        if self.employer_id and at_the_same_time.exclude(employer=self.employer_id).exists():
            return {
                "employer": ValidationError(
                    _(
                        "This person works for another employer at that time. Changing employer "
                        "is leaving: end the other assignment first. The files stay there."
                    ),
                    code="second_employer",
                )
            }
        if at_the_same_time.filter(center=self.center_id).exists():
            return {
                "center": ValidationError(
                    _("This person is already assigned to this center at that time."),
                    code="assigned_twice",
                )
            }
        return {}
