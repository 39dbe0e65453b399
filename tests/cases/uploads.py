"""Files as a browser sends them, and documents as the step adds them."""

from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.contents import PDF, CheckedFile
from cases.models import DocumentKind
from cases.workflow import documents as workflow

LETTER = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF"


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
