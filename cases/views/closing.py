"""Closing a case, and reopening it within the retention period."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.closing import CloseForm, ReopenForm
from cases.models import Consent
from cases.views.step import file_or_403, step_page, typed
from cases.workflow import closing


@require_http_methods(["GET", "HEAD", "POST"])
def close(request, reference):
    """Close the case; what is still open stands first, each with the way to finish it and back."""
    case = file_or_403(request, reference)
    open_ones, revoked = closing.loose_ends(case), case.file_revoked
    form = CloseForm(
        typed(request),
        case=case,
        has_loose_ends=bool(open_ones),
        revoked=revoked,
        goals=open_ones.all_goals,
    )
    return step_page(
        request,
        case,
        Step.CLOSE,
        form=form,
        act=lambda **data: closing.close(case, by=request.user, **data),
        success=_("The case is closed."),
        template="cases/close.html",
        open_ones=open_ones,
        open_needs=closing.open_needs(case),
        revoked=revoked,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request, reference):
    """Reopen the case with its next step."""
    case = file_or_403(request, reference)
    file_consents = Consent.objects.filter(case=case, kind=Consent.Kind.FILE)
    return step_page(
        request,
        case,
        Step.REOPEN,
        form=ReopenForm(typed(request), needs_consent=not file_consents.valid().exists()),
        act=lambda **data: closing.reopen(case, by=request.user, **data),
        success=_("The case is open again."),
    )
