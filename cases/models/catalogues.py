"""Value lists of the trade: rows, not enums, with the codes of the field unchanged.

Each list is filled from a CSV file of the same name in `cases/catalogues/`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CatalogueEntry(models.Model):
    """One entry of a value list; retired by `is_active`, never deleted."""

    code = models.CharField(_("code"), max_length=30, primary_key=True)
    name = models.CharField(_("name"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self):
        return self.name


class NationalityGroup(models.TextChoices):
    """Groups in which nationalities may leave the file (DOMAIN §5.3)."""

    DE = "DE", _("Germany")
    EU_SOE = "EU_SOE", _("EU accession states since 2004")
    EU_SONST = "EU_SONST", _("Other EU states")
    TR = "TR", _("Türkiye")
    UA = "UA", _("Ukraine")
    WESTBALKAN = "WESTBALKAN", _("Western Balkans")
    SYR_IRQ_AFG = "SYR_IRQ_AFG", _("Syria, Iraq, Afghanistan")
    AFRIKA = "AFRIKA", _("Africa")
    ASIEN_SONST = "ASIEN_SONST", _("Other Asia")
    SONST = "SONST", _("Other")
    STAATENLOS_UNGEKLAERT = "STAATENLOS_UNGEKLAERT", _("Stateless or unclear")


class Nationality(CatalogueEntry):
    """A citizenship by the official key of the Federal Statistical Office."""

    group = models.CharField(_("group"), max_length=25, choices=NationalityGroup)

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("nationality")
        verbose_name_plural = _("nationalities")


class ResidenceStatus(CatalogueEntry):
    """A residence title or its absence (DOMAIN §5.2); outside the file only its group is shown."""

    group = models.CharField(_("group"), max_length=15)
    is_temporary = models.BooleanField(_("temporary"), default=True)

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("residence status")
        verbose_name_plural = _("residence statuses")


class AccessRoute(CatalogueEntry):
    """How the person came to the center (DOMAIN §5.5, Zugangsweg)."""

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("access route")
        verbose_name_plural = _("access routes")


class ContactSetting(CatalogueEntry):
    """Where and how a contact took place (DOMAIN §5.5, Kontaktart)."""

    # A letter, a missed appointment or a call nobody answered is no contact with the person.
    reached_person = models.BooleanField(_("the person was reached"), default=True)

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("contact setting")
        verbose_name_plural = _("contact settings")


class InterpretingMode(CatalogueEntry):
    """How language was bridged (DOMAIN §5.4, Sprachmittlung)."""

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("interpreting")
        verbose_name_plural = _("interpreting")


class UnmetReason(CatalogueEntry):
    """Why a need stayed unmet or a referral was refused (DOMAIN §2.5): for gap analysis."""

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("reason for an unmet need")
        verbose_name_plural = _("reasons for unmet needs")


class HandoverReason(CatalogueEntry):
    """Why a case is handed over (DOMAIN §2.6)."""

    STAFF_CHANGE = "PERSONALWECHSEL"

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("handover reason")
        verbose_name_plural = _("handover reasons")


class ClosingReason(CatalogueEntry):
    """Why a case was closed (DOMAIN §2.7, Abschlussgrund)."""

    CONSENT_REVOKED = "EINWILLIGUNG_WIDERRUFEN"
    OPENED_BY_MISTAKE = "IRRTUM"

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("closing reason")
        verbose_name_plural = _("closing reasons")


class DocumentKind(CatalogueEntry):
    """What a document is: a passport, a decision letter, a lease …"""

    CONSENT = "EINWILLIGUNG"

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("kind of document")
        verbose_name_plural = _("kinds of documents")


class DataKind(CatalogueEntry):
    """A kind of data that a consent covers (DOMAIN §4.4, fields 5 and 6)."""

    is_special_category = models.BooleanField(_("special category (Art. 9 GDPR)"), default=False)

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("kind of data")
        verbose_name_plural = _("kinds of data")
