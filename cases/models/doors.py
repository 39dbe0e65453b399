"""The doors: the only ways to rows of cases (DESIGN §4).

Each door is a condition on Case, written here once; `CaseQuerySet` and the querysets of
everything that hangs on a case filter with it. A reader without a current assignment that
grants the permission finds every door shut.
"""

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cases.access import READS_ONLY_THE_PAST
from providers.models import StaffMember
from providers.roles import Permission

NOTHING = Q(pk__in=[])
# Not Q(), which means the same but cannot be a condition of a `When`.
EVERYTHING = Q(pk__isnull=False)


def current(at: datetime | None = None) -> Q:
    """Keep rows of CaseAccess that hold at the moment `at` (now): half-open, in UTC."""
    at = at or timezone.now()
    return Q(starts_at__lte=at) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))


def rows_of(reader: StaffMember) -> models.QuerySet:
    """Return the reader's rows of CaseAccess that hold now.

    A row counts only while its holder is a current caseworker of the provider for which it was
    given: who changes employers leaves the files behind.
    """
    from cases.models.case_access import CaseAccess

    employers = reader.employer_ids(Permission.READ_FILES)
    if not employers:
        return CaseAccess.objects.none()
    return CaseAccess.objects.filter(current(), staff_member=reader, provider__in=employers)


def file_door(reader: StaffMember, case: str = "pk") -> Q:
    """Open to whoever holds a current row: the whole file."""
    return Q(Exists(rows_of(reader).filter(case=OuterRef(case))))


def record_door(reader: StaffMember, case: str = "case") -> Q:
    """As `file_door`, for rows that hang on a case and know when they were recorded.

    A former lead sees only what was recorded before the acceptance that ended their lead.
    """
    reads_all = ~Q(reason__in=READS_ONLY_THE_PAST)
    reads_past = Q(starts_at__gte=OuterRef("recorded_at"))
    return Q(Exists(rows_of(reader).filter(reads_all | reads_past, case=OuterRef(case))))


def sheet_door(reader: StaffMember, case: str = "pk") -> Q:
    """Open to whoever an open handover is offered to, while the consent covers them."""
    from cases.models.handover import Handover

    return Q(Exists(Handover.objects.offered_to(reader).filter(case=OuterRef(case))))


def register_door(reader: StaffMember) -> Q:
    """Open to caseworkers and coordinators of the case's center: no identity, no notes."""
    if not reader.may(Permission.READ_REGISTER):
        return NOTHING
    centers = reader.center_ids(Permission.READ_REGISTER)
    return EVERYTHING if centers is None else Q(center__in=centers)


def count_door(reader: StaffMember, center: str = "center") -> Q:
    """Open to coordinators for the figures of their centers; rows behind it are never shown."""
    if not reader.may(Permission.READ_STATISTICS):
        return NOTHING
    centers = reader.center_ids(Permission.READ_STATISTICS)
    return Q() if centers is None else Q(**{f"{center}__in": centers})


class RecordQuerySet(models.QuerySet):
    """Rows that hang on a case, reached through the doors of that case alone."""

    def visible_to(self, reader: StaffMember):
        """Keep what the reader's file access shows them."""
        return self.filter(record_door(reader))

    def countable_by(self, reader: StaffMember):
        """Keep what may enter the reader's figures; the rows themselves are never shown.

        Asked by the center alone: "of one of these cases" would have PostgreSQL read every case.
        """
        return self.filter(count_door(reader, center="case__center"))


class Record(models.Model):
    """Something recorded on a case by somebody at some moment."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="%(class)ss")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True


class StrikableQuerySet(RecordQuerySet):
    def standing(self):
        """Keep what was not struck through."""
        return self.filter(struck_at__isnull=True)


class Strikable(Record):
    """A record that, entered wrongly or in the wrong file, is struck through and never gone."""

    struck_at = models.DateTimeField(null=True, editable=False)
    struck_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    struck_because = models.CharField(max_length=300, blank=True, editable=False)

    objects = StrikableQuerySet.as_manager()

    class Meta:
        abstract = True
