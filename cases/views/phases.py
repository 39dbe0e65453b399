"""The phase of a case, and what it still lacks."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.phases import PhaseForm
from cases.views.step import file_or_403, step_page, typed
from cases.workflow.phases import PHASES, points_of
from cases.workflow.phases import change_phase as take_change_phase


@require_http_methods(["GET", "HEAD", "POST"])
def change_phase(request, reference):
    """Move the case to another phase; what is missing is shown and blocks nothing."""
    case = file_or_403(request, reference)
    return step_page(
        request,
        case,
        Step.CHANGE_PHASE,
        form=PhaseForm(typed(request), case=case),
        act=lambda **data: take_change_phase(case, by=request.user, **data),
        success=_("The phase has been changed."),
        template="cases/change_phase.html",
        points=points_of(case),
        phases=PHASES,
    )
