"""Bad input on every form: it gets a message, keeps what was typed and half-saves nothing."""

import re

import pytest
from django.urls import reverse

from cases.models import Assessment, CaseEvent, FollowUp, Goal, Measure, Need, Referral
from tests.test_access import PAGES
from tests.world import address_of

pytestmark = pytest.mark.django_db

FORMS = [page for page, row in PAGES.items() if page.startswith("cases:") and row[0] == 200]
# These only ask to confirm: there is nothing to type, so the step is simply taken.
CONFIRMATIONS = {
    "cases:resume_need",
    "cases:undo_follow_up",
    "cases:revoke_consent",
    "cases:remove_deputy",
    "cases:remove_team_member",
    "cases:meet_need",
    "cases:drop_need",
    "cases:withdraw_handover",
    "cases:resume",
    "cases:check_deadline",
    "cases:end_expiry",
    "cases:discard_assessment",
    "cases:undo_measure",
}
# Pages to read, and lists with filters by GET.
WITHOUT_A_FORM = {
    "cases:detail",
    "cases:deadlines",
    "cases:timeline",
    "cases:documents",
    "cases:document",
    "cases:day",
    "cases:list",
    "cases:register",
    "cases:export",
    "cases:sheet",
    "cases:handovers",
    "cases:follow_ups",
    "cases:export_follow_ups",
    "cases:export_handovers",
    "cases:calendar",
    "cases:hand_over",
    "cases:assessments",
    "cases:plan",
}
KEPT = (CaseEvent, FollowUp, Need, Referral, Assessment, Goal, Measure)
HTML = "<script>alert(1)</script>"
GARBAGE = {
    "nothing at all": lambda name: "",
    "far too long": lambda name: "ä" * 20_000,
    "impossible days": lambda name: "31.02.2026",
    "unknown codes": lambda name: "9" * 18,
    "HTML and formulas": lambda name: HTML,
    "a zero byte": lambda name: "a\x00b",
}


# Any text is a good reason or answer, and a follow-up may be done without a note.
WORDS = ("impossible days", "unknown codes", "HTML and formulas")
FINE = {
    *(("cases:strike", kind) for kind in WORDS),
    *(("cases:answer_question", kind) for kind in WORDS),
    ("cases:complete_follow_up", "nothing at all"),
    ("cases:complete_measure", "nothing at all"),
}


def fields_of(page):
    """Return the names of what the form on the page asks for."""
    form = page.text.rpartition('<form method="post"')[2]
    names = re.findall(r'<(?:input|select|textarea)[^>]*?name="([^"]+)"', form)
    return set(names) - {"csrfmiddlewaretoken", "sender", "once_key"}


PAIRS = [
    (page, kind)
    for page in sorted(set(FORMS) - CONFIRMATIONS - WITHOUT_A_FORM)
    for kind in sorted(GARBAGE)
    if (page, kind) not in FINE
]


@pytest.mark.parametrize(("page", "kind"), PAIRS)
def test_no_form_breaks_or_half_saves(browse, world, amal, page, kind):
    case, keys = world
    client, url = browse(amal), address_of(page, case, keys)
    shown = client.get(url)
    before = tuple(
        model.objects.order_by("pk").values_list("pk", flat=True).count() for model in KEPT
    )

    answer = client.post(url, {name: GARBAGE[kind](name) for name in fields_of(shown)})

    assert answer.status_code in {200, 409}, page
    assert HTML not in answer.text
    after = tuple(model.objects.count() for model in KEPT)
    assert after == before


def test_what_was_typed_survives_an_expired_login(browse, world, amal):
    case, _keys = world
    url = reverse("cases:plan_follow_up", args=[case.reference])
    sender = re.search(r'name="sender" value="([^"]+)"', browse(amal).get(url).text)[1]
    gone = browse()
    typed = {"subject": "Vor dem Ablauf getippt", "due_on": "01.01.2027", "sender": sender}

    answer = gone.post(url, typed)
    assert answer.url.startswith(reverse("account_login"))
    gone.force_login(amal)
    back = gone.get(url)

    assert "Vor dem Ablauf getippt" in back.text
    assert not FollowUp.objects.filter(subject="Vor dem Ablauf getippt").exists()
    assert "Vor dem Ablauf getippt" not in gone.get(url).text


def test_somebody_else_who_signs_in_then_gets_nothing_of_it(browse, world, amal, dora):
    case, _keys = world
    url = reverse("cases:plan_follow_up", args=[case.reference])
    sender = re.search(r'name="sender" value="([^"]+)"', browse(amal).get(url).text)[1]
    gone = browse()

    gone.post(url, {"subject": "Nur für Amal", "sender": sender})
    gone.force_login(dora)

    assert "Nur für Amal" not in gone.get(url).text


@pytest.mark.parametrize("page", ["cases:meet_need", "cases:update_referral", "cases:strike"])
def test_a_tampered_key_does_not_exist(browse, world, amal, page):
    case, keys = world

    answer = browse(amal).post(address_of(page, case, keys | {page: 999_999}), {})

    assert answer.status_code == 404
