"""Noting a contact, and correcting one."""

from datetime import timedelta

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cases.forms.choices import choices_of, offer
from cases.forms.fields import DayField, MomentField
from cases.forms.follow_ups import refuse_the_past, usual_next_day
from cases.forms.step import StepForm, helper_for
from cases.models import Case, Contact, ContactSetting, InterpretingMode
from cases.workflow.contacts import CLOCKS_DIFFER
from providers.models import LegalDomain, StaffMember

# A contact further back than this before the case began is a slip of the keyboard.
BEFORE_THE_CASE = timedelta(days=366)
# Within this time the next contact is likely to take place where the last one did.
SAME_SITTING = timedelta(hours=12)


class ContactForm(StepForm):
    """The fields of a contact; what is seldom needed is folded away below the note."""

    creates = True
    submit_label = _("Save the contact")

    setting = forms.ModelChoiceField(
        ContactSetting.objects.filter(is_active=True), label=_("Setting"), empty_label=None
    )
    happened_at = MomentField(label=_("When"))
    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=0,
        max_value=600,
        initial=15,
        widget=forms.NumberInput(attrs={"step": 5, "inputmode": "numeric"}),
        error_messages={
            "max_value": _("A contact lasts ten hours at most."),
            "min_value": _("Please enter the minutes, or 0."),
        },
    )
    note = forms.CharField(
        label=_("Note"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    note_class = forms.ChoiceField(
        label=_("Kind of note"),
        choices=Contact.NoteClass,
        initial=Contact.NoteClass.CASE_NOTE,
        help_text=_("A personal note is read by you alone and stays behind at a handover."),
    )
    participants = forms.CharField(label=_("Who else was there"), max_length=200, required=False)
    interpreting = forms.ModelChoiceField(
        InterpretingMode.objects.filter(is_active=True),
        label=_("Interpreting"),
        required=False,
        empty_label="–",
    )
    legal_domains = forms.ModelMultipleChoiceField(
        LegalDomain.objects.none(),
        label=_("Legal domains"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The legal domains of this case come first."),
    )

    # Folded away until somebody wants them.
    details = ("note_class", "participants", "interpreting", "legal_domains")

    def __init__(self, *args, case: Case, **kwargs):
        super().__init__(*args, **kwargs)
        self.case = case
        self.fields["happened_at"].initial = timezone.localtime().replace(second=0, microsecond=0)
        lists = choices_of(ContactSetting, InterpretingMode)
        offer(self.fields["setting"], lists[ContactSetting])
        offer(self.fields["interpreting"], lists[InterpretingMode], empty="–")
        domains = LegalDomain.objects.current()
        self.fields["legal_domains"].queryset = domains
        touched = Exists(case.needs.standing().filter(legal_domain=OuterRef("pk")))
        ordered = domains.annotate(is_touched=touched).order_by("-is_touched", "position", "pk")
        self.fields["legal_domains"].choices = [(one.pk, one.short_name) for one in ordered]

    def clean_happened_at(self):
        happened_at = self.cleaned_data["happened_at"]
        if happened_at > timezone.now() + CLOCKS_DIFFER:
            raise forms.ValidationError(_("A contact cannot lie in the future."))
        if timezone.localdate(happened_at) < self.case.opened_on - BEFORE_THE_CASE:
            raise forms.ValidationError(_("That is long before this case. Please check the year."))
        return happened_at

    @property
    def helper(self):
        helper = helper_for(self)
        helper.layout = Layout(
            Div("setting", "happened_at", "minutes", css_class="form-row form-row-contact"),
            "note",
            HTML(self._opening_of_details()),
            *self.details,
            HTML("</details>"),
        )
        return helper

    def _opening_of_details(self):
        filled = any(self[name].value() for name in self.details if name != "note_class")
        troubled = self.is_bound and any(name in self.errors for name in self.details)
        return format_html(
            '<details class="more-fields"{}><summary>{}</summary>',
            " open" if (self.is_bound and filled) or troubled else "",
            _("More: kind of note, participants, interpreting, legal domains"),
        )


class RecordContactForm(ContactForm):
    """A new contact, and the next follow-up if there is one."""

    follow_up_subject = forms.CharField(
        label=_("Next follow-up"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    follow_up_on = DayField(label=_("Due on"), required=False)

    def __init__(self, *args, reader: StaffMember, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["setting"].initial = _likely_setting(reader)
        if not self.is_bound:
            self.fields["note"].widget.attrs["autofocus"] = True
        if self.case.is_active:
            self.fields["follow_up_on"].initial = usual_next_day()
        else:
            del self.fields["follow_up_subject"], self.fields["follow_up_on"]

    def clean_follow_up_on(self):
        return refuse_the_past(self.cleaned_data["follow_up_on"])

    def clean(self):
        data = super().clean()
        if not data.get("follow_up_subject"):
            data["follow_up_on"] = None
        elif not data.get("follow_up_on") and "follow_up_on" not in self.errors:
            self.add_error("follow_up_on", _("Please enter the day."))
        if "follow_up_subject" not in self.fields:
            data.pop("follow_up_on", None)
        return data

    @property
    def helper(self):
        helper = super().helper
        if "follow_up_subject" in self.fields:
            pair = Div(
                "follow_up_subject", "follow_up_on", css_class="form-row form-row-wide-first"
            )
            helper.layout.fields.insert(2, pair)
        return helper


class CorrectContactForm(ContactForm):
    submit_label = _("Save the correction")

    def __init__(self, *args, contact: Contact, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("minutes", "note", "note_class", "participants"):
            self.fields[name].initial = getattr(contact, name)
        self.fields["setting"].initial = contact.setting_id
        self.fields["interpreting"].initial = contact.interpreting_id
        self.fields["happened_at"].initial = timezone.localtime(contact.happened_at)
        self.fields["legal_domains"].initial = list(
            contact.legal_domains.values_list("pk", flat=True)
        )


def _likely_setting(reader: StaffMember) -> str | None:
    """Propose where the reader's last contact took place, if that was not long ago."""
    recent = Contact.objects.filter(
        recorded_by=reader, recorded_at__gte=timezone.now() - SAME_SITTING
    )
    return recent.order_by("-recorded_at").values_list("setting", flat=True).first()
