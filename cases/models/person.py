"""Who a case is about. A person is reached only through a case whose file the reader may open."""

from django.db import models
from django.db.models import Case as Choose
from django.db.models import Exists, OuterRef, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.catalogues import InterpretingMode, Nationality, ResidenceStatus
from cases.models.fields import NameCodesField, SearchKeyField
from centers.models import Neighbourhood
from centers.phones import PhoneField
from providers.models import Language, StaffMember

NAMES = ("given_name", "family_name", "native_name", "aliases")


class PersonQuerySet(models.QuerySet):
    def visible_to(self, reader: StaffMember):
        """Keep the persons of cases whose file the reader may open, and of their households."""
        from cases.models.case import Case
        from cases.models.household import HouseholdMember

        files = Case.objects.visible_to(reader).filter(person=OuterRef("pk"))
        households = HouseholdMember.objects.visible_to(reader).filter(person=OuterRef("pk"))
        return self.filter(Exists(files) | Exists(households))

    def of_case(self, case):
        """Keep whom a record of `case` can be about: its person first, then the household."""
        members = Q(memberships__case=case, memberships__struck_at__isnull=True)
        first = Choose(When(pk=case.person_id, then=0), default=1)
        return self.filter(Q(pk=case.person_id) | members).distinct().order_by(first, "pk")


class Person(models.Model):
    """A newcomer. Names are kept as written, in native script too, and searchable across both."""

    class BirthCertainty(models.TextChoices):
        EXACT = "exact", _("known to the day")
        ESTIMATED = "estimated", _("as in the papers, but estimated")
        YEAR = "year", _("only the year is known")
        UNKNOWN = "unknown", _("unknown")

    class Gender(models.TextChoices):
        FEMALE = "W", _("female")
        MALE = "M", _("male")
        DIVERSE = "D", _("diverse")
        UNSTATED = "KA", _("not stated")

    class Whereabouts(models.TextChoices):
        NEIGHBOURHOOD = "neighbourhood", _("in Duisburg")
        OUTSIDE = "outside", _("outside Duisburg")
        UNKNOWN = "unknown", _("no fixed address or unknown")

    given_name = models.CharField(_("given name"), max_length=120)
    family_name = models.CharField(_("family name"), max_length=120)
    native_name = models.CharField(_("name in native script"), max_length=240, blank=True)
    aliases = models.CharField(_("other names and spellings"), max_length=300, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    birth_precision = models.CharField(
        _("how certain is the date of birth"),
        max_length=10,
        choices=BirthCertainty,
        default=BirthCertainty.EXACT,
    )
    gender = models.CharField(_("gender"), max_length=2, choices=Gender, default=Gender.UNSTATED)
    nationality = models.ForeignKey(
        Nationality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("nationality"),
    )
    languages = models.ManyToManyField(
        Language, blank=True, related_name="+", verbose_name=_("languages")
    )
    counselling_language = models.ForeignKey(
        Language,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("language of counselling"),
    )
    interpreting = models.ForeignKey(
        InterpretingMode,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("interpreting"),
    )
    phone = PhoneField(_("phone"), blank=True)
    second_phone = PhoneField(_("second phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    contact_note = models.CharField(_("how to reach the person"), max_length=200, blank=True)
    street = models.CharField(_("street and number"), max_length=120, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    whereabouts = models.CharField(
        _("place of residence"),
        max_length=15,
        choices=Whereabouts,
        default=Whereabouts.UNKNOWN,
    )
    neighbourhood = models.ForeignKey(
        Neighbourhood,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("neighbourhood"),
    )
    # Auskunftssperre, women's shelter: masked in prints, and never a duplicate hint.
    address_locked = models.BooleanField(_("address is locked"), default=False)
    residence_status = models.ForeignKey(
        ResidenceStatus,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("residence status"),
    )
    residence_valid_until = models.DateField(
        _("residence title valid until"), null=True, blank=True
    )

    name_key = SearchKeyField(sources=NAMES)
    name_codes = NameCodesField(sources=NAMES)

    objects = PersonQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[languages])

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        indexes = [models.Index(fields=["birth_date"], name="persons_by_birth_date")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(birth_precision="unknown", birth_date__isnull=True)
                | (~models.Q(birth_precision="unknown") & models.Q(birth_date__isnull=False)),
                name="a_birth_date_unless_unknown",
                violation_error_code="birth_date_and_certainty",
                violation_error_message=_(
                    "Please enter the date of birth, or choose that it is unknown."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(whereabouts="neighbourhood", neighbourhood__isnull=False)
                | (~models.Q(whereabouts="neighbourhood") & models.Q(neighbourhood__isnull=True)),
                name="a_neighbourhood_only_inside_duisburg",
                violation_error_code="neighbourhood_and_whereabouts",
                violation_error_message=_(
                    "Please choose the neighbourhood, or that the person lives elsewhere."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.given_name} {self.family_name}"

    @property
    def sort_name(self) -> str:
        """The name as lists sort it: family name first."""
        return f"{self.family_name}, {self.given_name}"

    @property
    def age(self) -> int | None:
        """Years of life completed today, as far as a birth date is known."""
        if self.birth_date is None:
            return None
        today, born = timezone.localdate(), self.birth_date
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
