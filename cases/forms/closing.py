"""Closing a case and reopening it."""

from collections.abc import Iterable

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import DayField
from cases.forms.step import StepForm
from cases.models import Case, ClosingReason, Consent, Goal
from cases.workflow.closing import outcome_of
from centers.working_days import next_working_day


class CloseForm(StepForm):
    submit_label = _("Close the case")

    reason = forms.ModelChoiceField(ClosingReason.objects.filter(is_active=True), label=_("Reason"))
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Case.Outcome, widget=forms.RadioSelect)
    closed_on = DayField(label=_("Closed on"))
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What remains open, and who goes on with it."),
    )
    end_the_rest = forms.BooleanField(
        label=_(
            "End what is still open: drop follow-ups, withdraw referrals and offers, give up goals "
            "of which nothing is said"
        ),
        required=False,
    )

    def __init__(
        self,
        *args,
        case: Case,
        has_loose_ends: bool,
        revoked: bool,
        goals: Iterable[Goal] = (),
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.case = case
        goals = list(goals)
        self.goals = [goal for goal in goals if goal.is_under_way]
        self._ask_for_goals()
        if goals:
            self.fields["outcome"].initial = outcome_of(goals)
        self.fields["closed_on"].initial = timezone.localdate()
        if revoked or (not has_loose_ends and not self.is_bound):
            # After the revocation everything that is open ends with the case, asked or not.
            del self.fields["end_the_rest"]
        if revoked:
            self.fields["reason"].initial = ClosingReason.CONSENT_REVOKED

    def _ask_for_goals(self) -> None:
        """Ask what became of each goal that is under way."""
        ends = [(state.value, state.label) for state in Goal.State if state in Goal.ENDED]
        for goal in self.goals:
            self.fields[f"goal_{goal.pk}"] = forms.ChoiceField(
                label=_("Goal: %(goal)s") % {"goal": goal.description},
                choices=[("", _("Please choose")), *ends],
                required=False,
            )
        self.order_fields([f"goal_{goal.pk}" for goal in self.goals])

    def clean(self):
        data = super().clean()
        said = {goal.pk: data.pop(f"goal_{goal.pk}", "") for goal in self.goals}
        data["goals"] = {pk: state for pk, state in said.items() if state}
        return data

    def clean_closed_on(self):
        closed_on = self.cleaned_data["closed_on"]
        if closed_on < self.case.opened_on:
            raise forms.ValidationError(_("A case cannot be closed before it was opened."))
        if closed_on > timezone.localdate():
            raise forms.ValidationError(_("A case cannot be closed in the future."))
        return closed_on


class ReopenForm(StepForm):
    submit_label = _("Reopen the case")

    because = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    subject = forms.CharField(label=_("Next step"), max_length=200)
    due_on = DayField(label=_("Due on"))

    def __init__(self, *args, needs_consent: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial = next_working_day(timezone.localdate())
        if needs_consent:
            self.fields["consent_form"] = forms.ChoiceField(
                label=_("New consent to keep a file, given"),
                choices=Consent.Form,
                widget=forms.RadioSelect,
                help_text=_("The earlier one is no longer valid."),
            )
            self.fields["oral_because"] = forms.CharField(
                label=_("Why orally"), max_length=200, required=False
            )

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if due_on < timezone.localdate():
            raise forms.ValidationError(_("The next step cannot lie in the past."))
        return due_on

    def clean(self):
        data = super().clean()
        if data.get("consent_form") == Consent.Form.ORAL and not data.get("oral_because"):
            self.add_error("oral_because", _("Please say why the consent was given orally."))
        return data
