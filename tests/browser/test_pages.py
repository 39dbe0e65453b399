"""Every page of every role, at a desk and in a hand, by day and by night, with names that are long.

The pages come from the access matrix (tests/test_access.py), so a page that is added is looked at
here too. What is found on the pages of one role is told together.
"""

import pytest
from django.urls import reverse

from cases.models import Person, UnmetReason
from centers.models import Center, Neighbourhood, Weekday
from providers.models import Assignment, LegalDomain, Service, StaffMember
from tests.browser.conftest import DESKTOP, PHONE
from tests.cases.factories import (
    CaseFactory,
    ConsentFactory,
    HandoverFactory,
    NeedFactory,
    in_days,
)
from tests.centers.factories import ClosureFactory, ConsultationHoursFactory
from tests.providers.factories import CaseworkerFactory, PositionFactory, ServiceFactory
from tests.test_access import PAGES, READERS
from tests.test_bad_input import WITHOUT_A_FORM
from tests.world import address_of

NARROW = 320
FILES = {page for page in PAGES if "export" in page} | {"cases:calendar", "cases:document"}
# They only ask to confirm, or are done without a word: an empty form is simply taken.
CONFIRMATIONS = {
    "cases:check_deadline",
    "cases:complete_follow_up",
    "cases:complete_measure",
    "cases:discard_assessment",
    "cases:drop_measure",
    "cases:drop_need",
    "cases:end_expiry",
    "cases:meet_need",
    "cases:remove_deputy",
    "cases:remove_team_member",
    "cases:resume",
    "cases:resume_need",
    "cases:revoke_consent",
    "cases:undo_follow_up",
    "cases:undo_measure",
    "cases:withdraw_handover",
}
BULGARIAN = {
    "family_name": "Konstantinopolska-Asparuchowa-Dimitrowa",
    "given_name": "Aleksandrina Marija Stanimirowa",
    "native_name": "Александрина Мария Станимирова Константинополска-Аспарухова",
}
ARABIC = {
    "family_name": "عبد الرحمن الحسيني الدمشقي البغدادي",
    "given_name": "محمد عبد اللطيف مصطفى",
    "native_name": "محمد عبد اللطيف مصطفى عبد الرحمن الحسيني الدمشقي البغدادي",
}
# What a narrower page may change, where the same page has been looked at as a whole.
OF_THE_LAYOUT = ["color-contrast", "target-size", "scrollable-region-focusable"]
# Whatever is pressed with a finger, but links within a sentence, boxes (their label is pressed too)
# and what only a script puts in place of them.
SMALL_TARGETS = """() => [...document.querySelectorAll(
  ".btn, summary, .topbar a, .mainnav a, .footer a, .filter-chips a, select, textarea, " +
  "input:not([type=hidden], [type=checkbox], [type=radio])"
)].filter(e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.width > 1 && box.height > 1 && box.height < 43.5)
  .map(([e, box]) => `${Math.round(box.height)} px: ${e.outerHTML.slice(0, 120)}`)"""


@pytest.fixture
def long_world(world, amal, chen, drk):
    """The world of the access matrix with the longest names, and more of everything."""
    case, _keys = world
    Person.objects.filter(pk=case.person_id).update(**BULGARIAN)
    for number, legal_domain in enumerate(LegalDomain.objects.order_by("position")[:6]):
        NeedFactory(
            case=case,
            legal_domain=legal_domain,
            description="Bildungs- und Teilhabeleistungen für drei Kinder beantragen " * 2,
            unmet=number == 1,
            met=number == 2,
        )
    arabic = {f"person__{name}": value for name, value in ARABIC.items()}
    CaseFactory(lead=amal, deputy=None, is_urgent=True, follow_up__due_on=in_days(-5), **arabic)
    CaseFactory(lead=amal, closed=True, **arabic)
    offered = CaseFactory(lead=chen, **arabic)
    ConsentFactory(case=offered, recipients=[drk])
    HandoverFactory(case=offered, to_staff=amal)
    return world


class Findings:
    """What was wrong on any of the pages, told at the end."""

    def __init__(self):
        self.found = []

    def note(self, check, *arguments):
        try:
            check(*arguments)
        except AssertionError as wrong:
            self.found.append(str(wrong))

    def tell(self):
        assert not self.found, "\n\n".join(self.found)


@pytest.fixture
def walk(open_page, axe, fits):
    """Look at pages one after the other: `walk(amal, addresses)` at a desk, in a hand."""

    def at_a_desk(person, addresses):
        findings = Findings()
        page = open_page(width=DESKTOP, person=person)
        for address in addresses:
            assert page.goto(address).status == 200, address
            findings.note(axe, page)
            findings.note(_is_a_page, page)
            page.emulate_media(color_scheme="dark")
            findings.note(axe, page, ["color-contrast"])
            page.emulate_media(color_scheme="light")
        findings.tell()

    def in_a_hand(person, addresses):
        findings = Findings()
        page = open_page(width=PHONE, person=person, touch=True)
        for address in addresses:
            page.set_viewport_size({"width": PHONE, "height": 844})
            assert page.goto(address).status == 200, address
            findings.note(axe, page, OF_THE_LAYOUT)
            findings.note(fits, page)
            findings.note(_is_easy_to_touch, page)
            page.set_viewport_size({"width": NARROW, "height": 568})
            findings.note(fits, page)
        findings.tell()

    return {"desk": at_a_desk, "hand": in_a_hand}


def _is_a_page(page):
    where = page.url
    assert page.locator("html").get_attribute("lang") == "de", f"{where} is not in German"
    assert page.locator("h1").count() == 1, f"{where} has {page.locator('h1').count()} h1"
    assert page.title().endswith("KIM-Portal Duisburg"), f"{where} has no title"


