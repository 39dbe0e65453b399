"""The documents of a case: listed by kind, added, corrected, downloaded."""

import logging
from collections import Counter, defaultdict
from io import BytesIO

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import vault
from cases.access import Step
from cases.forms.documents import CHOOSE_AGAIN, AddDocumentForm, CorrectDocumentForm
from cases.models import Document
from cases.models.past import past_values, with_past
from cases.views.file_head import FileHead, head_or_403
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow import documents as workflow
from kim_portal.errors import Refusal

logger = logging.getLogger(__name__)

# A document opens on nobody's page: no script, no other source, a document of its own.
SANDBOX = "default-src 'none'; sandbox"
EXPIRING = "expiring"


@require_safe
def documents(request, reference):
    """List the documents by kind; `show` keeps one kind, or what runs out."""
    head = head_or_403(request, reference, "documents")
    rows = _rows(head)
    shown = request.GET.get("show", "")
    kinds = _kinds(rows)
    if shown not in {EXPIRING, *(code for code, _name, _count in kinds)}:
        shown = ""
    groups = defaultdict(list)
    for row in rows:
        if _is_shown(row, shown):
            groups[row.kind_name].append(row)
    page = {
        "file": head,
        "groups": list(groups.items()),
        "kinds": kinds,
        "expiring": sum(_is_shown(row, EXPIRING) for row in rows),
        "shown": shown,
        "total": len(rows),
    }
    return render(request, "cases/documents.html", page)


@require_safe
def document(request, reference, pk):
    """Hand out the content of a document, to keep and never to open in the portal's name."""
    case = file_or_403(request, reference)
    found = record_or_404(Document.objects, request, case, pk)
    if not found.storage_name:
        raise Refusal(_("This document was struck through. Its content has been removed."))
    try:
        content = vault.read(found.storage_name, found.fingerprint)
    except vault.Unreadable as reason:
        logger.error("Document %s of %s cannot be read: %s", found.pk, case.reference, reason)
        refusal = Refusal(
            _(
                "The content of this document cannot be read at the moment. Please tell whoever "
                "runs the portal, and name the case and the day; the document is still recorded."
            )
        )
        return render(request, "409.html", {"refusal": refusal}, status=503)
    return FileResponse(
        BytesIO(content),
        as_attachment=True,
        filename=found.file_name,
        content_type=found.media_type,
        headers={
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": SANDBOX,
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_document(request, reference):
    """Add a document; what lies alike in other files of the reader is told by its reference."""
    case = file_or_403(request, reference)

    def act(**data):
        try:
            added = workflow.add_document(case, by=request.user, **data)
        except Refusal:
            form.add_error("file", CHOOSE_AGAIN)
            raise
        _tell_of_equal_ones(request, data["file"], case)
        return workflow.place_of(added)

    form = AddDocumentForm(typed(request), request.FILES or None, case=case, reader=request.user)
    return step_page(
        request,
        case,
        Step.ADD_DOCUMENT,
        form=form,
        act=act,
        success=_("The document has been added."),
        template="cases/document_form.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def correct_document(request, reference, pk):
    """Correct what is said of a document."""
    case = file_or_403(request, reference)
    found = record_or_404(Document.objects, request, case, pk)
    return step_page(
        request,
        case,
        Step.CORRECT_DOCUMENT,
        form=CorrectDocumentForm(typed(request), document=found),
        act=lambda **data: workflow.place_of(
            workflow.correct_document(found, by=request.user, **data)
        ),
        success=_("The correction is saved."),
        template="cases/document_form.html",
        intro=found.file_name,
    )


def _rows(head: FileHead) -> list[Document]:
    """Load all documents by kind, the newest first; a former lead's as they stood."""
    rows = Document.objects.visible_to(head.reader).filter(case=head.case)
    rows = rows.select_related("kind", "legal_domain", "concerns", "consent", "recorded_by")
    rows = rows.select_related("struck_by").order_by("kind__position", "-recorded_at", "-pk")
    if head.until is not None:
        rows = with_past(rows, Document, head.until)
    found = list(rows)
    for row in found:
        row.kind_code, row.kind_name = row.kind_id, row.kind.name
        row.domain_name = row.legal_domain.short_name if row.legal_domain else ""
        if head.until is not None:
            _put_back(row, head.until)
    return found


def _put_back(row: Document, until) -> None:
    """Let a former lead read what was said of a document then; free text only if unchanged."""
    then = past_values(row, Document)
    if row.struck_at is not None and row.struck_at > until:
        row.struck_at = None
    if not then["has_changed"]:
        return
    row.kind_code, row.kind_name = then["kind_id"], then["kind__name"]
    row.domain_name = then["legal_domain__short_name"] or ""
    row.dated_on, row.valid_until = then["dated_on"], then["valid_until"]
    row.title, row.note = row.kind_name, ""
    row.concerns, row.is_confidential, row.consent = None, False, None


def _kinds(rows: list[Document]) -> list[tuple[str, str, int]]:
    """Return the kinds that the list can be narrowed to: code, words, how many."""
    kinds = Counter((row.kind_code, row.kind_name) for row in rows)
    return [(code, name, count) for (code, name), count in kinds.items()]


def _is_shown(row: Document, shown: str) -> bool:
    if shown == EXPIRING:
        return row.struck_at is None and row.expiry in {"expired", "soon"}
    return shown in {"", row.kind_code}


def _tell_of_equal_ones(request, file, case) -> None:
    alike = workflow.with_this_content(file, request.user).exclude(case=case)
    others = {one.case.reference: one.case.get_absolute_url() for one in alike[:5]}
    if others:
        links = format_html_join(
            ", ", '<a href="{}">{}</a>', ((url, ref) for ref, url in others.items())
        )
        messages.info(request, format_html("{} {}", _("The same file also lies in:"), links))
