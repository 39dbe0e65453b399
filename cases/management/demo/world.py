"""The whole demo world: catalogues, accounts, and cases told side by side since four months ago."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random

import time_machine
from django.db import transaction
from django.db.models import QuerySet

import cases.catalogue
import centers.catalogue
import providers.catalogue
from cases.management.demo import people, scenes, staff
from cases.management.demo.clock import Clock
from cases.management.demo.lists import ENDINGS, Lists
from cases.management.demo.lives import Life, Plan
from cases.management.demo.topics import TOPICS, Topic
from cases.models import Case, ClosingReason
from centers.models import Neighbourhood
from centers.working_days import is_working_day, working_day_from
from providers.models import Assignment, StaffMember

SEED = 2021
DAYS = 120  # "about four months"
YOUNGEST_TO_CLOSE = 24
CLOSED_SHARE = 0.35
# Of a hundred cases that are closed: opened by mistake, consent revoked; and taken up again.
MISTAKES, REVOCATIONS, REOPENED = 0.05, 0.04, 0.05


class World:
    """What all stories share: the clock, the accounts, the lists."""

    def __init__(self, clock: Clock, rng: Random, number_of_cases: int) -> None:
        self.clock = clock
        self.rng = rng
        self.today = clock.today
        self.number_of_cases = number_of_cases
        self.starts_on = working_day_from(self.today - timedelta(days=DAYS))
        self.gone_on = self.today - timedelta(days=staff.GONE_FOR_DAYS)
        self.staff: dict[str, StaffMember] = {}
        self.lists: Lists
        self._homes: dict[str, list[Neighbourhood]] = {}
        self._people = 0

    def furnish(self) -> None:
        """Load the lists and create the accounts, on the first morning."""
        self.clock.set_to(self.starts_on)
        for app in (centers, providers, cases):
            app.catalogue.load()
        providers.catalogue.load_example_services(self.today)
        providers.catalogue.load_example_positions()
        self.staff = staff.create(self.starts_on, self.today)
        self.lists = Lists()
        for home in Neighbourhood.objects.select_related("center", "district").order_by("code"):
            self._homes.setdefault(home.center.code, []).append(home)

    def tell(self) -> None:
        """Begin all stories and tell them up to today."""
        named = scenes.stories(self)[: self.number_of_cases * 2 // 3]
        for first, story in named:
            self.clock.add(story, first)
        for plan in self._ordinary_plans(self.number_of_cases - len(named)):
            self.clock.add(Life(self, plan).whole(), plan.opens_on)
        self.clock.add(scenes.block_the_one_who_left(self), self.gone_on + timedelta(days=1))
        self.clock.run()

    # --- Who and when ---------------------------------------------------------------------------

    def working_day(self, days_ago: int) -> date:
        """Return the working day so many days ago, or the last one before it."""
        day = self.today - timedelta(days=days_ago)
        while not is_working_day(day):
            day -= timedelta(days=1)
        return max(day, self.starts_on)

    def colleague_of(self, member: StaffMember) -> StaffMember | None:
        """Return somebody else who works for the same employer now, nearest in the list."""
        for one in staff.MEMBERS:
            other = self.staff[one.username]
            if (
                other.pk != member.pk
                and other.role == member.role
                and (other.employer == member.employer)
            ):
                return other
        return None

    def plan(
        self, username: str, days_ago: int, *, rng: Random | None = None, needs: int = 0, **more
    ) -> Plan:
        """Decide what one case is about; `more` says what is not as usual."""
        self._people += 1
        rng = rng or Random(f"{SEED}:{self._people}")  # noqa: S311 (a world, not a secret)
        lead = self.staff[username]
        center = next(one.center for one in staff_assignments(lead)).code
        client = people.invent(rng, self._people, self._homes[center])
        return Plan(
            number=self._people,
            lead=lead,
            rng=rng,
            client=client,
            topics=_topics(
                rng, client.origin.group, needs or rng.choices((1, 2, 3, 4), (4, 8, 5, 2))[0]
            ),
            opens_on=self.working_day(days_ago),
            pace=rng.choice((16, 20, 24)),
            **more,
        )

    def _ordinary_plans(self, number: int) -> list[Plan]:
        rng = self.rng
        ages = sorted((rng.randint(2, DAYS) for _ in range(number)), reverse=True)
        plans = []
        for days_ago in ages:
            lead = self._lead_on(self.working_day(days_ago))
            plan = self.plan(lead, days_ago)
            fate = plan.rng.random()
            plan.is_urgent = plan.rng.random() < 0.08
            plan.intensity = plan.rng.choices(
                (Case.Intensity.NORMAL, Case.Intensity.INTENSIVE, Case.Intensity.LIGHT), (6, 2, 2)
            )[0]
            plan.has_deputy = plan.rng.random() < 0.45
            plan.arranged = plan.rng.random() < 0.2
            plan.late = plan.rng.choice((0.05, 0.1, 0.2, 0.35))
            plan.pauses = fate < 0.08
            plan.rests = 0.08 <= fate < 0.18
            plans.append(plan)
        self._choose_endings(plans)
        return plans

    def _lead_on(self, day: date) -> str:
        working = [
            one
            for one in staff.MEMBERS
            if one.center and (one.username != staff.SUCCESSOR or day > self.gone_on)
        ]
        shares = [float(one.fte) * one.load for one in working]
        return self.rng.choices(working, weights=shares)[0].username

    def _choose_endings(self, plans: Sequence[Plan]) -> None:
        """Let about eighty of three hundred cases be closed by today."""
        rng = self.rng
        latest = self.today - timedelta(days=YOUNGEST_TO_CLOSE)
        old = [plan for plan in plans if plan.opens_on < latest]
        for plan in rng.sample(old, min(len(old), round(len(plans) * CLOSED_SHARE))):
            how = rng.random()
            plan.ending = rng.choices(list(ENDINGS), weights=list(ENDINGS.values()))[0]
            least = 15
            if how < MISTAKES:
                plan.ending, least = ClosingReason.OPENED_BY_MISTAKE, 1
            elif how < MISTAKES + REVOCATIONS:
                plan.ending = ClosingReason.CONSENT_REVOKED
            elif how < MISTAKES + REVOCATIONS + REOPENED:
                plan.reopens = True
            longest = (self.today - plan.opens_on).days - 2
            length = least if least == 1 else rng.randint(least, longest)
            plan.closes_on = working_day_from(plan.opens_on + timedelta(days=length))
            plan.pauses = plan.rests = False


def staff_assignments(member: StaffMember) -> QuerySet[Assignment]:
    """Return all assignments of somebody, also one that is still to begin."""
    return member.assignments.select_related("center").order_by("pk")


def _topics(rng: Random, group: str, number: int) -> list[Topic]:
    possible = [topic for topic in TOPICS if group in topic.groups]
    chosen: list[Topic] = []
    while len(chosen) < min(number, len(possible)):
        topic = rng.choices(possible, weights=[one.share for one in possible])[0]
        if topic not in chosen:
            chosen.append(topic)
    return chosen


@contextmanager
def _seldom_collecting_garbage() -> Iterator[None]:
    """Look for cycles seldom: the steps make many short-lived objects, a third of the time."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def build(today: date, number_of_cases: int) -> None:
    """Make the demo world as it stands on the morning of `today`: all of it or nothing."""
    rng = Random(SEED)  # noqa: S311 (the same world for the same day)
    start = date(today.year, 1, 1)
    with (
        _seldom_collecting_garbage(),
        time_machine.travel(str(start), tick=False) as machine,
        transaction.atomic(),
    ):
        world = World(Clock(machine, rng, today), rng, number_of_cases)
        world.furnish()
        world.tell()
