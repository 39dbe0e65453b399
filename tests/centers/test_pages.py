"""What a visitor sees, without signing in."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import gettext as _

from centers.hours import Hours, set_hours
from centers.models import Center
from centers.overview import hours_lines, overviews, shut_days
from tests.centers.factories import CenterFactory, ClosureFactory, ConsultationHoursFactory

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
LIST = "/centers/"


def on(text: str):
    return time_machine.travel(datetime.fromisoformat(text).replace(tzinfo=BERLIN), tick=False)


def words(response) -> str:
    return " ".join(response.text.split())


def overview_of(center):
    [overview] = overviews(
        Center.objects.filter(pk=center.pk).with_schedule(date.fromisoformat("2026-01-01"))
    )
    return overview


def test_visitors_see_every_active_center_with_address_and_phone(client):
    CenterFactory(name="RSC Geschlossen", is_active=False)
    page = words(client.get(LIST))
    for text in ("RSC Hamborn", "Duisburger Straße 241", "RSC Hochfeld", "RSC Rheinhausen"):
        assert text in page
    assert 'href="tel:+49-203-94065358"' in page
    assert "0203 94065358" in page
    assert "RSC Geschlossen" not in page


def test_an_inactive_or_unknown_center_has_no_page(client):
    CenterFactory(slug="weg", is_active=False)
    assert client.get("/centers/weg/").status_code == 404
    assert client.get("/centers/nirgends/").status_code == 404


@pytest.mark.parametrize(
    ("now", "is_open", "sentence", "values"),
    [
        ("2026-12-07T10:30", True, "Open until %(time)s", {"time": "12:00"}),
        ("2026-12-07T08:00", False, "Opens today at %(time)s", {"time": "10:00"}),
        ("2026-12-08T08:00", False, "Opens tomorrow at %(time)s", {"time": "14:00"}),
        (
            "2026-12-03T08:00",
            False,
            "Opens on %(day)s, %(time)s",
            {"day": "Montag, 7. Dezember", "time": "10:00"},
        ),
        (
            "2026-12-30T17:00",
            False,
            "Opens on %(day)s, %(time)s",
            {"day": "Montag, 4. Januar 2027", "time": "10:00"},
        ),
    ],
)
def test_the_page_says_whether_it_is_open_and_when_it_opens_next(
    client, now, is_open, sentence, values
):
    with on(now):
        page = words(client.get(reverse("centers:detail", args=["hamborn"])))
    assert _(sentence) % values in page
    assert ("chip-ok" in page) is is_open


@pytest.mark.parametrize(
    ("now", "sentence", "values"),
    [
        ("2026-12-07T09:30", "Somebody answers until %(time)s", {"time": "10:00"}),
        ("2026-12-07T08:00", "Phone hours today from %(time)s", {"time": "09:00"}),
        ("2026-12-07T10:00", "Phone hours tomorrow from %(time)s", {"time": "09:00"}),
        (
            "2026-12-04T10:00",
            "Phone hours on %(day)s, from %(time)s",
            {"day": "Montag, 7. Dezember", "time": "09:00"},
        ),
    ],
)
def test_the_page_says_when_somebody_answers_the_phone(client, now, sentence, values):
    with on(now):
        assert _(sentence) % values in words(client.get("/centers/hamborn/"))


def test_a_center_without_hours_says_so(client):
    center = CenterFactory()
    page = words(client.get(center.get_absolute_url()))
    assert _("No open consultation hours at the moment") in page
    assert _("No hours are known for this center yet.") in page


def test_a_public_holiday_shuts_the_center_and_is_named(client):
    with on("2026-05-25T10:30"):
        page = words(client.get("/centers/hamborn/"))
    assert "Pfingstmontag" in page
    assert "chip-ok" not in page


def test_closures_of_this_center_and_of_all_are_announced_others_are_not(client, hamborn, hochfeld):
    ClosureFactory(center=hamborn, starts_on="2026-12-09", ends_on="2026-12-09", reason="Umzug")
    ClosureFactory(starts_on="2026-12-24", ends_on="2026-12-31", reason="Betriebsferien")
    ClosureFactory(center=hochfeld, starts_on="2026-12-09", ends_on="2026-12-09", reason="Fremd")
    ClosureFactory(starts_on="2027-06-01", ends_on="2027-06-01", reason="Fern")
    ClosureFactory(starts_on="2026-12-01", ends_on="2026-12-02", reason="Vorbei")
    with on("2026-12-07T08:00"):
        page = words(client.get("/centers/hamborn/"))
    assert "Umzug" in page
    assert "Betriebsferien" in page
    assert "Neujahr" in page
    assert "Weihnachtstag" not in page  # within the closure
    for elsewhere in ("Fremd", "Fern", "Vorbei"):
        assert elsewhere not in page


def test_the_page_lists_the_neighbourhoods_that_the_center_serves(client):
    page = words(client.get("/centers/rheinhausen/"))
    assert "Rumeln-Kaldenhausen" in page
    assert "Marxloh" not in page


def test_what_an_administrator_wrote_is_shown_as_text(client, hamborn):
    hamborn.accessibility_note = "<script>alert(1)</script>"
    hamborn.save()
    ConsultationHoursFactory(center=hamborn, weekday=5, note="<b>fett</b>")
    page = client.get("/centers/hamborn/").text
    assert "<script>alert" not in page
    assert "<b>fett" not in page


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_pages_only_read(client, method):
    assert getattr(client, method)(LIST).status_code == 405


def test_the_pages_set_no_cookie_for_visitors(client):
    assert not client.get(LIST).cookies
    assert not client.get("/centers/hamborn/").cookies


def test_a_page_costs_the_same_number_of_queries_however_much_there_is(client, max_queries):
    for _number in range(5):
        ConsultationHoursFactory(center=CenterFactory())
        ClosureFactory()
    with max_queries(4):
        client.get(LIST)
    with max_queries(5):
        client.get("/centers/hamborn/")


# --- The regular hours ----------------------------------------------------------------------------


def test_the_same_hours_on_neighbouring_days_are_one_line(hamborn):
    kinds = dict(overview_of(hamborn).hours_by_kind)
    lines = {
        label: [(line.first, line.last, line.opens.hour, line.closes.hour) for line in lines]
        for label, lines in kinds.items()
    }
    assert list(lines.values()) == [[(0, 0, 10, 12), (2, 2, 14, 16)], [(0, 4, 9, 10)]]


def test_hours_that_differ_in_more_than_the_day_stay_apart(hamborn):
    today = date(2026, 12, 7)

    def row(weekday, **values):
        base = {
            "kind": "open",
            "opens": time(9),
            "closes": time(10),
            "valid_from": date(2021, 4, 1),
        }
        return Hours(weekday=weekday, **(base | values))

    rows = [
        row(0),
        row(1, note="Mit Farsi"),
        row(2, valid_until=date(2026, 12, 31)),
        row(3, valid_from=date(2027, 1, 1)),
        row(4, opens=time(8)),
    ]
    lines = hours_lines(rows, today)
    assert len(lines) == 5
    assert [line.valid_from for line in lines if line.valid_from] == [date(2027, 1, 1)]


def test_hours_that_are_over_are_not_shown(client, hamborn):
    ended = Hours(
        kind="open",
        weekday=5,
        opens=time(7),
        closes=time(8),
        valid_from=date(2021, 4, 1),
        valid_until=date(2026, 11, 30),
    )
    set_hours(hamborn, [ended])
    with on("2026-12-07T08:00"):
        assert "07:00" not in client.get("/centers/hamborn/").text


def test_shut_days_stand_in_order_and_only_where_something_would_be_open(hamborn):
    ClosureFactory(starts_on="2026-12-28", ends_on="2026-12-30", reason="Betriebsferien")
    with on("2026-12-07T08:00"):
        days = shut_days(overview_of(hamborn))
    assert [(entry.first, entry.last) for entry in days] == [
        (date(2026, 12, 25), date(2026, 12, 25)),  # the 26th is a Saturday
        (date(2026, 12, 28), date(2026, 12, 30)),
        (date(2027, 1, 1), date(2027, 1, 1)),
    ]
