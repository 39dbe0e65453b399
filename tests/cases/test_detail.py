"""The page of a case: as much as its reader may know, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.access import AccessReason
from cases.models import CaseAccess, CaseEvent, Consent, Contact, FollowUp, Need, Referral
from cases.workflow import contacts, needs
from providers.models import Language, LegalDomain, Provider
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ConsentFactory,
    ContactFactory,
    ContactSettingFactory,
    DuplicateSuspicionFactory,
    FollowUpFactory,
    HandoverFactory,
    NeedFactory,
    ReferralFactory,
    UnmetReasonFactory,
    at_midnight,
    in_days,
)
from tests.providers.factories import ServiceFactory

LONG_NAME = "Александрина-Божидара Станиславова-Владимирова"


@pytest.fixture
def case(amal, dora):
    return CaseFactory(
        lead=amal,
        deputy=dora,
        person__given_name="Zlatka",
        person__family_name="Geheimova",
        person__native_name=LONG_NAME,
        concern="Ein Anliegen, das nur die Akte kennt.",
    )


def page(browse, person, case):
    return browse(person).get(case.get_absolute_url())


# --- Levels -----------------------------------------------------------------------------------


def test_the_lead_reads_the_file(case, amal, browse):
    NeedFactory(case=case, description="Wohngeld beantragen")
    response = page(browse, amal, case)
    assert response.status_code == 200
    assert "Geheimova" in response.text
    assert "Wohngeld beantragen" in response.text
    assert LONG_NAME in response.text


def test_a_colleague_at_the_center_reads_the_register_card_and_no_identity(case, ben, browse):
    NeedFactory(case=case, description="Wohngeld beantragen")
    response = page(browse, ben, case)
    assert response.status_code == 200
    assert case.reference in response.text
    assert str(case.lead) in response.text
    for secret in ("Geheimova", "Zlatka", LONG_NAME, "Wohngeld", case.concern):
        assert secret not in response.text


def test_the_coordinator_reads_the_register_card(case, kora, browse):
    response = page(browse, kora, case)
    assert response.status_code == 200
    assert "Geheimova" not in response.text


def test_a_caseworker_elsewhere_and_the_administrator_find_nothing(case, chen, adam, browse):
    assert page(browse, chen, case).status_code == 404
    assert page(browse, adam, case).status_code == 404


def test_whom_the_case_is_offered_reads_the_card_with_the_way_to_the_sheet(case, chen, browse):
    ConsentFactory(case=case, recipients=[chen.employer])
    HandoverFactory(case=case, to_staff=chen)
    response = page(browse, chen, case)
    assert response.status_code == 200
    assert reverse("cases:sheet", args=[case.reference]) in response.text
    assert "Geheimova" not in response.text


def test_the_title_of_the_page_names_nobody(case, amal, browse):
    text = page(browse, amal, case).text
    title = text[text.index("<title>") : text.index("</title>")]
    assert "Geheimova" not in title
    assert case.reference not in title


# --- One page, twelve queries -------------------------------------------------------------------


def fill(case, how_many, staff):
    """Give the case so many of everything that hangs on one."""
    domains = list(LegalDomain.objects.all()[:5])
    setting = ContactSettingFactory()
    reason = UnmetReasonFactory()
    service = ServiceFactory()
    provider = Provider.objects.first()
    for number in range(how_many):
        need = NeedFactory(
            case=case,
            legal_domain=domains[number % 5],
            description=f"Bedarf {number}",
            **(
                {"state": Need.State.UNMET, "unmet_reason": reason, "settled_on": in_days(0)}
                if number % 4 == 0
                else {}
            ),
        )
        ReferralFactory(need=need, service=service)
        ReferralFactory(
            need=need, state=Referral.State.DECLINED, refusal_reason=reason, target="Anderswo"
        )
        FollowUpFactory(case=case, assignee=staff[number % len(staff)])
        FollowUpFactory(case=case, done=True)
        ContactFactory(case=case, setting=setting, legal_domains=domains[:3])
        ConsentFactory(case=case, recipients=[provider, service.provider])
        AccessFactory(case=case, ends_at=at_midnight(in_days(number)) if number % 2 else None)
        CaseEvent.objects.create(case=case, step="add_need", actor=staff[number % len(staff)])
        if number % 5 == 0:
            DuplicateSuspicionFactory(known=case)
    case.person.languages.set(Language.objects.all()[:4])
    HandoverFactory(case=case)


@pytest.mark.parametrize("how_many", [0, 10, 50])
def test_the_file_costs_twelve_queries_however_much_is_in_it(
    case, amal, dora, browse, max_queries, how_many
):
    if how_many:
        fill(case, how_many, [amal, dora])
    client = browse(amal)
    assert client.get(case.get_absolute_url()).status_code == 200
    with max_queries(12):
        client.get(case.get_absolute_url())


@pytest.mark.parametrize("how_many", [10, 50])
def test_a_former_lead_costs_no_more(case, amal, dora, chen, browse, max_queries, how_many):
    fill(case, how_many, [amal, dora])
    CaseAccess.objects.create(
        case=case,
        staff_member=chen,
        provider=chen.employer,
        reason=AccessReason.HANDOVER,
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(days=30),
        granted_by=amal,
    )
    client = browse(chen)
    assert client.get(case.get_absolute_url()).status_code == 200
    with max_queries(12):
        client.get(case.get_absolute_url())


@pytest.mark.parametrize("how_many", [10, 50])
def test_the_timeline_costs_no_more(case, amal, dora, browse, max_queries, how_many):
    fill(case, how_many, [amal, dora])
    client = browse(amal)
    with max_queries(12):
        client.get(reverse("cases:timeline", args=[case.reference]))


# --- What it shows --------------------------------------------------------------------------------


def test_what_is_missing_is_said(amal, browse):
    case = CaseFactory(lead=amal, consent=False, person__residence_valid_until=in_days(20))
    text = page(browse, amal, case).text
    assert reverse("cases:give_consent", args=[case.reference]) in text
    assert reverse("cases:name_deputy", args=[case.reference]) in text
    assert "passport" not in text
    assert "message-alert" in text


def test_once_the_file_consent_is_revoked_closing_is_the_step_that_is_left(case, amal, browse):
    consent = Consent.objects.get(case=case)
    consent.revoked_at, consent.revoked_by = timezone.now(), amal
    consent.save()
    response = page(browse, amal, case)
    assert reverse("cases:close", args=[case.reference]) in response.text
    assert reverse("cases:add_need", args=[case.reference]) not in response.text
    assert reverse("cases:record_contact", args=[case.reference]) not in response.text


def test_buttons_are_those_that_the_table_of_steps_allows(case, ben, browse):
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.TEAM)
    response = page(browse, ben, case)
    assert reverse("cases:record_contact", args=[case.reference]) in response.text
    assert reverse("cases:plan_follow_up", args=[case.reference]) in response.text
    assert reverse("cases:close", args=[case.reference]) not in response.text
    assert reverse("cases:hand_over", args=[case.reference]) not in response.text


def test_an_open_handover_can_be_tracked(case, amal, browse):
    HandoverFactory(case=case)
    assert reverse("cases:sheet", args=[case.reference]) in page(browse, amal, case).text


def test_a_suspicion_names_whom_to_call_and_no_reference(case, amal, chen, browse):
    other = CaseFactory(lead=chen)
    DuplicateSuspicionFactory(known=other, newer=case)
    text = page(browse, amal, case).text
    assert str(chen) in text
    assert other.reference not in text


def test_a_locked_file_is_not_hinted_at_on_the_newer_one(case, amal, chen, browse):
    other = CaseFactory(lead=chen)
    DuplicateSuspicionFactory(known=other, newer=case, known_lead_only=True)
    assert str(chen) not in page(browse, amal, case).text
    assert str(amal) in page(browse, chen, other).text


def test_older_entries_follow_by_key_and_none_comes_twice(case, amal, dora, browse):
    fill(case, 30, [amal, dora])
    client = browse(amal)
    response = client.get(reverse("cases:timeline", args=[case.reference]))
    seen = len(response.context["entries"])
    while response.context["page"].has_next:
        query = response.context["page"].next_query
        url = reverse("cases:timeline", args=[case.reference]) + query
        response = client.get(url, headers={"HX-Request": "true"})
        assert "<html" not in response.text
        seen += len(response.context["entries"])
    assert seen == case.events.count()


def test_recent_cases_are_kept_newest_first_eight_at_most(amal, browse):
    client = browse(amal)
    cases = [CaseFactory(lead=amal) for _ in range(10)]
    for one in [*cases, cases[5]]:
        client.get(one.get_absolute_url())
    recent = client.session["recent_cases"]
    assert recent[0] == cases[5].reference
    assert len(recent) == len(set(recent)) == 8


def test_a_register_card_is_not_kept_among_the_recent_cases(case, ben, browse):
    client = browse(ben)
    client.get(case.get_absolute_url())
    assert "recent_cases" not in client.session


def test_names_with_markup_are_shown_as_text(amal, browse):
    case = CaseFactory(lead=amal, person__family_name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page(browse, amal, case).text


def test_another_ones_personal_note_is_not_shown(case, amal, dora, browse):
    ContactFactory(
        case=case,
        recorded_by=dora,
        note="Nur für mich",
        note_class=Contact.NoteClass.PERSONAL,
    )
    assert "Nur für mich" not in page(browse, amal, case).text
    assert "Nur für mich" in page(browse, dora, case).text


# --- The former lead ------------------------------------------------------------------------------


def test_a_former_lead_reads_the_past_and_nothing_later(case, amal, dora, browse):
    """Everything that changes after the acceptance stays as it was for who led before."""
    need = NeedFactory(case=case, description="Alter Bedarf")
    referral = ReferralFactory(need=need, target="Beratungsstelle")
    follow_up = FollowUpFactory(case=case, subject="Alte Wiedervorlage", due_on=in_days(3))
    ContactFactory(case=case, note="Alte Notiz")
    accepted_at = timezone.now()
    CaseAccess.objects.filter(case=case, staff_member=amal).update(ends_at=accepted_at)
    CaseAccess.objects.filter(case=case, staff_member=dora).update(
        reason=AccessReason.LEAD, provider=dora.employer
    )
    case.lead, case.deputy = dora, None
    case.save()
    AccessFactory(
        case=case,
        staff_member=amal,
        reason=AccessReason.HANDOVER,
        starts_at=accepted_at,
        ends_at=accepted_at + timedelta(days=30),
    )

    case.person.family_name = "Neuname"
    case.person.street = "Neue Straße 1"
    case.person.save()
    case.phase = "monitoring"
    case.save()
    needs.leave_need_unmet(need, by=dora, reason=UnmetReasonFactory(name="Neuer Grund"))
    referral.refresh_from_db()
    referral.state, referral.outcome = Referral.State.SUCCEEDED, "Neues Ergebnis"
    referral.save()
    follow_up.due_on, follow_up.assignee = in_days(99), dora
    follow_up.save()
    contacts.record_contact(
        case,
        by=dora,
        happened_at=timezone.now(),
        setting=ContactSettingFactory(),
        note="Neue Notiz",
    )
    NeedFactory(case=case, description="Neuer Bedarf")
    ReferralFactory(need=need, target="Neue Stelle")
    FollowUpFactory(case=case, subject="Neue Wiedervorlage")

    response = page(browse, amal, case)
    assert response.status_code == 200
    text = response.text
    for old in ("Alter Bedarf", "Beratungsstelle", "Alte Wiedervorlage", "Alte Notiz"):
        assert old in text
    assert "Geheimova" in text
    for new in (
        "Neuname",
        "Neue Straße",
        "Neuer Grund",
        "Neues Ergebnis",
        "Neue Notiz",
        "Neuer Bedarf",
        "Neue Stelle",
        "Neue Wiedervorlage",
    ):
        assert new not in text, new
    file = response.context["file"]
    assert file.steps == set()
    assert file.case.phase == "clearing"
    card = file.columns[0].cards[0]
    assert card.state == Need.State.OPEN
    assert card.referrals[0].state == Referral.State.REQUESTED
    assert in_days(3) in {one.due_on for one in file.follow_ups}
    assert in_days(99) not in {one.due_on for one in file.follow_ups}

    # Reading on does not change what is stored.
    assert FollowUp.objects.get(pk=follow_up.pk).due_on == in_days(99)
    assert "Neuname" in page(browse, dora, case).text


def test_a_former_lead_may_take_no_step(case, amal, chen, browse):
    CaseAccess.objects.create(
        case=case,
        staff_member=chen,
        provider=chen.employer,
        reason=AccessReason.HANDOVER,
        granted_by=amal,
    )
    for name in ("record_contact", "add_need"):
        url = reverse(f"cases:{name}", args=[case.reference])
        assert browse(chen).get(url).status_code == 403
