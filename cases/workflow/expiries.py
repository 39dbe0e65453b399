"""What runs out comes back by itself: 12, 8 and 4 weeks ahead (DOMAIN §3.1).

Whatever expires is an `Expiring`: a case, in words what, the day, and a `source`, the key under
which its reminders are counted. Who records the same paper of a person elsewhere uses the same key
(`paper_key`), and nobody is reminded twice. A new kind of row joins by one more function in
`SOURCES`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import (
    NEVER,
    Case,
    CaseEvent,
    Document,
    Expiry,
    ExpiryReminder,
    FollowUp,
    HouseholdMember,
    Person,
)
from cases.models.consent import file_consent_is_revoked
from cases.models.expiry import paper_key
from cases.workflow.kept_deadlines import end_quietly
from cases.workflow.records import read_again
from cases.workflow.steps import lock, taking
from centers.working_days import working_day_from
from kim_portal.errors import Refusal
from providers.models import StaffMember

# The latest stage first: of several that have passed at once, only that one reminds.
WEEKS_AHEAD = (4, 8, 12)
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Expiring:
    """Something on a case that is valid until a day."""

    case: Case
    what: str
    until: date
    source: str


def due_stage(until: date, today: date) -> int | None:
    """Return which reminder is due: so many weeks ahead, or None while it is too early."""
    return next((n for n in WEEKS_AHEAD if today >= until - timedelta(weeks=n)), None)


# --- Steps ----------------------------------------------------------------------------------------


def record_expiry(
    case: Case,
    *,
    by: StaffMember,
    kind: str,
    valid_until: date,
    concerns: Person | None = None,
    label: str = "",
    is_confidential: bool = False,
    replaces: Expiry | None = None,
) -> Expiry:
    """Record until when something is valid; remind at once where a reminder is due.

    `replaces`: what was renewed by it; the old one's reminders are done.
    """
    with taking(Step.RECORD_EXPIRY, case, by=by) as taken:
        expiry = Expiry.objects.create(
            case=case,
            recorded_by=by,
            kind=kind,
            valid_until=valid_until,
            concerns=concerns,
            label=label,
            is_confidential=is_confidential,
        )
        if replaces is not None:
            _replace(replaces, expiry, by=by)
        thing = Expiring(case, _words(expiry, case), valid_until, expiry.source)
        follow_up = remind_inside(thing, today=timezone.localdate(), by=by)
        taken.record(
            expiry,
            after=kind,
            until=valid_until,
            replaces=replaces.pk if replaces else None,
            follow_up_on=follow_up.due_on if follow_up else None,
        )
    return expiry


def end_expiry(expiry: Expiry, *, by: StaffMember) -> Expiry:
    """Let something go whose end nobody has to watch any longer."""
    with taking(Step.END_EXPIRY, expiry.case, by=by) as taken:
        read_again(expiry)
        _must_run(expiry)
        expiry.ended_at, expiry.ended_by = timezone.now(), by
        expiry.save()
        end_reminders(expiry.case, expiry.source, by=by)
        taken.record(expiry, before=expiry.kind, until=expiry.valid_until)
    return expiry


def _replace(old: Expiry, new: Expiry, *, by: StaffMember) -> None:
    old.case = new.case
    read_again(old)
    _must_run(old)
    old.ended_at, old.ended_by, old.replaced_by = timezone.now(), by, new
    old.save()
    end_reminders(new.case, old.source, by=by)


def _must_run(expiry: Expiry) -> None:
    if not expiry.is_open:
        raise Refusal(_("This has been renewed or ended meanwhile."))


def end_reminders(case: Case, source: str, *, by: StaffMember) -> None:
    """End the open reminders of one thing, but never the last next step of a case."""
    reminders = FollowUp.objects.filter(case=case, expiry_reminder__source=source).open()
    for follow_up in reminders:
        if FollowUp.objects.filter(case=case).open().exclude(pk=follow_up.pk).exists():
            end_quietly(follow_up, FollowUp.State.DONE, by=by)


# --- Reminding ------------------------------------------------------------------------------------


def remind(
    case: Case, *, what: str, until: date, source: str, today: date, by: StaffMember | None = None
) -> FollowUp | None:
    """Make the reminder that is due for one thing, in a transaction of its own; None if none is.

    Nobody presses here unless `by` is named: the event names the lead, to whom the follow-up goes.
    """
    with transaction.atomic():
        lock(case)
        if not case.is_active:
            return None
        actor = by or case.lead
        follow_up = remind_inside(Expiring(case, what, until, source), today=today, by=actor)
        if follow_up is None:
            return None
        open_ones = FollowUp.objects.filter(case=case).open()
        case.next_due_on = open_ones.aggregate(first=Min("due_on"))["first"] or NEVER
        case.save()
        CaseEvent.objects.create(
            case=case,
            step=Step.REMIND_OF_EXPIRY,
            actor=actor,
            subject_kind="followup",
            subject_id=follow_up.pk,
            details={"until": until.isoformat(), "by_itself": by is None},
        )
    return follow_up


def remind_inside(thing: Expiring, *, today: date, by: StaffMember) -> FollowUp | None:
    """Make the reminder that is due, inside a step or another transaction that locks the case."""
    stage = due_stage(thing.until, today)
    if stage is None or not _is_new(thing, stage, _made([thing])):
        return None
    follow_up = FollowUp.objects.create(
        case=thing.case,
        recorded_by=by,
        assignee=thing.case.lead,
        kind=FollowUp.Kind.EXPIRY,
        subject=_subject(thing, today),
        due_on=working_day_from(today),
    )
    # One reminder is enough: the new one takes the place of those that are still open.
    earlier = FollowUp.objects.filter(case=thing.case, expiry_reminder__source=thing.source).open()
    for one in earlier:
        end_quietly(one, FollowUp.State.DROPPED, by=by)
    ExpiryReminder.objects.create(
        case=thing.case,
        recorded_by=by,
        source=thing.source,
        until=thing.until,
        weeks=stage,
        follow_up=follow_up,
    )
    return follow_up


def due_reminders(today: date) -> Iterator[Expiring]:
    """Yield what a reminder is due for that has not been made yet."""
    things = list({(one.case.pk, one.source): one for one in _running_out(today)}.values())
    made = _made(things)
    for thing in things:
        stage = due_stage(thing.until, today)
        if stage is not None and _is_new(thing, stage, made):
            yield thing


def remind_all(today: date) -> int:
    """Make every reminder that is due, each in a transaction of its own; return how many."""
    return sum(
        remind(thing.case, what=thing.what, until=thing.until, source=thing.source, today=today)
        is not None
        for thing in due_reminders(today)
    )


def _subject(thing: Expiring, today: date) -> str:
    sentence = (
        _("%(what)s expires on %(day)s: please see to it")
        if thing.until >= today
        else _("%(what)s expired on %(day)s: please see to it")
    )
    # The day is never cut off, however long the words are.
    day = date_format(thing.until, "d.m.Y")
    longest = LONGEST_SUBJECT - len(sentence) - len(day)
    return sentence % {"what": thing.what[:longest], "day": day}


def _made(things: Iterable[Expiring]) -> dict[tuple[int, str, date], int]:
    """Return the latest stage reminded of, by case, source and day."""
    cases = {thing.case.pk for thing in things}
    rows = ExpiryReminder.objects.filter(case__in=cases).values_list("case", "source", "until")
    return {row[:3]: row[3] for row in rows.annotate(latest=Min("weeks")).order_by()}


def _is_new(thing: Expiring, stage: int, made: dict[tuple[int, str, date], int]) -> bool:
    latest = made.get((thing.case.pk, thing.source, thing.until))
    return latest is None or stage < latest


# --- What runs out --------------------------------------------------------------------------------


def of_expiries(until: date) -> Iterator[Expiring]:
    """What was recorded as expiring."""
    relation = HouseholdMember.objects.standing().filter(
        case=OuterRef("case"), person=OuterRef("concerns")
    )
    rows = (
        Expiry.objects.open()
        .filter(valid_until__lte=until, case__in=_cases())
        .annotate(relation=Subquery(relation.values("relation")[:1]))
        .select_related("case__lead")
    )
    for row in rows.order_by("pk"):
        yield Expiring(
            row.case, _with_relation(str(row), row.relation), row.valid_until, row.source
        )


def of_persons(until: date) -> Iterator[Expiring]:
    """The residence title that stands with the person, unless it is recorded as expiring too."""
    recorded = Expiry.objects.open().filter(kind=Expiry.Kind.RESIDENCE, case=OuterRef("pk"))
    cases = (
        _cases()
        .filter(person__residence_valid_until__lte=until)
        .exclude(Exists(recorded.filter(concerns=OuterRef("person"))))
        .select_related("person", "lead")
    )
    for case in cases.order_by("pk"):
        yield _title_of(case, case.person, "")


def of_members(until: date) -> Iterator[Expiring]:
    """The titles of the household; who has an open case of their own is reminded there."""
    recorded = Expiry.objects.open().filter(kind=Expiry.Kind.RESIDENCE, case=OuterRef("case"))
    members = (
        HouseholdMember.objects.standing()
        .filter(person__residence_valid_until__lte=until, case__in=_cases())
        .exclude(own_case__isnull=False, own_case__closed_on__isnull=True)
        .exclude(Exists(recorded.filter(concerns=OuterRef("person"))))
        .select_related("person", "case__lead")
    )
    for member in members.order_by("pk"):
        yield _title_of(member.case, member.person, member.relation)


def of_documents(until: date) -> Iterator[Expiring]:
    """Papers that were filed with the day until which they hold; named by their kind alone."""
    documents = Document.objects.expiring(until).filter(case__in=_cases())
    for document in documents.select_related("kind", "case__lead").order_by("pk"):
        yield of_document(document)


def of_document(document: Document) -> Expiring:
    """What one document reminds of."""
    source = f"document:{document.pk}"
    return Expiring(document.case, str(document.kind), document.valid_until, source)


# Each takes the last day that matters and yields what runs out by then, on cases of `_cases()`.
SOURCES: tuple[Callable[[date], Iterable[Expiring]], ...] = (
    of_expiries,
    of_persons,
    of_members,
    of_documents,
)


def _running_out(today: date) -> Iterator[Expiring]:
    horizon = today + timedelta(weeks=max(WEEKS_AHEAD))
    for source in SOURCES:
        yield from source(horizon)


def _cases() -> QuerySet[Case]:
    """Keep the cases on which something can still be done: open, and the file may be kept."""
    return Case.objects.active().filter(~Q(file_consent_is_revoked("pk")))


def _title_of(case: Case, person: Person, relation: str) -> Expiring:
    what = _with_relation(str(Expiry.Kind.RESIDENCE.label), relation)
    until = person.residence_valid_until
    return Expiring(case, what, until, paper_key(Expiry.Kind.RESIDENCE, person))


def _words(expiry: Expiry, case: Case) -> str:
    member = HouseholdMember.objects.standing().filter(case=case, person=expiry.concerns).first()
    return _with_relation(str(expiry), member.relation if member else "")


def _with_relation(what: str, relation: str | None) -> str:
    """Say whose it is without a name: subjects of follow-ups travel further than the file."""
    if not relation:
        return what
    return f"{what} ({HouseholdMember.Relation(relation).label})"
