"""Documents are added: judged, encrypted, content and row together or not at all."""

from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.test import Client

from cases import vault
from cases.access import AccessReason, Step
from cases.models import CaseEvent, Document
from cases.workflow import documents as workflow
from kim_portal.errors import NotYours, Refusal
from kim_portal.uploads import MemoryUpload
from tests.at_once import at_once, on_postgresql
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ConsentFactory,
    HouseholdMemberFactory,
    PersonFactory,
    in_days,
)
from tests.cases.test_contents import SVG, office, picture
from tests.cases.uploads import LETTER, add, address, sent, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


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

    assert "photo" in answer.context["form"].errors
    assert "zu groß" in answer.context["form"].errors["photo"][0]
    assert not Document.objects.exists()


def test_nothing_of_what_is_too_much_stays_in_memory(settings):
    settings.LARGEST_DOCUMENT = 1_000
    handler, arrived = MemoryUpload(), []
    for name in ("file", "photo"):
        handler.new_file(name, name, "application/pdf", None)
        for start in (0, 300):
            handler.receive_data_chunk(b"x" * 300, start)
        arrived.append(handler.file_complete(600))

    assert [(one.size, len(one.read())) for one in arrived] == [(600, 600), (1_200, 0)]


def test_a_form_that_arrives_twice_makes_one_document(case, amal, browse):
    client, key = browse(amal), uuid4()
    first = client.post(address(case), sent(once_key=key))
    second = client.post(address(case), sent(once_key=key))

    assert first.url == second.url
    assert Document.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_upload_arriving_twice_at_the_same_moment_makes_one_document(folder, case, amal):
    on_postgresql()
    key, clients = uuid4(), [Client(), Client()]
    for client in clients:
        client.force_login(amal)
    form = [sent(once_key=key), sent(once_key=key)]

    answers = at_once(
        lambda: clients[0].post(address(case), form[0]),
        lambda: clients[1].post(address(case), form[1]),
    )

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
    # Whoever writes an upload aside finds no place for it.
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "nowhere"
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
        raise OSError("The disk is full.")

    monkeypatch.setattr(vault, "keep", fail)
    with pytest.raises(OSError, match="disk is full"):
        add(case, amal)

    assert not Document.objects.exists()
    assert not CaseEvent.objects.filter(step=Step.ADD_DOCUMENT).exists()
