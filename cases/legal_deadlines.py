"""When a deadline ends, and how the law gets there: pure rules, no rows (DOMAIN §3.1).

`compute` takes one rule of the catalogue and what is known of a letter or an event. It returns the
last day and every step to it with its paragraph, as codes and values; `cases.legal_sentences` says
them in words. What cannot be known for sure is decided for the earlier day, and a step says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from cases.deadline_law import (
    COUNTING,
    DEEMED_RECEIPT,
    FOURTH_DAY_SINCE,
    RECEPTION_DAYS,
    REGISTERED_PARAGRAPH,
    Arrival,
    Counting,
    CountingLaw,
    DeemedReceipt,
    Fiction,
    Kind,
    Unit,
)
from centers.opening import public_holiday
from centers.working_days import is_working_day, working_day_from

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """One deadline of the catalogue, as the count needs it."""

    kind: Kind
    length: int
    unit: Unit
    counting: Counting
    paragraph: str = ""
    fiction: Fiction | None = None
    # Empty where a wrong instruction does not make the period longer.
    instruction_paragraph: str = ""
    abroad_months: int | None = None


@dataclass(frozen=True)
class Facts:
    """What is known: of a letter, or only the day of an event."""

    dated_on: date
    arrival: Arrival = Arrival.POST
    received_on: date | None = None
    late_is_proven: bool = False
    has_instruction: bool = True
    is_abroad: bool = False


@dataclass(frozen=True)
class Explained:
    """One step of the count: its code, the day it leads to, its paragraph, and its values."""

    code: str
    day: date
    paragraph: str = ""
    values: dict[str, str | int] = field(default_factory=dict)

    def stored(self) -> dict:
        """Return the step as it is kept: codes and values, no sentence."""
        return {
            "code": self.code,
            "day": self.day.isoformat(),
            "paragraph": self.paragraph,
            "values": self.values,
        }


@dataclass(frozen=True)
class Result:
    """The last day, and the day to keep to as long as something is in doubt."""

    due_on: date
    safe_on: date
    notified_on: date | None
    steps: tuple[Explained, ...]


def compute(rule: Rule, facts: Facts) -> Result:
    """Count one deadline. The day of an event is `facts.dated_on`."""
    return _COUNTS[rule.kind](rule, facts)


def warning_day(last_day: date, days: int) -> date:
    """Return when to warn: so many days before the last one, on a working day."""
    return working_day_until(last_day - timedelta(days=days))


def working_day_until(day: date) -> date:
    """Return `day` itself if offices work then, else the last day before on which they do."""
    while not is_working_day(day):
        day -= ONE_DAY
    return day


def add_months(day: date, months: int) -> date:
    """Return the day of the same number, or the last of a month that is too short (§ 188 BGB)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day.day, _last_of_month(year, month).day))


def _last_of_month(year: int, month: int) -> date:
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return first_of_next - ONE_DAY


# --- When a letter counts as received -------------------------------------------------------------


def _received(rule: Rule, facts: Facts) -> tuple[date, list[Explained]]:
    """Return the day from which the period runs, and how the law finds it."""
    match facts.arrival:
        case Arrival.HANDED_OVER:
            return _on_the_day(facts, "handed_over", "§ 37 Abs. 1 SGB X, § 41 Abs. 1 VwVfG")
        case Arrival.SERVED:
            return _on_the_day(facts, "served", "§ 3 VwZG, LZG NRW, §§ 177–182 ZPO")
        case Arrival.RECEPTION:
            handed = facts.received_on or facts.dated_on
            day = handed + timedelta(days=RECEPTION_DAYS)
            return day, [Explained("reception", day, "§ 10 Abs. 4 AsylG", {"sent": str(handed)})]
        case Arrival.RETURNED:
            day = facts.dated_on
            return day, [Explained("returned", day, "§ 10 Abs. 2 Satz 4 AsylG")]
        case _:
            return _deemed(rule, facts)


def _on_the_day(facts: Facts, code: str, paragraph: str) -> tuple[date, list[Explained]]:
    day = facts.received_on or facts.dated_on
    return day, [Explained(code, day, paragraph)]


