"""Referrals: made from a need, and followed to their outcome."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.referrals import ReferForm, UpdateReferralForm
from cases.models import Need, Referral
from cases.views.goals import goal_or_404
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow import referrals as workflow


@require_http_methods(["GET", "HEAD", "POST"])
def refer(request, reference, pk):
    """Refer the person for one need: fitting services first, or any other place."""
    case = file_or_403(request, reference)
    need = record_or_404(Need.objects.select_related("legal_domain"), request, case, pk)
    everything = "everything" in request.GET
    # A goal of the plan links here with itself: the referral becomes one of its measures.
    goal = goal_or_404(request, case, request.GET.get("goal"))
    form = ReferForm(
        typed(request),
        need=need,
        reader=request.user,
        everything=everything,
        chosen=request.GET.get("service", ""),
    )
    return step_page(
        request,
        case,
        Step.REFER,
        form=form,
        act=lambda **data: _place(workflow.refer(need, by=request.user, goal=goal, **data)),
        success=_("The referral has been recorded."),
        template="cases/refer.html",
        need=need,
        everything=everything,
        goal=goal,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def update_referral(request, reference, pk):
    """Record the answer, the appointment or the outcome of a referral."""
    case = file_or_403(request, reference)
    referrals = Referral.objects.select_related("need", "service__provider", "refusal_reason")
    referral = record_or_404(referrals, request, case, pk)
    referral.need.case = case
    return step_page(
        request,
        case,
        Step.UPDATE_REFERRAL,
        form=UpdateReferralForm(typed(request), referral=referral),
        act=lambda **data: _place(workflow.update_referral(referral, by=request.user, **data)),
        success=_("The referral has been updated."),
        template="cases/update_referral.html",
        referral=referral,
    )


def _place(referral: Referral) -> str:
    return f"{referral.case.get_absolute_url()}#need-{referral.need_id}"
