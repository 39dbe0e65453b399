"""Follow-ups: the steps of one, and the list of one's own."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from cases.access import Step
from cases.exports.follow_ups import calendar_file, follow_up_file
from cases.forms.filters import FollowUpFilter
from cases.forms.follow_ups import CompleteForm, DropForm, FollowUpForm, PostponeForm, UndoForm
from cases.models import Case, FollowUp
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow import follow_ups as workflow
from centers.working_days import is_working_day
from kim_portal.pagination import count_up_to, page_of
from providers.models import StaffMember
from providers.roles import Permission

# How many days of load are shown while a date is chosen.
LOAD_DAYS = 28
LONGEST_FILE = 5000


@require_http_methods(["GET", "HEAD", "POST"])
def plan_follow_up(request, reference):
    """Plan one thing to do by one day."""
    case = file_or_403(request, reference)
    return step_page(
        request,
        case,
        Step.PLAN_FOLLOW_UP,
        form=FollowUpForm(typed(request), case=case, reader=request.user),
        act=lambda **data: _on_the_file(workflow.plan_follow_up(case, by=request.user, **data)),
        success=_("The follow-up is planned."),
        template="cases/follow_up_step.html",
        day_load=day_load(request.user),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def complete_follow_up(request, reference, pk):
    """Finish a follow-up and plan the next one."""
    case = file_or_403(request, reference)
    follow_up = record_or_404(FollowUp.objects, request, case, pk)
    form = CompleteForm(typed(request), must_plan=_is_the_last(case, follow_up))
    return step_page(
        request,
        case,
        Step.COMPLETE_FOLLOW_UP,
        form=form,
        act=lambda **data: _on_the_file(
            workflow.complete_follow_up(follow_up, by=request.user, **data)
        ),
        success=_("Done."),
        template="cases/follow_up_step.html",
        follow_up=follow_up,
        title=_("Finish the follow-up"),
        day_load=day_load(request.user),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def drop_follow_up(request, reference, pk):
    """Let a follow-up go that is no longer needed."""
    case = file_or_403(request, reference)
    follow_up = record_or_404(FollowUp.objects, request, case, pk)
    form = DropForm(typed(request), must_plan=_is_the_last(case, follow_up))
    return step_page(
        request,
        case,
        Step.DROP_FOLLOW_UP,
        form=form,
        act=lambda **data: _on_the_file(
            workflow.drop_follow_up(follow_up, by=request.user, **data)
        ),
        success=_("The follow-up has been dropped."),
        template="cases/follow_up_step.html",
        follow_up=follow_up,
        day_load=day_load(request.user),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def postpone_follow_up(request, reference, pk):
    """Move a follow-up to another day."""
    case = file_or_403(request, reference)
    follow_up = record_or_404(FollowUp.objects, request, case, pk)
    return step_page(
        request,
        case,
        Step.POSTPONE_FOLLOW_UP,
        form=PostponeForm(typed(request), follow_up=follow_up),
        act=lambda **data: _on_the_file(
            workflow.postpone_follow_up(follow_up, by=request.user, **data)
        ),
        success=_("The follow-up has been postponed."),
        template="cases/follow_up_step.html",
        follow_up=follow_up,
        title=_("Postpone the follow-up"),
        day_load=day_load(request.user),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def undo_follow_up(request, reference, pk):
    """Open a finished follow-up again."""
    case = file_or_403(request, reference)
    follow_up = record_or_404(FollowUp.objects, request, case, pk)
    return step_page(
        request,
        case,
        Step.UNDO_FOLLOW_UP,
        form=UndoForm(typed(request)),
        act=lambda: _on_the_file(workflow.undo_follow_up(follow_up, by=request.user)),
        success=_("The follow-up is open again."),
        template="cases/follow_up_step.html",
        follow_up=follow_up,
        title=_("Open the follow-up again"),
    )


def day_load(reader: StaffMember) -> list[tuple[date, int]]:
    """Return how many follow-ups of the reader's are due on each of the next working days."""
    first = timezone.localdate()
    last = first + timedelta(days=LOAD_DAYS)
    load = FollowUp.objects.assigned_to(reader).load_by_day(first, last)
    days = (first + timedelta(days=n) for n in range(LOAD_DAYS + 1))
    return [(day, load.get(day, 0)) for day in days if is_working_day(day) or day in load]


def _is_the_last(case: Case, follow_up: FollowUp) -> bool:
    others = FollowUp.objects.filter(case=case).open().exclude(pk=follow_up.pk)
    return case.is_active and not others.exists()


def _on_the_file(follow_up: FollowUp) -> str:
    return f"{follow_up.case.get_absolute_url()}#follow-up-{follow_up.pk}"


@require_safe
@vary_on_headers("HX-Request")
def follow_ups(request):
    """Show the reader's follow-ups by date, filtered and paged."""
    rows = _mine(request)
    filters = FollowUpFilter(request.GET, queryset=rows, request=request)
    page = page_of(request, filters.qs.for_list(), order=("due_on",), cursor_field="pk", among=rows)
    context = {
        "page": page,
        "count": count_up_to(filters.qs),
        "chips": filters.chips(request),
        "reset_url": request.path,
        "here": request.get_full_path(),
        "export_url": f"{reverse('cases:export_follow_ups')}?{request.GET.urlencode()}",
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "cases/_follow_up_rows.html", context)
    return render(request, "cases/follow_ups.html", context | {"filters": filters})


@require_safe
def export(request):
    """Give the follow-ups that the list shows as a file."""
    filters = FollowUpFilter(request.GET, queryset=_mine(request), request=request)
    return follow_up_file(filters.qs.for_list().order_by("due_on", "pk")[:LONGEST_FILE])


@require_safe
def calendar(request):
    """Give the reader's open follow-ups as a calendar: days and references, nothing of anybody."""
    return calendar_file(_mine(request).open().for_list().order_by("due_on", "pk")[:LONGEST_FILE])


def _mine(request: HttpRequest) -> QuerySet:
    if not request.user.may(Permission.READ_FILES):
        raise PermissionDenied
    return FollowUp.objects.assigned_to(request.user)
