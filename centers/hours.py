"""The one way hours are written, and the rule they keep: no overlap of the same kind.

The rule is stated once, over any rows that look like hours: `set_hours`, the admin's formset
and `check_cases` all ask it. On PostgreSQL an exclusion constraint stands behind it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, time
from itertools import combinations
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from centers.models import Center, ConsultationHours, Weekday
from centers.opening import HoursLike

Row = TypeVar("Row", bound=HoursLike)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """One row of hours as it shall be; `pk` names the stored row that it changes, if any."""

    kind: str
    weekday: int
    opens: time
    closes: time
    valid_from: date
    valid_until: date | None = None
    note: str = ""
    pk: int | None = None

    @classmethod
    def of(cls, row: ConsultationHours) -> "Hours":
        """Copy a row of the model."""
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})


def overlap(one: HoursLike, other: HoursLike) -> bool:
    """Tell whether two rows of one center claim the same kind at the same time.

    Times are half-open (10–12 and 12–14 do not overlap), both days of a validity count.
    """
    return (
        one.kind == other.kind
        and one.weekday == other.weekday
        and one.opens < other.closes
        and other.opens < one.closes
        and (one.valid_until is None or other.valid_from <= one.valid_until)
        and (other.valid_until is None or one.valid_from <= other.valid_until)
    )


def overlaps(rows: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Return every pair among one center's rows that overlaps."""
    return [pair for pair in combinations(rows, 2) if overlap(*pair)]


def overlap_sentence(one: HoursLike, other: HoursLike) -> str:
    """Say which two rows overlap, in words that an administrator finds in the form."""
    return _(
        "%(kind)s on %(weekday)s: %(one)s and %(other)s overlap. "
        "Change one of the times or its validity."
    ) % {
        "kind": ConsultationHours.Kind(one.kind).label,
        "weekday": Weekday(one.weekday).label,
        "one": _span(one),
        "other": _span(other),
    }


@transaction.atomic
def set_hours(center: Center, rows: Iterable[Hours]) -> None:
    """Make `rows` the hours of `center`, as a set: unchanged rows stay untouched.

    Locks the center, so that two writers never each see the other's rows as absent. A row with
    a `pk` changes that stored row. Raises ValidationError, one sentence for each fault, and
    writes nothing then.
    """
    Center.objects.select_for_update().get(pk=center.pk)
    stored = {row.pk: Hours.of(row) for row in ConsultationHours.objects.filter(center=center)}
    wanted = _identified(list(rows), stored)
    _validate(center, wanted)
    kept = {row.pk for row in wanted if row.pk is not None}
    changed = [row for row in wanted if row.pk is not None and stored[row.pk] != row]
    # A change into a place that another stored row still holds (two rows trading times) would
    # break the constraint on the way: such a row is replaced.
    replaced = [
        row
        for row in changed
        if any(overlap(row, other) for other in stored.values() if other.pk != row.pk)
    ]
    gone = stored.keys() - kept | {row.pk for row in replaced}
    for hours in ConsultationHours.objects.filter(pk__in=gone):
        hours.delete()
    for row in wanted:
        if row.pk is None or row in changed:
            hours = _instance(center, row)
            if row in replaced:
                hours.pk = None
            hours.save()


def overlapping_hours() -> list[tuple[ConsultationHours, ConsultationHours]]:
    """Return all stored pairs that break the rule, written past `set_hours`. None should."""
    by_center: dict[int, list[ConsultationHours]] = {}
    for row in ConsultationHours.objects.select_related("center").order_by("center", "pk"):
        by_center.setdefault(row.center_id, []).append(row)
    return [pair for rows in by_center.values() for pair in overlaps(rows)]


def fingerprint(center: Center) -> str:
    """Return a short mark that changes whenever the center, its phones or its hours do.

    A form that carries the mark it was shown with notices that somebody else was faster.
    """
    stored = [
        list(rows.order_by("pk").values_list())
        for rows in (
            Center.objects.filter(pk=center.pk),
            center.phones.all(),
            ConsultationHours.objects.filter(center=center),
        )
    ]
    return hashlib.sha256(repr(stored).encode()).hexdigest()[:16]


def _identified(rows: list[Hours], stored: dict[int, Hours]) -> list[Hours]:
    """Give each row that is stored already, note aside, the key under which it is stored."""
    taken = {row.pk for row in rows}
    free = {_place(row): pk for pk, row in stored.items() if pk not in taken}
    identified = []
    for row in rows:
        known = row.pk if row.pk in stored else free.pop(_place(row), None)
        identified.append(Hours(**{**asdict(row), "pk": known}))
    return identified


def _place(row: Hours) -> tuple:
    return (row.kind, row.weekday, row.opens, row.closes, row.valid_from, row.valid_until)


def _validate(center: Center, rows: list[Hours]) -> None:
    """Raise every fault of the rows at once: each row by itself, then the rows together."""
    faults = []
    for row in rows:
        try:
            _instance(center, row).full_clean(exclude=["center"], validate_unique=False)
        except ValidationError as error:
            faults += [
                ValidationError(
                    _("%(row)s: %(fault)s") % {"row": _title(row), "fault": fault}, code=part.code
                )
                for part in _parts(error)
                for fault in part.messages
            ]
    if not faults:
        faults = [
            ValidationError(overlap_sentence(*pair), code="hours_overlap")
            for pair in overlaps(rows)
        ]
    if faults:
        raise ValidationError(faults)


def _parts(error: ValidationError) -> list[ValidationError]:
    return [part for parts in error.error_dict.values() for part in parts]


def _instance(center: Center, row: Hours) -> ConsultationHours:
    return ConsultationHours(center=center, **asdict(row))


def _title(row: Hours) -> str:
    weekday = Weekday(row.weekday).label if row.weekday in Weekday.values else row.weekday
    return f"{weekday} {_span(row)}"


def _span(row: HoursLike) -> str:
    return f"{row.opens:%H:%M}–{row.closes:%H:%M}"
