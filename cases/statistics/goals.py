"""Zielerreichung: what became of goals, counted (KPI of DOMAIN §2.7)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cases.models import Goal


@dataclass(frozen=True)
class GoalCounts:
    """How many goals have ended in which way, and how many are under way."""

    reached: int = 0
    partly: int = 0
    ended: int = 0
    under_way: int = 0

    @property
    def attainment(self) -> Decimal | None:
        """Return the per cent of ended goals that were reached, partly reached ones half.

        Of many cases together, shown with n; never as a mark for one person.
        """
        if not self.ended:
            return None
        return round(100 * (self.reached + Decimal(self.partly) / 2) / self.ended, 1)


def count_states(states: Iterable[str]) -> GoalCounts:
    """Count goals by their states."""
    counted = Counter(states)
    return GoalCounts(
        reached=counted[Goal.State.REACHED],
        partly=counted[Goal.State.PARTLY],
        ended=sum(counted[state] for state in Goal.ENDED),
        under_way=sum(counted[state] for state in Goal.UNDER_WAY),
    )
