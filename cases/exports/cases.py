"""Lists of cases as files: what the page shows, column by column."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils.translation import gettext as _

from cases.models import Case
from kim_portal.csv_files import csv_response


def case_list_file(cases: Iterable[Case]) -> HttpResponse:
    """Return the reader's own cases; each has its legal domains as `standing_needs`."""
    header = [
        _("Reference"),
        _("Family name"),
        _("Given name"),
        _("Date of birth"),
        _("Center"),
        _("Provider"),
        _("Phase"),
        _("Lead"),
        _("Next date"),
        _("Last change"),
        _("Legal domains"),
    ]
    rows = (
        [
            case.reference,
            case.person.family_name,
            case.person.given_name,
            case.person.birth_date,
            case.center,
            case.provider.short_name,
            case.get_phase_display(),
            case.lead,
            case.next_due,
            case.last_touched_at,
            ", ".join(case.legal_domains),
        ]
        for case in cases
    )
    return csv_response("faelle", header, rows)


def register_file(cases: Iterable[Case]) -> HttpResponse:
    """Return the register: no name, no birth date, no notes."""
    header = [
        _("Reference"),
        _("Center"),
        _("Provider"),
        _("Phase"),
        _("Lead"),
        _("Opened on"),
        _("Next date"),
        _("Last change"),
        _("Closed on"),
        _("Legal domains"),
    ]
    rows = (
        [
            case.reference,
            case.center,
            case.provider.short_name,
            case.get_phase_display(),
            case.lead,
            case.opened_on,
            case.next_due,
            case.last_touched_at,
            case.closed_on,
            ", ".join(case.legal_domains),
        ]
        for case in cases
    )
    return csv_response("fallregister", header, rows)
