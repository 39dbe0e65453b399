"""How PostgreSQL finds the rows of a list: by an index that fits the access rule, never by all."""

import json

import pytest
from django.db import connection
from django.utils import timezone

from cases.access import AccessReason
from cases.forms.filters import FollowUpFilter
from cases.forms.handover_lists import LISTS
from cases.models import Case, CaseAccess, FollowUp, Handover, HandoverReason, Person
from kim_portal.pagination import in_order
from providers.filters import DirectoryFilter
from providers.models import Service
from tests.cases.factories import CaseFactory, HandoverFactory, in_days
from tests.providers.factories import ServiceFactory

CASES = 3000


@pytest.fixture
def many_cases(amal, zoe):
    """Three thousand cases of zoe's beside twenty of amal's, and PostgreSQL knows how many."""
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL plans by how many rows there are")
    for _ in range(20):
        CaseFactory(lead=amal)
    like = CaseFactory(lead=zoe)
    persons = Person.objects.bulk_create(
        Person(given_name="Noor", family_name="Saleh", birth_date="1990-01-01")
        for _ in range(CASES)
    )
    cases = Case.objects.bulk_create(
        Case(
            reference=f"PLA-2026-{n}",
            person=person,
            center=like.center,
            provider=like.provider,
            lead=zoe,
            opened_on=like.opened_on,
            sort_name="Saleh, Noor",
            next_due_on=like.next_due_on,
        )
        for n, person in enumerate(persons)
    )
    CaseAccess.objects.bulk_create(
        CaseAccess(
            case=case,
            staff_member=zoe,
            provider=case.provider,
            reason=AccessReason.LEAD,
            granted_by=zoe,
        )
        for case in cases
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plan_of(queryset):
    """Return every step of the plan as (kind, what it reads)."""
    steps = [json.loads(queryset.explain(format="json"))[0]["Plan"]]
    for step in steps:  # grows while it is walked
        steps.extend(step.get("Plans", ()))
    return {
        (step["Node Type"], step.get("Index Name") or step.get("Relation Name")) for step in steps
    }


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_caseworkers_list_is_found_by_their_rights(many_cases, amal):
    rows = Case.objects.visible_to(amal).active().for_list().order_by("next_due_on", "pk")

    plan = plan_of(rows[:26])

    # `files_of_a_staff_member`, or the plain index on the column, which is smaller.
    assert any("staff_member" in (name or "") for _kind, name in plan)
    assert ("Seq Scan", "cases_case") not in plan
    assert ("Seq Scan", "cases_caseaccess") not in plan


@pytest.mark.postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("order", ["next_due_on", "last_touched_at", "-opened_on"])
def test_the_register_of_all_centers_is_read_in_the_order_of_an_index(many_cases, kora, order):
    key = "-pk" if order.startswith("-") else "pk"
    rows = Case.objects.registered_to(kora).active().for_list().order_by(order, key)

    plan = plan_of(rows[:26])

    assert ("Seq Scan", "cases_case") not in plan
    assert ("Sort", None) not in plan


# --- Handovers, follow-ups, services ------------------------------------------------------------


@pytest.fixture
def many_records(many_cases, amal, dora, zoe):
    """Beside zoe's thousands of handovers and follow-ups, twenty each way between amal and dora."""
    cases = Case.objects.filter(reference__startswith="PLA")
    reason = HandoverReason.objects.first()
    now = timezone.now()
    Handover.objects.bulk_create(
        Handover(
            case=case,
            recorded_by=zoe,
            recorded_at=now,
            from_staff=zoe,
            to_staff=zoe,
            reason=reason,
            situation=".",
            answer_due_on=in_days(3),
            **(
                {
                    "state": "declined",
                    "answered_by": zoe,
                    "answered_at": now,
                    "answered_because": ".",
                }
                if n % 2
                else {}
            ),
        )
        for n, case in enumerate(cases)
    )
    FollowUp.objects.bulk_create(
        FollowUp(
            case=case,
            recorded_by=zoe,
            recorded_at=now,
            subject=".",
            due_on=in_days(n % 90),
            assignee=zoe,
        )
        for n, case in enumerate(cases)
    )
    for case in Case.objects.filter(lead=amal):
        HandoverFactory(case=case, to_staff=dora)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.postgresql
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("show", "reader"), [("incoming", "dora"), ("outgoing", "amal"), ("answered", "amal")]
)
def test_handovers_are_found_by_whose_they_are_in_every_sort(request, many_records, show, reader):
    reader = request.getfixturevalue(reader)
    lists = {
        "incoming": Handover.objects.incoming,
        "outgoing": Handover.objects.outgoing,
        "answered": Handover.objects.answered_with,
    }
    for order in sorts_of(LISTS[show]):
        plan = plan_of(in_order(lists[show](reader).for_list(), order)[:26])

        assert ("Seq Scan", "cases_handover") not in plan, order
        assert ("Seq Scan", "cases_caseaccess") not in plan, order
        # With so few cases it is cheaper to read them all than to look up those of open offers.
        assert ("Seq Scan", "cases_case") not in plan or show == "outgoing", order


@pytest.mark.postgresql
@pytest.mark.django_db
def test_follow_ups_are_found_by_whose_they_are_in_every_sort(many_records, amal):
    for order in sorts_of(FollowUpFilter):
        plan = plan_of(in_order(FollowUp.objects.assigned_to(amal).open().for_list(), order)[:26])

        assert ("Seq Scan", "cases_followup") not in plan, order
        assert ("Seq Scan", "cases_case") not in plan, order


@pytest.mark.postgresql
@pytest.mark.django_db
def test_the_directory_is_read_in_the_order_of_an_index():
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL plans by how many rows there are")
    like = ServiceFactory()
    Service.objects.bulk_create(
        Service(code=f"plan-{n}", provider=like.provider, name=f"Angebot {n}", waiting_weeks=n % 9)
        for n in range(CASES)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for order in sorts_of(DirectoryFilter):
        plan = plan_of(in_order(Service.objects.active().for_list(), order)[:26])

        assert ("Seq Scan", "providers_service") not in plan, order
        assert not {("Sort", None), ("Incremental Sort", None)} & plan, order


def sorts_of(filters):
    """Return the columns of every sort that a bar offers."""
    sort = filters.base_filters["sort"]
    return [sort.columns(name) for name, _words in sort.extra["choices"]]
