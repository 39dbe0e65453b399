"""Being a client is itself a secret: what a duplicate hint shows, to whom, and what it leaves."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.urls import reverse

from cases.access import AccessReason, Step
from cases.models import Case, CaseEvent, DuplicateSuspicion, Person
from cases.workflow.duplicates import raise_suspicions
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import AccessFactory, CaseFactory, DuplicateSuspicionFactory
from tests.cases.test_opening import URL, typed

pytestmark = pytest.mark.django_db

HINT = reverse("cases:duplicate_hint")
ASKED = {
    "family_name": "Ilieva",
    "given_name": "Desislava",
    "birth_date": "24.12.1990",
    "birth_precision": "exact",
}


def known_case(lead, **kwargs):
    """A case of Десислава Илиева, written as another caseworker heard it, in another street."""
    person = {
        "family_name": "Ilijewa",
        "given_name": "Dessislava",
        "birth_date": date(1990, 12, 24),
        "street": "Geheimer Weg 7",
    }
    words = {f"person__{name}": value for name, value in person.items()}
    return CaseFactory(lead=lead, concern="Geheimes Anliegen", **words | kwargs)


def hints(case):
    return CaseEvent.objects.filter(case=case, step=Step.HINT_DUPLICATE)


def shows_nothing(response):
    return response.status_code == 200 and not response.text.strip()


# --- What is shown, and to whom -------------------------------------------------------------------


def test_a_hint_names_center_and_lead_and_never_what_matched(browse, amal, chen):
    case = known_case(chen)
    text = browse(amal).post(HINT, ASKED).text

    assert "RSC Rheinhausen" in text or str(case.center) in text
    assert str(chen) in text
    assert "tel:" in text
    for secret in (case.reference, "Ilijewa", "Dessislava", "1990", "Geheim", case.person.street):
        assert secret not in text


def test_without_the_file_it_is_the_same_at_ones_own_center_and_elsewhere(
    browse, amal, ben, dora, chen
):
    case = known_case(ben)
    own = browse(dora).post(HINT, ASKED).text
    elsewhere = browse(chen).post(HINT, ASKED).text
    assert own == elsewhere
    assert case.reference not in own


def test_with_the_file_it_links_to_the_file(browse, amal, dora):
    case = known_case(amal)
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.TEAM)
    for reader in (amal, dora):
        text = browse(reader).post(HINT, ASKED).text
        assert f'href="{case.get_absolute_url()}"' in text
        assert "same_person_as" in text


def test_a_former_lead_finds_the_file_and_may_not_reuse_the_person(browse, amal, dora):
    case = known_case(amal)
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.HANDOVER)
    text = browse(dora).post(HINT, ASKED).text
    assert case.get_absolute_url() in text
    assert "same_person_as" not in text


@pytest.mark.parametrize(
    "half",
    [
        {"family_name": ""},
        {"given_name": " "},
        {"birth_date": ""},
        {"birth_date": "", "birth_precision": "unknown"},
        {"birth_date": "24.12."},
        {"birth_date": "31.02.1990"},
    ],
)
def test_no_hint_without_both_names_and_a_date(browse, amal, ben, half):
    case = known_case(ben)
    assert shows_nothing(browse(amal).post(HINT, ASKED | half))
    assert not hints(case).exists()


def test_a_year_alone_is_enough_where_no_more_is_known(browse, amal, ben):
    known_case(ben, person__birth_date=date(1990, 1, 1), person__birth_precision="year")
    assert not shows_nothing(browse(amal).post(HINT, ASKED | {"birth_date": "1990"}))


def test_somebody_else_brings_no_hint(browse, amal, ben):
    known_case(ben)
    assert shows_nothing(browse(amal).post(HINT, ASKED | {"given_name": "Georgi"}))


def test_a_closed_case_is_still_known(browse, amal, ben):
    case = known_case(ben, closed=True)
    assert str(ben) in browse(amal).post(HINT, ASKED).text
    assert hints(case).count() == 1


def test_of_two_cases_the_active_one_is_named(browse, amal, ben, chen):
    closed = known_case(ben, closed=True)
    CaseFactory(lead=chen, person=closed.person)
    text = browse(amal).post(HINT, ASKED).text
    assert str(chen) in text
    assert str(ben) not in text


def test_a_lead_who_left_is_reached_through_the_center(browse, amal, ben, hamborn):
    known_case(ben)
    ben.left_on = date(2021, 1, 1)
    ben.save()
    text = browse(amal).post(HINT, ASKED).text
    assert hamborn.phones.first().number not in (ben.phone, "")
    assert "940653" in text


@pytest.mark.parametrize("reader", ["kora", "adam"])
def test_only_who_opens_cases_gets_hints(request, browse, ben, reader):
    case = known_case(ben)
    person = request.getfixturevalue(reader)
    assert browse(person).post(HINT, ASKED).status_code == 403
    assert not hints(case).exists()


def test_names_are_sent_by_post_alone(browse, amal, ben):
    known_case(ben)
    assert browse(amal).get(HINT, ASKED).status_code == 405


# --- A locked address -----------------------------------------------------------------------------


def test_a_locked_address_gives_no_hint_and_its_lead_is_told(browse, amal, ben):
    case = known_case(ben, person__address_locked=True)
    assert shows_nothing(browse(amal).post(HINT, ASKED))
    event = hints(case).get()
    assert event.actor == amal
    assert event.details == {"withheld": True}


def test_opening_beside_a_locked_address_shows_the_opener_nothing(browse, amal, ben):
    known = known_case(ben, person__address_locked=True)
    response = browse(amal).post(URL, typed())

    newer = Case.objects.exclude(pk=known.pk).get()
    assert response.url == newer.get_absolute_url()
    assert DuplicateSuspicion.objects.get().known_lead_only
    assert not DuplicateSuspicion.objects.told_to(newer).exists()
    assert DuplicateSuspicion.objects.told_to(known).exists()
    assert known.events.filter(step=Step.SUSPECT_DUPLICATE).exists()
    assert not newer.events.filter(step=Step.SUSPECT_DUPLICATE).exists()


def test_a_new_case_with_a_locked_address_is_not_told_to_the_known_lead(browse, amal, ben):
    known = known_case(ben)
    client = browse(amal)
    page = client.post(URL, typed(address_locked="on"))
    client.post(URL, typed(address_locked="on", acknowledged=page.context["hint"].token))
    assert Case.objects.count() == 2
    assert not DuplicateSuspicion.objects.exists()
    assert not known.events.filter(step=Step.SUSPECT_DUPLICATE).exists()


def test_its_own_lead_finds_a_file_with_a_locked_address(browse, amal):
    case = known_case(amal, person__address_locked=True)
    assert case.get_absolute_url() in browse(amal).post(HINT, ASKED).text


# --- What it leaves -------------------------------------------------------------------------------


def test_every_hint_shown_leaves_an_event_that_names_who_asked(browse, amal, ben, dora):
    case = known_case(ben)
    touched = case.last_touched_at
    browse(amal).post(HINT, ASKED)
    browse(dora).post(HINT, ASKED)

    assert {event.actor for event in hints(case)} == {amal, dora}
    assert "Ilieva" not in str(list(hints(case).values()))
    case.refresh_from_db()
    assert case.last_touched_at == touched


def test_the_same_question_within_the_hour_is_one_event(browse, amal, ben):
    case = known_case(ben)
    client = browse(amal)
    with time_machine.travel("2026-12-01 10:00+01:00", tick=False) as clock:
        client.force_login(amal)
        client.post(HINT, ASKED)
        client.post(HINT, ASKED)
        assert hints(case).count() == 1
        clock.shift(timedelta(minutes=61))
        client.post(HINT, ASKED)
        assert hints(case).count() == 2


def test_ones_own_case_needs_no_event(browse, amal):
    case = known_case(amal)
    browse(amal).post(HINT, ASKED)
    assert not hints(case).exists()


def test_without_the_event_nothing_is_shown(browse, amal, ben, monkeypatch):
    known_case(ben)

    def fail(**kwargs):
        raise IntegrityError

    monkeypatch.setattr(CaseEvent.objects, "create", fail)
    with pytest.raises(IntegrityError):
        browse(amal).post(HINT, ASKED)
    with pytest.raises(IntegrityError):
        browse(amal).post(URL, typed())
    assert Case.objects.count() == 1


# --- How often ------------------------------------------------------------------------------------


def test_after_so_many_identities_an_hour_hints_stop_with_a_sentence(
    browse, amal, ben, dora, settings
):
    settings.DUPLICATE_HINTS_PER_HOUR = 3
    case = known_case(ben)
    client = browse(amal)
    for name in ("Anna", "Berta", "Cosima"):
        assert shows_nothing(client.post(HINT, ASKED | {"given_name": name}))

    limited = client.post(HINT, ASKED)
    assert str(ben) not in limited.text
    assert limited.text.strip()
    assert not hints(case).exists()
    assert str(ben) in browse(dora).post(HINT, ASKED).text  # each has their own allowance
    assert shows_nothing(client.post(HINT, ASKED | {"given_name": "Anna"}))  # asked before


def test_the_limit_ends_after_an_hour(browse, amal, ben, settings):
    settings.DUPLICATE_HINTS_PER_HOUR = 1
    known_case(ben)
    with time_machine.travel("2026-12-01 10:00+01:00", tick=False) as clock:
        client = browse(amal)
        client.post(HINT, ASKED | {"given_name": "Anna"})
        assert str(ben) not in client.post(HINT, ASKED).text
        clock.shift(timedelta(minutes=61))
        assert str(ben) in client.post(HINT, ASKED).text


def test_who_reached_the_limit_opens_cases_and_both_leads_are_told(browse, amal, ben, settings):
    settings.DUPLICATE_HINTS_PER_HOUR = 0
    known = known_case(ben)
    browse(amal).post(URL, typed())
    assert DuplicateSuspicion.objects.get().known == known


# --- Opening nevertheless -------------------------------------------------------------------------


def test_without_script_the_form_comes_back_with_everything_and_the_hint(browse, amal, ben):
    known = known_case(ben)
    response = browse(amal).post(URL, typed(street="Weseler Straße 1"))

    assert response.status_code == 200
    assert Case.objects.count() == 1
    for kept in ("Weseler Straße 1", "Bescheid prüfen", "Brief vom Jobcenter", str(ben)):
        assert kept in response.text
    assert known.reference not in response.text
    assert 'name="acknowledged"' in response.text
    assert hints(known).count() == 1


def test_opening_nevertheless_records_its_own_person_and_tells_both_leads(browse, amal, ben):
    known = known_case(ben)
    client = browse(amal)
    token = client.post(URL, typed()).context["hint"].token
    client.post(URL, typed(acknowledged=token))

    newer = Case.objects.exclude(pk=known.pk).get()
    assert newer.person_id != known.person_id
    suspicion = DuplicateSuspicion.objects.get()
    assert (suspicion.known, suspicion.newer, suspicion.known_lead_only) == (known, newer, False)
    for case in (known, newer):
        assert case.events.filter(step=Step.SUSPECT_DUPLICATE, actor=amal).count() == 1


def test_what_was_read_for_one_name_does_not_count_for_another(browse, amal, ben):
    known_case(ben)
    known_case(ben, person__given_name="Georgi", person__birth_date=date(1980, 3, 3))
    client = browse(amal)
    token = client.post(URL, typed()).context["hint"].token
    other = typed(given_name="Georgi", birth_date="03.03.1980", acknowledged=token)
    assert client.post(URL, other).status_code == 200
    assert Case.objects.count() == 2


def test_a_made_up_acknowledgement_opens_nothing(browse, amal, ben):
    known_case(ben)
    assert browse(amal).post(URL, typed(acknowledged="1")).status_code == 200
    assert Case.objects.count() == 1


def test_a_form_sent_twice_past_a_hint_opens_one_case(browse, amal, ben):
    known_case(ben)
    client = browse(amal)
    form = typed()
    form["acknowledged"] = client.post(URL, form).context["hint"].token
    assert client.post(URL, form).url == client.post(URL, form).url
    assert Case.objects.count() == 2
    assert Person.objects.count() == 2


# --- Settling it ----------------------------------------------------------------------------------


@pytest.fixture
def suspicion(amal, ben):
    return DuplicateSuspicionFactory(known=known_case(ben), newer=known_case(amal))


def settle_url(case, suspicion):
    return reverse("cases:settle_suspicion", args=[case.reference, suspicion.pk])


def test_both_leads_settle_a_suspicion_without_seeing_the_other_file(browse, amal, ben, suspicion):
    page = browse(amal).get(settle_url(suspicion.newer, suspicion))
    assert str(ben) in page.text
    assert suspicion.known.reference not in page.text
    assert "Geheim" not in page.text

    browse(ben).post(settle_url(suspicion.known, suspicion), {"state": "different"})
    suspicion.refresh_from_db()
    assert (suspicion.state, suspicion.settled_by) == ("different", ben)
    for case in (suspicion.known, suspicion.newer):
        assert case.events.filter(step=Step.SETTLE_SUSPICION, after="different").exists()


def test_a_suspicion_settled_meanwhile_is_refused_with_a_sentence(browse, amal, ben, suspicion):
    browse(ben).post(settle_url(suspicion.known, suspicion), {"state": "same"})
    response = browse(amal).post(settle_url(suspicion.newer, suspicion), {"state": "different"})
    assert response.status_code == 409
    suspicion.refresh_from_db()
    assert suspicion.state == "same"


@pytest.mark.parametrize("state", ["", "open", "maybe"])
def test_a_suspicion_is_settled_as_same_or_different(browse, amal, suspicion, state):
    response = browse(amal).post(settle_url(suspicion.newer, suspicion), {"state": state})
    assert "state" in response.context["form"].errors


def test_a_suspicion_about_a_locked_address_does_not_exist_for_the_other_lead(
    browse, amal, ben, suspicion
):
    suspicion.known_lead_only = True
    suspicion.save()
    assert browse(amal).get(settle_url(suspicion.newer, suspicion)).status_code == 404
    browse(ben).post(settle_url(suspicion.known, suspicion), {"state": "same"})
    assert not suspicion.newer.events.filter(step=Step.SETTLE_SUSPICION).exists()


def test_a_suspicion_belongs_to_who_works_on_the_file(browse, chen, dora, amal, suspicion):
    assert browse(chen).get(settle_url(suspicion.newer, suspicion)).status_code == 404
    assert browse(dora).get(settle_url(suspicion.newer, suspicion)).status_code == 403
    other = CaseFactory(lead=amal)
    assert browse(amal).get(settle_url(other, suspicion)).status_code == 404


def test_settling_is_a_step_of_the_case(amal, ben, dora, suspicion):
    from cases.workflow.duplicates import settle_suspicion

    with pytest.raises(NotYours):
        settle_suspicion(suspicion, case=suspicion.newer, by=dora, state="same")
    settle_suspicion(suspicion, case=suspicion.newer, by=amal, state="same")
    with pytest.raises(Refusal):
        settle_suspicion(suspicion, case=suspicion.known, by=ben, state="same")


def test_a_person_alike_in_nothing_raises_no_suspicion(amal, ben):
    known_case(ben)
    assert raise_suspicions(CaseFactory(lead=amal), by=amal) == []
