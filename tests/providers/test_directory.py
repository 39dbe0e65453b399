"""The directory: who reads it, how it is narrowed down, what it costs."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from centers.models import Neighbourhood
from providers import catalogue
from providers.models import LegalDomain, Provider, Service
from tests.providers.factories import ProviderFactory, ServiceFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db

DIRECTORY = "/directory/"


@pytest.fixture
def hochfeld_quarter(db):
    return Neighbourhood.objects.get(code="508")


@pytest.fixture
def marxloh(db):
    return Neighbourhood.objects.get(code="202")


def _names(response) -> list[str]:
    return [service.name for service in response.context["page"]]


# --- Who reads it -------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", ["amal", "kora", "adam"])
def test_all_roles_read_the_directory(request, browse, reader):
    service = ServiceFactory()
    client = browse(request.getfixturevalue(reader))

    assert service.name in client.get(DIRECTORY).text
    assert client.get(service.get_absolute_url()).status_code == 200


def test_without_an_assignment_there_is_no_directory(browse):
    client = browse(StaffMemberFactory())

    assert client.get(DIRECTORY).status_code == 403
    assert client.get(ServiceFactory().get_absolute_url()).status_code == 403


def test_visitors_are_asked_to_sign_in(client):
    for address in (DIRECTORY, ServiceFactory().get_absolute_url()):
        assert client.get(address).url == f"{reverse('account_login')}?next={address}"


def test_nothing_is_posted_here(browse, amal):
    assert browse(amal).post(DIRECTORY).status_code == 405


# --- Filters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "value", "field"),
    [
        ("legal_domain", "SGB2", "legal_domains"),
        ("life_area", "WOHNEN", "life_areas"),
        ("language", "bg", "languages"),
    ],
)
def test_a_filter_keeps_what_it_names(browse, amal, parameter, value, field):
    ServiceFactory(name="Passt", **{field: [value]})
    ServiceFactory(name="Passt nicht")

    assert _names(browse(amal).get(DIRECTORY, {parameter: value})) == ["Passt"]


def test_a_neighbourhood_is_served_by_its_own_and_by_city_wide_services(
    browse, amal, hochfeld_quarter, marxloh
):
    ServiceFactory(name="Anderswo", is_city_wide=False, neighbourhoods=[marxloh])
    ServiceFactory(name="Hier", is_city_wide=False, neighbourhoods=[hochfeld_quarter, marxloh])
    ServiceFactory(name="Überall")

    assert _names(browse(amal).get(DIRECTORY, {"neighbourhood": "508"})) == ["Hier", "Überall"]


def test_a_provider_is_chosen_by_its_code(browse, amal):
    ServiceFactory(name="Eigenes", provider=Provider.objects.get(code="caritas"))
    ServiceFactory(name="Fremdes")

    assert _names(browse(amal).get(DIRECTORY, {"provider": "caritas"})) == ["Eigenes"]


@pytest.mark.parametrize(
    "words", ["ärzt", "AERZT", "sprechstunde ärzte", "hilfswerk", "versicherung nord"]
)
def test_search_words_find_names_descriptions_and_providers(browse, amal, words):
    ServiceFactory(
        name="Ärztliche Sprechstunde",
        description="Ohne Versicherung; Ärzte im Ehrenamt",
        provider=ProviderFactory(name="Hilfswerk Nord e. V.", short_name="Hilfswerk"),
    )
    ServiceFactory(name="Mietberatung")

    assert _names(browse(amal).get(DIRECTORY, {"q": words})) == ["Ärztliche Sprechstunde"]


@pytest.mark.parametrize("words", ["100%", "_", "<script>", "'; --"])
def test_signs_are_searched_for_as_signs(browse, amal, words):
    ServiceFactory(name="Mietberatung")

    response = browse(amal).get(DIRECTORY, {"q": words})

    assert _names(response) == []
    assert "<script>;" not in response.text


def test_filters_hold_together(browse, amal):
    ServiceFactory(name="Beides", languages=["bg"], legal_domains=["SGB2", "SGB12"])
    ServiceFactory(name="Nur Sprache", languages=["bg"])

    response = browse(amal).get(DIRECTORY, {"language": "bg", "legal_domain": "SGB2"})

    assert _names(response) == ["Beides"]


@pytest.mark.parametrize(
    "query", [{"language": "xx"}, {"legal_domain": "SGB2' OR 1=1"}, {"q": "\x00"}, {"after": "?"}]
)
def test_unknown_values_are_no_error(browse, amal, query):
    ServiceFactory(name="Bleibt")

    response = browse(amal).get(DIRECTORY, query)

    assert response.status_code == 200
    assert _names(response) == ["Bleibt"]


def test_each_filter_is_a_chip_that_takes_itself_off(browse, amal):
    response = browse(amal).get(DIRECTORY, {"language": "bg", "legal_domain": "SGB2"})

    chips = {chip.label: chip for chip in response.context["chips"]}
    assert chips["Sprache"].value == "Bulgarisch"
    assert parse_qs(urlsplit(chips["Sprache"].url).query) == {"legal_domain": ["SGB2"]}
    assert chips["Rechtskreis"].value == "SGB II"


def test_chips_keep_no_place_in_the_list(browse, amal):
    service = ServiceFactory(languages=["bg"])

    response = browse(amal).get(DIRECTORY, {"language": "bg", "after": service.code})

    (chip,) = response.context["chips"]
    assert chip.url == DIRECTORY


def test_what_is_over_is_not_listed_but_can_still_be_opened(browse, amal):
    over = ServiceFactory(name="Vorbei", is_active=False)
    gone = ServiceFactory(name="Aufgelöst", provider__is_active=False)
    client = browse(amal)

    assert _names(client.get(DIRECTORY)) == []
    for service in (over, gone):
        assert "Wird nicht mehr angeboten" in client.get(service.get_absolute_url()).text


def test_laws_out_of_force_cannot_be_chosen(browse, amal):
    LegalDomain.objects.filter(code="IFSG").update(valid_until=date(2025, 1, 1))

    form = browse(amal).get(DIRECTORY).context["filters"].form

    codes = [code for code, _ in form.fields["legal_domain"].choices]
    assert "IFSG" not in codes
    assert codes[:3] == ["", "SGB1", "SGB2"]


def test_an_empty_list_says_how_to_go_on(browse, amal):
    page = browse(amal).get(DIRECTORY, {"q": "gibtesnicht"}).text

    assert "Kein Angebot passt." in page
    assert "Alle Angebote zeigen" in page


# --- Sort ---------------------------------------------------------------------------------------

SORTED = [
    ("", ["Amt", "Büro", "Chor"]),
    ("name", ["Amt", "Büro", "Chor"]),
    ("waiting", ["Chor", "Amt", "Büro"]),
    ("verified", ["Büro", "Chor", "Amt"]),
    ("unverified", ["Amt", "Chor", "Büro"]),
    ("provider__name", ["Amt", "Büro", "Chor"]),
]


@pytest.fixture
def three(db):
    """Three services that differ in all that is sorted by; what is unknown has its place."""
    ServiceFactory(name="Amt", waiting_weeks=9, last_verified_on=None)
    ServiceFactory(name="Büro", waiting_weeks=None, last_verified_on=date(2026, 5, 1))
    ServiceFactory(name="Chor", waiting_weeks=0, last_verified_on=date(2025, 5, 1))


@pytest.mark.parametrize(("sort", "order"), SORTED)
def test_the_directory_is_sorted_on_the_page_and_in_the_file(browse, amal, three, sort, order):
    client = browse(amal)

    page = client.get(DIRECTORY, {"sort": sort})
    content = client.get(page.context["export_url"]).content.decode()

    assert _names(page) == order
    assert [line.partition(";")[0] for line in content.splitlines()[1:]] == order
    assert page.context["chips"] == []


def test_every_sort_of_the_bar_is_tested(browse, amal):
    choices = browse(amal).get(DIRECTORY).context["filters"].form.fields["sort"].choices

    assert {name for name, _ in choices} <= {sort for sort, _ in SORTED}


def test_the_place_in_a_sort_follows_every_change(three):
    Service.objects.filter(name="Büro").update(waiting_weeks=1)

    by_waiting = Service.objects.order_by("waiting_order").values_list("name", flat=True)
    assert list(by_waiting) == ["Chor", "Büro", "Amt"]


@pytest.mark.parametrize("sort", ["waiting", "verified", "unverified"])
def test_pages_follow_each_other_in_every_sort(browse, amal, sort):
    for number in range(60):
        ServiceFactory(
            waiting_weeks=number % 3 or None,
            last_verified_on=date(2026, 1, 1 + number % 4) if number % 5 else None,
        )
    client, seen, query = browse(amal), [], f"?sort={sort}"
    while query:
        response = client.get(DIRECTORY + query)
        seen += [service.pk for service in response.context["page"]]
        query = response.context["page"].next_query

    assert len(seen) == len(set(seen)) == 60


# --- Fragment, paging, cost ---------------------------------------------------------------------


def test_htmx_is_given_the_list_alone(browse, amal):
    service = ServiceFactory()
    client = browse(amal)

    fragment = client.get(DIRECTORY, headers={"HX-Request": "true"})
    page = client.get(DIRECTORY)

    assert service.name in fragment.text
    assert "<html" not in fragment.text
    assert "<html" in page.text
    assert fragment.text.strip() in page.text
    assert "HX-Request" in fragment.headers["Vary"]
    assert "HX-Request" in page.headers["Vary"]


def test_pages_follow_each_other_without_loss(browse, amal):
    for number in range(60):
        ServiceFactory(name=f"Angebot {number:02}", languages=["bg"])
    client, seen, query = browse(amal), [], "?language=bg"
    while query:
        response = client.get(DIRECTORY + query)
        assert str(response.context["count"]) == "60"
        seen += _names(response)
        query = response.context["page"].next_query

    assert seen == [f"Angebot {number:02}" for number in range(60)]


@pytest.mark.parametrize("rows", [10, 50])
@pytest.mark.parametrize("reader", ["amal", "kora"])
def test_the_directory_costs_at_most_twelve_queries(request, browse, max_queries, rows, reader):
    places = list(Neighbourhood.objects.all()[:3])
    for _ in range(rows):
        service = ServiceFactory(
            languages=["bg", "ro"],
            legal_domains=["SGB2", "SGB12"],
            neighbourhoods=places,
            is_city_wide=False,
        )
    client = browse(request.getfixturevalue(reader))

    query = {"language": "bg", "legal_domain": "SGB2", "neighbourhood": places[0].pk, "q": "an"}
    with max_queries(12):
        assert len(_names(client.get(DIRECTORY, query))) == min(rows, 25)
    with max_queries(12):
        client.get(service.get_absolute_url())


def test_a_later_page_costs_at_most_twelve_queries(browse, amal, max_queries):
    for number in range(30):
        ServiceFactory(name=f"Angebot {number:02}", languages=["bg"])
    first, client = Service.objects.order_by("name").first(), browse(amal)

    with max_queries(12):
        response = client.get(DIRECTORY, {"after": first.code})
    assert _names(response)[-1] == "Angebot 25"


# --- One service --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verified_on", "months", "stale"),
    [
        (date(2026, 5, 15), 0, False),
        (date(2026, 4, 15), 1, False),
        (date(2026, 4, 16), 0, False),
        (date(2025, 11, 16), 5, False),
        (date(2025, 11, 15), 6, True),
        (date(2025, 9, 1), 8, True),
        (date(2027, 1, 1), 0, False),
        (None, None, True),
    ],
)
def test_old_entries_ask_for_a_call_first(time_machine_at, verified_on, months, stale):
    service = ServiceFactory.build(provider=None, last_verified_on=verified_on)

    with time_machine_at(date(2026, 5, 15)):
        assert service.months_since_verified == months
        assert service.is_stale is stale


def test_the_page_of_a_service_shows_what_a_referral_needs(browse, amal):
    catalogue.load_example_services(timezone.localdate())
    service = Service.objects.get(code="wohngeld-antrag")
    service.last_verified_on = timezone.localdate() - timedelta(days=250)
    service.save()

    page = browse(amal).get(service.get_absolute_url()).text

    for text in (
        "Wohngeldgesetz",
        "Stadt Duisburg – Wohngeldstelle",
        "Beispiel",
        "tel:",
        "8 Monat",
    ):
        assert text in page


def test_only_administrators_are_led_to_the_admin(browse, amal, adam):
    service = ServiceFactory()
    edit = reverse("admin:providers_service_change", args=[service.pk])

    assert edit in browse(adam).get(service.get_absolute_url()).text
    assert edit not in browse(amal).get(service.get_absolute_url()).text


def test_an_unknown_service_does_not_exist(browse, amal):
    assert browse(amal).get("/directory/gibt-es-nicht/").status_code == 404


def test_markup_in_a_service_is_shown_as_text(browse, amal):
    service = ServiceFactory(name="<b>Beratung</b>", description="<script>alert(1)</script>")
    client = browse(amal)

    for address in (DIRECTORY, service.get_absolute_url()):
        assert "<script>alert" not in client.get(address).text
        assert "<b>Beratung" not in client.get(address).text


def test_the_file_holds_the_services_that_the_list_shows(db, browse, amal):
    domain = LegalDomain.objects.first()
    ServiceFactory(name="=Beratung(1)").legal_domains.add(domain)
    ServiceFactory(name="Etwas anderes")

    answer = browse(amal).get(reverse("providers:export"), {"legal_domain": domain.code})

    content = answer.content.decode()
    assert "'=Beratung(1)" in content
    assert "Etwas anderes" not in content
