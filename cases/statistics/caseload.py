"""Open cases: how many, where, for whom, in which phase, and what on them cannot wait.

All of it is also in the reader's register, so the numbers are exact, are counted at every look and
lead to its rows. What is known of the cases themselves is one query; what is overdue on them,
offered or without a lead, is another.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import CharField, Count, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Phase
from cases.models.case import ENDED_PHASES
from cases.statistics.figure import Cell, Figure, Headline, Row
from centers.models import Center

# With more centers than these a table has no column for each; the filter shows one at a time.
MOST_COLUMNS = 6

# What the register filters by for coordinators (see `cases.forms.filters.RegisterFilter`).
NO_LEAD, NO_DEPUTY = "no_lead", "no_deputy"
OFFERED, OFFER_OVERDUE = "offered", "offer_overdue"


@dataclass(frozen=True)
class Group:
    """Open cases that are alike in what figures ask about."""

    center: str
    provider: str
    provider_name: str
    phase: str
    intensity: str
    n: int
    overdue: int
    without_deputy: int


@dataclass(frozen=True)
class Pending:
    """What waits on the cases of each center, by the center's code."""

    overdue_follow_ups: Mapping[str, int]
    offered: Mapping[str, int]
    offer_overdue: Mapping[str, int]
    without_lead: Mapping[str, int]


def open_cases(cases: QuerySet) -> list[Group]:
    """Count the active ones of `cases` by all that the figures distinguish; one query."""
    is_overdue = Q(next_due_on__lt=timezone.localdate())
    rows = (
        cases.active()
        .order_by()
        .values_list("center__code", "provider__code", "provider__short_name", "phase", "intensity")
        .annotate(
            n=Count("pk"),
            overdue=Count("pk", filter=is_overdue),
            without_deputy=Count("pk", filter=Q(deputy__isnull=True)),
        )
    )
    return [Group(*row) for row in rows]


def pending(cases: QuerySet, *, handovers: QuerySet, follow_ups: QuerySet) -> Pending:
    """Count what waits on `cases`: overdue follow-ups, offers, missing leads; one query."""
    # Only on open ones can any be; said, so that the closed ones are not looked through.
    follow_ups, handovers = (
        rows.filter(case__closed_on__isnull=True) for rows in (follow_ups, handovers)
    )
    parts = {
        "overdue_follow_ups": (follow_ups.overdue(), "case__center__code"),
        "offered": (handovers.waiting(), "case__center__code"),
        "offer_overdue": (handovers.overdue(), "case__center__code"),
        "without_lead": (cases.to_assign(), "center__code"),
    }
    first, *others = (
        rows.order_by()
        .annotate(what=Value(what, CharField()))
        .values_list("what", center)
        .annotate(n=Count("pk"))
        for what, (rows, center) in parts.items()
    )
    counts: dict[str, dict[str, int]] = {what: {} for what in parts}
    for what, center, n in first.union(*others, all=True):
        counts[what][center] = n
    return Pending(**counts)


# --- What needs action now ------------------------------------------------------------------------


def headlines(
    groups: Iterable[Group], waiting: Pending, scope: Mapping[str, str]
) -> list[Headline]:
    """Say what cannot wait; `scope` are the register's filters that are on."""
    groups = list(groups)
    follow_ups = sum(waiting.overdue_follow_ups.values())
    late = sum(group.overdue for group in groups)
    offered = sum(waiting.offered.values())
    offer_overdue = sum(waiting.offer_overdue.values())
    unled = sum(waiting.without_lead.values())
    alone = sum(group.without_deputy for group in groups)
    return [
        Headline(
            code="offer_overdue",
            label=_("Handovers without an answer"),
            definition=_("Open offers whose answer was due before today."),
            cell=Cell(offer_overdue, {**scope, "waiting": OFFER_OVERDUE}),
            is_pressing=offer_overdue > 0,
            note=_("of %(n)d that are waiting") % {"n": offered},
        ),
        Headline(
            code="overdue",
            label=_("Cases with overdue follow-ups"),
            definition=_("Open cases whose next date was before today."),
            cell=Cell(late, {**scope, "due": "overdue"}),
            is_pressing=late > 0,
            note=ngettext("%(n)d follow-up", "%(n)d follow-ups", follow_ups) % {"n": follow_ups},
        ),
        Headline(
            code="no_lead",
            label=_("Cases without an able lead"),
            definition=_(
                "Open cases whose lead is blocked, has left, is leaving or works for the provider "
                "no more."
            ),
            cell=Cell(unled, {**scope, "waiting": NO_LEAD}),
            is_pressing=unled > 0,
        ),
        Headline(
            code="no_deputy",
            label=_("Cases without a deputy"),
            definition=_("Open cases for which no deputy is named."),
            cell=Cell(alone, {**scope, "waiting": NO_DEPUTY}),
        ),
    ]


