"""Documents: kept encrypted, handed out through the access rule, struck through without content."""

import logging
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases import vault
from cases.access import AccessReason, Step
from cases.contents import PDF, CheckedFile
from cases.models import CaseEvent, Document, DocumentKind
from cases.workflow import documents as workflow
from cases.workflow.corrections import strike
from cases.workflow.handover import accept_handover
from kim_portal.errors import NotYours, Refusal
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ConsentFactory,
    DocumentFactory,
    HandoverFactory,
    HouseholdMemberFactory,
    PersonFactory,
    in_days,
)
from tests.cases.test_contents import LETTER, SVG, office, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


def address(case, page="add_document", *keys):
    return reverse(f"cases:{page}", args=[case.reference, *keys])


def upload(content=LETTER, name="Bescheid.pdf", said="application/pdf"):
    return SimpleUploadedFile(name, content, said)


def sent(**words):
    return {"kind": "BESCHEID", "once_key": uuid4(), "file": upload()} | words


def checked_letter(content=LETTER):
    return CheckedFile(content, PDF, "Bescheid.pdf")


def add(case, by, content=LETTER, **words):
    kind = DocumentKind.objects.get(pk="BESCHEID")
    return workflow.add_document(case, by=by, file=checked_letter(content), kind=kind, **words)


# --- Adding -------------------------------------------------------------------------------------


def test_a_document_is_added_and_comes_back_as_it_was(case, amal, browse):
    client = browse(amal)

    answer = client.post(address(case), sent(title="Bescheid vom Mai", valid_until="01.03.2031"))

    document = Document.objects.get(case=case)
    assert answer.url == f"{address(case, 'documents')}#document-{document.pk}"
    assert (document.title, document.size) == ("Bescheid vom Mai", len(LETTER))
    assert CaseEvent.objects.get(step=Step.ADD_DOCUMENT).subject_id == document.pk
    assert b"".join(client.get(address(case, "document", document.pk))) == LETTER


def test_without_a_title_a_document_is_called_what_it_is(case, amal, browse):
    browse(amal).post(address(case), sent())

    assert Document.objects.get().title == "Bescheid"


def test_a_photo_taken_now_is_a_document_too(case, amal, browse):
    words = sent(photo=upload(picture(), "image.jpg"))
    del words["file"]

    browse(amal).post(address(case), words)

    assert Document.objects.get().media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "Bitte wählen Sie eine Datei aus oder machen Sie ein Foto."),
        ({"file": upload(b"")}, "Die Datei ist leer."),
        ({"file": upload(SVG, "Bescheid.pdf")}, "Programme, Webseiten und Skripte"),
        ({"file": upload(LETTER, "foto.jpg")}, "Der Name endet auf .jpg"),
        ({"file": upload(office(), "b.docx"), "photo": upload(picture(), "a.jpg")}, "nicht beides"),
    ],
)
def test_what_is_not_kept_gets_a_sentence_and_the_rest_of_the_form_stays(
    case, amal, browse, files, sentence
):
    words = sent(title="Schon getippt", note="Auch das") | {"file": ""} | files
    answer = browse(amal).post(address(case), words)

    assert answer.status_code == 200
    assert sentence in answer.text
    assert "Schon getippt" in answer.text
    assert "Auch das" in answer.text
    assert not Document.objects.exists()


def test_a_file_beside_another_mistake_has_to_be_chosen_again_and_the_page_says_so(
    case, amal, browse
):
    answer = browse(amal).post(address(case), sent(dated_on="31.02.2026", title="Getippt"))

    assert "Bitte wählen Sie die Datei noch einmal aus" in answer.text
    assert "Getippt" in answer.text


def test_a_refused_step_says_so_too(case, amal, browse, monkeypatch):
    def refuse(*args, **kwargs):
        raise Refusal("Das geht gerade nicht.")

    monkeypatch.setattr(workflow, "add_document", refuse)
    answer = browse(amal).post(address(case), sent())

    assert answer.status_code == 409
    assert "Bitte wählen Sie die Datei noch einmal aus" in answer.text


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"dated_on": in_days(1)}, "dated_on"),
        ({"dated_on": "01.01.0026"}, "dated_on"),
        ({"valid_until": "01.01.9999"}, "valid_until"),
        ({"dated_on": "02.05.2026", "valid_until": "01.05.2026"}, "valid_until"),
        ({"is_confidential": "on"}, "concerns"),
        ({"kind": "GIBTESNICHT"}, "kind"),
        ({"title": "x" * 201}, "title"),
    ],
)
def test_bad_input_gets_a_sentence_beside_its_field(case, amal, browse, words, field):
    answer = browse(amal).post(address(case), sent(**words))

    assert field in answer.context["form"].errors
    assert not Document.objects.exists()


