"""Adding a need and settling one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.step import StepForm
from cases.models import Need, UnmetReason
from providers.models import LegalDomain, LifeArea


class AddNeedForm(StepForm):
    creates = True
    submit_label = _("Add the need")

    legal_domain = forms.ModelChoiceField(
        LegalDomain.objects.none(), label=_("Legal domain"), empty_label=_("Please choose")
    )
    description = forms.CharField(
        label=_("What is needed"),
        max_length=300,
        help_text=_("In a few words, such as: apply for housing benefit."),
    )
    life_area = forms.ModelChoiceField(
        LifeArea.objects.none(), label=_("Life area"), required=False, empty_label="–"
    )
    urgency = forms.ChoiceField(
        label=_("Urgency"),
        choices=Need.Urgency,
        initial=Need.Urgency.NORMAL,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, legal_domain: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        domains = self.fields["legal_domain"]
        domains.queryset = LegalDomain.objects.current()
        domains.label_from_instance = lambda domain: f"{domain.short_name} – {domain.full_title}"
        domains.initial = legal_domain
        self.fields["life_area"].queryset = LifeArea.objects.active()


class SettleNeedForm(StepForm):
    """Where referrals are still running, asks whether they end with the need."""

    submit_label = _("Need is met")
    end_label = _("End the running referrals with success")

    end_referrals = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args, running: int, **kwargs):
        super().__init__(*args, **kwargs)
        if running:
            self.fields["end_referrals"].label = self.end_label
        elif not self.is_bound:
            del self.fields["end_referrals"]
        else:
            self.fields["end_referrals"].widget = forms.HiddenInput()


class LeaveNeedUnmetForm(SettleNeedForm):
    submit_label = _("Need stays unmet")
    end_label = _("End the running referrals without success")

    reason = forms.ModelChoiceField(
        UnmetReason.objects.filter(is_active=True),
        label=_("Why it could not be met"),
        empty_label=None,
        widget=forms.RadioSelect,
        help_text=_("The reasons are counted, so that gaps in what is on offer become visible."),
        error_messages={"required": _("Please say why the need stays unmet.")},
    )
    field_order = ("reason", "end_referrals")


class DropNeedForm(SettleNeedForm):
    submit_label = _("Drop the need")
    end_label = _("Withdraw the running referrals")


class ResumeNeedForm(StepForm):
    submit_label = _("Take the need up again")
