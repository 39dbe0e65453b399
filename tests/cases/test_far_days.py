"""A day in a year that nobody means is refused beside its field, and nothing is saved."""

from datetime import date

import pytest
from dateutil.relativedelta import relativedelta
from django import forms
from django.urls import reverse
from django.utils import timezone

from cases.forms.fields import DayField, MomentField
from cases.forms.people import PersonForm
from cases.models import (
    Case,
    CaseEvent,
    ClosingReason,
    FollowUp,
)
from cases.workflow.closing import close
from cases.workflow.handover import withdraw_handover
from tests.cases.factories import CaseFactory
from tests.world import address_of

pytestmark = pytest.mark.django_db

FAR = ["9999-12-31", "31.12.9999", "1899-12-31"]

# Page, the field of the day, and what else is typed there.
PLACES = {
    "cases:add_team_member": ("until", {}),
    "cases:give_consent": (
        "valid_until",
        {"kind": "keep_file", "valid_from": "24.11.2026", "form": "written", "explained": "on"},
    ),
    "cases:plan_follow_up": ("due_on", {"subject": "Anrufen", "kind": "task"}),
    "cases:postpone_follow_up": ("due_on", {"because": "Frau ist verreist"}),
    "cases:complete_follow_up": ("next_due_on", {"next_subject": "Noch einmal anrufen"}),
    "cases:drop_follow_up": ("next_due_on", {"note": "Nicht nötig", "next_subject": "Anrufen"}),
    "cases:record_contact": (
        "follow_up_on",
        {"minutes": "15", "note": "Gespräch", "follow_up_subject": "Anrufen"},
    ),
    "cases:refer": (
        "follow_up_on",
        {"target": "Jobcenter", "kind": "self_referral", "follow_up_subject": "Nachfragen"},
    ),
    "cases:hand_over": ("client_told_on", {"situation": "Der Antrag läuft."}),
    "cases:close": ("closed_on", {"outcome": "reached", "end_the_rest": "on"}),
    "cases:correct_person": ("residence_valid_until", {}),
}


def is_far(answer, name):
    """Tell whether the page says beside this field that nobody means such a year."""
    form = answer.context["form"]
    codes = {error.code for error in form.errors.as_data().get(name, ())}
    return codes & {"too_early", "too_late"} and form.errors[name][0] in answer.text


@pytest.mark.parametrize("day", FAR)
@pytest.mark.parametrize("page", PLACES)
def test_a_far_day_is_refused_beside_its_field(browse, world, amal, page, day):
    case, keys = world
    if page == "cases:hand_over":
        withdraw_handover(case.handovers.get(), by=amal)
    name, others = PLACES[page]
    before = CaseEvent.objects.count(), FollowUp.objects.count()

    answer = browse(amal).post(address_of(page, case, keys), {**others, name: day})

    assert answer.status_code == 200
    assert is_far(answer, name)
    assert all(text in answer.text for text in others.values())
    assert (CaseEvent.objects.count(), FollowUp.objects.count()) == before


@pytest.mark.parametrize(
    ("page", "name"),
    [("cases:record_contact", "happened_at"), ("cases:refer", "appointment_at")],
)
@pytest.mark.parametrize("moment", ["9999-12-31T23:59", "31.12.9999 23:59", "0001-01-01T00:00"])
def test_a_far_moment_is_refused_beside_its_field(browse, world, amal, page, name, moment):
    case, keys = world

    answer = browse(amal).post(address_of(page, case, keys), {name: moment})

    assert answer.status_code == 200
    assert is_far(answer, name)


@pytest.mark.parametrize("day", FAR)
def test_a_closed_case_does_not_reopen_with_a_far_day(browse, amal, day):
    case = CaseFactory(lead=amal)
    reached = ClosingReason.objects.get(code="ZIEL_ERREICHT")
    close(case, by=amal, reason=reached, outcome="reached", end_the_rest=True)
    url = reverse("cases:reopen", args=[case.reference])

    answer = browse(amal).post(url, {"because": "Rückkehr", "subject": "Neu", "due_on": day})

    assert answer.status_code == 200
    assert is_far(answer, "due_on")
    assert not Case.objects.get().is_active


def test_a_calendar_holds_the_last_day_that_a_form_takes(browse, amal):
    in_ten_years = timezone.localdate() + relativedelta(years=10)
    CaseFactory(lead=amal, follow_up__due_on=in_ten_years)

    answer = browse(amal).get(reverse("cases:calendar"))

    assert f"{in_ten_years:%Y%m%d}" in answer.text


@pytest.mark.parametrize("field", [DayField(), MomentField()])
def test_ten_years_ahead_is_the_last_day_and_1900_the_first_year(field):
    at = "" if isinstance(field, DayField) else " 12:00"
    last = timezone.localdate() + relativedelta(years=10)

    assert field.clean(f"01.01.1900{at}")
    assert field.clean(f"{last:%d.%m.%Y}{at}")
    for day in (date(1899, 12, 31), last + relativedelta(days=1)):
        with pytest.raises(forms.ValidationError):
            field.clean(f"{day.isoformat()}{at}")


def test_a_residence_title_may_run_longer():
    in_thirty_years = timezone.localdate() + relativedelta(years=30)

    field = PersonForm.base_fields["residence_valid_until"]

    assert field.clean(in_thirty_years.isoformat()) == in_thirty_years