def _deemed(rule: Rule, facts: Facts) -> tuple[date, list[Explained]]:
    law = DEEMED_RECEIPT[rule.fiction or Fiction.VWVFG]
    steps = [Explained("dated", facts.dated_on)]
    day = _deemed_day(law, facts, steps)
    if not is_working_day(day):
        if law.moves:
            day = working_day_from(day)
            steps.append(Explained("deemed_moves", day, law.source))
        else:
            steps.append(Explained("deemed_stays", day, law.source, _why_free(day)))
    later = facts.received_on is not None and facts.received_on > day
    if later and facts.late_is_proven:
        day = facts.received_on
        steps.append(Explained("came_later", day, _later_paragraph(rule, facts)))
    elif later:
        values = {"received": facts.received_on.isoformat()}
        steps.append(Explained("came_later_unproven", day, _later_paragraph(rule, facts), values))
    elif facts.received_on is not None and facts.received_on < day:
        values = {"received": facts.received_on.isoformat()}
        steps.append(Explained("came_earlier", day, values=values))
    return day, steps


def _deemed_day(law: DeemedReceipt, facts: Facts, steps: list[Explained]) -> date:
    """Return the day of receipt that the law assumes, before any moving."""
    by_post_abroad = facts.is_abroad and facts.arrival == Arrival.POST
    if by_post_abroad and law.abroad:
        day = add_months(facts.dated_on, 1)
        steps.append(Explained("deemed_abroad", day, law.abroad))
        return day
    count = 4 if facts.dated_on >= FOURTH_DAY_SINCE else 3
    day = facts.dated_on + timedelta(days=count)
    code, paragraph = {
        Arrival.POST: ("deemed", law.post),
        Arrival.ELECTRONIC: ("deemed_electronic", law.electronic),
        Arrival.REGISTERED: ("deemed_registered", REGISTERED_PARAGRAPH),
    }[facts.arrival]
    if by_post_abroad:
        code = "no_fiction_abroad"
    steps.append(Explained(code, day, paragraph, {"count": count}))
    return day


def _later_paragraph(rule: Rule, facts: Facts) -> str:
    if facts.arrival == Arrival.REGISTERED:
        return REGISTERED_PARAGRAPH
    return {
        Fiction.SGB10: "§ 37 Abs. 2 Satz 3 SGB X",
        Fiction.AO: "§ 122 Abs. 2 AO",
    }.get(rule.fiction, "§ 41 Abs. 2 Satz 3 VwVfG, VwVfG NRW")


# --- How long, and until when ---------------------------------------------------------------------


def _remedy(rule: Rule, facts: Facts) -> Result:
    notified_on, steps = _received(rule, facts)
    law = COUNTING[rule.counting]
    length, unit, paragraph, code = rule.length, rule.unit, rule.paragraph, "length"
    if facts.is_abroad and rule.abroad_months:
        length, unit, code = rule.abroad_months, Unit.MONTHS, "length_abroad"
    short_end = _moved(_end(notified_on, length, unit))
    steps.append(Explained("begins", notified_on + ONE_DAY, law.begins))
    if not facts.has_instruction and rule.instruction_paragraph:
        length, unit, code = 1, Unit.YEARS, "no_instruction"
        paragraph = rule.instruction_paragraph
    steps.append(_length(code, notified_on, length, unit, paragraph))
    due_on = _finish(notified_on, length, unit, law, steps)
    safe_on = min(short_end, due_on)
    if safe_on < due_on:
        steps.append(Explained("keep_to_the_short_one", safe_on, rule.paragraph))
    return Result(due_on, safe_on, notified_on, tuple(steps))


def _after_event(rule: Rule, facts: Facts) -> Result:
    law = COUNTING[rule.counting]
    steps = [
        Explained("event", facts.dated_on),
        Explained("begins", facts.dated_on + ONE_DAY, law.begins),
        _length("length", facts.dated_on, rule.length, rule.unit, rule.paragraph),
    ]
    due_on = _finish(facts.dated_on, rule.length, rule.unit, law, steps)
    return Result(due_on, due_on, None, tuple(steps))


def _waiting(rule: Rule, facts: Facts) -> Result:
    """Count how long one has to wait: no act is due on its end, so it does not move."""
    end = _end(facts.dated_on, rule.length, rule.unit)
    possible = end + ONE_DAY
    steps = (
        Explained("asked", facts.dated_on),
        Explained("begins", facts.dated_on + ONE_DAY, COUNTING[rule.counting].begins),
        _length("wait", facts.dated_on, rule.length, rule.unit, rule.paragraph),
        Explained("possible_from", possible, rule.paragraph),
    )
    return Result(possible, possible, None, steps)


def _before_end(rule: Rule, facts: Facts) -> Result:
    steps = [Explained("ends_on_its_day", facts.dated_on, rule.paragraph)]
    return _day_that_stands(facts.dated_on, steps, "free_day_before_end", "")


