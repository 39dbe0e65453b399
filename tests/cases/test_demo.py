"""The demo world as it stands on the morning of its day, made once for this module."""

from collections import Counter
from datetime import date, time
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from cases.management.demo import staff
from cases.models import (
    Case,
    CaseEvent,
    Contact,
    DuplicateSuspicion,
    FollowUp,
    Handover,
    Need,
    Person,
    Referral,
)
from centers.models import Center, ConsultationHours
from centers.working_days import is_working_day
from providers.models import Assignment, Position, Service, StaffMember
from providers.roles import Role

# A Monday; the four months before it hold six public holidays.
TODAY = date(2026, 6, 15)
CASES = 36


@pytest.fixture(scope="module")
def said(django_db_setup, django_db_blocker):
    """Build the world once, and go back behind it when the module is through."""
    with (
        django_db_blocker.unblock(),
        time_machine.travel("2026-06-15 06:30:00Z", tick=False),
        transaction.atomic(),
    ):
        out = StringIO()
        call_command("demo", today=TODAY, cases=CASES, stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _world(said):
    """Every test here looks at the same world."""


def _advisers():
    return Assignment.objects.current().filter(role=Role.CASEWORKER)


def test_the_fourteen_advisers_are_four_of_the_city_and_ten_of_the_associations():
    kinds = Counter(_advisers().values_list("employer__kind", flat=True))

    assert kinds["municipality"] == 4
    assert kinds["association"] + kinds["member_association"] == 10
    assert _advisers().values("staff_member").distinct().count() == 14


def test_the_advisers_share_eleven_posts_and_all_employers_take_part(said):
    assert sum(_advisers().values_list("fte", flat=True)) == Decimal("11.00")
    assert set(_advisers().values_list("employer__code", flat=True)) >= {
        "ki",
        "drk",
        "diakoniewerk",
        "awo",
        "grafschafter-diakonie",
        "caritas",
        "paritaetischer",
        "ziuma",
    }
    assert "invented" in said


def test_fourteen_posts_are_funded():
    funded = {
        kind: sum(Position.objects.filter(kind=kind).values_list("fte", flat=True))
        for kind in ("case_management", "coordination", "administration")
    }

    assert funded == {"case_management": 11, "coordination": Decimal("2.5"), "administration": 0.5}
    assert set(Position.objects.values_list("eur_per_year", flat=True)) == {55_000}


@pytest.mark.parametrize(
    ("code", "street", "phones", "hours"),
    [
        (
            "HAM",
            "Duisburger Straße 241",
            ["+4920394065358", "+4920394065357"],
            [(0, 10, 12), (2, 14, 16)],
        ),
        ("HOC", "Brückenstraße 30", ["+4920360802707"], [(0, 10, 12), (2, 14, 16)]),
        ("RHE", "Beethovenstraße 18a", ["+492065550087"], [(0, 13, 15), (3, 10, 12)]),
    ],
)
def test_the_centers_are_as_the_article_says(code, street, phones, hours):
    center = Center.objects.get(code=code)
    rows = ConsultationHours.objects.filter(center=center).order_by("weekday")

    assert center.street == street
    assert list(center.phones.order_by("position").values_list("number", flat=True)) == phones
    assert list(rows.filter(kind="open").values_list("weekday", "opens", "closes")) == [
        (weekday, time(opens), time(closes)) for weekday, opens, closes in hours
    ]
    assert list(rows.filter(kind="phone").values_list("weekday", "opens", "closes")) == [
        (weekday, time(9), time(10)) for weekday in range(5)
    ]


def test_the_logins_belong_to_three_employers_and_every_account_is_a_demo_account(said):
    logins = StaffMember.objects.in_bulk(staff.LOGINS, field_name="username")
    caseworkers = [logins[name] for name in (staff.HAMBORN, staff.HOCHFELD, staff.RHEINHAUSEN)]

    assert len({one.employer.pk for one in caseworkers}) == 3
    assert logins[staff.COORDINATION].role == Role.COORDINATOR
    assert logins[staff.ADMINISTRATION].role == Role.ADMINISTRATOR
    assert all(one.check_password("kim-demo-2021") for one in logins.values())
    assert not StaffMember.objects.filter(is_demo=False).exists()
    assert all(name in said for name in staff.LOGINS)


def test_nobody_is_real_as_far_as_numbers_and_addresses_tell():
    numbers = [
        *StaffMember.objects.values_list("phone", flat=True),
        *Person.objects.values_list("phone", flat=True),
        *Service.objects.values_list("phone", flat=True),
    ]

    assert all(number.startswith("+493023125") for number in numbers if number)
    assert all(
        mail.endswith("@example.org")
        for mail in StaffMember.objects.values_list("email", flat=True)
    )


def test_as_many_cases_as_asked_for_within_four_months():
    assert Case.objects.count() == CASES
    assert Case.objects.order_by("opened_on").first().opened_on >= date(2026, 2, 15)


def test_everything_happens_on_working_days_in_office_hours_before_today():
    moments = [
        *CaseEvent.objects.values_list("recorded_at", flat=True),
        *Contact.objects.values_list("happened_at", flat=True),
        *Handover.objects.values_list("recorded_at", flat=True),
    ]
    local = [timezone.localtime(moment) for moment in moments]

    assert all(is_working_day(moment.date()) for moment in local)
    assert all(moment.date() < TODAY for moment in local)
    assert all(time(8) <= moment.time() < time(18) for moment in local)


def test_nothing_is_due_on_a_weekend_or_holiday():
    appointments = Referral.objects.exclude(appointment_at=None)
    days = [
        *FollowUp.objects.values_list("due_on", flat=True),
        *(timezone.localdate(one.appointment_at) for one in appointments),
    ]

    assert [day for day in days if not is_working_day(day)] == []


@pytest.mark.parametrize("login", [staff.HAMBORN, staff.HOCHFELD, staff.RHEINHAUSEN])
def test_each_caseworker_finds_something_due_today_overdue_and_ahead(login):
    own = FollowUp.objects.assigned_to(StaffMember.objects.get(username=login)).open()

    assert own.filter(due_on=TODAY).exists()
    assert own.overdue().exists()
    assert own.filter(due_on__gt=TODAY).exists()


def test_offers_wait_in_both_directions_with_a_question_and_one_overdue():
    waiting = list(Handover.objects.waiting())
    rheinhausen = StaffMember.objects.get(username=staff.RHEINHAUSEN)

    assert Handover.objects.offered_to(rheinhausen).filter(to_center__code="RHE").exists()
    assert any(one.to_staff and one.to_staff.username == staff.HAMBORN for one in waiting)
    assert any(one.to_staff and one.to_staff.username == staff.HOCHFELD for one in waiting)
    assert any(one.questions.filter(answered_at__isnull=True).exists() for one in waiting)
    assert any(one.is_remembered and not one.is_overdue for one in waiting)
    assert any(one.is_overdue for one in waiting)


def test_other_states_are_met_too():
    assert set(Need.objects.values_list("state", flat=True)) >= {"open", "in_progress", "unmet"}
    assert Case.objects.closed().exists()
    assert Case.objects.active().filter(is_urgent=True).exists()
    assert Case.objects.active().filter(deputy=None).exists()
    assert Person.objects.filter(address_locked=True).exists()
    assert DuplicateSuspicion.objects.open().exists()


def test_somebody_who_left_still_leads_cases_that_the_coordination_assigns():
    gone = StaffMember.objects.get(username=staff.GONE)

    assert not gone.is_active
    assert Case.objects.to_assign().filter(lead=gone).exists()


def test_no_rule_of_the_portal_is_broken():
    out = StringIO()

    call_command("check_cases", stdout=out)

    assert "No findings" in out.getvalue()


def test_a_second_call_changes_nothing():
    events, out = CaseEvent.objects.count(), StringIO()

    call_command("demo", stdout=out)

    assert "here already" in out.getvalue()
    assert CaseEvent.objects.count() == events
