"""Opening a case: one page for the person, the needs, the consent and the next step."""

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.duplicates import Identity
from cases.forms.choices import offer
from cases.forms.fields import DayField
from cases.forms.follow_ups import refuse_the_past
from cases.forms.people import LISTS, PersonForm
from cases.forms.step import ask_in_words
from cases.models import AccessRoute, Case, Consent, DataKind, Need
from cases.workflow.opening import (
    first_due_on,
    first_subject,
    own_center,
    possible_deputies,
)
from centers.models import Center
from providers.models import LegalDomain, LifeArea, StaffMember

MOST_NEEDS = 12


class NeedRow(forms.Form):
    """One need among those that a case begins with. Its lists are read once for all rows."""

    legal_domain = forms.ChoiceField(label=_("Legal domain"))
    description = forms.CharField(
        label=_("What is needed"),
        max_length=300,
        help_text=_("In a few words, such as: apply for housing benefit."),
    )
    life_area = forms.ChoiceField(label=_("Life area"), required=False)
    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=Need.Urgency, initial=Need.Urgency.NORMAL, required=False
    )

    use_required_attribute = False

    def __init__(self, *args, entries, **kwargs):
        super().__init__(*args, **kwargs)
        offer(self.fields["legal_domain"], entries[LegalDomain], empty=_("Please choose"))
        offer(self.fields["life_area"], entries[LifeArea], empty="–")
        ask_in_words(self)

    def has_changed(self):
        # An urgency alone is no need: the list has always something chosen.
        return bool(set(self.changed_data) - {"urgency"})

    def need(self) -> Need:
        """Return the need that was typed, not saved yet."""
        data = self.cleaned_data
        return Need(
            legal_domain_id=data["legal_domain"],
            description=data["description"],
            life_area_id=data["life_area"] or None,
            urgency=data["urgency"] or Need.Urgency.NORMAL,
        )


class BaseNeedRows(forms.BaseFormSet):
    """At least one need; further rows that are left empty do not count."""

    def initial_form_count(self):
        return 0

    def total_form_count(self):
        if self.is_bound:
            return super().total_form_count()
        return max(len(self.initial or ()), 1)

    @property
    def filled(self) -> list[NeedRow]:
        return [row for row in self.forms if row.has_changed()]


NeedRows = forms.formset_factory(
    NeedRow,
    formset=BaseNeedRows,
    min_num=1,
    max_num=MOST_NEEDS,
    absolute_max=MOST_NEEDS,
)


