"""Consents open doors; revocation closes them at once."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from cases.access import AccessReason
from cases.models import Case, CaseAccess, Consent, FollowUp, Handover
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
    in_days,
)

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
