"""What people can be referred to."""

from datetime import date

from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from centers.models import Neighbourhood
from centers.phones import PhoneField
from providers.models.catalogues import Language, LegalDomain, LifeArea
from providers.models.provider import Provider
from providers.models.search_key import SearchKeyField

# Older entries are still shown, with a warning.
STALE_AFTER_MONTHS = 6

# The places of what is not known, in sorts: after every waiting time, before every day.
UNKNOWN_WAITING = 32767
NEVER_VERIFIED = date(1, 1, 1)


class ServiceQuerySet(models.QuerySet):
    def active(self) -> "ServiceQuerySet":
        """Keep what is offered today, by organisations that still exist."""
        return self.filter(is_active=True, provider__is_active=True)

    def serving(self, neighbourhood: Neighbourhood | str) -> "ServiceQuerySet":
        """Keep what people living in `neighbourhood` may use; city-wide services among it."""
        there = Service.neighbourhoods.through.objects.filter(
            service=models.OuterRef("pk"), neighbourhood=neighbourhood
        )
        return self.filter(models.Q(is_city_wide=True) | models.Exists(there))

    def for_list(self) -> "ServiceQuerySet":
        """Load what one row of the directory shows, in a fixed number of queries."""
        return self.select_related("provider").prefetch_related(
            "legal_domains", "languages", "neighbourhoods"
        )

    def for_file(self) -> "ServiceQuerySet":
        """Load what one row of the directory's file holds: the life areas as well."""
        return self.for_list().prefetch_related("life_areas")


class Service(models.Model):
    """One thing a provider offers (Angebot)."""

    code = models.SlugField(_("address in the directory"), max_length=60, unique=True)
    provider = models.ForeignKey(
        Provider,
        verbose_name=_("provider"),
        on_delete=models.PROTECT,
        related_name="services",
    )
    name = models.CharField(_("name"), max_length=150)
    description = models.TextField(_("description"), blank=True)
    legal_domains = models.ManyToManyField(
        LegalDomain,
        verbose_name=_("legal domains"),
        related_name="services",
        blank=True,
    )
    life_areas = models.ManyToManyField(
        LifeArea, verbose_name=_("life areas"), related_name="services", blank=True
    )
    languages = models.ManyToManyField(
        Language, verbose_name=_("languages"), related_name="services", blank=True
    )
    is_city_wide = models.BooleanField(_("for the whole city"), default=True)
    neighbourhoods = models.ManyToManyField(
        Neighbourhood,
        verbose_name=_("neighbourhoods served"),
        related_name="services",
        blank=True,
        help_text=_("Only where the service is not for the whole city."),
    )
    street = models.CharField(_("address"), max_length=150, blank=True)
    phone = PhoneField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    capacity = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)
    waiting_weeks = models.PositiveSmallIntegerField(
        _("waiting time in weeks"),
        null=True,
        blank=True,
        help_text=_("0 means at once; empty means unknown."),
    )
    last_verified_on = models.DateField(_("last verified on"), null=True, blank=True)
    is_example = models.BooleanField(
        _("example"),
        default=False,
        help_text=_("Invented for the demo; shown with a mark."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    search_key = SearchKeyField(of=("name", "description"))
    # Stored for sorting, never null; the database keeps them.
    waiting_order = models.GeneratedField(
        expression=Coalesce("waiting_weeks", models.Value(UNKNOWN_WAITING)),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    verified_order = models.GeneratedField(
        expression=Coalesce("last_verified_on", models.Value(NEVER_VERIFIED)),
        output_field=models.DateField(),
        db_persist=True,
    )

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("service")
        verbose_name_plural = _("services")
        indexes = [
            models.Index(fields=["name", "id"], name="services_by_name"),
            models.Index(fields=["waiting_order", "name", "id"], name="services_soonest_first"),
            models.Index(
                fields=["verified_order", "name", "id"], name="services_longest_unverified"
            ),
            models.Index(fields=["-verified_order", "name", "id"], name="services_last_verified"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("providers:service", args=[self.code])

    @property
    def months_since_verified(self) -> int | None:
        """Count the full months since somebody last made sure that this is still true."""
        if self.last_verified_on is None:
            return None
        today, then = timezone.localdate(), self.last_verified_on
        months = 12 * (today.year - then.year) + today.month - then.month
        return max(0, months - (today.day < then.day))

    @property
    def is_stale(self) -> bool:
        """Say whether a phone call should come before a referral."""
        months = self.months_since_verified
        return months is None or months >= STALE_AFTER_MONTHS
