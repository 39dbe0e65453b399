"""Documents: added with their content in one go, corrected in what is said of them, found alike."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import vault
from cases.access import Step
from cases.contents import CheckedFile
from cases.models import Case, Consent, Document, DocumentKind, Person
from cases.workflow.expiries import end_reminders, of_document, remind_inside
from cases.workflow.records import read_again
from cases.workflow.steps import taking
from kim_portal.errors import Refusal
from providers.models import LegalDomain, StaffMember


def add_document(
    case: Case,
    *,
    by: StaffMember,
    file: CheckedFile,
    kind: DocumentKind,
    title: str = "",
    dated_on: date | None = None,
    valid_until: date | None = None,
    legal_domain: LegalDomain | None = None,
    consent: Consent | None = None,
    concerns: Person | None = None,
    is_confidential: bool = False,
    note: str = "",
) -> Document:
    """Keep a file that was looked into (`contents.checked`), and the row that says what it is.

    The content is stored first: where the row cannot be written, it is removed again, and what a
    crash in between leaves behind is found by `check_documents`. Never a row without content.
    """
    with taking(Step.ADD_DOCUMENT, case, by=by) as taken:
        _refuse_what_cannot_be(case, dated_on, consent, concerns)
        kept = vault.keep(file.content)
        try:
            document = Document.objects.create(
                case=case,
                recorded_by=by,
                kind=kind,
                title=title or kind.name,
                dated_on=dated_on,
                valid_until=valid_until,
                legal_domain=legal_domain,
                consent=consent,
                concerns=concerns,
                is_confidential=is_confidential,
                note=note,
                file_name=file.name,
                media_type=file.file_type.media_type,
                size=len(file.content),
                storage_name=kept.name,
                key_id=kept.key_id,
                fingerprint=kept.fingerprint,
            )
        except BaseException:
            vault.erase(kept.name)
            raise
        _remind(document, by=by)
        taken.record(
            document, after=kind.pk, kind=kind.pk, dated_on=dated_on, valid_until=valid_until
        )
    return document


def correct_document(
    document: Document,
    *,
    by: StaffMember,
    version: int,
    kind: DocumentKind,
    title: str = "",
    dated_on: date | None = None,
    valid_until: date | None = None,
    legal_domain: LegalDomain | None = None,
    consent: Consent | None = None,
    concerns: Person | None = None,
    is_confidential: bool = False,
    note: str = "",
) -> Document:
    """Change what is said of a document, never the document itself."""
    with taking(Step.CORRECT_DOCUMENT, document.case, by=by) as taken:
        read_again(document)
        if document.struck_at is not None:
            raise Refusal(_("This document has been struck through meanwhile."))
        if version != version_of(document):
            raise Refusal(
                _(
                    "Somebody else has changed this document meanwhile. Please look at it again "
                    "before you save."
                ),
                links=[(_("Show the documents"), place_of(document))],
            )
        _refuse_what_cannot_be(document.case, dated_on, consent, concerns)
        before = document.valid_until
        document.kind, document.title = kind, title or kind.name
        document.dated_on, document.valid_until = dated_on, valid_until
        document.legal_domain, document.consent = legal_domain, consent
        document.concerns, document.is_confidential = concerns, is_confidential
        document.note = note
        document.save()
        if valid_until != before:
            end_reminders(document.case, of_document(document).source, by=by)
            _remind(document, by=by)
        taken.record(
            document, after=kind.pk, kind=kind.pk, valid_before=before, valid_until=valid_until
        )
    return document


def _remind(document: Document, *, by: StaffMember) -> None:
    """Remind at once of a document that runs out before the nightly run would say so in time."""
    if document.valid_until is not None:
        remind_inside(of_document(document), today=timezone.localdate(), by=by)


def version_of(document: Document) -> int:
    """Return a number that grows with every change of what is said of a document."""
    return document.history.order_by("-history_id").values_list("history_id", flat=True)[0]


def place_of(document: Document) -> str:
    """Return where a document stands on its case's page."""
    return f"{document.case.get_absolute_url()}documents/#document-{document.pk}"


def with_this_content(file: CheckedFile, reader: StaffMember) -> QuerySet:
    """Return the documents that are equal to a file, in files that the reader may open.

    Of others not a word: that somebody is known elsewhere is a secret, too.
    """
    alike = Document.objects.visible_to(reader).filter(
        fingerprint__in=vault.fingerprints(file.content)
    )
    return alike.select_related("case").order_by("-recorded_at", "-pk")


def consents_of(case: Case) -> QuerySet:
    """Return the consents whose signed paper a document can be."""
    return Consent.objects.standing().filter(case=case).order_by("-valid_from", "-pk")


def _refuse_what_cannot_be(
    case: Case, dated_on: date | None, consent: Consent | None, concerns: Person | None
) -> None:
    if dated_on is not None and dated_on > timezone.localdate():
        raise Refusal(_("The date on the document lies in the future."))
    if consent is not None and consent.case_id != case.pk:
        raise Refusal(_("This consent belongs to another case."))
    people = Person.objects.of_case(case)
    if concerns is not None and not people.filter(pk=concerns.pk).exists():
        raise Refusal(_("This person does not belong to the case."))
