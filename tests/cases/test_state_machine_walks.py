"""Walks of the state machine that chance seldom takes; after each step everything must hold."""

import pytest
from hypothesis.stateful import INVARIANT_MARKER

from cases.access import Step
from tests.cases.test_state_machine import Portal

ABLE = (1, 0)  # pressed by the first of those whose step it is


@pytest.fixture
def portal(db):
    walked = Portal()
    Portal.taken.clear()
    yield walked
    walked.teardown()


def everything_holds(portal):
    for name in dir(Portal):
        if hasattr(getattr(Portal, name), INVARIANT_MARKER):
            getattr(portal, name)()


def test_revocation_closes_the_file_to_the_team_of_another_provider(portal):
    portal.add_team_member(ABLE, 0, "ben", None)
    everything_holds(portal)

    portal.revoke(ABLE, 0, the_file=False)

    everything_holds(portal)
    assert portal.taken[Step.ADD_TEAM_MEMBER] == portal.taken[Step.REVOKE_CONSENT] == 1


def test_at_acceptance_the_former_provider_loses_the_file_and_its_lead_a_month_later(portal):
    portal.deputy(ABLE, 0, "dora", ends=False)
    portal.answer_the_offer(ABLE, 0, Step.ACCEPT_HANDOVER)
    everything_holds(portal)

    portal.days_pass(31)

    everything_holds(portal)
    assert portal.taken[Step.NAME_DEPUTY] == portal.taken[Step.ACCEPT_HANDOVER] == 1


@pytest.mark.parametrize("answer", [Step.DECLINE_HANDOVER, Step.WITHDRAW_HANDOVER])
def test_after_an_answer_the_sheet_is_closed_and_the_case_can_rest(portal, answer):
    portal.answer_the_offer(ABLE, 0, answer)
    everything_holds(portal)

    portal.pause_or_resume(ABLE, 0, 90)
    everything_holds(portal)
    portal.days_pass(91)

    everything_holds(portal)
    assert portal.taken[answer] == portal.taken[Step.PAUSE] == 1
