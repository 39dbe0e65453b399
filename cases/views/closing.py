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
    """Close the case; what is still open is listed first, each with the way to finish it."""
    case = file_or_403(request, reference)
    goals = closing.goals_of(case)
    open_ones = closing.loose_ends(case, goals)
    form = CloseForm(
        typed(request),
        case=case,
        has_loose_ends=bool(open_ones),
        revoked=open_ones.is_revoked,
        goals=goals,
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
