"""Who gets which answer where: the access matrix, compared with the URL resolver, and the canary.

One case at Hamborn, led by amal (DRK). dora is in its team; felix led it before; ben (AWO) works
at the same center; chen (Rheinhausen) is offered it under a consent; zoe (Hochfeld) has nothing
to do with it; kora coordinates, adam administers, nobody has not signed in.
"""

import pytest
from django.utils import timezone

from cases.models import Contact
from tests.world import CANARY, address_of, routes

LOGIN = 302

READERS = ["amal", "dora", "felix", "ben", "chen", "zoe", "kora", "adam", "nobody"]

# What whoever may take the lead's steps, and nobody else, is answered.
LEAD_STEP = [200, 403, 403, 403, 403, 404, 403, 404, LOGIN]
TEAM_STEP = [200, 200, 403, 403, 403, 404, 403, 404, LOGIN]
# A record made after the handover does not exist for the former lead.
RECORD_STEP = [200, 403, 404, 403, 403, 404, 403, 404, LOGIN]
TEAM_RECORD_STEP = [200, 200, 404, 403, 403, 404, 403, 404, LOGIN]
# A page of the file itself, which a former lead reads as it stood.
FILE_PAGE = [200, 200, 200, 403, 403, 404, 403, 404, LOGIN]
COORDINATOR_STEP = [403, 403, 403, 403, 403, 404, 200, 404, LOGIN]
RECEIVER_STEP = [403, 403, 403, 403, 200, 404, 403, 404, LOGIN]
CASEWORKER = [200, 200, 200, 200, 200, 200, 403, 403, LOGIN]
EVERYBODY = [200] * 9

PAGES = {
    "imprint": EVERYBODY,
    "privacy": EVERYBODY,
    "accessibility": EVERYBODY,
    "centers:list": EVERYBODY,
    "centers:detail": EVERYBODY,
    "home": [302] * 9,
    "account_login": [302] * 8 + [200],
    "account_logout": [200] * 8 + [302],
    # Nobody here has a password; with one it is 200 (tests/providers/test_sign_in.py).
    "account_change_password": [302] * 8 + [LOGIN],
    "account_reset_password_from_key": EVERYBODY,
    "account_reset_password_from_key_done": EVERYBODY,
    "providers:directory": [200] * 8 + [LOGIN],
    "providers:export": [200] * 8 + [LOGIN],
    "providers:service": [200] * 8 + [LOGIN],
    "cases:day": CASEWORKER,
    "cases:list": [200, 200, 200, 200, 200, 200, 302, 403, LOGIN],
    "cases:register": [200, 200, 200, 200, 200, 200, 200, 403, LOGIN],
    "cases:search": [405] * 8 + [LOGIN],
    "cases:find": [405] * 8 + [LOGIN],
    "cases:export": CASEWORKER,
    "cases:open": CASEWORKER,
    "cases:duplicate_hint": [405] * 8 + [LOGIN],
    "cases:without_lead": [403, 403, 403, 403, 403, 403, 200, 403, LOGIN],
    "cases:handovers": CASEWORKER,
    "cases:export_handovers": CASEWORKER,
    "cases:follow_ups": CASEWORKER,
    "cases:export_follow_ups": CASEWORKER,
    "cases:calendar": CASEWORKER,
    "cases:dashboard": [403, 403, 403, 403, 403, 403, 200, 403, LOGIN],
    # 200 is the file for the first three, the register card for ben, chen and kora.
    "cases:detail": [200, 200, 200, 200, 200, 404, 200, 404, LOGIN],
    "cases:timeline": [200, 200, 200, 403, 403, 404, 403, 404, LOGIN],
    "cases:correct_person": LEAD_STEP,
    "cases:record_contact": TEAM_STEP,
    "cases:correct_contact": RECORD_STEP,
    "cases:documents": [200, 200, 200, 403, 403, 404, 403, 404, LOGIN],
    "cases:add_document": LEAD_STEP,
    # The content of a document: for its readers, and for no former lead where it came later.
    "cases:document": TEAM_RECORD_STEP,
    "cases:correct_document": RECORD_STEP,
    "cases:strike": RECORD_STEP,
    "cases:add_need": LEAD_STEP,
    "cases:meet_need": RECORD_STEP,
    "cases:leave_need_unmet": RECORD_STEP,
    "cases:drop_need": RECORD_STEP,
    "cases:resume_need": RECORD_STEP,
    "cases:assessments": FILE_PAGE,
    "cases:assess": LEAD_STEP,
    # By POST alone; who may is tested in tests/cases/test_assessments.py.
    "cases:keep_assessment": [405] * 8 + [LOGIN],
    "cases:discard_assessment": RECORD_STEP,
    "cases:plan": FILE_PAGE,
    "cases:agree_plan": LEAD_STEP,
    "cases:set_goal": LEAD_STEP,
    "cases:change_goal": RECORD_STEP,
    "cases:rate_goal": RECORD_STEP,
    "cases:add_measure": RECORD_STEP,
    "cases:change_measure": RECORD_STEP,
    "cases:complete_measure": TEAM_RECORD_STEP,
    "cases:drop_measure": RECORD_STEP,
    "cases:undo_measure": TEAM_RECORD_STEP,
    "cases:refer": RECORD_STEP,
    "cases:update_referral": RECORD_STEP,
    "cases:plan_follow_up": TEAM_STEP,
    "cases:complete_follow_up": TEAM_RECORD_STEP,
    "cases:undo_follow_up": TEAM_RECORD_STEP,
    "cases:postpone_follow_up": TEAM_RECORD_STEP,
    "cases:drop_follow_up": TEAM_RECORD_STEP,
    "cases:deadlines": [200, 200, 200, 403, 403, 404, 403, 404, LOGIN],
    "cases:enter_letter": TEAM_STEP,
    "cases:change_deadline": TEAM_RECORD_STEP,
    "cases:check_deadline": TEAM_RECORD_STEP,
    "cases:settle_deadline": TEAM_RECORD_STEP,
    "cases:record_expiry": TEAM_STEP,
    "cases:end_expiry": TEAM_RECORD_STEP,
    "cases:pause": LEAD_STEP,
    "cases:resume": LEAD_STEP,
    "cases:give_consent": LEAD_STEP,
    "cases:revoke_consent": RECORD_STEP,
    "cases:name_deputy": LEAD_STEP,
    "cases:remove_deputy": LEAD_STEP,
    "cases:add_team_member": LEAD_STEP,
    "cases:remove_team_member": LEAD_STEP,
    "cases:change_phase": LEAD_STEP,
    "cases:hand_over": LEAD_STEP,
    "cases:sheet": [200, 200, 403, 403, 200, 404, 403, 404, LOGIN],
    "cases:amend_handover": RECORD_STEP,
    "cases:answer_question": RECORD_STEP,
    "cases:withdraw_handover": RECORD_STEP,
    "cases:review_handover": RECEIVER_STEP,
    "cases:ask_back": RECEIVER_STEP,
    "cases:accept_handover": RECEIVER_STEP,
    "cases:decline_handover": RECEIVER_STEP,
    # Only for whoever the coordination named, where a provider has nobody.
    "cases:obtain_consent": [404, 404, 404, 404, 404, 404, 404, 404, LOGIN],
    "cases:send_back": COORDINATOR_STEP,
    "cases:assign_lead": COORDINATOR_STEP,
    "cases:settle_suspicion": LEAD_STEP,
    "cases:close": LEAD_STEP,
    "cases:reopen": [409, 403, 403, 403, 403, 404, 403, 404, LOGIN],
}


