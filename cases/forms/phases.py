"""Choosing the phase a case is in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.step import StepForm
from cases.models import Case
from cases.workflow.phases import PHASES, is_backward


class PhaseForm(StepForm):
    may_insist = True
    submit_label = _("Change the phase")

    to = forms.ChoiceField(label=_("New phase"), widget=forms.RadioSelect)
    because = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed only when the case goes back."),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, case: Case, **kwargs):
        super().__init__(*args, **kwargs)
        self.case = case
        # The current phase stays choosable: somebody may have moved the case meanwhile, and the
        # step says so better than "not one of the choices".
        self.fields["to"].choices = [
            (phase.value, phase.label) for phase in PHASES if phase != case.phase or self.is_bound
        ]
        self.fields["seen"].initial = case.phase
        following = [p for p in PHASES if case.is_active and not is_backward(case.phase, p)][1:2]
        self.fields["to"].initial = following[0].value if following else None

    def clean(self):
        data = super().clean()
        before, after = data.get("seen"), data.get("to")
        if before in PHASES and after and is_backward(before, after) and not data.get("because"):
            self.add_error("because", _("Going back needs a reason."))
        return data
