"""Settling a suspicion that two cases are about one person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.step import StepForm
from cases.models import DuplicateSuspicion

State = DuplicateSuspicion.State


class SettleSuspicionForm(StepForm):
    state = forms.ChoiceField(
        label=_("What you found out"),
        choices=[(state.value, state.label) for state in (State.SAME, State.DIFFERENT)],
        widget=forms.RadioSelect,
    )
