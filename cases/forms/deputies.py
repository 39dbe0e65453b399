"""Choosing who else works on a case."""

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import AccessReason
from cases.forms.fields import DayField
from cases.forms.step import StepForm
from cases.models import Case, CaseAccess, Consent
from providers.models import Assignment, StaffMember
from providers.roles import Permission


def colleagues_for(case: Case):
    """Return the caseworkers who may get this file: of its provider, or covered by a consent."""
    consents = Consent.objects.filter(case=case, kind__in=Consent.OPENS_FILE).valid()
    covered = Q(employer=case.provider_id) | Q(employer__in=consents.values("recipients"))
    jobs = Assignment.objects.current().granting(Permission.READ_FILES).filter(covered)
    return (
        StaffMember.objects.working_as_caseworkers()
        .filter(assignments__in=jobs)
        .exclude(pk=case.lead_id)
        .distinct()
        .order_by("family_name", "given_name")
    )


class ColleagueField(forms.ModelChoiceField):
    """A caseworker, named with the employer."""

    def label_from_instance(self, obj):
        return f"{obj} · {obj.employer}"


class ColleagueForm(StepForm):
    """A form that chooses a colleague who may get this file."""

    to = ColleagueField(queryset=None, label=_("Colleague"))

    def __init__(self, *args, case: Case, **kwargs):
        super().__init__(*args, **kwargs)
        colleagues = colleagues_for(case).with_assignments()
        self.fields["to"].queryset = colleagues
        self.fields["to"].help_text = _(
            "Colleagues of another provider appear here once a consent covers it."
        )


class DeputyForm(ColleagueForm):
    """The new deputy; carries the one whom its writer was shown, 0 for nobody."""

    may_insist = True

    submit_label = _("Name a deputy")

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, case: Case, **kwargs):
        super().__init__(*args, case=case, **kwargs)
        self.fields["to"].label = _("Deputy")
        self.fields["seen"].initial = case.deputy_id or 0


class TeamMemberForm(ColleagueForm):
    submit_label = _("Add to the team")

    until = DayField(label=_("Until"), required=False, help_text=_("Empty: until you end it."))

    def __init__(self, *args, case: Case, **kwargs):
        super().__init__(*args, case=case, **kwargs)
        with_access = CaseAccess.objects.current().filter(case=case)
        with_access = with_access.exclude(reason=AccessReason.HANDOVER)
        colleagues = self.fields["to"].queryset
        self.fields["to"].queryset = colleagues.exclude(pk__in=with_access.values("staff_member"))

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until is not None and until < timezone.localdate():
            raise forms.ValidationError(_("The last day cannot lie in the past."))
        return until


class EndRightForm(StepForm):
    submit_label = _("End the access")
