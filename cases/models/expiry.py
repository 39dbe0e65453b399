"""What runs out: residence titles, passports, approvals. And which reminders were made for it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.doors import Record, RecordQuerySet
from cases.models.follow_up import FollowUp
from cases.models.household import Concerning
from cases.models.person import Person
from providers.models import StaffMember

# A person has one of each: whoever else records the same paper does not remind twice.
PAPERS = frozenset({"residence", "passport", "fiktion", "duldung", "gestattung"})


def paper_key(kind: str, person: Person | int) -> str:
    """Return the key of a paper that a person has one of, whoever records it."""
    return f"{kind}:{getattr(person, 'pk', person)}"


class ExpiryQuerySet(RecordQuerySet):
    def open(self):
        """Keep what still runs: neither renewed nor ended."""
        return self.filter(ended_at__isnull=True)

    def for_page(self):
        return self.select_related("concerns", "replaced_by", "ended_by").order_by(
            "valid_until", "pk"
        )


class Expiry(Record, Concerning):
    """A paper or an approval that is valid until a day; it concerns one person or the household."""

    class Kind(models.TextChoices):
        RESIDENCE = "residence", _("Residence title")
        PASSPORT = "passport", _("Passport or identity card")
        FIKTION = "fiktion", _("Fiktionsbescheinigung")
        DULDUNG = "duldung", _("Suspension of deportation (Duldung)")
        GESTATTUNG = "gestattung", _("Permission to stay during the asylum procedure")
        APPROVAL = "approval", _("Approval period of a benefit")
        OTHER = "other", _("Something else")

    kind = models.CharField(_("what expires"), max_length=12, choices=Kind)
    label = models.CharField(_("more exactly"), max_length=120, blank=True)
    valid_until = models.DateField(_("valid until"))
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    replaced_by = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaces", editable=False
    )

    objects = ExpiryQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["label"])

    class Meta:
        verbose_name = _("expiry")
        verbose_name_plural = _("expiries")
        constraints = [
            *Concerning.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="an_ended_expiry_says_when_and_by_whom",
                violation_error_code="expiry_ended_incompletely",
                violation_error_message=_("What has ended needs a date and a name."),
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(PAPERS)) | Q(concerns__isnull=False),
                name="a_personal_paper_names_its_owner",
                violation_error_code="paper_of_nobody",
                violation_error_message=_("Please say whose paper it is."),
            ),
            models.CheckConstraint(
                condition=Q(replaced_by__isnull=True) | Q(ended_at__isnull=False),
                name="what_is_replaced_has_ended",
                violation_error_code="replaced_and_running",
                violation_error_message=_("What was replaced has ended."),
            ),
        ]

    def __str__(self):
        kind = self.get_kind_display()
        return f"{kind}: {self.label}" if self.label else str(kind)

    @property
    def source(self) -> str:
        """The key under which its reminders are made: one for each paper of a person."""
        if self.kind in PAPERS:
            return paper_key(self.kind, self.concerns_id)
        return f"expiry:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def is_past(self) -> bool:
        return self.is_open and self.valid_until < timezone.localdate()


class ExpiryReminder(Record):
    """That a reminder was made: one for each thing, its day and the weeks ahead, never twice."""

    # What expires, under a key that all who record it share (`cases.workflow.expiries`).
    source = models.CharField(max_length=60)
    until = models.DateField()
    weeks = models.PositiveSmallIntegerField()
    follow_up = models.OneToOneField(
        FollowUp, on_delete=models.PROTECT, related_name="expiry_reminder"
    )

    class Meta:
        verbose_name = _("expiry reminder")
        verbose_name_plural = _("expiry reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "source", "until", "weeks"],
                name="an_expiry_is_reminded_once_at_each_stage",
                violation_error_code="reminded_twice",
                violation_error_message=_("This reminder has been made already."),
            )
        ]

    def __str__(self):
        return f"{self.source} {self.until} ({self.weeks})"
