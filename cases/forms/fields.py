"""Fields that several forms share."""

from datetime import date

from dateutil.relativedelta import relativedelta
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# The browser's own picker sends the first; the others are what people type.
DAY_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y")

# No file tells of a day before this year; what comes later than this many years is a slip of the
# keyboard, and beyond the last year of the calendar no day can be added.
EARLIEST_YEAR = 1900
YEARS_AHEAD = 10

OUT_OF_RANGE = {
    "too_early": _("Please check the year: this day lies before %(year)s."),
    "too_late": _("Please check the year: this day lies more than %(years)s years ahead."),
}


class DayField(forms.DateField):
    """A day, picked or typed as 24.12.2026, at most `years_ahead` from today."""

    default_error_messages = {
        "invalid": _("Please enter a day that exists, such as 24.12.2026."),
        **OUT_OF_RANGE,
    }

    def __init__(self, *, years_ahead: int = YEARS_AHEAD, **kwargs):
        self.years_ahead = years_ahead
        kwargs.setdefault("input_formats", DAY_FORMATS)
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)

    def validate(self, value):
        super().validate(value)
        if value is not None:
            _check_year(self, value)


MOMENT_FORMATS = (
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y, %H:%M",
)


class MomentField(forms.DateTimeField):
    """A day and a time, picked or typed as 24.12.2026 14:30, at most `years_ahead` from today."""

    default_error_messages = {
        "invalid": _("Please enter a day and a time that exist, such as 24.12.2026 14:30."),
        **OUT_OF_RANGE,
    }

    def __init__(self, *, years_ahead: int = YEARS_AHEAD, **kwargs):
        self.years_ahead = years_ahead
        kwargs.setdefault("input_formats", MOMENT_FORMATS)
        kwargs.setdefault(
            "widget",
            forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        )
        super().__init__(**kwargs)

    def validate(self, value):
        super().validate(value)
        if value is not None:
            _check_year(self, value.date())


def _check_year(field: DayField | MomentField, day: date) -> None:
    """Raise ValidationError for a day that only a slip of the keyboard can have meant."""
    if day.year < EARLIEST_YEAR:
        raise forms.ValidationError(
            field.error_messages["too_early"], code="too_early", params={"year": EARLIEST_YEAR}
        )
    if day > timezone.localdate() + relativedelta(years=field.years_ahead):
        raise forms.ValidationError(
            field.error_messages["too_late"], code="too_late", params={"years": field.years_ahead}
        )
