"""Rights that run out by themselves: what is left behind goes to the lead in the night."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import CaseAccess, CaseEvent, FollowUp
from cases.workflow import leaving
from cases.workflow.invariants import broken_rules
from providers.models import Assignment
from providers.roles import Role
from tests.cases.factories import AccessFactory, CaseFactory, FollowUpFactory
from tests.providers.factories import AssignmentFactory

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


# --- Whoever works for another provider now, or not at all ----------------------------------------


def _change_employer(person, employer):
    """Let `person` work for another provider since yesterday: the files stay behind."""
    today = timezone.localdate()
    Assignment.objects.filter(staff_member=person).update(
        valid_from=today - timedelta(days=90), valid_until=today - timedelta(days=2)
    )
    AssignmentFactory(
        staff_member=person,
        employer=employer,
        role=Role.CASEWORKER,
        valid_from=today - timedelta(days=1),
    )


def test_whoever_changes_employer_leaves_their_part_to_the_lead(case, amal, dora, awo):
    follow_up = FollowUpFactory(case=case, assignee=dora)
    _change_employer(dora, awo)
    assert sum("run end_rights" in finding for finding in broken_rules()) == 3

    assert _run() == "1 cases put right, 1 follow-ups went to the lead.\n"

    follow_up.refresh_from_db()
    case.refresh_from_db()
    assert follow_up.assignee == amal
    assert case.deputy is None
    assert not CaseAccess.objects.current().filter(case=case, staff_member=dora).exists()
    assert not list(broken_rules())


def test_a_right_left_behind_is_none_again_on_coming_back(case, drk, ben, awo):
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.TEAM, provider=awo)
    _change_employer(ben, drk)

    _run()

    _change_employer(ben, awo)
    assert not list(CaseAccess.objects.working().filter(case=case, staff_member=ben))


def test_a_blocked_deputy_is_no_silent_deputy_after_the_block(case, dora, adam):
    FollowUpFactory(case=case, assignee=dora)
    dora.blocked_at = timezone.now()
    dora.save()

    leaving.return_follow_ups(dora, by=adam)

    case.refresh_from_db()
    assert case.deputy is None
    rows = CaseAccess.objects.current().filter(case=case, staff_member=dora)
    assert not rows.filter(reason=AccessReason.DEPUTY).exists()


def test_a_former_deputy_in_the_team_is_put_right_once(case, dora):
    _let_run_out(case, dora)
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.TEAM)

    assert _run().startswith("1 cases")

    case.refresh_from_db()
    assert case.deputy is None
    assert _run().startswith("0 cases")
