"""Value lists with the trade's own codes: languages, life areas, legal domains."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CatalogueQuerySet(models.QuerySet):
    def active(self) -> "CatalogueQuerySet":
        """Keep the entries that may be chosen anew."""
        return self.filter(is_active=True)


class Language(models.Model):
    """A language people are counselled in (ISO 639)."""

    code = models.CharField(_("code"), max_length=10, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    native_name = models.CharField(_("own name"), max_length=60, blank=True)
    is_rtl = models.BooleanField(_("written from right to left"), default=False)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    is_active = models.BooleanField(_("can be chosen"), default=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("language")
        verbose_name_plural = _("languages")

    def __str__(self) -> str:
        return self.name


class LifeArea(models.Model):
    """A part of life that help is needed in (Lebensbereich)."""

    code = models.CharField(_("code"), max_length=20, primary_key=True)
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    is_active = models.BooleanField(_("can be chosen"), default=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("life area")
        verbose_name_plural = _("life areas")

    def __str__(self) -> str:
        return self.name


class LegalDomainQuerySet(models.QuerySet):
    def current(self, on: date | None = None) -> "LegalDomainQuerySet":
        """Keep the laws in force on a day, today unless told otherwise."""
        on = on or timezone.localdate()
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=on),
            Q(valid_until=None) | Q(valid_until__gte=on),
        )


class LegalDomain(models.Model):
    """A body of law with the offices that apply it (Rechtskreis): editable data, never an enum."""

    code = models.CharField(_("code"), max_length=20, primary_key=True)
    short_name = models.CharField(_("short name"), max_length=40)
    full_title = models.CharField(_("full title"), max_length=250)
    responsible = models.ManyToManyField(
        "providers.Provider",
        verbose_name=_("responsible offices"),
        related_name="legal_domains",
        blank=True,
    )
    responsible_note = models.CharField(
        _("note on responsibility"),
        max_length=250,
        blank=True,
        help_text=_("For example: which part of an office, or from which age."),
    )
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    valid_from = models.DateField(_("in force from"), null=True, blank=True)
    valid_until = models.DateField(
        _("in force until"),
        null=True,
        blank=True,
        help_text=_("The last day that counts."),
    )

    objects = LegalDomainQuerySet.as_manager()

    class Meta:
        ordering = ["position", "short_name"]
        verbose_name = _("legal domain")
        verbose_name_plural = _("legal domains")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gte=F("valid_from")),
                name="legal_domain_ends_after_it_begins",
                violation_error_code="ends_before_it_begins",
                violation_error_message=_("A legal domain cannot end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return self.short_name
