"""What becomes of a document: handed out, read by whom, compared, corrected, struck through."""

import logging
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from cases import vault
from cases.access import AccessReason
from cases.models import CaseEvent, Document, DocumentKind
from cases.workflow import documents as workflow
from cases.workflow.corrections import strike
from cases.workflow.handover import accept_handover
from kim_portal.errors import NotYours
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ConsentFactory,
    DocumentFactory,
    HandoverFactory,
    HouseholdMemberFactory,
    in_days,
)
from tests.cases.uploads import LETTER, add, address, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


# --- Handing out --------------------------------------------------------------------------------


def test_a_document_is_a_download_that_runs_nowhere(case, amal, browse):
    document = DocumentFactory(case=case, file_name="Bescheid für Müller.pdf")
    answer = browse(amal).get(address(case, "document", document.pk))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''Bescheid%20f%C3%BCr%20M%C3%BCller.pdf"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer.headers["Cache-Control"]
    assert int(answer.headers["Content-Length"]) == document.size


def test_a_document_is_not_reached_through_another_case(case, amal, browse):
    document, other = DocumentFactory(case=case), CaseFactory(lead=amal)

    assert browse(amal).get(address(other, "document", document.pk)).status_code == 404


def test_a_missing_content_is_a_sentence_and_a_line_without_names(case, amal, browse, caplog):
    document = DocumentFactory(case=case, title="Kanarienvogel", file_name="Kanarienvogel.pdf")
    vault.erase(document.storage_name)
    with caplog.at_level(logging.ERROR):
        answer = browse(amal).get(address(case, "document", document.pk))

    assert answer.status_code == 503
    assert "kann gerade nicht gelesen werden" in answer.text
    assert f"Document {document.pk} of {case.reference}" in caplog.text
    assert "Kanarienvogel" not in caplog.text


def test_a_lost_key_is_the_same_sentence(case, amal, browse, settings):
    document = DocumentFactory(case=case)
    settings.DOCUMENT_KEYS = [vault.Fernet.generate_key().decode()]

    assert browse(amal).get(address(case, "document", document.pk)).status_code == 503


def test_two_contents_that_changed_places_are_noticed(case, amal, browse):
    hers = DocumentFactory(case=case)
    other = DocumentFactory(content=b"%PDF-1.4 somebody else's %%EOF")
    other_name, hers_name = other.storage_name, hers.storage_name
    other.storage_name = "aside"
    other.save()
    hers.storage_name = other_name
    hers.save()

    assert browse(amal).get(address(case, "document", hers.pk)).status_code == 503
    assert hers_name != other_name


# --- Who reads what when ------------------------------------------------------------------------


def test_a_handover_keeps_the_documents_and_the_former_lead_reads_the_earlier_ones(
    case, amal, dora, browse, django_capture_on_commit_callbacks
):
    early = DocumentFactory(case=case, title="Früher", recorded_at=timezone.now())
    accept_handover(HandoverFactory(case=case, to_staff=dora), by=dora)
    late = DocumentFactory(case=case, title="Später", recorded_by=dora)

    new, former = browse(dora), browse(amal)
    assert new.get(address(case, "document", early.pk)).status_code == 200
    assert former.get(address(case, "document", early.pk)).status_code == 200
    assert former.get(address(case, "document", late.pk)).status_code == 404
    listed = former.get(address(case, "documents")).text
    assert "Früher" in listed
    assert "Später" not in listed
    assert former.get(address(case)).status_code == 403

    workflow.correct_document(
        early,
        by=dora,
        version=workflow.version_of(early),
        kind=DocumentKind.objects.get(pk="ZEUGNIS"),
        title="Danach umbenannt",
    )
    listed = former.get(address(case, "documents")).text
    assert "Danach umbenannt" not in listed
    assert "Zeugnis" not in listed
    with django_capture_on_commit_callbacks(execute=True):
        strike(early, by=dora, because="Gehört nicht hierher")
    listed = former.get(address(case, "documents")).text
    assert "Gehört nicht hierher" not in listed
    assert "nicht mehr da" in listed


def test_a_closed_case_still_shows_its_documents_and_takes_no_new_ones(amal, browse):
    case = CaseFactory(lead=amal, closed=True)
    document = DocumentFactory(case=case)
    client = browse(amal)

    assert client.get(address(case, "document", document.pk)).status_code == 200
    assert client.get(address(case)).status_code == 409
    assert address(case) not in client.get(address(case, "documents")).text


# --- Equal ones ---------------------------------------------------------------------------------


def test_the_same_file_again_leads_to_the_first_and_both_are_kept_only_if_wanted(
    case, amal, browse
):
    first, client = add(case, amal), browse(amal)
    answer = client.post(address(case), sent())
    assert f'href="{workflow.place_of(first)}"' in answer.text
    assert "Beide behalten" in answer.text
    assert "liegt schon in dieser Akte" in answer.text
    assert Document.objects.count() == 1

    client.post(address(case), sent(keep_both="on"))
    assert Document.objects.count() == 2


def test_of_an_equal_one_in_another_file_only_its_reference_is_told(case, amal, browse):
    other = CaseFactory(lead=amal, person__family_name="Kanarienvogel")
    add(other, amal, title="Kanarienvogel")
    answer = browse(amal).post(address(case), sent(), follow=True)

    assert Document.objects.filter(case=case).exists()
    assert f'Dieselbe Datei liegt auch in: <a href="{other.get_absolute_url()}"' in (
        answer.text.replace("&quot;", '"')
    )
    assert "Kanarienvogel" not in answer.text


