"""How PostgreSQL finds the rows of a list: by an index that fits the access rule, never by all."""

import json

import pytest
from django.db import connection

from cases.access import AccessReason
from cases.models import Case, CaseAccess, Person
from tests.cases.factories import CaseFactory

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
