"""Handovers as a table: who asked whom, and what became of it; nothing of the person."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils.translation import gettext as _

from cases.models import Handover
from kim_portal.csv_files import csv_response


def handover_file(handovers: Iterable[Handover]) -> HttpResponse:
    """Return handovers of a list as `for_list` loads them; no row tells more than on the page."""
    header = [
        _("Reference"),
        _("Offered on"),
        _("From"),
        _("To"),
        _("Reason"),
        _("Answer due on"),
        _("State"),
        _("Answered at"),
    ]
    rows = (
        [
            handover.case.reference,
            handover.offered_on,
            handover.from_staff if handover.tells_all else _("Coordination"),
            handover.receiver,
            handover.reason if handover.tells_all else _("The case needs a new lead"),
            handover.answer_due_on,
            handover.get_state_display(),
            handover.answered_at,
        ]
        for handover in handovers
    )
    return csv_response("uebergaben", header, rows)
