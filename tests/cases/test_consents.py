"""Consents open doors; revocation closes them at once."""

import html
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from cases.access import AccessReason
from cases.models import Case, CaseAccess, Consent, FollowUp, Handover, HandoverReason
from cases.workflow.consents import give_consent, revoke_consent
from cases.workflow.contacts import record_contact
from cases.workflow.deputies import add_team_member, name_deputy
from kim_portal.errors import Refusal
from tests.cases.factories import (
    CaseFactory,
    ConsentFactory,
    ContactSettingFactory,
    FollowUpFactory,
    HandoverFactory,
    NeedFactory,
    in_days,
)
from tests.providers.factories import ServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


@pytest.fixture
def transfer(case, awo):
    return ConsentFactory(case=case, recipients=[awo])


def test_a_consent_counts_for_its_own_case_alone(case, amal, ben, transfer):
    other = CaseFactory(lead=amal)

    with pytest.raises(Refusal):
        add_team_member(other, by=amal, to=ben)

    add_team_member(case, by=amal, to=ben)
    assert list(Case.objects.visible_to(ben)) == [case]


def test_access_under_a_consent_ends_with_it(case, amal, ben, awo, time_machine):
    ConsentFactory(case=case, recipients=[awo], valid_until=in_days(10))
    add_team_member(case, by=amal, to=ben)

    time_machine.move_to(timezone.now() + timedelta(days=10))
    assert Case.objects.visible_to(ben).exists()
    time_machine.move_to(timezone.now() + timedelta(days=1))
    assert not Case.objects.visible_to(ben).exists()


def test_revoking_the_transfer_consent_ends_every_other_provider_s_access_at_once(
    case, amal, ben, dora, awo, transfer
):
    name_deputy(case, by=amal, to=ben)
    add_team_member(case, by=amal, to=dora)
    follow_up = FollowUpFactory(case=case, assignee=ben)

    revoke_consent(transfer, by=amal)

    assert not Case.objects.visible_to(ben).exists()
    assert Case.objects.visible_to(dora).exists()
    assert Case.objects.visible_to(amal).exists()
    case.refresh_from_db()
    follow_up.refresh_from_db()
    assert case.deputy is None
    assert follow_up.assignee == amal


def test_revoking_withdraws_the_open_offer_and_plans_to_tell_the_recipients(
    case, amal, ben, transfer
):
    HandoverFactory(case=case, to_staff=ben)
    assert Case.objects.offered_to(ben).exists()

    revoke_consent(transfer, by=amal)

    assert not Case.objects.offered_to(ben).exists()
    assert Handover.objects.get().state == Handover.State.WITHDRAWN
    assert FollowUp.objects.filter(case=case).count() == 2


@pytest.mark.parametrize(
    ("revoked_on", "told_on"),
    [("2026-06-10", date(2026, 6, 15)), ("2026-12-22", date(2026, 12, 28))],
    ids=["before a weekend", "before Christmas"],
)
def test_the_recipients_are_to_be_told_on_a_working_day(revoked_on, told_on, amal, awo):
    with time_machine.travel(f"{revoked_on} 09:00:00Z", tick=False):
        case = CaseFactory(lead=amal)
        revoke_consent(ConsentFactory(case=case, recipients=[awo]), by=amal)

        assert FollowUp.objects.filter(case=case, due_on=told_on).count() == 1


def test_without_the_consent_to_keep_a_file_only_closing_is_left(browse, case, amal):
    revoke_consent(Consent.objects.get(case=case), by=amal)

    with pytest.raises(Refusal):
        record_contact(
            case,
            by=amal,
            happened_at=timezone.now(),
            minutes=15,
            setting=ContactSettingFactory(),
            note="x",
        )
    assert browse(amal).get(reverse("cases:close", args=[case.reference])).status_code == 200
    assert browse(amal).get(reverse("cases:add_need", args=[case.reference])).status_code == 409


def test_two_revocations_of_one_consent_are_one(case, amal, transfer):
    stale = Consent.objects.get(pk=transfer.pk)
    revoke_consent(transfer, by=amal)

    with pytest.raises(Refusal):
        revoke_consent(stale, by=amal)


def test_a_consent_is_recorded_on_the_page(browse, case, amal, awo):
    typed = {
        "kind": "transfer",
        "recipients": [awo.pk],
        "valid_from": timezone.localdate().strftime("%d.%m.%Y"),
        "valid_until": "",
        "form": "written",
        "explained": "on",
        "once_key": "6f1f1d52-53a1-4d0c-8c5e-2f5f4b1d2a11",
    }
    url = reverse("cases:give_consent", args=[case.reference])

    browse(amal).post(url, typed)
    browse(amal).post(url, typed)

    consent = Consent.objects.get(case=case, kind="transfer")
    assert list(consent.recipients.all()) == [awo]
    assert consent.recorded_by == amal


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"recipients": []}, "recipients"),
        ({"valid_from": "31.02.2026"}, "valid_from"),
        ({"valid_from": "01.01.2199"}, "valid_from"),
        ({"valid_until": "01.01.2001"}, "valid_until"),
        ({"form": "oral"}, "oral_because"),
        ({"kind": "everything"}, "kind"),
        ({"explained": ""}, "explained"),
    ],
)
def test_a_wrong_consent_form_says_what_is_wrong_beside_the_field(
    browse, case, amal, awo, wrong, field
):
    typed = {
        "kind": "transfer",
        "recipients": [awo.pk],
        "valid_from": timezone.localdate().isoformat(),
        "form": "written",
        "explained": "on",
        "once_key": "6f1f1d52-53a1-4d0c-8c5e-2f5f4b1d2a12",
    }

    page = browse(amal).post(reverse("cases:give_consent", args=[case.reference]), typed | wrong)

    assert page.status_code == 200
    assert field in page.context["form"].errors
    assert not Consent.objects.filter(kind="transfer").exists()