def test_of_files_that_the_reader_may_not_open_not_a_word_is_said(case, amal, ben, zoe, browse):
    for stranger in (ben, zoe):
        add(CaseFactory(lead=stranger), stranger)
    answer = browse(amal).post(address(case), sent(), follow=True)

    assert Document.objects.filter(case=case).count() == 1
    assert "Dieselbe Datei" not in answer.text
    assert "liegt schon" not in answer.text


def test_without_the_keys_a_fingerprint_tells_nothing(case, amal, settings):
    first = vault.fingerprints(LETTER)
    settings.DOCUMENT_KEYS = [vault.Fernet.generate_key().decode()]

    assert vault.fingerprints(LETTER) != first


# --- Correcting and striking --------------------------------------------------------------------


def test_what_is_said_of_a_document_is_corrected(case, amal, browse):
    document = add(case, amal)
    client, url = browse(amal), address(case, "correct_document", document.pk)
    version = workflow.version_of(document)
    words = {"kind": "PASS", "title": "Reisepass", "valid_until": "01.03.2031"}

    assert client.post(url, words | {"version": version}).status_code == 302
    document.refresh_from_db()
    assert (document.kind_id, document.title) == ("PASS", "Reisepass")
    late = client.post(url, words | {"version": version, "title": "Zu spät"})
    assert late.status_code == 409
    assert "Zu spät" in late.text
    document.refresh_from_db()
    assert document.title == "Reisepass"


def test_a_struck_document_loses_its_content_and_keeps_its_row(
    folder, case, amal, browse, django_capture_on_commit_callbacks
):
    document, client = add(case, amal, title="Falsche Akte"), browse(amal)
    url = reverse("cases:strike", args=[case.reference, "document", document.pk])
    assert "sofort und endgültig" in client.get(url).text
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(url, {"because": "Andere Person"})

    assert answer.url == workflow.place_of(document)
    assert not list(vault.names())
    document.refresh_from_db()
    assert document.storage_name == document.fingerprint == ""
    assert client.get(address(case, "document", document.pk)).status_code == 409
    listed = client.get(address(case, "documents")).text
    assert "Andere Person" in listed
    assert "Falsche Akte" in listed
    correcting = address(case, "correct_document", document.pk)
    assert client.post(correcting, {"kind": "PASS", "version": 1}).status_code == 409


def test_a_strike_that_fails_removes_nothing(
    case, amal, monkeypatch, django_capture_on_commit_callbacks
):
    document = add(case, amal)
    name, fingerprint = document.storage_name, document.fingerprint

    def fail(**kwargs):
        raise IntegrityError

    monkeypatch.setattr(CaseEvent.objects, "create", fail)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(IntegrityError):
        strike(document, by=amal, because="Irrtum")

    assert vault.read(name, fingerprint) == LETTER


def test_the_author_and_the_lead_strike_and_nobody_else(case, amal, ben, dora):
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.DEPUTY)
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.TEAM)
    document = add(case, ben)

    with pytest.raises(NotYours):
        strike(document, by=dora, because="Nicht meine")
    assert strike(document, by=amal, because="Irrtum")


# --- The page -----------------------------------------------------------------------------------


def test_what_runs_out_is_marked_and_found(case, amal, browse):
    DocumentFactory(case=case, title="Abgelaufen", valid_until=in_days(-1))
    DocumentFactory(case=case, title="Bald", valid_until=in_days(80))
    DocumentFactory(case=case, title="Später", valid_until=in_days(200))
    client = browse(amal)

    everything = client.get(address(case, "documents")).text
    assert "ist abgelaufen" in everything
    assert "läuft bald ab" in everything
    found = client.get(address(case, "documents"), {"show": "expiring"}).text
    assert "Abgelaufen" in found
    assert "Bald" in found
    assert "Später" not in found


@pytest.mark.parametrize("show", ["GIBTESNICHT", "<script>", ""])
def test_an_unknown_filter_shows_everything(case, amal, browse, show):
    DocumentFactory(case=case, title="Brief")

    assert "Brief" in browse(amal).get(address(case, "documents"), {"show": show}).text


def test_where_nothing_runs_out_the_page_says_so_and_leads_back(case, amal, browse):
    DocumentFactory(case=case, title="Brief")
    text = browse(amal).get(address(case, "documents"), {"show": "expiring"}).text

    assert "läuft nichts ab" in text
    assert f'class="filter-chip" href="{address(case, "documents")}"' in text


def test_an_empty_page_says_how_to_begin(case, amal, browse):
    text = browse(amal).get(address(case, "documents")).text

    assert "Dokument hinzufügen" in text


def test_a_hundred_documents_cost_no_more(case, amal, browse, max_queries):
    child = HouseholdMemberFactory(case=case).person
    for n in range(100):
        DocumentFactory(
            case=case,
            concerns=child,
            is_confidential=n % 2 == 0,
            valid_until=in_days(n),
            consent=ConsentFactory(case=case) if n % 10 == 0 else None,
        )
    client = browse(amal)
    with max_queries(12):
        text = client.get(address(case, "documents")).text

    assert text.count('class="document"') == 100


def test_what_is_confidential_to_one_member_says_so(case, amal, browse):
    wife = HouseholdMemberFactory(case=case, relation="spouse").person
    DocumentFactory(case=case, concerns=wife, is_confidential=True)

    assert f"vertraulich für {wife}" in browse(amal).get(address(case, "documents")).text


def test_expiring_documents_can_be_asked_for(case):
    soon = DocumentFactory(case=case, valid_until=in_days(10))
    DocumentFactory(case=case, valid_until=in_days(100))
    DocumentFactory(case=case)

    assert list(Document.objects.expiring(timezone.localdate() + timedelta(days=30))) == [soon]
