"""Recording until when a paper or an approval is valid."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.deadlines import ConcerningForm
from cases.forms.fields import DayField
from cases.forms.step import StepForm, helper_for
from cases.models import Expiry
from cases.models.expiry import PAPERS


class ExpiryForm(ConcerningForm):
    creates = True

    kind = forms.ChoiceField(label=_("What expires"), choices=Expiry.Kind)
    label = forms.CharField(
        label=_("More exactly"),
        max_length=120,
        required=False,
        help_text=_("For example which benefit, and from which office. Please without names."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    valid_until = DayField(label=_("Valid until"))

    def __init__(self, *args, replaces: Expiry | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        if replaces is None:
            self.initial["concerns"] = self.case.person_id
            return
        for name in ("kind", "label", "is_confidential"):
            self.initial[name] = getattr(replaces, name)
        self.initial["concerns"] = replaces.concerns_id
        self.replaces = replaces

    replaces: Expiry | None = None

    def clean_valid_until(self):
        valid_until = self.cleaned_data["valid_until"]
        if self.replaces is not None and valid_until <= self.replaces.valid_until:
            raise forms.ValidationError(_("What is renewed is valid for longer than before."))
        return valid_until

    def clean(self):
        data = super().clean()
        if self.is_alone and not data.get("concerns"):
            data["concerns"] = self.people[0]
        if data.get("kind") in PAPERS and not data.get("concerns"):
            self.add_error("concerns", _("Please say whose paper it is."))
        return data

    @property
    def helper(self):
        helper = helper_for(self)
        about = [] if self.is_alone else ["concerns", "is_confidential"]
        helper.layout = Layout(
            Div("kind", "valid_until", css_class="form-row form-row-wide-first"), "label", *about
        )
        return helper


class EndExpiryForm(StepForm):
    submit_label = _("No longer needed")
