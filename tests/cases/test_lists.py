"""Lists: what is mine, what the register shows, and that names stay out of addresses."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseEvent, Phase
from cases.workflow import handover as handovers
from cases.workflow.people import correct_person, version_of
from cases.workflow.phases import change_phase
from tests.cases.factories import CaseFactory, NeedFactory, in_days
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
