"""The directory of services, and the door to a new password."""

from allauth.account import views as account
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from kim_portal.pagination import page_of
from providers.exports import service_file
from providers.filters import DirectoryFilter
from providers.list_pages import file_url, list_page, rows_for_file
from providers.models import Service
from providers.roles import Permission


@require_safe
@vary_on_headers("HX-Request")
def directory(request):
    """Show the services, filtered and paged; htmx is given the list alone."""
    _require_directory(request)
    services = Service.objects.active()
    filters = DirectoryFilter(request.GET, queryset=services, request=request)
    rows = filters.qs.for_list()
    return list_page(
        request,
        filters,
        page_of(request, rows, order=filters.order, cursor_field="code", among=services),
        export_url=file_url(request, "providers:export"),
        page_template="providers/directory.html",
        rows_template="providers/_services.html",
    )


@require_safe
def export(request):
    """Give the services that the list shows as a file."""
    _require_directory(request)
    filters = DirectoryFilter(request.GET, queryset=Service.objects.active(), request=request)
    return service_file(rows_for_file(filters.qs.for_file(), filters))


@require_safe
def service(request, code):
    """Show one service with everything known of it."""
    _require_directory(request)
    shown = Service.objects.select_related("provider").prefetch_related(
        "legal_domains__responsible", "life_areas", "languages", "neighbourhoods"
    )
    found = get_object_or_404(shown, code=code)
    edit_url = (
        reverse("admin:providers_service_change", args=[found.pk])
        if request.user.may(Permission.ADMINISTER)
        else ""
    )
    return render(
        request,
        "providers/service.html",
        {
            "service": found,
            "edit_url": edit_url,
            "trail": [(gettext("Directory"), reverse("providers:directory"))],
        },
    )


def change_password(request):
    """Let people change their password; whoever has none asks for a link instead."""
    if request.user.is_authenticated and not request.user.has_usable_password():
        sentence = gettext(
            "Your account has no password. Please ask the administration for a link."
        )
        messages.warning(request, sentence)
        return redirect("home")
    return account.password_change(request)


def _require_directory(request: HttpRequest) -> None:
    if not request.user.may(Permission.READ_DIRECTORY):
        raise PermissionDenied
