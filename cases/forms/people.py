"""What is asked of a person, when a case is opened and when the data are corrected."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.duplicates import Identity
from cases.forms.choices import (
    BirthDateField,
    Choices,
    ResidenceField,
    SearchField,
    choices_of,
    is_year_alone,
    offer,
)
from cases.forms.fields import DayField
from cases.forms.step import StepModelForm
from cases.models import InterpretingMode, Nationality, Person, ResidenceStatus
from providers.models import Language

Certainty = Person.BirthCertainty
Whereabouts = Person.Whereabouts
ELSEWHERE: Choices = [
    (Whereabouts.OUTSIDE.value, Whereabouts.OUTSIDE.label),
    (Whereabouts.UNKNOWN.value, Whereabouts.UNKNOWN.label),
]
# Lists that the form of a person offers; a page that offers more reads them all in one query.
LISTS = (Nationality, ResidenceStatus, InterpretingMode, Language)


class PersonForm(StepModelForm):
    """The fields of a person; a neighbourhood and "lives elsewhere" are one question."""

    birth_date = BirthDateField(
        label=_("Date of birth"),
        help_text=_("For example 24.12.1990. The year alone will do if no more is known."),
    )
    nationality = SearchField(
        Nationality.objects.filter(is_active=True),
        label=_("Nationality"),
        required=False,
        help_text=_("Type the first letters of the country."),
    )
    residence = ResidenceField(label=_("Lives in"))
    languages = forms.ModelMultipleChoiceField(
        Language.objects.all(),
        label=_("Languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    residence_valid_until = DayField(
        label=_("Residence title valid until"), required=False, years_ahead=50
    )

    class Meta:
        model = Person
        fields = (
            "family_name",
            "given_name",
            "birth_date",
            "birth_precision",
            "gender",
            "nationality",
            "native_name",
            "aliases",
            "languages",
            "counselling_language",
            "interpreting",
            "phone",
            "second_phone",
            "email",
            "contact_note",
            "street",
            "postal_code",
            "city",
            "address_locked",
            "residence_status",
            "residence_valid_until",
        )
        help_texts = {
            "native_name": _("In the person's own script, such as Arabic or Cyrillic."),
            "aliases": _("Birth name, other spellings; with commas between them."),
            "address_locked": _(
                "Blocked register entry, women's shelter or danger: the address is masked, and "
                "nobody learns from a hint that this person is known."
            ),
        }

    field_order = ("family_name", "given_name", "birth_date", "birth_precision", "gender")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_entries(choices_of(*self.lists()))
        self.fields["birth_precision"].required = False
        for name in ("family_name", "given_name", "native_name", "aliases"):
            # Names in any script stand as they are written; the browser has no other ones ready.
            self.fields[name].widget.attrs |= {"dir": "auto", "autocomplete": "off"}
        for name in ("street", "postal_code", "city", "email"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def lists(self):
        """Return the value lists that this form offers."""
        return LISTS

    def offer_entries(self, entries) -> None:
        """Put the value lists into the fields; a retired entry stays where it is recorded."""
        person = self.instance
        for name in ("counselling_language", "interpreting", "residence_status"):
            field = self.fields[name]
            offer(field, _with(entries[field.queryset.model], getattr(person, name)), empty="–")
        offer(
            self.fields["nationality"], _with(entries[Nationality], person.nationality), empty="–"
        )
        offer(self.fields["languages"], entries[Language])
        self.fields["residence"].offer(ELSEWHERE, keep=person.neighbourhood_id)
        if person.pk:
            self.initial["residence"] = person.neighbourhood_id or person.whereabouts
            if person.birth_precision == Certainty.YEAR:
                self.initial["birth_date"] = f"{person.birth_date:%Y}"

    @property
    def more_to_show(self) -> bool:
        """Tell whether what the page folds away holds something, or an error."""
        folded = ("native_name", "aliases", "residence_status", "residence_valid_until")
        return any(self[name].value() or self[name].errors for name in folded)

    def clean(self):
        data = super().clean()
        self._clean_birth(data)
        self._clean_residence(data)
        return data

    def _clean_birth(self, data) -> None:
        """Let date and certainty agree: an empty date must be said to be unknown."""
        if "birth_date" in self.errors:
            return
        day, certainty = data.get("birth_date"), data.get("birth_precision") or Certainty.EXACT
        if day is None and certainty != Certainty.UNKNOWN:
            self.add_error(
                "birth_date",
                _("Please enter the date of birth, or choose that it is unknown."),
            )
        elif day is not None and certainty == Certainty.UNKNOWN:
            self.add_error(
                "birth_precision",
                _("A date of birth is entered. Please delete it, or say how certain it is."),
            )
        elif day is not None and is_year_alone(self["birth_date"].data):
            certainty = Certainty.YEAR
        elif day is not None and certainty == Certainty.YEAR:
            data["birth_date"] = day.replace(month=1, day=1)
        data["birth_precision"] = certainty

    def _clean_residence(self, data) -> None:
        chosen = data.pop("residence", None)
        if chosen is None:
            return
        neighbourhood = self.fields["residence"].neighbourhoods.get(chosen)
        if neighbourhood and data.get("street") and not data.get("city"):
            data["city"] = "Duisburg"
        self.instance.neighbourhood = neighbourhood
        self.instance.whereabouts = Whereabouts.NEIGHBOURHOOD if neighbourhood else chosen


def _with(choices: Choices, recorded) -> Choices:
    """Add the recorded entry where it is no longer offered."""
    if recorded is None or any(code == recorded.pk for code, _label in choices):
        return choices
    return [*choices, (recorded.pk, str(recorded))]


class CorrectPersonForm(PersonForm):
    submit_label = _("Save")

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, version: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["version"] = version

    def names(self) -> dict[str, dict[str, str]]:
        """Return in words what the fields of a person can point to, for the history below."""
        listed = ("nationality", "counselling_language", "interpreting", "residence_status")
        names = {name: dict(self.fields[name].choices) for name in (*listed, "languages")}
        return names | {"neighbourhood": self.fields["residence"].neighbourhoods}

    def carry(self, now: "CorrectPersonForm", before: "CorrectPersonForm") -> None:
        """Answer to the state that is stored `now`: what was not changed since `before` follows it.

        What was typed stays; the next sending is compared with the new version.
        """
        typed = self.data.copy()
        for name, field in self.fields.items():
            if field.has_changed(before[name].value(), self[name].data):
                continue
            value = now[name].value()
            typed.setlist(name, value if isinstance(value, list) else [value or ""])
        typed["version"] = now["version"].value()
        self.data = typed


class IdentityForm(forms.Form):
    """What a duplicate hint needs to know, taken from a form that may be half filled."""

    given_name = forms.CharField(max_length=120)
    family_name = forms.CharField(max_length=120)
    native_name = forms.CharField(max_length=240, required=False)
    aliases = forms.CharField(max_length=300, required=False)
    birth_date = BirthDateField()
    birth_precision = forms.ChoiceField(choices=Certainty, required=False)

    def identity(self) -> Identity | None:
        """Return who is meant, or None while family name, given name and date are not all there."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        if is_year_alone(self["birth_date"].data):
            data["birth_precision"] = Certainty.YEAR
        return Identity.of(Person(**data | {"birth_precision": data["birth_precision"] or "exact"}))
