"""Lists: what is mine, what the register shows, and that names stay out of addresses."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseEvent, Phase
from cases.workflow import handover as handovers
from cases.workflow.people import correct_person, version_of
from cases.workflow.phases import change_phase
from tests.cases.factories import CaseFactory, FollowUpFactory, NeedFactory, in_days
from tests.cases.handovers import offer

pytestmark = pytest.mark.django_db


def references(page):
    return {case.reference for case in page.context["page"]}


def test_my_cases_are_those_whose_file_i_may_open(browse, amal, dora):
    mine, theirs = CaseFactory(lead=amal), CaseFactory(lead=dora)

    page = browse(amal).get(reverse("cases:list"))

    assert references(page) == {mine.reference}
    assert theirs.person.family_name not in page.text


def test_the_register_shows_every_case_of_the_center_and_nobody_s_name(browse, amal, dora, chen):
    own, here, elsewhere = CaseFactory(lead=amal), CaseFactory(lead=dora), CaseFactory(lead=chen)

    page = browse(amal).get(reverse("cases:register"))

    assert references(page) == {own.reference, here.reference}
    for case in (own, here, elsewhere):
        assert case.person.family_name not in page.text


def test_a_coordinator_s_list_is_the_register_of_all_centers(browse, kora, amal, chen):
    cases = {CaseFactory(lead=amal).reference, CaseFactory(lead=chen).reference}

    page = browse(kora).get(reverse("cases:list"), follow=True)

    assert references(page) == cases


@pytest.mark.parametrize("typed", ["Ivanova", "иванова", "  IWANOWA ", "ivan"])
def test_a_name_is_found_in_any_spelling_and_never_stands_in_the_address(browse, amal, typed):
    case = CaseFactory(lead=amal, person__family_name="Иванова", person__given_name="Мария")
    CaseFactory(lead=amal)

    page = browse(amal).post(reverse("cases:search"), {"text": typed}, follow=True)

    assert references(page) == {case.reference}
    addresses = [address for address, _ in page.redirect_chain]
    assert not any("van" in address.lower() for address in addresses)
    assert typed.strip() in page.text


def test_a_search_finds_a_telephone_number_and_a_reference(browse, amal):
    case = CaseFactory(lead=amal, person__phone="+493023125123")
    CaseFactory(lead=amal)

    for typed in ("030 23125-123", case.reference):
        page = browse(amal).post(reverse("cases:search"), {"text": typed}, follow=True)
        assert references(page) == {case.reference}


def test_a_search_does_not_reach_files_of_others(browse, amal, dora):
    CaseFactory(lead=dora, person__family_name="Geheim")

    page = browse(amal).post(reverse("cases:search"), {"text": "Geheim"}, follow=True)

    assert references(page) == set()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"due": "overdue"}, "overdue"),
        ({"due": "week"}, "soon"),
        ({"legal_domain": "SGB2"}, "soon"),
        ({"attention": "urgent"}, "urgent"),
        ({"state": "closed"}, "closed"),
        ({"role": "lead", "phase": "planning"}, "planning"),
    ],
)
def test_filters_narrow_the_list(browse, amal, query, found):
    far = in_days(60)
    cases = {
        "overdue": CaseFactory(lead=amal, follow_up__due_on=in_days(-3)),
        "soon": CaseFactory(lead=amal, follow_up__due_on=in_days(3)),
        "urgent": CaseFactory(lead=amal, is_urgent=True, follow_up__due_on=far),
        "closed": CaseFactory(lead=amal, closed=True),
        "planning": CaseFactory(lead=amal, phase="planning", follow_up__due_on=far),
    }
    NeedFactory(case=cases["soon"], legal_domain__code="SGB2")

    page = browse(amal).get(reverse("cases:list"), query)

    assert references(page) == {cases[found].reference}


def test_a_filter_narrows_down_what_a_search_has_found(browse, amal):
    urgent = CaseFactory(lead=amal, person__family_name="Ivanova", is_urgent=True)
    CaseFactory(lead=amal, person__family_name="Ivanova")
    CaseFactory(lead=amal, is_urgent=True)
    client = browse(amal)
    page = client.post(reverse("cases:search"), {"text": "Ivanova"}, follow=True)

    # The form sends what it holds: the key of the search among it.
    form = page.context["filters"].form
    query = {name: form[name].value() or "" for name in form.fields} | {"attention": "urgent"}
    page = client.get(reverse("cases:list"), query)

    assert references(page) == {urgent.reference}
    assert {chip.value for chip in page.context["chips"]} >= {"Ivanova", "dringend"}


def test_what_is_preset_is_no_chip_and_what_replaces_it_is_one(browse, amal):
    client = browse(amal)

    def chips(**query):
        page = client.get(reverse("cases:list"), query)
        return [chip.value for chip in page.context["chips"]]

    assert chips(state="active", sort="untouched") == []
    assert chips(state="closed") == ["geschlossen"]
    assert chips(phase="closed", state="active") == ["Geschlossen"]


def test_an_unknown_value_hides_no_chip_of_another_filter(browse, amal):
    page = browse(amal).get(reverse("cases:list"), {"phase": "<b>", "due": "today"})

    assert [chip.value for chip in page.context["chips"]] == ["heute fällig"]


def test_the_file_is_sorted_as_the_pages_are_also_where_rows_are_alike(browse, amal):
    for _ in range(3):
        CaseFactory(lead=amal)
    client, query = browse(amal), {"sort": "newest"}

    shown = [case.reference for case in client.get(reverse("cases:list"), query).context["page"]]
    content = client.get(reverse("cases:export"), query).content.decode()

    places = [content.index(reference) for reference in shown]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "query", [{"phase": "<b>"}, {"sort": "person__family_name"}, {"after": "x"}]
)
def test_a_tampered_filter_shows_the_list_all_the_same(browse, amal, query):
    CaseFactory(lead=amal)

    page = browse(amal).get(reverse("cases:list"), query)

    assert page.status_code == 200
    assert "<b>" not in page.text


def test_the_longest_untouched_case_comes_first_when_asked_for(browse, amal, time_machine):
    old = CaseFactory(lead=amal)
    time_machine.move_to(timezone.now() + timedelta(days=2))
    CaseFactory(lead=amal)

    page = browse(amal).get(reverse("cases:list"), {"sort": "untouched"})

    assert page.context["page"].rows[0] == old


def test_the_file_holds_what_the_list_shows_and_no_formula(browse, amal):
    CaseFactory(lead=amal, person__family_name="=HYPERLINK(1)")
    CaseFactory(lead=amal, phase="planning")

    content = browse(amal).get(reverse("cases:export"), {"phase": "clearing"}).content.decode()

    assert content.count("\r\n") == 2
    assert "'=HYPERLINK(1)" in content


def test_the_file_of_the_register_names_nobody(browse, kora, amal):
    case = CaseFactory(lead=amal)

    content = browse(kora).get(reverse("cases:export"), {"list": "register"}).content.decode()

    assert case.reference in content
    assert case.person.family_name not in content


def test_a_reference_leads_to_the_case_and_an_unknown_one_to_a_sentence(browse, amal, chen):
    mine, theirs = CaseFactory(lead=amal), CaseFactory(lead=chen)

    found = browse(amal).post(reverse("cases:find"), {"q": f" {mine.reference.lower()} "})
    unknown = browse(amal).post(reverse("cases:find"), {"q": theirs.reference})

    assert found.url == mine.get_absolute_url()
    assert unknown.url == reverse("home")


def test_htmx_is_given_the_rows_alone(browse, amal):
    CaseFactory(lead=amal)

    page = browse(amal).get(reverse("cases:list"), headers={"HX-Request": "true"})

    assert "<html" not in page.text
    assert "HX-Request" in page.headers["Vary"]


@pytest.mark.parametrize("name", ["cases:list", "cases:register"])
@pytest.mark.parametrize("rows", [10, 50])
def test_a_list_costs_the_same_with_ten_and_with_fifty_rows(browse, amal, max_queries, name, rows):
    for _ in range(rows):
        NeedFactory(case=CaseFactory(lead=amal))
    client = browse(amal)

    with max_queries(12):
        page = client.get(reverse(name))

    assert len(page.context["page"].rows) == min(rows, 25)


def test_paging_shows_every_case_once(browse, amal):
    for n in range(30):
        CaseFactory(lead=amal, follow_up__due_on=in_days(n % 3))
    client, seen, query = browse(amal), [], "?sort=due"
    while query:
        page = client.get(reverse("cases:list") + query).context["page"]
        seen += [case.reference for case in page]
        query = page.next_query

    assert sorted(seen) == sorted(Case.objects.values_list("reference", flat=True))
    assert CaseEvent.objects.count() == 30


def test_the_field_for_a_reference_never_puts_what_is_typed_into_an_address(browse, amal):
    page = browse(amal).get(reverse("cases:list"))

    find = page.text[page.text.index(reverse("cases:find")) :]
    assert 'method="post"' in find[: find.index(">")]
    assert browse(amal).get(reverse("cases:find"), {"q": "Ivanova"}).status_code == 405


@pytest.mark.parametrize("page", ["cases:list", "cases:export"])
def test_a_former_lead_s_list_shows_what_was_recorded_before_the_acceptance(
    browse, amal, dora, page
):
    case = CaseFactory(lead=amal, person__family_name="Früher")
    handovers.accept_handover(offer(case, dora), by=dora)
    case = Case.objects.get(pk=case.pk)
    case.person.family_name = "Später"
    correct_person(case, by=dora, version=version_of(case.person), person=case.person, languages=[])
    change_phase(case, by=dora, to="planning")
    need = NeedFactory(case=case, recorded_by=dora)

    shown = browse(amal).get(reverse(page)).content.decode()
    rows = shown.split("<tbody>")[-1].split("</tbody>")[0]

    assert "Früher" in rows
    assert "Später" not in rows
    assert str(Phase.CLEARING.label) in rows
    assert str(Phase.PLANNING.label) not in rows
    assert need.legal_domain.short_name not in rows


# --- Follow-ups ---------------------------------------------------------------------------------


def subjects(page):
    return [follow_up.subject for follow_up in page.context["page"]]


@pytest.fixture
def due(amal):
    """Three follow-ups of amal's that differ in all that is sorted by."""
    now = timezone.now()
    cases = {}
    for n, (subject, name) in enumerate(
        [("Bescheid", "Yavuz"), ("Anruf", "Petrova"), ("Kita", "Abdi")]
    ):
        case = CaseFactory(
            lead=amal,
            person__family_name=name,
            follow_up__subject=subject,
            follow_up__due_on=in_days(n),
        )
        case.last_touched_at = now - timedelta(days=(n + 1) % 3)
        case.save()
        cases[subject] = case
    return cases


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["Bescheid", "Anruf", "Kita"]),
        ("due", ["Bescheid", "Anruf", "Kita"]),
        ("latest", ["Kita", "Anruf", "Bescheid"]),
        ("untouched", ["Anruf", "Bescheid", "Kita"]),
        ("name", ["Kita", "Anruf", "Bescheid"]),
        ("case__person__birth_date", ["Bescheid", "Anruf", "Kita"]),
    ],
)
def test_follow_ups_are_sorted_on_the_page_and_in_the_file(browse, amal, due, sort, order):
    client = browse(amal)

    page = client.get(reverse("cases:follow_ups"), {"sort": sort})
    content = client.get(page.context["export_url"]).content.decode()

    assert subjects(page) == order
    places = [content.index(subject) for subject in order]
    assert places == sorted(places)


