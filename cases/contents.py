"""What a file really is, told by its content; its name and what a browser says count for nothing.

Accepted are PDF, photographs and scans, Office and OpenDocument files without macros, and plain
text. Everything that a computer could run, or a browser could draw as a page, is refused.
"""

import re
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cases import office_files, pictures

LONGEST_NAME = 150


@dataclass(frozen=True)
class FileType:
    """One kind of file that is kept: how it is served, and what its name may end in."""

    media_type: str
    label: str
    extensions: tuple[str, ...]


PDF = FileType("application/pdf", "PDF", ("pdf",))
JPEG = FileType("image/jpeg", "JPEG", ("jpg", "jpeg", "jpe", "jfif"))
PNG = FileType("image/png", "PNG", ("png",))
WEBP = FileType("image/webp", "WebP", ("webp",))
TEXT = FileType("text/plain; charset=utf-8", "Text", ("txt", "csv", "md", "log"))
DOCX = FileType(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word", ("docx",)
)
XLSX = FileType(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel", ("xlsx",)
)
PPTX = FileType(
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "PowerPoint",
    ("pptx",),
)
ODT = FileType("application/vnd.oasis.opendocument.text", "OpenDocument", ("odt",))
ODS = FileType("application/vnd.oasis.opendocument.spreadsheet", "OpenDocument", ("ods",))
ODP = FileType("application/vnd.oasis.opendocument.presentation", "OpenDocument", ("odp",))

TYPES = (PDF, JPEG, PNG, WEBP, DOCX, XLSX, PPTX, ODT, ODS, ODP, TEXT)
PICTURES = (JPEG, PNG, WEBP)
OFFICE = (DOCX, XLSX, PPTX, ODT, ODS, ODP)
# A name that ends like one of these promises something that is never kept.
_NEVER_KEPT = (
    "bat bmp cmd com css dll doc docm dot dotm exe gif hta htm html jar js lnk msi php ppt pptm ps1"
    " py rar rtf scr sh svg svgz swf tif tiff vbs xhtml xls xlsm xml zip 7z heic heif"
)
NEVER_KEPT = frozenset(_NEVER_KEPT.split())

_OLD_OR_LOCKED = _(
    "This is an Office file of the old kind, or one with a password. Please save it without a "
    "password as PDF, DOCX or XLSX."
)
_NOT_FROM_PHONES = _(
    "This photo format cannot be kept. Please choose the photo as JPEG, or send it as PDF."
)
_NO_PROGRAMS = _("Programs, web pages and scripts are not kept.")
_OTHER_PICTURE = _("This picture format is not kept. Please save it as PDF, JPEG or PNG.")
_BEGINNINGS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), _OLD_OR_LOCKED),
    (re.compile(rb"\{\\rtf"), _OLD_OR_LOCKED),
    (re.compile(rb".{4}ftyp(hei|hev|mif|msf|avi)", re.DOTALL), _NOT_FROM_PHONES),
    (re.compile(rb"GIF8|BM|II\*\x00|MM\x00\*"), _OTHER_PICTURE),
    (re.compile(rb"MZ|\x7fELF|#!|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe"), _NO_PROGRAMS),
)
# What makes a browser take a text for a page, a drawing or a script.
_MARKUP = re.compile(
    r"<\s*(!doctype|!entity|\?xml|\?php|html|head|body|script|svg|iframe|object|embed|style|link"
    r"|meta|form|img)\b",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class CheckedFile:
    """A file that was looked into: what will be kept of it, and how it is called."""

    content: bytes
    file_type: FileType
    name: str


def checked(content: bytes, name: str) -> CheckedFile:
    """Return what is kept of an uploaded file, or raise a ValidationError that says why not."""
    if not content:
        raise ValidationError(_("The file is empty."), code="empty")
    if len(content) > settings.LARGEST_DOCUMENT:
        raise too_large()
    file_type, content = _recognised(content)
    _compare_with_name(file_type, name)
    return CheckedFile(content, file_type, clean_name(name, file_type))


def too_large() -> ValidationError:
    """Say how much a document may have."""
    return ValidationError(
        _("The file is too large. A document has at most %(megabytes)d MB."),
        code="too_large",
        params={"megabytes": settings.LARGEST_DOCUMENT // 2**20},
    )


# --- What it is -----------------------------------------------------------------------------------


def _recognised(content: bytes) -> tuple[FileType, bytes]:
    """Return what a content is, and what of it is kept."""
    if content.startswith(b"%PDF-"):
        return PDF, _whole_pdf(content)
    for file_type, written_anew in _PICTURES_BY_BEGINNING:
        if file_type.fullmatch(content[:12]):
            return written_anew(content)
    if content.startswith(b"PK"):
        kind = office_files.kind_of(content)
        return next(one for one in OFFICE if one.media_type == kind), content
    for beginning, sentence in _BEGINNINGS:
        if beginning.match(content):
            raise ValidationError(sentence, code="not_kept")
    return TEXT, _plain_text(content)


def _whole_pdf(content: bytes) -> bytes:
    if b"%%EOF" not in content:
        raise ValidationError(_("The PDF is not complete. Please scan it again."), code="broken")
    return content


def _picture(file_type: FileType, content: bytes) -> tuple[FileType, bytes]:
    return file_type, pictures.written_anew(content)


_PICTURES_BY_BEGINNING = (
    (re.compile(rb"\xff\xd8\xff.*", re.DOTALL), partial(_picture, JPEG)),
    (re.compile(rb"\x89PNG\r\n\x1a\n.*", re.DOTALL), partial(_picture, PNG)),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), partial(_picture, WEBP)),
)


def _plain_text(content: bytes) -> bytes:
    """Return a text as UTF-8, unless it is none or holds what a browser would draw or run."""
    text = _decoded(content)
    if text is None or _CONTROL.search(text):
        raise ValidationError(
            _(
                "This kind of file is not kept. Possible are PDF, JPEG, PNG, WebP, Word, Excel, "
                "PowerPoint, OpenDocument and plain text."
            ),
            code="not_kept",
        )
    if _MARKUP.search(text):
        raise ValidationError(_NO_PROGRAMS, code="not_kept")
    return text.encode()


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


# --- What it is called ----------------------------------------------------------------------------


def _compare_with_name(file_type: FileType, name: str) -> None:
    """Refuse a file whose name promises something else: whoever opens it would be misled."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    promised = next((one for one in TYPES if ending in one.extensions), None)
    if promised is file_type or {promised, file_type} <= set(PICTURES):
        return
    if promised is not None or ending in NEVER_KEPT:
        raise ValidationError(
            _(
                "The name ends in .%(ending)s, but the content is something else (%(kind)s). "
                "Please check whether this is the right file."
            ),
            code="lies",
            params={"ending": ending, "kind": file_type.label},
        )


def clean_name(name: str, file_type: FileType) -> str:
    """Return a name that any computer can store: no path, no hidden characters, a fitting end."""
    name = re.split(r"[/\\]", name)[-1]
    # Unprintable are control characters and those that turn the direction of writing.
    name = "".join(letter if letter.isprintable() else " " for letter in name)
    name = re.sub(r'[<>:"|?*]', "-", name)
    stem, dot, ending = name.rpartition(".")
    if not dot or ending.lower() not in file_type.extensions:
        stem, ending = name, file_type.extensions[0]
    stem = " ".join(stem.split()).strip(". ")
    longest = LONGEST_NAME - len(ending) - 1
    return f"{stem[:longest].rstrip('. ') or _('document')}.{ending.lower()}"
