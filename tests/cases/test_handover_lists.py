"""The lists of handovers: filters, search, sort, pages, and what they must not tell."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Handover, HandoverReason
from cases.workflow import assigning
from cases.workflow import handover as workflow
from tests.cases.factories import CaseFactory, ConsentFactory, HandoverFactory, in_days

pytestmark = pytest.mark.django_db

LIST = reverse("cases:handovers")
FILE = reverse("cases:export_handovers")


def references(page):
    return [handover.case.reference for handover in page.context["page"]]


def found(client, text, show="incoming"):
    """Search one list and return the references found."""
    answer = client.post(reverse("cases:search"), {"text": text, "list": show}, follow=True)
    return references(answer)


@pytest.fixture
def offers(amal, dora, hamborn):
    """What amal has offered, each apart from the others in one thing; dora may answer all."""
    moving, leaving = HandoverReason.objects.all()[:2]

    def offer(name, **words):
        words = {"to_staff": dora, "reason": moving, **words}
        case = CaseFactory(lead=amal, **{"person__family_name": name, **words.pop("case", {})})
        return HandoverFactory(case=case, **words)

    return {
        "plain": offer("Yilmaz"),
        "overdue": offer("Petrova", answer_due_on=in_days(-1)),
        "reminded": offer("Haile", recorded_at=timezone.now() - timedelta(days=6)),
        "urgent": offer("Nowak", case={"is_urgent": True}),
        "team": offer("Hoxha", to_staff=None, to_center=hamborn),
        "leaving": offer("Osei", reason=leaving),
    }


# --- Filters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"waiting": "overdue"}, "overdue"),
        ({"waiting": "reminded"}, "reminded"),
        ({"to": "team"}, "team"),
        ({"reason": 1}, "leaving"),
    ],
)
@pytest.mark.parametrize(("show", "reader"), [("incoming", "dora"), ("outgoing", "amal")])
def test_a_filter_keeps_what_it_names(request, browse, offers, show, reader, query, name):
    if "reason" in query:
        query = {"reason": offers["leaving"].reason_id}
    client = browse(request.getfixturevalue(reader))

    page = client.get(LIST, {"show": show, **query})

    assert references(page) == [offers[name].case.reference]
    assert len(page.context["chips"]) == 1
    assert str(page.context["count"]) == "1"


def test_the_lead_finds_urgent_cases_and_questions_to_answer(browse, offers, amal, dora):
    workflow.ask_back(offers["plain"], by=dora, question="Welche Sprache?")
    client = browse(amal)

    for waiting, name in (("urgent", "urgent"), ("questions", "plain")):
        page = client.get(LIST, {"show": "outgoing", "waiting": waiting})
        assert references(page) == [offers[name].case.reference]


def test_whether_a_case_is_urgent_does_not_stand_on_the_sheet_and_no_filter_tells(
    browse, offers, dora
):
    page = browse(dora).get(LIST, {"waiting": "urgent"})

    assert len(references(page)) == len(offers)


def test_offers_to_a_person_are_told_from_those_to_the_team(browse, offers, dora):
    page = browse(dora).get(LIST, {"to": "me"})

    assert offers["team"].case.reference not in references(page)
    assert len(references(page)) == len(offers) - 1


def test_incoming_offers_are_narrowed_down_to_a_center(browse, amal, chen, dora, hamborn):
    here = HandoverFactory(case=CaseFactory(lead=amal), to_staff=dora)
    from_afar = CaseFactory(lead=chen)
    ConsentFactory(case=from_afar, recipients=[amal.assignments.get().employer])
    HandoverFactory(case=from_afar, to_staff=dora)

    page = browse(dora).get(LIST, {"center": hamborn.code})

    assert references(page) == [here.case.reference]


def test_answered_ones_are_told_apart_by_the_answer_and_by_who_asked(browse, offers, amal, dora):
    workflow.decline_handover(offers["plain"], by=dora, because="Keine Zeit.")
    workflow.withdraw_handover(offers["urgent"], by=amal)
    other = HandoverFactory(case=CaseFactory(lead=dora), to_staff=amal)
    workflow.decline_handover(other, by=amal, because="Keine Zeit.")
    client = browse(amal)

    def shown(**query):
        return set(references(client.get(LIST, {"show": "answered", **query})))

    plain, urgent, asked = (
        handover.case.reference for handover in (offers["plain"], offers["urgent"], other)
    )
    assert shown() == {plain, urgent, asked}
    assert shown(state="withdrawn") == {urgent}
    assert shown(state="declined", part="made") == {plain}
    assert shown(part="received") == {asked}


def test_a_chip_takes_its_filter_off_and_stays_in_the_list(browse, offers, amal):
    query = {"show": "outgoing", "waiting": "overdue", "to": "person", "sort": "newest"}

    chips = browse(amal).get(LIST, query).context["chips"]

    left = {chip.value: parse_qs(urlsplit(chip.url).query) for chip in chips}
    stays = {"show": ["outgoing"], "sort": ["newest"]}
    assert left == {
        "Antwort überfällig": {**stays, "to": ["person"]},
        "eine Person": {**stays, "waiting": ["overdue"]},
    }


def test_a_filter_without_a_result_says_so_and_leads_back(browse, offers, amal):
    page = browse(amal).get(LIST, {"show": "outgoing", "waiting": "questions"})

    assert references(page) == []
    assert "Keine Übergabe passt zu diesen Filtern." in page.text
    assert f'href="{LIST}?show=outgoing"' in page.text


@pytest.mark.parametrize(
    "query",
    [
        {"show": "<b>"},
        {"reason": "NICHTS"},
        {"sort": "case__person__family_name"},
        {"center": "\x00"},
        {"after": "x"},
        {"after": "9" * 30},
        {"search": "nothing-kept"},
        {"waiting": "<b>"},
    ],
)
def test_a_tampered_filter_shows_the_list_all_the_same(browse, offers, dora, query):
    page = browse(dora).get(LIST, query)

    assert len(references(page)) == len(offers)
    assert "<b>" not in page.text


# --- Search -------------------------------------------------------------------------------------


def test_the_lead_finds_an_offer_by_name_and_no_name_stands_in_an_address(browse, offers, amal):
    client = browse(amal)

    answer = client.post(
        reverse("cases:search"), {"text": "petrowa", "list": "outgoing"}, follow=True
    )

    assert references(answer) == [offers["overdue"].case.reference]
    assert not any("petro" in address.lower() for address, _ in answer.redirect_chain)
    assert "petro" not in urlsplit(answer.context["export_url"]).query.lower()
    assert [chip.value for chip in answer.context["chips"]] == ["petrowa"]


def test_a_filter_narrows_down_what_was_found(browse, offers, amal):
    client = browse(amal)
    searched = {"text": "Amal", "list": "outgoing"}
    answer = client.post(reverse("cases:search"), searched, follow=True)
    hidden = answer.context["filters"].form["search"].value()

    assert len(references(answer)) == len(offers)
    assert f'name="search" value="{hidden}"' in answer.text
    page = client.get(LIST, {"show": "outgoing", "search": hidden, "waiting": "overdue"})
    assert references(page) == [offers["overdue"].case.reference]


def test_a_colleague_a_center_and_a_reference_are_found(browse, offers, dora, amal, hamborn):
    client = browse(amal)

    assert len(found(client, f"{dora.given_name} {dora.family_name}", "outgoing")) == 5
    assert found(client, hamborn.name, "outgoing") == [offers["team"].case.reference]
    reference = offers["urgent"].case.reference
    assert found(client, reference.lower(), "outgoing") == [reference]
    assert found(client, "Niemand", "outgoing") == []


def test_the_receiver_in_person_finds_the_name_the_sheet_shows(browse, offers, dora):
    assert found(browse(dora), "Yilmaz") == [offers["plain"].case.reference]


def test_a_team_finds_no_name_before_one_of_them_considers_the_case(browse, offers, dora, ben):
    client = browse(dora)
    assert found(client, "Hoxha") == []

    workflow.review_handover(offers["team"], by=dora)

    assert found(client, "Hoxha") == [offers["team"].case.reference]
    assert found(browse(ben), "Hoxha") == []


def test_a_name_is_not_found_among_answered_ones_once_the_file_is_shut(browse, offers, dora, amal):
    workflow.decline_handover(offers["plain"], by=dora, because="Keine Zeit.")

    assert found(browse(dora), "Yilmaz", "answered") == []
    assert found(browse(amal), "Yilmaz", "answered") == [offers["plain"].case.reference]


# --- Whoever was only named by the coordination -------------------------------------------------


@pytest.fixture
def named(amal, chen, kora):
    """chen is to ask for consent: the reference and the telephone number, and nothing else."""
    case = CaseFactory(lead=amal, person__family_name="Ilieva", person__phone="+493023125017")
    amal.blocked_at = timezone.now()
    amal.save()
    return assigning.name_for_consent(case, by=kora, to=chen)


@pytest.mark.parametrize("query", [{"reason": HandoverReason.STAFF_CHANGE}, {"center": "HAM"}])
def test_no_filter_tells_whoever_was_named_what_the_row_does_not(browse, named, chen, query):
    client = browse(chen)

    assert references(client.get(LIST)) == [named.case.reference]
    assert references(client.get(LIST, query)) == []


def test_no_search_tells_them_either(browse, named, chen, amal):
    client = browse(chen)

    for secret in ("Ilieva", amal.family_name, "23125017"):
        assert found(client, secret) == []
    assert found(client, named.case.reference) == [named.case.reference]


@pytest.mark.parametrize("show", ["incoming", "answered"])
def test_neither_file_nor_page_tells_them_who_led_the_case_and_why(browse, named, chen, show):
    if show == "answered":
        workflow.decline_handover(named, by=chen, because="Keine Zeit.")
    client = browse(chen)

    for address in (LIST, FILE):
        shown = client.get(address, {"show": show}).content.decode()
        rows = shown.split("<tbody>")[-1]
        assert named.case.reference in rows
        assert "Amal Haddad" not in rows
        assert named.reason.name not in rows.partition("</tbody>")[0]


# --- Sort, pages, file --------------------------------------------------------------------------


SORTS = {
    "incoming": ["due", "waiting", "newest"],
    "outgoing": ["due", "waiting", "newest", "untouched"],
    "answered": ["answered", "oldest"],
}


def many(amal, dora, show):
    """Make thirty handovers for amal's list, three alike in every column that is sorted by."""
    now = timezone.now()
    giver, receiver = (dora, amal) if show == "incoming" else (amal, dora)
    for n in range(30):
        moment = now - timedelta(days=n // 3)
        words = {"recorded_at": moment, "answer_due_on": in_days(n // 3)}
        if show == "answered":
            words |= {"state": "withdrawn", "answered_at": moment, "answered_by": amal}
        case = CaseFactory(lead=giver)
        HandoverFactory(case=case, to_staff=receiver, **words)
        case.last_touched_at = moment
        case.save()


@pytest.mark.parametrize("show", list(SORTS))
def test_every_sort_pages_through_each_row_once_as_the_file_does(
    browse, amal, dora, show, subtests
):
    many(amal, dora, show)
    client = browse(amal)
    for sort in SORTS[show]:
        seen, query = [], f"?show={show}&sort={sort}"
        while query:
            page = client.get(LIST + query).context["page"]
            seen += [handover.case.reference for handover in page]
            query = page.next_query
        content = client.get(FILE, {"show": show, "sort": sort}).content.decode()
        written = [line.partition(";")[0] for line in content.splitlines()[1:]]
        with subtests.test(sort):
            assert len(seen) == len(set(seen)) == 30
            assert written == seen


def test_every_sort_of_the_bar_is_tested(browse, amal):
    for show, sorts in SORTS.items():
        form = browse(amal).get(LIST, {"show": show}).context["filters"].form
        assert [name for name, _ in form.fields["sort"].choices] == sorts


@pytest.mark.parametrize(
    ("sort", "first"), [("due", "overdue"), ("waiting", "reminded"), ("newest", "leaving")]
)
def test_a_sort_puts_first_what_it_says(browse, offers, dora, sort, first):
    page = browse(dora).get(LIST, {"sort": sort})

    assert references(page)[0] == offers[first].case.reference


def test_the_way_back_from_a_later_page_leads_to_the_first(browse, amal, dora):
    many(amal, dora, "outgoing")
    client = browse(amal)
    first = client.get(LIST, {"show": "outgoing", "sort": "untouched"})
    later = client.get(LIST + first.context["page"].next_query)

    back = client.get(LIST + later.context["page"].previous_query)

    assert references(back) == references(first)
    assert not set(references(later)) & set(references(first))


def test_an_offer_that_was_answered_meanwhile_still_marks_the_place(browse, amal, dora):
    many(amal, dora, "outgoing")
    client = browse(amal)
    query = {"show": "outgoing", "waiting": "reminded"}
    first = client.get(LIST, {**query, "sort": "waiting"}).context["page"]
    second = Handover.objects.get(pk=first.rows[1].pk)
    second.recorded_at = timezone.now() - timedelta(days=1)
    second.save()

    page = client.get(LIST, {**query, "sort": "newest", "before": second.pk})

    assert page.status_code == 200
    assert second.case.reference not in references(page)


def test_the_file_holds_what_the_filters_leave(browse, offers, amal):
    answer = browse(amal).post(
        reverse("cases:search"), {"text": "Petrova", "list": "outgoing"}, follow=True
    )

    content = browse(amal).get(answer.context["export_url"]).content.decode()
    narrowed = browse(amal).get(FILE, {"show": "outgoing", "waiting": "urgent"}).content.decode()

    # The search is in the session of the one who searched.
    assert offers["overdue"].case.reference in content
    assert offers["urgent"].case.reference in narrowed
    assert offers["overdue"].case.reference not in narrowed
    assert "Petrova" not in content


def test_htmx_is_given_the_rows_alone(browse, offers, amal):
    page = browse(amal).get(LIST, {"show": "outgoing"}, headers={"HX-Request": "true"})

    assert "<html" not in page.text
    assert offers["plain"].case.reference in page.text
    assert "HX-Request" in page.headers["Vary"]


@pytest.mark.parametrize("show", list(SORTS))
def test_a_filtered_searched_later_page_costs_twelve_queries(browse, amal, dora, max_queries, show):
    many(amal, dora, show)
    client = browse(amal)
    searched = {"text": amal.family_name, "list": show}
    page = client.post(reverse("cases:search"), searched, follow=True)
    reason_id = Handover.objects.first().reason_id
    query = f"{page.context['page'].next_query}&reason={reason_id}"

    with max_queries(12):
        later = client.get(LIST + query)

    assert later.status_code == 200
