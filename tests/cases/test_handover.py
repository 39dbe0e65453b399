"""Handing a case over: what is asked, what moves, who reads what before and after."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import (
    Case,
    CaseEvent,
    Consent,
    FollowUp,
    Handover,
    HandoverReason,
)
from cases.workflow import handover as workflow
from cases.workflow.deputies import name_deputy
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
)
from tests.cases.handovers import consent_for, offer
from tests.providers.factories import AssignmentFactory, CaseworkerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal, person__given_name="Jelena", person__family_name="Ilieva")


@pytest.fixture
def moved():
    return HandoverReason.objects.get(code="UMZUG_STADTBEZIRK")


# --- The offer ----------------------------------------------------------------------------------


def test_a_colleague_of_the_same_provider_is_offered_a_case_without_consent(case, amal, dora):
    handover = offer(case, dora)

    assert handover.state == Handover.State.OFFERED
    assert handover.answer_due_on == timezone.localdate() + timedelta(days=7)
    assert Case.objects.offered_to(dora).get() == case
    assert Case.objects.get().lead == amal


def test_another_provider_is_offered_nothing_without_a_consent(case, ben):
    with pytest.raises(Refusal, match="AWO") as refused:
        offer(case, ben)

    assert refused.value.links
    assert not Handover.objects.exists()


@pytest.mark.parametrize(
    "invalid",
    [
        {"kind": Consent.Kind.DISCLOSURE},
        {"revoked": True},
        {"valid_from": timezone.localdate() + timedelta(days=1)},
        {
            "valid_from": timezone.localdate() - timedelta(days=9),
            "valid_until": timezone.localdate() - timedelta(days=1),
        },
    ],
)
def test_only_a_valid_consent_to_a_handover_carries_an_offer(case, ben, awo, invalid):
    consent_for(case, awo, **invalid)

    with pytest.raises(Refusal):
        offer(case, ben)


def test_a_consent_of_another_case_does_not_count(case, amal, ben, awo):
    consent_for(CaseFactory(lead=amal), awo)

    with pytest.raises(Refusal):
        offer(case, ben)


def test_a_team_that_no_consent_covers_is_refused_and_named(case, chen, rheinhausen):
    with pytest.raises(Refusal, match="Grafschafter"):
        offer(case, rheinhausen)


def test_an_offer_to_a_team_reaches_only_those_whom_the_consent_covers(
    case, chen, rheinhausen, grafschafter, awo
):
    uncovered = CaseworkerFactory(center=rheinhausen, employer=awo)
    consent_for(case, grafschafter)

    offer(case, rheinhausen)

    assert Case.objects.offered_to(chen).exists()
    assert not Case.objects.known_to(uncovered).exists()


def test_a_team_of_nobody_is_refused(case, amal, hochfeld):
    with pytest.raises(Refusal):
        offer(case, hochfeld)


def test_a_second_offer_is_refused_while_one_is_open(case, dora, hamborn):
    offer(case, dora)

    with pytest.raises(Refusal) as refused:
        offer(case, hamborn)
    assert refused.value.links


def test_nobody_offers_a_case_to_themselves_or_to_its_lead(case, amal, dora):
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.DEPUTY)

    with pytest.raises(Refusal):
        offer(case, amal)
    with pytest.raises(Refusal):
        offer(case, amal, by=dora)
    with pytest.raises(Refusal):
        offer(case, dora, by=dora)


def test_somebody_who_cannot_work_is_offered_nothing(case, drk, hamborn):
    yesterday = timezone.localdate() - timedelta(days=1)
    gone = CaseworkerFactory(employer=drk, center=hamborn, valid_until=yesterday)
    blocked = CaseworkerFactory(employer=drk, center=hamborn, blocked=True)

    for person in (gone, blocked):
        with pytest.raises(Refusal):
            offer(case, person)


def test_a_colleague_without_a_row_cannot_hand_over_somebody_elses_case(case, dora):
    with pytest.raises(NotYours):
        offer(case, dora, by=dora)


# --- The sheet ----------------------------------------------------------------------------------


def test_the_sheet_closes_on_the_day_after_the_consent(case, chen, grafschafter):
    consent_for(case, grafschafter, valid_until=timezone.localdate() + timedelta(days=3))
    offer(case, chen)

    with time_machine.travel(timezone.now() + timedelta(days=3), tick=False):
        assert Case.objects.offered_to(chen).exists()
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        assert not Case.objects.known_to(chen).exists()


def test_an_offer_opens_the_sheet_and_not_the_file(case, chen, grafschafter):
    consent_for(case, grafschafter)
    offer(case, chen)

    assert not Case.objects.visible_to(chen).exists()
    assert not FollowUp.objects.visible_to(chen).exists()


def test_considering_a_case_is_recorded_once(case, dora, hamborn):
    handover = offer(case, hamborn)

    workflow.review_handover(handover, by=dora)

    assert CaseEvent.objects.filter(step=Step.REVIEW_HANDOVER, actor=dora).count() == 1
    with pytest.raises(Refusal):
        workflow.review_handover(handover, by=dora)


def test_a_question_is_asked_back_and_answered_once(case, amal, dora):
    handover = offer(case, dora)
    workflow.ask_back(handover, by=dora, question="Wann läuft die Frist ab?")
    question = handover.questions.get()

    workflow.answer_question(question, by=amal, answer="Am 3. Mai.")

    question.refresh_from_db()
    assert (question.answer, question.answered_by) == ("Am 3. Mai.", amal)
    with pytest.raises(Refusal):
        workflow.answer_question(question, by=amal, answer="Am 4. Mai.")


def test_the_lead_amends_the_text_and_the_receiver_does_not(case, amal, dora):
    handover = offer(case, dora)

    workflow.amend_handover(handover, by=amal, situation="Neu.", risks="Stromsperre.")

    handover.refresh_from_db()
    assert (handover.situation, handover.risks) == ("Neu.", "Stromsperre.")
    assert CaseEvent.objects.get(step=Step.AMEND_HANDOVER).details == {
        "parts": ["situation", "risks"]
    }
    with pytest.raises(NotYours):
        workflow.amend_handover(handover, by=dora, situation="Anders.")


def test_a_sheet_amended_meanwhile_is_not_overwritten(case, amal, dora):
    handover = offer(case, dora)
    workflow.amend_handover(handover, by=amal, situation="Neu.")

    with pytest.raises(Refusal):
        workflow.amend_handover(handover, by=amal, situation="Auf altem Stand.", version=None)


def test_a_deputy_does_not_take_the_case_by_an_offer_to_the_own_team(case, amal, dora, hamborn):
    name_deputy(case, by=amal, to=dora)
    with pytest.raises(Refusal):
        offer(case, hamborn, by=dora)
    CaseworkerFactory(center=hamborn, employer=case.provider)

    handover = offer(case, hamborn, by=dora)

    assert not Handover.objects.incoming(dora).exists()
    with pytest.raises(NotYours):
        workflow.accept_handover(handover, by=dora)


@pytest.mark.parametrize("covered", ["awo", "grafschafter"])
def test_of_two_employers_the_covered_one_counts(request, case, ben, grafschafter, covered):
    employer = request.getfixturevalue(covered)
    AssignmentFactory(staff_member=ben, employer=grafschafter, center=None, fte="0.5")
    consent_for(case, employer)

    workflow.accept_handover(offer(case, ben), by=ben)

    assert Case.objects.get().provider == employer
