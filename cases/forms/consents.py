"""Recording what a person agreed to."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from dateutil.relativedelta import relativedelta
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import DayField
from cases.forms.step import StepForm
from cases.models import Consent, DataKind
from providers.models import Provider


class ConsentForm(StepForm):
    creates = True
    submit_label = _("Record the consent")

    kind = forms.ChoiceField(label=_("What the person agrees to"), choices=Consent.Kind)
    recipients = forms.ModelMultipleChoiceField(
        Provider.objects.filter(is_active=True).order_by("name"),
        label=_("Recipients"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    other_recipient = forms.CharField(
        label=_("Another recipient, by name"),
        max_length=200,
        required=False,
        help_text=_("Name each recipient. A consent for “all authorities” is void."),
    )
    data_kinds = forms.ModelMultipleChoiceField(
        DataKind.objects.filter(is_active=True),
        label=_("Which data"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick special categories such as health only if the person expressly agrees."),
    )
    purpose = forms.CharField(label=_("Purpose"), max_length=200, required=False)
    is_mutual = forms.BooleanField(
        label=_("Mutual: the recipient may report back to us"), required=False
    )
    valid_from = DayField(label=_("Given on"))
    valid_until = DayField(
        label=_("Valid until"),
        required=False,
        help_text=_("Empty: until the case ends or the person revokes it."),
    )
    form = forms.ChoiceField(
        label=_("How it was given"), choices=Consent.Form, widget=forms.RadioSelect
    )
    oral_because = forms.CharField(
        label=_("Why orally"),
        max_length=200,
        required=False,
        help_text=_("Needed only for an oral consent."),
    )
    explained = forms.BooleanField(
        label=_(
            "I have explained that the consent is voluntary, what refusing would mean, "
            "and that it can be revoked at any time."
        )
    )

    def __init__(self, *args, recipient: Provider | None = None, kind: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["valid_from"].initial = today
        self.fields["valid_until"].initial = today + relativedelta(months=settings.CONSENT_MONTHS)
        self.fields["form"].initial = Consent.Form.WRITTEN
        self.fields["kind"].initial = Consent.Kind.DISCLOSURE
        if recipient is not None:
            self.fields["recipients"].initial = [recipient.pk]
            self.fields["kind"].initial = Consent.Kind.TRANSFER
        if kind in Consent.Kind:
            self.fields["kind"].initial = kind

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        searchable = {"data-kim-searchable": _("Find a recipient")}
        helper.layout = Layout(
            "kind", Div("recipients", css_class="choice-list", **searchable), *self.after_recipients
        )
        return helper

    @property
    def after_recipients(self) -> list[str]:
        """Return the names of the fields below the list of recipients, in their order."""
        return [name for name in self.fields if name not in {"kind", "recipients"}]

    def clean_valid_from(self):
        given_on = self.cleaned_data["valid_from"]
        if given_on > timezone.localdate():
            raise forms.ValidationError(_("A consent cannot be given in the future."))
        return given_on

    def clean(self):
        data = super().clean()
        named = data.get("recipients") or data.get("other_recipient")
        if data.get("kind") in Consent.NEEDS_RECIPIENT and not named:
            self.add_error("recipients", _("Please name at least one recipient."))
        given_on, until = data.get("valid_from"), data.get("valid_until")
        if given_on and until and until < given_on:
            self.add_error("valid_until", _("A consent cannot end before it begins."))
        if data.get("form") == Consent.Form.ORAL:
            if not data.get("oral_because"):
                self.add_error("oral_because", _("Please say why the consent was given orally."))
            if any(kind.is_special_category for kind in data.get("data_kinds") or ()):
                self.add_error(
                    "form",
                    _("For special categories such as health the consent must be in writing."),
                )
        return data


class RevokeConsentForm(StepForm):
    submit_label = _("Revoke")
