"""The organisations: who employs, who is responsible, who is paid for which post."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from centers.models import Center
from centers.phones import PhoneField
from providers.models.search_key import SearchKeyField


class ProviderQuerySet(models.QuerySet):
    def active(self) -> "ProviderQuerySet":
        """Keep the organisations that still exist."""
        return self.filter(is_active=True)

    def employers(self) -> "ProviderQuerySet":
        """Keep those that may have staff in the portal: an authority never does."""
        return self.active().exclude(kind=Provider.Kind.AUTHORITY)


class Provider(models.Model):
    """An organisation (Träger). Every city office is one of its own; parents never count."""

    class Kind(models.TextChoices):
        MUNICIPALITY = "municipality", _("City of Duisburg")
        ASSOCIATION = "association", _("Welfare association")
        MEMBER_ASSOCIATION = "member_association", _("Member association")
        AUTHORITY = "authority", _("Authority")
        OTHER = "other", _("Other organisation")

    class DataProtection(models.TextChoices):
        GDPR_MUNICIPAL = "gdpr_municipal", _("GDPR with the data protection act of NRW")
        GDPR = "gdpr", _("GDPR with the federal data protection act")
        KDG = "kdg", _("Data protection law of the Catholic church (KDG)")
        DSG_EKD = "dsg_ekd", _("Data protection law of the Protestant church (DSG-EKD)")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=150)
    short_name = models.CharField(_("short name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("umbrella association"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        help_text=_("For information only: a member association keeps its own files."),
    )
    data_protection = models.CharField(
        _("data protection law"), max_length=20, choices=DataProtection
    )
    phone = PhoneField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    search_key = SearchKeyField(of=("name", "short_name"))

    history = HistoricalRecords(excluded_fields=["search_key"])
    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["short_name"]
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        constraints = [
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="provider_is_not_its_own_parent",
                violation_error_code="parent_loop",
                violation_error_message=_("An organisation cannot be its own umbrella."),
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    def clean(self) -> None:
        """Refuse loops of parents and authorities that have staff; the database cannot see them."""
        if self.is_in_a_loop():
            raise ValidationError(
                {
                    "parent": ValidationError(
                        _("This umbrella association is itself below this organisation."),
                        code="parent_loop",
                    )
                }
            )
        if self.pk and self.kind == self.Kind.AUTHORITY and self.assignments.exists():
            raise ValidationError(
                {
                    "kind": ValidationError(
                        _("This organisation has staff in the portal; an authority has none."),
                        code="authority_with_staff",
                    )
                }
            )

    def is_in_a_loop(self, parents: dict[int, int | None] | None = None) -> bool:
        """Say whether following the parents leads back to a row already met.

        `parents` maps every provider to its parent; it is read in one query unless given.
        """
        if self.parent_id is None:
            return False
        if parents is None:
            parents = dict(Provider.objects.values_list("pk", "parent_id"))
        met, above = {self.pk}, self.parent_id
        while above is not None:
            if above in met:
                return True
            met.add(above)
            above = parents.get(above)
        return False


class Position(models.Model):
    """A post that is paid for (Stelle), whoever fills it."""

    class Kind(models.TextChoices):
        CASE_MANAGEMENT = "case_management", _("Case management")
        COORDINATION = "coordination", _("Coordination")
        ADMINISTRATION = "administration", _("Administration")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    center = models.ForeignKey(
        Center,
        verbose_name=_("center"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="positions",
        help_text=_("Empty: for all centers."),
    )
    provider = models.ForeignKey(
        Provider,
        verbose_name=_("provider"),
        on_delete=models.PROTECT,
        related_name="positions",
    )
    fte = models.DecimalField(_("full-time posts"), max_digits=4, decimal_places=2)
    eur_per_year = models.DecimalField(
        _("euros per full-time post and year"), max_digits=9, decimal_places=2
    )
    funded_from = models.DateField(_("funded from"))
    funded_until = models.DateField(
        _("funded until"),
        null=True,
        blank=True,
        help_text=_("The last day that counts."),
    )

    class Meta:
        ordering = ["kind", "center__name", "provider__short_name", "pk"]
        verbose_name = _("funded position")
        verbose_name_plural = _("funded positions")
        constraints = [
            models.CheckConstraint(
                condition=Q(fte__gt=0),
                name="position_is_more_than_nothing",
                violation_error_code="fte_not_positive",
                violation_error_message=_("A position is more than 0 full-time posts."),
            ),
            models.CheckConstraint(
                condition=Q(eur_per_year__gte=0),
                name="position_costs_no_negative_money",
                violation_error_code="money_negative",
                violation_error_message=_("The amount per year cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(funded_until=None) | Q(funded_until__gte=F("funded_from")),
                name="position_ends_after_it_begins",
                violation_error_code="ends_before_it_begins",
                violation_error_message=_("The funding cannot end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.provider} · {self.fte}"
