"""Rights that run out by themselves: what is left behind goes to the lead in the night."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import CaseAccess, CaseEvent, FollowUp
from tests.cases.factories import AccessFactory, CaseFactory, FollowUpFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal, dora):
    return CaseFactory(lead=amal, deputy=dora)


def _run(*arguments):
    out = StringIO()
    call_command("end_rights", *arguments, stdout=out)
    return out.getvalue()


def _let_run_out(case, holder):
    yesterday = timezone.now() - timedelta(days=1)
    CaseAccess.objects.filter(case=case, staff_member=holder).update(
        starts_at=yesterday - timedelta(days=9), ends_at=yesterday
    )


def test_nothing_happens_while_all_rights_hold(case, dora):
    FollowUpFactory(case=case, assignee=dora)

    assert _run() == "0 cases put right, 0 follow-ups went to the lead.\n"


def test_a_deputy_whose_right_has_run_out_is_one_no_more(case, amal, dora):
    FollowUpFactory(case=case, assignee=dora)
    _let_run_out(case, dora)

    assert _run() == "1 cases put right, 1 follow-ups went to the lead.\n"

    case.refresh_from_db()
    assert case.deputy is None
    assert not FollowUp.objects.filter(assignee=dora).exists()
    event = CaseEvent.objects.get(case=case, step=Step.RETURN_FOLLOW_UPS)
    assert event.details == {
        "moved_follow_ups": 1,
        "former_deputy": dora.pk,
        "by_itself": True,
    }


def test_follow_ups_of_a_team_member_whose_time_is_over_go_to_the_lead(case, amal, ben):
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.TEAM)
    follow_up = FollowUpFactory(case=case, assignee=ben)
    _let_run_out(case, ben)

    _run()

    follow_up.refresh_from_db()
    assert follow_up.assignee == amal


def test_a_second_run_finds_nothing_left(case, dora):
    _let_run_out(case, dora)

    _run()

    assert _run().startswith("0 cases")


def test_a_dry_run_counts_and_changes_nothing(case, dora):
    _let_run_out(case, dora)

    assert _run("--dry-run") == "1 cases would be put right.\n"

    case.refresh_from_db()
    assert case.deputy == dora
    assert not CaseEvent.objects.filter(step=Step.RETURN_FOLLOW_UPS).exists()


def test_a_quiet_case_stays_quiet(case, dora):
    _let_run_out(case, dora)
    case.refresh_from_db()
    touched = case.last_touched_at

    _run()

    case.refresh_from_db()
    assert case.last_touched_at == touched
