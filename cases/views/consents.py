"""Consents: given and revoked."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.consents import ConsentForm, RevokeConsentForm
from cases.models import Consent
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow import consents
from providers.models import Provider


@require_http_methods(["GET", "HEAD", "POST"])
def give_consent(request, reference):
    """Record a consent; a page that misses one links here with its recipient."""
    case = file_or_403(request, reference)
    wanted = request.GET.get("recipient", "")
    recipient = Provider.objects.filter(pk=wanted).first() if wanted.isdecimal() else None
    return step_page(
        request,
        case,
        Step.GIVE_CONSENT,
        form=ConsentForm(typed(request), recipient=recipient, kind=request.GET.get("kind", "")),
        act=lambda **data: _on_the_file(consents.give_consent(case, by=request.user, **data)),
        success=_("The consent has been recorded."),
        template="cases/give_consent.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_consent(request, reference, pk):
    """Revoke a consent; the page says what that closes."""
    case = file_or_403(request, reference)
    consent = record_or_404(Consent.objects.standing(), request, case, pk)
    return step_page(
        request,
        case,
        Step.REVOKE_CONSENT,
        form=RevokeConsentForm(typed(request)),
        act=lambda: _on_the_file(consents.revoke_consent(consent, by=request.user)),
        success=_("The consent has been revoked. The doors it had opened are closed."),
        template="cases/revoke_consent.html",
        consent=consent,
        title=_("Revoke the consent"),
    )


def _on_the_file(consent: Consent) -> str:
    return f"{consent.case.get_absolute_url()}#consents"
