"""Working days in North Rhine-Westphalia: Monday to Friday without public holidays."""

from datetime import date, timedelta

from centers.opening import public_holiday


def is_working_day(day: date) -> bool:
    """Say whether offices work on `day`: no weekend, no public holiday in NRW."""
    return day.weekday() < 5 and not public_holiday(day)


def working_day_from(day: date) -> date:
    """Return `day` itself if offices work then, else the next day on which they do."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def next_working_day(day: date) -> date:
    """Return the first working day after `day`."""
    return working_day_from(day + timedelta(days=1))
