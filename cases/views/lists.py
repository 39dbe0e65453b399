"""Lists of cases: one's own, and the register that shows no identity."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from cases.exports.cases import case_list_file, register_file
from cases.forms.filters import MyCasesFilter, RegisterFilter
from cases.forms.kept_search import PARAMETER, keep
from cases.models import Case
from cases.models.past import put_back, with_reading
from kim_portal.pagination import page_of
from providers.list_pages import file_url, list_page, rows_for_file
from providers.roles import Permission

# Where a search leads, and what it shows there: cases of any state, whatever is to do.
SEARCHED = {
    "cases": ("cases:list", {"state": "all"}),
    "follow_ups": ("cases:follow_ups", {}),
    "incoming": ("cases:handovers", {"show": "incoming"}),
    "outgoing": ("cases:handovers", {"show": "outgoing"}),
    "answered": ("cases:handovers", {"show": "answered"}),
}


@require_safe
@vary_on_headers("HX-Request")
def case_list(request):
    """Show the cases whose file the reader may open; coordinators are led to the register."""
    if not request.user.may(Permission.READ_FILES):
        _require_register(request)
        return redirect("cases:register")
    cases = Case.objects.visible_to(request.user)
    filters = MyCasesFilter(request.GET, queryset=cases, request=request)
    rows = with_reading(filters.qs.for_list().with_legal_domains(), request.user)
    page = page_of(request, rows, order=filters.order, among=cases)
    put_back(page.rows)
    return list_page(
        request,
        filters,
        page,
        export_url=file_url(request, "cases:export"),
        page_template="cases/case_list.html",
        rows_template="cases/_case_list_rows.html",
    )


@require_safe
@vary_on_headers("HX-Request")
def register(request):
    """Show the cases of the reader's centers without anybody's identity."""
    _require_register(request)
    cases = Case.objects.registered_to(request.user)
    filters = RegisterFilter(request.GET, queryset=cases, request=request)
    rows = filters.qs.for_list().with_legal_domains()
    return list_page(
        request,
        filters,
        page_of(request, rows, order=filters.order, among=cases),
        export_url=file_url(request, "cases:export", list="register"),
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
        return register_file(rows_for_file(filters.qs.for_list().with_legal_domains(), filters))
    if not request.user.may(Permission.READ_FILES):
        raise PermissionDenied
    cases = Case.objects.visible_to(request.user)
    filters = MyCasesFilter(request.GET, queryset=cases, request=request)
    rows = rows_for_file(filters.qs.for_list().with_legal_domains(), filters)
    return case_list_file(put_back(list(with_reading(rows, request.user))))


@require_POST
def search(request):
    """Keep what was typed in the session and lead to its list under a key for it."""
    if not request.user.may(Permission.READ_FILES):
        raise PermissionDenied
    page, query = SEARCHED.get(request.POST.get("list"), SEARCHED["cases"])
    if key := keep(request, request.POST.get("text", "")):
        return redirect(reverse(page, query={**query, PARAMETER: key}))
    return redirect(page)


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


def _require_register(request: HttpRequest) -> None:
    if not request.user.may(Permission.READ_REGISTER):
        raise PermissionDenied
