"""Handovers as lists: what waits for the reader, what they have offered, what was answered."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.exports.handovers import handover_file
from cases.forms.handover_lists import LISTS
from cases.models import Handover
from kim_portal.errors import NotYours
from kim_portal.pagination import count_up_to, page_of
from providers.list_pages import file_url, list_page, rows_for_file
from providers.roles import Permission


@require_safe
@vary_on_headers("HX-Request")
def handovers(request):
    """List what waits for the reader, what they have offered, and what has been answered."""
    tab, rows = _tab_of(request)
    filters = LISTS[tab](request.GET, queryset=rows, request=request)
    shown = filters.qs.for_list()
    labels = {
        "incoming": (_("Incoming"), count_up_to(Handover.objects.incoming(request.user))),
        "outgoing": (_("Outgoing"), count_up_to(Handover.objects.outgoing(request.user))),
        "answered": (_("Answered"), None),
    }
    return list_page(
        request,
        filters,
        page_of(request, shown, order=filters.order, cursor_field="pk", among=rows),
        export_url=file_url(request, "cases:export_handovers"),
        page_template="cases/handovers.html",
        rows_template="cases/_handover_rows.html",
        tab=tab,
        tabs=[(name, label, count) for name, (label, count) in labels.items()],
    )


@require_safe
def export(request):
    """Give the handovers that the list shows as a file."""
    tab, rows = _tab_of(request)
    filters = LISTS[tab](request.GET, queryset=rows, request=request)
    return handover_file(rows_for_file(filters.qs.for_list(), filters))


def _tab_of(request: HttpRequest) -> tuple[str, QuerySet]:
    """Return which list is asked for, and its rows."""
    reader = request.user
    if not reader.may(Permission.TAKE_CASES):
        raise NotYours
    lists = {
        "incoming": Handover.objects.incoming,
        "outgoing": Handover.objects.outgoing,
        "answered": Handover.objects.answered_with,
    }
    tab = request.GET.get("show", "")
    if tab not in lists:
        tab = "incoming"
    return tab, lists[tab](reader)
