"""Auswertung: what is counted, where it leads, and that nobody is recognised in it."""

import csv
from urllib.parse import parse_qs

import pytest
from django.urls import reverse
from django.utils.timezone import localtime

from cases.models import Case, ClosingReason, Need, Phase
from cases.statistics import kept
from cases.statistics.suppression import FEWEST_SHOWN, Hidden
from tests.cases.factories import (
    CaseFactory,
    FollowUpFactory,
    HandoverFactory,
    NeedFactory,
    in_days,
)
from tests.providers.factories import CaseworkerFactory, CoordinatorFactory

pytestmark = pytest.mark.django_db

URL = reverse("cases:dashboard")
NEEDS_FILE = {"table": "needs", "format": "csv"}


@pytest.fixture
def hamborn_s_coordinator(hamborn):
    return CoordinatorFactory(center=hamborn)


def figure(page, code):
    return next(figure for figure, _plot in page.context["figures"] if figure.code == code)


def headline(page, code):
    return next(one for one in page.context["headlines"] if one.code == code)


def values(page, code):
    """Give the rows of a figure as lists of what is shown, by their label."""
    return {row.label: [cell.value for cell in row.cells] for row in figure(page, code).rows}


def linked_cells(page):
    """Give every number that leads to the register, with the filters it leads to."""
    cells = [one.cell for one in page.context["headlines"]]
    for one, _plot in page.context["figures"]:
        cells += [cell for row in one.rows for cell in row.cells]
    return [(cell.value, parse_qs(cell.query)) for cell in cells if cell.query]


@pytest.fixture
def world(amal, ben, chen, dora, kora, hochfeld, rheinhausen):
    """Cases of every kind that the figures tell apart, at two centers."""
    handed = CaseFactory(lead=amal, follow_up__due_on=in_days(-3))
    HandoverFactory(case=handed, to_center=hochfeld, answer_due_on=in_days(-1))
    FollowUpFactory(case=handed, due_on=in_days(-1))
    planned = CaseFactory(lead=chen, phase=Phase.PLANNING)
    HandoverFactory(case=planned, to_center=hochfeld, answer_due_on=in_days(0))
    CaseFactory(lead=amal, deputy=dora, phase=Phase.LINKING, follow_up__due_on=in_days(0))
    CaseFactory(lead=ben, follow_up__due_on=in_days(-10))
    CaseFactory(lead=amal, closed=True)
    CaseFactory(lead=CaseworkerFactory(center=rheinhausen, blocked=True))
    return kora


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", ["amal", "adam"])
def test_only_the_coordination_reads_figures(request, browse, reader):
    client = browse(request.getfixturevalue(reader))

    assert client.get(URL).status_code == 403
    assert client.get(URL, {"table": "phases", "format": "csv"}).status_code == 403


def test_a_coordinator_of_one_center_counts_that_center_alone(browse, world, hamborn_s_coordinator):
    page = browse(hamborn_s_coordinator).get(URL)
    elsewhere = browse(hamborn_s_coordinator).get(URL, {"center": "RHE"})

    assert figure(page, "phases").n == 3
    assert figure(elsewhere, "phases").n == 3
    assert 'name="center"' not in page.text


# --- What is counted ------------------------------------------------------------------------------


def test_what_needs_action_stands_on_top(browse, world):
    page = browse(world).get(URL)

    assert headline(page, "overdue").cell.value == 2
    assert "3" in headline(page, "overdue").note
    assert headline(page, "offer_overdue").cell.value == 1
    assert "2" in headline(page, "offer_overdue").note
    assert headline(page, "no_lead").cell.value == 1
    assert headline(page, "no_deputy").cell.value == 4
    assert not headline(page, "no_deputy").is_pressing


def test_open_cases_are_counted_by_center_phase_and_provider(browse, world, awo):
    page = browse(world).get(URL)

    assert values(page, "phases")[Phase.CLEARING.label] == [2, 0, 1, 3]
    assert values(page, "phases")[Phase.PLANNING.label] == [0, 0, 1, 1]
    assert [row.cells[-1].value for row in figure(page, "phases").rows if row.is_total] == [5]
    assert values(page, "providers")[awo.short_name] == [1, 0, 0, 1]
    assert [row.cells[0].value for row in figure(page, "centers").rows] == [3, 0, 2, 5]
    assert [row.cells[2].value for row in figure(page, "centers").rows] == [3, 0, 0, 3]


