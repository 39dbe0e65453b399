"""A case ends with a reason, leaves nothing hanging, and can begin again."""

from datetime import date

import pytest
from django.urls import reverse

from cases.models import (
    Case,
    CaseAccess,
    ClosingReason,
    Consent,
    FollowUp,
    Handover,
    Need,
    Referral,
)
from cases.workflow.closing import close, reopen
from cases.workflow.consents import revoke_consent
from cases.workflow.deputies import add_team_member
from kim_portal.errors import Refusal
from tests.cases.factories import (
    CaseFactory,
    FollowUpFactory,
    HandoverFactory,
    NeedFactory,
    ReferralFactory,
    UnmetReasonFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


@pytest.fixture
def reached(db):
    return ClosingReason.objects.get(code="ZIEL_ERREICHT")


def test_what_is_open_stands_against_closing(case, amal, reached):
    with pytest.raises(Refusal):
        close(case, by=amal, reason=reached, outcome="reached")

    assert Case.objects.get().is_active


def test_what_is_open_can_be_ended_with_the_case(case, amal, reached, dora):
    ReferralFactory(need__case=case)
    HandoverFactory(case=case, to_staff=dora)

    close(case, by=amal, reason=reached, outcome="reached", end_the_rest=True)

    assert not FollowUp.objects.open().exists()
    assert Referral.objects.get().state == Referral.State.WITHDRAWN
    assert Handover.objects.get().state == Handover.State.WITHDRAWN
    assert Case.objects.get().phase == "closed"


def test_a_legal_deadline_is_never_dropped_with_the_rest(case, amal, reached):
    FollowUpFactory(case=case, kind=FollowUp.Kind.LEGAL_DEADLINE)

    with pytest.raises(Refusal):
        close(case, by=amal, reason=reached, outcome="reached", end_the_rest=True)

    assert FollowUp.objects.open().count() == 2


def test_colleagues_lose_access_and_the_lead_reads_on(case, amal, dora, reached):
    add_team_member(case, by=amal, to=dora)

    close(case, by=amal, reason=reached, outcome="reached", end_the_rest=True)

    assert not Case.objects.visible_to(dora).exists()
    assert Case.objects.visible_to(amal).exists()
    assert CaseAccess.objects.current().get().staff_member == amal


def test_a_case_opened_by_mistake_closes_with_that_reason(browse, case, amal):
    typed = {
        "reason": "IRRTUM",
        "outcome": "not_applicable",
        "closed_on": in_days(0).isoformat(),
        "end_the_rest": "on",
    }

    browse(amal).post(reverse("cases:close", args=[case.reference]), typed)

    assert Case.objects.get().closing_reason_id == "IRRTUM"


@pytest.mark.parametrize("day", ["2020-01-01", "2199-01-01", "30.02.2026", ""])
def test_an_impossible_closing_day_gets_a_sentence_and_loses_nothing(browse, case, amal, day):
    typed = {
        "reason": "ZIEL_ERREICHT",
        "outcome": "reached",
        "closed_on": day,
        "note": "Bleibt stehen",
        "end_the_rest": "on",
    }

    page = browse(amal).post(reverse("cases:close", args=[case.reference]), typed)

    assert "closed_on" in page.context["form"].errors
    assert "Bleibt stehen" in page.text
    assert Case.objects.get().is_active


def test_after_revocation_everything_open_ends_with_the_case(case, amal):
    FollowUpFactory(case=case, kind=FollowUp.Kind.LEGAL_DEADLINE)
    revoke_consent(Consent.objects.get(case=case), by=amal)
    revoked = ClosingReason.objects.get(code=ClosingReason.CONSENT_REVOKED)

    close(case, by=amal, reason=revoked, outcome="not_applicable")

    assert Case.objects.get().closing_reason == revoked
    assert not FollowUp.objects.open().exists()


def test_reopening_asks_for_the_next_step_and_leads_to_monitoring(case, amal, reached):
    close(case, by=amal, reason=reached, outcome="reached", end_the_rest=True)

    reopen(case, by=amal, subject="Neu beginnen", due_on=in_days(3), because="Rückkehr")

    case.refresh_from_db()
    assert case.phase == "monitoring"
    assert case.next_due == in_days(3)
    assert case.closing_reason is None


def test_a_case_without_consent_reopens_only_with_a_new_one(case, amal):
    revoke_consent(Consent.objects.get(case=case), by=amal)
    revoked = ClosingReason.objects.get(code=ClosingReason.CONSENT_REVOKED)
    close(case, by=amal, reason=revoked, outcome="not_applicable")
    again = {"subject": "Neu beginnen", "due_on": in_days(3), "because": "Rückkehr"}

    with pytest.raises(Refusal):
        reopen(case, by=amal, **again)
    reopen(case, by=amal, consent_form="written", **again)

    assert Consent.objects.filter(case=case).valid().count() == 1


def test_after_the_retention_period_nothing_reopens(case, amal, reached, time_machine):
    close(case, by=amal, reason=reached, outcome="reached", end_the_rest=True)
    time_machine.move_to(date(case.reopens_until.year + 1, 1, 1))

    with pytest.raises(Refusal):
        reopen(case, by=amal, subject="x", due_on=date(2199, 1, 1), because="x")


def test_closing_twice_is_told_apart_from_closing_once(case, amal, reached):
    stale = Case.objects.get(pk=case.pk)
    close(case, by=amal, reason=reached, outcome="reached", end_the_rest=True)

    with pytest.raises(Refusal):
        close(stale, by=amal, reason=reached, outcome="reached", end_the_rest=True)


# --- The closing page -----------------------------------------------------------------------------


def test_open_needs_are_listed_with_what_becomes_of_them_and_do_not_stand_against_closing(
    browse, case, amal, reached
):
    NeedFactory(case=case, description="Wohnung suchen")
    NeedFactory(case=case, met=True, description="Kindergeld beantragen")
    url = reverse("cases:close", args=[case.reference])

    page = browse(amal).get(url)
    assert "Wohnung suchen" in page.text
    assert "Kindergeld beantragen" not in page.text

    typed = {"reason": reached.pk, "outcome": "partly", "closed_on": in_days(0).isoformat()}
    browse(amal).post(url, typed | {"end_the_rest": "on"})
    assert not Case.objects.get().is_active
    assert Need.objects.get(description="Wohnung suchen").is_open


@pytest.mark.parametrize("step", ["meet_need", "leave_need_unmet", "drop_need"])
def test_a_need_settled_from_the_closing_page_leads_back_to_it(browse, case, amal, step):
    need = NeedFactory(case=case)
    url = reverse("cases:close", args=[case.reference])
    settle = f"{reverse(f'cases:{step}', args=[case.reference, need.pk])}?next={url}"

    assert settle in browse(amal).get(url).text
    response = browse(amal).post(settle, {"reason": UnmetReasonFactory().pk})

    assert response.url == url


def test_what_is_finished_from_the_closing_page_leads_back_to_it(browse, case, amal):
    referral = ReferralFactory(need__case=case)
    url = reverse("cases:close", args=[case.reference])
    page = browse(amal).get(url)

    for step, pk in [
        ("complete_follow_up", FollowUp.objects.get().pk),
        ("update_referral", referral.pk),
    ]:
        assert f"{reverse(f'cases:{step}', args=[case.reference, pk])}?next={url}" in page.text


def test_what_stands_against_closing_is_said_before_everything_else(browse, case, amal, reached):
    typed = {"reason": reached.pk, "outcome": "partly", "closed_on": in_days(0).isoformat()}
    page = browse(amal).post(reverse("cases:close", args=[case.reference]), typed).text

    assert page.index('role="alert"') < page.index('id="open-title"')


def test_a_step_on_a_closed_case_is_refused_with_the_way_to_the_file(browse, case, amal, reached):
    close(case, by=amal, reason=reached, outcome="reached", end_the_rest=True)

    refused = browse(amal).get(reverse("cases:add_need", args=[case.reference]))

    assert refused.status_code == 409
    assert f'href="{case.get_absolute_url()}"' in refused.text


def test_a_field_that_was_left_out_is_asked_for_politely(browse, case, amal):
    page = browse(amal).post(reverse("cases:close", args=[case.reference]), {}).text

    assert "Bitte füllen Sie dieses Feld aus." in page
    assert "Bitte wählen Sie etwas aus." in page
    assert "zwingend" not in page


def test_after_revocation_the_closing_page_offers_no_step_that_is_not_left(browse, case, amal):
    need = NeedFactory(case=case, description="Wohnung suchen")
    revoke_consent(Consent.objects.get(case=case), by=amal)

    page = browse(amal).get(reverse("cases:close", args=[case.reference])).text

    assert "Wohnung suchen" in page
    assert reverse("cases:drop_need", args=[case.reference, need.pk]) not in page
    assert f"/cases/{case.reference}/follow-ups/" not in page
    assert "end_the_rest" not in page
