"""Assigning cases that have no able lead: one by one, or all of one lead's at once."""

from collections.abc import Iterable

from django import forms
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.forms.step import StepForm
from cases.models import Case
from cases.workflow import assigning
from providers.models import Assignment, StaffMember

EVERYTHING = "everything"


def with_load(people: QuerySet[StaffMember]) -> QuerySet[StaffMember]:
    """Annotate `active_cases` and load what a label shows, in two queries for all of them."""
    led = Case.objects.active().filter(lead=OuterRef("pk")).order_by()
    count = led.values("lead").annotate(count=Count("pk")).values("count")
    return (
        people.annotate(active_cases=Coalesce(Subquery(count), 0))
        .prefetch_related(
            Prefetch("assignments", Assignment.objects.select_related("employer", "center"))
        )
        .order_by("family_name", "given_name", "pk")
    )


def jobs_of(person: StaffMember) -> list[Assignment]:
    """Return the assignments that count today, of somebody loaded by `with_load`."""
    today = timezone.localdate()
    return [job for job in person.assignments.all() if job.is_current(today)]


def label_of(person: StaffMember, *, names_employer: bool = False) -> str:
    """Name somebody with where they work, how much of a post, and how many cases they lead."""
    jobs = jobs_of(person)
    places = ", ".join(str(job.center or _("All centers")) for job in jobs)
    cases = ngettext("%(count)d case", "%(count)d cases", person.active_cases) % {
        "count": person.active_cases
    }
    post = _("%(share)s of a post") % {"share": number_format(sum(job.fte for job in jobs), 2)}
    employer = [str(jobs[0].employer)] if names_employer else []
    return " · ".join([str(person), *employer, places, f"{cases}, {post}"])


class CandidateField(forms.ChoiceField):
    """Somebody who could lead; `people` are loaded once and shared by all fields of a page."""

    default_error_messages = {
        "invalid_choice": _("This person cannot be chosen any more. Please choose again.")
    }

    def __init__(self, *, people: Iterable[StaffMember], names_employer: bool, **kwargs):
        self.people = {str(person.pk): person for person in people}
        labels = [
            (key, label_of(person, names_employer=names_employer))
            for key, person in self.people.items()
        ]
        super().__init__(choices=[("", _("Please choose")), *labels], **kwargs)
        self.widget.attrs["class"] = "form-select"

    def clean(self, value: str | None) -> StaffMember | None:
        return self.people.get(super().clean(value))


class AssignLeadForm(StepForm):
    """One case."""

    submit_label = _("Assign")

    def __init__(self, *args, case: Case, **kwargs):
        super().__init__(*args, **kwargs)
        people = list(with_load(assigning.candidates_for(case)))
        self.names_somebody = not people
        if self.names_somebody:
            self.submit_label = _("Name for consent")
            people = list(with_load(assigning.others_than(case.lead_id, case.provider_id)))
        self.fields["to"] = CandidateField(
            people=people,
            names_employer=self.names_somebody,
            label=_("Person"),
        )


class AssignGroupForm(forms.Form):
    """All cases that one lead held for one provider: a person for all, or one for each."""

    def __init__(self, *args, cases: Iterable[Case], people, names_somebody: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = {case.reference: case for case in cases}
        people = list(people)
        words = {"people": people, "names_employer": names_somebody, "required": False}
        self.fields[EVERYTHING] = CandidateField(label=_("All of these cases to"), **words)
        for reference in self.cases:
            label = _("Person for %(reference)s") % {"reference": reference}
            self.fields[reference] = CandidateField(label=label, **words)

    def clean(self):
        data = super().clean()
        if not self.errors and not any(data.values()):
            raise forms.ValidationError(_("Please choose at least one person."))
        return data

    def chosen(self) -> list[tuple[str, StaffMember]]:
        """Return reference and person; whoever was chosen for one case goes before the rest."""
        everybody = self.cleaned_data[EVERYTHING]
        pairs = ((ref, self.cleaned_data[ref] or everybody) for ref in self.cases)
        return [(reference, person) for reference, person in pairs if person is not None]
