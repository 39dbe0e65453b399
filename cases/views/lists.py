"""Lists of cases: one's own, and the register that shows no identity."""

from secrets import token_urlsafe

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from cases.exports.cases import case_list_file, register_file
from cases.forms.filters import BarFilter, MyCasesFilter, RegisterFilter
from cases.models import Case
from cases.models.past import put_back, with_reading
from kim_portal.pagination import count_up_to, page_of
from providers.filter_bar import FilterChip, without
from providers.roles import Permission

# Searches are kept in the session under a key that the URL carries: a name is never in a URL.
SEARCHES = "case_searches"
SEARCHES_KEPT = 10
LONGEST_SEARCH = 100
LONGEST_FILE = 5000


@require_safe
@vary_on_headers("HX-Request")
def case_list(request):
    """Show the cases whose file the reader may open; coordinators are led to the register."""
    if not request.user.may(Permission.READ_FILES):
        _require_register(request)
        return redirect("cases:register")
    cases = Case.objects.visible_to(request.user)
    filters = MyCasesFilter(request.GET, queryset=_searched(request, cases), request=request)
    return _list_page(
        request,
        filters,
        among=cases,
        export_url=_export_url(request),
        page_template="cases/case_list.html",
        rows_template="cases/_case_list_rows.html",
        shows_files=True,
    )


@require_safe
@vary_on_headers("HX-Request")
def register(request):
    """Show the cases of the reader's centers without anybody's identity."""
    _require_register(request)
    cases = Case.objects.registered_to(request.user)
    filters = RegisterFilter(request.GET, queryset=cases, request=request)
    return _list_page(
        request,
        filters,
        among=cases,
        export_url=_export_url(request, list="register"),
        page_template="cases/register.html",
        rows_template="cases/_register_rows.html",
    )


@require_safe
def export(request):
    """Give what the list shows as a file: `?list=register` or the reader's own cases."""
    if request.GET.get("list") == "register":
        _require_register(request)
        cases = Case.objects.registered_to(request.user)
        filters = RegisterFilter(request.GET, queryset=cases, request=request)
        return register_file(_ordered(filters))
    if not request.user.may(Permission.READ_FILES):
        raise PermissionDenied
    cases = _searched(request, Case.objects.visible_to(request.user))
    filters = MyCasesFilter(request.GET, queryset=cases, request=request)
    return case_list_file(put_back(list(with_reading(_ordered(filters), request.user))))


@require_POST
def search(request):
    """Keep what was typed in the session and lead to the list under a key for it."""
    if not request.user.may(Permission.READ_FILES):
        raise PermissionDenied
    text = request.POST.get("text", "").strip()[:LONGEST_SEARCH]
    if not text:
        return redirect("cases:list")
    key = token_urlsafe(8)
    searches = request.session.get(SEARCHES, {}) | {key: text}
    request.session[SEARCHES] = dict(list(searches.items())[-SEARCHES_KEPT:])
    return redirect(reverse("cases:list", query={"search": key, "state": "all"}))


@require_POST
def find(request):
    """Lead to the case with this reference; an unknown one gets a sentence, on the list.

    By POST, because somebody will type a name here one day.
    """
    reference = request.POST.get("q", "").strip().upper()
    case = Case.objects.known_to(request.user).filter(reference=reference).first()
    if case is not None:
        return redirect(case)
    messages.warning(request, _("There is no case with this reference that you may know of."))
    return redirect("home")


def _list_page(
    request: HttpRequest,
    filters: BarFilter,
    *,
    among: QuerySet,
    export_url: str,
    page_template: str,
    rows_template: str,
    shows_files: bool = False,
):
    rows = filters.qs.for_list().with_legal_domains()
    if shows_files:
        rows = with_reading(rows, request.user)
    page = page_of(request, rows, order=filters.order, among=among)
    if shows_files:
        put_back(page.rows)
    context = {
        "page": page,
        "count": count_up_to(filters.qs),
        "chips": [*_search_chip(request), *filters.chips(request)],
        "reset_url": request.path,
        "export_url": export_url,
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, rows_template, context)
    return render(request, page_template, context | {"filters": filters})


def _ordered(filters) -> QuerySet:
    return filters.qs.for_list().with_legal_domains().order_by(*filters.order, "pk")[:LONGEST_FILE]


def _searched(request: HttpRequest, cases: QuerySet) -> QuerySet:
    text = _search_text(request)
    return cases.matching(text) if text else cases


def _search_text(request: HttpRequest) -> str:
    return request.session.get(SEARCHES, {}).get(request.GET.get("search", ""), "")


def _search_chip(request: HttpRequest) -> list[FilterChip]:
    text = _search_text(request)
    return [FilterChip(_("Search"), text, without(request, "search"))] if text else []


def _export_url(request: HttpRequest, **more: str) -> str:
    query = request.GET.copy()
    for name in ("after", "before", "list"):
        query.pop(name, None)
    query.update(more)
    return f"{reverse('cases:export')}?{query.urlencode()}"


def _require_register(request: HttpRequest) -> None:
    if not request.user.may(Permission.READ_REGISTER):
        raise PermissionDenied