def test_a_file_that_is_too_large_is_dropped_on_arrival(case, amal, browse, settings):
    settings.LARGEST_DOCUMENT = 1_000
    answer = browse(amal).post(address(case), sent(file=upload(LETTER + b" " * 200_000)))

    assert "Die Datei ist zu groß." in answer.text
    assert not Document.objects.exists()


def test_all_files_of_one_request_share_the_allowance(case, amal, browse, settings):
    settings.LARGEST_DOCUMENT = 1_000
    words = sent(file=upload(LETTER + b" " * 800), photo=upload(LETTER + b" " * 800, "b.pdf"))
    answer = browse(amal).post(address(case), words)

    assert answer.status_code == 200
    assert not Document.objects.exists()


def test_a_form_that_arrives_twice_makes_one_document(case, amal, browse):
    client, key = browse(amal), uuid4()
    first = client.post(address(case), sent(once_key=key))
    second = client.post(address(case), sent(once_key=key))

    assert first.url == second.url
    assert Document.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_upload_arriving_twice_at_the_same_moment_makes_one_document(folder, case, amal):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time anyway.")
    key, start, answers = uuid4(), Barrier(2), []
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(amal)

    def send(client):
        try:
            start.wait()
            answers.append(client.post(address(case), sent(once_key=key)))
        finally:
            connection.close()

    threads = [Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({answer.url for answer in answers}) == 1
    assert [one.storage_name for one in Document.objects.all()] == list(vault.names())


def test_the_team_reads_and_the_leads_add(case, amal, dora, ben):
    AccessFactory(case=case, staff_member=dora, reason=AccessReason.TEAM)
    AccessFactory(case=case, staff_member=ben, reason=AccessReason.DEPUTY)

    with pytest.raises(NotYours):
        add(case, dora)
    assert add(case, ben)
    assert Document.objects.visible_to(dora).count() == 1


def test_a_document_concerns_somebody_of_the_household(case, amal):
    child = HouseholdMemberFactory(case=case).person
    assert add(case, amal, concerns=child).concerns == child

    with pytest.raises(Refusal, match="gehört nicht zum Fall"):
        add(case, amal, concerns=PersonFactory())


def test_the_paper_of_a_consent_belongs_to_a_consent_of_this_case(case, amal):
    assert add(case, amal, consent=ConsentFactory(case=case))

    with pytest.raises(Refusal, match="anderen Fall"):
        add(case, amal, consent=ConsentFactory(case=CaseFactory(lead=amal)))


# --- On disk ------------------------------------------------------------------------------------


def test_nothing_is_written_in_plain_text(folder, tmp_path, case, amal, browse, settings):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "temporary"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    secret = b"Kanarienvogel " * 300_000  # more than Django itself would keep in memory
    name = "Kanarienvogel.txt"
    browse(amal).post(address(case), sent(file=upload(secret, name), title="Kanarienvogel"))

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert b"Kanarienvogel" not in files[0].read_bytes()
    assert "Kanarienvogel" not in str(files[0])
    document = Document.objects.get()
    assert vault.read(document.storage_name, document.fingerprint) == secret


def test_a_row_that_cannot_be_written_leaves_no_content_behind(folder, case, amal, monkeypatch):
    def fail(**kwargs):
        raise IntegrityError

    monkeypatch.setattr(Document.objects, "create", fail)
    with pytest.raises(IntegrityError):
        add(case, amal)

    assert not list(vault.names())


def test_a_content_that_cannot_be_stored_leaves_no_row(case, amal, monkeypatch):
    def fail(content):
        raise OSError

    monkeypatch.setattr(vault, "keep", fail)
    with pytest.raises(OSError):  # noqa: PT011
        add(case, amal)

    assert not Document.objects.exists()
    assert not CaseEvent.objects.filter(step=Step.ADD_DOCUMENT).exists()


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
