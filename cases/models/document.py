"""What was handed in or sent: scans, letters, photographs. Their contents lie in `cases.vault`."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.catalogues import DocumentKind
from cases.models.consent import Consent
from cases.models.doors import Strikable, StrikableQuerySet
from cases.models.household import Concerning
from providers.models import LegalDomain

# So long ahead a paper that runs out is marked: time enough for an appointment at an office.
EXPIRES_SOON = timedelta(weeks=12)


class DocumentQuerySet(StrikableQuerySet):
    def expiring(self, until: date | None = None):
        """Keep the standing ones that say how long they hold, until the day `until` at the most."""
        dated = self.standing().filter(valid_until__isnull=False)
        return dated if until is None else dated.filter(valid_until__lte=until)

    def kept(self):
        """Keep those whose content is there: struck ones have none."""
        return self.exclude(storage_name="")


class Document(Strikable, Concerning):
    """One document of a case. Struck through, it loses its content at once and for good."""

    kind = models.ForeignKey(
        DocumentKind, on_delete=models.PROTECT, related_name="+", verbose_name=_("kind")
    )
    title = models.CharField(_("title"), max_length=200)
    dated_on = models.DateField(_("date on the document"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    legal_domain = models.ForeignKey(
        LegalDomain,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("legal domain"),
    )
    # The consent whose signed paper this is.
    consent = models.ForeignKey(
        Consent,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("signed consent"),
    )
    note = models.TextField(_("note"), max_length=1_000, blank=True)

    file_name = models.CharField(_("file name"), max_length=150, editable=False)
    media_type = models.CharField(max_length=100, editable=False)
    size = models.PositiveIntegerField(editable=False)
    # Where the content lies, under which key, and how an equal one is recognised (cases.vault).
    storage_name = models.CharField(max_length=100, blank=True, editable=False)
    key_id = models.CharField(max_length=12, blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)

    objects = DocumentQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["title", "note", "file_name", "storage_name", "key_id", "fingerprint"]
    )

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [
            models.Index(fields=["fingerprint"], name="documents_alike"),
            models.Index(fields=["valid_until"], name="documents_that_run_out"),
        ]
        constraints = [
            *Concerning.Meta.constraints,
            models.CheckConstraint(
                condition=Q(dated_on__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("dated_on")),
                name="a_document_runs_out_after_its_date",
                violation_error_code="runs_out_too_early",
                violation_error_message=_("A document cannot run out before its own date."),
            ),
            models.CheckConstraint(
                condition=Q(size__gte=1),
                name="a_document_is_not_empty",
                violation_error_code="empty",
                violation_error_message=_("The file is empty."),
            ),
            models.CheckConstraint(
                condition=(Q(struck_at__isnull=True) & ~Q(storage_name="") & ~Q(fingerprint=""))
                | Q(struck_at__isnull=False, storage_name="", fingerprint=""),
                name="a_document_has_content_until_it_is_struck",
                violation_error_code="content_and_strike",
                violation_error_message=_("A document has its content until it is struck through."),
            ),
            models.UniqueConstraint(
                fields=["storage_name"],
                condition=~Q(storage_name=""),
                name="a_content_belongs_to_one_document",
                violation_error_code="content_twice",
                violation_error_message=_("This content belongs to another document."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cases:document", args=[self.case.reference, self.pk])

    @property
    def expiry(self) -> str:
        """Say how far away the end is: `expired`, `soon`, `later`, or nothing without one."""
        if self.valid_until is None:
            return ""
        today = timezone.localdate()
        if self.valid_until < today:
            return "expired"
        return "soon" if self.valid_until <= today + EXPIRES_SOON else "later"
