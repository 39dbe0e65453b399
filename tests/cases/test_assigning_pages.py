"""The coordination's pages: cases without an able lead, and offers that nobody answered."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Handover
from cases.workflow import assigning
from tests.cases.factories import (
    CaseFactory,
    HandoverFactory,
)
from tests.providers.factories import CaseworkerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(
        lead=amal,
        person__given_name="Jelena",
        person__family_name="Ilieva",
        concern="Frau Ilieva ist umgezogen.",
        follow_up__subject="Frau Ilieva anrufen",
    )


def url(step, case, *more):
    return reverse(f"cases:{step}", args=[case.reference, *more])


# --- The coordination ---------------------------------------------------------------------------


@pytest.fixture
def orphan(case, amal):
    amal.blocked_at = timezone.now()
    amal.save()
    return case


def group_of(case):
    return f"{case.lead_id}-{case.provider_id}"


def test_the_coordination_sees_cases_to_assign_and_no_names_of_clients(orphan, dora, kora, browse):
    text = browse(kora).get(reverse("cases:without_lead")).text

    assert orphan.reference in text
    assert "Amal Haddad" in text
    assert "Dora Petrović" in text
    assert "Ilieva" not in text


def test_all_of_one_leads_cases_go_to_one_person_but_for_one(orphan, amal, dora, drk, kora):
    third = CaseworkerFactory(employer=drk)
    other = CaseFactory(lead=amal)
    group = group_of(orphan)

    # Django's own client: this one form takes one step after the other, row by row.
    page = Client()
    page.force_login(kora)
    page.post(
        reverse("cases:without_lead"),
        {
            "group": group,
            f"g{group}-everything": dora.pk,
            f"g{group}-{other.reference}": third.pk,
        },
    )

    assert Case.objects.get(pk=orphan.pk).lead == dora
    assert Case.objects.get(pk=other.pk).lead == third


def test_naming_somebody_of_another_provider_is_not_called_assigning(
    orphan, amal, chen, kora, browse
):
    page, prefix = browse(kora), f"g{group_of(orphan)}"
    assert page.get(reverse("cases:without_lead")).context["groups"][0].names_somebody

    response = page.post(
        reverse("cases:without_lead"),
        {"group": group_of(orphan), f"{prefix}-everything": chen.pk},
        follow=True,
    )

    orphan.refresh_from_db()
    assert orphan.lead == amal
    assert "Für 1 Fall ist jetzt eine Person benannt." in response.text
    assert "zugewiesen." not in response.text


def test_nobody_chosen_and_strangers_chosen_are_refused(orphan, dora, ben, kora, browse):
    group = group_of(orphan)
    page = browse(kora)

    for typed in ({}, {f"g{group}-everything": ben.pk}, {f"g{group}-everything": "x"}):
        response = page.post(reverse("cases:without_lead"), {"group": group, **typed})
        assert response.status_code == 200
        assert response.context["groups"][0].form.errors
    assert Case.objects.get().lead_id == orphan.lead_id


def test_one_case_is_assigned_on_its_own_page(orphan, dora, kora, browse):
    page = browse(kora)
    assert "Dora" in page.get(url("assign_lead", orphan)).text

    assert page.post(url("assign_lead", orphan), {"to": dora.pk}).status_code == 302
    assert Case.objects.get().lead == dora


def test_an_overdue_offer_is_listed_and_sent_back(case, dora, kora, browse):
    HandoverFactory(
        case=case, to_staff=dora, answer_due_on=timezone.localdate() - timedelta(days=1)
    )
    page = browse(kora)
    assert url("send_back", case) in page.get(reverse("cases:without_lead")).text

    page.post(url("send_back", case), {"because": "Niemand hat geantwortet."})

    assert Handover.objects.get().state == Handover.State.WITHDRAWN


def test_only_the_coordination_assigns(orphan, dora, adam, browse):
    for person in (dora, adam):
        assert browse(person).get(reverse("cases:without_lead")).status_code == 403
    assert browse(dora).get(url("assign_lead", orphan)).status_code == 403
    assert browse(adam).get(url("assign_lead", orphan)).status_code == 404


def test_the_page_costs_a_fixed_number_of_queries(amal, dora, kora, drk, browse, max_queries):
    for _ in range(20):
        CaseFactory(lead=amal)
        CaseworkerFactory(employer=drk)
    amal.blocked_at = timezone.now()
    amal.save()
    page = browse(kora)

    with max_queries(12):
        page.get(reverse("cases:without_lead"))


def test_whoever_is_named_sees_reference_and_phone_and_nothing_else(case, amal, chen, kora, browse):
    case.person.phone = "+493023125017"
    case.person.save()
    amal.blocked_at = timezone.now()
    amal.save()
    assigning.name_for_consent(case, by=kora, to=chen)
    page = browse(chen)

    for text in (page.get(url("sheet", case)).text, page.get(reverse("cases:handovers")).text):
        assert case.reference in text
        assert "030 23125017" in text
        for secret in ("Ilieva", "Jelena", "Amal Haddad", "umgezogen"):
            assert secret not in text
    assert page.get(url("accept_handover", case)).status_code == 404

    response = page.post(
        url("obtain_consent", case),
        {
            "form": "written",
            "valid_until": (timezone.localdate() + timedelta(days=300)).isoformat(),
            "explained": "on",
            "once_key": "5b4d3c9e-0a53-4f0e-9a50-0c6f4a4f7f12",
        },
    )
    assert response.url == url("sheet", case)
    assert "Jelena Ilieva" in page.get(url("sheet", case)).text
    assert page.post(url("accept_handover", case)).url == url("detail", case)
