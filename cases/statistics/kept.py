"""What is counted over everything ever recorded is kept for an hour, once there is much of it.

Kept is what every coordinator of the same centers is shown, small numbers already hidden, under
these centers and the day, never under a person; whose centers they are is asked at every look.
What needs action is never kept. Why so: docs/decisions/0016-needs-are-counted-once-an-hour.md.
"""

from dataclasses import replace
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from cases.models import Need
from cases.statistics.needs import NeedCounts, count_needs
from cases.statistics.suppression import Hidden
from providers.models import StaffMember
from providers.roles import Permission

KEPT_FOR = timedelta(hours=1)
# So many take no time that anybody notices: up to here they are counted at every look.
MOST_COUNTED_ALWAYS = 20_000
# One more whenever `NeedCounts` changes: a new release does not read what the last one kept.
FORMAT = 1


def needs_of(reader: StaffMember, *, anew: bool = False) -> NeedCounts:
    """Return the counts of all needs that the reader may count; `anew`: as they are now."""
    key = _key(reader)
    kept = None if anew else cache.get(key)
    if kept is not None:
        return kept
    counted = count_needs(Need.objects.countable_by(reader))
    total = counted.at()
    if not isinstance(total, Hidden) and total > MOST_COUNTED_ALWAYS:
        cache.set(key, replace(counted, as_of=timezone.now()), KEPT_FOR.total_seconds())
    return counted


def _key(reader: StaffMember) -> str:
    centers = reader.center_ids(Permission.READ_STATISTICS)
    where = "all" if centers is None else "-".join(map(str, sorted(centers)))
    return f"needs-{FORMAT}:{timezone.localdate()}:{where}"
