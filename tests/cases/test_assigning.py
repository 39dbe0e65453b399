"""Cases without an able lead: the coordination assigns them, one or all."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import Case, CaseAccess, CaseEvent, ClosingReason, Consent, FollowUp, Handover
from cases.workflow import assigning as workflow
from cases.workflow import handover as handovers
from cases.workflow.closing import close
from cases.workflow.consents import revoke_consent
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import CaseFactory, ConsentFactory, HandoverFactory
from tests.providers.factories import AssignmentFactory, CaseworkerFactory, CoordinatorFactory

pytestmark = pytest.mark.django_db


def block(person):
    person.blocked_at = timezone.now()
    person.save()


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


@pytest.fixture
def orphan(case, amal):
    block(amal)
    return Case.objects.get(pk=case.pk)


# --- Which cases --------------------------------------------------------------------------------


def test_a_case_whose_lead_works_is_not_assigned(case, kora, dora):
    assert not workflow.assignable(kora).exists()
    with pytest.raises(Refusal):
        workflow.assign_lead(case, by=kora, to=dora)


def test_blocked_left_and_without_assignment_all_make_a_case_assignable(case, amal, kora):
    block(amal)
    assert workflow.assignable(kora).get() == case
    amal.blocked_at, amal.left_on = None, timezone.localdate()
    amal.save()
    assert workflow.assignable(kora).get() == case
    amal.left_on = None
    amal.save()
    assert not workflow.assignable(kora).exists()
    amal.assignments.update(valid_until=timezone.localdate() - timedelta(days=1))
    assert workflow.assignable(kora).get() == case


def test_a_lead_who_changed_employers_left_the_file_behind(case, amal, kora, awo, hamborn):
    yesterday = timezone.localdate() - timedelta(days=1)
    amal.assignments.update(valid_until=yesterday)
    AssignmentFactory(
        staff_member=amal, employer=awo, center=hamborn, valid_from=timezone.localdate()
    )

    assert workflow.assignable(kora).get() == case


def test_a_coordinator_sees_the_cases_of_their_centers_alone(orphan, rheinhausen):
    elsewhere = CoordinatorFactory(center=rheinhausen)

    assert not workflow.assignable(elsewhere).exists()


def test_caseworkers_and_administrators_assign_nothing(orphan, dora, adam):
    for person in (dora, adam):
        assert not workflow.assignable(person).exists()
        with pytest.raises(NotYours):
            workflow.assign_lead(orphan, by=person, to=dora)


def test_a_closed_case_needs_no_lead(amal, kora):
    CaseFactory(lead=amal, closed=True)
    block(amal)

    assert not workflow.assignable(kora).exists()


# --- Assigning ----------------------------------------------------------------------------------


def test_row_follow_ups_and_event_move_with_the_lead(orphan, amal, dora, kora):
    workflow.assign_lead(orphan, by=kora, to=dora)

    assert Case.objects.get().lead == dora
    rows = CaseAccess.objects.current()
    assert [(row.staff_member, row.reason, row.ends_at) for row in rows] == [
        (dora, AccessReason.LEAD, None)
    ]
    assert FollowUp.objects.get().assignee == dora
    event = CaseEvent.objects.get(step=Step.ASSIGN_LEAD)
    assert (event.actor, event.details["former_lead"], event.details["lead"]) == (
        kora,
        amal.pk,
        dora.pk,
    )
    assert not Case.objects.visible_to(kora).exists()


def test_nobody_of_another_provider_is_assigned_even_under_a_consent(orphan, ben, kora, awo, dora):
    ConsentFactory(case=orphan, recipients=[awo])

    with pytest.raises(Refusal):
        workflow.assign_lead(orphan, by=kora, to=ben)


def test_somebody_blocked_is_not_assigned(orphan, dora, kora):
    block(dora)

    with pytest.raises(Refusal):
        workflow.assign_lead(orphan, by=kora, to=dora)


def test_an_open_offer_ends_when_a_lead_is_assigned(case, amal, dora, kora, hamborn):
    handover = HandoverFactory(case=case, to_center=hamborn)
    block(amal)

    workflow.assign_lead(case, by=kora, to=dora)

    handover.refresh_from_db()
    assert (handover.state, handover.answered_by) == (Handover.State.WITHDRAWN, kora)


def test_an_offer_overdue_since_day_eight_is_assigned_although_the_lead_works(
    case, amal, kora, drk, rheinhausen
):
    colleague = CaseworkerFactory(employer=drk, center=rheinhausen)
    HandoverFactory(
        case=case,
        to_center=rheinhausen,
        answer_due_on=timezone.localdate() + timedelta(days=7),
    )
    with pytest.raises(Refusal):
        workflow.assign_lead(case, by=kora, to=colleague)

    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        workflow.assign_lead(case, by=kora, to=colleague)

        case.refresh_from_db()
        assert (case.lead, case.center) == (colleague, rheinhausen)
        former = CaseAccess.objects.current().get(staff_member=amal)
        assert former.reason == AccessReason.HANDOVER


def test_an_active_case_always_has_one_endless_lead_row(case, amal, dora, kora):
    block(amal)
    workflow.assign_lead(case, by=kora, to=dora)
    block(dora)
    amal.blocked_at = None
    amal.save()
    workflow.assign_lead(case, by=kora, to=amal)

    assert CaseAccess.objects.filter(reason=AccessReason.LEAD, ends_at=None).count() == 1


# --- Where the provider has nobody --------------------------------------------------------------


def test_somebody_of_another_provider_is_named_only_where_there_is_nobody(orphan, ben, kora, dora):
    with pytest.raises(Refusal):
        workflow.name_for_consent(orphan, by=kora, to=ben)


def test_whoever_is_named_knows_nothing_of_the_file_before_the_consent(orphan, chen, kora):
    workflow.name_for_consent(orphan, by=kora, to=chen)

    assert Handover.objects.named_to(chen).exists()
    assert not Case.objects.known_to(chen).exists()
    assert not Handover.objects.offered_to(chen).exists()
    with pytest.raises(NotYours):
        handovers.accept_handover(Handover.objects.get(), by=chen)


def test_with_the_consent_the_sheet_opens_and_the_case_can_be_taken(
    orphan, chen, kora, grafschafter
):
    handover = workflow.name_for_consent(orphan, by=kora, to=chen)

    workflow.obtain_consent(handover, by=chen, explained=True)

    consent = Consent.objects.get(kind=Consent.Kind.TRANSFER)
    assert list(consent.recipients.all()) == [grafschafter]
    assert Case.objects.offered_to(chen).get() == orphan
    handovers.accept_handover(handover, by=chen)
    assert (Case.objects.get().lead, Case.objects.get().provider) == (chen, grafschafter)


def test_nobody_records_a_consent_who_was_not_named(orphan, ben, chen, kora):
    handover = workflow.name_for_consent(orphan, by=kora, to=chen)

    with pytest.raises(NotYours):
        workflow.obtain_consent(handover, by=ben, explained=True)


def test_whoever_is_named_may_decline_when_the_person_refuses(orphan, chen, kora):
    handover = workflow.name_for_consent(orphan, by=kora, to=chen)

    handovers.decline_handover(handover, by=chen, because="Die Person möchte das nicht.")

    assert not Handover.objects.named_to(chen).exists()
    assert workflow.assignable(kora).exists()


def test_naming_somebody_else_ends_the_first_naming(orphan, ben, chen, kora):
    first = workflow.name_for_consent(orphan, by=kora, to=chen)

    workflow.name_for_consent(orphan, by=kora, to=ben)

    first.refresh_from_db()
    assert first.state == Handover.State.WITHDRAWN
    assert Handover.objects.named_to(ben).exists()


# --- A case that has to be closed -----------------------------------------------------------------


@pytest.fixture
def revoked(case, amal):
    """The consent to keep the file is revoked and the lead can no longer sign in."""
    revoke_consent(Consent.objects.get(kind=Consent.Kind.FILE), by=amal)
    block(amal)
    return Case.objects.get(pk=case.pk)


def test_a_case_that_has_to_be_closed_gets_somebody_who_can(revoked, kora, dora):
    workflow.assign_lead(revoked, by=kora, to=dora)

    reason = ClosingReason.objects.get(code=ClosingReason.CONSENT_REVOKED)
    close(revoked, by=dora, reason=reason, outcome=Case.Outcome.NOT_APPLICABLE)

    assert not Case.objects.get().is_active


def test_a_case_that_has_to_be_closed_goes_to_no_other_provider(revoked, kora, chen):
    with pytest.raises(Refusal):
        workflow.name_for_consent(revoked, by=kora, to=chen)
