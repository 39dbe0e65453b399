"""Signing in, the one-time link, blocking: who gets in, who does not, and what they are told."""

from datetime import timedelta
from html import unescape

import pytest
from allauth.account import urls as allauth_urls
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from kim_portal.errors import NotYours, Refusal
from providers import accounts
from providers.models import StaffMember
from tests.providers.factories import (
    PASSWORD,
    AdministratorFactory,
    CaseworkerFactory,
    StaffMemberFactory,
)

pytestmark = pytest.mark.django_db

MOUNTED = {
    "account_login",
    "account_logout",
    "account_change_password",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
WRONG = "Benutzername oder Passwort ist falsch."
NEW_PASSWORD = "am-hafen-liegt-ein-schiff"


@pytest.fixture
def mira(hamborn, drk):
    """A caseworker with a password."""
    return CaseworkerFactory(
        username="mira.demir", center=hamborn, employer=drk, with_password=True
    )


def _sign_in(client, username="mira.demir", password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": username, "password": password, **more})


def _is_signed_in(client) -> bool:
    return client.get(reverse("providers:directory")).status_code == 200


# --- What is mounted ----------------------------------------------------------------------------


def test_of_allauth_only_these_pages_are_mounted():
    mounted = set()
    for name in {pattern.name for pattern in allauth_urls.urlpatterns}:
        for args in ([], ["a", "b"], ["a"]):
            try:
                reverse(name, args=args)
            except NoReverseMatch:
                continue
            mounted.add(name)
    assert mounted == MOUNTED


@pytest.mark.parametrize(
    "address", ["/signup/", "/password/reset/", "/email/", "/accounts/login/", "/login/code/"]
)
def test_no_other_address_of_allauth_answers(browse, mira, address):
    assert browse(mira).get(address).status_code == 404


# --- Signing in ---------------------------------------------------------------------------------


def test_the_right_password_opens_the_portal(client, mira):
    response = _sign_in(client)

    assert response.status_code == 302
    assert response.url == reverse("home")
    assert _is_signed_in(client)


def test_the_user_name_may_be_capitalised_differently(client, mira):
    assert _sign_in(client, "MIRA.Demir").status_code == 302


def test_after_signing_in_one_goes_where_one_wanted(client, mira):
    wanted = reverse("providers:directory") + "?language=bg"
    page = client.get(reverse("providers:directory"), {"language": "bg"})
    assert page.status_code == 302

    form = client.get(page.url)
    assert f'value="{wanted}"' in unescape(form.text)
    assert _sign_in(client, next=wanted).url == wanted


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "javascript:1"])
def test_nobody_is_led_to_another_site(client, mira, elsewhere):
    assert _sign_in(client, next=elsewhere).url == reverse("home")


def _message(response) -> str:
    assert response.status_code == 200
    (sentence,) = response.context["form"].non_field_errors()
    return sentence


def test_the_answer_is_the_same_whichever_part_was_wrong(client, mira):
    assert _message(_sign_in(client, password="falsch")) == WRONG
    assert _message(_sign_in(client, username="niemand")) == WRONG
    assert _message(_sign_in(client, username="niemand", password="falsch")) == WRONG


@pytest.mark.parametrize("state", ["blocked", "left", "is_demo"])
def test_the_answer_does_not_say_that_an_account_is_closed(client, state):
    CaseworkerFactory(username="mira.demir", with_password=True, **{state: True})

    assert _message(_sign_in(client)) == WRONG
    assert not _is_signed_in(client)


def test_what_was_typed_is_kept_but_not_the_password(client, mira):
    page = _sign_in(client, password="falsches-passwort").text

    assert 'value="mira.demir"' in page
    assert "falsches-passwort" not in page


def test_demo_accounts_sign_in_while_the_portal_is_a_demo(client, settings):
    CaseworkerFactory(username="mira.demir", with_password=True, is_demo=True)
    settings.KIM_DEMO = True
    assert _sign_in(client).status_code == 302
    assert _is_signed_in(client)

    settings.KIM_DEMO = False
    assert not _is_signed_in(client)


def test_too_many_wrong_passwords_are_stopped_even_with_the_right_one(client, mira):
    for _ in range(5):
        _sign_in(client, password="falsch")

    assert _message(_sign_in(client)).startswith("Zu viele Versuche.")
    assert not _is_signed_in(client)


def test_a_flood_from_one_connection_is_answered_in_our_look(client, db):
    answers = [_sign_in(client, username=f"person{n}", password="falsch") for n in range(31)]

    assert answers[-1].status_code == 429
    assert "Zu viele Versuche" in answers[-1].text
    assert "topbar" in answers[-1].text


def test_signing_out_takes_a_post(browse, mira):
    client = browse(mira)

    assert client.get(reverse("account_logout")).status_code == 200
    assert _is_signed_in(client)

    assert client.post(reverse("account_logout")).status_code == 302
    assert not _is_signed_in(client)


def test_the_sign_in_page_asks_for_nothing_else(client):
    form = client.get(reverse("account_login")).context["form"]

    assert set(form.fields) == {"login", "password"}


def test_a_session_ends_with_the_browser(client, mira):
    _sign_in(client)

    assert client.session.get_expire_at_browser_close()


# --- Changing the password ----------------------------------------------------------------------


