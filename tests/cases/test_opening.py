"""Opening a case: on one page, in one transaction, once."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import (
    Case,
    CaseAccess,
    CaseEvent,
    Consent,
    DuplicateSuspicion,
    FollowUp,
    Need,
    Person,
    ReferenceCounter,
    Submission,
)
from cases.workflow.opening import first_due_on, open_case
from centers.models import Neighbourhood
from kim_portal.errors import NotYours, Refusal
from providers.models import LegalDomain
from tests.at_once import at_once, on_postgresql
from tests.cases.factories import CaseFactory, PersonFactory, in_days

pytestmark = pytest.mark.django_db

URL = reverse("cases:open")
BULGARIAN = "Александрина-Десислава Вълчанова-Хаджиниколова"
ARABIC = "عبد الرحمن محمد الحسيني"


def typed(**changes):
    """Return what a caseworker types: the least that opens a case, and `changes`."""
    fields = {
        "family_name": "Ilieva",
        "given_name": "Desislava",
        "birth_date": "24.12.1990",
        "birth_precision": "exact",
        "gender": "KA",
        "residence": "unknown",
        "concern": "Brief vom Jobcenter, den sie nicht versteht.",
        "intensity": "normal",
        "needs-TOTAL_FORMS": "1",
        "needs-INITIAL_FORMS": "0",
        "needs-0-legal_domain": "SGB2",
        "needs-0-description": "Bescheid prüfen",
        "needs-0-urgency": "normal",
        "consent_given_on": f"{timezone.localdate():%Y-%m-%d}",
        "consent_form": "written",
        "consent_explained": "on",
        "next_subject": "Nachfragen",
        "next_due_on": f"{in_days(14):%Y-%m-%d}",
        "once_key": str(uuid4()),
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def need(code="SGB2"):
    return Need(legal_domain=LegalDomain.objects.get(pk=code), description="Bescheid prüfen")


def nothing_is_kept():
    rows = (Case, Person, Need, Consent, FollowUp, CaseAccess, CaseEvent, ReferenceCounter)
    return not any(model.objects.exists() for model in (*rows, Submission, Person.history.model))


# --- The whole case ------------------------------------------------------------------------------


def test_a_case_is_opened_with_everything_that_belongs_to_it(browse, amal, dora):
    response = browse(amal).post(
        URL,
        typed(
            nationality="Bulgarien",
            languages=["bg", "tr"],
            counselling_language="tr",
            native_name=BULGARIAN,
            residence="202",
            street="Weseler Straße 1",
            deputy=dora.pk,
            **{
                "needs-TOTAL_FORMS": "2",
                "needs-1-legal_domain": "SCHULG",
                "needs-1-description": "Schulplatz finden",
                "needs-1-urgency": "acute",
            },
        ),
    )

    case = Case.objects.get()
    assert response.url == case.get_absolute_url()
    year = timezone.localdate().year
    assert case.reference == f"HAM-{year}-0001"
    assert (case.lead, case.deputy, case.provider) == (amal, dora, amal.employer)
    assert case.center.code == "HAM"
    assert (case.phase, case.opened_on) == ("clearing", timezone.localdate())
    assert case.sort_name == "Ilieva, Desislava"
    assert case.person.nationality_id == "125"
    assert case.person.city == "Duisburg"
    assert set(case.person.languages.values_list("pk", flat=True)) == {"bg", "tr"}
    assert set(case.needs.values_list("legal_domain", flat=True)) == {"SGB2", "SCHULG"}
    rows = set(case.access_rows.values_list("staff_member", "reason", "ends_at"))
    assert rows == {(amal.pk, AccessReason.LEAD, None), (dora.pk, AccessReason.DEPUTY, None)}
    consent = case.consents.get()
    assert (consent.kind, consent.is_valid, consent.explained) == ("file", True, True)
    follow_up = case.follow_ups.get()
    assert (follow_up.assignee, follow_up.due_on) == (amal, in_days(14))
    assert case.next_due_on == in_days(14)
    event = case.events.get()
    assert (event.step, event.after, event.actor) == (Step.OPEN, "clearing", amal)
    assert "Ilieva" not in str(event.details)


def test_the_numbers_of_a_center_follow_each_other(amal, chen):
    references = [
        open_case(
            by=by, person=PersonFactory.build(given_name=f"N{n}"), concern="–", needs=[need()]
        ).reference
        for n, by in enumerate([amal, amal, chen])
    ]
    year = timezone.localdate().year
    assert references == [f"HAM-{year}-0001", f"HAM-{year}-0002", f"RHE-{year}-0001"]


def test_a_form_sent_twice_opens_one_case(browse, amal):
    form = typed()
    client = browse(amal)

    first, second = client.post(URL, form), client.post(URL, form)

    assert Case.objects.count() == 1
    assert first.url == second.url == Case.objects.get().get_absolute_url()
    assert not CaseEvent.objects.filter(step=Step.HINT_DUPLICATE).exists()


def test_nothing_is_saved_when_the_event_cannot_be_written(browse, amal, monkeypatch):
    def fail(**kwargs):
        raise IntegrityError

    monkeypatch.setattr(CaseEvent.objects, "create", fail)
    with pytest.raises(IntegrityError):
        browse(amal).post(URL, typed())

    assert nothing_is_kept()


def test_a_case_begins_with_a_need_and_an_explained_consent(amal):
    words = {"by": amal, "person": PersonFactory.build(), "concern": "–"}
    with pytest.raises(Refusal):
        open_case(**words, needs=[])
    with pytest.raises(Refusal):
        open_case(**words, needs=[need()], consent_explained=False)
    assert nothing_is_kept()


def test_the_deputy_at_intake_works_for_the_same_provider(browse, amal, ben):
    response = browse(amal).post(URL, typed(deputy=ben.pk))
    assert response.status_code == 200
    assert "deputy" in response.context["form"].errors

    with pytest.raises(Refusal):
        open_case(by=amal, person=PersonFactory.build(), concern="–", needs=[need()], deputy=ben)
    assert nothing_is_kept()


@pytest.mark.parametrize("reader", ["kora", "adam"])
def test_only_caseworkers_open_cases(request, browse, reader):
    person = request.getfixturevalue(reader)
    assert browse(person).get(URL).status_code == 403
    assert browse(person).post(URL, typed()).status_code == 403
    with pytest.raises(NotYours):
        open_case(by=person, person=PersonFactory.build(), concern="–", needs=[need()])
    assert nothing_is_kept()


# --- Which center --------------------------------------------------------------------------------


def test_the_center_is_proposed_from_the_neighbourhood(browse, amal, rheinhausen):
    browse(amal).post(URL, typed(residence="601"))
    assert Neighbourhood.objects.get(pk="601").center == rheinhausen
    assert Case.objects.get().center == rheinhausen
    assert Case.objects.get().lead == amal


def test_a_caseworker_may_keep_their_own_center(browse, amal, hamborn):
    browse(amal).post(URL, typed(residence="601", center=hamborn.pk))
    assert Case.objects.get().center == hamborn


@pytest.mark.parametrize("residence", ["outside", "unknown"])
def test_elsewhere_is_counselled_where_the_person_turned_up(browse, chen, residence):
    browse(chen).post(URL, typed(residence=residence))
    case = Case.objects.get()
    assert case.center.code == "RHE"
    assert (case.person.whereabouts, case.person.neighbourhood) == (residence, None)


@time_machine.travel("2026-12-11 10:00:00+01:00")
def test_the_first_follow_up_skips_holidays_and_weekends():
    assert first_due_on() == date(2026, 12, 28)


# --- Bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("family_name", ""),
        ("family_name", "x" * 121),
        ("given_name", "   "),
        ("birth_date", ""),
        ("birth_date", "31.02.1990"),
        ("birth_date", "soon"),
        ("birth_date", "0001"),
        ("nationality", "Atlantis"),
        ("nationality", "Guinea-"),
        ("residence", "000"),
        ("residence", ""),
        ("phone", "ruf an"),
        ("email", "niemand"),
        ("concern", ""),
        ("concern", "x" * 2001),
        ("center", "999999"),
        ("access_route", "FALL"),
        ("intensity", "huge"),
        ("languages", ["xx"]),
        ("consent_explained", None),
        ("consent_given_on", "2199-01-01"),
        ("consent_given_on", "2026-02-30"),
        ("next_due_on", "2020-01-01"),
        ("next_subject", ""),
        ("once_key", "no-key"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_kept(browse, amal, field, value):
    if (field, value) == ("nationality", "Guinea-"):
        value = "Guin"  # Guinea, Guinea-Bissau, …
    form = typed(**{field: value})
    response = browse(amal).post(URL, form)

    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert "Brief vom Jobcenter" in response.text or field == "concern"
    assert nothing_is_kept()


def test_born_tomorrow_is_refused(browse, amal):
    tomorrow = timezone.localdate() + timedelta(days=1)
    response = browse(amal).post(URL, typed(birth_date=f"{tomorrow:%d.%m.%Y}"))
    assert "birth_date" in response.context["form"].errors
    assert nothing_is_kept()


@pytest.mark.parametrize("field", ["legal_domain", "description"])
def test_a_half_filled_need_is_refused_and_named_in_the_summary(browse, amal, field):
    response = browse(amal).post(URL, typed(**{f"needs-0-{field}": ""}))
    assert response.status_code == 200
    assert f'href="#id_needs-0-{field}"' in response.text
    assert nothing_is_kept()


def test_an_oral_consent_has_a_reason_and_covers_no_health_data(browse, amal):
    response = browse(amal).post(URL, typed(consent_form="oral", special_categories=["GESUNDHEIT"]))
    assert {"consent_oral_because", "consent_form"} <= set(response.context["form"].errors)
    assert nothing_is_kept()


@pytest.mark.parametrize(
    ("birth_date", "birth_precision", "stored"),
    [
        ("24.12.1990", "exact", (date(1990, 12, 24), "exact")),
        ("1990-12-24", "exact", (date(1990, 12, 24), "exact")),
        ("24.12.90", "exact", (date(1990, 12, 24), "exact")),
        ("24.12.55", "exact", (date(1955, 12, 24), "exact")),
        ("1990", "exact", (date(1990, 1, 1), "year")),
        ("24.12.1990", "year", (date(1990, 1, 1), "year")),
        ("01.01.1990", "estimated", (date(1990, 1, 1), "estimated")),
        ("", "unknown", (None, "unknown")),
    ],
)
def test_a_date_of_birth_may_be_half_known(browse, amal, birth_date, birth_precision, stored):
    browse(amal).post(URL, typed(birth_date=birth_date, birth_precision=birth_precision))
    person = Person.objects.get()
    assert (person.birth_date, person.birth_precision) == stored


def test_a_date_of_birth_cannot_be_known_and_unknown(browse, amal):
    response = browse(amal).post(URL, typed(birth_precision="unknown"))
    assert "birth_precision" in response.context["form"].errors


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=1+1", ARABIC, BULGARIAN, "O'Brien"]
)
def test_names_are_kept_as_written_and_shown_harmless(browse, amal, name):
    client = browse(amal)
    response = client.post(URL, typed(family_name=name, concern=""))
    assert "<script>alert" not in response.text

    client.post(URL, typed(family_name=name))
    assert Person.objects.get().family_name == name


@pytest.mark.parametrize("nationality", ["bulgarien", "Bulg", "125", " Bulgarien "])
def test_a_nationality_is_found_by_what_is_typed_of_it(browse, amal, nationality):
    browse(amal).post(URL, typed(nationality=nationality))
    assert Person.objects.get().nationality_id == "125"


def test_without_script_another_row_keeps_everything_and_judges_nothing(browse, amal):
    form = typed(family_name="", languages=["bg"], nationality="Bulg", more_needs="1")
    response = browse(amal).post(URL, form)

    assert response.status_code == 200
    again = response.context["form"]
    assert not again.is_bound
    assert response.text.count("data-kim-need-row") == 3  # two rows, and the pattern
    assert 'value="Bescheid prüfen"' in response.text
    assert 'value="Desislava"' in response.text
    assert 'value="Bulg"' in response.text
    assert form["once_key"] in response.text
    assert re.search(r'value="bg"[^>]*checked', response.text)
    assert nothing_is_kept()


def test_rows_left_empty_do_not_count(browse, amal):
    browse(amal).post(URL, typed(**{"needs-TOTAL_FORMS": "3", "needs-2-urgency": "normal"}))
    assert Need.objects.count() == 1


def test_the_page_says_how_to_help_without_a_file(browse, amal):
    page = browse(amal).get(URL)
    assert reverse("providers:directory") in page.text
    assert page["Cache-Control"] == "no-store"


def test_the_page_costs_a_fixed_number_of_queries(browse, amal, max_queries):
    CaseFactory.create_batch(3, lead=amal)
    client = browse(amal)
    client.get(URL)
    with max_queries(12):
        client.get(URL)


# --- A second case for a known person -------------------------------------------------------------


def test_the_same_person_gets_a_second_case_where_the_file_is_open(browse, amal):
    known = CaseFactory(
        lead=amal,
        person__family_name="Ilieva",
        person__given_name="Desislava",
        person__birth_date=date(1990, 12, 24),
    )
    client = browse(amal)
    page = client.post(URL, typed())
    assert f'value="{known.reference}"' in page.text

    client.post(URL, typed(same_person_as=known.reference))

    assert list(Case.objects.values_list("person", flat=True)) == [known.person_id] * 2
    assert not DuplicateSuspicion.objects.exists()


@pytest.mark.parametrize("reason", [None, AccessReason.HANDOVER])
def test_a_person_is_reused_only_by_who_reads_the_file_now(browse, amal, ben, reason):
    known = CaseFactory(lead=ben)
    if reason:
        CaseAccess.objects.create(
            case=known, staff_member=amal, provider=amal.employer, reason=reason, granted_by=ben
        )
    response = browse(amal).post(URL, typed(same_person_as=known.reference))
    assert response.status_code == 404
    with pytest.raises(NotYours):
        open_case(by=amal, person=known.person, concern="–", needs=[need()])
    assert Case.objects.count() == 1


# --- At the same moment --------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_form_arriving_twice_at_the_same_moment_opens_one_case(amal):
    on_postgresql()
    # Plain clients: the later arrival looks its key up twice, before and after it has waited.
    form, clients = typed(), [Client(), Client()]
    for client in clients:
        client.force_login(amal)

    answers = at_once(*[lambda client=client: client.post(URL, form) for client in clients])

    assert Case.objects.count() == 1
    assert {answer.url for answer in answers} == {Case.objects.get().get_absolute_url()}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_cases_opened_at_the_same_moment_get_numbers_of_their_own(amal, dora):
    on_postgresql()

    def opening(by):
        person = PersonFactory.build(given_name=by.given_name)
        return lambda: open_case(by=by, person=person, concern="–", needs=[need()]).reference

    # The first makes the counter; only from then on it is the lock that keeps two apart.
    references = [opening(amal)()]
    for _ in range(4):
        references += at_once(opening(amal), opening(dora))

    year = timezone.localdate().year
    assert sorted(references) == [f"HAM-{year}-{number:04}" for number in range(1, 10)]
