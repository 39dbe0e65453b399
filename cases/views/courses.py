"""How each life area has changed over time: words, an arrow, and a small line beside a table.

Areas stand by themselves: nothing here adds or averages them (DOMAIN §2.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.models import Assessment, Rating
from providers.models import LifeArea

V = Rating.Value
# Kind of chip and icon for each value; the word is the value's own.
CHIPS = {
    V.CRISIS: ("alert", "exclamation-octagon"),
    V.STRAINED: ("alert", "exclamation-triangle"),
    V.UNSTABLE: ("warn", "activity"),
    V.MOSTLY_STABLE: ("info", "check"),
    V.STABLE: ("ok", "check-circle"),
    V.NOT_ASKED: ("quiet", "question-circle"),
    V.NOT_RELEVANT: ("quiet", "dash-circle"),
}
# The line is drawn in a frame of this size, with room for the dots at its edges.
WIDTH, HEIGHT, EDGE = 120, 36, 6
HIGHEST = 4


@dataclass(frozen=True)
class Dot:
    """One value on the line."""

    x: str
    y: str


@dataclass(frozen=True)
class Course:
    """One life area over time: its ratings in the order of the assessments, some missing."""

    area: LifeArea
    assessments: Sequence[Assessment]
    ratings: Sequence[Rating | None]

    @property
    def latest(self) -> Rating | None:
        return next((rating for rating in reversed(self.ratings) if rating is not None), None)

    @property
    def chip(self) -> tuple[str, str, str] | None:
        if self.latest is None:
            return None
        value = V(self.latest.value)
        kind, symbol = CHIPS[value]
        return kind, value.words, symbol

    @property
    def numbers(self) -> list[tuple[int, int]]:
        """The place of each assessment that has a value on the scale, and the value."""
        return [
            (place, rating.number)
            for place, rating in enumerate(self.ratings)
            if rating is not None and rating.number is not None
        ]

    @property
    def change(self) -> tuple[str, str, str] | None:
        """Kind of chip, words and arrow for the change since the first value of this area."""
        if len(self.numbers) < 2:
            return None
        first, last = self.numbers[0][1], self.numbers[-1][1]
        if last > first:
            return "ok", _("better"), "arrow-up-right"
        if last < first:
            return "alert", _("worse"), "arrow-down-right"
        return "quiet", _("the same"), "arrow-right"

    @property
    def words(self) -> str:
        """Say the line in words, for those who do not see it."""
        said = [
            f"{date_format(assessment.assessed_on, 'd.m.Y')}: {V(rating.value).words}"
            for assessment, rating in zip(self.assessments, self.ratings, strict=True)
            if rating is not None
        ]
        return f"{self.area}. {'; '.join(said)}"

    @property
    def dots(self) -> list[Dot]:
        """The values at their places: time runs to the right, better is higher."""
        steps = max(len(self.ratings) - 1, 1)
        return [
            Dot(
                f"{EDGE + place * (WIDTH - 2 * EDGE) / steps:.1f}",
                f"{HEIGHT - EDGE - number * (HEIGHT - 2 * EDGE) / HIGHEST:.1f}",
            )
            for place, number in self.numbers
        ]

    @property
    def points(self) -> str:
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)

    @property
    def cells(self) -> list[tuple[Assessment, str]]:
        """The value at each assessment in words, for the table."""
        return [
            (assessment, V(rating.value).words if rating is not None else "–")
            for assessment, rating in zip(self.assessments, self.ratings, strict=True)
        ]


def courses_of(assessments: Sequence[Assessment]) -> list[Course]:
    """Return the course of every area that was ever rated, in the order of the list of areas."""
    areas: dict[str, LifeArea] = {}
    said: dict[tuple[int, str], Rating] = {}
    for assessment in assessments:
        for rating in assessment.loaded_ratings:
            areas[rating.life_area_id] = rating.life_area
            said[assessment.pk, rating.life_area_id] = rating
    ordered = sorted(areas.values(), key=lambda area: (area.position, area.name))
    return [
        Course(area, assessments, [said.get((one.pk, area.pk)) for one in assessments])
        for area in ordered
    ]