def _is_easy_to_touch(page):
    small = page.evaluate(SMALL_TARGETS)
    assert not small, f"small targets on {page.url}:\n" + "\n".join(small)


def _addresses(reader, world, *, but=frozenset()):
    """Return what the access matrix lets `reader` open and shows as a page."""
    case, keys = world
    column = READERS.index(reader)
    return [
        address_of(page, case, keys)
        for page, row in PAGES.items()
        if row[column] == 200 and page not in FILES | {"providers:service"} | but
    ]


PUBLIC = {page for page, row in PAGES.items() if row[-1] == 200}


@pytest.mark.parametrize("place", ["desk", "hand"])
def test_the_pages_of_a_lead(walk, long_world, amal, place):
    service = ServiceFactory(name="Migrationsberatung für erwachsene Zugewanderte " * 2)

    walk[place](amal, [*_addresses("amal", long_world, but=PUBLIC), service.get_absolute_url()])


@pytest.mark.parametrize("place", ["desk", "hand"])
def test_the_pages_of_those_who_are_offered_a_case_or_coordinate(
    walk, long_world, chen, kora, place
):
    known = {page for page, row in PAGES.items() if row[0] == 200} - {"cases:detail", "cases:sheet"}

    walk[place](chen, _addresses("chen", long_world, but=known))
    lists = [reverse(f"cases:{name}") for name in ("list", "register")]
    walk[place](kora, [*_addresses("kora", long_world, but=known), *lists])


@pytest.mark.parametrize("place", ["desk", "hand"])
def test_the_pages_of_somebody_new_and_of_visitors(walk, long_world, hamborn, drk, place):
    newcomer = CaseworkerFactory(center=hamborn, employer=drk)
    lists = ("day", "list", "follow_ups", "handovers")

    walk[place](newcomer, [reverse(f"cases:{name}") for name in lists])
    walk[place](None, _addresses("nobody", long_world))


# Choices whose words are wider than the room for them, the arrow left out.
CUT_OFF = """() => [...document.querySelectorAll("select:not([multiple])")]
  .filter(select => select.checkVisibility())
  .map(select => {
    const style = getComputedStyle(select), pen = document.createElement("canvas").getContext("2d")
    pen.font = style.font
    const words = select.selectedOptions[0].textContent
    const arrow = style.appearance === "none" ? 0 : 18
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
    return [words, Math.ceil(pen.measureText(words).width), Math.floor(room - arrow)]
  }).filter(([, wanted, room]) => wanted > room).map(String)"""


def test_the_hours_of_a_center_are_edited_without_cut_words_or_scrolling(open_page, adam, hamborn):
    ConsultationHoursFactory(center=hamborn, weekday=Weekday.THURSDAY, kind="open")
    page = open_page(person=adam)

    page.goto(_in_the_admin(Center, "change", hamborn.pk))

    assert not page.evaluate(CUT_OFF)
    assert page.evaluate(
        "[...document.querySelectorAll('.table-scroll')].every(e => e.scrollWidth <= e.clientWidth)"
    )


def test_the_filters_of_the_register_show_their_words(open_page, kora, hamborn):
    page = open_page(person=kora)

    page.goto(reverse("cases:register"))

    assert not page.evaluate(CUT_OFF)


@pytest.mark.parametrize("place", ["desk", "hand"])
def test_the_pages_of_an_administrator(walk, adam, amal, place):
    closure, position = ClosureFactory(center=Center.objects.first()), PositionFactory()
    service = ServiceFactory(name="Migrationsberatung für erwachsene Zugewanderte " * 2)
    lists = [reverse("admin:index")]
    for model in (Center, Neighbourhood, StaffMember, Assignment, Service, UnmetReason):
        lists.append(_in_the_admin(model, "changelist"))
    rows = [closure, position, service, amal, amal.assignments.get(), closure.center]
    rows += [model.objects.first() for model in (Neighbourhood, LegalDomain, UnmetReason)]
    forms = [_in_the_admin(type(row), "change", row.pk) for row in rows]
    forms += [_in_the_admin(model, "add") for model in (StaffMember, Assignment)]

    forms.append(_in_the_admin(type(closure), "delete", closure.pk))

    walk[place](adam, [*lists, *forms, _in_the_admin(Center, "history", closure.center_id)])


def _in_the_admin(model, page, *keys):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=keys)


def test_forms_with_errors(open_page, axe, fits, long_world, amal):
    """Whatever a form asks for is taken out and sent: the answer says what is missing."""
    findings = Findings()
    page = open_page(person=amal)
    case, keys = long_world
    forms = [page for page, row in PAGES.items() if page.startswith("cases:") and row[0] == 200]
    for name in sorted(set(forms) - FILES - CONFIRMATIONS - WITHOUT_A_FORM - {"cases:hand_over"}):
        page.set_viewport_size({"width": DESKTOP, "height": 900})
        page.goto(address_of(name, case, keys))
        page.evaluate(EMPTY)
        with page.expect_navigation():
            page.get_by_role("main").locator(".form-actions [type=submit]").last.click()
        assert page.locator(".error-summary").count() == 1, f"{name} took an empty form"
        findings.note(axe, page)
        page.set_viewport_size({"width": NARROW, "height": 568})
        findings.note(fits, page)
    findings.tell()


EMPTY = """() => {
  for (const field of document.querySelectorAll("main input:not([type=hidden]), main textarea"))
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = false;
    else field.value = "";
  for (const list of document.querySelectorAll("main select")) list.selectedIndex = -1;
}"""
