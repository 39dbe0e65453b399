"""Each rule of DESIGN §3 is broken by a raw update here, and seen by `check_cases`."""

from datetime import time, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import (
    Case,
    CaseAccess,
    CaseEvent,
    Consent,
    DeadlineRule,
    ExpiryReminder,
    FollowUp,
    Goal,
    Handover,
    Measure,
    Person,
    ReferenceCounter,
    Referral,
)
from centers.models import ConsultationHours, Neighbourhood
from providers.models import Assignment, Provider, StaffMember
from tests.cases.deadline_factories import DeadlineFactory
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ConsentFactory,
    DocumentFactory,
    FollowUpFactory,
    HandoverFactory,
    NeedFactory,
    ReferralFactory,
    in_days,
)
from tests.cases.plan_factories import AssessmentFactory, GoalFactory, MeasureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal, person__family_name="Dimitrova")


def _findings():
    out = StringIO()
    try:
        call_command("check_cases", stdout=out)
    except CommandError:
        return out.getvalue()
    return ""


def test_nothing_is_found_where_all_rules_hold(case, dora):
    CaseFactory(lead=dora, closed=True)
    HandoverFactory(case=case)
    out = StringIO()

    call_command("check_cases", stdout=out)

    assert out.getvalue().startswith("No findings; ")


def test_findings_end_with_an_error_and_their_number(case):
    FollowUp.objects.filter(case=case).delete()

    with pytest.raises(CommandError, match=r"^2 findings"):
        call_command("check_cases", stdout=StringIO())


def test_an_active_case_without_a_next_step(case):
    FollowUp.objects.filter(case=case).delete()

    assert f"{case.reference}: is open and has no open follow-up." in _findings()


def test_a_closed_case_with_something_open(amal):
    case = CaseFactory(lead=amal, closed=True)
    FollowUpFactory(case=case)

    assert f"{case.reference}: is closed, but" in _findings()


def test_a_case_without_an_endless_lead(case):
    CaseAccess.objects.filter(case=case).update(ends_at=timezone.now())

    assert f"{case.reference}: has 0 endless rows" in _findings()


def test_a_second_endless_lead_is_refused_by_the_database(case, ben):
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessFactory(case=case, staff_member=ben, reason=AccessReason.LEAD)


def test_a_lead_without_the_lead_row(case, dora):
    Case.objects.filter(pk=case.pk).update(lead=dora)

    assert "with the reason lead is not the case's lead's" in _findings()


def test_a_lead_row_of_another_provider_than_the_case_s(case, awo):
    Case.objects.filter(pk=case.pk).update(provider=awo)

    assert "with the reason lead is not the case's lead's" in _findings()


def test_a_deputy_without_a_right(case, dora):
    Case.objects.filter(pk=case.pk).update(deputy=dora)

    assert f"{case.reference}: the deputy has no current right" in _findings()


def test_a_right_of_a_deputy_whom_the_case_does_not_name(case, dora):
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.DEPUTY)

    assert "with the reason deputy is not the case's deputy's" in _findings()


def test_a_right_of_somebody_besides_the_lead_to_a_closed_case(amal, dora):
    case = CaseFactory(lead=amal, closed=True)
    AccessFactory(case=case, staff_member=dora)

    assert f"{case.reference}: is closed, but row" in _findings()


def test_a_lead_who_has_left(case, amal):
    StaffMember.objects.filter(pk=amal.pk).update(left_on=in_days(0))

    assert f"{case.reference}: is open, and its lead has left." in _findings()


def test_a_lead_who_never_worked_for_the_provider(case, amal):
    Assignment.objects.filter(staff_member=amal).delete()

    assert f"{case.reference}: its lead never was a caseworker" in _findings()


def test_a_lead_who_is_blocked_or_whose_work_has_ended_waits_for_the_coordination(case, amal):
    StaffMember.objects.filter(pk=amal.pk).update(blocked_at=timezone.now())
    Assignment.objects.filter(staff_member=amal).update(valid_until=in_days(-1))

    assert Case.objects.to_assign().get() == case
    assert _findings() == ""


def test_a_right_of_another_provider_without_a_consent(case, ben):
    row = AccessFactory(case=case, staff_member=ben)

    assert f"{case.reference}: row {row.pk} of another provider is covered by no" in _findings()


def test_a_right_of_another_provider_under_a_consent_is_in_order(case, ben, awo):
    ConsentFactory(case=case, recipients=[awo])
    AccessFactory(case=case, staff_member=ben)

    assert _findings() == ""


def test_a_case_that_never_had_a_consent_to_keep_a_file(amal):
    case = CaseFactory(lead=amal, consent=False)

    assert f"{case.reference}: is open, and no consent to keep a file" in _findings()


def test_data_sent_without_a_consent(case):
    referral = ReferralFactory(need__case=case, kind=Referral.Kind.ARRANGED)

    assert f"{case.reference}: referral {referral.pk} sent data without a consent" in _findings()


