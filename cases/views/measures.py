"""Measures: added to a goal, changed, done, dropped, taken up again."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.measures import (
    AddMeasureForm,
    CompleteMeasureForm,
    DropMeasureForm,
    MeasureForm,
    UndoMeasureForm,
)
from cases.models import Case, FollowUp, Goal, Measure, Referral
from cases.views.follow_ups import day_load
from cases.views.goals import place
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow import measures as workflow


@require_http_methods(["GET", "HEAD", "POST"])
def add_measure(request, reference, pk):
    """Add what is done for a goal."""
    case = file_or_403(request, reference)
    goal = record_or_404(Goal.objects, request, case, pk)
    return step_page(
        request,
        case,
        Step.ADD_MEASURE,
        form=AddMeasureForm(typed(request), goal=goal, referrals=_referrals(request, case)),
        act=lambda **data: _place(workflow.add_measure(goal, by=request.user, **data)),
        success=_("The measure has been added."),
        template="cases/measure_step.html",
        goal=goal,
        day_load=day_load(request.user),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_measure(request, reference, pk):
    """Change an open measure: what, by whom, by when."""
    case = file_or_403(request, reference)
    measure = _measure_or_404(request, case, pk)
    form = MeasureForm(
        typed(request), goal=measure.goal, referrals=_referrals(request, case), measure=measure
    )
    return step_page(
        request,
        case,
        Step.CHANGE_MEASURE,
        form=form,
        act=lambda **data: _place(workflow.change_measure(measure, by=request.user, **data)),
        success=_("The measure has been changed."),
        template="cases/measure_step.html",
        goal=measure.goal,
        day_load=day_load(request.user),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def complete_measure(request, reference, pk):
    """Finish a measure, and its follow-up with it."""
    case = file_or_403(request, reference)
    measure = _measure_or_404(request, case, pk)
    return step_page(
        request,
        case,
        Step.COMPLETE_MEASURE,
        form=CompleteMeasureForm(typed(request), must_plan=_is_the_last(case, measure)),
        act=lambda **data: _place(workflow.complete_measure(measure, by=request.user, **data)),
        success=_("Done."),
        title=_("Measure is done"),
        intro=measure.what,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def drop_measure(request, reference, pk):
    """Let a measure go, and its follow-up with it."""
    case = file_or_403(request, reference)
    measure = _measure_or_404(request, case, pk)
    return step_page(
        request,
        case,
        Step.DROP_MEASURE,
        form=DropMeasureForm(typed(request), must_plan=_is_the_last(case, measure)),
        act=lambda **data: _place(workflow.drop_measure(measure, by=request.user, **data)),
        success=_("The measure has been dropped."),
        intro=measure.what,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def undo_measure(request, reference, pk):
    """Take a measure up again."""
    case = file_or_403(request, reference)
    measure = _measure_or_404(request, case, pk)
    return step_page(
        request,
        case,
        Step.UNDO_MEASURE,
        form=UndoMeasureForm(typed(request)),
        act=lambda: _place(workflow.undo_measure(measure, by=request.user)),
        success=_("The measure is open again."),
        intro=measure.what,
    )


def _measure_or_404(request, case: Case, pk: int) -> Measure:
    return record_or_404(
        Measure.objects.select_related("goal", "follow_up", "referral"), request, case, pk
    )


def _referrals(request, case: Case):
    referrals = Referral.objects.visible_to(request.user).filter(case=case)
    running = referrals.exclude(state__in=Referral.ENDED)
    return running.select_related("service").order_by("pk")


def _is_the_last(case: Case, measure: Measure) -> bool:
    """Tell whether the follow-up of this measure is the only one that is open."""
    if measure.follow_up is None or not measure.follow_up.is_open:
        return False
    return not FollowUp.objects.filter(case=case).open().exclude(pk=measure.follow_up_id).exists()


def _place(measure: Measure) -> str:
    measure.goal.case = measure.case
    return place(measure.goal)
