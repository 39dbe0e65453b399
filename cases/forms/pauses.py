"""Pausing a case and ending the pause."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import DayField
from cases.forms.follow_ups import NextStepForm
from cases.forms.step import StepForm
from cases.workflow.pauses import longest_pause


class PauseForm(StepForm):
    submit_label = _("Pause")

    because = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    until = DayField(label=_("Until"), help_text=_("Within 90 days."))

    def clean_until(self):
        until, today = self.cleaned_data["until"], timezone.localdate()
        if not today < until <= longest_pause(today):
            raise forms.ValidationError(_("A pause ends after today and within 90 days."))
        return until


class ResumeForm(NextStepForm):
    submit_label = _("End the pause")
