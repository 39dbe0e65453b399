"""How much somebody carries: weighted active cases per full-time post (KPI table, DOMAIN §2.7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from cases.models import Case
from cases.statistics.caseload import Group
from cases.statistics.figure import Cell, Figure, Row
from cases.statistics.suppression import Hidden
from centers.models import Center
from providers.models import Assignment, StaffMember
from providers.roles import Role

# What one case counts by its intensity (DOMAIN §1.6).
WEIGHTS: dict[str, Decimal] = {
    Case.Intensity.INTENSIVE: Decimal("2"),
    Case.Intensity.NORMAL: Decimal("1"),
    Case.Intensity.LIGHT: Decimal("0.5"),
    Case.Intensity.AFTERCARE: Decimal("0.25"),
}

# A load that fewer people share would be a figure about one of them.
FEWEST_PEOPLE = 3


@dataclass(frozen=True)
class Load:
    """Active cases, their weight, and the posts that share them."""

    cases: int
    weight: Decimal
    fte: Decimal

    @property
    def per_fte(self) -> Decimal | None:
        """The weight per full-time post, to one decimal; None where nobody works."""
        return round(self.weight / self.fte, 1) if self.fte else None

    @property
    def level(self) -> str:
        """The kind of chip for it: ok, warn or alert by the limits in the settings."""
        if self.per_fte is None:
            return "alert" if self.cases else "quiet"
        if self.per_fte <= settings.LOAD_STEADY:
            return "ok"
        return "warn" if self.per_fte <= settings.LOAD_HIGH else "alert"


def load_of(cases: QuerySet, *, fte: Decimal) -> Load:
    """Weigh the active ones of `cases`, shared by `fte` full-time posts; one query."""
    counts = cases.active().order_by().values_list("intensity").annotate(n=Count("pk"))
    return weigh(counts, fte=fte)


def weigh(counts: Iterable[tuple[str, int]], *, fte: Decimal) -> Load:
    """Make a load of numbers of cases by intensity."""
    counts = list(counts)
    return Load(
        cases=sum(n for _, n in counts),
        weight=sum((WEIGHTS[intensity] * n for intensity, n in counts), Decimal(0)),
        fte=fte,
    )


# --- The load of centers --------------------------------------------------------------------------


@dataclass(frozen=True)
class Posts:
    """The posts that share the cases of one center, and how many people hold them."""

    fte: Decimal = Decimal(0)
    people: int = 0


def posts_by_center(centers: Iterable[Center]) -> dict[str, Posts]:
    """Add up today's casework assignments of people who can sign in, by center; one query.

    Who works for all centers belongs to each with an equal share of their post. `centers` are
    all that are active, also those that the reader does not see.
    """
    codes = [center.code for center in centers]
    jobs = (
        Assignment.objects.current()
        .filter(role=Role.CASEWORKER, staff_member__in=StaffMember.objects.active())
        .order_by()
        .values_list("center__code", "staff_member", "fte")
    )
    fte: dict[str, Decimal] = dict.fromkeys(codes, Decimal(0))
    people: dict[str, set[int]] = {code: set() for code in codes}
    for center, person, share in jobs:
        places = codes if center is None else [center]
        for code in places:
            fte[code] = fte.get(code, Decimal(0)) + share / len(places)
            people.setdefault(code, set()).add(person)
    return {code: Posts(fte[code], len(people[code])) for code in fte}


def load_by_center(
    groups: Iterable[Group], posts: Mapping[str, Posts], centers: Sequence[Center]
) -> Figure:
    """Weigh each center's open cases against its posts.

    Where so few share the work that the figure would be somebody's own, weight and load are
    hidden; where that hides one center alone, so are those of all centers together.
    """
    groups = list(groups)
    rows, hidden = [], 0
    for center in centers:
        mine = posts.get(center.code, Posts())
        counts = [(one.intensity, one.n) for one in groups if one.center == center.code]
        is_personal = 0 < mine.people < FEWEST_PEOPLE
        hidden += is_personal
        cells = _cells(weigh(counts, fte=mine.fte), {"center": center.code}, is_personal)
        rows.append(Row(str(center), cells))
    everything = weigh(
        [(one.intensity, one.n) for one in groups],
        fte=sum((posts.get(center.code, Posts()).fte for center in centers), Decimal(0)),
    )
    if len(centers) > 1:
        rows.append(Row(_("All centers"), _cells(everything, {}, hidden == 1), True))
    return Figure(
        code="load",
        label=_("Load by center"),
        definition=_(
            "The weights of all open cases, divided by the full-time posts of the caseworkers who "
            "work there today. Intensive cases count 2, normal ones 1, accompanying ones 0.5, "
            "aftercare 0.25. Who works for all centers counts at each with an equal share. Up to "
            "%(steady)d is steady, more than %(high)d too high. With fewer than %(people)d "
            "caseworkers the load is hidden: it would be one person's own."
        )
        % {
            "steady": settings.LOAD_STEADY,
            "high": settings.LOAD_HIGH,
            "people": FEWEST_PEOPLE,
        },
        source=_("KPI “Aktive Fälle je VZÄ (gewichtet)” (DOMAIN §2.7)"),
        n=everything.cases,
        counted=_("open cases"),
        row_head=_("Center"),
        columns=(
            _("Open cases"),
            _("Weighted"),
            _("Full-time posts"),
            _("Load per post"),
        ),
        rows=tuple(rows),
    )


def _cells(load: Load, scope: Mapping[str, str], is_personal: bool) -> tuple[Cell, ...]:
    posts = Cell(round(load.fte, 2))
    if is_personal:
        hidden = Cell(Hidden.COMPLEMENT)
        return Cell(load.cases, scope), hidden, posts, hidden
    per_post = Cell(load.per_fte, level=load.level, word=_word(load))
    return Cell(load.cases, scope), Cell(round(load.weight, 2)), posts, per_post


def _word(load: Load) -> str:
    words = {"ok": _("steady"), "warn": _("high"), "alert": _("too high"), "quiet": _("nobody")}
    if load.per_fte is None and load.cases:
        return _("nobody")
    return words[load.level]