def test_every_page_has_a_row():
    assert {name for name, _ in routes()} == set(PAGES)


def test_only_these_pages_are_public():
    public = {name for name, row in PAGES.items() if row[-1] == 200} | {"home"}

    assert public == {
        "home",
        "imprint",
        "privacy",
        "accessibility",
        "centers:list",
        "centers:detail",
        "account_login",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("reader", READERS)
def test_each_reader_gets_the_answer_of_the_table(request, browse, world, reader):
    case, keys = world
    client = browse(request.getfixturevalue(reader))
    column = READERS.index(reader)
    expected, found = {}, {}
    for page, row in PAGES.items():
        if page == "providers:service":
            continue
        response = client.get(address_of(page, case, keys))
        expected[page], found[page] = row[column], response.status_code
        if reader == "nobody" and row[column] == LOGIN and page not in {"home", "account_logout"}:
            assert response.url.startswith("/login/"), page
    wrong = {
        page: (found[page], "not", expected[page])
        for page in found
        if found[page] != expected[page]
    }
    assert not wrong


@pytest.mark.django_db
@pytest.mark.parametrize("reader", ["ben", "zoe", "kora", "adam", "nobody"])
def test_the_canary_sings_on_no_page_of_somebody_who_may_not_know_it(
    request, browse, world, reader
):
    case, keys = world
    client = browse(request.getfixturevalue(reader))
    for page in PAGES:
        if page == "providers:service":
            continue
        for answer in (
            client.get(address_of(page, case, keys)),
            client.get(address_of(page, case, keys), {"list": "register", "state": "all"}),
            client.post(address_of(page, case, keys), {"text": CANARY, "q": case.reference}),
        ):
            body = b"".join(answer) if answer.streaming else answer.content
            said = body.decode("utf-8", "replace") + str(answer.headers)
            if page != "cases:search" and "search" not in str(answer.headers.get("Location")):
                assert CANARY not in said, page


@pytest.mark.django_db
@pytest.mark.parametrize("reader", ["ben", "chen", "felix", "zoe", "kora", "adam"])
def test_nobody_but_those_who_may_changes_anything_by_post(request, browse, world, reader):
    case, keys = world
    client = browse(request.getfixturevalue(reader))
    before = Contact.objects.count(), case.events.count(), case.access_rows.count()
    for page, row in PAGES.items():
        if row[READERS.index(reader)] in {403, 404} and "cases:" in page:
            answer = client.post(address_of(page, case, keys), {})
            assert answer.status_code in {403, 404, 405}, page

    assert before == (Contact.objects.count(), case.events.count(), case.access_rows.count())


@pytest.mark.django_db
def test_no_title_or_address_holds_a_name(browse, world, amal):
    case, keys = world
    client = browse(amal)
    for page, row in PAGES.items():
        if row[0] != 200 or page == "providers:service":
            continue
        answer = client.get(address_of(page, case, keys))
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        title = answer.text.partition("<title>")[2].partition("</title>")[0]
        assert CANARY not in title, page


@pytest.mark.django_db
def test_every_page_of_somebody_signed_in_stays_out_of_caches(browse, world, amal):
    case, keys = world
    client = browse(amal)
    for page in ("cases:detail", "cases:list", "cases:day", "cases:export", "cases:correct_person"):
        assert "no-store" in client.get(address_of(page, case, keys)).headers["Cache-Control"]


@pytest.mark.django_db
def test_blocking_a_login_shuts_every_door_at_once(browse, world, amal):
    case, _keys = world
    client = browse(amal)
    assert client.get(case.get_absolute_url()).status_code == 200

    amal.blocked_at = timezone.now()
    amal.save()

    assert client.get(case.get_absolute_url()).status_code == 302
