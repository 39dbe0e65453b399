"""Forms that create something are taken once, however often they arrive."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from cases.models import Submission
from providers.models import StaffMember


@transaction.atomic
def once(key: UUID, *, by: StaffMember, make: Callable[[], str]) -> str:
    """Call `make` for the first arrival of `key` and return the URL it returns.

    A later arrival gets the same URL without a second call. One at the same moment waits in the
    database until the first is committed; if that one failed, it takes its place.
    """
    submission, is_first = Submission.objects.get_or_create(key=key, sent_by=by)
    if is_first:
        submission.leads_to = make()
        submission.save(update_fields=["leads_to"])
    return submission.leads_to


def has_arrived(key: UUID, *, by: StaffMember) -> bool:
    """Tell whether a form with this key was taken before."""
    return Submission.objects.filter(key=key, sent_by=by).exists()
