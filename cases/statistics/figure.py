"""What a figure is: a table with its definition, its source and its n, ready to be shown.

A cell may say by which filters the register shows the rows behind it. What the register does not
show has no such filters, and neither has a number that is hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from cases.statistics.suppression import Hidden, Shown

# A plot stands beside a table of at most so many columns.
WIDEST_BESIDE = 7

Value = Shown | Decimal | str | None


@dataclass(frozen=True)
class Cell:
    """One number; `behind` are the register's filters for what was counted."""

    value: Value
    behind: Mapping[str, str] | None = None
    # 0 to 5: how dark the cell is among its like.
    heat: int = 0
    # A kind of chip, and its word, where a number is judged.
    level: str = ""
    word: str = ""

    @property
    def is_hidden(self) -> bool:
        return isinstance(self.value, Hidden)

    @property
    def query(self) -> str:
        """The register's filters as the query of an address; empty where nothing can be shown."""
        if self.behind is None or not self.value:
            return ""
        return urlencode(self.behind or {"state": "active"})

    @property
    def explained(self) -> str:
        """What the mark in the place of a hidden number says, in words."""
        if not self.is_hidden:
            return ""
        if self.value == Hidden.SMALL:
            return _("fewer than five")
        return _("hidden, so that nobody can be recognised")


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is about, and its cells in the order of the columns."""

    label: str
    cells: tuple[Cell, ...]
    is_total: bool = False
    # The register's filters for the cases it is about, where the cells count something else.
    behind: Mapping[str, str] | None = None

    @property
    def query(self) -> str:
        return urlencode(self.behind) if self.behind is not None else ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One table of numbers with what they mean, where they come from, and how many they are."""

    code: str
    label: str
    definition: str
    source: str
    n: Value
    # What is counted, for "n = 12 cases".
    counted: str
    row_head: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    # When it was counted, where that was before the page was asked for.
    as_of: datetime | None = None

    @cached_property
    def has_hidden(self) -> bool:
        """Say whether a mark stands anywhere, so that the page explains the marks."""
        return any(cell.is_hidden for row in self.rows for cell in row.cells)

    @property
    def is_wide(self) -> bool:
        """Say whether the table needs the whole width, with its plot below."""
        return len(self.columns) > WIDEST_BESIDE

    @property
    def is_empty(self) -> bool:
        return not self.n


@dataclass(frozen=True, kw_only=True)
class Headline:
    """One number that asks for action now, with what is behind it."""

    code: str
    label: str
    definition: str
    cell: Cell
    is_pressing: bool = False
    note: str = ""
