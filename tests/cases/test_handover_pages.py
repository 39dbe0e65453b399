"""The pages of a handover: what each of them shows, to whom, and when it no longer does."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, FollowUp, Handover, HandoverReason, Need
from cases.workflow import handover as workflow
from cases.workflow import handover_sheet
from tests.cases.factories import (
    CaseFactory,
    ConsentFactory,
    FollowUpFactory,
    HandoverFactory,
    NeedFactory,
    ReferralFactory,
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


def filled(receiver, /, **changes):
    kind = "team" if hasattr(receiver, "slug") else "person"
    return {
        "receiver": f"{kind}-{receiver.pk}",
        "reason": HandoverReason.objects.first().pk,
        "client_told_on": timezone.localdate().isoformat(),
        "situation": "Der Antrag läuft.",
        "agreements": "",
        "risks": "",
        "not_worked": "",
        "once_key": "5b4d3c9e-0a53-4f0e-9a50-0c6f4a4f7f10",
        **changes,
    }


# --- The offer ----------------------------------------------------------------------------------


def test_the_sheet_is_filled_from_the_file_without_the_name(case):
    need = NeedFactory(case=case, description="Bürgergeld")
    NeedFactory(case=case, description="Kita", unmet=True)

    draft = handover_sheet.draft(case, handover_sheet.live_sheet(Handover(case=case)))

    assert "Frau … ist umgezogen." in draft["situation"]
    assert f"{need.legal_domain.short_name}: Bürgergeld" in draft["situation"]
    assert "Kita" in draft["not_worked"]
    assert "Ilieva" not in str(draft)


def test_the_lead_offers_a_case_in_one_form(case, amal, dora, browse):
    page = browse(amal)

    assert "Frau … ist umgezogen." in page.get(url("hand_over", case)).text
    response = page.post(url("hand_over", case), filled(dora))

    assert response.url == url("sheet", case)
    assert Handover.objects.get().to_staff == dora


def test_the_same_form_sent_twice_offers_once(case, amal, dora, browse):
    page = browse(amal)
    first = page.post(url("hand_over", case), filled(dora))
    second = page.post(url("hand_over", case), filled(dora))

    assert first.url == second.url
    assert Handover.objects.count() == 1


def test_a_missing_consent_is_named_and_everything_typed_stays(case, amal, ben, browse):
    response = browse(amal).post(url("hand_over", case), filled(ben))

    assert response.status_code == 409
    assert "AWO" in response.text
    assert url("give_consent", case) in response.text
    assert "Der Antrag läuft." in response.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"receiver": ""},
        {"receiver": "person-999999"},
        {"receiver": "team-<script>"},
        {"reason": "NICHTS"},
        {"client_told_on": "31.02.2026"},
        {"client_told_on": "2199-01-01"},
        {"situation": ""},
        {"situation": "x" * 1501},
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(case, amal, dora, browse, wrong):
    response = browse(amal).post(url("hand_over", case), filled(dora, **wrong))

    assert response.status_code == 200
    assert list(response.context["form"].errors) == list(wrong)
    assert not Handover.objects.exists()


def test_a_text_for_a_team_may_not_name_the_person(case, amal, dora, hamborn, browse):
    page = browse(amal)
    named = {"situation": "Frau ilieva wartet."}

    response = page.post(url("hand_over", case), filled(hamborn, **named))
    assert "situation" in response.context["form"].errors

    assert page.post(url("hand_over", case), filled(dora, **named)).status_code == 302


def test_an_open_offer_is_tracked_or_withdrawn_instead_of_a_second_one(case, amal, dora, browse):
    HandoverFactory(case=case, to_staff=dora)
    page = browse(amal).get(url("hand_over", case))

    assert url("sheet", case) in page.text
    assert url("withdraw_handover", case) in page.text
    assert "once_key" not in page.text


def test_a_stranger_finds_no_offer_and_a_colleague_may_not_make_one(case, chen, dora, browse):
    assert browse(chen).get(url("hand_over", case)).status_code == 404
    assert browse(dora).get(url("hand_over", case)).status_code == 403


# --- The sheet ----------------------------------------------------------------------------------


def test_a_team_reads_the_sheet_without_name_birth_date_or_free_text(
    case, chen, rheinhausen, grafschafter, browse
):
    ConsentFactory(case=case, recipients=[grafschafter])
    HandoverFactory(case=case, to_center=rheinhausen, situation="Zwei Kinder.")

    page = browse(chen).get(url("sheet", case))

    assert page.status_code == 200
    assert "Zwei Kinder." in page.text
    assert "Ilieva" not in page.text
    assert case.person.birth_date.strftime("%d.%m.%Y") not in page.text
    assert browse(chen).get(url("detail", case)).text.count("Ilieva") == 0


def test_considering_a_case_shows_name_and_birth_date(
    case, chen, rheinhausen, grafschafter, browse
):
    ConsentFactory(case=case, recipients=[grafschafter])
    HandoverFactory(case=case, to_center=rheinhausen)
    page = browse(chen)

    assert page.post(url("review_handover", case)).url == url("sheet", case)

    text = page.get(url("sheet", case)).text
    assert "Jelena Ilieva" in text
    assert case.person.birth_date.strftime("%d.%m.%Y") in text


def test_an_offer_to_a_person_shows_the_name_at_once(case, dora, browse):
    HandoverFactory(case=case, to_staff=dora)

    assert "Jelena Ilieva" in browse(dora).get(url("sheet", case)).text


def test_the_dates_on_the_sheet_are_those_of_the_file(case, dora, browse):
    HandoverFactory(case=case, to_staff=dora)
    referral = ReferralFactory(need=NeedFactory(case=case))
    FollowUpFactory(case=case, subject="Frist beim Jobcenter", recorded_at=timezone.now())

    text = browse(dora).get(url("sheet", case)).text

    assert "Frist beim Jobcenter" in text
    assert referral.target in text


def test_the_sheet_is_gone_when_the_consent_ends(case, chen, grafschafter, browse):
    today = timezone.localdate()
    ConsentFactory(case=case, recipients=[grafschafter], valid_until=today)
    HandoverFactory(case=case, to_staff=chen)
    assert browse(chen).get(url("sheet", case)).status_code == 200

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        page = browse(chen).get(url("sheet", case))
    assert page.status_code == 403
    assert "Ilieva" not in page.text


def test_nobody_else_reads_the_sheet(case, dora, ben, chen, kora, adam, browse):
    HandoverFactory(case=case, to_staff=dora)

    assert browse(ben).get(url("sheet", case)).status_code == 403
    assert browse(chen).get(url("sheet", case)).status_code == 404
    assert browse(kora).get(url("sheet", case)).status_code == 403
    assert browse(adam).get(url("sheet", case)).status_code == 404


def test_question_and_answer_stand_on_the_sheet(case, amal, dora, browse):
    handover = HandoverFactory(case=case, to_staff=dora)
    browse(dora).post(
        url("ask_back", case),
        {"question": "Bis wann?", "once_key": "5b4d3c9e-0a53-4f0e-9a50-0c6f4a4f7f11"},
    )
    question = handover.questions.get()
    answering = url("answer_question", case, question.pk)
    assert answering in browse(amal).get(url("sheet", case)).text

    browse(amal).post(answering, {"answer": "Bis Freitag."})

    assert "Bis Freitag." in browse(dora).get(url("sheet", case)).text
    assert browse(dora).post(answering, {"answer": "Nein."}).status_code == 403


def test_a_question_of_another_offer_cannot_be_answered_by_its_number(case, amal, dora, browse):
    HandoverFactory(case=case, to_staff=dora)
    other = HandoverFactory(case=CaseFactory(lead=amal), to_staff=dora)
    workflow.ask_back(other, by=dora, question="Anderswo?")

    page = browse(amal).get(url("answer_question", case, other.questions.get().pk))

    assert page.status_code == 404


# --- The answers --------------------------------------------------------------------------------


def test_accepting_leads_to_the_file_and_sent_twice_does_no_harm(case, dora, browse):
    HandoverFactory(case=case, to_staff=dora)
    page = browse(dora)
    assert page.get(url("accept_handover", case)).status_code == 200

    assert page.post(url("accept_handover", case)).url == url("detail", case)
    assert Case.objects.get().lead == dora
    assert FollowUp.objects.get().assignee == dora
    assert page.post(url("accept_handover", case)).url == url("detail", case)


def test_whoever_comes_second_reads_who_was_first(case, dora, drk, hamborn, browse):
    second = CaseworkerFactory(employer=drk, center=hamborn)
    handover = HandoverFactory(case=case, to_center=hamborn)
    workflow.accept_handover(handover, by=dora)

    response = browse(second).post(url("accept_handover", case))

    assert response.status_code == 409
    assert "Dora Petrović" in response.text


def test_declining_asks_for_the_reason(case, dora, browse):
    HandoverFactory(case=case, to_staff=dora)
    page = browse(dora)

    assert "because" in page.post(url("decline_handover", case), {}).context["form"].errors
    assert page.post(url("decline_handover", case), {"because": "Befangen."}).status_code == 302
    assert Handover.objects.get().state == Handover.State.DECLINED


def test_a_sheet_amended_in_another_window_is_not_overwritten(case, amal, dora, browse):
    handover = HandoverFactory(case=case, to_staff=dora)
    page = browse(amal)
    shown = page.get(url("amend_handover", case)).context["form"].initial["version"]
    workflow.amend_handover(handover, by=amal, situation="Neu.")

    response = page.post(
        url("amend_handover", case), {"situation": "Alt ergänzt.", "version": shown}
    )

    assert response.status_code == 409
    assert "Alt ergänzt." in response.text
    shown = page.get(url("amend_handover", case)).context["form"].initial["version"]
    fresh = {"situation": "Ganz neu.", "version": shown}
    assert page.post(url("amend_handover", case), fresh).status_code == 302


# --- The list -----------------------------------------------------------------------------------


def test_the_list_shows_what_waits_without_any_name(case, dora, hamborn, browse):
    HandoverFactory(case=case, to_center=hamborn)

    text = browse(dora).get(reverse("cases:handovers")).text

    assert case.reference in text
    assert "Ilieva" not in text


def test_the_list_reminds_on_day_five_and_is_overdue_after_day_seven(case, dora, browse):
    HandoverFactory(case=case, to_staff=dora)
    chips = {0: "hourglass", 5: "chip-warn", 8: "row-overdue"}

    for days, mark in chips.items():
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
            text = browse(dora).get(reverse("cases:handovers")).text
        if days:
            assert mark in text
        else:
            assert "chip-warn" not in text


def test_each_sees_their_own_tabs(case, amal, dora, ben, browse):
    handover = HandoverFactory(case=case, to_staff=dora)
    lists = reverse("cases:handovers")

    assert case.reference in browse(amal).get(lists, {"show": "outgoing"}).text
    assert case.reference not in browse(amal).get(lists).text
    assert case.reference not in browse(ben).get(lists).text
    workflow.decline_handover(handover, by=dora, because="Keine Zeit.")
    for person, sees in ((amal, True), (dora, True), (ben, False)):
        text = browse(person).get(lists, {"show": "answered"}).text
        assert (case.reference in text) is sees


@pytest.mark.parametrize("show", ["incoming", "outgoing", "answered"])
def test_the_list_costs_twelve_queries_at_most(amal, dora, browse, max_queries, show):
    for _ in range(30):
        HandoverFactory(case=CaseFactory(lead=amal), to_staff=dora)
        HandoverFactory(case=CaseFactory(lead=dora), to_staff=amal)
        done = HandoverFactory(case=CaseFactory(lead=amal), to_staff=dora)
        workflow.withdraw_handover(done, by=amal)
    page = browse(amal)

    with max_queries(12):
        response = page.get(reverse("cases:handovers"), {"show": show})
    assert len(response.context["page"]) == 25
    assert (
        page.get(f"{reverse('cases:handovers')}{response.context['page'].next_query}")
        .context["page"]
        .rows
    )


def test_a_sheet_costs_a_fixed_number_of_queries(case, amal, dora, browse, max_queries):
    handover = HandoverFactory(case=case, to_staff=dora)
    for number in range(12):
        need = NeedFactory(case=case)
        ReferralFactory(need=need)
        FollowUpFactory(case=case, need=need)
        workflow.ask_back(handover, by=dora, question=f"Frage {number}?")
    assert Need.objects.count() == 12

    for person in (amal, dora):
        page = browse(person)
        with max_queries(12):
            page.get(url("sheet", case))


def test_the_file_holds_what_the_list_shows_and_no_name(case, dora, hamborn, browse):
    HandoverFactory(case=case, to_center=hamborn)

    content = browse(dora).get(reverse("cases:export_handovers")).content.decode()

    assert case.reference in content
    assert "Ilieva" not in content
