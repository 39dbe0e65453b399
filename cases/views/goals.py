"""Plan: the goals of a case in three levels with their measures, and the steps of a goal."""

from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.access import Step
from cases.forms.goals import AgreePlanForm, ChangeGoalForm, RateGoalForm, SetGoalForm
from cases.models import Case, Goal, Measure, Need, Person
from cases.views.file_head import head_or_403
from cases.views.outline import outline_of
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow import goals as workflow


@require_safe
def plan(request, reference):
    """Show the goals as an outline; what is stuck stands on top, with the click that mends it."""
    file = head_or_403(request, reference, "plan")
    return render(request, "cases/plan.html", {"file": file, "plan": outline_of(file)})


@require_http_methods(["GET", "HEAD", "POST"])
def set_goal(request, reference):
    """Set a goal; a need on the board and a goal in the plan link here with themselves."""
    case = file_or_403(request, reference)
    form = SetGoalForm(typed(request), **_choices(request, case))
    form.fields["needs"].initial = [request.GET.get("need", "")]
    if parent := request.GET.get("parent", ""):
        form.fields["parent"].initial = parent
    if (level := request.GET.get("level", "")) in Goal.Level:
        form.fields["level"].initial = level
    return step_page(
        request,
        case,
        Step.SET_GOAL,
        form=form,
        act=lambda **data: place(workflow.set_goal(case, by=request.user, **data)),
        success=_("The goal has been set."),
        template="cases/goal_step.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_goal(request, reference, pk):
    """Change the words, the level, the day of a goal, or what it serves."""
    case = file_or_403(request, reference)
    goal = record_or_404(workflow.with_version(Goal.objects.all()), request, case, pk)
    choices = _choices(request, case, but=goal)
    return step_page(
        request,
        case,
        Step.CHANGE_GOAL,
        form=ChangeGoalForm(typed(request), goal=goal, **choices),
        act=lambda **data: place(workflow.change_goal(goal, by=request.user, **data)),
        success=_("The goal has been changed."),
        template="cases/goal_step.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def rate_goal(request, reference, pk):
    """Say how a goal stands, and how far it was reached."""
    case = file_or_403(request, reference)
    goal = record_or_404(Goal.objects, request, case, pk)
    measures = Measure.objects.visible_to(request.user).standing().filter(goal=goal)
    has_open = measures.filter(state=Measure.State.OPEN).exists()
    return step_page(
        request,
        case,
        Step.RATE_GOAL,
        form=RateGoalForm(typed(request), goal=goal, has_open_measures=has_open),
        act=lambda **data: place(workflow.rate_goal(goal, by=request.user, **data)),
        success=_("The goal has been rated."),
        intro=goal.description,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def agree_plan(request, reference):
    """Record that the client has agreed to goals on a day."""
    case = file_or_403(request, reference)
    goals = _goals(request, case).filter(state__in=Goal.UNDER_WAY)

    def agree(**data) -> str:
        workflow.agree_plan(case, by=request.user, **data)
        return reverse("cases:plan", args=[case.reference])

    return step_page(
        request,
        case,
        Step.AGREE_PLAN,
        form=AgreePlanForm(typed(request), case=case, goals=goals),
        act=agree,
        success=_("The agreement has been recorded."),
        intro=_("Go through the goals with the person, in words they understand."),
    )


def place(goal: Goal) -> str:
    """Return where a goal stands in the plan."""
    return f"{reverse('cases:plan', args=[goal.case.reference])}#goal-{goal.pk}"


def goal_or_404(request: HttpRequest, case: Case, pk: str | None) -> Goal | None:
    """Find the goal that an address names, if it names one."""
    if not pk:
        return None
    if not pk.isdecimal():
        raise Http404
    return record_or_404(Goal.objects, request, case, int(pk))


def _choices(request: HttpRequest, case: Case, *, but: Goal | None = None) -> dict[str, object]:
    """Return what a goal of this case can be about, grow out of and serve."""
    needs = Need.objects.visible_to(request.user).standing().filter(case=case)
    goals = _goals(request, case).exclude(level=Goal.Level.ACTION)
    return {
        "case": case,
        "people": list(Person.objects.of_case(case)),
        "needs": needs.select_related("legal_domain").order_by("legal_domain__position", "pk"),
        "goals": goals if but is None else goals.exclude(pk=but.pk),
    }


def _goals(request: HttpRequest, case: Case):
    goals = Goal.objects.visible_to(request.user).standing().filter(case=case)
    return goals.order_by("pk")
