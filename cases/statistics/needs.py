"""Needs: in which legal domain, how many could not be met, and why.

The register does not show needs one by one, so small numbers and what would give them away are
hidden. Both tables and all their sums are one net of numbers, and hidden as one. They always cover
all the centers of the reader: next to each other, the tables of single centers would give away what
each of them hides.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet, Value
from django.utils.translation import gettext as _

from cases.models import Case, ClosingReason, Need, UnmetReason
from cases.statistics.figure import Cell, Figure, Row
from cases.statistics.suppression import FEWEST_SHOWN, Flow, Hidden, Shown, hide_small
from providers.models import LegalDomain

HEATS = 5
State = Need.State
# So many legal domains have a column in the table of reasons; the others share one.
MOST_COLUMNS = 8
OTHER = "*"


class Key(NamedTuple):
    """Which needs are counted together; what is empty is not distinguished."""

    domain: str = ""
    state: str = ""
    reason: str = ""


@dataclass(frozen=True)
class NeedCounts:
    """What may be shown of needs, by key; and the names of domains and reasons in order."""

    shown: dict[Key, Shown]
    domains: dict[str, str]
    reasons: dict[str, str]
    # The domains whose unmet needs are counted by reason, OTHER among them if there is one.
    alone: set[str]
    # When they were counted, where that was before now (see `kept`).
    as_of: datetime | None = None

    def at(self, domain: str = "", state: str = "", reason: str = "") -> Shown:
        return self.shown.get(Key(domain, state, reason), 0)


@dataclass
class Tally:
    """So many needs, and whose: `few` are their cases where these are fewer than five."""

    n: int = 0
    cases: int = 0
    few: set[int] = field(default_factory=set)

    def add(self, part: "Tally") -> None:
        self.n += part.n
        self.few |= part.few
        self.cases = max(self.cases, part.cases, len(self.few))


def count_needs(needs: QuerySet) -> NeedCounts:
    """Count standing needs with all the sums that are shown, and hide what is small.

    Needs of files that were opened by mistake are left out. Three queries, of which one passes over
    all needs, along an index.
    """
    mistakes = Case.objects.filter(closing_reason=ClosingReason.OPENED_BY_MISTAKE)
    needs = needs.standing().exclude(case__in=mistakes)
    tallies = _tallies(needs)
    domains, reasons = _names()
    by_size = Counter()
    for key, tally in tallies.items():
        by_size[key.domain] += tally.n
    order = {code: place for place, code in enumerate(domains)}
    largest = sorted(by_size, key=lambda code: (-by_size[code], order[code]))[:MOST_COLUMNS]
    sums: dict[Key, Tally] = defaultdict(Tally)
    for key, tally in tallies.items():
        for whole in _sums(key, is_apart=key.domain in largest):
            sums[whole].add(tally)
    alone = {key.domain for key in sums if key.reason and key.domain}
    flows = {key: Flow(*_ends(key, alone), one.n, one.cases) for key, one in sums.items()}
    return NeedCounts(
        shown=hide_small(flows),
        domains={code: name for code, name in domains.items() if Key(code) in sums},
        reasons={
            code: name for code, name in reasons.items() if Key("", State.UNMET, code) in sums
        },
        alone=alone,
    )


def _tallies(needs: QuerySet) -> dict[Key, Tally]:
    """Count needs and their cases by domain, state and reason; two queries.

    Where the cases are few, the second query says which: only then does it matter whether those of
    two cells are the same.
    """
    columns = ("legal_domain", "state", "unmet_reason")
    rows = needs.order_by().values_list(*columns)
    counted = rows.annotate(n=Count("*"), cases=Count("case", distinct=True))
    tallies = {
        Key(domain, state, reason or ""): Tally(n, cases)
        for domain, state, reason, n, cases in counted
    }
    few: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, tally in tallies.items():
        if tally.cases < FEWEST_SHOWN:
            few[key.state, key.reason].append(key.domain)
    which = Q(pk__in=[])
    for (state, reason), domains in few.items():
        which |= Q(legal_domain__in=domains, state=state, unmet_reason=reason or None)
    for domain, state, reason, case in rows.filter(which).values_list(*columns, "case"):
        tallies[Key(domain, state, reason or "")].few.add(case)
    return tallies


def _names() -> tuple[dict[str, str], dict[str, str]]:
    """Return the names of all legal domains and of all reasons, in their order; one query."""
    domains = LegalDomain.objects.order_by().values_list(Value(0), "position", "short_name", "pk")
    reasons = UnmetReason.objects.order_by().values_list(Value(1), "position", "name", "pk")
    names: tuple[dict[str, str], dict[str, str]] = {}, {}
    for which, _position, name, code in sorted(domains.union(reasons, all=True)):
        names[which][code] = name
    return names


def _sums(key: Key, *, is_apart: bool) -> Iterator[Key]:
    """Name every shown number that a cell is part of; `is_apart`: its domain has a column."""
    yield from (Key(), Key(key.domain), Key(state=key.state), Key(key.domain, key.state))
    if key.state == State.UNMET:
        yield Key("", key.state, key.reason)
        if is_apart:
            yield key
        else:
            yield from (Key(OTHER, key.state), Key(OTHER, key.state, key.reason))


def _ends(key: Key, alone: set[str]) -> tuple[tuple, tuple]:
    """Say from which sum to which other a cell flows (see `suppression`).

    The unmet needs of a domain that is not counted `alone` flow on through OTHER.
    """
    column = ("column", key.state, key.reason)
    if not key.domain:
        if not key.state:
            return ("sums",), ("all",)
        return column, ("column", key.state, "") if key.reason else ("sums",)
    if not key.state:
        return ("all",), ("row", key.domain)
    if key.reason:
        return ("unmet", key.domain), column
    if key.domain == OTHER:
        return ("others",), ("unmet", OTHER)
    if key.state == State.UNMET:
        return ("row", key.domain), ("unmet", key.domain) if key.domain in alone else ("others",)
    return ("row", key.domain), column


# --- The tables -----------------------------------------------------------------------------------


def by_domain(counts: NeedCounts) -> Figure:
    """Show the needs of each legal domain by what became of them."""
    rows = [_domain_row(counts, code, name) for code, name in counts.domains.items()]
    if rows:
        rows.append(_domain_row(counts, "", _("All legal domains"), is_total=True))
    return Figure(
        code="needs",
        label=_("Needs by legal domain"),
        definition=_(
            "All needs on record, of open and closed cases, without those struck through and those "
            "of files opened by mistake. The gap in coverage is the unmet needs divided by all "
            "needs. Always for all your centers: next to each other, single centers would give "
            "away small numbers."
        ),
        source=_("KPI “Deckungslücke” (DOMAIN §2.7); small numbers hidden (DOMAIN §4.8)"),
        n=counts.at(),
        counted=_("needs"),
        row_head=_("Legal domain"),
        columns=(_("Needs"), *(state.label for state in State), _("Gap, per cent")),
        rows=tuple(rows),
        as_of=counts.as_of,
    )


def _domain_row(counts: NeedCounts, code: str, name: str, *, is_total: bool = False) -> Row:
    total, unmet = counts.at(code), counts.at(code, State.UNMET)
    cells = [Cell(total), *(Cell(counts.at(code, state)) for state in State)]
    # Cases with a need here stand in the register; behind a hidden number there is no way.
    behind = {"legal_domain": code, "state": "all"}
    leads_on = code and not isinstance(total, Hidden)
    return Row(name, (*cells, Cell(_share(unmet, total))), is_total, behind if leads_on else None)


def _share(part: Shown, whole: Shown) -> Decimal | Hidden | None:
    """Return how many per cent `part` is, or a mark where that would tell a hidden number."""
    if isinstance(part, Hidden) or isinstance(whole, Hidden):
        return Hidden.COMPLEMENT
    return round(Decimal(100 * part) / whole, 1) if whole else None


def by_reason(counts: NeedCounts) -> Figure:
    """Show why needs stayed unmet, by legal domain."""
    names = counts.domains | {OTHER: _("Other legal domains")}
    domains = {code: name for code, name in names.items() if code in counts.alone}
    columns: Sequence[str] = [*domains, ""]
    apart = [code for code in domains if code != OTHER]
    inner = [counts.at(d, State.UNMET, r) for d in apart for r in counts.reasons]
    largest = max((n for n in inner if not isinstance(n, Hidden)), default=0)
    rows = [
        Row(
            name,
            tuple(
                Cell(n, heat=_heat(n, largest) if domain in apart else 0)
                for domain in columns
                for n in [counts.at(domain, State.UNMET, reason)]
            ),
        )
        for reason, name in counts.reasons.items()
    ]
    if rows:
        sums = tuple(Cell(counts.at(domain, State.UNMET)) for domain in columns)
        rows.append(Row(_("All reasons"), sums, True))
    return Figure(
        code="reasons",
        label=_("Why needs stayed unmet"),
        definition=_(
            "The unmet needs of the table above by the reason that was recorded when they were "
            "left unmet, and by legal domain: the ones with most needs each by itself, all others "
            "together."
        ),
        source=_("KPI “Deckungslücke” and list of reasons (DOMAIN §2.5, §2.7)"),
        n=counts.at("", State.UNMET),
        counted=_("unmet needs"),
        row_head=_("Reason"),
        columns=(*domains.values(), _("All")),
        rows=tuple(rows),
        as_of=counts.as_of,
    )


def _heat(n: Shown, largest: int) -> int:
    """Say in which fifth of the largest shown number `n` is; zeros and marks have no colour."""
    return 0 if isinstance(n, Hidden) or not n else -(-HEATS * n // largest)
