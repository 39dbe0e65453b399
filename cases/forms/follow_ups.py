"""Planning, finishing and moving follow-ups."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import DayField
from cases.forms.step import StepForm
from cases.models import Case, FollowUp, Need
from cases.workflow.follow_ups import assignees_of
from centers.working_days import working_day_from
from providers.models import StaffMember


def usual_next_day():
    """Return the day that is proposed for the next follow-up: in two weeks, on a working day."""
    return working_day_from(timezone.localdate() + timedelta(days=settings.FIRST_FOLLOW_UP_DAYS))


def refuse_the_past(day):
    """Raise ValidationError for a day that is over."""
    if day is not None and day < timezone.localdate():
        raise forms.ValidationError(_("This day is over. Please choose today or a later day."))
    return day


class FollowUpForm(StepForm):
    creates = True
    submit_label = _("Plan the follow-up")

    subject = forms.CharField(label=_("What is to be done"), max_length=200)
    due_on = DayField(label=_("Due on"))
    kind = forms.ChoiceField(label=_("Kind"), choices=FollowUp.Kind)
    assignee = forms.ModelChoiceField(StaffMember.objects.none(), label=_("Responsible"))
    need = forms.ModelChoiceField(
        Need.objects.none(), label=_("Belongs to the need"), required=False, empty_label="–"
    )

    def __init__(self, *args, case: Case, reader: StaffMember, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial = usual_next_day()
        self.fields["assignee"].queryset = assignees_of(case)
        self.fields["assignee"].initial = reader.pk
        needs = Need.objects.visible_to(reader).standing().filter(case=case)
        self.fields["need"].queryset = needs

    def clean_due_on(self):
        return refuse_the_past(self.cleaned_data["due_on"])


class NextStepForm(StepForm):
    """A form that may plan the next follow-up; it must where none would be left."""

    next_subject = forms.CharField(label=_("Next follow-up"), max_length=200, required=False)
    next_due_on = DayField(label=_("Due on"), required=False)

    def __init__(self, *args, must_plan: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["next_due_on"].initial = usual_next_day()
        if must_plan:
            self.fields["next_subject"].required = True
            self.fields["next_due_on"].required = True
            self.fields["next_subject"].help_text = _(
                "This is the last open follow-up. An open case always has a next step."
            )
        else:
            self.fields["next_subject"].help_text = _("Leave empty if nothing new is to be done.")

    def clean_next_due_on(self):
        return refuse_the_past(self.cleaned_data["next_due_on"])

    def clean(self):
        data = super().clean()
        planned = data.get("next_subject")
        if planned and not data.get("next_due_on") and "next_due_on" not in self.errors:
            self.add_error("next_due_on", _("Please enter the day."))
        return data


class CompleteForm(NextStepForm):
    submit_label = _("Done")

    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    field_order = ("note", "next_subject", "next_due_on")


class DropForm(NextStepForm):
    submit_label = _("Drop the follow-up")

    note = forms.CharField(
        label=_("Why it is no longer needed"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("note", "next_subject", "next_due_on")


class PostponeForm(StepForm):
    """The new day; carries the day that its writer was shown."""

    may_insist = True

    submit_label = _("Postpone")

    due_on = DayField(label=_("New day"))
    because = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.DateField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, follow_up: FollowUp, **kwargs):
        super().__init__(*args, **kwargs)
        tomorrow = timezone.localdate() + timedelta(days=1)
        self.fields["due_on"].initial = working_day_from(max(tomorrow, follow_up.due_on))
        self.fields["seen"].initial = follow_up.due_on.isoformat()
        if follow_up.kind == FollowUp.Kind.LEGAL_DEADLINE:
            self.fields["due_on"].help_text = _(
                "This is a legal deadline. Postponing the reminder does not move the deadline."
            )

    def clean_due_on(self):
        return refuse_the_past(self.cleaned_data["due_on"])


class UndoForm(StepForm):
    submit_label = _("Open it again")
