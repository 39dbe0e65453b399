"""What a visitor reads about a center: is it open, which number, what is on this week."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from centers.models import Center, Closure, ConsultationHours, Weekday
from centers.opening import Day, HoursLike, Opening, Schedule, Status, public_holidays

DOOR = frozenset({ConsultationHours.Kind.OPEN})
PHONE = frozenset({ConsultationHours.Kind.PHONE})
# How far ahead a visitor is told of days on which everything is shut.
NOTICE = timedelta(weeks=6)


@dataclass(frozen=True, slots=True)
class Overview:
    """One center at one moment."""

    center: Center
    schedule: Schedule
    door: Status
    phone: Status
    today: Day

    @property
    def door_sentence(self) -> str:
        """Say until when the door is open, or when it opens."""
        if self.door.closes_at:
            return _("Open until %(time)s") % {"time": _clock(self.door.closes_at)}
        opening = self.door.next_opening
        if opening is None:
            return _("No open consultation hours at the moment")
        match _days_ahead(opening, self.door.moment):
            case 0:
                return _("Opens today at %(time)s") % {"time": _clock(opening.starts)}
            case 1:
                return _("Opens tomorrow at %(time)s") % {"time": _clock(opening.starts)}
        return _("Opens on %(day)s, %(time)s") % {
            "day": _day(opening.starts, self.door.moment),
            "time": _clock(opening.starts),
        }

    @property
    def phone_sentence(self) -> str:
        """Say until when somebody answers the phone, or when the next phone hours are."""
        if self.phone.closes_at:
            return _("Somebody answers until %(time)s") % {"time": _clock(self.phone.closes_at)}
        opening = self.phone.next_opening
        if opening is None:
            return _("No phone hours at the moment")
        match _days_ahead(opening, self.phone.moment):
            case 0:
                return _("Phone hours today from %(time)s") % {"time": _clock(opening.starts)}
            case 1:
                return _("Phone hours tomorrow from %(time)s") % {"time": _clock(opening.starts)}
        return _("Phone hours on %(day)s, from %(time)s") % {
            "day": _day(opening.starts, self.phone.moment),
            "time": _clock(opening.starts),
        }

    @property
    def shut_today(self) -> str:
        """Say why everything is shut today, or nothing."""
        return ", ".join(filter(None, [self.today.holiday, *self.today.closures]))

    @property
    def hours_by_kind(self) -> list[tuple[str, list["HoursLine"]]]:
        """Return the regular hours for each kind that the center has, the door first."""
        groups = []
        for kind in ConsultationHours.Kind:
            rows = [row for row in self.schedule.hours if row.kind == kind]
            if rows:
                groups.append((kind.label, hours_lines(rows, self.today.date)))
        return groups


@dataclass(frozen=True, slots=True)
class HoursLine:
    """Hours that are the same on neighbouring weekdays, such as Monday to Friday, 9 to 10."""

    first: Weekday
    last: Weekday
    opens: time
    closes: time
    valid_from: date | None
    valid_until: date | None
    note: str

    @property
    def days(self) -> str:
        if self.first == self.last:
            return str(self.first.label)
        if self.last - self.first == 1:
            return _("%(first)s and %(last)s") % {
                "first": self.first.label,
                "last": self.last.label,
            }
        return _("%(first)s to %(last)s") % {"first": self.first.label, "last": self.last.label}


def hours_lines(rows: Iterable[HoursLike], today: date) -> list[HoursLine]:
    """Draw rows of one kind together where only the weekday differs and the days follow.

    The beginning of a validity is told only while it lies ahead.
    """
    lines: list[HoursLine] = []
    for row in sorted(rows, key=lambda row: (row.opens, row.closes, row.valid_from, row.weekday)):
        line = HoursLine(
            first=Weekday(row.weekday),
            last=Weekday(row.weekday),
            opens=row.opens,
            closes=row.closes,
            valid_from=row.valid_from if row.valid_from > today else None,
            valid_until=row.valid_until,
            note=row.note,
        )
        before = lines[-1] if lines else None
        if (
            before
            and before.last + 1 == line.first
            and line == replace(before, first=line.first, last=line.last)
        ):
            lines[-1] = replace(before, last=line.last)
        else:
            lines.append(line)
    return sorted(lines, key=lambda line: (line.first, line.opens, line.valid_from or today))


@dataclass(frozen=True, slots=True)
class ShutDays:
    """Days on which a center stays shut, and why; both days count."""

    first: date
    last: date
    reason: str

    @property
    def is_one_day(self) -> bool:
        return self.first == self.last


def overviews(centers: Iterable[Center], now: datetime | None = None) -> list[Overview]:
    """Describe centers at a moment; they come from `Center.objects.with_schedule`.

    Costs one query for the closures, whatever the number of centers.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    centers = list(centers)
    closures = list(Closure.objects.at(centers).not_over(today))
    return [_overview(center, closures, now) for center in centers]


def shut_days(overview: Overview) -> list[ShutDays]:
    """List the closures of the next weeks, and the public holidays that cost an opening.

    Today counts; a holiday within a closure is not told twice.
    """
    today = overview.today.date
    last = today + NOTICE
    closures = [
        ShutDays(closure.starts_on, closure.ends_on, closure.reason)
        for closure in overview.schedule.closures
        if closure.starts_on <= last and closure.ends_on >= today
    ]
    free = [
        ShutDays(day, day, name)
        for day, name in public_holidays(today, last)
        if overview.schedule.day(day).cancelled
        and not any(days.first <= day <= days.last for days in closures)
    ]
    return sorted([*closures, *free], key=lambda days: (days.first, days.last, days.reason))


def _overview(center: Center, closures: list[Closure], now: datetime) -> Overview:
    schedule = Schedule.of(center.pk, center.current_hours, closures)
    return Overview(
        center=center,
        schedule=schedule,
        door=schedule.at(now, DOOR),
        phone=schedule.at(now, PHONE),
        today=schedule.day(timezone.localdate(now)),
    )


def _days_ahead(opening: Opening, moment: datetime) -> int:
    return (timezone.localdate(opening.starts) - timezone.localdate(moment)).days


def _clock(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "H:i")


def _day(moment: datetime, now: datetime) -> str:
    """Name a day by weekday and date, with the year only where it is another one."""
    day, today = timezone.localdate(moment), timezone.localdate(now)
    return date_format(day, "l, j. F" if day.year == today.year else "l, j. F Y")
