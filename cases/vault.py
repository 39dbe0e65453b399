"""Where the contents of documents lie: encrypted before any storage sees them, under random names.

The storage is Django's `STORAGES["documents"]`: a folder, S3 or any other. Keys come from
`DOCUMENT_KEYS`; the first one encrypts, all of them decrypt.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils.crypto import constant_time_compare, salted_hmac


class Unreadable(Exception):
    """A content is missing, was encrypted with a key that is not here, or is another one."""


@dataclass(frozen=True)
class Kept:
    """Where a content lies, under which key, and how it is recognised."""

    name: str
    key_id: str
    fingerprint: str


def keep(content: bytes) -> Kept:
    """Encrypt a content and store it; a whole one at a time, twenty megabytes at most.

    Fernet holds the whole content in memory and makes it a third larger: simple and well tried,
    and small enough here.
    """
    key = settings.DOCUMENT_KEYS[0]
    sealed = MultiFernet([Fernet(key)]).encrypt(content)
    random = uuid4().hex
    name = _storage().save(f"{random[:2]}/{random}", ContentFile(sealed))
    return Kept(name, key_id(key), _fingerprint(content, key))


def read(name: str, fingerprint: str) -> bytes:
    """Return a content, or raise Unreadable unless it is the one that was kept there."""
    try:
        with _storage().open(name) as file:
            sealed = file.read()
        content = MultiFernet([Fernet(key) for key in settings.DOCUMENT_KEYS]).decrypt(sealed)
    except InvalidToken as error:
        raise Unreadable("no key opens it") from error
    # Each kind of storage fails in its own way; all of them mean the same here.
    except Exception as error:
        raise Unreadable(type(error).__name__) from error
    if not any(constant_time_compare(fingerprint, one) for one in fingerprints(content)):
        raise Unreadable("another content lies in its place")
    return content


def erase(name: str) -> None:
    """Remove a content for good; nothing happens where there is none."""
    _storage().delete(name)


def fingerprints(content: bytes) -> list[str]:
    """Return what equal contents have in common, one for each key.

    Keyed: without the keys, the database does not tell who has which well-known form.
    """
    return [_fingerprint(content, key) for key in settings.DOCUMENT_KEYS]


def current_key_id() -> str:
    """Return what tells the key that encrypts now from the others."""
    return key_id(settings.DOCUMENT_KEYS[0])


def key_id(key: str) -> str:
    """Return a short mark of a key, which does not tell the key."""
    return salted_hmac("cases.vault.key", "", secret=key, algorithm="sha256").hexdigest()[:12]


def exists(name: str) -> bool:
    """Tell whether something lies under this name."""
    return _storage().exists(name)


def names() -> Iterator[str]:
    """Yield the name of everything that lies in the storage."""
    storage = _storage()
    try:
        folders, _files = storage.listdir("")
    except FileNotFoundError:
        return  # Nothing has been kept yet.
    for folder in sorted(folders):
        for name in sorted(storage.listdir(folder)[1]):
            yield f"{folder}/{name}"


def kept_at(name: str):
    """Return the moment at which something was put there."""
    return _storage().get_modified_time(name)


def _storage() -> Storage:
    return storages["documents"]


def _fingerprint(content: bytes, key: str) -> str:
    return salted_hmac(
        "cases.vault.fingerprint", content, secret=key, algorithm="sha256"
    ).hexdigest()
