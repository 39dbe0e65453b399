"""Suppression: whoever knows everything that is shown still cannot tell what is hidden."""

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cases.statistics.suppression import FEWEST_SHOWN, Flow, Hidden, hide_small

TOTAL = "total"


def table_of(rows, cases=None):
    """Make a table with margins of rows of numbers; `cases` says how many people stand behind."""
    people = cases or rows
    flows = {}
    for row, numbers in enumerate(rows):
        for column, n in enumerate(numbers):
            at = people[row][column]
            flows[row, column] = Flow(f"row {row}", f"column {column}", n, at)
        flows[row, TOTAL] = Flow("all", f"row {row}", sum(numbers), sum(people[row]))
    for column, numbers in enumerate(zip(*rows, strict=True)):
        behind = sum(row[column] for row in people)
        flows[TOTAL, column] = Flow(f"column {column}", "sums", sum(numbers), behind)
    flows[TOTAL, TOTAL] = Flow("sums", "all", sum(map(sum, rows)), sum(map(sum, people)))
    return flows


def with_margins(rows):
    return {key: flow.n for key, flow in table_of(rows).items()}


def fits(value, mark, least):
    """Say whether a reader who sees `mark` takes `value` for possible."""
    if mark == Hidden.SMALL:
        return 1 <= value < FEWEST_SHOWN
    if mark == Hidden.COMPLEMENT:
        return value >= least
    return value == mark


def possible_values(rows, shown, *, around=3):
    """Try every table near the true one: which values fit everything that is shown?

    The reader knows that zeros are shown; and, where it is so, that what is hidden without being
    called small is not small.
    """
    true = with_margins(rows)
    complements = [true[key] for key, mark in shown.items() if mark == Hidden.COMPLEMENT]
    least = FEWEST_SHOWN if all(n >= FEWEST_SHOWN for n in complements) else 1
    width = len(rows[0])
    inner = [(row, column) for row in range(len(rows)) for column in range(width)]
    choices = [
        [n] if not isinstance(shown[row, column], Hidden) else range(max(0, n - around), n + around)
        for (row, column) in inner
        for n in [rows[row][column]]
    ]
    found = {key: set() for key, mark in shown.items() if isinstance(mark, Hidden)}
    for values in product(*choices):
        tried = with_margins([values[i : i + width] for i in range(0, len(values), width)])
        if all(fits(tried[key], mark, least) for key, mark in shown.items()):
            for key in found:
                found[key].add(tried[key])
            if all(len(values) > 1 for values in found.values()):
                break
    return found


small_tables = st.tuples(st.integers(1, 3), st.integers(1, 2)).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 12), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


@settings(max_examples=150)
@given(small_tables)
@example([[4, 4], [5, 5]])
@example([[1, 1], [1, 1]])
@example([[1, 3], [5, 4]])
@example([[1, 4]])
@example([[3]])
def test_every_hidden_cell_could_hold_another_value(rows):
    shown = hide_small(table_of(rows))

    for key, values in possible_values(rows, shown).items():
        assert len(values) > 1, f"{key} can only be {values} in {shown}"


@given(small_tables)
def test_small_numbers_are_hidden_and_zeros_are_shown(rows):
    table = table_of(rows)
    shown = hide_small(table)

    for key, flow in table.items():
        if flow.n == 0:
            assert shown[key] == 0
        elif flow.n < FEWEST_SHOWN:
            assert isinstance(shown[key], Hidden)
        elif not isinstance(shown[key], Hidden):
            assert shown[key] == flow.n


@given(small_tables)
def test_nothing_is_hidden_where_nothing_is_small(rows):
    rows = [[n + FEWEST_SHOWN if n else 0 for n in row] for row in rows]
    table = table_of(rows)

    assert hide_small(table) == {key: flow.n for key, flow in table.items()}


def test_a_small_cell_takes_one_of_its_row_and_column_with_it():
    rows = [[3, 20, 30], [40, 6, 50], [60, 70, 80]]

    shown = hide_small(table_of(rows))

    assert shown[0, 0] == Hidden.SMALL
    hidden = {key for key, mark in shown.items() if mark == Hidden.COMPLEMENT}
    assert hidden == {(0, 1), (1, 1), (1, 0)}
    assert shown[TOTAL, TOTAL] == 359


def test_many_needs_of_few_people_are_hidden_without_being_called_few():
    shown = hide_small(table_of([[9, 20], [20, 20]], cases=[[2, 20], [20, 20]]))

    assert shown[0, 0] == Hidden.COMPLEMENT


@pytest.mark.parametrize("rows", [[], [[0, 0], [0, 0]]])
def test_an_empty_table_has_nothing_to_hide(rows):
    if rows:
        assert set(hide_small(table_of(rows)).values()) == {0}
    else:
        assert hide_small({}) == {}


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 40), min_size=8, max_size=8), min_size=20, max_size=20))
def test_a_large_table_is_done_at_once(rows):
    shown = hide_small(table_of(rows))

    assert len(shown) == 21 * 9