def waiting_by_center(
    groups: Iterable[Group], waiting: Pending, centers: Sequence[Center]
) -> Figure:
    """Show center by center what is open and what cannot wait."""
    totals: dict[str, Counter] = {center.code: Counter() for center in centers}
    for group in groups:
        totals[group.center] += Counter(
            open=group.n, overdue=group.overdue, no_deputy=group.without_deputy
        )
    for code, counter in totals.items():
        counter["follow_ups"] = waiting.overdue_follow_ups.get(code, 0)
        counter["offered"] = waiting.offered.get(code, 0)
        counter["offer_overdue"] = waiting.offer_overdue.get(code, 0)
        counter["no_lead"] = waiting.without_lead.get(code, 0)

    def cells(counter: Counter, scope: Mapping[str, str]) -> tuple[Cell, ...]:
        return (
            Cell(counter["open"], scope),
            Cell(counter["overdue"], {**scope, "due": "overdue"}),
            Cell(counter["follow_ups"]),
            Cell(counter["offered"], {**scope, "waiting": OFFERED}),
            Cell(counter["offer_overdue"], {**scope, "waiting": OFFER_OVERDUE}),
            Cell(counter["no_lead"], {**scope, "waiting": NO_LEAD}),
            Cell(counter["no_deputy"], {**scope, "waiting": NO_DEPUTY}),
        )

    rows = [Row(str(c), cells(totals[c.code], {"center": c.code})) for c in centers]
    if len(centers) > 1:
        rows.append(Row(_("All centers"), cells(sum(totals.values(), Counter()), {}), True))
    return Figure(
        code="centers",
        label=_("What is waiting, by center"),
        definition=_(
            "Open cases, and on them: cases whose next date was before today with the follow-ups "
            "overdue on them; handovers offered and not answered; cases whose lead is blocked, has "
            "left, is leaving or works for the provider no more; cases without a deputy."
        ),
        source=_("Register of cases; KPI “Fristtreue” (DOMAIN §2.7)"),
        n=sum(counter["open"] for counter in totals.values()),
        counted=_("open cases"),
        row_head=_("Center"),
        columns=(
            _("Open cases"),
            _("Cases with overdue follow-ups"),
            _("Overdue follow-ups"),
            _("Handovers waiting"),
            _("of these overdue"),
            _("Without an able lead"),
            _("Without a deputy"),
        ),
        rows=tuple(rows),
    )


# --- Where the cases are --------------------------------------------------------------------------


def by_phase(groups: Iterable[Group], centers: Sequence[Center]) -> Figure:
    """Show in which phase the open cases are, center by center."""
    phases = [(phase.value, phase.label) for phase in Phase if phase not in ENDED_PHASES]
    counts: Counter = Counter()
    for group in groups:
        counts[group.phase, group.center] += group.n
    return _crossed(
        counts,
        centers,
        phases,
        parameter="phase",
        code="phases",
        label=_("Open cases by phase"),
        definition=_("Cases that are not closed, by the phase they are in today."),
        source=_("Register of cases; base of the KPI “Aktive Fälle je VZÄ” (DOMAIN §2.7)"),
        row_head=_("Phase"),
    )


def by_provider(groups: Iterable[Group], centers: Sequence[Center]) -> Figure:
    """Show whose files the open cases are, center by center."""
    counts: Counter = Counter()
    names: dict[str, str] = {}
    for group in groups:
        counts[group.provider, group.center] += group.n
        names[group.provider] = group.provider_name
    return _crossed(
        counts,
        centers,
        sorted(names.items(), key=lambda item: item[1].casefold()),
        parameter="provider",
        code="providers",
        label=_("Open cases by provider"),
        definition=_("Cases that are not closed, by the provider that answers for the file."),
        source=_("Register of cases; base of the KPI “Aktive Fälle je VZÄ” (DOMAIN §2.7)"),
        row_head=_("Provider"),
    )


def _crossed(
    counts: Counter,
    centers: Sequence[Center],
    lines: Iterable[tuple[str, str]],
    *,
    parameter: str,
    **words: str,
) -> Figure:
    """Lay counts of (line, center) out as a table with margins, each cell with its filters."""
    shown = centers if 1 < len(centers) <= MOST_COLUMNS else []
    scope = {"center": centers[0].code} if len(centers) == 1 else {}

    def row(label: str, codes: Sequence[str], line: Mapping[str, str], is_total=False) -> Row:
        def count(places: Sequence[Center]) -> int:
            return sum(counts[code, place.code] for code in codes for place in places)

        cells = [Cell(count([one]), {**line, "center": one.code}) for one in shown]
        return Row(label, (*cells, Cell(count(centers), {**line, **scope})), is_total)

    lines = list(lines)
    rows = [row(label, [code], {parameter: code}) for code, label in lines]
    total = row(_("Total"), [code for code, _label in lines], {}, True)
    return Figure(
        columns=(*(center.name for center in shown), _("Total")),
        rows=(*rows, total),
        n=total.cells[-1].value,
        counted=_("open cases"),
        **words,
    )
