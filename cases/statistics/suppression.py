"""Nobody is recognised in a table: small cells are hidden, and so is what would give them away.

A table with margins is a net of flows: a total flows into its rows, a row into its cells, the cells
into the sums of their columns, and those into the total again. What flows in flows out, and that is
all a reader knows of a hidden cell besides its mark. So a hidden cell can hold another value if and
only if one can be added (or taken away) along a closed path of hidden cells through it. Where there
is none, the cheapest one is made: the cells on it are hidden too, those of the smallest sum.
"""

import heapq
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

# Less than this is hidden (DESIGN §7, DOMAIN §4.8). Zeros are shown: they are nobody.
FEWEST_SHOWN = 5


class Hidden(StrEnum):
    """What stands in the place of a number."""

    SMALL = "<5"
    COMPLEMENT = "·"


Shown = int | Hidden
# Cells on the way round, each with whether it holds one more there, or one less.
Path = list[tuple[Hashable, bool]]
# What it is worth to say "<5" where one could, counted in things that could have been shown.
LOSS_OF_A_MARK = 10


@dataclass(frozen=True)
class Flow:
    """One cell: `n` things flow from one sum to another, and concern so many cases."""

    source: Hashable
    target: Hashable
    n: int
    cases: int

    @property
    def is_small(self) -> bool:
        """Say whether few people stand behind it, be it with many things each."""
        return 0 < self.cases < FEWEST_SHOWN or 0 < self.n < FEWEST_SHOWN


def hide_small(table: Mapping[Hashable, Flow]) -> dict[Hashable, Shown]:
    """Return each cell's number, or the mark that is shown instead.

    Nobody can work out a hidden number from what is shown: another one is always possible too. The
    mark "<5" tells a reader that one to four are behind it; a cell for which that would tell too
    much gets the mark that tells nothing.
    """
    marks = {
        key: Hidden.SMALL if flow.n < FEWEST_SHOWN else Hidden.COMPLEMENT
        for key, flow in table.items()
        if flow.is_small
    }
    # Hiding more never pins down what was free before, so each small cell is seen to once.
    for key in sorted(marks, key=lambda key: (table[key].n, str(key))):
        for cell, is_up in _cheapest_path(table, key, marks):
            if is_up and table[cell].n == FEWEST_SHOWN - 1:
                marks[cell] = Hidden.COMPLEMENT
            marks.setdefault(cell, Hidden.COMPLEMENT)
    return {key: marks.get(key, flow.n) for key, flow in table.items()}


def _ways(flow: Flow, mark: Hidden | None) -> Iterator[tuple[bool, int]]:
    """Say whether a cell, hidden, could hold one more (True) or one less, and what that costs.

    Zeros are never hidden, so none becomes one; and a number of which a reader may guess that it
    is not small does not become a small one.
    """
    hiding = 0 if mark else flow.n
    if mark == Hidden.SMALL and flow.n == FEWEST_SHOWN - 1:
        yield True, LOSS_OF_A_MARK
    else:
        yield True, hiding
    if flow.n not in (1, FEWEST_SHOWN):
        yield False, hiding


def _cheapest_path(
    table: Mapping[Hashable, Flow], key: Hashable, marks: Mapping[Hashable, Hidden]
) -> Path:
    """Find the cells, hidden or to be hidden, that close a path through the cell `key`.

    There is always one: more of it, and of the sums it is part of.
    """
    steps: dict[Hashable, list[tuple[Hashable, int, tuple[Hashable, bool]]]] = {}
    for other, flow in table.items():
        if other != key and flow.n:
            for is_up, cost in _ways(flow, marks.get(other)):
                start, end = (flow.source, flow.target) if is_up else (flow.target, flow.source)
                steps.setdefault(start, []).append((end, cost, (other, is_up)))
    cell, found = table[key], []
    for is_up, cost in _ways(cell, marks[key]):
        start, end = (cell.target, cell.source) if is_up else (cell.source, cell.target)
        path = _dijkstra(steps, start, end)
        if path is not None:
            found.append((cost + path[0], [(key, is_up), *path[1]]))
    return min(found, key=lambda path: path[0])[1]


def _dijkstra(
    steps: Mapping[Hashable, list[tuple[Hashable, int, tuple[Hashable, bool]]]],
    start: Hashable,
    end: Hashable,
) -> tuple[int, Path] | None:
    queue: list[tuple[int, int, Hashable, Path]] = [(0, 0, start, [])]
    done, pushed = set(), 0
    while queue:
        cost, _, node, path = heapq.heappop(queue)
        if node == end:
            return cost, path
        if node in done:
            continue
        done.add(node)
        for following, price, step in steps.get(node, ()):
            if following not in done:
                pushed += 1
                heapq.heappush(queue, (cost + price, pushed, following, [*path, step]))
    return None
