"""Where and when: the centers, their hours, the days they are closed, and whom they serve."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from centers.phones import PhoneField, national

# Said beside the field by `clean`, and by the constraint where a form leaves the field out.
CLOSES_BEFORE_OPENS = _("The closing time must be later than the opening time.")
ENDS_BEFORE_IT_BEGINS = _("The validity ends before it begins.")
CLOSURE_ENDS_BEFORE_IT_BEGINS = _("The closure ends before it begins.")


class Weekday(models.IntegerChoices):
    """Monday is 0, as in `date.weekday()`."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class District(models.Model):
    """One of the city's seven districts (Stadtbezirke)."""

    code = models.CharField(_("code"), max_length=3, primary_key=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="one_district_per_name",
                violation_error_code="district_name_taken",
                violation_error_message=_("There is already a district of this name."),
            ),
        ]

    def __str__(self):
        return self.name


class CenterQuerySet(models.QuerySet):
    """Questions about centers."""

    def active(self) -> "CenterQuerySet":
        """Keep the centers that people can go to."""
        return self.filter(is_active=True)

    def with_schedule(self, today: date) -> "CenterQuerySet":
        """Load phones and the hours not yet over on `today`, in two queries for all centers."""
        return self.with_hours(today).prefetch_related("phones")

    def with_hours(self, today: date) -> "CenterQuerySet":
        """Load the hours not yet over on `today`, in one query for all centers."""
        hours = ConsultationHours.objects.not_over(today)
        return self.prefetch_related(Prefetch("hours", hours, to_attr="current_hours"))


class Center(models.Model):
    """A Regional Support Center (RSC): a place with a door, a phone and hours."""

    code = models.CharField(
        _("code"),
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", _("A code has three capital letters."))],
        help_text=_("Three capital letters. Every case reference of the center begins with it."),
    )
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("name in the address line"), max_length=40, db_index=False)
    street = models.CharField(_("street and number"), max_length=120)
    postal_code = models.CharField(
        _("postal code"),
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^\d{5}\Z", _("A postal code has five digits."))],
    )
    city = models.CharField(_("city"), max_length=60, default="Duisburg")
    email = models.EmailField(_("e-mail"), blank=True)
    district = models.ForeignKey(
        District,
        on_delete=models.PROTECT,
        related_name="centers",
        verbose_name=_("district"),
    )
    accessibility_note = models.TextField(
        _("accessibility"),
        max_length=500,
        blank=True,
        help_text=_("Steps, lift, toilets, parking: what a visitor should know beforehand."),
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Only active centers are shown to the public."),
    )

    objects = CenterQuerySet.as_manager()

    class Meta:
        verbose_name = _("center")
        verbose_name_plural = _("centers")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="one_center_per_code",
                violation_error_code="center_code_taken",
                violation_error_message=_("Another center already has this code."),
            ),
            models.UniqueConstraint(
                fields=["slug"],
                name="one_center_per_slug",
                violation_error_code="center_slug_taken",
                violation_error_message=_(
                    "Another center already has this name in the address line."
                ),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("centers:detail", args=[self.slug])

    @property
    def place(self) -> str:
        """Say postal code and city, whichever are known."""
        return f"{self.postal_code} {self.city}".strip()


class CenterPhone(models.Model):
    """One of a center's phone numbers; the one with the lowest position is shown first."""

    center = models.ForeignKey(
        Center,
        on_delete=models.CASCADE,
        related_name="phones",
        verbose_name=_("center"),
    )
    number = PhoneField(_("phone number"))
    label = models.CharField(
        _("label"),
        max_length=60,
        blank=True,
        help_text=_("Whom one reaches, if it matters."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)

    class Meta:
        verbose_name = _("phone number of a center")
        verbose_name_plural = _("phone numbers")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "number"],
                name="a_center_lists_a_number_once",
                violation_error_code="phone_twice",
                violation_error_message=_("This center already has this phone number."),
            ),
        ]

    def __str__(self):
        return national(self.number)