@pytest.mark.parametrize("typed", ["petrowa", "Anruf", "anr"])
def test_a_follow_up_is_found_by_person_and_by_what_is_to_be_done(browse, amal, due, typed):
    client = browse(amal)

    page = client.post(reverse("cases:search"), {"text": typed, "list": "follow_ups"}, follow=True)

    assert subjects(page) == ["Anruf"]
    assert not any(typed in address for address, _ in page.redirect_chain)
    assert typed not in page.context["export_url"]
    content = client.get(page.context["export_url"]).content.decode()
    assert "Anruf" in content
    assert "Kita" not in content


def test_a_search_finds_no_follow_up_of_others(browse, amal, dora):
    CaseFactory(lead=dora, person__family_name="Geheim", follow_up__subject="Geheim")

    page = browse(amal).post(
        reverse("cases:search"), {"text": "Geheim", "list": "follow_ups"}, follow=True
    )

    assert subjects(page) == []
    assert "Keine Wiedervorlage passt zu diesen Filtern." in page.text


def test_ended_follow_ups_are_shown_when_asked_for(browse, amal, due):
    FollowUpFactory(case=due["Kita"], subject="Fertig", done=True, assignee=amal)
    client = browse(amal)

    assert "Fertig" not in subjects(client.get(reverse("cases:follow_ups")))
    assert subjects(client.get(reverse("cases:follow_ups"), {"state": "done"})) == ["Fertig"]
    assert len(subjects(client.get(reverse("cases:follow_ups"), {"state": "all"}))) == 4


@pytest.mark.parametrize("sort", ["due", "latest", "untouched", "name"])
def test_follow_ups_page_by_key_in_every_sort(browse, amal, max_queries, sort):
    case = CaseFactory(lead=amal, follow_up__due_on=in_days(1))
    for n in range(30):
        FollowUpFactory(case=case, subject=f"Nr. {n}", due_on=in_days(n // 4), assignee=amal)
    client, seen, query = browse(amal), [], f"?sort={sort}"
    while query:
        with max_queries(12):
            page = client.get(reverse("cases:follow_ups") + query).context["page"]
        seen += [follow_up.pk for follow_up in page]
        query = page.next_query

    assert len(seen) == len(set(seen)) == 31
