"""What must hold between rows and the database cannot watch alone; `check_cases` asks here."""

from collections.abc import Iterator
from itertools import combinations, groupby

from providers.models import Assignment, Provider


def broken_rules() -> Iterator[str]:
    """Yield one sentence for every row that breaks a rule; for operators, so in English."""
    parents = dict(Provider.objects.values_list("pk", "parent_id"))
    for provider in Provider.objects.all():
        if provider.is_in_a_loop(parents):
            yield f"Provider {provider.code} is below itself."
    for assignment in Assignment.objects.filter(employer__kind=Provider.Kind.AUTHORITY):
        yield f"Assignment {assignment.pk} has an authority as employer."
    rows = Assignment.objects.order_by("staff_member_id", "valid_from", "pk")
    for staff_id, own in groupby(rows, key=lambda row: row.staff_member_id):
        for first, second in combinations(own, 2):
            if first.valid_until is not None and first.valid_until < second.valid_from:
                continue
            if first.role != second.role:
                yield f"Staff member {staff_id} holds two roles at once: {first.pk}, {second.pk}."
            if first.employer_id != second.employer_id:
                yield f"Staff member {staff_id} has two employers at once: {first.pk}, {second.pk}."
            same_place = (first.center_id, first.employer_id) == (
                second.center_id,
                second.employer_id,
            )
            if same_place and first.role == second.role:
                yield (
                    f"Staff member {staff_id} is assigned twice to one place at once: "
                    f"{first.pk}, {second.pk}."
                )
