"""Auswertung: what the coordination counts, and the way to the register rows behind it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.exports.figures import figure_file
from cases.forms.filters import DashboardForm
from cases.models import Case, FollowUp, Handover
from cases.statistics import caseload, load, needs
from cases.statistics.figure import Figure
from cases.statistics.kept import needs_of
from cases.views.plots import plot_of
from centers.models import Center
from providers.models import Assignment, StaffMember
from providers.roles import Permission

ASSIGNMENTS_SHOWN = 20


@require_safe
@vary_on_headers("HX-Request")
def dashboard(request):
    """Show what needs action now, and the figures; `?table=…&format=csv` gives one as a file.

    What needs action is counted at every look; needs may be an hour old, unless asked `?recount=1`.
    """
    reader = request.user
    if not reader.may(Permission.READ_STATISTICS):
        raise PermissionDenied
    centers = list(Center.objects.order_by("name"))
    mine = [one for one in centers if reader.covers_center(one.pk, Permission.READ_STATISTICS)]
    form = DashboardForm(request.GET, centers=mine, address=request.path)
    active = [center for center in centers if center.is_active]
    shown = form.shown
    counted = needs_of(reader, anew="recount" in request.GET)
    headlines, figures = _figures(reader, shown, counted, mine=mine, active=active)
    if request.GET.get("format") == "csv":
        return _file(figures, request.GET.get("table"))
    context = {
        "as_of": timezone.now(),
        "scope": shown[0] if len(shown) == 1 else None,
        "headlines": headlines,
        "figures": [(figure, plot_of(figure)) for figure in figures],
        "assignments": _recent_assignments(reader),
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "cases/_dashboard_figures.html", context)
    context["form"] = form if len(mine) > 1 else None
    return render(request, "cases/dashboard.html", context)


def _figures(
    reader: StaffMember,
    shown: list[Center],
    counted: needs.NeedCounts,
    *,
    mine: list[Center],
    active: list[Center],
) -> tuple[list[caseload.Headline], list[Figure]]:
    """Count for the centers `shown`; the needs `counted` are of all the reader's (`mine`)."""
    cases = Case.objects.countable_by(reader).filter(center__in=shown)
    groups = caseload.open_cases(cases)
    waiting = caseload.pending(
        cases,
        handovers=Handover.objects.countable_by(reader).filter(case__center__in=shown),
        follow_ups=FollowUp.objects.countable_by(reader).filter(case__center__in=shown),
    )
    scope = {"center": shown[0].code} if len(shown) == 1 < len(mine) else {}
    return caseload.headlines(groups, waiting, scope), [
        caseload.waiting_by_center(groups, waiting, shown),
        load.load_by_center(groups, load.posts_by_center(active), shown),
        caseload.by_phase(groups, shown),
        caseload.by_provider(groups, shown),
        needs.by_domain(counted),
        needs.by_reason(counted),
    ]


def _file(figures: list[Figure], code: str | None):
    for figure in figures:
        if figure.code == code:
            return figure_file(figure)
    raise Http404


def _recent_assignments(reader: StaffMember) -> list[Assignment]:
    """Return what administrators entered of late for the reader's centers or for all of them."""
    rows = Assignment.objects.recently_created()
    centers = reader.center_ids(Permission.READ_STATISTICS)
    if centers is not None:
        rows = rows.filter(center__in=centers) | rows.filter(center=None)
    return list(rows[:ASSIGNMENTS_SHOWN])
