"""Plan: what is stuck, what serves it, and what becomes of it when a case ends or moves on."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import (
    ClosingReason,
    Consent,
    FollowUp,
    Goal,
    Handover,
    Measure,
    Phase,
    Referral,
)
from cases.statistics.goals import count_states
from cases.views.file_head import head_of
from cases.views.outline import outline_of
from cases.workflow import closing, corrections, goals, measures, needs, referrals
from cases.workflow.consents import revoke_consent
from cases.workflow.invariants import broken_rules
from cases.workflow.phases import points_of
from kim_portal.errors import Refusal
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    HouseholdMemberFactory,
    NeedFactory,
    ReferralFactory,
    in_days,
)
from tests.cases.plan_factories import AssessmentFactory, GoalFactory, MeasureFactory

Level, State = Goal.Level, Goal.State


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal, opened_on=in_days(-60))


@pytest.fixture
def reached(db):
    return ClosingReason.objects.get(code="ZIEL_ERREICHT")


def address(page, case, *args):
    return reverse(f"cases:{page}", args=[case.reference, *args])


def set_goal(case, by, **fields):
    return goals.set_goal(case, by=by, **{"description": "Eine Wohnung"} | fields)


def stuck(case, reader):
    return [one.sentence for one in outline_of(head_of(reader, case.reference, "plan")).stuck]


# --- What is stuck --------------------------------------------------------------------------------


def test_what_is_stuck_stands_on_top_with_the_click_that_mends_it(case, amal, browse):
    NeedFactory(case=case, description="Kindergeld")
    goal = GoalFactory(case=case, needs=[NeedFactory(case=case)])
    ReferralFactory(need__case=case)
    assert len(stuck(case, amal)) == 2
    measure = measures.add_measure(goal, by=amal, what="Suchen", responsible="client")
    page = browse(amal).get(address("plan", case))

    assert len(page.context["plan"].stuck) == 2
    assert address("change_measure", case, measure.pk) in page.text
    need = case.needs.get(description="Kindergeld")
    assert f"{address('set_goal', case)}?need={need.pk}" in page.text
    measures.change_measure(
        measure, by=amal, what="Suchen", responsible="client", due_on=in_days(5)
    )
    set_goal(case, amal, needs=[need])
    assert len(stuck(case, amal)) == 1


def test_a_goal_with_goals_below_it_needs_no_measure_of_its_own(case, amal):
    top = GoalFactory(case=case, level=Level.PRINCIPLE)
    assert len(stuck(case, amal)) == 1
    below = GoalFactory(case=case, parent=top)
    MeasureFactory(goal=below)
    assert stuck(case, amal) == []


def test_a_need_without_goal_or_referral_is_marked_on_the_board(case, amal, browse):
    def marked():
        page = browse(amal).get(case.get_absolute_url())
        return [
            card.need for column in page.context["file"].columns
            for card in column.cards if card.is_alone
        ]  # fmt: skip

    alone = NeedFactory(case=case)
    ReferralFactory(need__case=case)
    NeedFactory(case=case, met=True)
    GoalFactory(case=case, needs=[NeedFactory(case=case)])
    assert marked() == [alone]
    goal = GoalFactory(case=case, needs=[alone])
    assert marked() == []
    corrections.strike(goal, by=amal, because="Falsche Akte")
    assert marked() == [alone]


# --- Referrals serve goals ------------------------------------------------------------------------


def test_a_referral_from_a_goal_is_one_of_its_measures_and_ends_it(case, amal, browse):
    need = NeedFactory(case=case)
    goal = GoalFactory(case=case, needs=[need])
    url = f"{address('refer', case, need.pk)}?goal={goal.pk}"
    assert goal.description in browse(amal).get(url).text

    referral = referrals.refer(
        need, by=amal, kind="self_referral", target="Wohnungsamt", goal=goal,
        follow_up_on=in_days(14),
    )  # fmt: skip
    measure = Measure.objects.get()
    assert (measure.goal, measure.referral, measure.due_on) == (goal, referral, in_days(14))
    goal.refresh_from_db()
    assert goal.state == State.IN_PROGRESS

    needs.meet_need(need, by=amal, end_referrals=True)
    measure.refresh_from_db()
    assert measure.state == Measure.State.DONE


def test_a_goal_of_another_case_is_served_by_no_referral_here(case, amal, browse):
    need, other = NeedFactory(case=case), GoalFactory(case__lead=amal)
    for goal in (other.pk, "x"):
        url = f"{address('refer', case, need.pk)}?goal={goal}"
        assert browse(amal).get(url).status_code == 404


# --- Striking, closing, handing over --------------------------------------------------------------


def test_a_need_with_a_goal_and_a_goal_with_measures_are_not_struck(case, amal):
    need = NeedFactory(case=case)
    goal = GoalFactory(case=case, needs=[need])
    measure = MeasureFactory(goal=goal)
    for record in (need, goal):
        with pytest.raises(Refusal):
            corrections.strike(record, by=amal, because="Falsch")

    for record in (measure, goal, need):
        corrections.strike(record, by=amal, because="Falsch")
    assert not Goal.objects.standing().exists()


def test_striking_a_goal_leads_back_to_the_plan(case, amal, browse):
    goal = GoalFactory(case=case)
    url = reverse("cases:strike", args=[case.reference, "goal", goal.pk])
    assert goal.description in browse(amal).get(url).text

    answer = browse(amal).post(url, {"because": "Falsche Akte"})

    assert answer.url.startswith(address("plan", case))
    page = browse(amal).get(address("plan", case))
    assert "Falsche Akte" in page.text
    assert page.context["plan"].lines == []


def test_closing_asks_what_became_of_each_goal(case, amal, reached, browse):
    goal = GoalFactory(case=case)
    GoalFactory(case=case, reached=True)
    measure = measures.add_measure(
        goal, by=amal, what="Suchen", responsible="together", due_on=in_days(9)
    )
    client = browse(amal)
    page = client.get(address("close", case))
    assert f"goal_{goal.pk}" in page.context["form"].fields
    typed = {
        "reason": "ZIEL_ERREICHT",
        "outcome": "partly",
        "closed_on": in_days(0).isoformat(),
        "end_the_rest": "on",
        f"goal_{goal.pk}": State.PARTLY,
    }

    client.post(address("close", case), typed)

    goal.refresh_from_db()
    measure.refresh_from_db()
    assert goal.state == State.PARTLY
    assert measure.state == Measure.State.DROPPED
    assert not list(broken_rules())


def test_goals_and_drafts_that_are_left_stand_against_closing_or_end_with_it(case, amal, reached):
    goal = GoalFactory(case=case)
    AssessmentFactory(case=case, draft=True)
    FollowUp.objects.all().delete()
    with pytest.raises(Refusal):
        closing.close(case, by=amal, reason=reached, outcome="reached")

    closing.close(case, by=amal, reason=reached, outcome="reached", end_the_rest=True)

    goal.refresh_from_db()
    assert goal.state == State.GIVEN_UP
    assert not list(broken_rules())


def test_after_a_revocation_goals_end_with_the_case(case, amal):
    goal = GoalFactory(case=case)
    revoke_consent(Consent.objects.get(case=case), by=amal)
    revoked = ClosingReason.objects.get(code=ClosingReason.CONSENT_REVOKED)
    with pytest.raises(Refusal):
        set_goal(case, amal)

    closing.close(case, by=amal, reason=revoked, outcome="not_applicable")

    goal.refresh_from_db()
    assert goal.state == State.GIVEN_UP


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ([], "not_applicable"),
        ([State.IRRELEVANT], "not_applicable"),
        ([State.OPEN, State.REACHED], ""),
        ([State.REACHED, State.IRRELEVANT], "reached"),
        ([State.REACHED, State.GIVEN_UP], "partly"),
        ([State.PARTLY], "partly"),
        ([State.NOT_REACHED, State.GIVEN_UP], "not_reached"),
    ],
)
def test_the_outcome_is_proposed_from_the_goals(states, outcome):
    assert closing.outcome_of([Goal(state=state) for state in states]) == outcome


def test_the_handover_sheet_mentions_what_was_agreed_the_nearest_day_first(amal, browse):
    case = CaseFactory(lead=amal, opened_on=in_days(-60), person__family_name="Dimitrova")
    GoalFactory(case=case, description="Später", agreed_on=in_days(-1), due_on=in_days(90))
    GoalFactory(
        case=case,
        description=f"{case.person.family_name} hat Arbeit",
        agreed_on=in_days(-1),
        due_on=in_days(9),
    )
    GoalFactory(case=case, description="Nur ein Gedanke")

    form = browse(amal).get(address("hand_over", case)).context["form"]
    lines = form["agreements"].value().splitlines()

    assert [("Arbeit" in line, "Später" in line) for line in lines] == [
        (True, False),
        (False, True),
    ]
    assert case.person.family_name not in lines[0]
    assert not Handover.objects.exists()


def test_a_former_lead_reads_the_plan_as_it_stood(case, amal, felix, browse, time_machine):
    goal = GoalFactory(case=case, description="Alte Worte")
    MeasureFactory(goal=goal, what="Alte Maßnahme")
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    AccessFactory(
        case=case, staff_member=felix, reason=AccessReason.HANDOVER, starts_at=timezone.now()
    )
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    goals.change_goal(goal, by=amal, description="Neue Worte", level=Level.ACTION)
    goals.rate_goal(goal, by=amal, state=State.REACHED)
    GoalFactory(case=case, description="Neues Ziel")

    page = browse(felix).get(address("plan", case))

    assert page.status_code == 200
    assert [line.goal.state for line in page.context["plan"].lines] == [State.OPEN]
    assert "Alte Maßnahme" in page.text
    for later in ("Neue Worte", "Neues Ziel"):
        assert later not in page.text


def test_a_confidential_goal_concerns_somebody(case, amal, browse):
    HouseholdMemberFactory(case=case)
    form = browse(amal).get(address("set_goal", case)).context["form"]
    typed = {
        "once_key": form["once_key"].value(),
        "description": "Ruhe",
        "level": Level.ACTION,
        "is_confidential": "on",
    }

    page = browse(amal).post(address("set_goal", case), typed)

    assert "concerns" in page.context["form"].errors


def test_the_phases_lack_an_agreed_goal_and_at_the_end_what_became_of_it(case, amal):
    def lacks(phase):
        case.phase = phase
        return {point.step for point, is_met in points_of(case) if not is_met}

    assert Step.AGREE_PLAN in lacks(Phase.PLANNING)
    goal = GoalFactory(case=case, agreed_on=in_days(0))
    assert Step.AGREE_PLAN not in lacks(Phase.PLANNING)
    assert {Step.RATE_GOAL, Step.ASSESS} <= lacks(Phase.EVALUATION)
    goals.rate_goal(goal, by=amal, state=State.REACHED)
    AssessmentFactory(case=case, occasion="end")
    assert not {Step.RATE_GOAL, Step.ASSESS} & lacks(Phase.EVALUATION)


# --- Zielerreichung -------------------------------------------------------------------------------


def test_attainment_counts_partly_reached_goals_half():
    counts = count_states([State.REACHED, State.REACHED, State.PARTLY, State.GIVEN_UP, State.OPEN])

    assert (counts.ended, counts.under_way) == (4, 1)
    assert counts.attainment == 62.5
    assert count_states([State.OPEN]).attainment is None


def test_the_plan_shows_counts_and_no_percentage_of_a_person(case, amal, browse):
    GoalFactory(case=case, reached=True)
    GoalFactory(case=case, state=State.PARTLY, ended_on=in_days(0))

    page = browse(amal).get(address("plan", case))

    assert page.context["plan"].counts.attainment == 75
    words = re.sub(r"<[^>]+>", " ", page.text).replace(case.reference, "")
    assert not re.findall(r"75|\d\s*%", words)


def test_a_referral_that_is_withdrawn_drops_the_measure_it_serves(case, amal):
    measure = MeasureFactory(goal__case=case, referral=ReferralFactory(need__case=case))
    referrals.update_referral(measure.referral, by=amal, state=Referral.State.WITHDRAWN)
    measure.refresh_from_db()
    assert measure.state == Measure.State.DROPPED
