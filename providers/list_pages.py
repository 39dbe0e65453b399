"""What the pages of all lists share: rows under a filter bar, for htmx alone, and as a file."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kim_portal.pagination import AFTER, BEFORE, KeysetPage, count_up_to, in_order
from providers.filter_bar import BarFilter

LONGEST_FILE = 5000


def list_page(
    request: HttpRequest,
    filters: BarFilter,
    page: KeysetPage,
    *,
    export_url: str,
    page_template: str,
    rows_template: str,
    **more: object,
) -> HttpResponse:
    """Show one page of a list; htmx is given what stands below the filter bar."""
    context = {
        "page": page,
        "count": count_up_to(filters.qs),
        "chips": filters.chips(),
        "reset_url": filters.reset_url,
        "export_url": export_url,
        **more,
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, rows_template, context)
    return render(request, page_template, context | {"filters": filters})


def file_url(request: HttpRequest, name: str, **more: str) -> str:
    """Return the address of the file that holds what the list shows: same filters, same sort."""
    query = request.GET.copy()
    for parameter in (AFTER, BEFORE):
        query.pop(parameter, None)
    for parameter, value in more.items():
        query[parameter] = value
    return f"{reverse(name)}?{query.urlencode()}" if query else reverse(name)


def rows_for_file(rows: QuerySet, filters: BarFilter) -> QuerySet:
    """Return the rows in the order in which the pages show them, as many as a file takes."""
    return in_order(rows, filters.order)[:LONGEST_FILE]
