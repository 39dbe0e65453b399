"""Bars beside the tables: drawn on the server, with attributes and classes alone.

A plot shows no number that its table hides. Widths are per cent of the room there is and heights
are pixels, so that the words keep their size on a phone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from cases.models import Need
from cases.statistics.figure import Figure, Row
from cases.statistics.suppression import Hidden

# Pixels from one bar to the next, and from its words to the bar.
STEP, BAR_TOP = 44, 20
# As many kinds of bars as static/css/cases.css has colours for.
KINDS = 6


@dataclass(frozen=True)
class Part:
    """One piece of a bar, in per cent."""

    x: str
    width: str
    kind: str


@dataclass(frozen=True)
class Bar:
    """One line of a plot: its words, its number, and the pieces of the bar."""

    label: str
    value: str
    top: int
    parts: tuple[Part, ...]

    @property
    def text_top(self) -> int:
        return self.top + 14

    @property
    def bar_top(self) -> int:
        return self.top + BAR_TOP

    @property
    def mark_top(self) -> int:
        return self.bar_top - 3

    @property
    def mark_end(self) -> int:
        return self.bar_top + 15


@dataclass(frozen=True)
class Mark:
    """A line across every bar."""

    x: str


@dataclass(frozen=True)
class Plot:
    """All bars of one plot, what the colours mean, and lines across with what they say."""

    title: str
    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...] = ()
    marks: tuple[Mark, ...] = ()
    note: str = ""

    @property
    def height(self) -> int:
        return STEP * len(self.bars)


def plot_of(figure: Figure) -> Plot | None:
    """Draw a figure in the way that fits it; None where there is nothing to draw."""
    draw = DRAWN.get(figure.code)
    lines = [row for row in figure.rows if not row.is_total]
    return draw(figure, lines) if draw and lines and not figure.is_empty else None


def _stacked(figure: Figure, lines: Sequence[Row]) -> Plot:
    """One bar a row, a piece for each column but the last, which is their sum."""
    kinds = [f"kind-{n % KINDS + 1}" for n in range(len(figure.columns))]
    several = len(figure.columns) > 1
    longest = max(row.cells[-1].value for row in lines)

    def pieces(row: Row) -> Iterable[tuple[int, str]]:
        cells = row.cells[:-1] if several else row.cells
        return zip((cell.value for cell in cells), kinds, strict=False)

    bars = [
        _bar(n, row.label, row.cells[-1].value, pieces(row), longest) for n, row in enumerate(lines)
    ]
    legend = zip(kinds, figure.columns[:-1], strict=False) if several else ()
    return Plot(figure.label, tuple(bars), tuple(legend))


def _load(figure: Figure, lines: Sequence[Row]) -> Plot:
    """One bar a center, and lines where the load gets high and too high."""
    loads = [(row, row.cells[-1]) for row in lines]
    shown = [cell.value for _row, cell in loads if isinstance(cell.value, Decimal)]
    longest = max([*shown, Decimal(settings.LOAD_HIGH) * Decimal("1.1")])
    bars = []
    for n, (row, cell) in enumerate(loads):
        is_shown = isinstance(cell.value, Decimal)
        pieces = [(cell.value, f"load-{cell.level}")] if is_shown else []
        bars.append(_bar(n, row.label, cell.value, pieces, longest))
    limits = {"steady": settings.LOAD_STEADY, "high": settings.LOAD_HIGH}
    marks = tuple(Mark(_per_cent(Decimal(limit), longest)) for limit in limits.values())
    note = _("The lines: up to %(steady)d is steady, more than %(high)d too high.") % limits
    return Plot(figure.label, tuple(bars), marks=marks, note=note)


def _gaps(figure: Figure, lines: Sequence[Row]) -> Plot:
    """One bar a legal domain: its needs, and which part of them is unmet where that is shown."""
    unmet_at = 1 + list(Need.State).index(Need.State.UNMET)
    longest = max((n for row in lines if (n := _number(row.cells[0].value))), default=0)
    bars = []
    for n, row in enumerate(lines):
        total, unmet = row.cells[0].value, row.cells[unmet_at].value
        if isinstance(total, Hidden):
            pieces = []
        elif isinstance(unmet, Hidden):
            pieces = [(total, "gap-unknown")]
        else:
            pieces = [(unmet, "gap-unmet"), (total - unmet, "gap-rest")]
        bars.append(_bar(n, row.label, total, pieces, longest))
    legend = (
        ("gap-unmet", _("unmet")),
        ("gap-rest", _("other needs")),
        ("gap-unknown", _("not split, because a part is hidden")),
    )
    return Plot(figure.label, tuple(bars), legend)


def _sums(figure: Figure, lines: Sequence[Row]) -> Plot:
    """One bar a row: its sum, where that is shown."""
    longest = max((n for row in lines if (n := _number(row.cells[-1].value))), default=0)
    bars = [
        _bar(n, row.label, sum_, [(sum_, "gap-unmet")] if _number(sum_) else [], longest)
        for n, row in enumerate(lines)
        for sum_ in [row.cells[-1].value]
    ]
    return Plot(figure.label, tuple(bars))


DRAWN: dict[str, Callable[[Figure, Sequence[Row]], Plot]] = {
    "phases": _stacked,
    "providers": _stacked,
    "load": _load,
    "needs": _gaps,
    "reasons": _sums,
}


def _bar(place: int, label: str, value, pieces, longest) -> Bar:
    parts, x = [], Decimal(0)
    for n, kind in pieces:
        if n:
            parts.append(Part(_per_cent(x, longest), _per_cent(n, longest), kind))
            x += n
    words = "–" if value is None else str(value)
    if isinstance(value, int | Decimal):
        words = number_format(value)
    return Bar(label, words, place * STEP, tuple(parts))


def _per_cent(part, whole) -> str:
    return f"{100 * Decimal(part) / Decimal(whole):.2f}%" if whole else "0%"


def _number(value) -> int:
    return 0 if isinstance(value, Hidden) else value
