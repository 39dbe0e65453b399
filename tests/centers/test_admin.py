"""Administrators edit hours in the admin and are told beside the field what cannot be."""

import re
from datetime import date, time

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils.translation import gettext as _

from centers.hours import Hours, fingerprint, set_hours
from centers.models import Center, Closure, ConsultationHours, Neighbourhood
from tests.centers.factories import CenterFactory, ClosureFactory

pytestmark = pytest.mark.django_db

EMPTY = {
    "kind": "open",
    "weekday": "",
    "opens": "",
    "closes": "",
    "valid_from": "2026-01-01",
    "initial-valid_from": "2026-01-01",
    "valid_until": "",
    "note": "",
}


@pytest.fixture
def admin(adam, browse):
    return browse(adam)


@pytest.fixture
def center():
    """A center with one open consultation hour on Mondays."""
    center = CenterFactory()
    set_hours(
        center,
        [
            Hours(
                kind="open", weekday=0, opens=time(10), closes=time(12), valid_from=date(2026, 1, 1)
            )
        ],
    )
    return center


def change_url(center):
    return reverse("admin:centers_center_change", args=[center.pk])


def filled(center, *new, changes=(), phones=(), **values):
    """Fill the form as the page shows it, with further rows of hours and of phones."""
    stored = list(center.hours.all())
    rows = [
        EMPTY
        | {
            "id": row.pk,
            "kind": row.kind,
            "weekday": row.weekday,
            "opens": f"{row.opens:%H:%M}",
            "closes": f"{row.closes:%H:%M}",
            "valid_from": row.valid_from.isoformat(),
            "initial-valid_from": row.valid_from.isoformat(),
            "valid_until": row.valid_until.isoformat() if row.valid_until else "",
            "note": row.note,
        }
        for row in stored
    ]
    for number, change in changes:
        rows[number] |= change
    rows += [EMPTY | row for row in new]
    data = {
        "name": center.name,
        "slug": center.slug,
        "street": center.street,
        "postal_code": center.postal_code,
        "city": center.city,
        "email": center.email,
        "district": center.district_id,
        "accessibility_note": center.accessibility_note,
        "is_active": "on",
        "shown": fingerprint(center),
        "hours-TOTAL_FORMS": len(rows),
        "hours-INITIAL_FORMS": len(stored),
        "phones-TOTAL_FORMS": len(phones),
        "phones-INITIAL_FORMS": 0,
        **values,
    }
    for prefix, entries in (("hours", rows), ("phones", phones)):
        for number, row in enumerate(entries):
            for name, value in row.items():
                key = (
                    f"initial-{prefix}-{number}-{name.removeprefix('initial-')}"
                    if name.startswith("initial-")
                    else f"{prefix}-{number}-{name}"
                )
                data[key] = value
    return data


def field_errors(response) -> list[dict]:
    formset = next(
        inline.formset
        for inline in response.context["inline_admin_formsets"]
        if inline.formset.prefix == "hours"
    )
    return [{name: list(errors) for name, errors in form.errors.items()} for form in formset.forms]


# --- Hours ----------------------------------------------------------------------------------------


def test_an_administrator_adds_changes_and_removes_hours(admin, center):
    new = {"weekday": 2, "opens": "14:00", "closes": "16:00"}
    response = admin.post(change_url(center), filled(center, new))
    assert response.status_code == 302
    monday, wednesday = center.hours.all()
    assert wednesday.opens == time(14)

    data = filled(center, changes=[(0, {"closes": "13:00"}), (1, {"DELETE": "on"})])
    assert admin.post(change_url(center), data).status_code == 302
    [row] = center.hours.all()
    assert (row.pk, row.closes) == (monday.pk, time(13))
    assert row.history.first().history_user.username == "adam"
    assert LogEntry.objects.first().get_change_message() != ""


