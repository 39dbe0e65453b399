"""The marks that every page shares, the frame, the error pages and the admin's door."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.contrib import admin
from django.core.checks import run_checks
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone, translation
from django.views.csrf import csrf_failure
from django.views.defaults import bad_request, page_not_found, permission_denied, server_error

from kim_portal.errors import Refusal
from kim_portal.templatetags import kim
from providers.models import StaffMember


@pytest.fixture(autouse=True)
def _english():
    """Words are compared by their message ids, whatever is translated."""
    with translation.override(None):
        yield


# --- Days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "due", "words"),
    [
        (0, True, "today"),
        (1, True, "tomorrow"),
        (2, True, "in 2 days"),
        (-1, True, "overdue for 1 day"),
        (-5, True, "overdue for 5 days"),
        (-1, False, "yesterday"),
        (-5, False, "5 days ago"),
        (3, False, "in 3 days"),
    ],
)
def test_days_are_said_as_people_say_them(days, due, words):
    assert kim.day_in_words(timezone.localdate() + timedelta(days), due=due) == words


def test_a_day_shows_its_date_beside_the_words():
    shown = kim.human_day(timezone.localdate() - timedelta(5))

    assert "is-overdue" in shown
    assert f"{timezone.localdate() - timedelta(5):%d.%m.%Y}" in shown
    assert "is-overdue" not in kim.past_day(timezone.localdate() - timedelta(5))
    assert kim.human_day(None) == ""


def test_a_moment_belongs_to_the_day_it_has_in_duisburg():
    late_in_the_evening = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)

    assert 'datetime="2026-07-01"' in kim.exact_day(late_in_the_evening)
    assert kim.exact_day(date(2026, 7, 1)).endswith(">01.07.2026</time>")


# --- Icons, chips, bars, numbers ------------------------------------------------------------------


def test_an_icon_is_silent_unless_it_alone_says_something():
    assert 'aria-hidden="true"' in kim.icon("check-circle")
    assert 'aria-label="&lt;done&gt;"' in kim.icon("check-circle", label="<done>")


@pytest.mark.parametrize("name", ["no-such-icon", "../package", "", "Check"])
def test_an_unknown_icon_is_a_mistake_in_the_page(name):
    with pytest.raises(TemplateSyntaxError, match="no icon"):
        kim.icon(name)


def test_a_chip_is_icon_word_and_colour():
    shown = Template('{% chip "alert" word %}').render(Context({"word": "<b>Late</b>"}))

    assert "chip-alert" in shown
    assert "<svg" in shown
    assert "&lt;b&gt;Late&lt;/b&gt;" in shown
    with pytest.raises(TemplateSyntaxError, match="no chip"):
        kim.chip("loud", "Late")


@pytest.mark.parametrize(
    ("value", "full", "width"), [(5, 10, "50.0"), (12, 10, "100.0"), (1, 0, "0.0")]
)
def test_a_bar_stays_within_its_frame(value, full, width):
    assert f'<rect class="bar-front" width="{width}"' in kim.bar(value, full, "half")


@pytest.mark.parametrize(
    ("number", "shown", "href"),
    [
        ("+4920394065358", "0203 94065358", "tel:+49-203-94065358"),
        ("+905321234567", "+90 532 123 45 67", "tel:+90-532-123-45-67"),
        ("ask <Ada>", "ask <Ada>", ""),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_numbers_are_written_as_people_dial_them(number, shown, href):
    assert kim.phone(number) == shown
    assert kim.tel_href(number) == href
    assert "<Ada>" not in kim.phone_link(number)


# --- Forms ----------------------------------------------------------------------------------------


class _Form(forms.Form):
    family_name = forms.CharField()
    reason = forms.ChoiceField(choices=[("moved", "Moved")], widget=forms.RadioSelect)


def test_the_summary_of_errors_leads_to_the_fields():
    shown = render_to_string("forms/error_summary.html", {"form": _Form({})})

    assert 'role="alert"' in shown
    assert 'href="#id_family_name"' in shown
    assert 'href="#id_reason_0"' in shown
    assert render_to_string("forms/error_summary.html", {"form": _Form()}).strip() == ""


def test_the_summary_says_what_events_stand_against():
    refusal = Refusal("The case is closed.", links=[("Open the file", "/cases/")])

    shown = render_to_string("forms/error_summary.html", {"form": _Form(), "refusal": refusal})

    assert "The case is closed." in shown
    assert 'href="/cases/"' in shown


# --- Pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda request: bad_request(request, BadRequest()), 400),
        (lambda request: permission_denied(request, PermissionDenied()), 403),
        (lambda request: csrf_failure(request), 403),
        (lambda request: page_not_found(request, Http404()), 404),
        (lambda request: server_error(request), 500),
    ],
)
def test_every_error_says_where_to_go(answer, status):
    response = answer(RequestFactory().get("/nowhere/"))

    assert response.status_code == status
    assert "<h1>" in response.text
    assert f'href="{reverse("home")}"' in response.text
    assert "<style" not in response.text
    assert "style=" not in response.text


@pytest.mark.django_db
def test_a_visitor_who_mistypes_is_led_to_the_centers_and_not_to_cases(client, browse, amal):
    lost, at_work = client.get("/centers/nirgends/"), browse(amal).get("/centers/nirgends/")

    assert lost.status_code == at_work.status_code == 404
    assert "look for the case" not in lost.text
    assert "you find the centers" in lost.text
    assert "look for the case" in at_work.text


@pytest.mark.parametrize("page", ["imprint", "privacy", "accessibility"])
def test_the_legal_pages_are_open_to_everybody(client, page):
    response = client.get(reverse(page))

    assert response.status_code == 200
    assert "<h1>" in response.text
    assert not response.cookies


@pytest.mark.parametrize(
    ("person", "page"),
    [
        ("amal", "cases:day"),
        ("kora", "cases:dashboard"),
        ("adam", "admin:index"),
        ("nobody", "centers:list"),
    ],
)
def test_the_front_door_leads_each_role_to_its_page(request, browse, person, page):
    response = browse(request.getfixturevalue(person)).get(reverse("home"))

    assert response.headers["Location"] == reverse(page)


@pytest.mark.parametrize(
    ("person", "pages"),
    [
        (
            "amal",
            [
                "cases:day",
                "cases:list",
                "cases:follow_ups",
                "cases:handovers",
                "providers:directory",
            ],
        ),
        (
            "kora",
            ["cases:list", "cases:without_lead", "providers:directory", "cases:dashboard"],
        ),
        ("adam", ["providers:directory", "admin:index"]),
    ],
)
def test_the_frame_offers_only_what_its_reader_may(request, browse, max_queries, person, pages):
    client = browse(request.getfixturevalue(person))
    with max_queries(5):  # session, user, assignments and the two counts
        response = client.get(reverse("imprint"))

    nav = response.text.partition('class="mainnav-list"')[2].partition("</ul>")[0]
    assert [part.partition('"')[0] for part in nav.split('href="')[1:]] == [
        reverse(page) for page in pages
    ]


# --- The admin ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "status"), [("adam", 200), ("kora", 403), ("amal", 403), ("nobody", 302)]
)
def test_the_admin_opens_to_administrators_alone(request, browse, person, status):
    response = browse(request.getfixturevalue(person)).get(reverse("admin:index"))

    assert response.status_code == status
    if status == 302:
        assert response.headers["Location"].startswith(reverse("account_login"))


def test_the_admin_has_no_sign_in_and_no_passwords_of_its_own(browse, adam):
    for view, leads_to in [
        ("admin:login", "admin:index"),
        ("admin:logout", "account_logout"),
        ("admin:password_change", "account_change_password"),
    ]:
        assert browse(adam).get(reverse(view)).headers["Location"] == reverse(leads_to)


def test_the_admin_knows_only_the_models_of_the_portal():
    apps = {model._meta.app_label for model in admin.site._registry}

    assert apps <= {"centers", "providers", "cases"}


# --- The check ------------------------------------------------------------------------------------


def _found(settings, demo: bool) -> list[str]:
    settings.KIM_DEMO = demo
    return [message.id for message in run_checks(tags=["demo"])]


def test_demo_accounts_outside_the_demo_fail_the_check(settings, amal):
    assert _found(settings, demo=False) == []

    StaffMember.objects.filter(pk=amal.pk).update(is_demo=True)

    assert _found(settings, demo=False) == ["kim.E001"]
    assert _found(settings, demo=True) == []
