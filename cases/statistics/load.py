"""How much somebody carries: weighted active cases per full-time post (KPI table, DOMAIN §2.7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, QuerySet

from cases.models import Case

# What one case counts by its intensity (DOMAIN §1.6).
WEIGHTS: dict[str, Decimal] = {
    Case.Intensity.INTENSIVE: Decimal("2"),
    Case.Intensity.NORMAL: Decimal("1"),
    Case.Intensity.LIGHT: Decimal("0.5"),
    Case.Intensity.AFTERCARE: Decimal("0.25"),
}


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
