"""Handing a case over: the offer with its sheet, and the answers to it."""

from collections.abc import Iterable, Iterator

from crispy_forms.layout import Fieldset, Layout
from dateutil.relativedelta import relativedelta
from django import forms
from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import Step
from cases.forms.choices import choices_of, offer
from cases.forms.fields import DayField
from cases.forms.step import StepForm, helper_for
from cases.models import Case, Consent, Handover, HandoverReason
from cases.workflow.handover_sheet import names_in
from centers.models import Center
from providers.models import Assignment, StaffMember
from providers.roles import Permission

Lines = dict[str, int]
TEXTS: Lines = {"situation": 7, "agreements": 3, "risks": 3, "not_worked": 3}


def _text(label, *, required: bool = False, rows: int = 3, help_text="") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=1500,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
    )


class SheetTexts(StepForm):
    """The lead's part of the sheet."""

    situation = _text(
        _("Situation in five lines"),
        required=True,
        rows=7,
        help_text=_("No names, please: in an offer to a team they are shown later."),
    )
    agreements = _text(_("Agreements with the client"))
    risks = _text(_("Risks"))
    not_worked = _text(_("What has not worked"))

    def names_person(self, case: Case) -> None:
        """Add an error to each text that names the person."""
        for name in TEXTS:
            found = names_in(self.cleaned_data.get(name) or "", case.person)
            if found:
                self.add_error(
                    name,
                    _(
                        "This text names the person (“%(name)s”). In an offer to a team the name "
                        "is shown only to whoever considers taking the case over."
                    )
                    % {"name": found[0]},
                )


class ReceiverField(forms.ChoiceField):
    """One list of whom a case can be offered to: teams first, then people by their center."""

    default_error_messages = {"required": _("Please choose a person or a team.")}

    def clean(self, value):
        chosen = super().clean(value)
        kind, _separator, key = chosen.partition("-")
        if kind == "team":
            return Center.objects.get(pk=key)
        return StaffMember.objects.get(pk=key)


class HandOverForm(SheetTexts):
    """The offer. `receiver` becomes `to_staff` or `to_center`."""

    creates = True
    submit_label = Step.HAND_OVER.label

    receiver = ReceiverField(label=_("To whom"))
    reason = forms.ModelChoiceField(
        HandoverReason.objects.filter(is_active=True),
        label=_("Reason"),
        empty_label=_("Please choose"),
    )
    client_told_on = DayField(
        label=_("The client was told on"),
        help_text=_("Nobody is handed over without knowing it."),
    )

    field_order = ["receiver", "reason", "client_told_on", *TEXTS]

    def __init__(self, *args, case: Case, consents: Iterable[Consent], **kwargs):
        super().__init__(*args, **kwargs)
        self.case = case
        offer(
            self.fields["reason"],
            choices_of(HandoverReason)[HandoverReason],
            empty=_("Please choose"),
        )
        covered = {recipient.pk for consent in consents for recipient in consent.recipients.all()}
        self.fields["receiver"].choices = list(receivers_of(case, covered | {case.provider_id}))
        self.fields["receiver"].help_text = _(
            "The offer to a team goes to everybody there whom a consent covers; the first to "
            "accept gets the case."
        )

    @property
    def helper(self):
        helper = helper_for(self)
        helper.layout = Layout(
            "once_key",
            Fieldset(_("The offer"), "receiver", "reason", "client_told_on", css_class="form-part"),
            Fieldset(_("The sheet"), *TEXTS, css_class="form-part"),
        )
        return helper

    def clean_client_told_on(self):
        told_on = self.cleaned_data["client_told_on"]
        if told_on > timezone.localdate():
            raise forms.ValidationError(_("This day lies in the future."))
        return told_on

    def clean(self):
        data = super().clean()
        receiver = data.pop("receiver", None)
        if isinstance(receiver, Center):
            data["to_center"] = receiver
            self.names_person(self.case)
        elif receiver is not None:
            data["to_staff"] = receiver
        return data


def consent_url(case: Case, receiver: str) -> str:
    """Return where the consent to a handover is recorded; a person's employer is chosen already."""
    query = {"kind": Consent.Kind.TRANSFER.value}
    kind, _separator, key = receiver.partition("-")
    if kind == "person" and key.isdecimal():
        jobs = Assignment.objects.current().granting(Permission.TAKE_CASES)
        employer = jobs.filter(staff_member=key).values_list("employer", flat=True).first()
        query |= {"recipient": employer} if employer else {}
    return reverse("cases:give_consent", args=[case.reference], query=query)


