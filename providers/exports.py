"""The directory as a file: what the list shows, column by column."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kim_portal.csv_files import csv_response
from providers.models import Service


def service_file(services: Iterable[Service]) -> HttpResponse:
    """Return services as `Service.objects.for_file` loads them."""
    header = [
        _("Service"),
        _("Provider"),
        _("Legal domains"),
        _("Life areas"),
        _("Languages"),
        _("Phone"),
        _("E-mail"),
        _("Waiting time in weeks"),
        _("Last verified on"),
    ]
    rows = (
        [
            service.name,
            service.provider,
            _names(service.legal_domains.all(), "short_name"),
            _names(service.life_areas.all(), "name"),
            _names(service.languages.all(), "name"),
            service.phone,
            service.email,
            service.waiting_weeks,
            service.last_verified_on,
        ]
        for service in services
    )
    return csv_response("verzeichnis", header, rows)


def _names(entries: Iterable[object], field: str) -> str:
    return ", ".join(getattr(entry, field) for entry in entries)