class ConsultationHoursQuerySet(models.QuerySet):
    """Questions about hours."""

    def not_over(self, today: date) -> "ConsultationHoursQuerySet":
        """Keep the hours that are valid on `today` or will be later."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=today))


class ConsultationHours(models.Model):
    """A span of a weekday at which a center is there for people, in local time.

    Half-open: at `closes` it is closed. Both days of the validity count.
    All writes go through `centers.hours.set_hours`.
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("Open consultation hour")
        PHONE = "phone", _("Phone hours")
        APPOINTMENT = "appointment", _("By appointment")

    center = models.ForeignKey(
        Center, on_delete=models.PROTECT, related_name="hours", verbose_name=_("center")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.OPEN)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))
    valid_from = models.DateField(_("valid from"), default=timezone.localdate)
    valid_until = models.DateField(
        _("valid until"),
        null=True,
        blank=True,
        help_text=_("Empty: until further notice."),
    )
    note = models.CharField(_("note"), max_length=120, blank=True)
    history = HistoricalRecords(
        verbose_name=_("earlier consultation hours"),
        verbose_name_plural=_("earlier consultation hours"),
    )

    objects = ConsultationHoursQuerySet.as_manager()

    class Meta:
        verbose_name = _("consultation hours")
        verbose_name_plural = _("consultation hours")
        ordering = ["weekday", "opens", "kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")),
                name="hours_close_after_they_open",
                violation_error_code="closes_before_opens",
                violation_error_message=CLOSES_BEFORE_OPENS,
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="hours_end_after_they_begin",
                violation_error_code="validity_ends_before_it_begins",
                violation_error_message=ENDS_BEFORE_IT_BEGINS,
            ),
            models.CheckConstraint(
                condition=Q(weekday__gte=0, weekday__lte=6),
                name="hours_fall_on_a_weekday",
                violation_error_code="no_such_weekday",
                violation_error_message=_("A week has the days Monday to Sunday."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["open", "phone", "appointment"]),
                name="hours_are_of_a_known_kind",
                violation_error_code="no_such_kind",
                violation_error_message=_("There is no such kind of consultation hours."),
            ),
        ]

    def __str__(self):
        return (
            f"{self.get_kind_display()}, {self.get_weekday_display()}"
            f" {self.opens:%H:%M}–{self.closes:%H:%M}"
        )

    def clean(self):
        faults = {}
        if self.opens and self.closes and self.closes <= self.opens:
            faults["closes"] = ValidationError(CLOSES_BEFORE_OPENS, code="closes_before_opens")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            faults["valid_until"] = ValidationError(
                ENDS_BEFORE_IT_BEGINS, code="validity_ends_before_it_begins"
            )
        if faults:
            raise ValidationError(faults)


class ClosureQuerySet(models.QuerySet):
    """Questions about days on which a center stays shut."""

    def at(self, centers: Iterable[Center]) -> "ClosureQuerySet":
        """Keep the closures of these centers, and those of all."""
        return self.filter(Q(center=None) | Q(center__in=centers))

    def not_over(self, today: date) -> "ClosureQuerySet":
        """Keep the closures that hold on `today` or will later."""
        return self.filter(ends_on__gte=today)


class Closure(models.Model):
    """Whole days on which one center, or all of them, stays shut. Both days count."""

    center = models.ForeignKey(
        Center,
        on_delete=models.PROTECT,
        related_name="closures",
        null=True,
        blank=True,
        verbose_name=_("center"),
    )
    starts_on = models.DateField(_("from"), db_index=True)
    ends_on = models.DateField(_("until"), db_index=True)
    reason = models.CharField(
        _("reason"),
        max_length=120,
        help_text=_("Visitors read this on the center's page."),
    )

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["starts_on", "ends_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="closures_end_after_they_begin",
                violation_error_code="closure_ends_before_it_begins",
                violation_error_message=CLOSURE_ENDS_BEFORE_IT_BEGINS,
            ),
        ]

    def __str__(self):
        first, last = f"{self.starts_on:%d.%m.%Y}", f"{self.ends_on:%d.%m.%Y}"
        return f"{self.reason}, {first}" if first == last else f"{self.reason}, {first}–{last}"

    def clean(self):
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError(
                {
                    "ends_on": ValidationError(
                        CLOSURE_ENDS_BEFORE_IT_BEGINS, code="closure_ends_before_it_begins"
                    )
                }
            )


class Neighbourhood(models.Model):
    """One of the city's 46 neighbourhoods (Ortsteile) and the center that serves it."""

    code = models.CharField(_("code"), max_length=3, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    district = models.ForeignKey(
        District,
        on_delete=models.PROTECT,
        related_name="neighbourhoods",
        verbose_name=_("district"),
    )
    center = models.ForeignKey(
        Center,
        on_delete=models.PROTECT,
        related_name="neighbourhoods",
        verbose_name=_("responsible center"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("neighbourhood")
        verbose_name_plural = _("neighbourhoods")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="one_neighbourhood_per_name",
                violation_error_code="neighbourhood_name_taken",
                violation_error_message=_("There is already a neighbourhood of this name."),
            ),
        ]

    def __str__(self):
        return self.name
