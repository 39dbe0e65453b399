"""The three centers, their hours and the city's map, loaded from the files beside this module."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

from django.db import transaction

from centers.hours import Hours, set_hours
from centers.models import Center, CenterPhone, District, Neighbourhood
from centers.phones import parse

FILES = Path(__file__).parent / "catalogues"
# The centers opened their doors in this month; the hours hold from then on.
HOURS_VALID_FROM = date(2021, 4, 1)


@transaction.atomic
def load() -> int:
    """Create what is missing and return how many rows that were; what was edited stays.

    Phones and hours come only with a center that is created here: one whose number or
    hour was removed by hand does not get it back.
    """
    created = sum(_load_districts())
    new_centers = _load_centers()
    created += len(new_centers)
    created += _load_phones(new_centers)
    created += _load_hours(new_centers)
    return created + sum(_load_neighbourhoods())


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FILES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _load_districts() -> Iterator[bool]:
    for row in _rows("districts"):
        yield District.objects.get_or_create(code=row["code"], defaults={"name": row["name"]})[1]


def _load_centers() -> dict[str, Center]:
    """Create the missing centers and return them by their code."""
    created = {}
    for row in _rows("centers"):
        values = {name: row[name] for name in ("name", "slug", "street", "city")}
        center, is_new = Center.objects.get_or_create(
            code=row["code"], defaults={**values, "district_id": row["district"]}
        )
        if is_new:
            created[center.code] = center
    return created


def _load_phones(centers: dict[str, Center]) -> int:
    phones = [row for row in _rows("phones") if row["center"] in centers]
    for row in phones:
        CenterPhone.objects.create(
            center=centers[row["center"]], number=parse(row["number"]), position=row["position"]
        )
    return len(phones)


def _load_hours(centers: dict[str, Center]) -> int:
    by_center = defaultdict(list)
    for row in _rows("hours"):
        if row["center"] in centers:
            by_center[row["center"]].append(
                Hours(
                    kind=row["kind"],
                    weekday=int(row["weekday"]),
                    opens=time.fromisoformat(row["opens"]),
                    closes=time.fromisoformat(row["closes"]),
                    valid_from=HOURS_VALID_FROM,
                )
            )
    for code, rows in by_center.items():
        set_hours(centers[code], rows)
    return sum(len(rows) for rows in by_center.values())


def _load_neighbourhoods() -> Iterator[bool]:
    centers = {center.code: center for center in Center.objects.all()}
    for row in _rows("neighbourhoods"):
        yield Neighbourhood.objects.get_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "district_id": row["district"],
                "center": centers[row["center"]],
            },
        )[1]
