"""What a former lead reads: rows as they stood when somebody else accepted the case.

Which rows they see is decided by the doors; here the values that have changed since are put back,
from the history below every row. Free text is not in the history: it is shown only where nothing
has changed since.
"""

from datetime import datetime

from django.db.models import Case as Choose
from django.db.models import Exists, F, Model, OuterRef, QuerySet, Subquery, When

from cases.access import READS_ONLY_THE_PAST
from cases.models.case import Case
from cases.models.consent import Consent
from cases.models.deadline import Deadline
from cases.models.document import Document
from cases.models.doors import rows_of
from cases.models.expiry import Expiry
from cases.models.follow_up import FollowUp
from cases.models.goal import Goal
from cases.models.measure import Measure
from cases.models.need import Need
from cases.models.person import Person
from cases.models.referral import Referral
from providers.models import StaffMember

# The values that steps change, and that a former lead therefore reads as they were.
CHANGING: dict[type[Model], tuple[str, ...]] = {
    Case: ("phase", "is_urgent", "closed_on", "paused_until"),
    Need: ("state", "unmet_reason__name", "settled_on"),
    Referral: ("state", "refusal_reason__name", "answered_on", "appointment_at"),
    FollowUp: ("state", "due_on", "assignee_id"),
    Consent: ("valid_until", "revoked_at"),
    Document: ("kind_id", "kind__name", "dated_on", "valid_until", "legal_domain__short_name"),
    Deadline: ("state", "due_on", "settled_at"),
    Expiry: ("ended_at",),
    Goal: ("state", "level", "parent_id", "due_on", "attainment", "agreed_on", "ended_on"),
    Measure: ("state", "responsible", "due_on", "done_on"),
}


def with_past(rows: QuerySet, model: type[Model], moment: datetime, *, of: str = "pk") -> QuerySet:
    """Annotate `rows` with what the row of `model` at `of` held at `moment`."""
    then = _until(model, moment, of)
    later = model.history.filter(id=OuterRef(of), history_date__gt=moment)
    return rows.annotate(
        **{_name(model, field): Subquery(then.values(field)[:1]) for field in CHANGING[model]},
        **{_name(model, "has_changed"): Exists(later)},
    )


def past_values(row: Model, model: type[Model]) -> dict[str, object]:
    """Return what `with_past` found on `row`, by field; `has_changed` tells of later changes."""
    return {field: getattr(row, _name(model, field)) for field in (*CHANGING[model], "has_changed")}


def person_at(person: Person, moment: datetime) -> tuple[Person, list[str]]:
    """Return the person as recorded at `moment`, and the names of their languages; one query."""
    records = (
        Person.history.filter(id=person.pk, history_date__lte=moment)
        .annotate(spoken=F("historicalperson_languages__language__name"))
        .select_related(*_relations(Person))
        .order_by("-history_date", "-history_id", "historicalperson_languages__language__position")
    )
    found = list(records)
    if not found:
        return person, []
    latest = found[0]
    then = latest.instance
    for relation in _relations(Person):
        setattr(then, relation, getattr(latest, relation))
    same = [record.spoken for record in found if record.history_id == latest.history_id]
    return then, [name for name in same if name]


def with_reading(cases: QuerySet, reader: StaffMember) -> QuerySet:
    """Annotate `cases` with `reads_until`: the moment up to which a former lead reads each."""
    mine = rows_of(reader).filter(case=OuterRef("pk"))
    present = mine.exclude(reason__in=READS_ONLY_THE_PAST)
    latest = mine.order_by("-starts_at").values("starts_at")[:1]
    return cases.annotate(
        reads_until=Choose(When(Exists(present), then=None), default=Subquery(latest))
    )


def put_back(cases: list[Case]) -> list[Case]:
    """Put back what a list shows of cases that are read as a former lead alone.

    They come from `with_reading`, with their person and `standing_needs`. Two queries, if any.
    """
    past = [case for case in cases if case.reads_until is not None]
    if not past:
        return cases
    stood = _latest(Case, {case.pk: case.reads_until for case in past})
    known = _latest(Person, {case.person_id: case.reads_until for case in past})
    for case in past:
        if then := stood.get(case.pk):
            for name in (*CHANGING[Case], "sort_name", "next_due_on", "last_touched_at"):
                setattr(case, name, getattr(then, name))
        if then := known.get(case.person_id):
            case.person = then.instance
        case.standing_needs = [
            need for need in case.standing_needs if need.recorded_at <= case.reads_until
        ]
    return cases


def _latest(model: type[Model], moments: dict[int, datetime]) -> dict[int, Model]:
    """Return the last version of each row at its moment, by the row's key."""
    records = model.history.filter(id__in=moments, history_date__lte=max(moments.values()))
    return {
        record.id: record
        for record in records.order_by("history_date", "history_id")
        if record.history_date <= moments[record.id]
    }


def _relations(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.many_to_one]


def _until(model: type[Model], moment: datetime, of: str) -> QuerySet:
    records = model.history.filter(id=OuterRef(of), history_date__lte=moment)
    return records.order_by("-history_date", "-history_id")


def _name(model: type[Model], field: str) -> str:
    return f"past_{model._meta.model_name}_{field.replace('__', '_')}"