def receivers_of(case: Case, covered: set[int]) -> Iterator[tuple]:
    """List whom the case can be offered to, and say where a consent is missing.

    `covered`: the providers whose staff may see the sheet. Two queries, however many work here.
    """
    colleagues = (
        StaffMember.objects.working_as_caseworkers()
        .exclude(pk=case.lead_id)
        .prefetch_related(
            Prefetch("assignments", Assignment.objects.select_related("employer", "center"))
        )
        .order_by("family_name", "given_name", "pk")
    )
    by_center: dict[str, list[tuple[str, str]]] = {}
    teams: dict[Center, bool] = {}
    everywhere = []
    for person in colleagues:
        today = timezone.localdate()
        jobs = [job for job in person.assignments.all() if job.is_current(today)]
        for job in jobs:
            is_covered = job.employer_id in covered
            if job.center is None:
                everywhere.append(is_covered)
            else:
                teams[job.center] = teams.get(job.center, False) or is_covered
        job = jobs[0]
        where = str(job.center) if job.center else str(_("All centers"))
        by_center.setdefault(where, []).append(
            (
                f"person-{person.pk}",
                _marked(f"{person} · {job.employer}", job.employer_id in covered),
            )
        )
    yield "", _("Please choose")
    yield (
        _("Team of a center"),
        [
            (f"team-{center.pk}", _marked(str(center), reaches or any(everywhere)))
            for center, reaches in sorted(teams.items(), key=lambda item: item[0].name)
        ],
    )
    for where in sorted(by_center):
        yield where, by_center[where]


def _marked(label: str, is_covered: bool):
    return label if is_covered else _("%(name)s (consent is missing)") % {"name": label}


class AmendHandoverForm(SheetTexts):
    """The text of an open offer; carries the version that its writer was shown."""

    submit_label = _("Save the sheet")

    version = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, handover: Handover, **kwargs):
        texts = {name: getattr(handover, name) for name in TEXTS}
        shown = handover.amended_at.isoformat() if handover.amended_at else ""
        super().__init__(*args, initial={**texts, "version": shown}, **kwargs)
        self.handover = handover

    def clean(self):
        data = super().clean()
        if self.handover.to_center_id is not None:
            self.names_person(self.handover.case)
        return data


class AskBackForm(StepForm):
    creates = True
    submit_label = _("Ask")

    question = forms.CharField(
        label=_("Your question to the lead"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody who reads the sheet sees question and answer."),
    )


class AnswerQuestionForm(StepForm):
    submit_label = Step.ANSWER_QUESTION.label

    answer = forms.CharField(
        label=_("Answer"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )


class BecauseForm(StepForm):
    """One reason, read by the other side."""

    because = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, submit_label, required: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.submit_label = submit_label
        self.fields["because"].required = required


class ConfirmForm(StepForm):
    """Nothing to fill in: the page says what will happen."""

    def __init__(self, *args, submit_label, **kwargs):
        super().__init__(*args, **kwargs)
        self.submit_label = submit_label


class ObtainedConsentForm(StepForm):
    """The consent that somebody whom the coordination named was given."""

    creates = True
    submit_label = _("Record the consent")

    form = forms.ChoiceField(
        label=_("How it was given"), choices=Consent.Form, widget=forms.RadioSelect
    )
    oral_because = forms.CharField(
        label=_("Why orally"),
        max_length=200,
        required=False,
        help_text=_("Needed only for an oral consent."),
    )
    valid_until = DayField(label=_("Valid until"))
    explained = forms.BooleanField(
        label=_(
            "I have explained that the consent is voluntary, what refusing would mean, "
            "and that it can be revoked at any time."
        )
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        in_a_year = timezone.localdate() + relativedelta(months=settings.CONSENT_MONTHS)
        self.fields["valid_until"].initial = in_a_year

    def clean(self):
        data = super().clean()
        if data.get("form") == Consent.Form.ORAL and not data.get("oral_because"):
            self.add_error("oral_because", _("Please say why the consent was given orally."))
        until = data.get("valid_until")
        if until and until < timezone.localdate():
            self.add_error("valid_until", _("A consent cannot end before it begins."))
        return data