def test_data_sent_under_the_consent_of_another_case(case, dora):
    consent = ConsentFactory(case=CaseFactory(lead=dora), kind=Consent.Kind.DISCLOSURE)
    referral = ReferralFactory(need__case=case, kind=Referral.Kind.ARRANGED, consent=consent)

    assert f"referral {referral.pk} rests on a consent of another case" in _findings()


def test_a_draft_and_an_address_handed_out_need_no_consent(case):
    ReferralFactory(need__case=case, kind=Referral.Kind.INFORMATION)
    ReferralFactory(
        need__case=case, kind=Referral.Kind.ARRANGED, state=Referral.State.DRAFT, sent_on=None
    )

    assert _findings() == ""


def test_a_person_taken_from_a_file_that_the_second_lead_did_not_read(case, dora):
    second = CaseFactory(lead=dora, person=case.person)

    assert f"{second.reference}: was opened for a person whose file" in _findings()


def test_a_person_taken_from_a_file_that_the_second_lead_read_is_in_order(case, dora):
    AccessFactory(case=case, staff_member=dora)
    CaseFactory(lead=dora, person=case.person)

    assert _findings() == ""


def test_overlapping_rights_of_one_person(case, ben):
    earlier = timezone.now() - timedelta(days=3)
    AccessFactory(case=case, staff_member=ben, starts_at=earlier, ends_at=timezone.now())
    AccessFactory(case=case, staff_member=ben, starts_at=earlier + timedelta(days=1))

    assert f"{case.reference}: rows" in _findings()


def test_rights_that_follow_each_other_do_not_overlap(case, dora):
    earlier = timezone.now() - timedelta(days=3)
    AccessFactory(case=case, staff_member=dora, starts_at=earlier, ends_at=timezone.now())
    AccessFactory(case=case, staff_member=dora, starts_at=timezone.now())

    assert _findings() == ""


def test_a_follow_up_of_somebody_who_does_not_work_on_the_case(case, ben):
    FollowUp.objects.filter(case=case).update(assignee=ben)

    assert "belongs to somebody who does not work on the case" in _findings()


def test_a_follow_up_of_a_former_lead(case, dora):
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.HANDOVER)
    FollowUp.objects.filter(case=case).update(assignee=dora)

    assert "belongs to somebody who does not work on the case" in _findings()


def test_a_stale_name_to_sort_by(case):
    Case.objects.filter(pk=case.pk).update(sort_name="Aaa, Bbb")

    assert f"{case.reference}: the stored name to sort by" in _findings()


def test_a_stale_next_date(case):
    Case.objects.filter(pk=case.pk).update(next_due_on=in_days(99))

    assert f"{case.reference}: the stored next date" in _findings()


def test_a_stale_last_touch(case):
    Case.objects.filter(pk=case.pk).update(last_touched_at=timezone.now() - timedelta(days=2))

    assert f"{case.reference}: the stored last touch" in _findings()


def test_a_hint_to_the_lead_leaves_the_case_untouched(case, ben):
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        CaseEvent.objects.create(case=case, step=Step.HINT_DUPLICATE, actor=ben)

    assert _findings() == ""


@pytest.mark.parametrize("field", ["name_key", "name_codes"])
def test_a_stale_search_key(case, field):
    Person.objects.filter(pk=case.person_id).update(**{field: "x"})

    assert f"Person {case.person_id}: {field} does not fit" in _findings()


def test_a_referral_for_a_need_of_another_case(case, dora):
    referral = ReferralFactory(need__case=case)
    Referral.objects.filter(pk=referral.pk).update(case=CaseFactory(lead=dora))

    assert f"referral {referral.pk} is for a need of another case" in _findings()


def test_a_follow_up_hanging_on_another_case(case, dora):
    need = NeedFactory(case=CaseFactory(lead=dora))
    FollowUp.objects.filter(case=case).update(need=need)

    assert "hangs on a record of another case" in _findings()


def test_a_document_that_is_the_paper_of_another_cases_consent(case, dora):
    consent = ConsentFactory(case=CaseFactory(lead=dora))
    document = DocumentFactory(case=case, consent=consent)

    assert f"document {document.pk} is the paper of another case's consent" in _findings()


def test_a_deadline_and_its_follow_up_that_do_not_agree(case):
    moved, ended = DeadlineFactory.create_batch(2, case=case)
    FollowUp.objects.filter(pk=moved.follow_up_id).update(due_on=in_days(99))
    FollowUp.objects.filter(pk=ended.follow_up_id).update(
        state="done", ended_at=timezone.now(), ended_by=case.lead
    )

    found = _findings()
    for deadline in (moved, ended):
        assert f"deadline {deadline.pk} and its follow-up do not agree" in found


def test_a_warning_that_comes_too_late_or_for_nothing(case):
    late = DeadlineFactory(
        case=case, warning=FollowUpFactory(case=case, due_on=in_days(30)), due_on=in_days(30)
    )
    settled = DeadlineFactory(case=case, met=True, warning=FollowUpFactory(case=case))

    found = _findings()
    for deadline in (late, settled):
        assert f"the warning of deadline {deadline.pk} warns of nothing" in found


