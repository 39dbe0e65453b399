"""Einschätzung: kept while it is filled in, finished once, corrected by another; no score."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import Assessment, CaseEvent, FollowUp, Phase, Rating
from cases.workflow import assessments as workflow
from cases.workflow.assessments import Entries
from cases.workflow.phases import points_of
from kim_portal.errors import NotYours, Refusal
from providers.models import LifeArea
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    FollowUpFactory,
    HouseholdMemberFactory,
    in_days,
)
from tests.cases.plan_factories import AssessmentFactory

pytestmark = pytest.mark.django_db

# DOMAIN §2.4.
AREAS = [
    "AUFENTHALT", "SPRACHE", "EXISTENZ", "WOHNEN", "ARBEIT", "BILDUNG", "GESUNDHEIT", "PSYCHE",
    "FAMILIE", "SCHULDEN", "SOZIALES", "SICHERHEIT", "MOBILITAET",
]  # fmt: skip


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal, opened_on=in_days(-200))


def entries(case, values=None, **fields):
    said = dict.fromkeys(AREAS, "2") if values is None else values
    usual = {
        "concerns": case.person,
        "occasion": Assessment.Occasion.START,
        "assessed_on": timezone.localdate(),
        "resources": {},
    }
    ratings = {area: {"value": value} for area, value in said.items()}
    return Entries(ratings=ratings, **usual | fields)


def finish(case, by, values=None, *, seen=None, key=None, follow_up_on=None, **fields):
    return workflow.assess(
        case,
        by=by,
        entries=entries(case, values, **fields),
        key=key or uuid4(),
        seen=seen,
        follow_up_on=follow_up_on,
    )


def keep(case, by, values, *, key=None, seen=None, **fields):
    return workflow.keep_assessment(
        case, by=by, entries=entries(case, values, **fields), key=key or uuid4(), seen=seen
    )


def address(page, case, *args):
    return reverse(f"cases:{page}", args=[case.reference, *args])


def form(case, values=None, **fields):
    said = dict.fromkeys(AREAS, "2") if values is None else values
    return {
        "once_key": str(uuid4()),
        "concerns": case.person_id,
        "occasion": "start",
        "assessed_on": timezone.localdate().isoformat(),
        **{f"value_{area}": value for area, value in said.items()},
        **fields,
    }


# --- The grid -------------------------------------------------------------------------------------


def test_the_thirteen_life_areas_are_those_of_the_trade():
    assert list(LifeArea.objects.active().values_list("code", flat=True)) == AREAS


def test_the_scale_goes_from_crisis_to_stable_with_not_asked_and_not_relevant_apart():
    numbers = [Rating(value=value).number for value in Rating.Value]

    assert numbers == [0, 1, 2, 3, 4, None, None]


# --- Finishing ------------------------------------------------------------------------------------


def test_an_assessment_needs_a_value_for_every_area_and_not_asked_is_one(case, amal):
    some = dict.fromkeys(AREAS[:5], "3")
    with pytest.raises(Refusal, match="Schule, Kita"):
        finish(case, amal, some)
    assert not Assessment.objects.exists()

    finish(case, amal, dict.fromkeys(AREAS, "not_asked") | some)

    assert Assessment.objects.standing().get().ratings.count() == 13


def test_finishing_leaves_one_event_without_free_text(case, amal):
    finish(case, amal, hypothesis="Streng geheim")

    event = CaseEvent.objects.get(case=case, step=Step.ASSESS)
    assert (event.actor, event.after) == (amal, "start")
    assert "geheim" not in str(event.details)


def test_a_form_with_a_gap_says_beside_the_row_what_is_missing_and_loses_nothing(
    case, amal, browse
):
    typed = form(case, {"WOHNEN": "1"}, problem_WOHNEN="Die Heizung ist kaputt.")

    page = browse(amal).post(address("assess", case), typed)

    assert page.status_code == 200
    assert len(page.context["form"].errors) == 12
    assert "Die Heizung ist kaputt." in page.text
    assert not Assessment.objects.exists()


def test_the_rest_can_be_left_as_not_asked_with_one_tick(case, amal, browse):
    browse(amal).post(address("assess", case), form(case, {"WOHNEN": "1"}, rest_not_asked="on"))

    values = Assessment.objects.standing().get().ratings.values_list("value", flat=True)
    assert sorted(values) == ["1", *["not_asked"] * 12]


@pytest.mark.parametrize("value", ["5", "-1", "gut", "<b>"])
def test_a_value_off_the_scale_gets_a_sentence(case, amal, browse, value):
    typed = form(case, dict.fromkeys(AREAS, "2") | {"WOHNEN": value})

    page = browse(amal).post(address("assess", case), typed)

    assert "value_WOHNEN" in page.context["form"].errors
    assert not Assessment.objects.exists()


def test_an_assessment_of_tomorrow_or_of_years_before_is_refused(case, amal):
    for day in (in_days(1), case.opened_on - timedelta(days=400)):
        with pytest.raises(Refusal):
            finish(case, amal, assessed_on=day)


def test_the_same_form_sent_twice_makes_one_assessment(case, amal, browse):
    client, typed = browse(amal), form(case)

    answers = [client.post(address("assess", case), typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Assessment.objects.count() == 1


# --- Half-filled ----------------------------------------------------------------------------------


def test_a_half_filled_one_is_kept_and_offered_again(case, amal, browse):
    client = browse(amal)
    client.post(
        address("keep_assessment", case),
        form(case, {"WOHNEN": "1"}, resource_WOHNEN="Der Bruder hilft"),
    )

    overview = client.get(address("assessments", case))
    again = client.get(address("assess", case))

    assert address("discard_assessment", case, Assessment.objects.get().pk) in overview.text
    assert "Der Bruder hilft" in again.text
    assert again.context["form"]["value_WOHNEN"].value() == "1"
    assert not CaseEvent.objects.filter(step=Step.ASSESS).exists()


def test_what_a_browser_keeps_while_one_fills_in_becomes_the_finished_one(case, amal, browse):
    client, typed = browse(amal), form(case, {"WOHNEN": "1"})
    for area in AREAS:
        typed[f"value_{area}"] = "3"
        kept = client.post(address("keep_assessment", case), typed, headers={"HX-Request": "true"})
        assert kept.status_code == 200

    client.post(address("assess", case), typed)
    late = client.post(address("keep_assessment", case), typed, headers={"HX-Request": "true"})

    assert late.status_code == 200
    assert [one.state for one in Assessment.objects.all()] == ["finished"]


def test_two_people_do_not_overwrite_each_other(case, amal, dora, browse):
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.DEPUTY)
    first, second = form(case, {"WOHNEN": "1"}), form(case, {"WOHNEN": "4"})
    browse(amal).post(address("keep_assessment", case), first)

    for page in ("keep_assessment", "assess"):
        answer = browse(dora).post(
            address(page, case), second | form(case) | {"once_key": second["once_key"]}
        )
        assert answer.status_code == 409
        assert "value_WOHNEN" in answer.context["form"].data

    assert Rating.objects.get(life_area="WOHNEN").value == "1"
    seen = str(Assessment.objects.get().kept_with)
    answer = browse(dora).post(address("keep_assessment", case), second | {"seen": seen})
    assert answer.status_code == 302
    assert Rating.objects.get(life_area="WOHNEN").value == "4"


def test_a_draft_that_was_finished_meanwhile_is_not_begun_anew(case, amal):
    draft = keep(case, amal, {"WOHNEN": "1"})
    finish(case, amal, seen=draft.kept_with)

    with pytest.raises(Refusal):
        keep(case, amal, {"WOHNEN": "2"}, seen=draft.kept_with)


def test_a_draft_can_be_discarded_and_a_finished_one_cannot(case, amal, browse):
    draft = AssessmentFactory(case=case, draft=True, values={"WOHNEN": "1"})
    finished = AssessmentFactory(case=case)
    client = browse(amal)

    assert client.post(address("discard_assessment", case, draft.pk)).status_code == 302
    assert client.post(address("discard_assessment", case, finished.pk)).status_code == 404
    assert list(Assessment.objects.all()) == [finished]


@pytest.mark.parametrize(("reader", "status"), [("dora", 403), ("ben", 403), ("zoe", 404)])
def test_nobody_but_who_leads_keeps_an_assessment(request, case, browse, reader, status):
    person = request.getfixturevalue(reader)
    if reader == "dora":
        AccessFactory(case=case, staff_member=person)

    answer = browse(person).post(address("keep_assessment", case), form(case))

    assert answer.status_code == status
    assert not Assessment.objects.exists()


def test_a_closed_case_takes_no_assessment(amal):
    case = CaseFactory(lead=amal, closed=True)
    with pytest.raises(Refusal):
        finish(case, amal)
    with pytest.raises(Refusal):
        keep(case, amal, {})


def test_the_team_may_not_assess(case, dora):
    AccessFactory(case=case, staff_member=dora)
    with pytest.raises(NotYours):
        finish(case, dora)


# --- Corrections ----------------------------------------------------------------------------------


def test_a_correction_takes_the_place_of_the_earlier_one_which_stays(case, amal, browse):
    wrong = finish(case, amal)
    typed = form(
        case,
        dict.fromkeys(AREAS, "2") | {"WOHNEN": "0"},
        corrects=wrong.pk,
        corrected_because="Verklickt",
    )
    client = browse(amal)
    prefilled = client.get(address("assess", case), {"corrects": wrong.pk})
    client.post(address("assess", case), typed)

    assert prefilled.context["form"]["value_WOHNEN"].value() == "2"
    assert Assessment.objects.count() == 2
    assert Assessment.objects.standing().get().ratings.get(life_area="WOHNEN").value == "0"
    page = client.get(address("assessments", case))
    assert len(page.context["shown"]) == 1
    assert page.context["corrected"] == [wrong]


def test_a_correction_needs_a_reason_and_happens_once(case, amal, browse):
    wrong = finish(case, amal)
    page = browse(amal).post(address("assess", case), form(case, corrects=wrong.pk))
    assert "corrected_because" in page.context["form"].errors

    finish(case, amal, corrects=wrong, corrected_because="Verklickt")
    with pytest.raises(Refusal):
        finish(case, amal, corrects=wrong, corrected_because="Noch einmal")


# --- Over time ------------------------------------------------------------------------------------


def test_the_next_assessment_is_proposed_and_comes_back_once(case, amal):
    first = finish(case, amal, follow_up_on=in_days(180))
    review = first.follow_up
    assert review.kind == FollowUp.Kind.REVIEW

    second = finish(case, amal, occasion=Assessment.Occasion.INTERIM, follow_up_on=in_days(360))

    review.refresh_from_db()
    assert review.state == FollowUp.State.DONE
    assert second.follow_up.is_open


def test_a_review_that_is_the_last_next_step_stays_open(amal):
    case = CaseFactory(lead=amal, follow_up=False, opened_on=in_days(-200))
    first = AssessmentFactory(case=case, follow_up=FollowUpFactory(case=case))

    finish(case, amal)

    first.follow_up.refresh_from_db()
    assert first.follow_up.is_open


def test_the_likely_occasion_is_preset(case, amal, browse):
    def preset():
        return browse(amal).get(address("assess", case)).context["form"]["occasion"].value()

    assert preset() == "start"
    AssessmentFactory(case=case)
    assert preset() == "interim"
    case.phase = Phase.EVALUATION
    case.save()
    assert preset() == "end"


def test_an_assessment_is_proposed_after_six_months_and_in_the_evaluation(case, amal, browse):
    def proposal():
        return browse(amal).get(address("assessments", case)).context["proposal"]

    first = AssessmentFactory(case=case, assessed_on=in_days(-30))
    assert not proposal()
    first.assessed_on = in_days(-190)
    first.save()
    assert proposal()
    AssessmentFactory(case=case)
    assert not proposal()
    case.phase = Phase.EVALUATION
    case.save()
    assert proposal()


def test_the_page_says_in_words_what_has_become_better_worse_or_stayed(case, amal, browse):
    first = dict.fromkeys(AREAS, "2") | {"SPRACHE": "not_asked"}
    AssessmentFactory(case=case, values=first, assessed_on=in_days(-90))
    AssessmentFactory(case=case, values=first | {"WOHNEN": "4", "PSYCHE": "1", "SPRACHE": "3"})

    page = browse(amal).get(address("assessments", case))

    changes = {one.area.pk: one.change and one.change[2] for one in page.context["courses"]}
    assert changes["WOHNEN"] == "arrow-up-right"
    assert changes["PSYCHE"] == "arrow-down-right"
    assert changes["ARBEIT"] == "arrow-right"
    assert changes["SPRACHE"] is None
    assert page.text.count('class="course"') == 12


def test_each_person_of_the_household_has_assessments_of_their_own(case, amal, browse):
    child = HouseholdMemberFactory(case=case).person
    client = browse(amal)
    client.post(address("assess", case), form(case, concerns=child.pk))

    mine = client.get(address("assessments", case))
    theirs = client.get(address("assessments", case), {"of": child.pk})

    assert not mine.context["shown"]
    assert theirs.context["latest"].concerns == child
    assert client.get(address("assessments", case), {"of": "999999"}).status_code == 404
    assert client.get(address("assess", case), {"of": "x"}).status_code == 404


def test_a_former_lead_sees_what_was_finished_in_their_time(case, felix, browse):
    AccessFactory(
        case=case, staff_member=felix, reason=AccessReason.HANDOVER, starts_at=timezone.now()
    )
    later = timezone.now() + timedelta(hours=1)
    AssessmentFactory(case=case, recorded_at=later, finished_at=later)
    AssessmentFactory(case=case, draft=True, recorded_at=timezone.now() - timedelta(days=9))

    page = browse(felix).get(address("assessments", case))

    assert page.status_code == 200
    assert not page.context["shown"]
    assert not page.context["drafts"]


def test_the_phase_lacks_an_assessment_until_every_area_was_asked_about(case, amal):
    case.phase = Phase.ASSESSMENT
    case.save()

    def lacks():
        return {point.step for point, is_met in points_of(case) if not is_met}

    assert Step.ASSESS in lacks()
    finish(case, amal, dict.fromkeys(AREAS, "2") | {"SCHULDEN": "not_asked"})
    assert Step.ASSESS in lacks()
    finish(case, amal, dict.fromkeys(AREAS, "not_asked") | {"SCHULDEN": "not_relevant"})
    assert Step.ASSESS not in lacks()
