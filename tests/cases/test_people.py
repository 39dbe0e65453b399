"""Correcting personal data: with history, with a name that follows everywhere, never unseen."""

from datetime import date

import pytest
from django.db import IntegrityError
from django.urls import reverse

from cases.access import AccessReason, Step
from cases.forms.people import CorrectPersonForm
from cases.models import CaseEvent, Person
from cases.workflow.people import changes_between, version_of, versions_of
from tests.cases.factories import AccessFactory, CaseFactory, ConsentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(
        lead=amal,
        person__family_name="Ilieva",
        person__given_name="Desislava",
        person__birth_date=date(1990, 12, 24),
        person__whereabouts="neighbourhood",
        person__neighbourhood_id="202",
    )


def url_of(case):
    return reverse("cases:correct_person", args=[case.reference])


def shown(client, case, **changes):
    """Return the form as the page shows it, with `changes` typed into it."""
    form = client.get(url_of(case)).context["form"]
    fields = {name: form[name].value() for name in form.fields}
    fields = {name: value for name, value in fields.items() if value not in (None, False, "")}
    return fields | changes


def test_a_correction_is_saved_and_its_history_says_who_changed_what(browse, amal, case):
    client = browse(amal)
    client.post(url_of(case), shown(client, case, family_name="Iliewa", languages=["bg", "tr"]))

    person = Person.objects.get()
    assert person.family_name == "Iliewa"
    (change,) = changes_between(versions_of(person))
    assert change.by == amal
    assert {(line.before, line.after) for line in change.lines} == {
        ("Ilieva", "Iliewa"),
        ("", "bg, tr"),
    }
    page = client.get(url_of(case))
    for said in ("Ilieva", "Bulgarisch, Türkisch", str(amal)):
        assert said in page.text


def test_the_event_names_fields_and_never_values(browse, amal, case):
    client = browse(amal)
    client.post(url_of(case), shown(client, case, family_name="Iliewa", phone="030 23125001"))
    event = case.events.get(step=Step.CORRECT_PERSON)
    assert event.details == {"fields": ["family_name", "phone"]}


def test_a_new_name_reaches_every_case_of_the_person(browse, amal, ben, case):
    other = CaseFactory(lead=ben, person=case.person)
    closed = CaseFactory(lead=ben, person=case.person, closed=True)
    client = browse(amal)
    client.post(url_of(case), shown(client, case, family_name="Iliewa"))

    for one in (case, other, closed):
        one.refresh_from_db()
        assert one.sort_name == "Iliewa, Desislava"
        assert one.events.filter(step=Step.CORRECT_PERSON, actor=amal).count() == 1


def test_what_somebody_else_saved_meanwhile_is_not_lost_unseen(browse, amal, dora, case):
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.DEPUTY)
    mine, theirs = browse(amal), browse(dora)
    form = shown(mine, case, street="Meine Straße 1")
    changes = {"street": "Ihre Straße 2", "phone": "030 23125007", "languages": ["ar", "ku"]}
    theirs.post(url_of(case), shown(theirs, case, nationality="Syrien", **changes))

    response = mine.post(url_of(case), form)

    assert response.status_code == 409
    assert str(dora) in response.text
    assert "Meine Straße 1" in response.text
    assert "Ihre Straße 2" in response.text  # in the history below
    assert Person.objects.get().street == "Ihre Straße 2"

    shown_again = response.context["form"]
    again = {name: shown_again[name].value() for name in shown_again.fields}
    again = {name: value for name, value in again.items() if value not in (None, False, "")}
    assert mine.post(url_of(case), again).status_code == 302
    person = Person.objects.get()
    assert person.street == "Meine Straße 1"
    assert (person.phone, person.nationality_id) == ("+493023125007", "475")
    assert set(person.languages.values_list("pk", flat=True)) == {"ar", "ku"}


def test_saving_without_a_change_adds_no_history(browse, amal, case):
    client = browse(amal)
    before = version_of(case.person)
    assert client.post(url_of(case), shown(client, case)).status_code == 302
    assert version_of(case.person) == before


def test_a_new_neighbourhood_of_another_center_proposes_a_handover(browse, amal, case):
    client = browse(amal)
    response = client.post(url_of(case), shown(client, case, residence="601"))
    sentences = [str(message) for message in client.get(response.url).context["messages"]] or []
    assert any(reverse("cases:hand_over", args=[case.reference]) in one for one in sentences)
    assert not any("Ilieva" in one for one in sentences)


def test_a_neighbourhood_of_the_same_center_proposes_nothing(browse, amal, case):
    client = browse(amal)
    response = client.post(url_of(case), shown(client, case, residence="203"))
    assert len(client.get(response.url).context["messages"]) == 1


def test_who_only_knows_of_the_case_corrects_nothing(browse, ben, chen, kora, case):
    assert browse(ben).get(url_of(case)).status_code == 403
    assert browse(kora).get(url_of(case)).status_code == 403
    assert browse(chen).get(url_of(case)).status_code == 404


@pytest.mark.parametrize("reason", [AccessReason.TEAM, AccessReason.HANDOVER])
def test_reading_the_file_is_not_correcting_it(browse, dora, case, reason):
    AccessFactory(case=case, staff_member=dora, reason=reason)
    client = browse(dora)
    assert client.get(url_of(case)).status_code == 403
    assert client.post(url_of(case), {}).status_code == 403


def test_after_the_consent_is_revoked_nothing_is_corrected(browse, amal):
    case = CaseFactory(lead=amal, consent=False)
    ConsentFactory(case=case, kind="file", revoked=True)
    assert browse(amal).get(url_of(case)).status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("family_name", ""),
        ("family_name", "x" * 121),
        ("birth_date", "01.01.2199"),
        ("birth_date", "31.02.1990"),
        ("birth_date", ""),
        ("nationality", "Atlantis"),
        ("phone", "12"),
        ("residence", "999"),
        ("residence_valid_until", "2026-13-01"),
        ("version", "x"),
    ],
)
def test_what_cannot_be_is_refused_and_kept(browse, amal, case, field, value):
    client = browse(amal)
    response = client.post(url_of(case), shown(client, case, street="Neu 1") | {field: value})
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert "Neu 1" in response.text
    assert Person.objects.get().street == ""


def test_nothing_is_saved_when_the_event_cannot_be_written(browse, amal, case, monkeypatch):
    client = browse(amal)
    form = shown(client, case, family_name="Iliewa", languages=["bg"])

    def fail(**kwargs):
        raise IntegrityError

    monkeypatch.setattr(CaseEvent.objects, "create", fail)
    with pytest.raises(IntegrityError):
        client.post(url_of(case), form)

    person = Person.objects.get()
    assert person.family_name == "Ilieva"
    assert not person.languages.exists()
    assert not changes_between(versions_of(person))


def test_a_year_that_alone_is_known_is_shown_as_a_year(case):
    case.person.birth_date, case.person.birth_precision = date(1990, 1, 1), "year"
    case.person.save()
    form = CorrectPersonForm(instance=case.person, version=1)
    assert form["birth_date"].value() == "1990"


def test_the_page_costs_a_fixed_number_of_queries(browse, amal, case, max_queries):
    client = browse(amal)
    for street in "abcdefgh":
        case.person.street = street
        case.person.save()
    client.get(url_of(case))
    with max_queries(12):
        client.get(url_of(case))
