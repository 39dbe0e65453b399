"""Fields that several forms share."""

from django import forms
from django.utils.translation import gettext_lazy as _

# The browser's own picker sends the first; the others are what people type.
DAY_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y")


class DayField(forms.DateField):
    """A day, picked or typed as 24.12.2026."""

    default_error_messages = {"invalid": _("Please enter a day that exists, such as 24.12.2026.")}

    def __init__(self, **kwargs):
        kwargs.setdefault("input_formats", DAY_FORMATS)
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


MOMENT_FORMATS = (
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y, %H:%M",
)


class MomentField(forms.DateTimeField):
    """A day and a time, picked or typed as 24.12.2026 14:30."""

    default_error_messages = {
        "invalid": _("Please enter a day and a time that exist, such as 24.12.2026 14:30.")
    }

    def __init__(self, **kwargs):
        kwargs.setdefault("input_formats", MOMENT_FORMATS)
        kwargs.setdefault(
            "widget",
            forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        )
        super().__init__(**kwargs)
