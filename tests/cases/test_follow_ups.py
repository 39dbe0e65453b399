"""Nothing is forgotten: every open case has a next step with an owner and a date."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseEvent, FollowUp
from cases.workflow.deputies import add_team_member
from cases.workflow.follow_ups import (
    complete_follow_up,
    drop_follow_up,
    plan_follow_up,
    postpone_follow_up,
    undo_follow_up,
)
from cases.workflow.pauses import pause, resume
from kim_portal.errors import Refusal
from tests.at_once import at_once, on_postgresql
from tests.cases.factories import AccessFactory, CaseFactory, FollowUpFactory, in_days
from tests.client import shown_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


@pytest.fixture
def only(case):
    return FollowUp.objects.get(case=case)


def test_the_last_open_follow_up_ends_only_with_a_next_one(only, amal):
    for step in (complete_follow_up, drop_follow_up):
        with pytest.raises(Refusal):
            step(only, by=amal, note="fertig")
    assert FollowUp.objects.get().is_open

    complete_follow_up(only, by=amal, next_subject="Weiter", next_due_on=in_days(14))

    assert Case.objects.get().next_due == in_days(14)


def test_done_can_be_undone(case, only, amal):
    FollowUpFactory(case=case)
    complete_follow_up(only, by=amal)

    undo_follow_up(only, by=amal)

    only.refresh_from_db()
    assert only.is_open
    assert only.ended_by is None


def test_postponing_keeps_the_reason_out_of_the_trail(case, only, amal):
    postpone_follow_up(only, by=amal, due_on=in_days(30), because="Frau ist verreist")

    event = CaseEvent.objects.filter(case=case).latest("recorded_at")
    assert event.after == in_days(30).isoformat()
    assert "verreist" not in str(event.details)
    assert Case.objects.get().next_due == in_days(30)


def test_two_people_finishing_the_same_follow_up_finish_it_once(case, only, amal, dora):
    FollowUpFactory(case=case)
    add_team_member(case, by=amal, to=dora)
    stale = FollowUp.objects.get(pk=only.pk)
    complete_follow_up(only, by=amal)

    with pytest.raises(Refusal):
        complete_follow_up(stale, by=dora)

    assert FollowUp.objects.get(pk=only.pk).ended_by == amal


def test_nobody_is_responsible_who_could_not_see_it(case, amal, ben):
    with pytest.raises(Refusal):
        plan_follow_up(case, by=amal, subject="x", due_on=in_days(1), assignee=ben)


def test_nothing_moves_when_the_trail_cannot_be_written(only, amal, monkeypatch):
    def fail(**kwargs):
        raise IntegrityError

    monkeypatch.setattr(CaseEvent.objects, "create", fail)
    with pytest.raises(IntegrityError):
        postpone_follow_up(only, by=amal, due_on=in_days(30), because="x")

    only.refresh_from_db()
    assert only.due_on == in_days(7)


def test_a_second_postponement_in_between_is_said_and_the_reason_stays(browse, case, only, amal):
    url = reverse("cases:postpone_follow_up", args=[case.reference, only.pk])
    shown = browse(amal).get(url).context["form"]["seen"].value()
    postpone_follow_up(only, by=amal, due_on=in_days(30), because="verreist")
    typed = {"due_on": in_days(14).isoformat(), "because": "Mein Grund", "seen": shown}

    page = browse(amal).post(url, typed)

    assert page.status_code == 409
    assert f"{in_days(30):%d.%m.%Y}" in page.context["refusal"].sentence
    assert "Mein Grund" in page.text
    only.refresh_from_db()
    assert (only.due_on, only.times_postponed) == (in_days(30), 1)
    assert browse(amal).post(url, typed | shown_again(page)).status_code == 302


def test_a_follow_up_that_nobody_moved_is_postponed_from_the_page(browse, case, only, amal):
    url = reverse("cases:postpone_follow_up", args=[case.reference, only.pk])
    shown = re.search(r'name="seen" value="([^"]+)"', browse(amal).get(url).text)[1]
    typed = {"due_on": in_days(14).isoformat(), "because": "verreist", "seen": shown}

    assert browse(amal).post(url, typed).status_code == 302

    only.refresh_from_db()
    assert only.due_on == in_days(14)


def test_the_page_asks_for_the_next_one_where_none_would_be_left(browse, case, only, amal):
    url = reverse("cases:complete_follow_up", args=[case.reference, only.pk])

    page = browse(amal).post(url, {"note": "Hat geklappt"})

    assert "next_subject" in page.context["form"].errors
    assert "Hat geklappt" in page.text


def test_a_form_sent_twice_plans_one_follow_up(browse, case, amal):
    url = reverse("cases:plan_follow_up", args=[case.reference])
    typed = {
        "subject": "Anrufen",
        "due_on": in_days(3).isoformat(),
        "kind": "task",
        "assignee": amal.pk,
        "once_key": str(uuid4()),
    }

    first, second = browse(amal).post(url, typed), browse(amal).post(url, typed)

    assert first.url == second.url
    assert FollowUp.objects.filter(subject="Anrufen").count() == 1


def test_a_day_in_the_past_is_refused_beside_the_field(browse, case, amal):
    typed = {
        "subject": "<b>=1+1</b>",
        "due_on": "01.01.2020",
        "kind": "task",
        "assignee": amal.pk,
        "once_key": str(uuid4()),
    }

    page = browse(amal).post(reverse("cases:plan_follow_up", args=[case.reference]), typed)

    assert "due_on" in page.context["form"].errors
    assert "&lt;b&gt;=1+1&lt;/b&gt;" in page.text


def test_a_follow_up_of_another_case_does_not_exist_here(browse, case, amal):
    other = FollowUpFactory(case=CaseFactory(lead=amal))

    url = reverse("cases:complete_follow_up", args=[case.reference, other.pk])

    assert browse(amal).get(url).status_code == 404


def test_a_paused_case_comes_back_by_itself(case, amal):
    pause(case, by=amal, because="Kur", until=in_days(40))

    assert case.is_paused
    assert FollowUp.objects.get(ends_pause=True).due_on >= in_days(40)


@pytest.mark.parametrize("days", [0, -1, 91])
def test_a_pause_ends_after_today_and_within_ninety_days(case, amal, days):
    with pytest.raises(Refusal):
        pause(case, by=amal, because="Kur", until=in_days(days))


def test_a_pause_ended_early_takes_its_follow_up_along(case, only, amal):
    pause(case, by=amal, because="Kur", until=in_days(40))

    resume(case, by=amal)

    assert list(FollowUp.objects.open()) == [only]
    assert not Case.objects.get().is_paused


def test_finishing_the_follow_up_of_a_pause_ends_the_pause(case, amal, time_machine):
    pause(case, by=amal, because="Kur", until=in_days(40))
    time_machine.move_to(in_days(45))

    complete_follow_up(FollowUp.objects.get(ends_pause=True), by=amal)

    assert Case.objects.get().paused_until is None


def test_what_a_former_pause_left_open_does_not_end_the_next_one(amal):
    case = CaseFactory(lead=amal)
    pause(case, by=amal, because="Reise", until=in_days(5))
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        pause(case, by=amal, because="Kur", until=in_days(30))
        earlier = FollowUp.objects.filter(kind=FollowUp.Kind.REVIEW).earliest("pk")
        earlier.case = case

        complete_follow_up(earlier, by=amal)

        assert Case.objects.get(pk=case.pk).is_paused


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_who_finish_the_last_two_at_the_same_moment_one_is_asked_for_the_next(amal, dora):
    on_postgresql()
    for _ in range(4):
        case = CaseFactory(lead=amal)
        AccessFactory(case=case, staff_member=dora)
        FollowUpFactory(case=case)
        first, second = FollowUp.objects.filter(case=case)
        for one in (first, second):
            one.case = Case.objects.get(pk=case.pk)

        answers = at_once(
            lambda first=first: complete_follow_up(first, by=amal),
            lambda second=second: complete_follow_up(second, by=dora),
        )

        assert [type(answer) for answer in answers].count(Refusal) == 1, answers
        assert FollowUp.objects.filter(case=case).open().count() == 1
