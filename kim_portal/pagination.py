"""Lists page by key: any page of a million rows costs the same, and no row is shown twice.

The cursor in the URL is a row's public reference, never a sort value: that could be a name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)

AFTER = "after"
BEFORE = "before"
LONGEST_CURSOR = 64


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Row]):
    """One page of rows, and the cursors that lead on from it."""

    rows: Sequence[Row]
    has_previous: bool
    has_next: bool
    previous_cursor: str
    next_cursor: str
    previous_query: str
    next_query: str

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page_of(
    request: HttpRequest,
    queryset: QuerySet[Row],
    *,
    order: Sequence[str],
    size: int = 25,
    cursor_field: str = "reference",
    among: QuerySet[Row] | None = None,
) -> KeysetPage[Row]:
    """Return the page of `queryset` that the request's `?after=` or `?before=` asks for.

    `order` names columns that are never null, "-" for descending, also mixed; the primary key is
    added last where it is missing. `cursor_field` names the unique public column that stands in the
    URL. The cursor is looked up again in `among` (the reader's door without filters, so that a row
    which has just left the list still marks the place) or else in `queryset`; one that is not found
    there, or leads nowhere, shows the first page. Costs two queries, the first page one.
    """
    columns = _complete(order)
    after, before = request.GET.get(AFTER), request.GET.get(BEFORE)
    cursor = before if after is None else after
    place = _place(queryset if among is None else among, cursor, columns, cursor_field)
    backwards = place is not None and after is None
    rows, is_more = _rows(queryset, columns, place, backwards=backwards, size=size)
    if place is not None and not rows:
        place, backwards = None, False
        rows, is_more = _rows(queryset, columns, None, backwards=False, size=size)
    has_previous = is_more if backwards else place is not None
    has_next = backwards or is_more
    first = _cursor_of(rows[0], cursor_field) if rows and has_previous else ""
    last = _cursor_of(rows[-1], cursor_field) if rows and has_next else ""
    return KeysetPage(
        rows=rows,
        has_previous=has_previous,
        has_next=has_next,
        previous_cursor=first,
        next_cursor=last,
        previous_query=_query(request, BEFORE, first),
        next_query=_query(request, AFTER, last),
    )


def in_order(queryset: QuerySet[Row], order: Sequence[str]) -> QuerySet[Row]:
    """Sort rows as the pages of `page_of` do, for a file that holds them all."""
    return queryset.order_by(*_sorted_by(_complete(order), backwards=False))


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows that stops at a limit: "37", or "500+" when there are more."""

    value: int
    is_more: bool

    def __str__(self) -> str:
        return f"{self.value}+" if self.is_more else str(self.value)

    def __int__(self) -> int:
        return self.value

    def __bool__(self) -> bool:
        return self.value > 0


def count_up_to(queryset: QuerySet, limit: int = 500) -> Count:
    """Count at most `limit` rows, so that the price of a count does not grow with the table."""
    found = queryset.order_by().values("pk")[: limit + 1].count()
    return Count(min(found, limit), is_more=found > limit)


def _complete(order: Sequence[str]) -> list[tuple[str, bool]]:
    """Split "-name" into (name, is_descending) and end with the primary key.

    The key follows the direction of the column before it, so that one plain index serves
    both directions.
    """
    columns = [(name.removeprefix("-"), name.startswith("-")) for name in order]
    if not any(name in {"pk", "id"} for name, _ in columns):
        columns.append(("pk", columns[-1][1] if columns else False))
    return columns


def _sorted_by(columns: list[tuple[str, bool]], *, backwards: bool) -> list[str]:
    return [f"-{name}" if descending != backwards else name for name, descending in columns]


def _place(
    rows: QuerySet,
    cursor: str | None,
    columns: list[tuple[str, bool]],
    cursor_field: str,
) -> tuple | None:
    """Look up the sort values of the row that `cursor` names, or None."""
    if not cursor or len(cursor) > LONGEST_CURSOR or "\x00" in cursor:
        return None
    try:
        found = rows.order_by().filter(**{cursor_field: cursor})
        return found.values_list(*(name for name, _ in columns)).first()
    except (ValueError, ValidationError):
        return None


def _rows(
    queryset: QuerySet[Row],
    columns: list[tuple[str, bool]],
    place: tuple | None,
    *,
    backwards: bool,
    size: int,
) -> tuple[list[Row], bool]:
    """Fetch one page in reading order, and whether there is more beyond it."""
    if place is not None:
        queryset = queryset.filter(_beyond(columns, place, backwards=backwards))
    ordered = queryset.order_by(*_sorted_by(columns, backwards=backwards))
    found = list(ordered[: size + 1])
    rows = found[:size]
    if backwards:
        rows.reverse()
    return rows, len(found) > size


def _beyond(columns: list[tuple[str, bool]], place: tuple, *, backwards: bool) -> Q:
    """Say which rows come after `place` (or before it, walking backwards).

    (a, b) > (x, y) becomes a ≥ x and (a > x or (a = x and b > y)): a ladder, because the
    directions may be mixed; its first bar bounds the index scan.
    """
    beyond, equal = Q(), Q()
    for (name, descending), value in zip(columns, place, strict=True):
        comparison = "lt" if descending != backwards else "gt"
        beyond |= equal & Q(**{f"{name}__{comparison}": value})
        equal &= Q(**{name: value})
    (name, descending), value = columns[0], place[0]
    bound = "lte" if descending != backwards else "gte"
    return Q(**{f"{name}__{bound}": value}) & beyond


def _cursor_of(row: Model, cursor_field: str) -> str:
    """Read the public reference of a row, also across a relation ("case__reference")."""
    value = row
    for part in cursor_field.split("__"):
        value = getattr(value, part)
    return str(value)


def _query(request: HttpRequest, parameter: str, cursor: str) -> str:
    """Write the address of another page: the same filters, another cursor."""
    if not cursor:
        return ""
    query = request.GET.copy()
    for name in (AFTER, BEFORE):
        query.pop(name, None)
    query[parameter] = cursor
    return f"?{query.urlencode()}"