class OpenCaseForm(PersonForm):
    """Everything that opens a case; valid only together with its rows of needs."""

    submit_label = _("Open a case")
    creates = True

    access_route = forms.ModelChoiceField(
        AccessRoute.objects.filter(is_active=True), label=_("How the person came"), required=False
    )
    concern = forms.CharField(
        label=_("Concern"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("In the person's own words, as short as you like."),
    )
    is_urgent = forms.BooleanField(label=_("The case is urgent"), required=False)
    intensity = forms.ChoiceField(
        label=_("Intensity"), choices=Case.Intensity, initial=Case.Intensity.NORMAL
    )
    center = forms.ModelChoiceField(
        Center.objects.active(),
        label=_("Support center"),
        required=False,
        empty_label=_("As the neighbourhood says"),
        help_text=_(
            "Without a choice: the center of the neighbourhood, else your own. You may keep your "
            "own center; people are counselled where they turn up."
        ),
    )
    deputy = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label=_("Deputy"),
        required=False,
        empty_label=_("Nobody yet"),
        help_text=_("Somebody of your provider who steps in while you are away."),
    )
    consent_given_on = DayField(label=_("Consent given on"))
    consent_form = forms.ChoiceField(
        label=_("How it was given"),
        choices=Consent.Form,
        initial=Consent.Form.WRITTEN,
        widget=forms.RadioSelect,
    )
    consent_oral_because = forms.CharField(
        label=_("Why orally"),
        max_length=200,
        required=False,
        help_text=_("Needed only for an oral consent."),
    )
    special_categories = forms.ModelMultipleChoiceField(
        DataKind.objects.filter(is_active=True, is_special_category=True),
        label=_("The person expressly agrees that the file holds"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick only what the person has agreed to."),
    )
    consent_explained = forms.BooleanField(
        label=_("The person agrees that a file is kept"),
        error_messages={"required": _("Without an explained consent no file is kept.")},
        help_text=_(
            "I have explained that this is voluntary and can be revoked at any time, and that "
            "other centers learn that a file exists when somebody is about to open a second one."
        ),
    )
    next_subject = forms.CharField(label=_("What is to be done"), max_length=200)
    next_due_on = DayField(label=_("Due on"))

    # As on the page, so that the summary of errors reads from top to bottom.
    field_order = [
        "family_name",
        "given_name",
        "birth_date",
        "birth_precision",
        "nationality",
        "gender",
        "languages",
        "counselling_language",
        "interpreting",
        "native_name",
        "aliases",
        "residence_status",
        "residence_valid_until",
        "residence",
        "street",
        "postal_code",
        "city",
        "address_locked",
        "phone",
        "second_phone",
        "email",
        "contact_note",
        "access_route",
        "concern",
        "is_urgent",
        "intensity",
        "center",
        "deputy",
        "consent_given_on",
        "consent_form",
        "consent_oral_because",
        "special_categories",
        "consent_explained",
        "next_subject",
        "next_due_on",
    ]

    def __init__(self, data: QueryDict | None = None, *, opener: StaffMember, rows=None, **kwargs):
        self.opener = opener
        super().__init__(data, **kwargs)
        today = timezone.localdate()
        self.fields["deputy"].queryset = possible_deputies(opener)
        self.fields["consent_given_on"].initial = today
        self.fields["next_subject"].initial = first_subject()
        self.fields["next_due_on"].initial = first_due_on()
        self.needs = NeedRows(
            data, prefix="needs", initial=rows, form_kwargs={"entries": self.entries}
        )

    def lists(self):
        return (*LISTS, AccessRoute, LegalDomain, LifeArea)

    def offer_entries(self, entries) -> None:
        super().offer_entries(entries)
        self.entries = entries
        offer(self.fields["access_route"], entries[AccessRoute], empty="–")

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.needs.is_valid()])

    def clean_consent_given_on(self):
        given_on = self.cleaned_data["consent_given_on"]
        if given_on > timezone.localdate():
            raise forms.ValidationError(_("A consent cannot be given in the future."))
        return given_on

    def clean_next_due_on(self):
        return refuse_the_past(self.cleaned_data["next_due_on"])

    def clean(self):
        data = super().clean()
        if not (data.get("center") or self.instance.neighbourhood or own_center(self.opener)):
            self.add_error(
                "center", _("Please choose the center at which the person is counselled.")
            )
        if data.get("consent_form") == Consent.Form.ORAL:
            if not data.get("consent_oral_because"):
                self.add_error(
                    "consent_oral_because", _("Please say why the consent was given orally.")
                )
            if data.get("special_categories"):
                self.add_error(
                    "consent_form",
                    _("For special categories such as health the consent must be in writing."),
                )
        return data

    def identity(self) -> Identity:
        """Return who the person says they are; asked of a valid form."""
        return Identity.of(self.instance)

    def arguments(self) -> dict[str, object]:
        """Return what `workflow.opening.open_case` is called with; asked of a valid form."""
        about_the_case = (
            "languages center deputy access_route concern is_urgent intensity consent_given_on "
            "consent_form consent_oral_because consent_explained special_categories next_subject "
            "next_due_on"
        )
        return {
            "person": self.instance,
            "needs": [row.need() for row in self.needs.filled],
            **{name: self.cleaned_data[name] for name in about_the_case.split()},
        }

    def with_another_need(self) -> "OpenCaseForm":
        """Return the same form, as typed and not judged yet, with one more row for a need."""
        rows = [{name: row[name].data for name in row.fields} for row in self.needs.forms]
        typed = {name: self[name].data for name in self.fields}
        return OpenCaseForm(opener=self.opener, initial=typed, rows=[*rows, {}][:MOST_NEEDS])
