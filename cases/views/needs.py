"""Needs: added, met, left unmet, dropped, taken up again."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.needs import (
    AddNeedForm,
    DropNeedForm,
    LeaveNeedUnmetForm,
    ResumeNeedForm,
    SettleNeedForm,
)
from cases.models import Need
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow import needs as workflow


@require_http_methods(["GET", "HEAD", "POST"])
def add_need(request, reference):
    """Add a need; a column of the board links here with its legal domain."""
    case = file_or_403(request, reference)
    form = AddNeedForm(typed(request), legal_domain=request.GET.get("legal_domain", ""))
    return step_page(
        request,
        case,
        Step.ADD_NEED,
        form=form,
        act=lambda **data: _place(workflow.add_need(case, by=request.user, **data)),
        success=_("The need has been added."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def meet_need(request, reference, pk):
    """Settle a need that could be met; without running referrals the button on the board does."""
    return _settle(
        request, reference, pk, Step.MEET_NEED, SettleNeedForm, workflow.meet_need,
        _("The need is met."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def leave_need_unmet(request, reference, pk):
    """Settle a need that could not be met, with the reason."""
    return _settle(
        request, reference, pk, Step.LEAVE_NEED_UNMET, LeaveNeedUnmetForm,
        workflow.leave_need_unmet, _("The need stays unmet. The reason has been recorded."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def drop_need(request, reference, pk):
    """Settle a need that no longer exists."""
    return _settle(
        request, reference, pk, Step.DROP_NEED, DropNeedForm, workflow.drop_need,
        _("The need has been dropped."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def resume_need(request, reference, pk):
    """Take up a need again that had been settled."""
    case = file_or_403(request, reference)
    need = record_or_404(Need.objects, request, case, pk)
    return step_page(
        request,
        case,
        Step.RESUME_NEED,
        form=ResumeNeedForm(typed(request)),
        act=lambda: _place(workflow.resume_need(need, by=request.user)),
        success=_("The need is open again."),
        intro=need.description,
    )


def _settle(request, reference, pk, step, form_class, settle, success):
    """Do what the three ways of settling a need share."""
    case = file_or_403(request, reference)
    need = record_or_404(Need.objects, request, case, pk)
    form = form_class(typed(request), running=workflow.running_referrals(need).count())
    return step_page(
        request,
        case,
        step,
        form=form,
        act=lambda **data: _place(settle(need, by=request.user, **data)),
        success=success,
        intro=need.description,
    )


def _place(need: Need) -> str:
    return f"{need.case.get_absolute_url()}#need-{need.pk}"
