"""What a likely duplicate sets off: hints and their trail, suspicions and how they are settled.

Being a client is itself a secret (DESIGN §4). A hint says that somebody is known and whom to call,
never what matched; a file with a locked address gives none, its lead is told instead. Every hint
leaves an event on the known case, and one person can look up only so many identities an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from cases.access import READS_ONLY_THE_PAST, Step
from cases.duplicates import Identity, likely_duplicates
from cases.models import Case, CaseEvent, DuplicateSuspicion, Person
from cases.models.doors import rows_of
from cases.workflow.steps import taking
from kim_portal.errors import Refusal
from providers.models import StaffMember

AN_HOUR = timedelta(hours=1)
MOST_HINTS = 3


@dataclass(frozen=True)
class Known:
    """One known case as its asker may learn of it; the file is linked only where it is open."""

    case: Case
    opens_file: bool = False
    may_reuse_person: bool = False


@dataclass(frozen=True)
class Hint:
    """What an identity brought up. `withheld`: known cases of which the asker learns nothing."""

    known: tuple[Known, ...] = ()
    withheld: tuple[Case, ...] = ()
    is_limited: bool = False
    token: str = ""

    @property
    def is_shown(self) -> bool:
        return bool(self.known)


def look_up(identity: Identity, *, by: StaffMember) -> Hint:
    """Find whom `identity` may be, as far as `by` may learn of it. Writes nothing to the trail."""
    if not identity.is_complete:
        return Hint()
    token = _token(identity, by)
    if not _may_ask(token, by):
        return Hint(is_limited=True, token=token)
    found = _known_cases(likely_duplicates(identity), by)
    return replace(found, token=token)


@transaction.atomic
def record_shown(hint: Hint, *, by: StaffMember) -> None:
    """Write one event on each known case, so that its lead learns who asked.

    The same question within the hour is one showing: a page may ask again while it is filled in.
    Call it before anything is shown; without the event there is no hint.
    """
    cases = {known.case: False for known in hint.known if known.case.lead_id != by.pk}
    cases |= dict.fromkeys(hint.withheld, True)
    told = set(_shown_lately(by).filter(case__in=cases).values_list("case", flat=True))
    for case, withheld in cases.items():
        if case.pk not in told:
            CaseEvent.objects.create(
                case=case, step=Step.HINT_DUPLICATE, actor=by, details={"withheld": withheld}
            )


def raise_suspicions(newer: Case, *, by: StaffMember) -> list[DuplicateSuspicion]:
    """Tell both leads that `newer` may be about somebody known; inside the step that opens it.

    Of a file with a locked address only its own lead is told: of a known one by a suspicion that
    `newer` does not show, of a newer one by the hint alone.
    """
    person = newer.person
    if person.address_locked:
        return []
    persons = likely_duplicates(Identity.of(person), other_than=person)
    suspicions = []
    for known in _one_case_each(persons).values():
        suspicion = DuplicateSuspicion.objects.create(
            known=known, newer=newer, known_lead_only=known.person.address_locked
        )
        suspicions.append(suspicion)
        _tell(known, suspicion, Step.SUSPECT_DUPLICATE, by=by, after=suspicion.state)
        if not suspicion.known_lead_only:
            _tell(newer, suspicion, Step.SUSPECT_DUPLICATE, by=by, after=suspicion.state)
    return suspicions


def settle_suspicion(
    suspicion: DuplicateSuspicion, *, case: Case, by: StaffMember, state: str
) -> DuplicateSuspicion:
    """Say whether the two cases are about one person; the other file's lead reads it too."""
    with taking(Step.SETTLE_SUSPICION, case, by=by) as taken:
        suspicion.refresh_from_db(from_queryset=DuplicateSuspicion.objects.select_for_update())
        if suspicion.state != DuplicateSuspicion.State.OPEN:
            raise Refusal(_("Somebody has settled this suspicion meanwhile."))
        taken.record(suspicion, before=suspicion.state, after=state)
        before, suspicion.state = suspicion.state, state
        suspicion.settled_at, suspicion.settled_by = timezone.now(), by
        suspicion.save()
        if not suspicion.known_lead_only:
            other = suspicion.other_than(case)
            _tell(other, suspicion, taken.step, by=by, before=before, after=state)
    return suspicion


