"""The opening rules, compared with a counter that looks at every single minute."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centers.opening import BERLIN, Schedule, public_holiday, public_holidays

MINUTE = timedelta(minutes=1)
# Weeks in which something is unusual: clocks forward, clocks back, Easter, the turn of the year,
# Corpus Christi, and an ordinary one.
WEEKS = [
    date(2026, 3, 23),
    date(2026, 10, 19),
    date(2026, 3, 30),
    date(2026, 12, 21),
    date(2026, 12, 28),
    date(2026, 6, 1),
    date(2026, 9, 7),
]


@dataclass(frozen=True)
class Row:
    kind: str
    weekday: int
    opens: time
    closes: time
    valid_from: date = date(2021, 4, 1)
    valid_until: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Shut:
    starts_on: date
    ends_on: date
    reason: str = "Betriebsausflug"
    center_id: int | None = None


def at(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


# --- The independent counter ----------------------------------------------------------------------


def counted_as_open(rows, closures, moment: datetime, kinds=None) -> bool:
    """Look at the clock on the wall; when an hour comes twice, it stands still the second time."""
    wall = moment.astimezone(BERLIN)
    clock = time(2, 59, 59) if wall.fold else wall.time()
    day = wall.date()
    if public_holiday(day) or any(c.starts_on <= day <= c.ends_on for c in closures):
        return False
    return any(
        (kinds is None or row.kind in kinds)
        and row.weekday == day.weekday()
        and row.opens <= clock < row.closes
        and row.valid_from <= day <= (row.valid_until or date.max)
        for row in rows
    )


# --- Worlds ---------------------------------------------------------------------------------------


@st.composite
def worlds(draw, nights=False):
    """A week, some hours and closures around it, and a moment in it."""
    monday = draw(st.sampled_from(WEEKS))
    near = st.integers(-10, 20).map(lambda days: monday + timedelta(days=days))
    minutes = st.integers(0, 240 if nights else 23 * 60 + 58)

    def row(kind, weekday, start, length, first, last):
        end = min(start + length, 23 * 60 + 59)
        days = sorted([first, last]) if last else [first, None]
        return Row(kind, weekday, _clock(start), _clock(end), *days)

    rows = draw(
        st.lists(
            st.builds(
                row,
                st.sampled_from(["open", "phone"]),
                st.integers(0, 6) if not nights else st.just(6),
                minutes,
                st.integers(1, 300),
                near,
                st.none() | near,
            ),
            max_size=6,
        )
    )
    closures = draw(
        st.lists(st.tuples(near, near).map(lambda days: Shut(*sorted(days))), max_size=2)
    )
    # Half of the moments lie at an edge of some hours, or a minute beside it.
    edges = [edge for row in rows for edge in (row.opens, row.closes)] or [time(12)]
    clock = draw(st.sampled_from(edges) | st.integers(0, 24 * 60 - 1).map(_clock))
    day = monday + timedelta(days=draw(st.integers(0, 6)))
    moment = datetime.combine(day, clock, BERLIN).astimezone(UTC)
    moment += draw(st.integers(-1, 1)) * MINUTE
    return rows, closures, moment


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


KINDS = st.sampled_from([None, {"open"}, {"phone"}])


@given(worlds(), KINDS)
def test_open_now_agrees_with_the_counter(world, kinds):
    rows, closures, moment = world
    status = Schedule(tuple(rows), tuple(closures)).at(moment, kinds)
    assert status.is_open == counted_as_open(rows, closures, moment, kinds)


@given(worlds(nights=True), st.booleans())
def test_open_now_agrees_with_the_counter_in_the_nights_in_which_clocks_change(world, forward):
    rows, _closures, _moment = world
    sunday = date(2026, 3, 29) if forward else date(2026, 10, 25)
    rows = [Row(r.kind, 6, r.opens, r.closes) for r in rows]
    schedule = Schedule(tuple(rows))
    midnight = datetime.combine(sunday, time(), BERLIN).astimezone(UTC)
    for minute in range(0, 5 * 60, 7):
        moment = midnight + minute * MINUTE
        assert schedule.at(moment).is_open == counted_as_open(rows, (), moment)


@given(worlds(), KINDS)
def test_the_next_opening_is_open_at_its_start_and_not_at_its_end(world, kinds):
    rows, closures, moment = world
    opening = Schedule(tuple(rows), tuple(closures)).next_opening(moment, kinds)
    if opening:
        assert opening.starts > moment
        assert counted_as_open(rows, closures, opening.starts, {opening.kind})
        assert kinds is None or opening.kind in kinds
        assert opening.holds_at(opening.starts)
        assert not opening.holds_at(opening.ends)


@given(worlds(), KINDS)
def test_while_closed_nothing_opens_before_the_next_opening(world, kinds):
    rows, closures, moment = world
    status = Schedule(tuple(rows), tuple(closures)).at(moment, kinds)
    if status.is_open:
        return
    horizon = moment + timedelta(days=9)
    end = min(status.next_opening.starts, horizon) if status.next_opening else horizon
    step = moment
    while step < end:
        assert not counted_as_open(rows, closures, step, kinds)
        # Rows last a minute at least, so a stride must not be longer than that near an edge.
        step += _stride(rows, step)
    if status.next_opening is None:
        assert not any(
            counted_as_open(rows, closures, moment + timedelta(days=n), kinds) for n in range(60)
        )


def _stride(rows, moment: datetime) -> timedelta:
    """Jump to the next quarter hour unless some row opens or closes before it."""
    wall = moment.astimezone(BERLIN).time()
    edges = {edge for row in rows for edge in (row.opens, row.closes)}
    now = wall.hour * 60 + wall.minute
    ahead = [edge.hour * 60 + edge.minute - now for edge in edges]
    return min([15, *(minutes for minutes in ahead if minutes > 0)]) * MINUTE


@given(worlds(), KINDS)
def test_it_stays_open_until_it_closes(world, kinds):
    rows, closures, moment = world
    status = Schedule(tuple(rows), tuple(closures)).at(moment, kinds)
    assert status.is_open == (status.closes_at is not None)
    if status.is_open:
        step = moment
        while step < status.closes_at:
            assert counted_as_open(rows, closures, step, kinds)
            step += MINUTE
        assert not counted_as_open(rows, closures, status.closes_at, kinds)
        if status.next_opening:
            assert status.next_opening.starts > status.closes_at


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_nothing_is_ever_open_on_a_public_holiday(day):
    always = tuple(Row("open", weekday, time(0), time(23, 59)) for weekday in range(7))
    schedule = Schedule(always)
    noon = datetime.combine(day, time(12), BERLIN)
    assert schedule.at(noon).is_open == (public_holiday(day) == "" and day >= date(2021, 4, 1))
    shown = schedule.day(day)
    assert bool(shown.openings) != bool(shown.cancelled) or day < date(2021, 4, 1)


@given(worlds())
def test_a_week_has_seven_days_from_monday_and_shows_every_opening_of_them(world):
    rows, closures, moment = world
    schedule = Schedule(tuple(rows), tuple(closures))
    day = moment.astimezone(BERLIN).date()

    week = schedule.week_of(day)

    assert [shown.date.weekday() for shown in week] == list(range(7))
    assert day in [shown.date for shown in week]
    for shown in week:
        assert shown == schedule.day(shown.date)
        for opening in shown.openings:
            assert counted_as_open(rows, closures, opening.starts, {opening.kind})
        for opening in shown.cancelled:
            assert shown.is_shut
            assert not schedule.at(opening.starts).is_open


# --- Named cases ----------------------------------------------------------------------------------

HAMBORN = (Row("open", 0, time(10), time(12)), Row("open", 2, time(14), time(16)))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-12-07T09:59:59", False),
        ("2026-12-07T10:00", True),
        ("2026-12-07T11:59:59", True),
        ("2026-12-07T12:00", False),
    ],
)
def test_at_the_closing_time_it_is_closed(moment, is_open):
    assert Schedule(HAMBORN).at(at(moment)).is_open is is_open


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-12-07T08:00", "2026-12-07T10:00"),
        ("2026-12-07T10:30", "2026-12-09T14:00"),  # the one after the running one
        ("2026-12-09T16:00", "2026-12-14T10:00"),
        ("2026-05-20T17:00", "2026-05-27T14:00"),  # over Whit Monday
        ("2026-12-30T17:00", "2027-01-04T10:00"),  # over the turn of the year
        ("2026-03-25T17:00", "2026-03-30T10:00"),  # the clocks go forward in between
        ("2026-10-21T17:00", "2026-10-26T10:00"),  # and back
    ],
)
def test_the_next_opening_is_found_over_holidays_and_turns_of_the_clock(now, opens):
    assert Schedule(HAMBORN).at(at(now)).next_opening.starts == at(opens)


def test_a_closure_of_one_center_leaves_the_others_open():
    closures = [Shut(date(2026, 12, 7), date(2026, 12, 8), center_id=1)]
    monday = at("2026-12-07T10:30")
    assert not Schedule.of(1, HAMBORN, closures).at(monday).is_open
    assert Schedule.of(2, HAMBORN, closures).at(monday).is_open


def test_a_closure_of_all_centers_shuts_each():
    closures = [Shut(date(2026, 12, 7), date(2026, 12, 8))]
    status = Schedule.of(1, HAMBORN, closures).at(at("2026-12-07T10:30"))
    assert not status.is_open
    assert status.next_opening.starts == at("2026-12-09T14:00")


def test_a_closure_of_years_is_stepped_over_and_one_without_end_ends_the_search():
    long = Shut(date(2026, 12, 1), date(2031, 12, 31))
    assert Schedule(HAMBORN, (long,)).next_opening(at("2026-12-07T08:00")).starts == at(
        "2032-01-05T10:00"
    )
    forever = Shut(date(2026, 12, 1), date.max)
    assert Schedule(HAMBORN, (forever,)).next_opening(at("2026-12-07T08:00")) is None


def test_hours_that_are_over_or_yet_to_come_count_in_their_time_only():
    summer = Row("open", 0, time(8), time(9), date(2026, 7, 6), date(2026, 8, 31))
    schedule = Schedule((summer,))
    assert schedule.next_opening(at("2026-01-01T00:00")).starts == at("2026-07-06T08:00")
    assert schedule.next_opening(at("2026-08-31T07:59")).starts == at("2026-08-31T08:00")
    assert schedule.next_opening(at("2026-08-31T08:00")) is None


def test_hours_that_follow_each_other_close_once():
    rows = (Row("open", 0, time(10), time(12)), Row("open", 0, time(12), time(13)))
    assert Schedule(rows).at(at("2026-12-07T10:30")).closes_at == at("2026-12-07T13:00")


def test_without_hours_nothing_ever_opens():
    status = Schedule(()).at(at("2026-12-07T10:30"))
    assert not status.is_open
    assert status.next_opening is None


def test_it_says_which_kinds_are_on():
    schedule = Schedule((*HAMBORN, Row("phone", 0, time(9), time(11))))
    assert schedule.kinds_open_at(at("2026-12-07T10:30")) == {"open", "phone"}
    assert schedule.kinds_open_at(at("2026-12-07T11:30")) == {"open"}


def test_an_hour_that_the_clocks_skip_does_not_take_place():
    rows = (Row("open", 6, time(2, 15), time(2, 45)), Row("open", 6, time(2, 30), time(4)))
    [opening] = Schedule(rows).day(date(2026, 3, 29)).openings
    assert (opening.starts, opening.ends) == (at("2026-03-29T03:00"), at("2026-03-29T04:00"))


def test_in_the_hour_that_comes_twice_the_first_coming_counts():
    schedule = Schedule((Row("open", 6, time(2, 15), time(2, 45)),))
    assert schedule.at(at("2026-10-25T02:30")).is_open
    assert not schedule.at(at("2026-10-25T02:30", fold=1)).is_open


def test_the_holidays_are_those_of_north_rhine_westphalia():
    assert [
        day.isoformat() for day, _ in public_holidays(date(2026, 1, 1), date(2026, 12, 31))
    ] == [
        "2026-01-01",
        "2026-04-03",
        "2026-04-06",
        "2026-05-01",
        "2026-05-14",
        "2026-05-25",
        "2026-06-04",
        "2026-10-03",
        "2026-11-01",
        "2026-12-25",
        "2026-12-26",
    ]
    assert public_holiday(date(2026, 6, 4)) == "Fronleichnam"
