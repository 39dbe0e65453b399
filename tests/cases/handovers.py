"""What the tests of handovers share: offering a case, a consent for it, and looking anew."""

from django.utils import timezone

from cases.models import HandoverReason
from cases.workflow import handover as workflow
from tests.cases.factories import ConsentFactory

SHEET = {"situation": "Familie mit zwei Kindern, der Antrag läuft."}


def offer(case, to, *, by=None, **words):
    receiver = {"to_center": to} if hasattr(to, "slug") else {"to_staff": to}
    words = {
        "reason": HandoverReason.objects.get(code="UMZUG_STADTBEZIRK"),
        "client_told_on": timezone.localdate(),
        **SHEET,
        **receiver,
        **words,
    }
    return workflow.hand_over(case, by=by or case.lead, **words)


def consent_for(case, *providers, **words):
    return ConsentFactory(case=case, recipients=providers, **words)


def read_anew(person):
    """Give the same person as the next request would load them."""
    return type(person).objects.get(pk=person.pk)
