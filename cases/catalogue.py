"""The value lists of the trade, from the CSV files beside the app, with the codes of the field."""

import csv
from pathlib import Path

from django.db import transaction

from cases.models import (
    AccessRoute,
    ClosingReason,
    ContactSetting,
    DataKind,
    DocumentKind,
    HandoverReason,
    InterpretingMode,
    Nationality,
    ResidenceStatus,
    UnmetReason,
)
from cases.models.catalogues import CatalogueEntry

FOLDER = Path(__file__).parent / "catalogues"
LISTS: dict[str, type[CatalogueEntry]] = {
    "nationalities": Nationality,
    "residence_statuses": ResidenceStatus,
    "access_routes": AccessRoute,
    "contact_settings": ContactSetting,
    "interpreting_modes": InterpretingMode,
    "unmet_reasons": UnmetReason,
    "handover_reasons": HandoverReason,
    "closing_reasons": ClosingReason,
    "data_kinds": DataKind,
    "document_kinds": DocumentKind,
}


@transaction.atomic
def load() -> int:
    """Create the entries that are missing and return how many; what was edited is left alone."""
    return sum(_load_list(name, model) for name, model in LISTS.items())


def _load_list(name: str, model: type[CatalogueEntry]) -> int:
    known = set(model.objects.values_list("pk", flat=True))
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        entries = [_entry(model, row) for row in csv.DictReader(file) if row["code"] not in known]
    return len(model.objects.bulk_create(entries))


def _entry(model: type[CatalogueEntry], row: dict[str, str]) -> CatalogueEntry:
    return model(**{name: model._meta.get_field(name).to_python(row[name]) for name in row})
