"""Referrals: sent under a consent, answered along one table of states, and followed up."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cases.access import Step
from cases.models import CaseEvent, Consent, FollowUp, Need, Referral
from cases.workflow import referrals
from cases.workflow.referrals import NEXT_STATES
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import (
    CaseFactory,
    ConsentFactory,
    NeedFactory,
    ReferralFactory,
    UnmetReasonFactory,
    in_days,
)
from tests.client import shown_again
from tests.providers.factories import LanguageFactory, LegalDomainFactory, ServiceFactory

State = Referral.State


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


@pytest.fixture
def need(case):
    return NeedFactory(case=case)


@pytest.fixture
def service(need):
    service = ServiceFactory()
    service.legal_domains.add(need.legal_domain)
    return service


# --- The table of states --------------------------------------------------------------------------


def test_every_state_stands_in_the_table():
    assert set(NEXT_STATES) == set(State)
    assert len(State) == 13


def test_only_ends_lead_nowhere():
    assert {state for state, following in NEXT_STATES.items() if not following} == Referral.ENDED


def test_every_state_can_be_reached_and_every_open_one_can_be_ended():
    reached, new = {State.DRAFT}, {State.DRAFT}
    while new:
        new = {after for state in new for after in NEXT_STATES[state]} - reached
        reached |= new
    assert reached == set(State)
    for state in set(State) - Referral.ENDED:
        assert State.WITHDRAWN in NEXT_STATES[state]


@given(path=st.lists(st.sampled_from(State), max_size=12))
def test_the_table_is_what_the_step_allows(path):
    """Whatever states are recorded one after another, those beside the table are refused."""
    present = State.DRAFT
    for after in path:
        allowed = present not in Referral.ENDED and (
            after == present or after in NEXT_STATES[present]
        )
        try:
            referrals._check_transition(present, after)
        except Refusal:
            assert not allowed
        else:
            assert allowed
            present = after


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_the_stored_row_follows_the_table(before, after, need, amal):
    reason = UnmetReasonFactory()
    referral = ReferralFactory(need=need, state=before, refusal_reason=reason)
    allowed = before not in Referral.ENDED and (after == before or after in NEXT_STATES[before])
    words = {"state": after, "refusal_reason": reason}
    if allowed:
        referrals.update_referral(referral, by=amal, **words)
    else:
        with pytest.raises(Refusal):
            referrals.update_referral(referral, by=amal, **words)
    assert Referral.objects.get(pk=referral.pk).state == (after if allowed else before)


# --- Referring ------------------------------------------------------------------------------------


def test_a_referral_takes_the_need_in_hand_and_comes_back(need, service, amal):
    referral = referrals.refer(
        need,
        by=amal,
        kind=Referral.Kind.SELF_REFERRAL,
        service=service,
        follow_up_on=in_days(14),
        follow_up_subject="Nachfragen",
        assignee=amal,
    )
    need.refresh_from_db()
    assert need.state == Need.State.IN_PROGRESS
    assert (referral.state, referral.sent_on) == (State.REQUESTED, timezone.localdate())
    follow_up = FollowUp.objects.get(referral=referral)
    assert (follow_up.assignee, follow_up.due_on, follow_up.need) == (amal, in_days(14), need)
    assert CaseEvent.objects.filter(case=need.case).exclude(step=Step.OPEN).count() == 1


@pytest.mark.parametrize("kind", Referral.Kind)
def test_kinds_that_send_data_need_a_consent_for_the_recipient(kind, need, service, amal):
    def refer():
        return referrals.refer(need, by=amal, kind=kind, service=service)

    if kind not in Referral.SENDS_DATA:
        assert refer().consent is None
        return
    with pytest.raises(Refusal, match=service.provider.short_name) as refusal:
        refer()
    assert reverse("cases:give_consent", args=[need.case.reference]) in refusal.value.links[0][1]
    need.refresh_from_db()
    assert need.state == Need.State.OPEN
    consent = ConsentFactory(
        case=need.case, kind=Consent.Kind.DISCLOSURE, recipients=[service.provider]
    )
    assert refer().consent == consent


@pytest.mark.parametrize(
    "words",
    [
        {"kind": Consent.Kind.FILE},
        {"valid_from": in_days(-20), "valid_until": in_days(-1)},
        {"valid_from": in_days(1)},
        {"revoked": True},
        {"struck_at": timezone.now()},
    ],
)
def test_a_consent_that_does_not_hold_opens_nothing(words, need, service, amal):
    words = {"kind": Consent.Kind.DISCLOSURE} | words
    ConsentFactory(case=need.case, recipients=[service.provider], **words)
    with pytest.raises(Refusal):
        referrals.refer(need, by=amal, kind=Referral.Kind.ARRANGED, service=service)


def test_a_consent_of_another_case_or_for_another_provider_does_not_count(need, service, amal):
    kind = Consent.Kind.DISCLOSURE
    ConsentFactory(case=CaseFactory(lead=amal), kind=kind, recipients=[service.provider])
    ConsentFactory(case=need.case, kind=kind, recipients=[ServiceFactory().provider])
    with pytest.raises(Refusal):
        referrals.refer(need, by=amal, kind=Referral.Kind.ARRANGED, service=service)


def test_a_place_outside_the_directory_needs_a_consent_that_names_it(need, amal):
    words = {"kind": Referral.Kind.ARRANGED, "target": "Praxis am Park"}
    with pytest.raises(Refusal, match="Praxis am Park"):
        referrals.refer(need, by=amal, **words)
    ConsentFactory(case=need.case, kind=Consent.Kind.DISCLOSURE, other_recipient="Praxis am Park")
    assert referrals.refer(need, by=amal, **words).consent is not None


def test_a_draft_needs_its_consent_when_it_is_sent(need, service, amal):
    referral = referrals.refer(
        need, by=amal, kind=Referral.Kind.ARRANGED, service=service, is_draft=True
    )
    assert (referral.state, referral.sent_on) == (State.DRAFT, None)
    with pytest.raises(Refusal):
        referrals.update_referral(referral, by=amal, state=State.REQUESTED)
    ConsentFactory(case=need.case, kind=Consent.Kind.DISCLOSURE, recipients=[service.provider])
    referrals.update_referral(referral, by=amal, state=State.REQUESTED)
    assert referral.consent is not None
    assert referral.sent_on == timezone.localdate()


def test_the_form_lists_fitting_services_first(need, service, amal, browse):
    bulgarian = LanguageFactory(code="bg")
    need.case.person.counselling_language = bulgarian
    need.case.person.save()
    service.languages.add(bulgarian)
    other = ServiceFactory(name="Aaa", waiting_weeks=0)
    other.legal_domains.add(need.legal_domain)
    other.languages.add(LanguageFactory(code="so"))
    elsewhere = ServiceFactory()
    elsewhere.legal_domains.add(LegalDomainFactory(code="ANDERES"))
    response = browse(amal).get(reverse("cases:refer", args=[need.case.reference, need.pk]))
    assert response.text.count('name="once_key"') == 1
    groups = response.context["form"].fields["service"].choices
    listed = [pk for group in groups if group[0] for pk, _label in group[1]]
    assert listed.index(service.pk) < listed.index(other.pk)
    assert elsewhere.pk not in listed


def send(browse, who, need, **words):
    data = {
        "once_key": uuid4(),
        "kind": "self_referral",
        "target": "Bürgerbüro",
        "follow_up_subject": "Nachfragen",
        "follow_up_on": in_days(14).isoformat(),
    } | words
    url = reverse("cases:refer", args=[need.case.reference, need.pk])
    return browse(who).post(url, data)


def test_a_form_sent_twice_refers_once(need, amal, browse):
    key = uuid4()
    first, second = (send(browse, amal, need, once_key=key, assignee=amal.pk) for _ in range(2))
    assert first.url == second.url
    assert Referral.objects.count() == 1
    assert FollowUp.objects.filter(referral__isnull=False).count() == 1


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("service", {"target": ""}),
        ("service", {"service": "999999"}),
        ("target", {"target": "x" * 201}),
        ("kind", {"kind": "brieftaube"}),
        ("follow_up_on", {"follow_up_on": "2020-01-01"}),
        ("appointment_at", {"appointment_at": "gestern"}),
        ("assignee", {"assignee": "999999"}),
    ],
)
def test_bad_input_stays_in_the_form(need, amal, browse, field, words):
    response = send(browse, amal, need, **words)
    assert field in response.context["form"].errors
    assert not Referral.objects.exists()


def test_a_service_and_another_place_are_not_both_taken(need, service, amal, browse):
    response = send(browse, amal, need, service=service.pk)
    assert "target" in response.context["form"].errors


def test_a_missing_consent_is_named_and_what_was_typed_stays(need, service, amal, browse):
    response = send(browse, amal, need, service=service.pk, target="", kind="arranged")
    assert response.status_code == 409
    assert service.provider.short_name in response.text
    assert reverse("cases:give_consent", args=[need.case.reference]) in response.text
    assert not Referral.objects.exists()


def test_a_settled_need_is_not_referred(amal, case, browse):
    need = NeedFactory(case=case, met=True)
    assert send(browse, amal, need, assignee=amal.pk).status_code == 409


# --- Answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.DECLINED, State.FAILED])
def test_a_refusal_can_leave_the_need_unmet_for_the_same_reason_in_one_go(state, need, amal):
    referral, reason = ReferralFactory(need=need), UnmetReasonFactory()
    if state == State.FAILED:
        referral.state = State.RUNNING
        referral.save()
    referrals.update_referral(
        referral, by=amal, state=state, refusal_reason=reason, settle_the_need=True
    )
    need.refresh_from_db()
    assert (need.state, need.unmet_reason) == (Need.State.UNMET, reason)
    event = CaseEvent.objects.get(step=Step.UPDATE_REFERRAL)
    assert event.details["need_is_now"] == Need.State.UNMET


def test_success_can_meet_the_need(need, amal):
    referral = ReferralFactory(need=need)
    referrals.update_referral(referral, by=amal, state=State.SUCCEEDED, settle_the_need=True)
    need.refresh_from_db()
    assert need.state == Need.State.MET


def test_a_refusal_alone_leaves_the_need_as_it_is(need, amal):
    referral = ReferralFactory(need=need)
    referrals.update_referral(
        referral, by=amal, state=State.DECLINED, refusal_reason=UnmetReasonFactory()
    )
    need.refresh_from_db()
    assert need.is_open


def test_a_refusal_says_why(need, amal, browse):
    referral = ReferralFactory(need=need)
    with pytest.raises(Refusal):
        referrals.update_referral(referral, by=amal, state=State.DECLINED)
    url = reverse("cases:update_referral", args=[need.case.reference, referral.pk])
    response = browse(amal).post(url, {"state": "declined", "seen": "requested"})
    assert "refusal_reason" in response.context["form"].errors


def test_an_answer_and_a_new_day_to_ask(need, amal, browse):
    referral = ReferralFactory(need=need)
    url = reverse("cases:update_referral", args=[need.case.reference, referral.pk])
    assert 'name="seen"' in browse(amal).get(url).text
    data = {
        "state": "waiting_list",
        "seen": "requested",
        "answered_on": timezone.localdate().strftime("%d.%m.%Y"),
        "follow_up_on": in_days(30).isoformat(),
    }
    assert browse(amal).post(url, data).status_code == 302
    referral.refresh_from_db()
    assert (referral.state, referral.answered_on) == (State.WAITING_LIST, timezone.localdate())
    assert FollowUp.objects.filter(referral=referral, due_on=in_days(30)).exists()


def test_an_answer_to_a_referral_that_changed_meanwhile_is_refused(need, amal, browse):
    referral = ReferralFactory(need=need)
    url = reverse("cases:update_referral", args=[need.case.reference, referral.pk])
    referrals.update_referral(referral, by=amal, state=State.ACCEPTED)
    typed = {"state": "running", "seen": "requested", "outcome": "Mein Satz"}
    response = browse(amal).post(url, typed)
    assert response.status_code == 409
    assert "Mein Satz" in response.text
    assert browse(amal).post(url, typed | shown_again(response)).status_code == 302


@pytest.mark.parametrize("day", [in_days(1), in_days(-400)])
def test_an_answer_lies_between_the_referral_and_today(day, need, amal, browse):
    referral = ReferralFactory(need=need)
    url = reverse("cases:update_referral", args=[need.case.reference, referral.pk])
    data = {"state": "accepted", "seen": "requested", "answered_on": day.isoformat()}
    assert "answered_on" in browse(amal).post(url, data).context["form"].errors


def test_nobody_else_refers_or_answers(need, dora, chen, browse):
    referral = ReferralFactory(need=need)
    with pytest.raises(NotYours):
        referrals.update_referral(referral, by=dora, state=State.ACCEPTED)
    url = reverse("cases:update_referral", args=[need.case.reference, referral.pk])
    assert browse(dora).get(url).status_code == 403
    assert browse(chen).get(url).status_code == 404
