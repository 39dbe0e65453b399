"""Entering a letter or an event, changing the deadline that follows from it, and settling it."""

from collections import defaultdict

from crispy_forms.layout import HTML, Div, Layout
from dateutil.relativedelta import relativedelta
from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cases.deadline_law import NEEDS_DAY, Arrival, Kind
from cases.forms.choices import offer
from cases.forms.fields import DayField
from cases.forms.follow_ups import NextStepForm, refuse_the_past
from cases.forms.step import StepForm, helper_for
from cases.models import Case, Deadline, DeadlineRule, Person
from cases.workflow.deadlines import Letter, computed
from cases.workflow.follow_ups import assignees_of
from providers.models import LegalDomain, Provider, StaffMember

# A letter older than this is a slip of the keyboard.
OLDEST_LETTER = relativedelta(years=10)
# Days that lie ahead when they are entered.
FUTURE_DAYS = frozenset({Kind.SET_DAY, Kind.BEFORE_END})


class ConcerningForm(StepForm):
    """A form that says whom a record is about; not asked where nobody else belongs to the case."""

    concerns = forms.ModelChoiceField(
        Person.objects.none(), label=_("Concerns"), required=False, empty_label=_("Everybody")
    )
    is_confidential = forms.BooleanField(
        label=_("Confidential: on no paper for another member of the household"), required=False
    )

    def __init__(self, *args, case: Case, **kwargs):
        super().__init__(*args, **kwargs)
        self.case = case
        self.people = list(Person.objects.of_case(case))
        self.fields["concerns"].queryset = Person.objects.filter(
            pk__in=[person.pk for person in self.people]
        )
        choices = [(person.pk, str(person)) for person in self.people]
        offer(self.fields["concerns"], choices, empty=_("Everybody"))

    @property
    def is_alone(self) -> bool:
        return len(self.people) == 1

    def clean(self):
        data = super().clean()
        if data.get("is_confidential") and not data.get("concerns"):
            self.add_error("concerns", _("Please say to whom it is confidential."))
        return data


