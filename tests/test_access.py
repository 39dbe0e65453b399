"""Who gets which answer where: the access matrix, compared with the URL resolver, and the canary.

One case at Hamborn, led by amal (DRK). dora is in its team; felix led it before; ben (AWO) works
at the same center; chen (Rheinhausen) is offered it under a consent; zoe (Hochfeld) has nothing
to do with it; kora coordinates, adam administers, nobody has not signed in.
"""

from datetime import timedelta

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone

from cases.access import AccessReason
from cases.models import Contact, HandoverQuestion
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ConsentFactory,
    ContactFactory,
    DuplicateSuspicionFactory,
    FollowUpFactory,
    HandoverFactory,
    NeedFactory,
    ReferralFactory,
)
from tests.providers.factories import CaseworkerFactory

LOGIN = 302
CANARY = "Kanarienvogel"

READERS = ["amal", "dora", "felix", "ben", "chen", "zoe", "kora", "adam", "nobody"]

# What whoever may take the lead's steps, and nobody else, is answered.
LEAD_STEP = [200, 403, 403, 403, 403, 404, 403, 404, LOGIN]
TEAM_STEP = [200, 200, 403, 403, 403, 404, 403, 404, LOGIN]
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
    "account_change_password": [200] * 8 + [LOGIN],
    "account_reset_password_from_key": EVERYBODY,
    "account_reset_password_from_key_done": EVERYBODY,
    "providers:directory": [200] * 8 + [LOGIN],
    "providers:service": [200] * 8 + [LOGIN],
    "cases:day": CASEWORKER,
    "cases:list": [200, 200, 200, 200, 200, 200, 302, 403, LOGIN],
    "cases:register": [200, 200, 200, 200, 200, 200, 200, 403, LOGIN],
    "cases:search": [405] * 8 + [LOGIN],
    "cases:find": [302, 302, 302, 302, 302, 302, 302, 302, LOGIN],
    "cases:export": CASEWORKER,
    "cases:open": CASEWORKER,
    "cases:duplicate_hint": [405] * 8 + [LOGIN],
    "cases:without_lead": [403, 403, 403, 403, 403, 403, 200, 403, LOGIN],
    "cases:handovers": CASEWORKER,
    "cases:follow_ups": CASEWORKER,
    "cases:export_follow_ups": CASEWORKER,
    "cases:calendar": CASEWORKER,
    "cases:dashboard": [403, 403, 403, 403, 403, 403, 200, 403, LOGIN],
    # 200 is the file for the first three, the register card for ben, chen and kora.
    "cases:detail": [200, 200, 200, 200, 200, 404, 200, 404, LOGIN],
    "cases:timeline": [200, 200, 200, 403, 403, 404, 403, 404, LOGIN],
    "cases:correct_person": LEAD_STEP,
    "cases:record_contact": TEAM_STEP,
    "cases:correct_contact": [200, 403, 403, 403, 403, 404, 403, 404, LOGIN],
    "cases:strike": LEAD_STEP,
    "cases:add_need": LEAD_STEP,
    "cases:meet_need": LEAD_STEP,
    "cases:leave_need_unmet": LEAD_STEP,
    "cases:drop_need": LEAD_STEP,
    "cases:resume_need": LEAD_STEP,
    "cases:refer": LEAD_STEP,
    "cases:update_referral": LEAD_STEP,
    "cases:plan_follow_up": TEAM_STEP,
    "cases:complete_follow_up": TEAM_STEP,
    "cases:undo_follow_up": TEAM_STEP,
    "cases:postpone_follow_up": TEAM_STEP,
    "cases:drop_follow_up": TEAM_STEP,
    "cases:pause": LEAD_STEP,
    "cases:resume": LEAD_STEP,
    "cases:give_consent": LEAD_STEP,
    "cases:revoke_consent": LEAD_STEP,
    "cases:name_deputy": LEAD_STEP,
    "cases:remove_deputy": LEAD_STEP,
    "cases:add_team_member": LEAD_STEP,
    "cases:remove_team_member": LEAD_STEP,
    "cases:change_phase": LEAD_STEP,
    "cases:hand_over": LEAD_STEP,
    "cases:sheet": [200, 200, 403, 403, 200, 404, 403, 404, LOGIN],
    "cases:amend_handover": LEAD_STEP,
    "cases:answer_question": LEAD_STEP,
    "cases:withdraw_handover": LEAD_STEP,
    "cases:review_handover": RECEIVER_STEP,
    "cases:ask_back": RECEIVER_STEP,
    "cases:accept_handover": RECEIVER_STEP,
    "cases:decline_handover": RECEIVER_STEP,
    "cases:obtain_consent": RECEIVER_STEP,
    # Both come with time and events: neither is the coordinator's while the lead is at work.
    "cases:send_back": [403, 403, 403, 403, 403, 404, 409, 404, LOGIN],
    "cases:assign_lead": [403, 403, 403, 403, 403, 404, 409, 404, LOGIN],
    "cases:settle_suspicion": LEAD_STEP,
    "cases:close": LEAD_STEP,
    "cases:reopen": [409, 403, 403, 403, 403, 404, 403, 404, LOGIN],
}


