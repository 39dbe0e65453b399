"""The contents of documents and their rows, compared; and contents put under the current key."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from cases import vault
from cases.models import Document

logger = logging.getLogger(__name__)

# What was stored within this time may belong to an upload that is just being finished.
STILL_ARRIVING = timedelta(hours=1)


def under_old_keys():
    """Return the documents that are not encrypted with the first of `DOCUMENT_KEYS`."""
    return Document.objects.kept().exclude(key_id=vault.current_key_id()).order_by("pk")


def rotate() -> tuple[int, int]:
    """Encrypt every document with the current key; return how many were, and could not be.

    Safe to repeat and to interrupt: each one is finished before the next begins. The old content
    goes once the row points to the new one.
    """
    done = failed = 0
    for pk in list(under_old_keys().values_list("pk", flat=True)):
        try:
            done += _put_under_current_key(pk)
        except vault.Unreadable as reason:
            failed += 1
            logger.error("Document %s cannot be read: %s", pk, reason)
    return done, failed


@transaction.atomic
def _put_under_current_key(pk: int) -> bool:
    document = under_old_keys().select_for_update().filter(pk=pk).first()
    if document is None:
        return False  # Struck through, or done by somebody else meanwhile.
    old = document.storage_name
    kept = vault.keep(vault.read(old, document.fingerprint))
    document.storage_name, document.key_id = kept.name, kept.key_id
    document.fingerprint = kept.fingerprint
    try:
        # Nothing that is said of the document has changed: its history has nothing to tell.
        document.save_without_historical_record(
            update_fields=["storage_name", "key_id", "fingerprint"]
        )
    except BaseException:
        vault.erase(kept.name)
        raise
    transaction.on_commit(lambda: vault.erase(old), robust=True)
    return True


def unreadable(*, read_each: bool = False) -> Iterator[str]:
    """Yield a sentence for every document without its content; `read_each` also decrypts."""
    for document in Document.objects.kept().select_related("case").order_by("pk").iterator():
        if not vault.exists(document.storage_name):
            yield f"{document.case}: the content of document {document.pk} is missing."
        elif read_each:
            try:
                vault.read(document.storage_name, document.fingerprint)
            except vault.Unreadable as reason:
                yield f"{document.case}: document {document.pk} cannot be read: {reason}."


def orphans() -> Iterator[str]:
    """Yield the names of contents to which no document points, left by a crash or a strike."""
    latest = timezone.now() - STILL_ARRIVING
    for name in vault.names():
        if not Document.objects.filter(storage_name=name).exists() and vault.kept_at(name) < latest:
            yield name
