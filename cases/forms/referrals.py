"""Referring a person, and recording what became of it."""

from datetime import timedelta

from crispy_forms.layout import Div, Layout
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cases.forms.choices import offer
from cases.forms.fields import DayField, MomentField
from cases.forms.follow_ups import refuse_the_past
from cases.forms.step import StepForm, helper_for
from cases.models import Need, Person, Referral, UnmetReason
from cases.workflow.follow_ups import assignees_of
from cases.workflow.referrals import DISAPPOINTING, next_states
from centers.working_days import working_day_from
from kim_portal.templatetags.kim import phone
from providers.models import Service, StaffMember

# How many services are listed at once; the directory holds the others.
MOST_LISTED = 40


def usual_day_to_ask():
    """Return the day on which one asks what became of a referral."""
    day = timezone.localdate() + timedelta(days=settings.REFERRAL_FOLLOW_UP_DAYS)
    return working_day_from(day)


class ReferForm(StepForm):
    creates = True
    submit_label = _("Refer")

    service = forms.ModelChoiceField(
        Service.objects.none(),
        label=_("Where to"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("This service is no longer on offer.")},
    )
    target = forms.CharField(
        label=_("Other place, not in the directory"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=_("How"),
        choices=Referral.Kind,
        initial=Referral.Kind.SELF_REFERRAL,
        widget=forms.RadioSelect,
        help_text=_(
            "Arranging with data, accompanying and moving responsibility need a consent "
            "that names the recipient."
        ),
    )
    appointment_at = MomentField(label=_("Appointment"), required=False)
    is_draft = forms.BooleanField(label=_("Not sent yet: keep as a draft"), required=False)
    follow_up_subject = forms.CharField(
        label=_("Follow-up"),
        max_length=200,
        required=False,
        initial=_("Ask what became of the referral"),
    )
    follow_up_on = DayField(label=_("Due on"), required=False)
    assignee = forms.ModelChoiceField(
        StaffMember.objects.none(), label=_("Responsible"), required=False, empty_label=None
    )

    def __init__(
        self, *args, need: Need, reader: StaffMember, everything: bool, chosen: str = "", **kwargs
    ):
        super().__init__(*args, **kwargs)
        services = Service.objects.active().select_related("provider")
        self.fields["service"].queryset = services
        self.fields["service"].choices = _choices(
            need, everything=everything, chosen=chosen or (self["service"].value() or "")
        )
        if chosen:
            self.fields["service"].initial = chosen
        self.fields["follow_up_on"].initial = usual_day_to_ask()
        assignees = assignees_of(need.case)
        self.fields["assignee"].queryset = assignees
        offer(self.fields["assignee"], [(one.pk, str(one)) for one in assignees])
        self.fields["assignee"].initial = reader.pk

    def clean_follow_up_on(self):
        return refuse_the_past(self.cleaned_data["follow_up_on"])

    def clean(self):
        data = super().clean()
        target = (data.get("target") or "").strip()
        service = data.get("service")
        data["target"] = target
        if "service" not in self.errors:
            if service is None and not target:
                self.add_error("service", _("Please choose a service or enter another place."))
            elif service is not None and target:
                self.add_error("target", _("Please choose a service or another place, not both."))
        return data

    @property
    def helper(self):
        helper = helper_for(self)
        helper.layout = Layout(
            Div("service", css_class="choice-cards"),
            "target",
            "kind",
            "appointment_at",
            "is_draft",
            Div("follow_up_subject", "follow_up_on", "assignee", css_class="form-row"),
        )
        return helper


class UpdateReferralForm(StepForm):
    may_insist = True
    submit_label = _("Record the answer")

    state = forms.ChoiceField(label=_("How it stands"), widget=forms.RadioSelect)
    refusal_reason = forms.ModelChoiceField(
        UnmetReason.objects.filter(is_active=True),
        label=_("Reason"),
        required=False,
        empty_label="–",
        help_text=_("If it was declined or brought no success."),
    )
    settle_the_need = forms.BooleanField(
        label=_("Settle the need too: met with success, otherwise unmet for the same reason"),
        required=False,
    )
    answered_on = DayField(label=_("Answered on"), required=False)
    appointment_at = MomentField(label=_("Appointment"), required=False)
    outcome = forms.CharField(label=_("Outcome"), max_length=300, required=False)
    follow_up_on = DayField(
        label=_("Ask again on"), required=False, help_text=_("Plans a follow-up for you.")
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, referral: Referral, **kwargs):
        super().__init__(*args, **kwargs)
        self.referral = referral
        self.fields["state"].choices = [
            (state.value, gettext("%(state)s (as before)") % {"state": state.label})
            if state == referral.state
            else (state.value, state.label)
            for state in next_states(referral)
        ]
        # Whatever the stored row has become meanwhile is said by the step, not by the field.
        if self.is_bound:
            self.fields["state"].choices = Referral.State.choices
        self.fields["answered_on"].initial = referral.answered_on
        if referral.appointment_at:
            self.fields["appointment_at"].initial = timezone.localtime(referral.appointment_at)
        self.fields["outcome"].initial = referral.outcome
        self.fields["refusal_reason"].initial = referral.refusal_reason_id
        self.fields["seen"].initial = referral.state
        if referral.state != Referral.State.DRAFT:
            self.fields["state"].initial = referral.state
        if not referral.need.is_open:
            del self.fields["settle_the_need"]

    def clean_answered_on(self):
        answered_on = self.cleaned_data["answered_on"]
        if answered_on is not None and answered_on > timezone.localdate():
            raise forms.ValidationError(_("An answer cannot lie in the future."))
        sent_on = self.referral.sent_on
        if answered_on is not None and sent_on is not None and answered_on < sent_on:
            raise forms.ValidationError(_("The answer cannot be earlier than the referral."))
        return answered_on

    def clean_follow_up_on(self):
        return refuse_the_past(self.cleaned_data["follow_up_on"])

    def clean(self):
        data = super().clean()
        wants_reason = data.get("state") in DISAPPOINTING
        if wants_reason and not data.get("refusal_reason") and "refusal_reason" not in self.errors:
            self.add_error("refusal_reason", _("Please say why it did not work."))
        data["seen"] = data.get("seen") or None
        return data

    @property
    def helper(self):
        helper = helper_for(self)
        settle = ["settle_the_need"] if "settle_the_need" in self.fields else []
        helper.layout = Layout(
            "state",
            "refusal_reason",
            *settle,
            Div("answered_on", "appointment_at", css_class="form-row"),
            "outcome",
            "follow_up_on",
        )
        return helper


# --- The services that are listed -----------------------------------------------------------------


def _choices(need: Need, *, everything: bool, chosen: str) -> list:
    """List the services of the need's legal domain: those that fit the person first."""
    person = need.case.person
    services = Service.objects.active().for_list()
    listed = services if everything else services.filter(legal_domains=need.legal_domain_id)
    rows = list(listed[: MOST_LISTED * 5])
    if str(chosen).isdecimal() and all(row.pk != int(chosen) for row in rows):
        rows += services.filter(pk=chosen)
    languages = _languages_of(person)
    misfits = {row.pk: _misfits(row, person, languages) for row in rows}
    rows.sort(
        key=lambda row: (
            str(row.pk) != str(chosen),
            len(misfits[row.pk]),
            row.waiting_weeks is None,
            row.waiting_weeks or 0,
            row.name,
        )
    )
    fitting = [row for row in rows if not misfits[row.pk]][:MOST_LISTED]
    others = [row for row in rows if misfits[row.pk]][: MOST_LISTED - len(fitting)]
    groups = [
        (gettext("Fits language and neighbourhood"), fitting),
        (gettext("Other services"), others),
    ]
    choices = [
        (label, [(row.pk, _label(row, misfits[row.pk])) for row in group])
        for label, group in groups
        if group
    ]
    return [*choices, ("", gettext("Another place, not in the directory"))]


def _languages_of(person: Person) -> set[str]:
    spoken = set(person.languages.values_list("pk", flat=True))
    return spoken | ({person.counselling_language_id} if person.counselling_language_id else set())


def _misfits(service: Service, person: Person, languages: set[str]) -> list[str]:
    """Say in words what speaks against a service for this person."""
    misfits = []
    offered = {language.pk for language in service.languages.all()}
    if offered and languages and not offered & languages:
        misfits.append(gettext("not in the person's languages"))
    if not service.is_city_wide:
        served = {one.pk for one in service.neighbourhoods.all()}
        if person.neighbourhood_id not in served:
            misfits.append(gettext("not for the person's neighbourhood"))
    return misfits


def _label(service: Service, misfits: list[str]) -> str:
    languages = [language.name for language in service.languages.all()]
    facts = [
        str(service.provider),
        phone(service.phone),
        _waiting(service),
        ", ".join(languages[:6]) + (" …" if len(languages) > 6 else ""),
    ]
    return format_html(
        '<span class="choice-name">{}</span>{}<span class="choice-facts">{}</span>{}',
        service.name,
        format_html(' <span class="small-print">({})</span>', gettext("example"))
        if service.is_example
        else "",
        " · ".join(fact for fact in facts if fact),
        format_html_join("", '<span class="choice-misfit">{}</span>', ((one,) for one in misfits)),
    )


def _waiting(service: Service) -> str:
    if service.waiting_weeks is None:
        return gettext("waiting time unknown")
    if service.waiting_weeks == 0:
        return gettext("free at once")
    return ngettext(
        "%(weeks)s week of waiting", "%(weeks)s weeks of waiting", service.waiting_weeks
    ) % {"weeks": service.waiting_weeks}
