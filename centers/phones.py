"""German phone numbers: typed as people write them, stored as E.164, shown as Germans read them."""

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

REGION = "DE"
# E.164 allows 15 digits; the plus sign makes 16.
LONGEST = 16
# Area code and number together; the shortest in use.
FEWEST_DIGITS = 6
_UNREADABLE = _("Please enter a phone number with its area code, such as 030 23125-000.")


def parse(text: str) -> str:
    """Read a number as it is typed in Germany ("0203-94065358") and return it as E.164.

    Raise ValidationError when it cannot be a phone number. Numbers reserved for fiction
    (030 23125-000) pass: what counts is a possible length, not a subscriber.
    """
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        raise ValidationError(_UNREADABLE, code="phone_unreadable") from None
    too_short = len(phonenumbers.national_significant_number(number)) < FEWEST_DIGITS
    # An extension has no place in E.164: it is refused rather than lost.
    if too_short or number.extension or not phonenumbers.is_possible_number(number):
        raise ValidationError(_UNREADABLE, code="phone_unreadable")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national(number: str) -> str:
    """Write a stored number as people in Germany read it: "0203 94065358".

    Numbers of other countries keep their country code. What is not a number comes back as it is.
    """
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return number
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if parsed.country_code == phonenumbers.country_code_for_region(REGION)
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(parsed, style)


class PhoneFormField(forms.CharField):
    """A text field for one phone number; its cleaned value is E.164 or empty."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "inputmode": "tel"})

    def __init__(self, *, max_length=None, **kwargs):
        # People type spaces, brackets and dashes: room for them, the stored number is shorter.
        super().__init__(max_length=40, **kwargs)

    def to_python(self, value):
        text = super().to_python(value)
        return text if text in self.empty_values else parse(text)

    def prepare_value(self, value):
        return national(value) if isinstance(value, str) and value.startswith("+") else value

    def has_changed(self, initial, data):
        try:
            return (initial or "") != (self.to_python(data) or "")
        except ValidationError:
            return True


class PhoneField(models.CharField):
    """One phone number as E.164; blank means none."""

    description = _("Phone number")

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", LONGEST)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        if kwargs.get("max_length") == LONGEST:
            del kwargs["max_length"]
        return name, path, args, kwargs

    def to_python(self, value):
        """Turn a typed number into E.164, so that `full_clean` stores what a form would."""
        text = super().to_python(value)
        return text if text in self.empty_values else parse(text)

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": PhoneFormField, **kwargs})
