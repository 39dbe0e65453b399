"""Keys that change, contents that are missing or left over: the commands for whoever runs it."""

from datetime import timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases import vault
from cases.models import Document
from cases.workflow import document_keys
from tests.cases.factories import CaseFactory, DocumentFactory
from tests.cases.uploads import LETTER, add

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks(execute=True)


def run(name, **options):
    said = StringIO()
    call_command(name, stdout=said, **options)
    return said.getvalue()


def test_keys_are_changed_without_losing_a_document(folder, case, amal, settings, commit):
    document, old = add(case, amal), settings.DOCUMENT_KEYS[0]
    histories, name = document.history.count(), document.storage_name
    settings.DOCUMENT_KEYS = [Fernet.generate_key().decode(), old]
    assert vault.read(name, document.fingerprint) == LETTER
    assert "1 documents would be" in run("rotate_document_keys", dry_run=True)
    assert Document.objects.get().storage_name == name

    with commit:
        assert "1 documents encrypted anew" in run("rotate_document_keys")
    settings.DOCUMENT_KEYS = settings.DOCUMENT_KEYS[:1]

    document.refresh_from_db()
    assert vault.read(document.storage_name, document.fingerprint) == LETTER
    assert list(vault.names()) == [document.storage_name] != [name]
    assert document.history.count() == histories
    assert "0 documents encrypted anew" in run("rotate_document_keys")


def test_equal_files_are_found_while_keys_change_and_after(folder, case, amal, settings, commit):
    add(case, amal)
    settings.DOCUMENT_KEYS = [Fernet.generate_key().decode(), *settings.DOCUMENT_KEYS]
    alike = Document.objects.filter(fingerprint__in=vault.fingerprints(LETTER))
    assert alike.exists()

    with commit:
        run("rotate_document_keys")
    settings.DOCUMENT_KEYS = settings.DOCUMENT_KEYS[:1]

    assert Document.objects.filter(fingerprint__in=vault.fingerprints(LETTER)).exists()


def test_what_no_key_opens_is_reported_and_the_others_are_done(
    folder, case, amal, settings, commit
):
    lost = add(case, amal, b"%PDF-1.4 lost %%EOF")
    kept = add(case, amal)
    vault.erase(lost.storage_name)
    settings.DOCUMENT_KEYS = [Fernet.generate_key().decode(), *settings.DOCUMENT_KEYS]

    with commit, pytest.raises(CommandError, match="1 cannot be read; keep the old keys"):
        run("rotate_document_keys")

    kept.refresh_from_db()
    assert kept.key_id == vault.current_key_id()


def test_a_rotation_that_is_cut_off_loses_nothing(folder, case, amal, settings, monkeypatch):
    document = add(case, amal)
    settings.DOCUMENT_KEYS = [Fernet.generate_key().decode(), *settings.DOCUMENT_KEYS]

    def fail(self, **kwargs):
        raise RuntimeError("the machine stopped")

    monkeypatch.setattr(Document, "save_without_historical_record", fail)
    with pytest.raises(RuntimeError):
        document_keys.rotate()

    assert list(vault.names()) == [document.storage_name]
    assert vault.read(document.storage_name, document.fingerprint) == LETTER


def test_documents_that_are_all_there_give_no_findings(folder, case, amal):
    add(case, amal)

    assert run("check_documents", read=True) == "No findings.\n"


def test_where_nothing_was_ever_kept_there_is_nothing_to_find(folder):
    assert run("check_documents") == "No findings.\n"


def test_a_missing_content_is_found(folder, case, amal):
    document = add(case, amal, title="Kanarienvogel")
    vault.erase(document.storage_name)

    said = StringIO()
    with pytest.raises(CommandError, match=r"1 findings\."):
        call_command("check_documents", stdout=said)
    assert f"{case}: the content of document {document.pk} is missing." in said.getvalue()
    assert "Kanarienvogel" not in said.getvalue()


def test_a_damaged_content_is_found_by_reading(folder, case, amal):
    document = add(case, amal)
    (folder / document.storage_name).write_bytes(b"something else")

    assert "No findings" in run("check_documents")
    with pytest.raises(CommandError, match=r"1 findings\."):
        run("check_documents", read=True)


def test_a_content_without_a_document_is_found_and_removed(folder, case, amal, monkeypatch):
    add(case, amal)
    left = vault.keep(b"left by a crash").name
    assert "No findings" in run("check_documents"), "it may just be arriving"
    monkeypatch.setattr(document_keys, "STILL_ARRIVING", timedelta(seconds=-5))

    with pytest.raises(CommandError, match=r"1 findings\."):
        run("check_documents")
    assert "1 contents removed" in run("check_documents", remove=True)
    assert not vault.exists(left)
    assert "No findings" in run("check_documents")


def test_a_struck_document_misses_nothing(folder, case, amal):
    document = DocumentFactory(case=case)
    document.struck_at = timezone.now()
    vault.erase(document.storage_name)
    document.storage_name = document.fingerprint = ""
    document.save()

    assert run("check_documents", read=True) == "No findings.\n"
