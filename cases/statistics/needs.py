"""Needs: in which legal domain, how many could not be met, and why.

The register does not show needs one by one, so small numbers and what would give them away are
hidden. Both tables and all their sums are one net of numbers, and hidden as one. They always cover
all the centers of the reader: next to each other, the tables of single centers would give away what
each of them hides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import CharField, Count, F, IntegerField, QuerySet, Value
from django.utils.translation import gettext as _

from cases.models import ClosingReason, Need
from cases.statistics.figure import Cell, Figure, Row
from cases.statistics.suppression import Flow, Hidden, Shown, hide_small

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


@dataclass
class NeedCounts:
    """What may be shown of needs, by key; and the names of domains and reasons in order."""

    shown: dict[Key, Shown]
    domains: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    # The domains whose unmet needs are counted by reason, OTHER among them if there is one.
    alone: set[str] = field(default_factory=set)

    def at(self, domain: str = "", state: str = "", reason: str = "") -> Shown:
        return self.shown.get(Key(domain, state, reason), 0)


def count_needs(needs: QuerySet) -> NeedCounts:
    """Count standing needs with all the sums that are shown, and hide what is small; one query.

    Needs of files that were opened by mistake are left out.
    """
    needs = needs.standing().exclude(case__closing_reason=ClosingReason.OPENED_BY_MISTAKE)
    domain, state, reason = F("legal_domain_id"), F("state"), F("unmet_reason_id")
    of_domain = {"name": F("legal_domain__short_name"), "place": F("legal_domain__position")}
    of_reason = {"name": F("unmet_reason__name"), "place": F("unmet_reason__position")}
    unmet = needs.filter(state=State.UNMET)
    by_size = needs.order_by().values("legal_domain").annotate(n=Count("pk"))
    by_size = by_size.order_by("-n", "legal_domain__position", "legal_domain")
    largest = by_size.values("legal_domain")[:MOST_COLUMNS]
    apart = unmet.filter(legal_domain__in=largest)
    others = unmet.exclude(legal_domain__in=largest)
    together = Value(OTHER, CharField())
    counted = _counted(needs).union(
        _counted(needs, domain=domain, **of_domain),
        _counted(needs, state=state),
        _counted(needs, domain=domain, state=state),
        _counted(unmet, state=state, reason=reason, **of_reason),
        _counted(apart, domain=domain, state=state, reason=reason),
        _counted(others, domain=together, state=state),
        _counted(others, domain=together, state=state, reason=reason),
        all=True,
    )
    counts: dict[Key, tuple[int, int]] = {}
    names: dict[Key, tuple[int, str]] = {}
    for *codes, name, place, n, cases in counted:
        if n:
            counts[Key(*codes)] = n, cases
            names[Key(*codes)] = place, name
    alone = {key.domain for key in counts if key.reason and key.domain}
    domains = [key for key in counts if key.domain and not key.state]
    reasons = [key for key in counts if key.reason and not key.domain]
    return NeedCounts(
        shown=hide_small({key: Flow(*_ends(key, alone), *counts[key]) for key in counts}),
        domains={key.domain: names[key][1] for key in sorted(domains, key=names.get)},
        reasons={key.reason: names[key][1] for key in sorted(reasons, key=names.get)},
        alone=alone,
    )


def _counted(needs: QuerySet, **columns: F) -> QuerySet:
    """Count needs, and the cases they belong to, grouped by the columns that are named."""
    text, number = Value("", CharField()), Value(0, IntegerField())
    usual = {"domain": text, "state": text, "reason": text, "name": text, "place": number}
    columns = {f"_{name}": column for name, column in (usual | columns).items()}
    return (
        needs.order_by()
        .annotate(**columns)
        .values_list(*columns)
        .annotate(n=Count("pk"), cases=Count("case", distinct=True))
    )


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
    )


def _heat(n: Shown, largest: int) -> int:
    """Say in which fifth of the largest shown number `n` is; zeros and marks have no colour."""
    return 0 if isinstance(n, Hidden) or not n else -(-HEATS * n // largest)
