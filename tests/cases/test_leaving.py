"""Leaving needs no active case led; blocking always works."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import AnnouncedLeaving, Case, CaseEvent, FollowUp
from cases.workflow import assigning, leaving
from kim_portal.errors import NotYours, Refusal
from providers import accounts
from tests.cases.factories import AccessFactory, CaseFactory, FollowUpFactory

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


def test_nobody_leaves_while_leading_and_the_sentence_says_how_many(amal, adam):
    CaseFactory.create_batch(2, lead=amal)
    CaseFactory(lead=amal, closed=True)

    with pytest.raises(Refusal, match="2"):
        leaving.leave(amal, left_on=TODAY(), by=adam)

    amal.refresh_from_db()
    assert amal.left_on is None


def test_the_coordination_is_told_at_once_of_the_cases_of_somebody_leaving(amal, dora, adam, kora):
    case = CaseFactory(lead=amal)

    assert leaving.announce(amal, left_on=TODAY() + timedelta(days=20), by=adam)

    assert assigning.assignable(kora).get() == case
    assert amal not in assigning.candidates_of(case.provider)
    assigning.assign_lead(case, by=kora, to=dora)
    leaving.leave(amal, left_on=TODAY(), by=adam)
    amal.refresh_from_db()
    assert not amal.is_active
    assert not AnnouncedLeaving.objects.exists()


def test_who_leads_nothing_leaves_without_further_ado(amal, adam):
    leaving.leave(amal, left_on=TODAY(), by=adam)

    amal.refresh_from_db()
    assert amal.has_left


def test_only_the_administration_enters_a_last_day(amal, dora, kora):
    for person in (dora, kora):
        with pytest.raises(NotYours):
            leaving.leave(amal, left_on=TODAY(), by=person)


def test_blocking_works_at_once_and_shows_the_cases_to_the_coordination(amal, adam, kora):
    case = CaseFactory(lead=amal)

    accounts.block(amal, by=adam)

    assert assigning.assignable(kora).get() == case
    assert not Case.objects.visible_to(amal).exists()


def test_what_a_blocked_colleague_was_to_do_goes_to_the_leads(amal, dora, adam):
    case = CaseFactory(lead=amal)
    AccessFactory(case=case, staff_member=dora)
    theirs = FollowUpFactory(case=case, assignee=dora)
    own_case = CaseFactory(lead=dora)
    accounts.block(dora, by=adam)

    assert leaving.return_follow_ups(dora, by=adam) == 1

    theirs.refresh_from_db()
    assert theirs.assignee == amal
    assert FollowUp.objects.get(case=own_case).assignee == dora
    assert CaseEvent.objects.filter(case=case, step="return_follow_ups").exists()


# --- The administration's page ------------------------------------------------------------------


def account(person):
    return reverse("admin:providers_staffmember_change", args=[person.pk])


def filled(person, **changes):
    fields = ("username", "given_name", "family_name", "email", "phone")
    data = {name: getattr(person, name) for name in fields} | {"left_on": "", "sworn_on": ""}
    inline = {f"assignments-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    return data | inline | changes


def test_the_page_says_how_many_cases_stand_in_the_way(amal, adam, kora, browse):
    CaseFactory.create_batch(2, lead=amal)
    day = (TODAY() + timedelta(days=9)).isoformat()

    page = browse(adam).post(account(amal), filled(amal, left_on=day))

    assert page.status_code == 200
    assert "2" in str(page.context["adminform"].form.errors["left_on"])
    amal.refresh_from_db()
    assert amal.left_on is None
    assert assigning.assignable(kora).count() == 2


def test_the_rest_can_be_saved_while_the_announced_day_waits(amal, adam, browse):
    CaseFactory(lead=amal)
    day = TODAY() + timedelta(days=9)
    page = browse(adam)
    page.post(account(amal), filled(amal, left_on=day.isoformat()))
    assert day.isoformat() in page.get(account(amal)).text

    page.post(account(amal), filled(amal, left_on=day.isoformat(), email="amal@example.org"))

    amal.refresh_from_db()
    assert (amal.email, amal.left_on) == ("amal@example.org", None)
    assert AnnouncedLeaving.objects.get().left_on == day


def test_whoever_stays_after_all_leaves_the_coordinations_page(amal, adam, kora, browse):
    CaseFactory(lead=amal)
    leaving.announce(amal, left_on=TODAY() + timedelta(days=9), by=adam)

    browse(adam).post(account(amal), filled(amal))

    assert not assigning.assignable(kora).exists()


def test_the_day_is_entered_once_no_case_is_led(amal, dora, adam, kora, browse):
    case = CaseFactory(lead=amal)
    leaving.announce(amal, left_on=TODAY(), by=adam)
    assigning.assign_lead(case, by=kora, to=dora)

    browse(adam).post(account(amal), filled(amal, left_on=TODAY().isoformat()))

    amal.refresh_from_db()
    assert amal.has_left
    assert not AnnouncedLeaving.objects.exists()


def test_the_administration_blocks_at_once_and_sees_no_case(amal, dora, adam, kora, browse):
    case = CaseFactory(lead=amal, person__family_name="Ilieva")
    page = browse(adam)

    text = page.post(reverse("admin:block_login", args=[amal.pk]), follow=True).text

    amal.refresh_from_db()
    assert amal.is_blocked
    assert assigning.assignable(kora).get() == case
    assert case.reference not in text
    assert "Ilieva" not in text
    index = page.get(reverse("admin:index")).text
    assert "cases/case/" not in index
