"""Contacts: noted in two clicks, corrected beside the old note."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from cases.access import Step
from cases.forms.contacts import CorrectContactForm, RecordContactForm
from cases.models import Contact
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow import contacts as workflow
from cases.workflow.corrections import may_correct
from kim_portal.errors import NotYours


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def record_contact(request, reference):
    """Note a contact; htmx is given the form alone, for the place on the file page."""
    case = file_or_403(request, reference)
    is_inline = request.htmx and request.method != "POST"
    return step_page(
        request,
        case,
        Step.RECORD_CONTACT,
        form=RecordContactForm(typed(request), case=case, reader=request.user),
        act=lambda **data: _place(workflow.record_contact(case, by=request.user, **data)),
        success=_("The contact has been noted."),
        template="cases/_contact_form.html" if is_inline else "cases/record_contact.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def correct_contact(request, reference, pk):
    """Write a contact anew; the old note stays, struck through."""
    case = file_or_403(request, reference)
    contact = record_or_404(Contact.objects, request, case, pk)
    if not may_correct(contact, request.user):
        raise NotYours
    return step_page(
        request,
        case,
        Step.RECORD_CONTACT,
        form=CorrectContactForm(typed(request), case=case, contact=contact),
        act=lambda **data: _place(workflow.correct_contact(contact, by=request.user, **data)),
        success=_("The contact has been corrected. The earlier note stays, struck through."),
        template="cases/record_contact.html",
        title=_("Correct the contact"),
    )


def _place(contact: Contact) -> str:
    return f"{contact.case.get_absolute_url()}#contact-{contact.pk}"
