"""Choosing from the value lists: all lists of a page in one query, long ones searchable."""

import re
from collections import defaultdict
from collections.abc import Iterable

from dateutil.relativedelta import relativedelta
from django import forms
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from centers.models import Neighbourhood
from providers.models import LegalDomain

Choices = list[tuple[str, str]]


def choices_of(*lists: type[models.Model]) -> dict[type[models.Model], Choices]:
    """Read the entries that may be chosen, of any number of value lists, in one query."""
    first, *others = (_entries(model) for model in lists)
    rows = defaultdict(list)
    for name, position, label, code in first.union(*others, all=True):
        rows[name].append((position, label, code))
    return {
        model: [(code, label) for _position, label, code in sorted(rows[model._meta.model_name])]
        for model in lists
    }


def _entries(model: type[models.Model]) -> models.QuerySet:
    entries, label = model.objects.order_by(), models.F("name")
    if model is LegalDomain:
        entries = entries.current()
        label = Concat("short_name", Value(" – "), "full_title", output_field=models.CharField())
    else:
        entries = entries.filter(is_active=True)
    kind = Value(model._meta.model_name, output_field=models.CharField())
    return entries.values_list(kind, "position", label, "pk")


def offer(field: forms.Field, choices: Choices, *, empty: str | None = None) -> None:
    """Show these entries in a model choice field; the database still judges what was chosen."""
    field.choices = choices if empty is None else [("", empty), *choices]


# --- Searchable by typing -----------------------------------------------------------------------


class SearchInput(forms.TextInput):
    """A text field that proposes entries while one types; any browser can do it without script."""

    template_name = "forms/datalist.html"
    choices: Iterable[tuple[str, str]] = ()

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["list_id"] = f"{widget['attrs'].get('id', name)}_list"
        widget["attrs"]["list"] = widget["list_id"]
        widget["proposals"] = [label for code, label in self.choices if code]
        return context


class SearchField(forms.ModelChoiceField):
    """One entry of a long list, found by its name or by a part that only one name has."""

    widget = SearchInput
    default_error_messages = {
        "not_listed": _("“%(typed)s” is not in the list. Please choose an entry of the list."),
        "ambiguous": _("“%(typed)s” fits several entries. Please type more of it."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.widget.attrs.setdefault("autocomplete", "off")

    def prepare_value(self, value):
        code = str(getattr(value, "pk", value) or "")
        return dict(self._entries()).get(code, code)

    def to_python(self, value):
        typed = " ".join(str(value or "").split())
        if not typed:
            return None
        found = self._matching(typed)
        if len(found) != 1:
            why = "ambiguous" if found else "not_listed"
            message = self.error_messages[why]
            raise forms.ValidationError(message, code=why, params={"typed": typed[:60]})
        return self.queryset.get(pk=found[0])

    def has_changed(self, initial, data):
        return self.prepare_value(initial).casefold() != str(data or "").strip().casefold()

    def _matching(self, typed: str) -> list[str]:
        """Return the codes of the entries meant: the name itself, else those that contain it."""
        wanted = typed.casefold()
        entries = [(code, label.casefold()) for code, label in self._entries()]
        exact = [code for code, label in entries if wanted in (label, code.casefold())]
        return exact or [code for code, label in entries if wanted in label]

    def _entries(self) -> Choices:
        choices = getattr(self, "_choices", None) or self.choices
        return [(str(code), str(label)) for code, label in choices if code]


# --- Where somebody lives -----------------------------------------------------------------------


class ResidenceSelect(forms.Select):
    """The neighbourhoods by district; each option knows its center, for the script to propose."""

    centers: dict[str, int] = {}

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.centers:
            option["attrs"]["data-kim-center"] = self.centers[value]
        return option


class ResidenceField(forms.ChoiceField):
    """A neighbourhood, or that somebody lives outside the city or at no fixed address.

    Its value is a pair: whereabouts and neighbourhood.
    """

    widget = ResidenceSelect

    def offer(self, elsewhere: Choices, *, keep: str | None = None) -> None:
        """Load the neighbourhoods in one query; `keep` stays offered although it is retired."""
        rows = Neighbourhood.objects.select_related("district", "center")
        rows = rows.filter(Q(is_active=True) | Q(pk=keep)).order_by("district__code", "name")
        self.neighbourhoods = {row.pk: row for row in rows}
        by_district = defaultdict(list)
        for row in self.neighbourhoods.values():
            by_district[row.district.name].append((row.pk, row.name))
        self.choices = [("", _("Please choose")), *elsewhere, *by_district.items()]
        self.widget.centers = {pk: row.center_id for pk, row in self.neighbourhoods.items()}


# --- Dates of birth -----------------------------------------------------------------------------


class BirthDateField(forms.DateField):
    """A date of birth as people type it; the year alone stands for 1 January of it."""

    oldest = 120
    default_error_messages = {
        "invalid": _("Please enter a date that exists, such as 24.12.1990, or the year alone."),
        "future": _("The date of birth lies in the future."),
        "too_old": _("Please check the year of birth."),
    }

    def __init__(self, **kwargs):
        kwargs.setdefault("input_formats", ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d/%m/%Y", "%Y"))
        attributes = {"autocomplete": "off", "inputmode": "text", "placeholder": _("DD.MM.YYYY")}
        kwargs.setdefault("widget", forms.TextInput(attrs=attributes))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return value if isinstance(value, str) or value is None else f"{value:%d.%m.%Y}"

    def to_python(self, value):
        day = super().to_python(value)
        short_year = re.search(r"\.\d\d\s*\Z", str(value or ""))
        if day and short_year and day > timezone.localdate():
            return day - relativedelta(years=100)
        return day

    def validate(self, value):
        if value is None:
            return  # The form judges: it may be said to be unknown.
        today = timezone.localdate()
        if value > today:
            raise forms.ValidationError(self.error_messages["future"], code="future")
        if value.year < today.year - self.oldest:
            raise forms.ValidationError(self.error_messages["too_old"], code="too_old")


def is_year_alone(typed: str | None) -> bool:
    """Tell whether a date of birth was typed as its year."""
    text = (typed or "").strip()
    return text.isdigit() and len(text) == 4
