"""Figures as files: the table as the page shows it, with its definition and its n."""

from decimal import Decimal

from django.http import HttpResponse
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from cases.statistics.figure import Figure
from kim_portal.csv_files import csv_response


def figure_file(figure: Figure) -> HttpResponse:
    """Return one table; below it stand what it means, its n and where it comes from."""
    rows = [[row.label, *(_written(cell.value) for cell in row.cells)] for row in figure.rows]
    rows += [
        [],
        [figure.label, figure.definition],
        [_("Source"), figure.source],
        ["n", _written(figure.n), figure.counted],
    ]
    if figure.as_of:
        rows.append([_("As of"), date_format(localtime(figure.as_of), "d.m.Y, H:i")])
    return csv_response(f"auswertung-{figure.code}", [figure.row_head, *figure.columns], rows)


def _written(value) -> str:
    if value is None:
        return ""
    return number_format(value) if isinstance(value, Decimal) else str(value)