def _set_day(rule: Rule, facts: Facts) -> Result:
    steps = [Explained("set_day", facts.dated_on, rule.paragraph)]
    moves = COUNTING[rule.counting].moves
    return _day_that_stands(facts.dated_on, steps, "free_day_set", moves)


def _day_that_stands(day: date, steps: list[Explained], code: str, paragraph: str) -> Result:
    """Keep a day that is given; on a weekend or holiday the last working day before is safe."""
    safe_on = working_day_until(day)
    if safe_on != day:
        steps.append(Explained(code, safe_on, paragraph, _why_free(day)))
    return Result(day, safe_on, None, tuple(steps))


def _back_payment(rule: Rule, facts: Facts) -> Result:
    """Find the last day on which an application still pays from `dated_on` on."""
    since = facts.dated_on
    if rule.unit == Unit.LIFE_MONTHS:
        due_on = _end_of_life_month(since, rule.length + 1)
        code = "paid_back_life_months"
    else:
        later = add_months(since.replace(day=1), rule.length)
        due_on = _last_of_month(later.year, later.month)
        code = "paid_back_months" if rule.length else "paid_from_the_first"
    steps = [
        Explained("entitled_since", since),
        Explained(code, due_on, rule.paragraph, {"count": rule.length}),
    ]
    return _day_that_stands(due_on, steps, "free_day_back_payment", "")


def _end_of_life_month(born_on: date, number: int) -> date:
    """Return the last day of a child's month of life (§ 187 Abs. 2, § 188 Abs. 2 BGB)."""
    year, month = divmod(born_on.year * 12 + born_on.month - 1 + number, 12)
    last = _last_of_month(year, month + 1)
    if born_on.day == 1:
        return last.replace(day=1) - ONE_DAY
    return last.replace(day=min(born_on.day - 1, last.day))


_COUNTS = {
    Kind.REMEDY: _remedy,
    Kind.AFTER_EVENT: _after_event,
    Kind.WAITING: _waiting,
    Kind.BEFORE_END: _before_end,
    Kind.SET_DAY: _set_day,
    Kind.BACK_PAYMENT: _back_payment,
}


def _length(code: str, start: date, length: int, unit: Unit, paragraph: str) -> Explained:
    """Say how long a period is; it leads to no other day than the one it begins on."""
    values = {"count": length, "unit": str(unit)}
    return Explained(code, start + ONE_DAY, paragraph, values)


def _end(start: date, length: int, unit: Unit) -> date:
    """Return the end of a period whose first day is the one after `start`, before any moving."""
    if unit == Unit.WEEKS:
        return start + timedelta(weeks=length)
    return add_months(start, length * 12 if unit == Unit.YEARS else length)


def _moved(day: date) -> date:
    return working_day_from(day)


def _finish(start: date, length: int, unit: Unit, law: CountingLaw, steps: list[Explained]) -> date:
    """Say on which day the period ends, and where that day moves to."""
    end = _end(start, length, unit)
    if unit == Unit.WEEKS:
        code = "same_weekday"
    else:
        code = "same_number" if end.day == start.day else "last_of_month"
    steps.append(Explained(code, end, law.ends, {"number": start.day}))
    for free in _free_days_from(end):
        steps.append(Explained("moves", free + ONE_DAY, law.moves, _why_free(free)))
    return _moved(end)


def _free_days_from(day: date) -> Iterator[date]:
    while not is_working_day(day):
        yield day
        day += ONE_DAY


def _why_free(day: date) -> dict[str, str | int]:
    """Say why offices do not work on `day`."""
    if holiday := public_holiday(day):
        return {"free": day.isoformat(), "why": "holiday", "holiday": holiday}
    return {"free": day.isoformat(), "why": "saturday" if day.weekday() == 5 else "sunday"}


# --- When it is too late --------------------------------------------------------------------------


@dataclass(frozen=True)
class LastResort:
    """What may still help once the day has passed."""

    code: str
    paragraph: str


def last_resorts(rule: Rule) -> tuple[LastResort, ...]:
    """List what may still be possible after a missed deadline; none where only money is lost."""
    if rule.kind not in {Kind.REMEDY, Kind.SET_DAY, Kind.AFTER_EVENT}:
        return ()
    law = COUNTING[rule.counting]
    found = [LastResort(f"restitution_{law.restitution_within}", law.restitution)]
    if rule.kind == Kind.REMEDY and rule.fiction == Fiction.SGB10:
        found.append(LastResort("review", "§ 44 SGB X"))
    elif rule.kind == Kind.REMEDY and rule.fiction == Fiction.VWVFG:
        found.append(LastResort("reopening", "§ 51 VwVfG, VwVfG NRW"))
    return tuple(found)
