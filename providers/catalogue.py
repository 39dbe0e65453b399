"""The lists the portal starts with: languages, life areas, providers, legal domains.

Loading twice changes nothing: what is missing is created, what was edited stays.
"""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from centers.models import Center, Neighbourhood
from centers.phones import parse
from providers.models import Language, LegalDomain, LifeArea, Position, Provider, Service

FOLDER = Path(__file__).resolve().parent / "catalogues"
DAYS_PER_MONTH = 30


@transaction.atomic
def load() -> int:
    """Create the entries that are missing, and return how many there were."""
    return _languages() + _life_areas() + _providers() + _legal_domains()


@transaction.atomic
def load_example_services(today: date) -> int:
    """Create the demo's invented services, verified some months before `today`."""
    known = set(Service.objects.values_list("code", flat=True))
    providers = {provider.code: provider for provider in Provider.objects.all()}
    neighbourhoods = set(Neighbourhood.objects.values_list("pk", flat=True))
    created = 0
    for row in _rows("example_services.csv"):
        if row["code"] in known:
            continue
        served = row["neighbourhoods"].split()
        months = int(row["verified_months_ago"])
        service = Service.objects.create(
            code=row["code"],
            provider=providers[row["provider"]],
            name=row["name"],
            description=row["description"],
            is_city_wide=not served,
            street=row["street"],
            phone=parse(row["phone"]),
            email=row["email"],
            capacity=int(row["capacity"]) if row["capacity"] else None,
            waiting_weeks=int(row["waiting_weeks"]) if row["waiting_weeks"] else None,
            last_verified_on=today - timedelta(days=DAYS_PER_MONTH * months),
            is_example=True,
        )
        service.legal_domains.set(row["legal_domains"].split())
        service.life_areas.set(row["life_areas"].split())
        service.languages.set(row["languages"].split())
        service.neighbourhoods.set(neighbourhoods.intersection(served))
        created += 1
    return created


@transaction.atomic
def load_example_positions() -> int:
    """Create the 11 + 2.5 + 0.5 posts of 2021 where there are none; their split is invented."""
    if Position.objects.exists():
        return 0
    centers = {center.code: center for center in Center.objects.all()}
    providers = {provider.code: provider for provider in Provider.objects.all()}
    rows = [
        Position.objects.create(
            kind=row["kind"],
            center=centers[row["center"]] if row["center"] else None,
            provider=providers[row["provider"]],
            fte=Decimal(row["fte"]),
            eur_per_year=Decimal(row["eur_per_year"]),
            funded_from=date.fromisoformat(row["funded_from"]),
        )
        for row in _rows("example_positions.csv")
    ]
    return len(rows)


def _languages() -> int:
    known = set(Language.objects.values_list("pk", flat=True))
    new = [
        Language(
            code=row["code"],
            name=row["name"],
            native_name=row["native_name"],
            is_rtl=row["is_rtl"] == "1",
            position=int(row["position"]),
        )
        for row in _rows("languages.csv")
        if row["code"] not in known
    ]
    return len(Language.objects.bulk_create(new))


def _life_areas() -> int:
    known = set(LifeArea.objects.values_list("pk", flat=True))
    new = [
        LifeArea(code=row["code"], name=row["name"], position=int(row["position"]))
        for row in _rows("life_areas.csv")
        if row["code"] not in known
    ]
    return len(LifeArea.objects.bulk_create(new))


def _providers() -> int:
    """Create providers one by one, for their history; an umbrella stands before its members."""
    by_code = {provider.code: provider for provider in Provider.objects.all()}
    created = 0
    for row in _rows("providers.csv"):
        if row["code"] in by_code:
            continue
        by_code[row["code"]] = Provider.objects.create(
            code=row["code"],
            name=row["name"],
            short_name=row["short_name"],
            kind=row["kind"],
            data_protection=row["data_protection"],
            parent=by_code[row["parent"]] if row["parent"] else None,
        )
        created += 1
    return created


def _legal_domains() -> int:
    known = set(LegalDomain.objects.values_list("pk", flat=True))
    offices = dict(Provider.objects.values_list("code", "pk"))
    created = 0
    for row in _rows("legal_domains.csv"):
        if row["code"] in known:
            continue
        domain = LegalDomain.objects.create(
            code=row["code"],
            short_name=row["short_name"],
            full_title=row["full_title"],
            responsible_note=row["responsible_note"],
            position=int(row["position"]),
        )
        domain.responsible.set(offices[code] for code in row["responsible"].split())
        created += 1
    return created


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
