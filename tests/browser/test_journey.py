"""The main job, from the first visit to the closed case, at three desks and in German.

Told once; run with JavaScript and without. Every page on the way is looked at by axe.
"""

import pytest
from django.utils import timezone

from providers.models import LegalDomain
from tests.browser import steps
from tests.browser.steps import Desk
from tests.providers.factories import PASSWORD, ServiceFactory

NAME = ("Ilieva-Todorova", "Ралица")
NEEDS = [
    ("AufenthG", "Fiktionsbescheinigung verlängern"),
    ("SGB II", "Bürgergeld beantragen"),
    ("SchulG NRW", "Schulplatz für die Tochter finden"),
]


@pytest.fixture
def desks(open_page, look, with_password):
    """Sit somebody down at a browser and sign them in: `desks(amal)`; nobody stays a visitor."""

    def sit_down(person=None, *, javascript=True):
        desk = Desk(open_page(javascript=javascript), look)
        if person is not None:
            steps.sign_in(desk, with_password(person).username, PASSWORD)
        return desk

    return sit_down


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_case_is_opened_handed_over_and_closed(
    desks, javascript, amal, chen, kora, adam, drk, grafschafter, rheinhausen
):
    today = timezone.localdate()
    ServiceFactory(
        name="Bürgergeld-Lotsen Hamborn", legal_domains=[LegalDomain.objects.get(pk="SGB2")]
    )

    # The coordinator sees an empty portal.
    coordination = desks(kora, javascript=javascript)
    assert open_cases(coordination) == {"RSC Hamborn": 0, "RSC Rheinhausen": 0}

    # Hamborn opens a case in three legal domains.
    hamborn = desks(amal, javascript=javascript)
    hamborn.reads("Mein Tag", within=hamborn.page.get_by_role("heading", level=1))
    reference = steps.open_case(
        hamborn,
        family_name=NAME[0],
        given_name=NAME[1],
        birth_date="14.03.1991",
        lives_in="Alt-Hamborn",
        concern="Kommt mit einem Brief vom Jobcenter und versteht ihn nicht.",
        needs=NEEDS,
        first=("Bescheid des Jobcenters prüfen", today),
    )
    for legal_domain, need in NEEDS:
        hamborn.reads(need, within=hamborn.part(legal_domain))
    assert open_cases(coordination) == {"RSC Hamborn": 1, "RSC Rheinhausen": 0}

    # One need is referred.
    steps.refer(hamborn, "Bürgergeld beantragen", to="Bürgergeld-Lotsen Hamborn")
    hamborn.reads("Bürgergeld-Lotsen Hamborn", within=hamborn.part("SGB II"))

    # The person moves; the portal proposes to hand over.
    steps.move(hamborn, to="Rheinhausen-Mitte")
    hamborn.follow("Fall übergeben", within=hamborn.page.get_by_role("main"))

    # Nobody at Rheinhausen may be told anything yet.
    hamborn.press("Zuerst eine Einwilligung eintragen")
    steps.record_consent(
        hamborn, kind="Übergabe an einen anderen Träger", recipient=str(grafschafter)
    )
    hamborn.reads("Ihre Eingaben sind noch da.")
    steps.offer_handover(
        hamborn,
        to_team="RSC Rheinhausen",
        reason="Umzug in einen anderen Stadtbezirk",
        situation="Alleinerziehend, zwei Kinder. Das Jobcenter wartet auf Unterlagen.",
        told_on=today,
    )

    # Rheinhausen sees the sheet, but neither the file nor who it is about.
    in_rheinhausen = desks(chen, javascript=javascript)
    in_rheinhausen.follow(reference, within=in_rheinhausen.part("Übergaben"))
    in_rheinhausen.reads("Alleinerziehend, zwei Kinder.")
    in_rheinhausen.reads_nothing_of(*NAME, "14.03.1991")
    steps.go_to_file(in_rheinhausen, reference)
    in_rheinhausen.reads_nothing_of(*NAME, "14.03.1991", *(need for _domain, need in NEEDS))

    # Rheinhausen asks back, Hamborn answers.
    in_rheinhausen.open(f"/cases/{reference}/handover/")
    steps.ask_back(in_rheinhausen, "Sind die Kinder schon an einer Schule angemeldet?")
    steps.go_to_file(hamborn, reference)
    hamborn.follow("Übergabe verfolgen")
    hamborn.reads("Sind die Kinder schon an einer Schule angemeldet?")
    steps.answer_question(hamborn, "Nur der Sohn; die Tochter wartet auf einen Platz.")

    # Now Rheinhausen considers the case, sees the name, and accepts.
    in_rheinhausen.open("/handovers/")
    in_rheinhausen.follow(reference)
    in_rheinhausen.reads("Nur der Sohn; die Tochter wartet auf einen Platz.")
    steps.consider(in_rheinhausen)
    in_rheinhausen.reads(NAME[0])
    steps.accept(in_rheinhausen)
    in_rheinhausen.reads("Schulplatz für die Tochter finden")
    assert open_cases(coordination) == {"RSC Hamborn": 0, "RSC Rheinhausen": 1}

    # The follow-up has come along: it stands in Mein Tag, and is done from there.
    in_rheinhausen.follow("Mein Tag", within=in_rheinhausen.page.get_by_role("navigation"))
    in_rheinhausen.reads("Bescheid des Jobcenters prüfen")
    steps.complete_follow_up(
        in_rheinhausen, "Bescheid des Jobcenters prüfen", note="Bescheid stimmt."
    )

    # The case is closed; nothing of it is due any more.
    steps.go_to_file(in_rheinhausen, reference)
    steps.close_case(in_rheinhausen, reason="Ziel erreicht", outcome="Ziele erreicht")
    in_rheinhausen.reads("Geschlossen")
    assert open_cases(coordination) == {"RSC Hamborn": 0, "RSC Rheinhausen": 0}

    # The administrator moves an hour of Rheinhausen; the public page follows.
    visitor = desks(javascript=javascript)
    visitor.open(rheinhausen.get_absolute_url())
    visitor.reads_nothing_of("16:45")
    administration = desks(adam, javascript=javascript)
    change_closing_time(administration, "RSC Rheinhausen", of="15:00", to="16:45")
    visitor.open(rheinhausen.get_absolute_url())
    visitor.reads("16:45")


def open_cases(coordination):
    """Read from the coordinator's page how many open cases two centers have."""
    coordination.open("/dashboard/")
    rows = coordination.page.get_by_role("row")
    return {
        name: _number(rows.filter(has=coordination.page.get_by_role("rowheader", name=name)).first)
        for name in ("RSC Hamborn", "RSC Rheinhausen")
    }


def _number(row):
    """Return the first number of a row; without any case there is no table yet."""
    return int(row.get_by_role("cell").first.inner_text()) if row.is_visible() else 0


def change_closing_time(administration, center, *, of, to):
    """Change a closing time of a center in the administration; `of`: as it stands there."""
    administration.follow("Support-Center", within=administration.page.get_by_role("main"))
    administration.follow(center)
    ends = administration.page.get_by_label("Ende", exact=True)
    row = [ends.nth(n).input_value() for n in range(ends.count())].index(of)
    ends.nth(row).fill(to)
    administration.press("Speichern")