def test_the_public_page_follows_an_edit(admin, center, client):
    admin.post(change_url(center), filled(center, changes=[(0, {"opens": "10:45"})]))
    assert "10:45" in client.get(center.get_absolute_url()).text


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        (
            {"weekday": 2, "opens": "16:00", "closes": "14:00"},
            "closes",
            "The closing time must be later than the opening time.",
        ),
        (
            {"weekday": 2, "opens": "14:00", "closes": "16:00", "valid_until": "2025-12-31"},
            "valid_until",
            "The validity ends before it begins.",
        ),
    ],
)
def test_a_row_that_cannot_be_gets_a_message_beside_the_field(admin, center, row, field, message):
    response = admin.post(change_url(center), filled(center, row))
    assert response.status_code == 200
    assert field_errors(response) == [{}, {field: [_(message)]}]
    assert row["opens"] in response.text
    assert center.hours.count() == 1


def test_overlapping_hours_of_the_same_kind_are_refused_on_both_rows(admin, center):
    row = {"weekday": 0, "opens": "11:00", "closes": "13:00"}
    response = admin.post(change_url(center), filled(center, row))
    assert response.status_code == 200
    [one], [other] = (errors["opens"] for errors in field_errors(response))
    assert one == other
    assert "10:00–12:00" in one
    assert "11:00–13:00" in one
    assert center.hours.count() == 1


def test_hours_of_another_kind_or_validity_may_lie_at_the_same_time(admin, center):
    rows = [
        {"kind": "phone", "weekday": 0, "opens": "10:00", "closes": "12:00"},
        {"weekday": 0, "opens": "11:00", "closes": "13:00", "valid_from": "2027-01-01"},
    ]
    ends = (0, {"valid_until": "2026-12-31"})
    assert admin.post(change_url(center), filled(center, *rows, changes=[ends])).status_code == 302
    assert center.hours.count() == 3


def test_hours_may_take_the_place_of_a_row_that_is_removed_in_the_same_form(admin, center):
    row = {"weekday": 0, "opens": "11:00", "closes": "13:00"}
    data = filled(center, row, changes=[(0, {"DELETE": "on"})])
    assert admin.post(change_url(center), data).status_code == 302
    assert center.hours.get().opens == time(11)


@pytest.mark.parametrize(
    "row",
    [
        {"weekday": 9, "opens": "11:00", "closes": "13:00"},
        {"weekday": 1, "opens": "25:00", "closes": "13:00"},
        {"weekday": 1, "opens": "11:00", "closes": "", "note": "x" * 200},
        {"weekday": 1, "opens": "11:00", "closes": "13:00", "valid_from": "31.02.2026"},
    ],
)
def test_unknown_and_impossible_values_are_refused_with_a_message(admin, center, row):
    response = admin.post(change_url(center), filled(center, row))
    assert response.status_code == 200
    assert field_errors(response)[1]
    assert center.hours.count() == 1


def test_a_form_overtaken_by_somebody_else_changes_nothing(admin, center):
    data = filled(center, changes=[(0, {"note": "Veraltet"})], street="Alte Straße 9")
    set_hours(
        center,
        [Hours(kind="open", weekday=4, opens=time(8), closes=time(9), valid_from=date(2026, 1, 1))],
    )
    response = admin.post(change_url(center), data)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors.as_data()["__all__"][0].code == "overtaken"
    assert center.hours.get().weekday == 4
    assert Center.objects.get(pk=center.pk).street != "Alte Straße 9"


def test_saving_without_a_change_writes_no_history(admin, center):
    before = ConsultationHours.history.count()
    assert admin.post(change_url(center), filled(center)).status_code == 302
    assert ConsultationHours.history.count() == before


def test_a_row_of_another_center_cannot_be_edited_here(admin, center, hamborn):
    foreign = hamborn.hours.first()
    data = filled(center, changes=[(0, {"id": foreign.pk, "note": "fremd"})])
    response = admin.post(change_url(center), data)
    assert response.status_code == 200
    foreign.refresh_from_db()
    assert foreign.note == ""


def test_a_center_page_costs_the_same_however_many_rows_it_has(admin, center, max_queries):
    with max_queries(12):
        assert admin.get(change_url(center)).status_code == 200
    rows = [
        Hours(kind=kind, weekday=day, opens=time(9), closes=time(10), valid_from=date(2026, 1, 1))
        for day in range(5)
        for kind in ConsultationHours.Kind
    ]
    set_hours(center, rows)
    with max_queries(12):
        assert admin.get(change_url(center)).status_code == 200
    assert admin.post(change_url(center), filled(center)).status_code == 302


