"""Setting goals, changing them, agreeing on them, and saying what became of them."""

from collections.abc import Iterable

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import DayField
from cases.forms.step import StepForm
from cases.models import Case, Goal, Need, Person
from cases.workflow.goals import may_serve, next_states


class GoalForm(StepForm):
    """What is to be reached. `goal`: the one that is changed, else a new one is set."""

    submit_label = _("Save the goal")

    description = forms.CharField(
        label=_("What is to be reached"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("As it will be then, such as: “I have a flat of my own with two rooms.”"),
    )
    level = forms.ChoiceField(
        label=_("Level"),
        choices=Goal.Level,
        widget=forms.RadioSelect,
        help_text=_(
            "Guiding goal: what the person longs for. Framework goal: what has to be in place for "
            "it. Action goal: what can be done in the next weeks."
        ),
    )
    parent = forms.ModelChoiceField(
        Goal.objects.none(),
        label=_("Serves the goal"),
        required=False,
        empty_label=_("no goal above it"),
    )
    needs = forms.ModelMultipleChoiceField(
        Need.objects.none(),
        label=_("Grows out of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    due_on = DayField(label=_("To be reached by"), required=False)
    concerns = forms.ModelChoiceField(
        Person.objects.none(), label=_("Concerns"), required=False, empty_label=_("everybody")
    )
    is_confidential = forms.BooleanField(
        label=_("Confidential: on no paper for another member of the household"), required=False
    )

    def __init__(
        self,
        *args,
        case: Case,
        people: Iterable[Person],
        needs: Iterable[Need],
        goals: Iterable[Goal],
        goal: Goal | None = None,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.case, self.goal = case, goal
        self.fields["parent"].queryset = goals
        self.fields["parent"].label_from_instance = _named_with_level
        self.fields["needs"].queryset = needs
        self.fields["needs"].label_from_instance = lambda need: (
            f"{need.legal_domain.short_name}: {need.description}"
        )
        if len(people) > 1:
            known = [person.pk for person in people]
            self.fields["concerns"].queryset = Person.objects.filter(pk__in=known)
        else:
            del self.fields["concerns"], self.fields["is_confidential"]
        self.fields["level"].initial = Goal.Level.ACTION

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if due_on is not None and due_on < self.case.opened_on:
            raise forms.ValidationError(_("A goal cannot be due before the case was opened."))
        return due_on

    def clean(self):
        data = super().clean()
        level, parent = data.get("level"), data.get("parent")
        if level and parent and not may_serve(level, parent.level):
            self.add_error("parent", _("A goal serves one of a higher level."))
        if data.get("is_confidential") and not data.get("concerns"):
            self.add_error("concerns", _("Please say to whom it is confidential."))
        return data


class SetGoalForm(GoalForm):
    creates = True
    submit_label = _("Set the goal")

    agreed_on = DayField(
        label=_("Agreed with the person on"),
        required=False,
        help_text=_("Leave empty if you have not talked about it yet."),
    )

    def clean_agreed_on(self):
        return possible_agreement(self.cleaned_data["agreed_on"], self.case)


class ChangeGoalForm(GoalForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, goal: Goal, **kwargs):
        super().__init__(*args, goal=goal, **kwargs)
        for name in ("description", "level", "due_on", "is_confidential"):
            if name in self.fields:
                self.fields[name].initial = getattr(goal, name)
        self.fields["parent"].initial = goal.parent_id
        self.fields["needs"].initial = [need.pk for need in goal.needs.all()]
        self.fields["seen"].initial = goal.version
        if "concerns" in self.fields:
            self.fields["concerns"].initial = goal.concerns_id
        if goal.agreed_on:
            self.fields["description"].help_text = _(
                "If you change the words or the day, the goal has to be agreed on again."
            )


class RateGoalForm(StepForm):
    may_insist = True
    submit_label = _("Save")

    state = forms.ChoiceField(label=_("How it stands"), widget=forms.RadioSelect)
    attainment = forms.TypedChoiceField(
        label=_("Compared with what was expected"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=(
            ("", _("not said")),
            ("2", _("+2 much more than expected")),
            ("1", _("+1 more than expected")),
            ("0", _("0 as expected")),
            ("-1", _("−1 less than expected")),
            ("-2", _("−2 much less than expected")),
        ),
    )
    drop_measures = forms.BooleanField(
        label=_("If the goal ends: drop the measures that are still open"), required=False
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, goal: Goal, has_open_measures: bool, **kwargs):
        super().__init__(*args, **kwargs)
        # All of them stay choosable once sent: the step says better than "not one of the choices"
        # what cannot follow any more.
        states = Goal.State if self.is_bound else next_states(goal)
        self.fields["state"].choices = [(state.value, state.label) for state in states]
        self.fields["state"].initial = goal.state
        self.fields["attainment"].initial = "" if goal.attainment is None else goal.attainment
        self.fields["seen"].initial = goal.state
        if not has_open_measures:
            del self.fields["drop_measures"]


class AgreePlanForm(StepForm):
    submit_label = _("Record the agreement")

    goals = forms.ModelMultipleChoiceField(
        Goal.objects.none(),
        label=_("Agreed goals"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one goal.")},
    )
    agreed_on = DayField(label=_("Agreed with the person on"))

    def __init__(self, *args, case: Case, goals: Iterable[Goal], **kwargs):
        super().__init__(*args, **kwargs)
        self.case = case
        self.fields["goals"].queryset = goals
        self.fields["goals"].label_from_instance = _named_with_level
        self.fields["goals"].initial = [goal.pk for goal in goals if goal.agreed_on is None]
        self.fields["agreed_on"].initial = timezone.localdate()

    def clean_agreed_on(self):
        return possible_agreement(self.cleaned_data["agreed_on"], self.case)


def possible_agreement(day, case: Case):
    """Raise ValidationError for a day on which nothing can have been agreed."""
    if day is not None and day > timezone.localdate():
        raise forms.ValidationError(_("The agreement cannot lie in the future."))
    if day is not None and day < case.opened_on:
        raise forms.ValidationError(_("The agreement cannot lie before the case was opened."))
    return day


def _named_with_level(goal: Goal) -> str:
    return f"{goal.get_level_display()}: {goal.description}"
