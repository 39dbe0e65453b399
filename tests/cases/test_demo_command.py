"""What the command refuses, and that equal days give equal worlds."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from cases.models import Case, CaseEvent, FollowUp, Handover, Need, Person
from providers.models import StaffMember
from tests.cases.factories import CaseFactory
from tests.providers.factories import CaseworkerFactory

TODAY = date(2026, 1, 4)  # a Sunday, and Christmas lies behind it


def _digest():
    return [
        list(rows)
        for rows in (
            Case.objects.order_by("reference").values_list(
                "reference",
                "sort_name",
                "lead__username",
                "phase",
                "opened_on",
                "closed_on",
                "next_due_on",
                "last_touched_at",
            ),
            CaseEvent.objects.order_by("pk").values_list(
                "case__reference", "step", "recorded_at", "actor__username"
            ),
            Need.objects.order_by("pk").values_list("case__reference", "legal_domain", "state"),
            FollowUp.objects.order_by("pk").values_list("case__reference", "subject", "due_on"),
            Handover.objects.order_by("pk").values_list("case__reference", "state"),
            Person.objects.order_by("pk").values_list("family_name", "birth_date", "phone"),
        )
    ]


def _world(cases):
    """Build a world, say what is in it, and go back behind it."""
    with transaction.atomic():
        call_command("demo", today=TODAY, cases=cases, verbosity=0)
        found = _digest()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_equal_days_give_equal_worlds():
    first, second = _world(12), _world(12)

    assert len(first[0]) == 12
    assert first == second


@pytest.mark.django_db
def test_a_database_with_somebody_elses_accounts_is_refused():
    CaseworkerFactory()

    with pytest.raises(CommandError, match="holds other data"):
        call_command("demo")

    assert not StaffMember.objects.filter(is_demo=True).exists()


@pytest.mark.django_db
def test_a_database_with_cases_is_refused():
    CaseFactory()

    with pytest.raises(CommandError, match="holds other data"):
        call_command("demo")