def test_a_new_center_is_made_with_its_hours_and_phones(admin, center):
    template = CenterFactory.build(district=center.district)
    data = filled(
        center,
        phones=[{"number": "030 23125-042", "label": "", "position": "1"}],
        code="ZQX",
        name="RSC Neu",
        slug="neu",
        shown="",
    )
    data |= {"hours-INITIAL_FORMS": 0, "hours-0-id": "", "street": template.street}
    response = admin.post(reverse("admin:centers_center_add"), data)
    assert response.status_code == 302
    new = Center.objects.get(code="ZQX")
    assert new.hours.get().weekday == 0
    assert new.phones.get().number == "+493023125042"


def test_a_code_that_is_taken_is_refused_in_words(admin, center):
    data = filled(center, code="HAM", shown="") | {"hours-INITIAL_FORMS": 0, "hours-0-id": ""}
    response = admin.post(reverse("admin:centers_center_add"), data)
    assert response.status_code == 200
    assert _("Another center already has this code.") in response.text


def test_a_code_once_given_stays(admin, hamborn):
    assert admin.post(change_url(hamborn), filled(hamborn, code="XXX")).status_code == 302
    hamborn.refresh_from_db()
    assert hamborn.code == "HAM"


def test_the_week_preview_shows_what_holds_and_what_does_not(adam, browse, center, time_machine):
    time_machine.move_to("2026-12-22T09:00+01:00", tick=False)
    set_hours(
        center,
        [
            Hours(
                kind="open",
                weekday=day,
                opens=time(10),
                closes=time(12),
                valid_from=date(2026, 1, 1),
            )
            for day in range(5)
        ],
    )
    ClosureFactory(center=center, starts_on="2026-12-28", ends_on="2026-12-29", reason="Umzug")
    page = browse(adam).get(change_url(center)).text
    assert "Umzug" in page
    assert "Weihnachtstag" in page
    assert page.count("<del>") == 4  # Christmas, two days of the closure, New Year
    assert _("does not take place") in page


def test_a_page_that_is_not_there_is_404_like_in_every_admin(admin):
    for key in ("999999", "abc", "9" * 40):
        response = admin.get(f"/admin/centers/center/{key}/change/", follow=True)
        assert response.redirect_chain or response.status_code == 404


# --- Closures and the rest ------------------------------------------------------------------------


@pytest.mark.parametrize(("where", "shown"), [("", None), ("HAM", "HAM")])
def test_an_administrator_closes_one_center_or_all(admin, where, shown):
    center = Center.objects.filter(code=where).first()
    data = {
        "center": center.pk if center else "",
        "starts_on": "2026-12-24",
        "ends_on": "2026-12-24",
        "reason": "Heiligabend",
    }
    assert admin.post(reverse("admin:centers_closure_add"), data).status_code == 302
    closure = Closure.objects.get()
    assert (closure.center.code if closure.center else None) == shown


def test_a_closure_that_ends_before_it_begins_gets_a_message_beside_the_field(admin):
    data = {"starts_on": "2026-12-24", "ends_on": "2026-12-23", "reason": "Heiligabend"}
    response = admin.post(reverse("admin:centers_closure_add"), data)
    assert response.context["adminform"].form.errors == {
        "ends_on": [_("The closure ends before it begins.")]
    }
    assert not Closure.objects.exists()


def test_an_administrator_gives_a_neighbourhood_to_another_center(admin, rheinhausen):
    marxloh = Neighbourhood.objects.get(name="Marxloh")
    data = {"name": "Marxloh", "district": "2", "center": rheinhausen.pk, "is_active": "on"}
    url = reverse("admin:centers_neighbourhood_change", args=[marxloh.pk])
    assert admin.post(url, data).status_code == 302
    marxloh.refresh_from_db()
    assert marxloh.center == rheinhausen


@pytest.mark.parametrize("model", ["center", "closure", "district", "neighbourhood"])
def test_every_list_and_form_opens_with_few_queries(admin, model, max_queries):
    ClosureFactory()
    with max_queries(12):
        assert admin.get(reverse(f"admin:centers_{model}_changelist")).status_code == 200
    with max_queries(12):
        assert admin.get(reverse(f"admin:centers_{model}_add")).status_code == 200


