"""Thirteen life areas are rated by keyboard alone, and what is half filled in is not lost."""

import pytest
from playwright.sync_api import expect

from cases.models import Assessment
from tests.cases.factories import CaseFactory
from tests.cases.plan_factories import AssessmentFactory, GoalFactory, MeasureFactory
from tests.cases.test_assessments import AREAS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


@pytest.fixture
def keys(open_page, look, amal):
    """Press keys on a page of amal's, and count them."""
    page = open_page(person=amal)
    page.pressed = 0

    def press(*names):
        for name in names:
            page.keyboard.press(name)
            page.pressed += 1

    page.press_keys = press
    page.look = look
    return page


def address(case, page):
    return f"{case.get_absolute_url()}{page}/"


def test_thirteen_areas_take_fourteen_keys(keys, case):
    keys.goto(address(case, "assessments/new"))
    keys.look(keys)
    first = keys.locator("[data-kim-scale-row] input").first
    expect(first).to_be_focused()

    keys.press_keys(*"2013?4-230124")
    expect(keys.get_by_role("button", name="Einschätzung abschließen")).to_be_focused()
    with keys.expect_navigation(wait_until="load"):
        keys.press_keys("Enter")

    keys.look(keys)
    values = dict(Assessment.objects.standing().get().ratings.values_list("life_area", "value"))
    wanted = [*"2013", "not_asked", "4", "not_relevant", *"230124"]
    assert values == dict(zip(AREAS, wanted, strict=True))
    assert keys.pressed == 14


def test_arrows_and_tab_alone_do_the_same_without_script(open_page, amal, case):
    page = open_page(person=amal, javascript=False)
    page.goto(address(case, "assessments/new"))
    pressed = 0
    for _area in AREAS:
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        pressed += 4

    for _n in range(12):
        if page.evaluate("document.activeElement.textContent.trim()") == "Einschätzung abschließen":
            break
        page.keyboard.press("Tab")
        pressed += 1
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")

    values = set(Assessment.objects.standing().get().ratings.values_list("value", flat=True))
    assert values == {"1"}
    assert pressed <= 70


def test_what_is_half_filled_in_is_kept_and_comes_back(keys, case):
    keys.goto(address(case, "assessments/new"))
    keys.press_keys("1", "2", "n")
    keys.keyboard.type("Sucht Arbeit")
    expect(keys.get_by_text("Zwischengespeichert um")).to_be_visible()
    assert Assessment.objects.get().is_draft

    keys.goto(address(case, "assessments"))
    keys.look(keys)
    with keys.expect_navigation(wait_until="load"):
        keys.get_by_role("link", name="Weitermachen").click()

    keys.look(keys)
    expect(keys.locator("#id_value_AUFENTHALT_1")).to_be_checked()
    expect(keys.locator("#id_problem_EXISTENZ")).to_have_value("Sucht Arbeit")
    expect(keys.locator("#id_value_EXISTENZ_0")).to_be_focused()


def test_who_comes_second_is_told_while_filling_in(keys, case, amal):
    keys.goto(address(case, "assessments/new"))
    AssessmentFactory(case=case, draft=True, values={"WOHNEN": "4"})

    keys.press_keys("1")

    expect(keys.get_by_text("Jemand anderes hat inzwischen")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", ["assessments", "assessments/new", "plan", "goals/new"])
def test_the_pages_of_assessment_and_plan_are_for_everybody(
    open_page, look, amal, case, width, page
):
    AssessmentFactory(case=case, hypothesis="Wessen Problem?")
    AssessmentFactory(case=case, values={"WOHNEN": "4"})
    AssessmentFactory(case=case, draft=True, values={"WOHNEN": "4"})
    MeasureFactory(goal=GoalFactory(case=case, level="framework"), due_on=None)
    GoalFactory(case=case, reached=True)
    for dark in (False, True):
        shown = open_page(person=amal, width=width, dark=dark)
        shown.goto(address(case, page))
        look(shown)
