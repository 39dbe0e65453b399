"""The database knows the rules: each constraint of cases, one by one, however a row is written."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.access import AccessReason
from cases.models import (
    Case,
    CaseAccess,
    ClosingReason,
    Consent,
    DuplicateSuspicion,
    FollowUp,
    Handover,
    HandoverReview,
    Need,
    Person,
    ReferenceCounter,
    Referral,
    Submission,
    UnmetReason,
)
from tests.cases import broken_instruments
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ConsentFactory,
    ContactFactory,
    DuplicateSuspicionFactory,
    FollowUpFactory,
    HandoverFactory,
    HouseholdMemberFactory,
    NeedFactory,
    PersonFactory,
    ReferralFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def a_second_lead(case):
    AccessFactory(case=case, staff_member=case.lead, reason=AccessReason.LEAD)


def access_that_ends_before_it_starts(case):
    AccessFactory(case=case, ends_at=timezone.now() - timedelta(days=1))


def access_for_an_unknown_reason(case):
    AccessFactory(case=case, reason="curiosity")


def a_case_in_an_unknown_phase(case):
    case.phase = "waiting"
    case.save()


def a_need_in_an_unknown_state(case):
    NeedFactory(case=case, state="waiting")


def a_follow_up_in_an_unknown_state(case):
    FollowUpFactory(case=case, state="late", ended_at=timezone.now(), ended_by=case.lead)


def a_follow_up_of_an_unknown_kind(case):
    FollowUpFactory(case=case, kind="call")


def a_referral_in_an_unknown_state(case):
    ReferralFactory(need__case=case, state="lost")


def a_referral_of_an_unknown_kind(case):
    ReferralFactory(need__case=case, kind="letter")


def a_handover_in_an_unknown_state(case):
    HandoverFactory(case=case, state="lost", answered_at=timezone.now(), answered_by=case.lead)


def closed_without_a_reason(case):
    case.closed_on, case.phase = timezone.localdate(), "closed"
    case.save()


def closed_before_it_was_opened(case):
    case.closed_on, case.phase = in_days(-1), "closed"
    case.closing_reason = ClosingReason.objects.first()
    case.save()


def the_lead_as_deputy(case):
    case.deputy = case.lead
    case.save()


def a_second_counter(case):
    for _ in range(2):
        ReferenceCounter.objects.create(center=case.center, year=2031)


def a_consent_that_ends_first(case):
    ConsentFactory(case=case, valid_until=in_days(-9))


def an_oral_consent_without_a_reason(case):
    ConsentFactory(case=case, form=Consent.Form.ORAL)


def a_contact_of_eleven_hours(case):
    ContactFactory(case=case, minutes=660)


def the_same_suspicion_twice(case):
    newer = CaseFactory()
    for _ in range(2):
        DuplicateSuspicionFactory(known=case, newer=newer)


def a_case_as_its_own_duplicate(case):
    DuplicateSuspicion.objects.create(known=case, newer=case)


def an_ended_follow_up_without_a_name(case):
    FollowUpFactory(case=case, state=FollowUp.State.DONE)


def a_second_open_handover(case):
    for _ in range(2):
        HandoverFactory(case=case)


def a_handover_to_both(case):
    HandoverFactory(case=case, to_staff=case.lead, to_center=case.center)


def an_answer_without_a_name(case):
    HandoverFactory(case=case, state=Handover.State.WITHDRAWN)


def declined_without_a_reason(case):
    HandoverFactory(
        case=case,
        state=Handover.State.DECLINED,
        answered_at=timezone.now(),
        answered_by=case.lead,
    )


def the_same_review_twice(case):
    handover = HandoverFactory(case=case)
    for _ in range(2):
        HandoverReview.objects.create(handover=handover, reviewer=case.lead)


def unmet_without_a_reason(case):
    NeedFactory(case=case, state="unmet")


def a_reason_though_not_unmet(case):
    NeedFactory(case=case, unmet_reason=UnmetReason.objects.first())


def no_birth_date_though_it_is_known(case):
    PersonFactory(birth_date=None)


def a_neighbourhood_without_its_name(case):
    PersonFactory(whereabouts=Person.Whereabouts.NEIGHBOURHOOD)


def a_referral_to_nowhere(case):
    ReferralFactory(need__case=case, target="")


def a_referral_declined_without_a_reason(case):
    ReferralFactory(need__case=case, state=Referral.State.DECLINED)


def the_same_form_twice(case):
    key = uuid4()
    for _ in range(2):
        Submission.objects.create(key=key, sent_by=case.lead)


def the_same_member_twice(case):
    member = HouseholdMemberFactory(case=case)
    HouseholdMemberFactory(case=case, person=member.person)


def a_member_who_leaves_before_they_came(case):
    HouseholdMemberFactory(case=case, since=in_days(0), until=in_days(-1))


def a_note_that_is_confidential_to_nobody(case):
    ContactFactory(case=case, is_confidential=True)


def a_need_that_is_confidential_to_nobody(case):
    NeedFactory(case=case, is_confidential=True)


BROKEN = broken_instruments.BROKEN | {
    "one_endless_lead_per_case": a_second_lead,
    "access_ends_after_it_starts": access_that_ends_before_it_starts,
    "access_has_a_known_reason": access_for_an_unknown_reason,
    "a_case_is_in_a_known_phase": a_case_in_an_unknown_phase,
    "a_need_is_in_a_known_state": a_need_in_an_unknown_state,
    "a_follow_up_is_in_a_known_state": a_follow_up_in_an_unknown_state,
    "a_follow_up_is_of_a_known_kind": a_follow_up_of_an_unknown_kind,
    "a_referral_is_in_a_known_state": a_referral_in_an_unknown_state,
    "a_referral_is_of_a_known_kind": a_referral_of_an_unknown_kind,
    "a_handover_is_in_a_known_state": a_handover_in_an_unknown_state,
    "a_case_is_closed_with_date_and_reason": closed_without_a_reason,
    "a_case_closes_after_it_opened": closed_before_it_was_opened,
    "the_deputy_is_not_the_lead": the_lead_as_deputy,
    "one_counter_per_center_and_year": a_second_counter,
    "a_consent_ends_after_it_begins": a_consent_that_ends_first,
    "an_oral_consent_has_a_reason": an_oral_consent_without_a_reason,
    "a_contact_lasts_ten_hours_at_most": a_contact_of_eleven_hours,
    "one_suspicion_per_pair": the_same_suspicion_twice,
    "a_case_is_no_duplicate_of_itself": a_case_as_its_own_duplicate,
    "an_ended_follow_up_says_when_and_by_whom": an_ended_follow_up_without_a_name,
    "one_open_handover_per_case": a_second_open_handover,
    "a_handover_goes_to_a_person_or_a_team": a_handover_to_both,
    "an_answered_handover_says_when_and_by_whom": an_answer_without_a_name,
    "a_declined_handover_has_a_reason": declined_without_a_reason,
    "one_review_per_reader_and_handover": the_same_review_twice,
    "an_unmet_need_has_a_reason": unmet_without_a_reason,
    "only_an_unmet_need_has_a_reason": a_reason_though_not_unmet,
    "a_birth_date_unless_unknown": no_birth_date_though_it_is_known,
    "a_neighbourhood_only_inside_duisburg": a_neighbourhood_without_its_name,
    "a_referral_has_one_target": a_referral_to_nowhere,
    "a_declined_referral_has_a_reason": a_referral_declined_without_a_reason,
    "a_form_is_taken_once": the_same_form_twice,
    "a_person_is_once_in_a_household": the_same_member_twice,
    "a_membership_ends_after_it_begins": a_member_who_leaves_before_they_came,
    "a_confidential_contact_concerns_somebody": a_note_that_is_confidential_to_nobody,
    "a_confidential_need_concerns_somebody": a_need_that_is_confidential_to_nobody,
}


def constraints():
    return {
        constraint.name: constraint
        for model in apps.get_app_config("cases").get_models()
        for constraint in model._meta.constraints
    }


def test_every_constraint_has_its_test_its_code_and_its_sentence():
    assert set(constraints()) == set(BROKEN)
    assert all(constraint.violation_error_code for constraint in constraints().values())
    assert all(
        constraint.violation_error_message != constraint.default_violation_error_message
        for constraint in constraints().values()
    )


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses(name, amal):
    case = CaseFactory(lead=amal)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BROKEN[name](case)

    said = str(refused.value)
    unique_on_sqlite = "UNIQUE constraint failed"
    assert name in said or unique_on_sqlite in said


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("access_has_a_known_reason", CaseAccess.reason),
        ("a_case_is_in_a_known_phase", Case.phase),
        ("a_need_is_in_a_known_state", Need.state),
        ("a_follow_up_is_in_a_known_state", FollowUp.state),
        ("a_follow_up_is_of_a_known_kind", FollowUp.kind),
        ("a_referral_is_in_a_known_state", Referral.state),
        ("a_referral_is_of_a_known_kind", Referral.kind),
        ("a_handover_is_in_a_known_state", Handover.state),
    ],
)
def test_the_database_knows_each_code_that_can_be_chosen(name, field):
    ((_lookup, known),) = constraints()[name].condition.children

    assert set(known) == {code for code, _label in field.field.choices}