def test_a_consent_that_ends_before_it_begins_is_refused_without_a_form_too(case, amal):
    with pytest.raises(ValidationError):
        give_consent(
            case,
            by=amal,
            kind="transfer",
            valid_from=in_days(5),
            valid_until=in_days(1),
        )
    assert CaseAccess.objects.filter(reason=AccessReason.LEAD).count() == 1


# --- There and back -------------------------------------------------------------------------------


def recorded(provider, /, **changes):
    return {
        "kind": "transfer",
        "recipients": [provider.pk],
        "valid_from": timezone.localdate().isoformat(),
        "form": "written",
        "explained": "on",
        "once_key": "6f1f1d52-53a1-4d0c-8c5e-2f5f4b1d2a12",
        **changes,
    }


def link_to_the_consent(response):
    links = re.findall(r'href="([^"]*/consents/new/[^"]*next=[^"]*)"', response.text)
    return html.unescape(links[0])


def test_a_consent_missed_at_the_handover_leads_back_to_what_was_typed(
    browse, case, amal, ben, awo
):
    page, hand_over = browse(amal), reverse("cases:hand_over", args=[case.reference])
    typed = {"receiver": f"person-{ben.pk}", "situation": "Der Antrag läuft."}
    typed |= {"reason": HandoverReason.objects.first().pk, "once_key": str(uuid4())}
    refused = page.post(hand_over, typed | {"client_told_on": timezone.localdate().isoformat()})

    consent = link_to_the_consent(refused)
    assert f'href="{hand_over}"' in page.get(consent).text, "giving up leads back, too"
    response = page.post(consent, recorded(awo), follow=True)

    assert response.redirect_chain == [(hand_over, 302)]
    form = response.context["form"]
    assert (form["situation"].value(), form["receiver"].value()) == (
        "Der Antrag läuft.",
        f"person-{ben.pk}",
    )


def test_a_consent_recorded_before_the_offer_is_complete_leads_back_without_complaint(
    browse, case, amal, ben, awo
):
    page, hand_over = browse(amal), reverse("cases:hand_over", args=[case.reference])
    half = {"receiver": f"person-{ben.pk}", "situation": "Halb fertig", "consent_first": "on"}

    consent = page.post(hand_over, half)
    assert consent.status_code == 302
    assert list(page.get(consent.url).context["form"]["recipients"].value()) == [awo.pk]
    response = page.post(consent.url, recorded(awo), follow=True)

    assert response.redirect_chain == [(hand_over, 302)]
    assert "Halb fertig" in response.text
    assert 'role="alert"' not in response.text
    assert "is-invalid" not in response.text


def test_a_consent_missed_at_a_referral_leads_back_to_what_was_typed(browse, case, amal):
    need = NeedFactory(case=case)
    service = ServiceFactory()
    service.legal_domains.add(need.legal_domain)
    page, refer = browse(amal), reverse("cases:refer", args=[case.reference, need.pk])
    typed = {"service": service.pk, "kind": "arranged", "once_key": str(uuid4())}
    refused = page.post(
        f"{refer}?everything=1", typed | {"follow_up_subject": "Fragen, ob es geht"}
    )

    response = page.post(
        link_to_the_consent(refused),
        recorded(service.provider, kind="disclosure"),
        follow=True,
    )

    assert response.redirect_chain == [(f"{refer}?everything=1", 302)]
    assert "Fragen, ob es geht" in response.text


def test_what_was_sent_after_all_is_not_given_back_later(browse, case, amal, ben, dora):
    page, hand_over = browse(amal), reverse("cases:hand_over", args=[case.reference])
    typed = {"situation": "Der Antrag läuft.", "reason": HandoverReason.objects.first().pk}
    typed |= {"client_told_on": timezone.localdate().isoformat(), "once_key": str(uuid4())}
    assert page.post(hand_over, typed | {"receiver": f"person-{ben.pk}"}).status_code == 409
    assert page.post(hand_over, typed | {"receiver": f"person-{dora.pk}"}).status_code == 302

    assert not page.get(hand_over).context["form"].is_bound


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "javascript:1"])
def test_the_way_back_stays_in_the_portal(browse, case, amal, awo, elsewhere):
    url = reverse("cases:give_consent", args=[case.reference], query={"next": elsewhere})

    assert elsewhere not in browse(amal).get(url).text.replace(url, "")
    assert browse(amal).post(url, recorded(awo)).url.startswith(case.get_absolute_url())
