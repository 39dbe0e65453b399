"""Needs: added in a legal domain, met, left unmet with a reason, dropped, taken up again."""

from uuid import uuid4

import pytest
from django.urls import reverse

from cases.access import Step
from cases.models import CaseEvent, Need, Referral
from cases.workflow import needs
from kim_portal.errors import NotYours, Refusal
from providers.models import LegalDomain
from tests.cases.factories import CaseFactory, NeedFactory, ReferralFactory, UnmetReasonFactory
from tests.providers.factories import LegalDomainFactory


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


@pytest.fixture
def need(case):
    return NeedFactory(case=case)


def address(name, need):
    return reverse(f"cases:{name}", args=[need.case.reference, need.pk])


def test_a_need_is_added_in_a_legal_domain(case, amal, browse):
    domain = LegalDomain.objects.current().first()
    url = reverse("cases:add_need", args=[case.reference])
    form = browse(amal).get(url, {"legal_domain": domain.pk}).context["form"]
    assert form["legal_domain"].value() == domain.pk
    data = {
        "once_key": uuid4(),
        "legal_domain": domain.pk,
        "description": "Wohngeld beantragen",
        "urgency": "acute",
    }
    first, second = browse(amal).post(url, data), browse(amal).post(url, data)
    need = Need.objects.get(case=case)
    assert first.url == second.url == f"{case.get_absolute_url()}#need-{need.pk}"
    event = CaseEvent.objects.get(case=case, step=Step.ADD_NEED)
    assert event.details["legal_domain"] == domain.pk
    assert "Wohngeld" not in str(event.details)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", ""),
        ("description", "x" * 301),
        ("legal_domain", ""),
        ("legal_domain", "KEIN_GESETZ"),
        ("urgency", "sofort"),
        ("life_area", "NIRGENDS"),
    ],
)
def test_bad_input_stays_in_the_form(case, amal, browse, field, value):
    domain = LegalDomain.objects.current().first()
    data = {
        "once_key": uuid4(),
        "legal_domain": domain.pk,
        "description": "Etwas",
        "urgency": "normal",
    } | {field: value}
    response = browse(amal).post(reverse("cases:add_need", args=[case.reference]), data)
    assert field in response.context["form"].errors
    assert not Need.objects.exists()


def test_a_law_no_longer_in_force_cannot_be_chosen(case, amal, browse):
    old = LegalDomainFactory(code="ALT", valid_until="2020-12-31")
    response = browse(amal).get(reverse("cases:add_need", args=[case.reference]))
    assert old not in response.context["form"].fields["legal_domain"].queryset


def test_one_press_meets_a_need(need, amal, browse):
    assert browse(amal).post(address("meet_need", need)).status_code == 302
    need.refresh_from_db()
    assert (need.state, need.settled_on is not None) == (Need.State.MET, True)


def test_an_unmet_need_says_why(need, amal, browse):
    client = browse(amal)
    response = client.post(address("leave_need_unmet", need), {})
    assert "reason" in response.context["form"].errors
    reason = UnmetReasonFactory()
    assert client.post(address("leave_need_unmet", need), {"reason": reason.pk}).status_code == 302
    need.refresh_from_db()
    assert (need.state, need.unmet_reason) == (Need.State.UNMET, reason)
    event = CaseEvent.objects.get(step=Step.LEAVE_NEED_UNMET)
    assert event.details["reason"] == reason.pk


def test_a_need_is_dropped_and_taken_up_again(need, amal, browse):
    browse(amal).post(address("drop_need", need))
    need.refresh_from_db()
    assert need.state == Need.State.DROPPED
    browse(amal).post(address("resume_need", need))
    need.refresh_from_db()
    assert (need.state, need.settled_on) == (Need.State.OPEN, None)


def test_a_need_taken_up_again_forgets_its_reason(need, amal):
    needs.leave_need_unmet(need, by=amal, reason=UnmetReasonFactory())
    needs.resume_need(need, by=amal)
    need.refresh_from_db()
    assert need.unmet_reason is None


def test_a_need_with_a_running_referral_is_in_progress_again(need, amal):
    ReferralFactory(need=need)
    needs.drop_need(need, by=amal)
    needs.resume_need(need, by=amal)
    assert need.state == Need.State.IN_PROGRESS


@pytest.mark.parametrize(
    ("settle", "words", "end"),
    [
        (needs.meet_need, {}, Referral.State.SUCCEEDED),
        (needs.leave_need_unmet, {"reason": "KAPAZITAET"}, Referral.State.FAILED),
        (needs.drop_need, {}, Referral.State.WITHDRAWN),
    ],
)
def test_running_referrals_end_with_the_need_if_asked_for(need, amal, settle, words, end):
    running, declined = (
        ReferralFactory(need=need),
        ReferralFactory(need=need, state="declined", refusal_reason=UnmetReasonFactory()),
    )
    draft = ReferralFactory(need=need, state=Referral.State.DRAFT)
    if words:
        words = {"reason": UnmetReasonFactory()}
    settle(need, by=amal, end_referrals=True, **words)
    for referral in (running, declined, draft):
        referral.refresh_from_db()
    assert running.state == end
    assert declined.state == Referral.State.DECLINED
    assert draft.state == Referral.State.WITHDRAWN


def test_running_referrals_go_on_unless_asked_for(need, amal):
    referral = ReferralFactory(need=need)
    needs.meet_need(need, by=amal)
    referral.refresh_from_db()
    assert referral.is_open


def test_a_settled_need_is_overtaken_by_events(need, amal, browse):
    needs.meet_need(need, by=amal)
    stale = Need.objects.get(pk=need.pk)
    stale.state = Need.State.OPEN
    with pytest.raises(Refusal):
        needs.drop_need(stale, by=amal)
    assert browse(amal).post(address("drop_need", need)).status_code == 409
    with pytest.raises(Refusal):
        needs.resume_need(NeedFactory(case=need.case), by=amal)


def test_a_closed_case_takes_no_needs(amal, browse):
    case = CaseFactory(lead=amal, closed=True)
    need = NeedFactory(case=case)
    with pytest.raises(Refusal):
        needs.meet_need(need, by=amal)
    assert browse(amal).get(address("meet_need", need)).status_code == 409


def test_others_find_no_need(need, dora, chen, browse):
    with pytest.raises(NotYours):
        needs.meet_need(need, by=dora)
    assert browse(dora).post(address("meet_need", need)).status_code == 403
    assert browse(chen).post(address("meet_need", need)).status_code == 404


def test_a_need_of_another_case_does_not_exist_here(need, amal, browse):
    other = NeedFactory(case=CaseFactory(lead=amal))
    url = reverse("cases:meet_need", args=[need.case.reference, other.pk])
    assert browse(amal).post(url).status_code == 404


def test_nothing_changes_when_the_trail_cannot_be_written(need, amal, monkeypatch):
    def fail(**kwargs):
        raise RuntimeError

    monkeypatch.setattr(CaseEvent.objects, "create", fail)
    with pytest.raises(RuntimeError):
        needs.meet_need(need, by=amal)
    assert Need.objects.get(pk=need.pk).state == Need.State.OPEN
