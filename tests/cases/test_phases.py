"""A case moves through its phases: forward freely, back with a reason, nothing is lost."""

import pytest
from django.urls import reverse

from cases.access import Step
from cases.models import CaseEvent, Phase, PhaseChange
from cases.workflow.phases import POINTS, change_phase, points_of, transitions
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import AccessFactory, CaseFactory, NeedFactory
from tests.client import shown_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


def test_the_lead_moves_a_case_forward_even_past_a_phase(case, amal):
    change_phase(case, by=amal, to=Phase.PLANNING)

    case.refresh_from_db()
    assert case.phase == Phase.PLANNING
    event = CaseEvent.objects.get(case=case, step=Step.CHANGE_PHASE)
    assert (event.before, event.after, event.actor) == (Phase.CLEARING, Phase.PLANNING, amal)


def test_going_back_needs_a_reason_and_keeps_it(case, amal):
    change_phase(case, by=amal, to=Phase.LINKING)
    with pytest.raises(Refusal):
        change_phase(case, by=amal, to=Phase.ASSESSMENT)

    change_phase(case, by=amal, to=Phase.ASSESSMENT, because="Neue Lage")

    assert PhaseChange.objects.get(after=Phase.ASSESSMENT).because == "Neue Lage"
    assert "Neue Lage" not in str(CaseEvent.objects.filter(case=case).values_list("details"))


def test_a_page_that_shows_an_old_phase_does_not_move_the_case(case, amal):
    change_phase(case, by=amal, to=Phase.PLANNING)

    with pytest.raises(Refusal):
        change_phase(case, by=amal, to=Phase.ASSESSMENT, seen=Phase.CLEARING, because="x")

    assert PhaseChange.objects.count() == 1


def test_a_colleague_of_the_team_may_not_change_the_phase(case, dora):
    AccessFactory(case=case, staff_member=dora)

    with pytest.raises(NotYours):
        change_phase(case, by=dora, to=Phase.PLANNING)


def test_the_page_says_what_the_phase_still_lacks(browse, case, amal):
    NeedFactory(case=case)
    missing = [point.sentence for point, is_met in points_of(case) if not is_met]
    page = browse(amal).get(reverse("cases:change_phase", args=[case.reference]))

    assert len(missing) == 1
    assert page.status_code == 200
    assert str(missing[0]) in page.text


def test_a_stale_form_comes_back_with_409_and_what_was_typed(browse, case, amal):
    change_phase(case, by=amal, to=Phase.EVALUATION)
    typed = {"to": Phase.PLANNING, "seen": Phase.CLEARING, "because": "Meine Begründung"}

    url = reverse("cases:change_phase", args=[case.reference])
    page = browse(amal).post(url, typed)

    assert page.status_code == 409
    assert "Meine Begründung" in page.text
    # Whoever has read how it stands now, and sends the page again, means it.
    assert browse(amal).post(url, typed | shown_again(page)).status_code == 302


def test_no_phase_asks_for_more_than_five_points():
    assert all(len(points) <= 5 for points in POINTS.values())


def test_every_working_phase_leads_to_closing():
    ends = {before for before, after, step in transitions() if after == Phase.CLOSED}
    assert ends == set(POINTS)
