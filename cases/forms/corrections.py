"""Striking an entry through."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.step import StepForm


class StrikeForm(StepForm):
    submit_label = _("Strike through")

    because = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Such as: entered in the wrong file. The entry stays readable, crossed out."),
    )
