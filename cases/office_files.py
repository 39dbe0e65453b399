"""Whether an Office file is one, without unpacking more than it may hold.

Office and OpenDocument files are ZIP archives. A small one can unfold to many gigabytes, hold
programs, or name files outside the folder it is unpacked to: none of these is kept.
"""

import re
import zipfile
import zlib
from io import BytesIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_ENTRIES = 3_000
MOST_UNPACKED = 150 * 2**20
# How many times larger than the file its parts may be; below a megabyte this says nothing.
HIGHEST_RATIO = 100
LONGEST_LIST = 2 * 2**20
CHUNK = 2**20

# The kind of the main part, which [Content_Types].xml names, and the kind of the whole.
MAIN_PARTS = {
    f"application/vnd.openxmlformats-officedocument.{kind}.main+xml".encode(): (
        f"application/vnd.openxmlformats-officedocument.{kind}"
    )
    for kind in (
        "wordprocessingml.document",
        "spreadsheetml.sheet",
        "presentationml.presentation",
    )
}
OPEN_DOCUMENTS = {
    f"application/vnd.oasis.opendocument.{kind}".encode(): (
        f"application/vnd.oasis.opendocument.{kind}"
    )
    for kind in ("text", "spreadsheet", "presentation")
}
PROGRAMS = re.compile(
    r"vbaproject|vbadata|macrosheets/|activex|^basic/|^scripts/"
    r"|\.(exe|dll|js|vbs|bat|cmd|ps1|jar|scr|hta|lnk)$",
    re.IGNORECASE,
)
OUTSIDE = re.compile(r"^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)|\x00", re.IGNORECASE)


def kind_of(content: bytes) -> str:
    """Return the media type of an Office file, or raise a ValidationError that says what it is."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_names(entries)
            _check_sizes(entries, len(content))
            _unpack_once(archive, entries)
            return _kind(archive, {entry.filename: entry for entry in entries})
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError) as error:
        raise _refused(_("The file is damaged and cannot be read."), "broken") from error


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.orig_filename for entry in entries]
    if len(entries) > MOST_ENTRIES or len(set(names)) != len(names):
        raise _bomb()
    if any(OUTSIDE.search(name) for name in names):
        raise _refused(_("The file holds paths that lead out of it. It is not kept."), "paths")
    if any(PROGRAMS.search(name) for name in names):
        raise _macros()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise _refused(_("The file has a password. Please save it without one."), "password")


def _check_sizes(entries: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED or unpacked > max(size * HIGHEST_RATIO, CHUNK):
        raise _bomb()


def _unpack_once(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Read each part, so that a size or checksum that is not true is noticed; keep nothing.

    What an entry unfolds to is bounded by the size it states, and those were added up before.
    """
    for entry in entries:
        with archive.open(entry) as part:
            while part.read(CHUNK):
                pass


def _kind(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> str:
    if "[Content_Types].xml" in entries:
        listed = _small_part(archive, entries["[Content_Types].xml"])
        if b"macroenabled" in listed.lower() or b"vbaproject" in listed.lower():
            raise _macros()
        found = [kind for part, kind in MAIN_PARTS.items() if part in listed]
        if len(found) == 1:
            return found[0]
    elif "mimetype" in entries:
        kind = OPEN_DOCUMENTS.get(_small_part(archive, entries["mimetype"]).strip())
        if kind and "content.xml" in entries:
            return kind
    raise _refused(
        _("Archives are not kept. Please upload the files in it one by one."), "not_kept"
    )


def _small_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.file_size > LONGEST_LIST:
        raise _bomb()
    return archive.read(entry)


def _macros() -> ValidationError:
    return _refused(
        _("The file holds macros or programs. Please save it without them, or as PDF."), "macros"
    )


def _bomb() -> ValidationError:
    return _refused(
        _("The file would become far too large when opened. Please save it as PDF."), "too_large"
    )


def _refused(sentence: str, code: str) -> ValidationError:
    return ValidationError(sentence, code=code)