def test_every_linked_number_is_the_number_of_rows_it_leads_to(browse, world):
    client = browse(world)
    linked = [
        *linked_cells(client.get(URL)),
        *linked_cells(client.get(URL, {"center": "HAM"})),
    ]

    assert len(linked) > 30
    for shown, filters in linked:
        register = client.get(reverse("cases:register"), filters)
        assert len(register.context["page"].rows) == shown, filters


def test_a_caseworker_s_register_does_not_offer_what_coordinators_filter_by(browse, world, amal):
    register = browse(amal).get(reverse("cases:register"), {"waiting": "no_deputy"})

    assert 'name="waiting"' not in register.text
    assert len(register.context["page"].rows) == 3


def test_the_figures_of_one_center(browse, world):
    page = browse(world).get(URL, {"center": "RHE"})

    assert figure(page, "phases").n == 2
    assert [row.cells[0].value for row in figure(page, "centers").rows] == [2]
    assert headline(page, "overdue").cell.value == 0


@pytest.mark.parametrize("query", [{"center": "<b>"}, {"center": "XXX"}])
def test_an_unknown_center_shows_all(browse, world, query):
    page = browse(world).get(URL, query)

    assert figure(page, "phases").n == 5
    assert "<b>" not in page.text


# --- Needs ----------------------------------------------------------------------------------------


def needs(lead, n, domain, **words):
    for _ in range(n):
        NeedFactory(case=CaseFactory(lead=lead), legal_domain__code=domain, **words)


def test_needs_are_counted_by_legal_domain_and_by_what_became_of_them(browse, kora, amal):
    needs(amal, 6, "SGB2")
    needs(amal, 6, "SGB2", unmet=True)
    needs(amal, 8, "AUFENTHG", met=True)

    page = browse(kora).get(URL)

    states = [Need.State.OPEN, Need.State.IN_PROGRESS, Need.State.MET, Need.State.UNMET]
    shown = values(page, "needs")
    assert shown["SGB II"][:5] == [12, 6, 0, 0, 6], states
    assert shown["SGB II"][-1] == 50
    assert shown["AufenthG"][:4] == [8, 0, 0, 8]
    assert list(values(page, "reasons").values()) == [[6, 6], [6, 6]]


def test_small_numbers_of_needs_are_hidden_with_what_would_give_them_away(browse, kora, amal):
    needs(amal, 7, "SGB2")
    needs(amal, 2, "SGB2", unmet=True)
    needs(amal, 9, "AUFENTHG")

    page = browse(kora).get(URL)

    sgb2 = values(page, "needs")["SGB II"]
    assert sgb2[4] == Hidden.SMALL
    assert sgb2[-1] == Hidden.COMPLEMENT
    assert Hidden.COMPLEMENT in sgb2[:2]
    assert "&lt;5" in page.text


def test_many_needs_of_one_person_are_hidden(browse, kora, amal):
    case = CaseFactory(lead=amal)
    for _ in range(FEWEST_SHOWN + 1):
        NeedFactory(case=case, legal_domain__code="SGB2")

    page = browse(kora).get(URL)

    assert values(page, "needs")["SGB II"][0] == Hidden.COMPLEMENT


def test_struck_needs_and_files_opened_by_mistake_do_not_count(browse, kora, amal):
    needs(amal, 6, "SGB2")
    struck = NeedFactory(case=CaseFactory(lead=amal), legal_domain__code="SGB2")
    struck.struck_at, struck.struck_by = struck.recorded_at, amal
    struck.save()
    mistake = CaseFactory(
        lead=amal,
        closed=True,
        closing_reason=ClosingReason.objects.get(code=ClosingReason.OPENED_BY_MISTAKE),
    )
    NeedFactory(case=mistake, legal_domain__code="SGB2")

    assert figure(browse(kora).get(URL), "needs").n == 6


def test_needs_are_not_split_by_center_so_that_no_difference_tells_a_small_number(
    browse, world, amal
):
    needs(amal, 6, "SGB2")
    client = browse(world)

    everywhere, elsewhere = client.get(URL), client.get(URL, {"center": "RHE"})

    assert values(everywhere, "needs") == values(elsewhere, "needs")


