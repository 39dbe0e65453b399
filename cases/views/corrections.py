"""Striking through what was entered wrongly or in the wrong file."""

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.corrections import StrikeForm
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow.corrections import KINDS, may_correct
from cases.workflow.corrections import strike as strike_through
from cases.workflow.documents import place_of
from kim_portal.errors import NotYours


@require_http_methods(["GET", "HEAD", "POST"])
def strike(request, reference, kind, pk):
    """Strike an entry through, with the reason."""
    case = file_or_403(request, reference)
    if kind not in KINDS:
        raise Http404
    record = record_or_404(KINDS[kind].objects, request, case, pk)
    if not may_correct(record, request.user):
        raise NotYours
    return step_page(
        request,
        case,
        Step.STRIKE,
        form=StrikeForm(typed(request)),
        act=lambda **data: _place(strike_through(record, by=request.user, **data), kind),
        success=_("The entry has been struck through."),
        template="cases/strike.html",
        record=record,
        kind=kind,
    )


def _place(record, kind: str) -> str:
    if kind == "document":
        return place_of(record)
    if kind in {"goal", "measure"}:
        goal = record.pk if kind == "goal" else record.goal_id
        return f"{reverse('cases:plan', args=[record.case.reference])}#goal-{goal}"
    place = "consents" if kind == "consent" else f"{kind}-{record.pk}"
    return f"{record.case.get_absolute_url()}#{place}"
