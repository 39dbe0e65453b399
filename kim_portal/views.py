"""The front door, the legal pages, and what is shown when something goes wrong."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from providers.roles import Role

FIRST_PAGES = {
    Role.CASEWORKER: "cases:day",
    Role.COORDINATOR: "cases:dashboard",
    Role.ADMINISTRATOR: "admin:index",
}


@require_safe
@login_not_required
def home(request):
    """Send each role to its page, and visitors to the centers."""
    if not request.user.is_authenticated:
        return redirect("centers:list")
    page = FIRST_PAGES.get(request.user.role)
    if page is None:
        messages.info(
            request,
            _("Your account has no assignment today. Please contact the administration."),
        )
        return redirect("centers:list")
    return redirect(page)


@require_safe
@login_not_required
def imprint(request):
    """Say who is responsible for the portal."""
    return render(request, "legal/imprint.html")


@require_safe
@login_not_required
def privacy(request):
    """Say what the portal does with personal data."""
    return render(
        request,
        "legal/privacy.html",
        {
            "retention_years": settings.RETENTION_YEARS,
            "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        },
    )


@require_safe
@login_not_required
def accessibility(request):
    """Give the accessibility statement that § 10b BGG NRW asks for."""
    return render(request, "legal/accessibility.html")
