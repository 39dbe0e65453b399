"""Is it open, and when does it open next? Pure answers from hours, closures and public holidays.

All days and times of day are those of Duisburg (Europe/Berlin), all moments are aware. Hours are
half-open: at `closes` it is closed. On a public holiday of North Rhine-Westphalia and on the days
of a closure nothing is open, neither door nor phone.

When the clocks go forward, a time that is skipped means the moment they change; when they go back,
a time that comes twice means its first coming.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import holidays

BERLIN = ZoneInfo("Europe/Berlin")


class HoursLike(Protocol):
    """What a row of hours must tell; both days of the validity count, None is open-ended."""

    kind: str
    weekday: int
    opens: time
    closes: time
    valid_from: date
    valid_until: date | None
    note: str


class ClosureLike(Protocol):
    """What a closure must tell; both days count; a center of None means all of them."""

    center_id: int | None
    starts_on: date
    ends_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Opening:
    """One stretch of one day at which a center is there for people; `ends` is no longer in it.

    Both moments are in UTC: two moments of one local zone would be compared by the clock on the
    wall, which shows some times twice.
    """

    kind: str
    starts: datetime
    ends: datetime
    note: str = ""

    def holds_at(self, moment: datetime) -> bool:
        return self.starts <= moment < self.ends


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a center: what is on, and what is not on because the day is shut."""

    date: date
    openings: tuple[Opening, ...]
    cancelled: tuple[Opening, ...]
    holiday: str
    closures: tuple[str, ...]

    @property
    def is_shut(self) -> bool:
        return bool(self.holiday or self.closures)


@dataclass(frozen=True, slots=True)
class Status:
    """Whether it is open at a moment, until when, and when it opens next after that."""

    moment: datetime
    is_open: bool
    closes_at: datetime | None
    next_opening: Opening | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of one center, and the closures that count for it."""

    hours: tuple[HoursLike, ...]
    closures: tuple[ClosureLike, ...] = ()

    @classmethod
    def of(
        cls, center_id: int, hours: Iterable[HoursLike], closures: Iterable[ClosureLike]
    ) -> "Schedule":
        """Build a center's schedule, leaving out the closures of other centers."""
        own = (closure for closure in closures if closure.center_id in (None, center_id))
        return cls(tuple(hours), tuple(own))

    def at(self, moment: datetime, kinds: Collection[str] | None = None) -> Status:
        """Answer for `moment` (aware): open now? until when? when next?

        `kinds` limits the answer, for example to the phone. Hours that follow each other without
        a gap count as one stretch.
        """
        closes_at = self._closes_at(moment, kinds)
        return Status(
            moment=moment,
            is_open=closes_at is not None,
            closes_at=closes_at,
            next_opening=self.next_opening(closes_at or moment, kinds),
        )

    def openings_at(
        self, moment: datetime, kinds: Collection[str] | None = None
    ) -> tuple[Opening, ...]:
        """Return what is open at `moment` (aware), the earliest first."""
        today = self.day(_local_day(moment), kinds)
        return tuple(opening for opening in today.openings if opening.holds_at(moment))

    def kinds_open_at(self, moment: datetime) -> frozenset[str]:
        """Return the kinds of hours that are on at `moment` (aware)."""
        return frozenset(opening.kind for opening in self.openings_at(moment))

    def next_opening(
        self, moment: datetime, kinds: Collection[str] | None = None
    ) -> Opening | None:
        """Return the first opening that starts after `moment` (aware), or None if none ever will.

        There is no horizon: closures are stepped over whole, validity bounds the search.
        """
        firsts = (self._next_of(row, moment) for row in self._rows(kinds))
        return min(
            (first for first in firsts if first),
            key=lambda opening: (opening.starts, opening.ends, opening.kind),
            default=None,
        )

    def day(self, day: date, kinds: Collection[str] | None = None) -> Day:
        """Return one day with its openings by start, or with what a shut day cancels."""
        regular = sorted(
            (
                opening
                for row in self._rows(kinds)
                if _is_on(row, day) and (opening := _opening(row, day))
            ),
            key=lambda opening: (opening.starts, opening.ends, opening.kind),
        )
        holiday = public_holiday(day)
        closures = tuple(
            closure.reason
            for closure in self.closures
            if closure.starts_on <= day <= closure.ends_on
        )
        is_shut = bool(holiday or closures)
        return Day(
            date=day,
            openings=() if is_shut else tuple(regular),
            cancelled=tuple(regular) if is_shut else (),
            holiday=holiday,
            closures=closures,
        )

    def week_of(self, day: date, kinds: Collection[str] | None = None) -> tuple[Day, ...]:
        """Return the seven days from the Monday of the week that holds `day`."""
        monday = day - timedelta(days=day.weekday())
        return tuple(self.day(monday + timedelta(days=number), kinds) for number in range(7))

    def _rows(self, kinds: Collection[str] | None) -> Iterator[HoursLike]:
        return (row for row in self.hours if kinds is None or row.kind in kinds)

    def _closes_at(self, moment: datetime, kinds: Collection[str] | None) -> datetime | None:
        running = self.openings_at(moment, kinds)
        closes_at = None
        while running:
            closes_at = max(opening.ends for opening in running)
            running = self.openings_at(closes_at, kinds)
        return closes_at

    def _next_of(self, row: HoursLike, moment: datetime) -> Opening | None:
        """Return the row's first opening that starts after `moment`."""
        day = _on_weekday(max(_local_day(moment), row.valid_from), row.weekday)
        while day is not None and _is_on(row, day):
            shut_until = self._shut_until(day)
            if shut_until is None:
                opening = _opening(row, day)
                if opening and opening.starts > moment:
                    return opening
            day = _on_weekday(_day_after(shut_until or day), row.weekday)
        return None

    def _shut_until(self, day: date) -> date | None:
        """Return the last day of the closure or holiday that shuts `day`, or None if none does."""
        ends = [
            closure.ends_on
            for closure in self.closures
            if closure.starts_on <= day <= closure.ends_on
        ]
        if public_holiday(day):
            ends.append(day)
        return max(ends, default=None)


