"""Rows of assessments, plans, deadlines and documents that break a rule (`test_constraints.py`)."""

from django.utils import timezone

from cases.deadline_law import Arrival
from cases.models import (
    DeadlineRule,
    ExpiryReminder,
    Rating,
)
from providers.models import Provider
from tests.cases.deadline_factories import DeadlineFactory, ExpiryFactory
from tests.cases.factories import (
    DocumentFactory,
    FollowUpFactory,
    in_days,
)
from tests.cases.plan_factories import AssessmentFactory, GoalFactory, MeasureFactory


def a_document_that_is_confidential_to_nobody(case):
    DocumentFactory(case=case, is_confidential=True)


def a_document_that_runs_out_before_its_date(case):
    DocumentFactory(case=case, dated_on=in_days(0), valid_until=in_days(-1))


def a_document_without_a_byte(case):
    DocumentFactory(case=case, size=0)


def a_document_without_content(case):
    DocumentFactory(case=case, storage_name="")


def two_documents_with_one_content(case):
    first = DocumentFactory(case=case)
    DocumentFactory(case=case, storage_name=first.storage_name)


def a_deadline_that_is_confidential_to_nobody(case):
    DeadlineFactory(case=case, is_confidential=True)


def a_deadline_of_two_authorities(case):
    DeadlineFactory(case=case, authority=Provider.objects.first(), other_authority="Jobcenter")


def a_letter_received_before_its_date(case):
    DeadlineFactory(case=case, received_on=in_days(-1))


def a_yellow_envelope_without_its_day(case):
    DeadlineFactory(case=case, arrival=Arrival.SERVED)


def another_day_without_a_reason(case):
    DeadlineFactory(case=case, computed_on=in_days(20))


def a_settled_deadline_without_a_name(case):
    DeadlineFactory(case=case, state="met")


def a_checked_deadline_without_a_name(case):
    DeadlineFactory(case=case, checked_at=timezone.now())


def a_rule_that_ends_first(case):
    DeadlineRule.objects.filter(pk="KLAGE_SOZ").update(
        valid_from=in_days(0), valid_until=in_days(-1)
    )


def a_remedy_that_nobody_receives(case):
    DeadlineRule.objects.filter(pk="KLAGE_SOZ").update(fiction="")


def an_expiry_that_is_confidential_to_nobody(case):
    ExpiryFactory(case=case, kind="approval", concerns=None, is_confidential=True)


def an_ended_expiry_without_a_name(case):
    ExpiryFactory(case=case, ended_at=timezone.now())


def a_passport_of_nobody(case):
    ExpiryFactory(case=case, concerns=None)


def a_passport_replaced_and_still_running(case):
    ExpiryFactory(case=case, replaced_by=ExpiryFactory(case=case))


def the_same_reminder_twice(case):
    for _ in range(2):
        ExpiryReminder.objects.create(
            case=case,
            recorded_by=case.lead,
            source="expiry:1",
            until=in_days(9),
            weeks=4,
            follow_up=FollowUpFactory(case=case),
        )


def a_second_draft(case):
    for _ in range(2):
        AssessmentFactory(case=case, draft=True)


def an_assessment_corrected_twice(case):
    first = AssessmentFactory(case=case)
    for _ in range(2):
        AssessmentFactory(case=case, corrects=first, corrected_because="Zahlendreher")


def an_assessment_finished_at_no_time(case):
    AssessmentFactory(case=case, finished_at=None)


def a_correction_without_a_reason(case):
    AssessmentFactory(case=case, corrects=AssessmentFactory(case=case))


def an_area_rated_twice(case):
    assessment = AssessmentFactory(case=case)
    Rating.objects.create(assessment=assessment, life_area_id="WOHNEN", value="3")


def a_rating_off_the_scale(case):
    AssessmentFactory(case=case, values={"WOHNEN": "5"})


def a_goal_that_is_confidential_to_nobody(case):
    GoalFactory(case=case, is_confidential=True)


def a_goal_that_ended_on_no_day(case):
    GoalFactory(case=case, state="reached")


def an_attainment_of_three(case):
    GoalFactory(case=case, attainment=3)


def a_goal_that_serves_itself(case):
    goal = GoalFactory(case=case)
    goal.parent = goal
    goal.save()


def a_guiding_goal_below_another(case):
    GoalFactory(case=case, level="principle", parent=GoalFactory(case=case, level="principle"))


def a_measure_done_on_no_day(case):
    MeasureFactory(goal__case=case, state="done")


BROKEN = {
    "a_confidential_document_concerns_somebody": a_document_that_is_confidential_to_nobody,
    "a_document_runs_out_after_its_date": a_document_that_runs_out_before_its_date,
    "a_document_is_not_empty": a_document_without_a_byte,
    "a_document_has_content_until_it_is_struck": a_document_without_content,
    "a_content_belongs_to_one_document": two_documents_with_one_content,
    "a_confidential_deadline_concerns_somebody": a_deadline_that_is_confidential_to_nobody,
    "a_deadline_names_one_authority": a_deadline_of_two_authorities,
    "a_letter_is_received_after_it_is_dated": a_letter_received_before_its_date,
    "what_is_served_has_its_day": a_yellow_envelope_without_its_day,
    "another_day_than_computed_has_a_reason": another_day_without_a_reason,
    "a_settled_deadline_says_when_and_by_whom": a_settled_deadline_without_a_name,
    "a_checked_deadline_says_when_and_by_whom": a_checked_deadline_without_a_name,
    "a_rule_ends_after_it_begins": a_rule_that_ends_first,
    "a_remedy_knows_when_letters_are_received": a_remedy_that_nobody_receives,
    "a_confidential_expiry_concerns_somebody": an_expiry_that_is_confidential_to_nobody,
    "an_ended_expiry_says_when_and_by_whom": an_ended_expiry_without_a_name,
    "a_personal_paper_names_its_owner": a_passport_of_nobody,
    "what_is_replaced_has_ended": a_passport_replaced_and_still_running,
    "an_expiry_is_reminded_once_at_each_stage": the_same_reminder_twice,
    "one_draft_per_case_and_person": a_second_draft,
    "an_assessment_is_corrected_once": an_assessment_corrected_twice,
    "a_finished_assessment_says_when": an_assessment_finished_at_no_time,
    "a_correction_has_a_reason": a_correction_without_a_reason,
    "one_rating_per_assessment_and_area": an_area_rated_twice,
    "a_rating_is_on_the_scale": a_rating_off_the_scale,
    "a_confidential_goal_concerns_somebody": a_goal_that_is_confidential_to_nobody,
    "an_ended_goal_says_when": a_goal_that_ended_on_no_day,
    "attainment_goes_from_minus_two_to_two": an_attainment_of_three,
    "a_goal_does_not_serve_itself": a_goal_that_serves_itself,
    "a_guiding_goal_stands_on_top": a_guiding_goal_below_another,
    "an_ended_measure_says_when": a_measure_done_on_no_day,
}