def test_people_change_their_own_password(browse, mira):
    client, elsewhere = browse(mira), browse(mira)
    response = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    assert response.status_code == 302
    mira.refresh_from_db()
    assert mira.check_password(NEW_PASSWORD)
    assert _is_signed_in(client)
    assert not _is_signed_in(elsewhere)


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("falsch", NEW_PASSWORD, NEW_PASSWORD, "oldpassword"),
        (PASSWORD, NEW_PASSWORD, NEW_PASSWORD + "x", "password2"),
        (PASSWORD, "kurz", "kurz", "password1"),
        (PASSWORD, "mira.demir.mira", "mira.demir.mira", "password1"),
    ],
)
def test_a_bad_new_password_is_refused_beside_its_field(browse, mira, old, new, again, field):
    response = browse(mira).post(
        reverse("account_change_password"),
        {"oldpassword": old, "password1": new, "password2": again},
    )

    assert response.status_code == 200
    assert field in response.context["form"].errors
    mira.refresh_from_db()
    assert mira.check_password(PASSWORD)


# --- The one-time link --------------------------------------------------------------------------


def _choose(client, link, password=NEW_PASSWORD):
    opened = client.get(link)
    if opened.status_code != 302:
        return opened
    return client.post(opened.url, {"password1": password, "password2": password})


def test_the_link_opens_once_and_the_holder_chooses_the_password(client, browse, mira, adam):
    link = accounts.issue_password_link(mira, by=adam)

    response = _choose(client, link)

    assert response.url == reverse("account_reset_password_from_key_done")
    assert client.get(response.url).status_code == 200
    assert "Dieser Link gilt nicht mehr" in browse().get(link).text
    assert _sign_in(client, password=NEW_PASSWORD).status_code == 302


def test_the_link_does_not_sign_in_by_itself(client, mira, adam):
    _choose(client, accounts.issue_password_link(mira, by=adam))

    assert not _is_signed_in(client)


def test_a_new_link_ends_the_one_before(client, mira, adam):
    first = accounts.issue_password_link(mira, by=adam)
    second = accounts.issue_password_link(mira, by=adam)

    assert "Dieser Link gilt nicht mehr" in client.get(first).text
    assert client.get(second).status_code == 302


def test_the_link_expires(client, mira, adam, settings, time_machine_at):
    link = accounts.issue_password_link(mira, by=adam)

    with time_machine_at(timezone.localdate() + timedelta(days=4)):
        assert "Dieser Link gilt nicht mehr" in client.get(link).text


def test_a_block_ends_the_link(client, mira, adam):
    link = accounts.issue_password_link(mira, by=adam)
    accounts.block(mira, by=adam)
    assert "Dieser Link gilt nicht mehr" in client.get(link).text

    accounts.unblock(mira, by=adam)
    assert "Dieser Link gilt nicht mehr" in client.get(link).text


@pytest.mark.parametrize("state", ["blocked", "left"])
def test_there_is_no_link_for_a_closed_account(adam, state):
    with pytest.raises(Refusal):
        accounts.issue_password_link(StaffMemberFactory(**{state: True}), by=adam)


@pytest.mark.parametrize("link", ["/password/new/1-abc/", "/password/new/zzz-a-b/"])
def test_an_invented_link_opens_nothing(client, mira, link):
    response = client.get(link)

    assert response.status_code == 200
    assert "Dieser Link gilt nicht mehr" in response.text


def test_the_holder_is_told_once_at_the_next_login(client, browse, mira, adam):
    accounts.issue_password_link(mira, by=adam)
    _sign_in(client)
    page = client.get(reverse("providers:directory")).text
    assert "Link für ein neues Passwort" in page
    assert str(adam) in page

    again = browse()
    _sign_in(again)
    assert "Link für ein neues Passwort" not in again.get(reverse("providers:directory")).text


def test_a_session_of_before_ends_when_the_password_is_chosen(client, browse, mira, adam):
    before = browse(mira)
    _choose(client, accounts.issue_password_link(mira, by=adam))

    assert not _is_signed_in(before)


# --- Blocking -----------------------------------------------------------------------------------


def test_a_block_ends_every_session_at_once_and_for_good(browse, mira, adam):
    desk, phone = browse(mira), browse(mira)
    assert _is_signed_in(desk)

    accounts.block(mira, by=adam)
    assert not _is_signed_in(desk)
    assert mira.is_blocked

    accounts.unblock(mira, by=adam)
    assert not _is_signed_in(phone)
    assert _sign_in(phone).status_code == 302


def test_leaving_ends_the_session_on_that_day(browse, mira, time_machine_at):
    client = browse(mira)
    today = timezone.localdate()
    StaffMember.objects.filter(pk=mira.pk).update(left_on=today + timedelta(days=1))
    assert _is_signed_in(client)

    StaffMember.objects.filter(pk=mira.pk).update(left_on=today)
    assert not _is_signed_in(client)


def test_blocking_twice_keeps_the_first_moment(mira, adam):
    accounts.block(mira, by=adam)
    first = mira.blocked_at
    accounts.block(mira, by=adam)

    assert mira.blocked_at == first


def test_nobody_blocks_themselves(adam):
    with pytest.raises(Refusal):
        accounts.block(adam, by=adam)


@pytest.mark.parametrize("step", [accounts.block, accounts.unblock, accounts.issue_password_link])
def test_only_administrators_touch_accounts(amal, kora, mira, step):
    for by in (amal, kora):
        with pytest.raises(NotYours):
            step(mira, by=by)


def test_an_administrator_who_is_blocked_touches_nothing(adam, mira):
    accounts.block(adam, by=AdministratorFactory())

    with pytest.raises(NotYours):
        accounts.block(mira, by=adam)


def test_an_error_is_said_once_and_politely(browse, client, mira):
    wrong = _sign_in(client, password="falsch").text
    assert wrong.count(WRONG) == 1

    page = browse(mira).post(
        reverse("account_change_password"),
        {"oldpassword": "falsch", "password1": NEW_PASSWORD, "password2": "anders"},
    )
    assert "Das ist nicht Ihr bisheriges Passwort." in page.text
    assert "Die beiden Passwörter stimmen nicht überein." in page.text
