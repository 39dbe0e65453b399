"""Struck through with a reason, never gone: contacts, needs and consents."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import CaseEvent, Consent, Contact, Referral
from cases.workflow.corrections import strike
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ConsentFactory,
    ContactFactory,
    NeedFactory,
    ReferralFactory,
)


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


def address(record, kind):
    return reverse("cases:strike", args=[record.case.reference, kind, record.pk])


@pytest.mark.parametrize(
    ("kind", "factory"),
    [("contact", ContactFactory), ("need", NeedFactory), ("consent", ConsentFactory)],
)
def test_an_entry_is_struck_through_and_stays(kind, factory, case, amal, browse):
    words = {"kind": Consent.Kind.INTERPRETING} if kind == "consent" else {}
    record = factory(case=case, **words)
    client = browse(amal)
    assert client.get(address(record, kind)).status_code == 200
    response = client.post(address(record, kind), {"because": "Gehört in eine andere Akte"})
    assert response.status_code == 302
    record.refresh_from_db()
    assert record.struck_because == "Gehört in eine andere Akte"
    assert record.struck_by == amal
    event = CaseEvent.objects.get(case=case, step=Step.STRIKE)
    assert (event.subject_kind, event.subject_id) == (kind, record.pk)
    text = client.get(case.get_absolute_url()).text
    assert "Gehört in eine andere Akte" in text


def test_a_reason_is_asked_for(case, amal, browse):
    contact = ContactFactory(case=case)
    for because in ("", "x" * 301):
        response = browse(amal).post(address(contact, "contact"), {"because": because})
        assert "because" in response.context["form"].errors
    contact.refresh_from_db()
    assert contact.struck_at is None


def test_author_and_lead_strike_and_nobody_else(case, amal, ben, dora, browse):
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.TEAM)
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.DEPUTY)
    own = ContactFactory(case=case, recorded_by=ben)
    with pytest.raises(NotYours):
        strike(own, by=dora, because="…")
    assert browse(dora).get(address(own, "contact")).status_code == 403
    strike(own, by=ben, because="Falscher Fall")
    other = ContactFactory(case=case, recorded_by=ben)
    strike(other, by=amal, because="Falscher Fall")


def test_another_ones_personal_note_cannot_even_be_named(case, amal, ben, browse):
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.TEAM)
    note = ContactFactory(case=case, recorded_by=ben, note_class=Contact.NoteClass.PERSONAL)
    assert browse(amal).get(address(note, "contact")).status_code == 404


def test_what_is_struck_is_not_struck_again(case, amal, browse):
    contact = ContactFactory(case=case)
    strike(contact, by=amal, because="Doppelt")
    response = browse(amal).post(address(contact, "contact"), {"because": "Noch einmal"})
    assert response.status_code == 409
    contact.refresh_from_db()
    assert contact.struck_because == "Doppelt"


def test_the_only_consent_to_keep_a_file_stays(case, amal, browse):
    consent = Consent.objects.get(case=case, kind=Consent.Kind.FILE)
    response = browse(amal).post(address(consent, "consent"), {"because": "Falsches Datum"})
    assert response.status_code == 409
    assert reverse("cases:give_consent", args=[case.reference]) in response.text
    ConsentFactory(case=case, kind=Consent.Kind.FILE)
    strike(consent, by=amal, because="Falsches Datum")
    assert Consent.objects.filter(case=case, kind="file").valid().count() == 1


def test_a_consent_that_opens_the_file_is_revoked_first(case, amal, chen):
    consent = ConsentFactory(case=case, recipients=[chen.employer])
    with pytest.raises(Refusal) as refusal:
        strike(consent, by=amal, because="Falsche Akte")
    assert "revoke" in refusal.value.links[0][1]
    consent.revoked_at, consent.revoked_by = timezone.now(), amal
    consent.save()
    strike(consent, by=amal, because="Falsche Akte")


def test_a_consent_under_a_running_referral_stays(case, amal):
    consent = ConsentFactory(case=case, kind=Consent.Kind.DISCLOSURE)
    referral = ReferralFactory(need=NeedFactory(case=case), consent=consent)
    with pytest.raises(Refusal):
        strike(consent, by=amal, because="Falsche Akte")
    referral.state = Referral.State.WITHDRAWN
    referral.save()
    strike(consent, by=amal, because="Falsche Akte")


def test_a_need_with_a_running_referral_stays(case, amal):
    need = NeedFactory(case=case)
    referral = ReferralFactory(need=need)
    with pytest.raises(Refusal):
        strike(need, by=amal, because="Falsche Akte")
    referral.state = Referral.State.SUCCEEDED
    referral.save()
    strike(need, by=amal, because="Falsche Akte")


def test_also_on_a_closed_case(amal):
    case = CaseFactory(lead=amal, closed=True)
    strike(ContactFactory(case=case), by=amal, because="Falsche Akte")


def test_no_other_kind_and_no_other_case(case, amal, browse):
    contact = ContactFactory(case=CaseFactory(lead=amal))
    client = browse(amal)
    for kind, pk in (("contact", contact.pk), ("event", 1), ("contact", 999_999)):
        url = reverse("cases:strike", args=[case.reference, kind, pk])
        assert client.get(url).status_code == 404
