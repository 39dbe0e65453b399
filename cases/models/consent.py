"""What the person agreed to: kind, recipients, kinds of data, and for how long."""

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.catalogues import DataKind
from cases.models.doors import Strikable, StrikableQuerySet
from providers.models import Provider, StaffMember


class ConsentQuerySet(StrikableQuerySet):
    def valid(self, on: date | None = None):
        """Keep those given, in time and not revoked on the day `on` (today)."""
        on = on or timezone.localdate()
        return self.standing().filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=on),
            valid_from__lte=on,
            revoked_at__isnull=True,
        )

    def covering(self, provider: Provider | int, *kinds: "Consent.Kind", on: date | None = None):
        """Keep the valid ones of these kinds that name `provider` as a recipient."""
        return self.valid(on).filter(kind__in=kinds, recipients=provider)

    def covering_any(self, providers: Iterable[int], on: date | None = None):
        """Keep the valid ones that open the file to one of these providers."""
        return self.valid(on).filter(kind__in=Consent.OPENS_FILE, recipients__in=providers)


class Consent(Strikable):
    """One consent, counting for its case alone (fields of DOMAIN §4.4)."""

    class Kind(models.TextChoices):
        FILE = "file", _("Keeping a file")
        SECRECY_RELEASE = "secrecy_release", _("Release from secrecy")
        DISCLOSURE = "disclosure", _("Passing on data")
        CONFERENCE = "conference", _("Case conference")
        TRANSFER = "transfer", _("Handover to another provider")
        STATE_DATABASE = "state_database", _("State database")
        INTERPRETING = "interpreting", _("Interpreting")
        AFTERCARE = "aftercare", _("Aftercare")
        CHANNEL = "channel", _("Contact by text message or e-mail")

    class Form(models.TextChoices):
        WRITTEN = "written", _("in writing")
        ELECTRONIC = "electronic", _("electronically")
        ORAL = "oral", _("orally, with a reason")

    # Kinds that open the file to another provider's staff, and kinds that cover a referral.
    OPENS_FILE = (Kind.TRANSFER, Kind.SECRECY_RELEASE)
    COVERS_REFERRAL = (Kind.DISCLOSURE, Kind.SECRECY_RELEASE)
    NEEDS_RECIPIENT = frozenset(
        {Kind.SECRECY_RELEASE, Kind.DISCLOSURE, Kind.CONFERENCE, Kind.TRANSFER}
    )

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    recipients = models.ManyToManyField(
        Provider, blank=True, related_name="+", verbose_name=_("recipients")
    )
    other_recipient = models.CharField(_("other recipient"), max_length=200, blank=True)
    data_kinds = models.ManyToManyField(
        DataKind, blank=True, related_name="+", verbose_name=_("kinds of data")
    )
    is_mutual = models.BooleanField(_("mutual: the recipient may report back"), default=False)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    form = models.CharField(_("form"), max_length=10, choices=Form, default=Form.WRITTEN)
    oral_because = models.CharField(_("reason for the oral form"), max_length=200, blank=True)
    explained = models.BooleanField(
        _("the right to revoke and the consequences of refusing were explained"), default=False
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    revoked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = ConsentQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[recipients])

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="a_consent_ends_after_it_begins",
                violation_error_code="consent_ends_too_early",
                violation_error_message=_("A consent cannot end before it begins."),
            ),
            models.CheckConstraint(
                condition=~Q(form="oral") | ~Q(oral_because=""),
                name="an_oral_consent_has_a_reason",
                violation_error_code="oral_without_reason",
                violation_error_message=_("Please say why the consent was given orally."),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    @property
    def is_valid(self) -> bool:
        """Given, in time, neither revoked nor struck through, today."""
        return (
            self.struck_at is None
            and self.revoked_at is None
            and self.valid_from <= timezone.localdate()
            and (self.valid_until is None or self.valid_until >= timezone.localdate())
        )


def file_consent_is_revoked(case: str) -> Q:
    """Say of a row with a `case` whether the consent to its file is revoked, not given again."""
    consents = Consent.objects.standing().filter(case=OuterRef(case), kind=Consent.Kind.FILE)
    given = consents.filter(revoked_at__isnull=True)
    revoked = consents.filter(revoked_at__isnull=False)
    return Q(Exists(revoked)) & ~Q(Exists(given))
