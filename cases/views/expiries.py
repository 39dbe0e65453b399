"""What expires: recorded, renewed, ended. It is shown on the page of deadlines."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.expiries import EndExpiryForm, ExpiryForm
from cases.models import Case, Expiry
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow import expiries as workflow


@require_http_methods(["GET", "HEAD", "POST"])
def record_expiry(request, reference):
    """Record until when something is valid; `?replaces=` names what it renews."""
    case = file_or_403(request, reference)
    replaces = _replaced(request, case)
    return step_page(
        request,
        case,
        Step.RECORD_EXPIRY,
        form=ExpiryForm(typed(request), case=case, replaces=replaces),
        act=lambda **data: _place(
            workflow.record_expiry(case, by=request.user, replaces=replaces, **data)
        ),
        success=_("Saved. You will be reminded 12, 8 and 4 weeks before."),
        title=_("Renewed: valid until when?") if replaces else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def end_expiry(request, reference, pk):
    """Let something go whose end nobody has to watch any longer."""
    case = file_or_403(request, reference)
    expiry = record_or_404(Expiry.objects.select_related("concerns"), request, case, pk)
    return step_page(
        request,
        case,
        Step.END_EXPIRY,
        form=EndExpiryForm(typed(request)),
        act=lambda: _place(workflow.end_expiry(expiry, by=request.user)),
        success=_("You will not be reminded of it any more."),
        title=_("Stop watching this date"),
        intro=_("%(what)s, valid until %(day)s. Reminders that are open end with it.")
        % {"what": expiry, "day": f"{expiry.valid_until:%d.%m.%Y}"},
    )


def _replaced(request: HttpRequest, case: Case) -> Expiry | None:
    key = request.GET.get("replaces", "")
    if not key.isdecimal():
        return None
    return record_or_404(Expiry.objects.all(), request, case, int(key[:15]))


def _place(expiry: Expiry) -> str:
    page = reverse("cases:deadlines", args=[expiry.case.reference])
    return f"{page}#expiry-{expiry.pk}"