def test_three_people_with_two_kinds_of_needs_are_still_few(browse, kora, amal):
    for _ in range(3):
        case = CaseFactory(lead=amal)
        NeedFactory(case=case, legal_domain__code="SGB2")
        NeedFactory(case=case, legal_domain__code="SGB2", met=True)

    page = browse(kora).get(URL)

    assert values(page, "needs")["SGB II"][0] == Hidden.COMPLEMENT


def test_three_people_and_three_others_are_enough(browse, kora, amal):
    needs(amal, 3, "SGB2")
    needs(amal, 3, "SGB2", met=True)

    page = browse(kora).get(URL)

    assert values(page, "needs")["SGB II"][0] == 6


# --- Many needs are counted once an hour ----------------------------------------------------------


@pytest.fixture
def a_city_with_many_needs(monkeypatch):
    monkeypatch.setattr(kept, "MOST_COUNTED_ALWAYS", 5)


def test_few_needs_are_counted_at_every_look(browse, kora, amal):
    needs(amal, 6, "SGB2")
    client = browse(kora)
    client.get(URL)
    needs(amal, 1, "SGB2")

    page = client.get(URL)

    assert figure(page, "needs").n == 7
    assert "recount" not in page.text


def test_many_needs_are_shown_as_counted_within_the_hour(
    browse, kora, amal, a_city_with_many_needs
):
    needs(amal, 6, "SGB2")
    client = browse(kora)
    client.get(URL)
    needs(amal, 5, "AUFENTHG", unmet=True)

    page = client.get(URL)

    counted_at = localtime(figure(page, "needs").as_of)
    assert figure(page, "needs").n == 6
    assert figure(page, "reasons").is_empty
    assert f"Stand: heute, {counted_at:%H:%M} Uhr" in page.text
    assert f"{counted_at:%d.%m.%Y, %H:%M}" in client.get(URL, NEEDS_FILE).text


def test_whoever_asks_gets_many_needs_counted_anew(browse, kora, amal, a_city_with_many_needs):
    needs(amal, 6, "SGB2")
    client = browse(kora)
    client.get(URL)
    needs(amal, 1, "SGB2")

    assert f'href="{URL}?recount=1#figure-needs"' in client.get(URL).text
    assert figure(client.get(URL, {"recount": 1}), "needs").n == 7
    assert figure(client.get(URL), "needs").n == 7


def test_many_needs_are_counted_anew_on_the_next_day(
    browse, kora, amal, a_city_with_many_needs, monkeypatch
):
    needs(amal, 6, "SGB2")
    client = browse(kora)
    client.get(URL)
    needs(amal, 1, "SGB2")
    tomorrow = in_days(1)
    monkeypatch.setattr(kept.timezone, "localdate", lambda: tomorrow)

    assert figure(client.get(URL), "needs").n == 7


def test_what_cannot_wait_is_counted_at_every_look_also_among_many_needs(
    browse, world, amal, a_city_with_many_needs
):
    needs(amal, 6, "SGB2")
    client = browse(world)
    before = client.get(URL)
    CaseFactory(lead=amal, follow_up__due_on=in_days(-1))

    after = client.get(URL)

    assert figure(after, "needs").as_of
    assert headline(after, "overdue").cell.value == headline(before, "overdue").cell.value + 1
    assert figure(after, "phases").n == figure(before, "phases").n + 1


def test_nobody_is_shown_what_was_counted_for_the_centers_of_another(
    browse, kora, hamborn_s_coordinator, amal, chen, a_city_with_many_needs
):
    needs(amal, 6, "SGB2")
    needs(chen, 6, "SGB2")
    browse(kora).get(URL)

    page = browse(hamborn_s_coordinator).get(URL)

    assert figure(page, "needs").n == 6


def test_what_is_kept_of_many_needs_holds_no_small_number(kora, amal, a_city_with_many_needs):
    needs(amal, 7, "SGB2")
    needs(amal, 2, "SGB2", unmet=True)
    kept.needs_of(kora)

    shown = kept.needs_of(kora).shown.values()

    assert kept.needs_of(kora).as_of
    assert Hidden.SMALL in shown
    assert not any(one in range(1, FEWEST_SHOWN) for one in shown if not isinstance(one, Hidden))


