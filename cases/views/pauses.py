"""Pausing a case and ending the pause."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.pauses import PauseForm, ResumeForm
from cases.models import FollowUp
from cases.views.step import file_or_403, step_page, typed
from cases.workflow import pauses


@require_http_methods(["GET", "HEAD", "POST"])
def pause(request, reference):
    """Let the case rest until a day."""
    case = file_or_403(request, reference)
    return step_page(
        request,
        case,
        Step.PAUSE,
        form=PauseForm(typed(request)),
        act=lambda **data: pauses.pause(case, by=request.user, **data),
        success=_("The case is paused. It comes back by itself."),
        intro=_("On the last day a follow-up brings the case back to the lead."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def resume(request, reference):
    """End the pause early."""
    case = file_or_403(request, reference)
    others = FollowUp.objects.filter(case=case, ends_pause=False).open()
    return step_page(
        request,
        case,
        Step.RESUME,
        form=ResumeForm(typed(request), must_plan=not others.exists()),
        act=lambda **data: pauses.resume(case, by=request.user, **data),
        success=_("The pause has ended."),
    )