@lru_cache(maxsize=64)
def _public_holidays_of(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("DE", subdiv="NW", years=year, language="de"))


def public_holiday(day: date) -> str:
    """Return the German name of the public holiday in North Rhine-Westphalia, or "" if none."""
    return _public_holidays_of(day.year).get(day, "")


def public_holidays(first: date, last: date) -> list[tuple[date, str]]:
    """List the public holidays from `first` to `last`, both included."""
    found = (
        item
        for year in range(first.year, last.year + 1)
        for item in _public_holidays_of(year).items()
    )
    return sorted((day, name) for day, name in found if first <= day <= last)


def _local_day(moment: datetime) -> date:
    return moment.astimezone(BERLIN).date()


def _is_on(row: HoursLike, day: date) -> bool:
    return (
        row.weekday == day.weekday()
        and row.valid_from <= day
        and (row.valid_until is None or day <= row.valid_until)
    )


def _opening(row: HoursLike, day: date) -> Opening | None:
    """Put a row on a day; None when the clocks skip it altogether."""
    starts, ends = _moment(day, row.opens), _moment(day, row.closes)
    return Opening(row.kind, starts, ends, row.note) if starts < ends else None


def _moment(day: date, clock: time) -> datetime:
    """Return the moment at which clocks in Duisburg first show `clock` or later on `day`."""
    moment = datetime.combine(day, clock, BERLIN)
    while not _exists(moment):
        moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return moment.astimezone(UTC)


def _exists(moment: datetime) -> bool:
    there_and_back = moment.astimezone(UTC).astimezone(BERLIN)
    return there_and_back.replace(tzinfo=None) == moment.replace(tzinfo=None)


def _on_weekday(day: date | None, weekday: int) -> date | None:
    """Return the first such weekday from `day` on; None beyond the calendar's last day."""
    if day is None:
        return None
    ahead = (weekday - day.weekday()) % 7
    return day + timedelta(days=ahead) if (date.max - day).days >= ahead else None


def _day_after(day: date) -> date | None:
    return day + timedelta(days=1) if day < date.max else None