# --- Nobody is recognised -------------------------------------------------------------------------


def test_no_client_and_no_lead_is_named_anywhere(browse, kora, amal):
    case = CaseFactory(
        lead=amal, person__family_name="Kanarienvogel", person__given_name="Zwitscher"
    )
    NeedFactory(case=case, description="Kanarienbedarf")
    client = browse(kora)

    texts = [client.get(URL).text]
    for one, _plot in client.get(URL).context["figures"]:
        texts.append(client.get(URL, {"table": one.code, "format": "csv"}).text)

    for text in texts:
        for canary in ("Kanarien", "Zwitscher", case.reference):
            assert canary not in text
    # Amal stands in the list of assignments that were entered of late, and nowhere else.
    assert not any("Haddad" in text for text in texts[1:])
    assert texts[0].count("Haddad") == 1


def test_new_assignments_are_listed_to_the_coordination(
    browse, kora, adam, hamborn_s_coordinator, chen
):
    everywhere = browse(kora).get(URL).context["assignments"]
    at_hamborn = browse(hamborn_s_coordinator).get(URL).context["assignments"]

    assert {adam, chen} < {one.staff_member for one in everywhere}
    assert chen not in {one.staff_member for one in at_hamborn}
    assert adam in {one.staff_member for one in at_hamborn}


# --- The page -------------------------------------------------------------------------------------


def test_an_empty_portal_says_so(browse, kora):
    page = browse(kora).get(URL)

    assert page.status_code == 200
    assert figure(page, "needs").is_empty
    assert not any(plot for _figure, plot in page.context["figures"])


@pytest.mark.parametrize("rows", [10, 50])
def test_the_page_costs_twelve_queries_whatever_the_number_of_rows(
    browse, kora, amal, chen, max_queries, rows
):
    for n in range(rows):
        case = CaseFactory(lead=(amal, chen)[n % 2], follow_up__due_on=in_days(-n))
        NeedFactory(case=case, legal_domain__code=("SGB2", "AUFENTHG", "SGB8")[n % 3], unmet=True)
        HandoverFactory(case=case)
    client = browse(kora)

    with max_queries(12):
        page = client.get(URL)

    assert page.status_code == 200


def test_htmx_is_given_the_figures_alone(browse, world):
    page = browse(world).get(URL, {"center": "HAM"}, headers={"HX-Request": "true"})

    assert "<html" not in page.text
    assert 'id="figures"' in page.text
    assert "HX-Request" in page.headers["Vary"]


def test_each_table_is_a_file_with_its_definition(browse, world):
    client = browse(world)
    page = client.get(URL)

    for one, _plot in page.context["figures"]:
        response = client.get(URL, {"table": one.code, "format": "csv"})
        rows = list(csv.reader(response.text.removeprefix("\ufeff").splitlines(), delimiter=";"))
        assert response.headers["Content-Type"].startswith("text/csv")
        assert rows[0] == [str(one.row_head), *(str(column) for column in one.columns)]
        assert one.definition in rows[len(one.rows) + 2]


def test_a_file_of_one_center_holds_that_center(browse, world):
    query = {"table": "phases", "format": "csv", "center": "RHE"}

    assert browse(world).get(URL, query).text.count("\r\n") == 6 + 2 + 4


def test_an_unknown_table_is_not_found(browse, kora):
    assert browse(kora).get(URL, {"table": "staff", "format": "csv"}).status_code == 404


def test_a_plot_draws_no_number_that_its_table_hides(browse, kora, amal):
    needs(amal, 7, "SGB2")
    needs(amal, 2, "SGB2", unmet=True)
    needs(amal, 3, "SGB8")

    plots = {one.code: plot for one, plot in browse(kora).get(URL).context["figures"]}

    bars = {bar.label: bar for bar in plots["needs"].bars}
    assert [part.kind for part in bars["SGB II"].parts] in ([], ["gap-unknown"])
    assert bars["SGB VIII"].parts == ()
    assert bars["SGB VIII"].value == Hidden.SMALL


def test_the_closed_are_not_among_the_open(browse, world):
    assert figure(browse(world).get(URL), "phases").n == Case.objects.active().count()
