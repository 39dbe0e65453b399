"""Finds persons on record who may be the one at the desk.

Only finds: what of it may be shown, and to whom, is DESIGN §4 ("Being a client is itself a
secret"). Given name, family name and date of birth are weighed against each other; a hint needs
all three.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Case, Q, QuerySet, Value, When

from cases.likeness import are_frequent, names_alike
from cases.models import Person
from cases.names import name_codes, tokens

# A pair scoring this much is hinted at; tests/cases/labelled_pairs.csv shows where that leads.
LIKELY = 0.78
MOST_CANDIDATES = 200

Precision = Person.BirthCertainty
_UNCERTAIN = (Precision.ESTIMATED, Precision.YEAR)


class Reason(StrEnum):
    """What brought two identities together, or kept them apart. Never shown with a hint."""

    NAMES = "names"
    NAMES_SWAPPED = "names swapped"
    NAMES_SPLIT_OTHERWISE = "names split otherwise"
    DATE = "date"
    FIRST_OF_JANUARY = "first of January"
    DAY_AND_MONTH_SWAPPED = "day and month swapped"
    ONE_DIGIT = "one digit of the date"
    YEAR = "year"
    OTHER_DATE = "other date"
    FREQUENT_NAME = "frequent name"


_BY_DATE = {
    Reason.DATE: 1.0,
    Reason.FIRST_OF_JANUARY: 0.95,
    Reason.DAY_AND_MONTH_SWAPPED: 0.92,
    Reason.YEAR: 0.86,
    Reason.ONE_DIGIT: 0.86,
    Reason.OTHER_DATE: 0.0,
}
_WEAK_DATES = (Reason.YEAR, Reason.ONE_DIGIT)
_BY_ORDER = {
    Reason.NAMES: 1.0,
    Reason.NAMES_SWAPPED: 0.98,
    Reason.NAMES_SPLIT_OTHERWISE: 0.95,
}
_FREQUENT = 0.88
# Father and son share names: further apart, a year is no slip of the pen.
_MOST_YEARS_OF_A_SLIP = 15


@dataclass(frozen=True)
class Identity:
    """Who somebody says they are. `other_names`: full names or words, in any script."""

    given_name: str
    family_name: str
    birth_date: date | None
    birth_precision: str = Precision.EXACT
    other_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, person: Person) -> "Identity":
        """Take the identity of a person on record."""
        others = [person.native_name, *person.aliases.replace(";", ",").split(",")]
        return cls(
            person.given_name,
            person.family_name,
            person.birth_date,
            person.birth_precision,
            tuple(name.strip() for name in others if name.strip()),
        )

    @property
    def is_complete(self) -> bool:
        """Tell whether there is enough to look anybody up: both names and a date or year."""
        named = tokens(self.given_name) and tokens(self.family_name)
        return bool(named and self.birth_date and self.birth_precision != Precision.UNKNOWN)

    @property
    def year_alone_counts(self) -> bool:
        """Tell whether day and month may be mere convention (01.01. stands for "unknown")."""
        new_year = (self.birth_date.month, self.birth_date.day) == (1, 1)
        return new_year or self.birth_precision in _UNCERTAIN

    def readings(self) -> Iterator[tuple[list[str], list[str]]]:
        """Give the ways in which the names can be read, as words of given and family name."""
        given, family = tokens(self.given_name), tokens(self.family_name)
        yield given, family
        for name in self.other_names:
            words = tokens(name)
            if len(words) == 1:
                yield given, words
                yield words, family
            elif words:
                yield words[:1], words[1:]
                yield words[:-1], words[-1:]


@dataclass(frozen=True)
class Match:
    """How likely two identities are one person, and why."""

    score: float
    given: float
    family: float
    date: float
    reasons: tuple[Reason, ...]

    @property
    def is_likely(self) -> bool:
        return self.score >= LIKELY


def score(ours: Identity, theirs: Identity) -> Match:
    """Weigh two identities. Symmetric; each part alone can rule the pair out."""
    if not (ours.is_complete and theirs.is_complete):
        return Match(0.0, 0.0, 0.0, 0.0, ())
    by_date = _compare_dates(ours, theirs)
    given, family, order = max(
        (
            found
            for our in ours.readings()
            for their in theirs.readings()
            for found in _compare_names(our, their)
        ),
        key=lambda found: found[0] * found[1] * _BY_ORDER[found[2]],
    )
    reasons = [order, by_date]
    total = given * family * _BY_ORDER[order] * _BY_DATE[by_date]
    if by_date in _WEAK_DATES and _is_frequent(ours) and _is_frequent(theirs):
        reasons.append(Reason.FREQUENT_NAME)
        total *= _FREQUENT
    return Match(total, given, family, _BY_DATE[by_date], tuple(reasons))


def _compare_names(
    ours: tuple[list[str], list[str]], theirs: tuple[list[str], list[str]]
) -> Iterator[tuple[float, float, Reason]]:
    """Compare the names as they stand, swapped, and with the words shared out otherwise."""
    (our_given, our_family), (their_given, their_family) = ours, theirs
    yield (
        names_alike(our_given, their_given),
        names_alike(our_family, their_family, family=True),
        Reason.NAMES,
    )
    yield (
        names_alike(our_given, their_family),
        names_alike(our_family, their_given),
        Reason.NAMES_SWAPPED,
    )
    our_words, their_words = our_given + our_family, their_given + their_family
    if max(len(our_words), len(their_words)) > 2:
        alike = names_alike(our_words, their_words)
        yield alike, alike, Reason.NAMES_SPLIT_OTHERWISE


def _is_frequent(identity: Identity) -> bool:
    given, family = next(identity.readings())
    return are_frequent(given) and are_frequent(family)


# --- Dates of birth -------------------------------------------------------------------------------


def _compare_dates(ours: Identity, theirs: Identity) -> Reason:
    """Say how the dates of birth agree."""
    our, their = ours.birth_date, theirs.birth_date
    convention = ours.year_alone_counts, theirs.year_alone_counts
    if our == their:
        return Reason.FIRST_OF_JANUARY if any(convention) else Reason.DATE
    if any(convention):
        return Reason.YEAR if our.year == their.year else Reason.OTHER_DATE
    if _with_day_and_month_swapped(our) == their:
        return Reason.DAY_AND_MONTH_SWAPPED
    return Reason.ONE_DIGIT if their in _one_digit_away(our) else Reason.OTHER_DATE


def _with_day_and_month_swapped(day: date) -> date | None:
    return day.replace(day=day.month, month=day.day) if day.day <= 12 else None


def _one_digit_away(day: date) -> set[date]:
    """Give the dates that one wrong digit, or two neighbouring ones swapped, make of a day."""
    written = day.isoformat().replace("-", "")
    slips = {
        written[:at] + digit + written[at + 1 :] for at in range(2, 8) for digit in "0123456789"
    }
    slips |= {written[:at] + written[at + 1] + written[at] + written[at + 2 :] for at in (2, 4, 6)}
    days = set()
    for slip in slips:
        try:
            days.add(date.fromisoformat(slip))
        except ValueError:
            continue
    return {other for other in days - {day} if abs(other.year - day.year) <= _MOST_YEARS_OF_A_SLIP}


# --- Rows -----------------------------------------------------------------------------------------


def candidates(identity: Identity, *, other_than: Person | None = None) -> QuerySet[Person]:
    """Keep the persons worth comparing, at most MOST_CANDIDATES, the most promising first.

    Served by the index on the date of birth; the phonetic codes thin out what it finds.
    """
    if not identity.is_complete:
        return Person.objects.none()
    day, others = identity.birth_date, identity.other_names
    given, family = _shares(identity.given_name, *others), _shares(identity.family_name, *others)
    in_the_year = Q(birth_date__range=(date(day.year, 1, 1), date(day.year, 12, 31)))
    if not identity.year_alone_counts:
        in_the_year &= Q(birth_precision__in=_UNCERTAIN)
    days = {day, date(day.year, 1, 1), _with_day_and_month_swapped(day), *_one_digit_away(day)}
    near = Q(birth_date__in=days - {None})
    found = Person.objects.filter((near & (given | family)) | (in_the_year & given & family))
    if other_than is not None:
        found = found.exclude(pk=other_than.pk)
    both_names_first = Case(When(given & family, then=Value(0)), default=Value(1))
    same_day_first = Case(When(birth_date=day, then=Value(0)), default=Value(1))
    return found.order_by(both_names_first, same_day_first, "pk")[:MOST_CANDIDATES]


def _shares(*names: str) -> Q:
    """Keep the persons with whom these names share a phonetic code."""
    shared = Q(pk__in=())
    for code in name_codes(*names):
        shared |= Q(name_codes__contains=f" {code} ")
    return shared


def likely_duplicates(identity: Identity, *, other_than: Person | None = None) -> list[Person]:
    """Find the persons on record who may be this one, the likeliest first. One query."""
    scored = [
        (score(identity, Identity.of(person)).score, person)
        for person in candidates(identity, other_than=other_than)
    ]
    likely = [found for found in scored if found[0] >= LIKELY]
    return [person for _, person in sorted(likely, key=lambda found: -found[0])]
