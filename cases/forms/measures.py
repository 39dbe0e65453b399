"""What is done for a goal: by whom, and by when."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import DayField
from cases.forms.follow_ups import CompleteForm, DropForm, refuse_the_past
from cases.forms.step import StepForm
from cases.models import Goal, Measure, Referral


class MeasureForm(StepForm):
    """One measure. `measure`: the one that is changed, else a new one is added."""

    submit_label = _("Save the measure")

    what = forms.CharField(
        label=_("What is done"),
        max_length=200,
        help_text=_("One step, such as: apply for a certificate of entitlement to housing."),
    )
    responsible = forms.ChoiceField(
        label=_("Responsible"),
        choices=Measure.Responsible,
        initial=Measure.Responsible.TOGETHER,
        widget=forms.RadioSelect,
        help_text=_("Where you have a part in it, a follow-up comes back on the day."),
    )
    due_on = DayField(label=_("By"), required=False)
    referral = forms.ModelChoiceField(
        Referral.objects.none(), label=_("Referral that serves it"), required=False
    )

    def __init__(self, *args, goal: Goal, referrals, measure: Measure | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.goal, self.measure = goal, measure
        self.fields["referral"].queryset = referrals
        if measure is not None:
            for name in ("what", "responsible", "due_on"):
                self.fields[name].initial = getattr(measure, name)
            self.fields["referral"].initial = measure.referral_id
        if not self.fields["referral"].queryset:
            del self.fields["referral"]

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if due_on is None:
            return None
        if self.goal.due_on is not None and due_on > self.goal.due_on:
            raise forms.ValidationError(
                _("The measure would come after the goal it serves is to be reached.")
            )
        is_new = self.measure is None or self.measure.due_on != due_on
        return refuse_the_past(due_on) if is_new else due_on


class AddMeasureForm(MeasureForm):
    creates = True
    submit_label = _("Add the measure")


class CompleteMeasureForm(CompleteForm):
    """The follow-up of the measure is done with it; the next one may be planned."""


class DropMeasureForm(DropForm):
    submit_label = _("Drop the measure")


class UndoMeasureForm(StepForm):
    submit_label = _("Take the measure up again")
