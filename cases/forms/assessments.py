"""Filling in an assessment: thirteen rows on one page, by keyboard alone if one likes."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import DayField
from cases.forms.step import StepForm
from cases.models import Assessment, Case, Person, Rating
from cases.workflow.assessments import Entries, review_from, usual_occasion
from centers.working_days import working_day_from
from providers.models import LifeArea

TEXTS = ("problem", "resource")


class ScaleSelect(forms.RadioSelect):
    """The values of the scale in one line; arrow keys move within it, a digit chooses."""

    template_name = "forms/scale.html"


@dataclass(frozen=True)
class AreaRow:
    """One life area of the form, with its fields."""

    area: LifeArea
    value: forms.BoundField
    problem: forms.BoundField
    resource: forms.BoundField

    @property
    def has_notes(self) -> bool:
        """Say whether the notes are shown at once: something is in them, or wrong with them."""
        notes = (self.problem, self.resource)
        return any(field.value() or field.errors for field in notes)


class AssessmentForm(StepForm):
    """All of one assessment. `may_have_gaps`: it is kept as it is, not finished."""

    creates = True
    submit_label = _("Finish the assessment")

    concerns = forms.ModelChoiceField(Person.objects.none(), widget=forms.HiddenInput)
    corrects = forms.ModelChoiceField(
        Assessment.objects.none(), widget=forms.HiddenInput, required=False
    )
    seen = forms.UUIDField(widget=forms.HiddenInput, required=False)
    occasion = forms.ChoiceField(
        label=_("Occasion"), choices=Assessment.Occasion, widget=forms.RadioSelect
    )
    assessed_on = DayField(label=_("Assessed on"))
    corrected_because = forms.CharField(
        label=_("Why it is corrected"), max_length=300, required=False
    )
    rest_not_asked = forms.BooleanField(
        label=_("The areas without a value were not asked about"), required=False
    )
    hypothesis = forms.CharField(
        label=_("Working hypothesis"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For your own thinking. It is never passed on."),
    )
    is_confidential = forms.BooleanField(
        label=_("Confidential: on no paper for another member of the household"), required=False
    )
    follow_up_on = DayField(
        label=_("Assess again on"),
        required=False,
        help_text=_("A follow-up comes back on that day. Leave empty if none is wanted."),
    )

    def __init__(
        self,
        *args,
        case: Case,
        person: Person,
        people: Iterable[Person],
        areas: Iterable[LifeArea],
        draft: Assessment | None,
        corrects: Assessment | None = None,
        may_have_gaps: bool = False,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.case, self.person, self.areas = case, person, list(areas)
        self.may_have_gaps = may_have_gaps
        source = draft or corrects
        self._offer(people)
        self._begin(draft, corrects)
        for name, label in RESOURCE_LABELS.items():
            self.fields[name] = forms.CharField(
                label=label,
                max_length=1000,
                required=False,
                initial=getattr(source, name, ""),
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        ratings = {} if source is None else {r.life_area_id: r for r in source.ratings.all()}
        for area in self.areas:
            self._add_area(area, ratings.get(area.pk))
        self._focus_the_first_open_row()

    def _offer(self, people: Iterable[Person]) -> None:
        known = [person.pk for person in people]
        self.fields["concerns"].queryset = Person.objects.filter(pk__in=known)
        finished = Assessment.objects.standing().filter(case=self.case, concerns=self.person)
        self.fields["corrects"].queryset = finished

    def _begin(self, draft: Assessment | None, corrects: Assessment | None) -> None:
        """Preset what the draft holds, else what the corrected one says, else what is likely."""
        source = draft or corrects
        fields = self.fields
        fields["concerns"].initial = self.person.pk
        if draft is not None:
            fields["seen"].initial = draft.kept_with
            corrects = draft.corrects
        self.is_correction = corrects is not None
        if self.is_correction:
            fields["corrects"].initial = corrects.pk
            fields["corrected_because"].required = not self.may_have_gaps
            fields["corrected_because"].initial = draft.corrected_because if draft else ""
        else:
            del fields["corrected_because"]
        if source is not None:
            for name in ("occasion", "assessed_on", "hypothesis", "is_confidential"):
                fields[name].initial = getattr(source, name)
        else:
            fields["occasion"].initial = usual_occasion(self.case, self.person)
            fields["assessed_on"].initial = timezone.localdate()
        if fields["occasion"].initial != Assessment.Occasion.END and not self.is_correction:
            proposed = review_from(timezone.localdate())
            fields["follow_up_on"].initial = working_day_from(proposed)

    def _add_area(self, area: LifeArea, rating: Rating | None) -> None:
        self.fields[f"value_{area.pk}"] = forms.ChoiceField(
            label=area.name,
            choices=[(value.value, value.words) for value in Rating.Value],
            required=False,
            widget=ScaleSelect,
            initial=rating.value if rating else "",
        )
        self.fields[f"problem_{area.pk}"] = forms.CharField(
            label=_("Problem, in the person's words"),
            max_length=500,
            required=False,
            initial=rating.problem if rating else "",
        )
        self.fields[f"resource_{area.pk}"] = forms.CharField(
            label=_("What helps here"),
            max_length=500,
            required=False,
            initial=rating.resource if rating else "",
        )

    def _focus_the_first_open_row(self) -> None:
        for area in self.areas:
            bound = self[f"value_{area.pk}"]
            if not bound.value():
                bound.field.widget.attrs["autofocus"] = True
                return

    @property
    def rows(self) -> list[AreaRow]:
        """The rows of the page, one for each life area."""
        return [
            AreaRow(area, *(self[f"{name}_{area.pk}"] for name in ("value", *TEXTS)))
            for area in self.areas
        ]

    @property
    def resource_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in Assessment.RESOURCES]

    @property
    def has_resources(self) -> bool:
        """Say whether the lists of resources are shown at once."""
        return any(field.value() or field.errors for field in self.resource_fields)

    def clean_assessed_on(self):
        day = self.cleaned_data["assessed_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("An assessment cannot lie in the future."))
        return day

    def clean_follow_up_on(self):
        day = self.cleaned_data["follow_up_on"]
        if day is not None and day <= timezone.localdate():
            raise forms.ValidationError(_("Please choose a day after today, or none."))
        return day

    def clean(self):
        data = super().clean()
        for area in self.areas:
            name = f"value_{area.pk}"
            if self.may_have_gaps or name in self.errors or data.get(name):
                continue
            if data.get("rest_not_asked"):
                data[name] = Rating.Value.NOT_ASKED
            else:
                self.add_error(name, _("Please choose a value; “not asked” is one, too."))
        return data

    def entries(self) -> Entries:
        """Return what was filled in, as the steps take it."""
        data = self.cleaned_data
        return Entries(
            concerns=data["concerns"],
            occasion=data["occasion"],
            assessed_on=data["assessed_on"],
            ratings={
                area.pk: {name: data[f"{name}_{area.pk}"] for name in ("value", *TEXTS)}
                for area in self.areas
            },
            resources={name: data[name] for name in Assessment.RESOURCES},
            hypothesis=data["hypothesis"],
            is_confidential=data["is_confidential"],
            corrects=data["corrects"],
            corrected_because=data.get("corrected_because", ""),
        )


RESOURCE_LABELS = {
    "personal_resources": _("Personal: what the person can do and brings along"),
    "social_resources": _("Social: family, friends, volunteers"),
    "material_resources": _("Material: income, home, savings"),
    "infrastructural_resources": _("Around the person: school, doctors, clubs, transport"),
}


class DiscardForm(StepForm):
    submit_label = _("Discard the draft")
