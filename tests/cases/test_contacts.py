"""Contacts: noted in two clicks, corrected and never overwritten."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.access import AccessReason, Step
from cases.models import CaseEvent, Contact, FollowUp, Phase
from cases.workflow import contacts
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ContactFactory,
    ContactSettingFactory,
    in_days,
)


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


def record(case, by, **words):
    words = {
        "happened_at": timezone.now(),
        "setting": ContactSettingFactory(),
        "note": "Antrag ausgefüllt.",
    } | words
    return contacts.record_contact(case, by=by, **words)


def typed(**words):
    """What the form sends when only the note was typed; everything else is preset."""
    return {
        "once_key": uuid4(),
        "setting": ContactSettingFactory().pk,
        "happened_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "minutes": "15",
        "note": "Antrag ausgefüllt.",
        "note_class": "case_note",
    } | words


def url(case):
    return reverse("cases:record_contact", args=[case.reference])


def test_a_contact_is_noted_with_one_event(case, amal):
    contact = record(case, amal, minutes=30)
    event = CaseEvent.objects.get(case=case, step=Step.RECORD_CONTACT)
    assert event.subject_id == contact.pk
    assert event.details["minutes"] == 30
    assert "Antrag" not in str(event.details)


def test_two_clicks_and_a_note(case, amal, browse):
    client = browse(amal)
    form = client.get(url(case), headers={"HX-Request": "true"})
    assert "<html" not in form.text
    assert 'name="note"' in form.text
    assert form.text.count('name="once_key"') == 1
    response = client.post(url(case), typed())
    contact = Contact.objects.get(case=case)
    assert response.url == f"{case.get_absolute_url()}#contact-{contact.pk}"
    assert contact.recorded_by == amal


def test_everything_but_the_note_is_preset(case, amal, browse):
    form = browse(amal).get(url(case)).context["form"]
    assert form["minutes"].value() == 15
    assert form["happened_at"].value()
    assert form["setting"].field.empty_label is None


def test_the_next_contact_is_likely_where_the_last_one_was(case, amal, browse):
    phone = ContactSettingFactory(code="TELEFON", name="Telefon")
    record(case, amal, setting=phone)
    form = browse(amal).get(url(case)).context["form"]
    assert form["setting"].value() == "TELEFON"


def test_a_form_sent_twice_notes_one_contact(case, amal, browse):
    client, data = browse(amal), typed()
    first, second = client.post(url(case), data), client.post(url(case), data)
    assert first.url == second.url
    assert Contact.objects.filter(case=case).count() == 1


def test_a_contact_in_the_future_is_refused(case, amal, browse):
    with pytest.raises(Refusal):
        record(case, amal, happened_at=timezone.now() + timedelta(hours=1))
    later = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    response = browse(amal).post(url(case), typed(happened_at=later))
    assert response.status_code == 200
    assert "happened_at" in response.context["form"].errors
    assert "Antrag ausgefüllt." in response.text
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("note", ""),
        ("note", "x" * 10_001),
        ("minutes", "601"),
        ("minutes", "-5"),
        ("minutes", "viel"),
        ("setting", "GIBT_ES_NICHT"),
        ("note_class", "geheim"),
        ("happened_at", "2026-02-30T10:00"),
        ("happened_at", "1926-01-01T10:00"),
        ("legal_domains", ["KEIN_GESETZ"]),
        ("follow_up_on", "2020-01-01"),
        ("once_key", "nonsense"),
    ],
)
def test_bad_input_stays_in_the_form(case, amal, browse, field, value):
    words = {"follow_up_subject": "Nachfragen"} if field == "follow_up_on" else {}
    response = browse(amal).post(url(case), typed(**words, **{field: value}))
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert not Contact.objects.exists()


def test_german_typing_of_the_moment_is_understood(case, amal, browse):
    before = timezone.localtime() - timedelta(days=1)
    browse(amal).post(url(case), typed(happened_at=before.strftime("%d.%m.%Y %H:%M")))
    assert timezone.localdate(Contact.objects.get().happened_at) == before.date()


def test_a_contact_can_bring_the_next_follow_up(case, amal, browse):
    data = typed(follow_up_subject="Bescheid prüfen", follow_up_on=in_days(5).isoformat())
    browse(amal).post(url(case), data)
    follow_up = FollowUp.objects.get(case=case, subject="Bescheid prüfen")
    assert follow_up.assignee == amal
    assert CaseEvent.objects.filter(case=case).exclude(step=Step.OPEN).count() == 1


def test_a_note_on_a_case_whose_phase_changed_meanwhile_is_saved(case, amal, dora, browse):
    stale = typed()
    case.phase = Phase.PLANNING
    case.save()
    assert browse(amal).post(url(case), stale).status_code == 302
    assert Contact.objects.count() == 1


def test_a_closed_case_takes_a_note_but_no_follow_up(amal, browse):
    case = CaseFactory(lead=amal, closed=True)
    form = browse(amal).get(url(case)).context["form"]
    assert "follow_up_on" not in form.fields
    assert browse(amal).post(url(case), typed()).status_code == 302
    with pytest.raises(Refusal):
        record(case, amal, follow_up_subject="Noch etwas", follow_up_on=in_days(3))
    assert Contact.objects.count() == 1


def test_the_team_notes_contacts(case, ben, amal):
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.TEAM)
    assert record(case, ben).recorded_by == ben


def test_nobody_else_does(case, dora, chen, browse):
    with pytest.raises(NotYours):
        record(case, dora)
    assert browse(dora).post(url(case), typed()).status_code == 403
    assert browse(chen).post(url(case), typed()).status_code == 404


# --- Correcting -----------------------------------------------------------------------------------


def correct(contact, by, note="Berichtigt."):
    return contacts.correct_contact(
        contact,
        by=by,
        happened_at=contact.happened_at,
        setting=contact.setting,
        note=note,
        minutes=contact.minutes,
    )


def test_a_correction_is_a_new_row_and_the_old_one_is_kept_struck(case, amal):
    contact = record(case, amal, note="Falsch.")
    new = correct(contact, amal)
    contact.refresh_from_db()
    assert (contact.note, contact.struck_by) == ("Falsch.", amal)
    assert new.corrects == contact
    assert list(Contact.objects.standing()) == [new]


def test_a_second_correction_of_the_same_row_is_overtaken(case, amal, browse):
    contact = record(case, amal)
    correct(contact, amal)
    with pytest.raises(Refusal):
        correct(contact, amal)
    address = reverse("cases:correct_contact", args=[case.reference, contact.pk])
    response = browse(amal).post(address, typed(note="Meine späte Fassung"))
    assert response.status_code == 409
    assert "Meine späte Fassung" in response.text


def test_only_the_author_and_the_lead_correct(case, amal, dora, ben):
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.TEAM)
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.TEAM)
    contact = record(case, ben)
    with pytest.raises(NotYours):
        correct(contact, dora)
    new = correct(contact, ben)
    assert correct(new, amal).recorded_by == amal


def test_a_personal_note_is_its_authors_alone(case, amal, ben, browse):
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.TEAM)
    contact = record(case, ben, note_class=Contact.NoteClass.PERSONAL)
    address = reverse("cases:correct_contact", args=[case.reference, contact.pk])
    assert browse(amal).get(address).status_code == 404
    assert browse(ben).get(address).status_code == 200


def test_a_contact_of_another_case_does_not_exist_here(case, amal, browse):
    other = ContactFactory(case=CaseFactory(lead=amal))
    address = reverse("cases:correct_contact", args=[case.reference, other.pk])
    assert browse(amal).get(address).status_code == 404