def _tell(
    case: Case,
    suspicion: DuplicateSuspicion,
    step: Step,
    *,
    by: StaffMember,
    after: str,
    before: str = "",
) -> None:
    """Write into the trail of a case something that happened outside it; it is not touched."""
    CaseEvent.objects.create(
        case=case,
        step=step,
        before=before,
        after=after,
        actor=by,
        subject_kind=suspicion._meta.model_name,
        subject_id=suspicion.pk,
    )


# --- What may be learned ------------------------------------------------------------------------


def _known_cases(persons: Sequence[Person], asker: StaffMember) -> Hint:
    """Sort the cases of these persons into files the asker may open, hints, and silence."""
    files = {case.person_id: case for case in _best_last(persons, _open_to(asker))}
    closed_doors = _one_case_each([person for person in persons if person.pk not in files])
    known, withheld = [], []
    for person in persons:
        if case := files.get(person.pk):
            known.append(Known(case, opens_file=True, may_reuse_person=case.may_reuse))
        elif person.pk in closed_doors and person.address_locked:
            withheld.append(closed_doors[person.pk])
        elif person.pk in closed_doors:
            known.append(Known(closed_doors[person.pk]))
    return Hint(tuple(known[:MOST_HINTS]), tuple(withheld))


def _open_to(asker: StaffMember) -> QuerySet[Case]:
    """Keep the cases whose file the asker reads; `may_reuse` where it is more than the past."""
    now = rows_of(asker).exclude(reason__in=READS_ONLY_THE_PAST).filter(case=OuterRef("pk"))
    return Case.objects.visible_to(asker).annotate(may_reuse=Exists(now))


def reusable_by(asker: StaffMember) -> QuerySet[Case]:
    """Keep the cases for whose person the asker may open another one."""
    return _open_to(asker).filter(may_reuse=True).select_related("person")


def _one_case_each(persons: Sequence[Person]) -> dict[int, Case]:
    """Choose of each person the case to speak about: an active one, else the newest."""
    return {case.person_id: case for case in _best_last(persons, Case.objects.all())}


def _best_last(persons: Sequence[Person], cases: QuerySet[Case]) -> list[Case]:
    found = cases.filter(person__in=persons).select_related("person", "center", "lead")
    found = found.prefetch_related("center__phones")
    return sorted(found, key=lambda case: (case.is_active, case.opened_on, case.pk))


# --- How often ----------------------------------------------------------------------------------


def _token(identity: Identity, asker: StaffMember) -> str:
    """Stand for one question of one asker without holding a name."""
    words = [identity.given_name, identity.family_name, str(identity.birth_date)]
    asked = "\n".join([str(asker.pk), *words, *identity.other_names])
    return salted_hmac("cases.workflow.duplicates", asked, algorithm="sha256").hexdigest()[:32]


def _may_ask(token: str, asker: StaffMember) -> bool:
    """Count the different identities of the last hour, found or not; asking again is free.

    What was found is counted in the trail too, which no restart forgets.
    """
    key = f"duplicate-hints-{asker.pk}"
    since = timezone.now() - AN_HOUR
    asked = {one: at for one, at in cache.get(key, {}).items() if at > since}
    if token not in asked:
        limit = settings.DUPLICATE_HINTS_PER_HOUR
        if len(asked) >= limit or _shown_lately(asker).count() >= limit:
            return False
        asked[token] = timezone.now()
        cache.set(key, asked, timeout=int(AN_HOUR.total_seconds()))
    return True


def _shown_lately(asker: StaffMember) -> QuerySet[CaseEvent]:
    since = timezone.now() - AN_HOUR
    return CaseEvent.objects.filter(actor=asker, step=Step.HINT_DUPLICATE, recorded_at__gt=since)
