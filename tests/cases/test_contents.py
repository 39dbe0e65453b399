"""What a file really is: judged by its content, whatever its name or the browser says."""

import struct
import zipfile
import zlib
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cases import contents, office_files
from cases.contents import DOCX, JPEG, ODT, PDF, PNG, TEXT, WEBP, XLSX, checked, clean_name
from tests.cases.uploads import LETTER

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EXCEL = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def archive(parts, compression=zipfile.ZIP_DEFLATED):
    written = BytesIO()
    with zipfile.ZipFile(written, "w", compression) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return written.getvalue()


def office(kind=WORD, **more):
    parts = {"[Content_Types].xml": b'<Types><Override ContentType="' + kind + b'"/></Types>'}
    return archive(parts | {"word/document.xml": b"<document/>"} | more)


def picture(name="JPEG", size=(40, 30), mode="RGB", **words):
    written = BytesIO()
    Image.new(mode, size, 120).save(written, name, **words)
    return written.getvalue()


def refusal_of(content, name="datei"):
    with pytest.raises(ValidationError) as caught:
        checked(content, name)
    return caught.value


# --- What is kept -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "file_type"),
    [
        (LETTER, "Bescheid.pdf", PDF),
        (picture(), "Foto.JPG", JPEG),
        (picture("PNG"), "scan.png", PNG),
        (picture("WEBP"), "bild.webp", WEBP),
        (office(), "Brief.docx", DOCX),
        (office(EXCEL), "Liste.xlsx", XLSX),
        (
            archive(
                {
                    "mimetype": b"application/vnd.oasis.opendocument.text",
                    "content.xml": b"<office/>",
                }
            ),
            "Brief.odt",
            ODT,
        ),
        ("Grüße aus Duisburg\n".encode(), "notiz.txt", TEXT),
        ("Name;Betrag\nMüller;12,50 €\n".encode("cp1252"), "liste.csv", TEXT),
    ],
)
def test_a_file_is_known_by_its_content(content, name, file_type):
    assert checked(content, name).file_type is file_type
    assert checked(content, "ohne Endung").file_type is file_type


def test_a_text_is_kept_as_utf_8_whatever_it_was_written_in():
    assert checked("12,50 €".encode("cp1252"), "a.txt").content == "12,50 €".encode()


def test_pictures_may_be_called_by_each_others_endings_and_get_their_own():
    assert checked(picture("WEBP"), "IMG-2026-WA0001.jpg").name == "IMG-2026-WA0001.jpg.webp"


# --- What is not --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        b"\xef\xbb\xbf  " + SVG,
        b"<!DOCTYPE html><html><body onload=alert(1)>",
        b"Sehr geehrte Damen und Herren <script>alert(1)</script>",
        b"<!-- -->\n<IMG src=x onerror=alert(1)>",
        b"<?php system($_GET[0]);",
        SVG.decode().encode("utf-16"),
        b"#!/bin/sh\nrm -rf /",
        b"MZ\x90\x00\x03\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
        b"{\\rtf1\\ansi hello}",
        b"GIF89a\x01\x00\x01\x00<script>",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
        bytes(range(256)),
        b"a\x00b",
    ],
)
@pytest.mark.parametrize("name", ["datei", "Bescheid.pdf", "notiz.txt", "foto.jpg"])
def test_scripts_pages_and_programs_are_refused_under_any_name(content, name):
    assert refusal_of(content, name).code == "not_kept"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (LETTER, "foto.jpg"),
        (LETTER, "rechnung.pdf.exe"),
        (LETTER, "seite.html"),
        (picture("PNG"), "Bescheid.pdf"),
        (picture(), "zeichnung.svg"),
        (b"nur Text", "Bescheid.pdf"),
        (b"nur Text", "programm.js"),
        (office(), "Liste.xlsx"),
        (office(), "Brief.docm"),
    ],
)
def test_a_file_that_lies_about_its_type_gets_a_sentence(content, name):
    refusal = refusal_of(content, name)

    assert refusal.code == "lies"
    assert f".{name.rpartition('.')[2]}" in refusal.messages[0]


def test_no_byte_is_no_document():
    assert refusal_of(b"").code == "empty"


def test_twenty_megabytes_are_kept_and_a_byte_more_is_not(settings):
    settings.LARGEST_DOCUMENT = len(LETTER)

    assert checked(LETTER, "a.pdf")
    assert refusal_of(LETTER + b" ").code == "too_large"


def test_half_a_pdf_is_noticed():
    assert refusal_of(LETTER[:-5]).code == "broken"


# --- Office files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        "word/vbaProject.bin",
        "xl/macrosheets/sheet1.xml",
        "word/activeX/activeX1.bin",
        "word/embeddings/setup.exe",
        "Basic/Standard/Module1.xml",
    ],
)
def test_macros_and_programs_inside_an_office_file_are_refused(part):
    assert refusal_of(office(**{part: b"x"})).code == "macros"


def test_a_file_that_announces_macros_is_refused_though_it_hides_them():
    kind = WORD + b'"/><Override ContentType="application/vnd.ms-office.vbaProject'

    assert refusal_of(office(kind)).code == "macros"


@pytest.mark.parametrize(
    "part", ["../../etc/passwd", "/etc/passwd", "C:/x", "word\\..\\..\\x", "a/../../b"]
)
def test_a_path_that_leads_out_is_refused(part):
    assert refusal_of(office(**{part: b"x"})).code == "paths"


