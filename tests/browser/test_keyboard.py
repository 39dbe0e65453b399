"""The daily work without a mouse: what is reached by Tab, seen while it is reached, and sent."""

import pytest
from playwright.sync_api import expect

from cases.models import Contact, FollowUp
from tests.browser import steps
from tests.browser.steps import Desk
from tests.cases.factories import CaseFactory, FollowUpFactory, in_days
from tests.providers.factories import PASSWORD

# Farther than this nobody presses Tab.
MOST_PRESSES = 60
# What has the focus: its words, and whether one sees that it has it.
FOCUSED = """() => {
  const e = document.activeElement, look = getComputedStyle(e), line = e.getClientRects()[0];
  const above = line && document.elementFromPoint(
    line.left + line.width / 2, line.top + Math.min(line.height, innerHeight - line.top) / 2);
  return {
    words: e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent ?? e.textContent,
    // The calendar in a field for dates has its own ring, and the field itself no focus then.
    marked: !e.matches(":focus")
      || (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2)
      || look.boxShadow !== "none",
    seen: Boolean(above) && (e.contains(above) || above.contains(e)),
  };
}"""


@pytest.fixture
def keys(open_page, look):
    """A desktop at which nobody touches the mouse."""
    return Keyboard(open_page(), look)


class Keyboard:
    """Reaches things by Tab alone, and fails where the focus cannot be seen."""

    def __init__(self, page, look):
        self.page, self.look = page, look

    def tab_to(self, words):
        """Press Tab until something that begins with these words has the focus."""
        passed = []
        for _ in range(MOST_PRESSES):
            self.page.keyboard.press("Tab")
            focused = self.focused()
            passed.append(focused["words"])
            assert focused["marked"], f"no focus is seen on “{passed[-1]}”"
            assert focused["seen"], f"the focus is out of sight on “{passed[-1]}”"
            if passed[-1].startswith(words):
                return
        raise AssertionError(f"Tab does not lead to “{words}” but to {passed}")

    def focused(self):
        found = self.page.evaluate(FOCUSED)
        return found | {"words": " ".join(found["words"].split())}

    def type(self, text):
        self.page.keyboard.type(text)

    def press(self, key="Enter"):
        self.page.keyboard.press(key)

    def go(self):
        """Press Enter on what has the focus and wait for the page it leads to."""
        with self.page.expect_navigation(wait_until="load"):
            self.press()


def test_the_day_is_done_by_keyboard_alone(keys, amal, with_password):
    case = CaseFactory(lead=amal, follow_up__due_on=in_days(5))
    due = FollowUpFactory(case=case, subject="Bescheid prüfen", due_on=in_days(-1))

    # Signing in: the cursor waits in the first field.
    keys.page.goto("/login/")
    expect(keys.page.get_by_label("Benutzername")).to_be_focused()
    keys.type(with_password(amal).username)
    keys.tab_to("Passwort")
    keys.type(PASSWORD)
    keys.go()

    # The first Tab offers to skip what stands on every page.
    keys.press("Tab")
    assert "Zum Inhalt" in keys.focused()["words"]
    keys.press()
    expect(keys.page.get_by_role("main")).to_be_focused()

    # A follow-up is finished from Mein Tag.
    keys.tab_to("Erledigt")
    keys.go()
    keys.tab_to("Notiz")
    keys.type("Der Bescheid stimmt.")
    keys.tab_to("Erledigt")
    keys.go()
    due.refresh_from_db()
    assert due.state == FollowUp.State.DONE

    # A contact is noted on the file, reached by its reference.
    keys.page.goto("/day/")
    keys.tab_to("Fall nach Aktenzeichen finden")
    keys.type(case.reference)
    keys.go()
    keys.tab_to("Kontakt notieren")
    keys.press()
    note = keys.page.get_by_role("main").get_by_label("Notiz", exact=False).first
    expect(note).to_be_visible()
    if not note.evaluate("e => e === document.activeElement"):
        keys.tab_to("Notiz")
    keys.type("Unterlagen mitgebracht.")
    keys.tab_to("Kontakt speichern")
    keys.go()
    assert Contact.objects.get(case=case).note == "Unterlagen mitgebracht."


def test_menus_open_and_close_by_keyboard(open_page, look, amal):
    case = CaseFactory(lead=amal)
    keys = Keyboard(open_page(person=amal), look)
    keys.page.goto(case.get_absolute_url())

    keys.tab_to("Weitere Schritte")
    keys.press()
    entry = keys.page.locator("details[open]").get_by_role("link", name="Fall übergeben")
    expect(entry).to_be_visible()
    keys.press("Escape")
    expect(entry).to_be_hidden()
    assert keys.focused()["words"].startswith("Weitere Schritte")
    keys.press()
    keys.tab_to("Fall übergeben")
    keys.go()
    assert keys.page.url.endswith("/hand-over/")


def test_a_form_with_errors_says_so_first(open_page, look, amal):
    keys = Keyboard(open_page(person=amal), look)
    desk = Desk(keys.page, look)
    desk.open("/cases/new/")
    with keys.page.expect_navigation():
        keys.page.get_by_role("main").get_by_role("button", name="Fall anlegen").press("Enter")

    expect(keys.page.locator("[data-kim-error-summary]")).to_be_focused()
    keys.tab_to("Familienname")
    keys.press()
    expect(desk.field("Familienname")).to_be_focused()
    assert steps.REFERENCE.search(keys.page.url) is None