@pytest.mark.parametrize(
    ("model", "key"), [("center", None), ("district", "2"), ("neighbourhood", "202")]
)
def test_what_is_referred_to_cannot_be_deleted_here(admin, model, key, hamborn):
    url = reverse(f"admin:centers_{model}_delete", args=[key or hamborn.pk])
    assert admin.post(url, {"post": "yes"}).status_code == 403


def test_closures_can_be_deleted(admin):
    closure = ClosureFactory()
    url = reverse("admin:centers_closure_delete", args=[closure.pk])
    assert admin.post(url, {"post": "yes"}).status_code == 302
    assert not Closure.objects.exists()


def test_whoever_deletes_is_asked_in_plain_words_and_can_go_back(admin):
    closure = ClosureFactory(
        reason="Teamtag", starts_on=date(2026, 11, 30), ends_on=date(2026, 11, 30)
    )

    page = admin.get(reverse("admin:centers_closure_delete", args=[closure.pk])).text

    assert "Möchten Sie „Teamtag, 30.11.2026“ löschen?" in page
    assert f'href="{reverse("admin:centers_closure_change", args=[closure.pk])}">Abbrechen' in page


def test_the_page_of_one_part_is_headed_by_its_name(admin):
    page = admin.get(reverse("admin:app_list", args=["centers"])).text

    assert "<h1>Support-Center und Sprechzeiten</h1>" in page


@pytest.mark.parametrize("person", ["amal", "kora"])
def test_only_administrators_get_in(request, browse, hamborn, person):
    client = browse(request.getfixturevalue(person))
    assert client.get(change_url(hamborn)).status_code == 403
    assert client.post(change_url(hamborn), filled(hamborn)).status_code == 403


def test_the_administration_begins_with_the_hours(admin):
    page = admin.get(reverse("admin:index")).text

    assert page.index("app-centers") < page.index("app-providers") < page.index("app-cases")


# --- The manner of every list and form ------------------------------------------------------------


def test_a_list_is_headed_by_what_it_lists_and_offers_nothing_in_bulk(admin):
    ClosureFactory()

    page = admin.get(reverse("admin:centers_closure_changelist")).text

    assert "<h1>Schließzeiten</h1>" in page
    assert 'name="action"' not in page
    assert "Anzahl anzeigen" not in page


def test_an_empty_list_says_so(admin):
    page = admin.get(reverse("admin:centers_closure_changelist")).text
    assert "Noch kein Eintrag." in page

    url = reverse("admin:centers_neighbourhood_changelist")
    assert "Nichts passt zu dieser Auswahl." in admin.get(url, {"q": "Nirgendwo"}).text


def test_closures_of_all_centers_are_filtered_by_that_name(admin):
    ClosureFactory(center=None)

    page = admin.get(reverse("admin:centers_closure_changelist")).text

    assert re.search(r'href="\?center__isnull=True"[^>]*>\s*alle Support-Center', page)


def test_days_are_short_in_lists_and_a_yes_is_a_word(admin):
    ClosureFactory(starts_on=date(2026, 12, 24), ends_on=date(2026, 12, 31))

    assert "24.12.2026" in admin.get(reverse("admin:centers_closure_changelist")).text
    page = admin.get(reverse("admin:centers_center_changelist")).text
    assert re.search(r'<td class="[^"]*field-is_active[^"]*">ja</td>', page)


def test_buttons_and_labels_read_like_those_of_the_portal(admin, hamborn):
    page = admin.get(change_url(hamborn)).text

    assert "Sichern" not in page
    assert "Geschichte" not in page
    assert "Name:" not in page


def test_the_history_of_a_row_names_it_on_the_page_and_not_in_the_title(admin, hamborn):
    page = admin.get(reverse("admin:centers_center_history", args=[hamborn.pk])).text

    assert hamborn.name not in re.search("<title>.*?</title>", page, re.DOTALL)[0]
    assert f'<p class="lead-in">{hamborn.name}</p>' in page
