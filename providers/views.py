"""The directory of services."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from providers.models import Service


@require_safe
def directory(request):
    """Show the services, filtered and paged; htmx is given the list alone."""
    return render(request, "providers/directory.html", {})


@require_safe
def service(request, code):
    """Show one service with everything known of it."""
    found = get_object_or_404(Service.objects.active().for_list(), code=code)
    return render(request, "providers/service.html", {"service": found})