class LetterForm(ConcerningForm):
    """What stands on a letter, or the day of an event; the portal counts the rest."""

    template = forms.ChoiceField(label=_("Which deadline"))
    dated_on = DayField(
        label=_("Date"),
        help_text=_(
            "The date printed on the letter. Without a letter: the day of the event, for example "
            "the birth, the end of the title or approval, or the day that the office has set."
        ),
    )
    arrival = forms.ChoiceField(
        label=_("How the letter came"), choices=Arrival, initial=Arrival.POST, required=False
    )
    received_on = DayField(
        label=_("Received on"),
        required=False,
        help_text=_("On a yellow envelope the day is written on it. Otherwise if it came later."),
    )
    late_is_proven = forms.BooleanField(
        label=_("If it came later: this can be proven (envelope, witnesses)"), required=False
    )
    has_instruction = forms.BooleanField(
        label=_("The letter says correctly how to object or go to court, where and until when"),
        initial=True,
        required=False,
    )
    authority = forms.ModelChoiceField(
        Provider.objects.none(), label=_("Office or court"), required=False, empty_label="–"
    )
    other_authority = forms.CharField(
        label=_("Other office or court"), max_length=120, required=False
    )
    subject = forms.CharField(
        label=_("What it is about"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    legal_domain = forms.ModelChoiceField(
        LegalDomain.objects.none(), label=_("Legal domain"), required=False, empty_label="–"
    )
    is_abroad = forms.BooleanField(
        label=_("The person was abroad when the letter came"), required=False
    )
    due_on = DayField(
        label=_("Another last day"),
        required=False,
        help_text=_("Leave empty if the computed day counts."),
    )
    because = forms.CharField(label=_("Why another day counts"), max_length=300, required=False)
    warn_on = DayField(
        label=_("Warn on"),
        required=False,
        help_text=_("Leave empty for the usual day before."),
    )
    assignee = forms.ModelChoiceField(
        StaffMember.objects.none(), label=_("Responsible"), required=False, empty_label=None
    )

    # Folded away until somebody wants them.
    details = ("legal_domain", "concerns", "is_confidential", "is_abroad")
    own_days = ("due_on", "because", "warn_on")

    def __init__(self, *args, preview_url: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.preview_url = preview_url
        self.fields["template"].choices = _templates()
        offices = Provider.objects.filter(
            kind__in=[Provider.Kind.AUTHORITY, Provider.Kind.MUNICIPALITY], is_active=True
        ).order_by("name")
        self.fields["authority"].queryset = offices
        self.fields["legal_domain"].queryset = LegalDomain.objects.current()

    def clean_dated_on(self):
        dated_on = self.cleaned_data["dated_on"]
        if dated_on < timezone.localdate() - OLDEST_LETTER:
            raise forms.ValidationError(
                _("That is more than ten years ago. Please check the year.")
            )
        return dated_on

    def clean_received_on(self):
        received_on = self.cleaned_data["received_on"]
        if received_on is not None and received_on > timezone.localdate():
            raise forms.ValidationError(_("A letter cannot be received in the future."))
        return received_on

    def clean_warn_on(self):
        return refuse_the_past(self.cleaned_data["warn_on"])

    def clean(self):
        data = super().clean()
        rule = self._rule(data)
        if rule is not None:
            data["rule"] = rule
            self._check_days(rule, data)
        if data.get("authority") and data.get("other_authority"):
            self.add_error(
                "other_authority", _("Please choose an office or enter another, not both.")
            )
        if not self.errors:
            self._check_own_days()
        return data

    def letter(self) -> Letter:
        """Return what was entered, as the step takes it."""
        names = Letter.__dataclass_fields__
        return Letter(**{name: value for name, value in self.cleaned_data.items() if name in names})

    def _rule(self, data) -> DeadlineRule | None:
        """Find the version of the rule that held on the day."""
        template, dated_on = data.get("template"), data.get("dated_on")
        if not template or dated_on is None:
            return None
        rule = DeadlineRule.objects.in_force(dated_on).filter(template=template).first()
        if rule is None:
            self.add_error(
                "template", _("This rule did not hold on that day. Please check the date.")
            )
        return rule

    def _check_days(self, rule: DeadlineRule, data) -> None:
        dated_on, received_on = data["dated_on"], data.get("received_on")
        if rule.kind not in FUTURE_DAYS and dated_on > timezone.localdate():
            sentence = (
                _("A letter cannot be dated in the future. Please check the date.")
                if rule.takes_a_letter
                else _("This day has not come yet. Please check the date.")
            )
            self.add_error("dated_on", sentence)
        if not rule.takes_a_letter:
            return
        if not data.get("arrival"):
            self.add_error("arrival", _("Please say how the letter came."))
        if received_on is not None and received_on < dated_on:
            self.add_error("received_on", _("The letter cannot be received before its date."))
        is_missing = received_on is None and "received_on" not in self.errors
        if is_missing and data.get("arrival") in NEEDS_DAY:
            self.add_error("received_on", _("Please enter the day on which it arrived."))

    def _check_own_days(self) -> None:
        found = computed(self.letter())
        data = self.cleaned_data
        if found.due_on != found.result.due_on and not data.get("because"):
            self.add_error("because", _("Please say why another day than the computed one counts."))
        if data.get("warn_on") and data["warn_on"] >= found.due_on:
            self.add_error("warn_on", _("The warning has to come before the last day."))

    @property
    def helper(self):
        helper = helper_for(self)
        details = [name for name in self.details if not (self.is_alone and name in _ABOUT)]
        assignee = ["assignee"] if "assignee" in self.fields else []
        helper.layout = Layout(
            Div(
                "template",
                Div("dated_on", "arrival", "received_on", css_class="form-row"),
                "late_is_proven",
                "has_instruction",
                Div("authority", "other_authority", css_class="form-row"),
                "subject",
                HTML(self._fold(_("More: legal domain, whom it concerns, abroad"), details)),
                *details,
                HTML("</details>"),
                HTML(self._fold(_("Another day, another warning"), self.own_days)),
                Div("due_on", "warn_on", css_class="form-row"),
                "because",
                HTML("</details>"),
                *assignee,
                hx_post=self.preview_url,
                hx_trigger="change delay:200ms",
                hx_vals='{"preview": "1"}',
                hx_target="#deadline-result",
                hx_sync="this:replace",
            )
        )
        return helper

    def _fold(self, words, names) -> str:
        """Open a part that is folded away, unless something stands in it or is wrong with it."""
        filled = any(self[name].value() for name in names)
        troubled = self.is_bound and any(name in self.errors for name in names)
        return format_html(
            '<details class="more-fields"{}><summary>{}</summary>',
            " open" if filled or troubled else "",
            words,
        )


_ABOUT = frozenset({"concerns", "is_confidential"})


class EnterLetterForm(LetterForm):
    creates = True
    submit_label = _("Save the deadline")

    def __init__(self, *args, reader: StaffMember, **kwargs):
        super().__init__(*args, **kwargs)
        assignees = assignees_of(self.case)
        self.fields["assignee"].queryset = assignees
        offer(self.fields["assignee"], [(one.pk, str(one)) for one in assignees])
        self.fields["assignee"].initial = reader.pk


class ChangeDeadlineForm(LetterForm):
    submit_label = _("Save the changes")

    def __init__(self, *args, deadline: Deadline, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["assignee"]
        taken_over = set(self.fields) - {"template", "due_on", "because", "warn_on", "arrival"}
        self.initial = {name: getattr(deadline, name) for name in taken_over}
        self.initial["template"] = deadline.rule.template
        self.initial["arrival"] = deadline.arrival or Arrival.POST
        if deadline.due_on != deadline.computed_on:
            self.initial |= {"due_on": deadline.due_on, "because": deadline.changed_because}


class CheckDeadlineForm(StepForm):
    submit_label = _("I have checked it")


class SettleDeadlineForm(NextStepForm):
    submit_label = _("Settle the deadline")

    state = forms.ChoiceField(label=_("What became of it"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example how the objection was sent, and which proof there is."),
    )
    field_order = ("state", "note", "next_subject", "next_due_on")

    def __init__(self, *args, deadline: Deadline, **kwargs):
        super().__init__(*args, **kwargs)
        state = Deadline.State
        labels = {
            state.MET: _("Met: what was due was done in time"),
            state.MISSED: _("Missed"),
            state.DROPPED: _("Not needed: nothing has to be done"),
        }
        if not deadline.is_past and not self.is_bound:
            del labels[state.MISSED]
        self.fields["state"].choices = [(one.value, label) for one, label in labels.items()]


def _templates() -> list:
    """List the deadlines by what they are for; one entry for all versions of each."""
    groups = defaultdict(list)
    for rule in DeadlineRule.objects.for_choosing():
        groups[Kind(rule.kind).label].append((rule.template, rule.name))
    return [("", _("Please choose")), *groups.items()]
