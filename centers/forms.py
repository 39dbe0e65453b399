"""The forms in which administrators edit centers, hours and closures."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from centers.hours import Hours, fingerprint, overlap_sentence, overlaps
from centers.models import Center


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    """The browser's own clock, to the minute."""

    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


class CenterForm(forms.ModelForm):
    """A center as it was shown: a form that somebody else has overtaken changes nothing."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Center
        fields = (
            "code",
            "name",
            "slug",
            "street",
            "postal_code",
            "city",
            "email",
            "district",
            "accessibility_note",
            "is_active",
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["shown"].initial = fingerprint(self.instance)

    def has_changed(self):
        return bool(set(self.changed_data) - {"shown"})

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and cleaned.get("shown") != self.fields["shown"].initial:
            raise ValidationError(
                _(
                    "Somebody else has changed this center in the meantime. Nothing was saved. "
                    "Please open the page again and enter your change once more."
                ),
                code="overtaken",
            )
        return cleaned


class LoadedRowField(forms.ModelChoiceField):
    """The key of a row that its formset has loaded already: no query for each."""

    def __init__(self, formset: "InlineRows", **kwargs):
        super().__init__(formset.get_queryset(), **kwargs)
        self.formset = formset

    def to_python(self, value):
        if value in self.empty_values:
            return None
        row = self.formset.loaded(value)
        if row is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return row


class InlineRows(forms.BaseInlineFormSet):
    """Rows edited on the page of what they belong to, in a fixed number of queries."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        name = self._pk_field.name
        if isinstance(form.fields.get(name), forms.ModelChoiceField):
            initial = form.fields[name].initial
            form.fields[name] = LoadedRowField(
                self, initial=initial, required=False, widget=forms.HiddenInput
            )

    def loaded(self, key):
        """Return the row with this key, or None; the whole formset costs one query."""
        rows = {str(row.pk): row for row in self.get_queryset()}
        return rows.get(str(key))


class HoursFormSet(InlineRows):
    """All hours of one center, held together by the rule of `centers.hours`."""

    def clean(self):
        super().clean()
        sound = [form for form in self._kept_forms() if not form.errors]
        by_row = {id(form.instance): form for form in sound}
        for pair in overlaps([form.instance for form in sound]):
            for row in pair:
                fault = ValidationError(overlap_sentence(*pair), code="hours_overlap")
                by_row[id(row)].add_error("opens", fault)

    def rows(self) -> list[Hours]:
        """Return the hours as they shall be, for `set_hours`."""
        return [Hours.of(form.instance) for form in self._kept_forms()]

    def note_changes(self) -> None:
        """Tell the admin's log what this formset changed; `set_hours` has done the writing."""
        self.new_objects = [
            form.instance for form in self._kept_forms() if form in self.extra_forms
        ]
        self.changed_objects = [
            (form.instance, form.changed_data)
            for form in self._kept_forms()
            if form in self.initial_forms and form.has_changed()
        ]
        self.deleted_objects = [form.instance for form in self.deleted_forms if form.instance.pk]

    def _kept_forms(self) -> list[forms.ModelForm]:
        """Leave out rows marked for deletion, and empty rows that were never filled in."""
        return [
            form
            for form in self.forms
            if not self._should_delete_form(form)
            and (form in self.initial_forms or form.has_changed())
        ]