def routes():
    """Yield (name, names of the arguments) of every page but those of the admin."""
    yield from _routes(get_resolver(), "")


def _routes(resolver, prefix, before=()):
    for entry in resolver.url_patterns:
        arguments = (*before, *entry.pattern.regex.groupindex)
        if hasattr(entry, "url_patterns"):
            if entry.namespace != "admin":
                space = f"{entry.namespace}:" if entry.namespace else ""
                yield from _routes(entry, prefix + space, arguments)
        elif entry.name:
            yield prefix + entry.name, arguments


@pytest.fixture
def felix(hamborn, drk):
    return CaseworkerFactory(username="felix", center=hamborn, employer=drk)


@pytest.fixture
def zoe(hochfeld, awo):
    return CaseworkerFactory(username="zoe", center=hochfeld, employer=awo)


@pytest.fixture
def world(amal, dora, felix, ben, chen, zoe, grafschafter):
    """The case of the table, with one of everything; its secrets all sing."""
    case = CaseFactory(
        lead=amal,
        person__family_name=CANARY,
        person__given_name=CANARY,
        concern=CANARY,
        follow_up__subject=CANARY,
    )
    past = timezone.now() - timedelta(days=1)
    AccessFactory(case=case, staff_member=felix, reason=AccessReason.HANDOVER, starts_at=past)
    team = AccessFactory(case=case, staff_member=dora)
    consent = ConsentFactory(case=case, recipients=[grafschafter])
    need = NeedFactory(case=case, description=CANARY)
    referral = ReferralFactory(need=need, target=CANARY)
    contact = ContactFactory(case=case, note=CANARY)
    # Its subject stands in an offer to a person by right; what the sheet shows is tested there.
    handover = HandoverFactory(case=case, to_staff=chen)
    question = HandoverQuestion.objects.create(handover=handover, asked_by=chen, question="?")
    suspicion = DuplicateSuspicionFactory(known=case, newer=CaseFactory(lead=zoe))
    follow_up = FollowUpFactory(case=case, subject=CANARY)
    keys = {
        "cases:correct_contact": contact.pk,
        "cases:strike": contact.pk,
        "cases:update_referral": referral.pk,
        "cases:revoke_consent": consent.pk,
        "cases:remove_team_member": team.pk,
        "cases:answer_question": question.pk,
        "cases:settle_suspicion": suspicion.pk,
    }
    needs = ("meet_need", "leave_need_unmet", "drop_need", "resume_need", "refer")
    keys |= {f"cases:{name}": need.pk for name in needs}
    for name in ("complete", "undo", "postpone", "drop"):
        keys[f"cases:{name}_follow_up"] = follow_up.pk
    return case, keys


def address_of(page, case, keys):
    values = {
        "reference": case.reference,
        "slug": case.center.slug,
        "kind": "contact",
        "uidb36": "1",
        "key": "set-password",
        "code": "example",
        "pk": keys.get(page, 1),
    }
    arguments = dict(routes())[page]
    return reverse(page, kwargs={name: values[name] for name in arguments})


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
    case, keys = world
    client = browse(amal)
    assert client.get(case.get_absolute_url()).status_code == 200

    amal.blocked_at = timezone.now()
    amal.save()

    assert client.get(case.get_absolute_url()).status_code == 302
