"""The clock of the demo world, and the stories that wait for it.

A story is a generator: it takes steps and yields the day on which it goes on. All stories are told
side by side in the order of time, on working days in office hours only, up to the evening before
the demo's today. The clock moves; the steps are the portal's own.
"""

import heapq
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import time_machine

from centers.working_days import next_working_day, working_day_from

Story = Iterator[date]
P = ParamSpec("P")
T = TypeVar("T")

ZONE = ZoneInfo("Europe/Berlin")
UTC = ZoneInfo("UTC")
OPENS = time(9, 15)
LAST_BEGINS = 6 * 60  # minutes after opening
CLOSES = time(17, 30)


class Clock:
    """Moves through working days and lets each story go on when its day has come."""

    def __init__(self, machine: time_machine.Traveller, rng: Random, today: date) -> None:
        self._machine = machine
        self._rng = rng
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._order = count()
        self._now = datetime.min.replace(tzinfo=ZONE)
        self.today = today

    @property
    def day(self) -> date:
        """The day on which the world is at present."""
        return self._now.date()

    def set_to(self, day: date, at: time = OPENS) -> None:
        """Put the clock to a moment outside all stories."""
        self._move(datetime.combine(day, at, tzinfo=ZONE))

    def add(self, story: Story, first: date) -> None:
        """Let a story begin on the working day `first`, or the next one."""
        self._wait(story, first)

    def take(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Let a little time go by, then take a step of the portal."""
        later = self._now + timedelta(seconds=self._rng.randint(20, 55))
        if later.time() < CLOSES:
            self._move(later)
        return step(*args, **kwargs)

    def run(self) -> None:
        """Tell all stories until the evening before the demo's today."""
        while self._waiting:
            moment, _, story = heapq.heappop(self._waiting)
            if moment.date() >= self.today:
                return
            self._move(max(moment, self._now))
            goes_on = next(story, None)
            if goes_on is not None:
                # Never twice on one day, so that every story comes to an end.
                self._wait(story, max(goes_on, next_working_day(self.day)))

    def _wait(self, story: Story, day: date) -> None:
        minutes = self._rng.randint(0, LAST_BEGINS)
        moment = datetime.combine(working_day_from(day), OPENS, tzinfo=ZONE)
        entry = (moment + timedelta(minutes=minutes), next(self._order), story)
        heapq.heappush(self._waiting, entry)

    def _move(self, moment: datetime) -> None:
        self._now = moment
        # As UTC: a time zone of its own would change that of the whole process.
        self._machine.move_to(moment.astimezone(UTC), tick=False)
