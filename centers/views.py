"""The public pages: what somebody at the door, or with a phone in hand, wants to know."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from centers.models import Center
from centers.overview import overviews, shut_days


@require_safe
@login_not_required
def center_list(request):
    """Show all centers: which is open now, where it is, which number to call."""
    centers = Center.objects.active().with_schedule(timezone.localdate())
    return render(request, "centers/center_list.html", {"overviews": overviews(centers)})


@require_safe
@login_not_required
def center_detail(request, slug):
    """Show one center with its hours, the days it is shut, and whom it serves."""
    today = timezone.localdate()
    center = get_object_or_404(Center.objects.active().with_schedule(today), slug=slug)
    [overview] = overviews([center])
    neighbourhoods = center.neighbourhoods.filter(is_active=True).select_related("district")
    context = {
        "overview": overview,
        "center": center,
        "shut_days": shut_days(overview),
        "neighbourhoods": neighbourhoods.order_by("district__code", "name"),
    }
    return render(request, "centers/center_detail.html", context)
