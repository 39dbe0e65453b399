"""What people do at the portal, in its own words, so that a journey reads like a story.

A `Desk` is one person's browser. Every page they come to is looked at (`look`, see conftest.py)
before they go on. Links, buttons and fields are found by what stands on the page, in German.
"""

import re
from datetime import date

from playwright.sync_api import Locator, Page, expect

REFERENCE = re.compile(r"[A-Z]{3}-\d{4}-\d{4}")


class Desk:
    """One person at one browser, with the few moves that a hand can make."""

    def __init__(self, page: Page, look):
        self.page, self.look = page, look

    def open(self, path):
        self.page.goto(path)
        self.look(self.page)

    def follow(self, words, *, within: Locator | None = None):
        """Follow the first link that says this, and look at the page it leads to."""
        self._go((within or self.page).get_by_role("link", name=words).first)

    def press(self, words, *, within: Locator | None = None):
        """Press the button that says this, and look at the page that answers."""
        self._go((within or self.page.get_by_role("main")).get_by_role("button", name=words).first)

    def pick(self, menu, words):
        """Open a menu and follow what it offers."""
        summary = self.page.locator("summary", has_text=menu).first
        summary.click()
        self._go(summary.locator("xpath=..").get_by_role("link", name=words, exact=True))

    def type(self, label, text, *, within: Locator | None = None):
        self.field(label, within).fill(text)

    def choose(self, label, option, *, within: Locator | None = None):
        self.field(label, within).select_option(label=option)

    def tick(self, label):
        """Tick a box or one of several choices."""
        self.page.get_by_label(label).first.check()

    def field(self, label, within: Locator | None = None) -> Locator:
        # A required field says so behind its label.
        words = re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$")
        return (within or self.page.get_by_role("main")).get_by_label(words).first

    def reads(self, words, *, within: Locator | None = None):
        """Expect words to stand on the page."""
        shown = (within or self.page.locator("body")).get_by_text(words)
        expect(shown.filter(visible=True).first).to_be_visible()

    def reads_nothing_of(self, *words):
        """Expect none of these words anywhere on the page, seen or not."""
        source = self.page.content()
        for word in words:
            assert word not in source, f"{self.page.url} shows “{word}”"

    def part(self, heading) -> Locator:
        """Return the part of the page that has this heading."""
        return self.page.get_by_role("region", name=heading)

    def row(self, words) -> Locator:
        """Return the row of a table in which these words stand."""
        return self.page.get_by_role("row").filter(has_text=words).first

    def _go(self, target: Locator):
        with self.page.expect_navigation(wait_until="load"):
            target.click()
        self.look(self.page)


def sign_in(desk: Desk, username: str, password: str):
    """Come in by the login, as from a bookmark of the first page."""
    desk.open("/")
    desk.follow("Anmelden", within=desk.page.get_by_role("banner"))
    desk.type("Benutzername", username)
    desk.type("Passwort", password)
    desk.press("Anmelden")


# --- The file -------------------------------------------------------------------------------------


def open_case(desk: Desk, *, family_name, given_name, birth_date, lives_in, concern, needs, first):
    """Open a case with its needs and the first follow-up; return its reference."""
    desk.follow("Fall anlegen")
    desk.type("Familienname", family_name)
    desk.type("Vorname", given_name)
    desk.type("Geburtsdatum", birth_date)
    desk.choose("Wohnt in", lives_in)
    desk.type("Anliegen", concern)
    for number, (legal_domain, description) in enumerate(needs):
        if number:
            _another_need(desk, number)
        row = desk.page.locator("[data-kim-need-row]").nth(number)
        choice = row.locator("option").filter(has_text=re.compile(rf"^{legal_domain}\b"))
        desk.choose("Rechtskreis", choice.first.text_content(), within=row)
        desk.type("Was gebraucht wird", description, within=row)
    desk.tick(re.compile("Die Person willigt ein, dass eine Fallakte geführt wird"))
    subject, due_on = first
    desk.type("Was ist zu tun?", subject)
    _date(desk, "Fällig am", due_on)
    desk.press("Fall anlegen")
    return REFERENCE.search(desk.page.url)[0]


def _another_need(desk, number):
    """Ask for one more row; without JavaScript the page comes back with it."""
    desk.page.get_by_role("button", name="Weiteren Bedarf eintragen").click()
    expect(desk.page.locator("[data-kim-need-row]").nth(number)).to_be_visible()


def go_to_file(desk: Desk, reference):
    """Find a case by its reference, in the field of the top bar."""
    desk.page.get_by_role("textbox", name="Fall nach Aktenzeichen finden").fill(reference)
    desk.press("Fall finden", within=desk.page.get_by_role("search"))


def refer(desk: Desk, need, *, to):
    """Refer the person to a service of the directory."""
    desk.follow(_of("Vermitteln", need))
    desk.tick(re.compile(re.escape(to)))
    desk.press("Vermitteln")


def move(desk: Desk, *, to):
    """Record that the person lives in another neighbourhood now."""
    desk.pick("Weitere Schritte", "Personendaten berichtigen")
    desk.choose("Wohnt in", to)
    desk.press("Speichern")


def record_consent(desk: Desk, *, kind, recipient):
    desk.choose("Worin willigt die Person ein?", kind)
    desk.tick(recipient)
    desk.tick(re.compile("Ich habe erklärt, dass die Einwilligung freiwillig ist"))
    desk.press("Einwilligung eintragen")


def complete_follow_up(desk: Desk, subject, *, note):
    desk.follow(_of("Erledigt", subject))
    desk.type("Notiz", note)
    desk.press("Erledigt")


def close_case(desk: Desk, *, reason, outcome):
    """Close the case and end with it what is still open."""
    desk.pick("Weitere Schritte", "Fall schließen")
    desk.choose("Grund", reason)
    desk.tick(outcome)
    desk.tick(re.compile("Offenes jetzt beenden"))
    desk.press("Fall schließen")


# --- The handover ---------------------------------------------------------------------------------


def offer_handover(desk: Desk, *, to_team, reason, situation, told_on: date):
    desk.choose("An wen", to_team)
    desk.choose("Grund", reason)
    _date(desk, "Klient:in informiert am", told_on)
    desk.type("Situation in fünf Zeilen", situation)
    desk.press("Fall übergeben")


def ask_back(desk: Desk, question):
    desk.follow("Rückfrage")
    desk.type("Ihre Rückfrage an die Fallführung", question)
    desk.press("Rückfrage senden")


def answer_question(desk: Desk, answer):
    desk.follow("Rückfrage beantworten")
    desk.type("Antwort", answer)
    desk.press("Rückfrage beantworten")


def consider(desk: Desk):
    """Say that one is considering the case; from then on the sheet shows who it is about."""
    desk.follow("Ich prüfe die Übernahme")
    desk.press("Ich prüfe die Übernahme")


def accept(desk: Desk):
    desk.follow("Annehmen")
    desk.press("Annehmen")


def _of(action, what):
    """Match a link that says for screen readers what it is about: `Erledigt: Bescheid prüfen`."""
    return re.compile(rf"{re.escape(action)}\s*:\s*{re.escape(what)}")


def _date(desk, label, day: date):
    """Fill a field that the browser shows as a date."""
    desk.field(label).fill(day.isoformat())