def test_an_archive_of_files_is_no_document():
    assert refusal_of(archive({"passwort.txt": b"geheim"})).code == "not_kept"
    assert refusal_of(office(EXCEL + b" " + WORD)).code == "not_kept"


def test_a_bomb_is_refused_before_it_unfolds(monkeypatch):
    monkeypatch.setattr(office_files, "_unpack_once", pytest.fail)
    bomb = office(**{"word/media/a.xml": b"\0" * 20 * 2**20})

    assert len(bomb) < 100_000
    assert refusal_of(bomb).code == "too_large"


def test_a_bomb_of_many_names_is_refused(monkeypatch):
    monkeypatch.setattr(office_files, "MOST_ENTRIES", 5)

    assert refusal_of(office(**{f"word/{n}.xml": b"x" for n in range(5)})).code == "too_large"


def test_a_bomb_that_states_too_small_a_size_is_noticed():
    """The size in the directory says ten bytes, what is there unfolds to two megabytes."""
    honest = office(**{"word/media/a.xml": b"\0" * 2 * 2**20})
    lying = honest.replace(struct.pack("<L", 2 * 2**20), struct.pack("<L", 10))

    assert lying != honest
    assert refusal_of(lying).code == "broken"


def test_a_bomb_inside_the_list_of_parts_is_refused(monkeypatch):
    monkeypatch.setattr(office_files, "LONGEST_LIST", 10)

    assert refusal_of(office()).code == "too_large"


def test_a_locked_archive_is_refused():
    locked = bytearray(office())
    central = locked.index(b"PK\x01\x02")
    locked[central + 8] |= 1

    assert refusal_of(bytes(locked)).code == "password"


@pytest.mark.parametrize("cut", [4, 30, 100])
def test_a_torn_office_file_is_damaged(cut):
    assert refusal_of(office()[:-cut]).code == "broken"
    assert refusal_of(b"PK" + office()[cut:]).code in {"broken", "not_kept"}


def test_a_changed_byte_is_noticed():
    content = bytearray(archive({"[Content_Types].xml": WORD}, zipfile.ZIP_STORED))
    content[content.index(WORD)] ^= 1

    assert refusal_of(bytes(content)).code == "broken"


# --- Pictures -----------------------------------------------------------------------------------


def test_a_photo_forgets_where_it_was_taken_and_stands_upright():
    notes = Image.Exif()
    notes[0x0112] = 6  # The phone was held upright.
    notes[0x010F] = "Telefonmarke"
    notes.get_ifd(0x8825)[1] = "N"
    photo = picture(size=(40, 30), exif=notes, comment=b"Musterweg 5")
    assert b"Telefonmarke" in photo
    assert b"Musterweg" in photo

    kept = checked(photo, "foto.jpg").content

    assert b"Telefonmarke" not in kept
    assert b"Musterweg" not in kept
    with Image.open(BytesIO(kept)) as shown:
        assert not shown.getexif()
        assert shown.size == (30, 40)


def test_what_hangs_on_a_picture_is_not_kept():
    for name in ("JPEG", "PNG", "WEBP"):
        kept = checked(picture(name) + b"<script>alert(1)</script>", "bild").content

        assert b"script" not in kept


def test_a_picture_that_unfolds_too_far_is_refused(settings):
    settings.MOST_PIXELS = 100

    assert refusal_of(picture("PNG")).code == "too_large"


def test_a_photo_with_more_pixels_than_needed_is_kept_at_half_its_size(settings):
    settings.MOST_PIXELS = 4_000
    kept = checked(picture(size=(120, 80)), "foto.jpg").content

    with Image.open(BytesIO(kept)) as shown:
        assert shown.size == (60, 40)
    assert refusal_of(picture(size=(240, 160))).code == "too_large"


def test_a_picture_that_claims_a_monstrous_size_is_refused():
    """Sixty-five thousand pixels each way, in a hundred bytes."""

    def chunk(kind, data):
        return (
            struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">LLBBBBB", 65_000, 65_000, 8, 2, 0, 0, 0))
    monster = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + b"IEND"

    assert refusal_of(monster).code == "too_large"


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_a_torn_picture_is_damaged(name):
    assert refusal_of(picture(name, size=(200, 200))[:60]).code == "broken"


@pytest.mark.parametrize(
    ("name", "mode"), [("PNG", "P"), ("PNG", "LA"), ("PNG", "1"), ("PNG", "I;16"), ("JPEG", "CMYK")]
)
def test_every_way_to_store_colours_is_kept(name, mode):
    assert checked(picture(name, mode=mode), "bild").content


# --- Names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\amal\\Bescheid.PDF", "Bescheid.pdf"),
        ("Bescheid\u202efdp.exe", "Bescheid fdp.exe.pdf"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "a b Set-Cookie- x.pdf"),
        ("", "document.pdf"),
        ("....", "document.pdf"),
        ("شهادة ميلاد.pdf", "شهادة ميلاد.pdf"),
        ("x" * 400 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_a_name_is_cleaned(name, clean, settings):
    settings.LANGUAGE_CODE = "en"
    assert clean_name(name, PDF).replace("Dokument", "document") == clean


@given(st.text(max_size=400), st.sampled_from(contents.TYPES))
def test_whatever_the_name_it_can_be_stored_and_hides_nothing(name, file_type):
    clean = clean_name(name, file_type)

    assert 0 < len(clean) <= contents.LONGEST_NAME
    assert clean.isprintable()
    assert not set(clean) & set('/\\<>:"|?*')
    assert not clean.startswith((".", " "))
    assert clean.rpartition(".")[2] in file_type.extensions
    assert clean_name(clean, file_type) == clean