def test_a_reminder_of_another_case(case, dora):
    reminder = ExpiryReminder.objects.create(
        case=case,
        recorded_by=case.lead,
        source="expiry:1",
        until=in_days(9),
        weeks=4,
        follow_up=FollowUpFactory(case=CaseFactory(lead=dora)),
    )

    assert f"reminder {reminder.pk} has a follow-up of another case" in _findings()


def test_two_versions_of_a_rule_at_the_same_time():
    DeadlineRule.objects.filter(pk="KLAGE_ASYL").update(valid_until=None)

    assert "KLAGE_ASYL and KLAGE_ASYL_2026 hold at the same time" in _findings()


def test_a_closed_case_with_a_goal_under_way(amal):
    case = CaseFactory(lead=amal, closed=True)
    GoalFactory(case=case)

    assert f"{case.reference}: is closed, but a goal" in _findings()


def test_a_finished_assessment_with_a_gap(case):
    rating = AssessmentFactory(case=case).ratings.first()
    rating.value = ""
    rating.save()

    assert f"rating {rating.pk} is finished and has no value" in _findings()


def test_goals_that_serve_each_other(case):
    first = GoalFactory(case=case)
    second = GoalFactory(case=case, parent=first)
    Goal.objects.filter(pk=first.pk).update(parent=second)

    assert _findings().count("serves a goal that is not above it") == 2


def test_a_goal_below_or_out_of_something_on_another_case(case, dora):
    other = CaseFactory(lead=dora)
    GoalFactory(case=case, parent=GoalFactory(case=other, level="framework"))
    GoalFactory(case=case, needs=[NeedFactory(case=other)])

    assert "serves a goal of another case" in _findings()
    assert "grows out of a need of another case" in _findings()


def test_a_measure_out_of_step_with_its_follow_up(case):
    measure = MeasureFactory(goal__case=case, follow_up=FollowUpFactory(case=case))
    assert _findings() == ""
    Measure.objects.filter(pk=measure.pk).update(state="done", done_on=in_days(0))

    assert f"measure {measure.pk} and its follow-up are out of step" in _findings()


def test_a_measure_on_another_case_than_its_goal(case, dora):
    measure = MeasureFactory(goal__case=case)
    Measure.objects.filter(pk=measure.pk).update(case=CaseFactory(lead=dora))

    assert f"measure {measure.pk} hangs on a record of another case" in _findings()


def test_a_second_open_handover_is_refused_by_the_database(case):
    first = HandoverFactory(case=case)

    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.bulk_create([Handover(**_copied(first))])


def _copied(row):
    fields = (field for field in row._meta.concrete_fields if not field.primary_key)
    return {field.attname: getattr(row, field.attname) for field in fields}


def test_an_offer_to_the_lead_themselves(case, amal):
    offer = HandoverFactory(case=case, to_staff=amal)

    assert f"{case.reference}: offer {offer.pk} goes to the case's own lead" in _findings()


def test_a_counter_behind_the_references(amal, hamborn):
    CaseFactory(lead=amal, reference="HAM-2026-0007")
    ReferenceCounter.objects.create(center=hamborn, year=2026, last=6)

    assert "The counter HAM-2026-0006 is behind" in _findings()


def test_one_person_assigned_twice_to_one_place(amal):
    row = amal.assignments.get()
    Assignment.objects.bulk_create([Assignment(**_copied(row))])

    assert "is assigned twice to one place at once" in _findings()


def test_overlapping_hours(hamborn):
    row = ConsultationHours.objects.filter(center=hamborn, kind="phone").first()
    later = {**_copied(row), "opens": time(9, 30), "closes": time(11)}
    try:
        with transaction.atomic():
            ConsultationHours.objects.bulk_create([ConsultationHours(**later)])
    except IntegrityError:
        return  # PostgreSQL refuses it.

    assert "consultation hours" in _findings()


def test_a_loop_of_providers(drk, awo):
    Provider.objects.filter(pk=drk.pk).update(parent=awo)
    Provider.objects.filter(pk=awo.pk).update(parent=drk)

    assert "Provider drk is below itself." in _findings()


def test_a_neighbourhood_whose_center_is_closed_for_good(hamborn):
    hamborn.is_active = False
    hamborn.save()

    homes = Neighbourhood.objects.filter(center=hamborn, is_active=True)
    assert _findings().count("its center is not active") == homes.count() > 0


def test_findings_never_name_a_person(case, ben):
    FollowUp.objects.filter(case=case).update(assignee=ben)
    Person.objects.filter(pk=case.person_id).update(name_key="x")
    Case.objects.filter(pk=case.pk).update(sort_name="x", next_due_on=in_days(99), deputy=ben)

    found = _findings()

    assert "Dimitrova" not in found
    assert ben.family_name not in found
