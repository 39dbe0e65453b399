"""Rights to a file: dated rows with a reason, the only thing that opens one (DESIGN §4)."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import READS_ONLY_THE_PAST, AccessReason
from cases.models.case import Case
from cases.models.doors import current
from providers.models import Assignment, Provider, StaffMember
from providers.roles import Permission


class CaseAccessQuerySet(models.QuerySet):
    def current(self, at=None):
        """Keep the rows that hold at the moment `at` (now)."""
        return self.filter(current(at))

    def working(self):
        """Keep the rows under which somebody acts on a file now, as `doors.rows_of` asks of one."""
        rows = self.current().filter(_holder_works_for_the_provider())
        rows = rows.filter(staff_member__in=StaffMember.objects.active())
        return rows.exclude(reason__in=READS_ONLY_THE_PAST)

    def left_behind(self):
        """Keep current rows, a lead's aside, whose holder has left or works there no more.

        They open nothing, and must not do so again when their holder comes back.
        """
        has_left = Q(staff_member__left_on__lte=timezone.localdate())
        rows = self.current().filter(has_left | ~_holder_works_for_the_provider())
        return rows.exclude(reason=AccessReason.LEAD)


def _holder_works_for_the_provider() -> Q:
    jobs = Assignment.objects.current().granting(Permission.READ_FILES)
    return Q(
        Exists(jobs.filter(staff_member=OuterRef("staff_member"), employer=OuterRef("provider")))
    )


class CaseAccess(models.Model):
    """One person's right to one file, from one moment (inclusive) to another (exclusive), UTC.

    `provider` is the holder's employer when the row was given: whoever changes employers leaves
    the files behind, because the row counts for that employer only.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="access_rows")
    staff_member = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=AccessReason)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    objects = CaseAccessQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=AccessReason.values),
                name="access_has_a_known_reason",
                violation_error_code="reason_unknown",
                violation_error_message=_("There is no such reason."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="access_ends_after_it_starts",
                violation_error_code="access_ends_too_early",
                violation_error_message=_("A right to a file cannot end before it begins."),
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(reason=AccessReason.LEAD, ends_at__isnull=True),
                name="one_endless_lead_per_case",
                violation_error_code="second_lead",
                violation_error_message=_("This case has a lead already."),
            ),
        ]
        indexes = [
            models.Index(fields=["staff_member", "case"], name="files_of_a_staff_member"),
            models.Index(fields=["case", "ends_at"], name="rights_to_a_file"),
        ]

    def __str__(self):
        return f"{self.case_id}: {self.staff_member_id} ({self.reason})"
