"""The value lists of the trade, from the CSV files beside the app, with the codes of the field."""

import csv
from pathlib import Path

from django.db import models, transaction

from cases.models import (
    AccessRoute,
    ClosingReason,
    ContactSetting,
    DataKind,
    DeadlineRule,
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
    "deadline_rules": DeadlineRule,
}


@transaction.atomic
def load() -> int:
    """Create the entries that are missing and return how many; what was edited is left alone."""
    return sum(_load_list(name, model) for name, model in LISTS.items())


def entries_of(name: str) -> list[CatalogueEntry]:
    """Read a list as its file has it, without the database."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [_entry(LISTS[name], row) for row in csv.DictReader(file)]


def _load_list(name: str, model: type[CatalogueEntry]) -> int:
    known = set(model.objects.values_list("pk", flat=True))
    return len(model.objects.bulk_create(e for e in entries_of(name) if e.pk not in known))


def _entry(model: type[CatalogueEntry], row: dict[str, str]) -> CatalogueEntry:
    fields = {name: model._meta.get_field(name) for name in row}
    return model(**{name: _value(field, row[name]) for name, field in fields.items()})


def _value(field: models.Field, written: str) -> object:
    """Read one cell; an empty one is no value where the field may have none."""
    return None if field.null and not written else field.to_python(written)
