"""Everything the file page shows of one case, loaded in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone

from cases.access import READS_ONLY_THE_PAST, AccessReason, Standing, Step
from cases.models import (
    Case,
    CaseAccess,
    Consent,
    Contact,
    DuplicateSuspicion,
    FollowUp,
    Handover,
    Person,
)
from cases.models.doors import rows_of
from cases.models.past import CHANGING, past_values, person_at, with_past
from cases.views.board import Column, board_of
from cases.views.native_names import language_of
from cases.views.timeline import Entry, Names, entries_of, events_page
from cases.workflow.steps import permissions_at, steps_open_to
from kim_portal.pagination import KeysetPage
from providers.models import StaffMember

CONTACTS_SHOWN = 8
FOLLOW_UPS_SHOWN = 5
EVENTS_SHOWN = 8
# A follow-up that was finished can be undone from the file page for so long.
UNDO_DAYS = 14
EXPIRES_SOON_DAYS = 30

PERSON = (
    "person__nationality",
    "person__counselling_language",
    "person__interpreting",
    "person__neighbourhood",
    "person__residence_status",
)


@dataclass
class GivenConsent:
    """One consent with its recipients, and how it stands today."""

    consent: Consent
    recipients: list[str]

    @property
    def state(self) -> str:
        consent, today = self.consent, timezone.localdate()
        if consent.struck_at is not None:
            return "struck"
        if consent.revoked_at is not None:
            return "revoked"
        if consent.valid_until is not None and consent.valid_until < today:
            return "expired"
        if consent.valid_from > today:
            return "later"
        soon = today + timedelta(days=EXPIRES_SOON_DAYS)
        if consent.valid_until is not None and consent.valid_until <= soon:
            return "expiring"
        return "valid"


@dataclass
class CaseFile:
    """One file as its reader may see it. A former lead reads it as it stood at `until`."""

    case: Case
    person: Person
    reader: StaffMember
    rows: list[CaseAccess]
    my_rows: list[CaseAccess]
    languages: list[str]
    offer: Handover | None
    suspicions: list[DuplicateSuspicion]
    until: datetime | None
    columns: list[Column] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    ended_follow_ups: list[FollowUp] = field(default_factory=list)
    consents: list[GivenConsent] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    has_more_contacts: bool = False
    page: KeysetPage | None = None
    entries: list[Entry] = field(default_factory=list)
    steps: set[Step] = field(default_factory=set)

    @property
    def is_past(self) -> bool:
        return self.until is not None

    @property
    def reads_until(self) -> datetime | None:
        """The moment at which a former lead's access ends."""
        return max((row.ends_at for row in self.my_rows if row.ends_at), default=None)

    @property
    def native_language(self) -> str:
        spoken = getattr(self.case, "spoken_codes", [])
        return language_of(self.person.native_name, spoken)

    @property
    def helpers(self) -> list[CaseAccess]:
        """Who has access beside the lead, and former leads while they still read."""
        now = timezone.now()
        return [
            row
            for row in self.rows
            if row.reason != AccessReason.LEAD and (row.ends_at is None or row.ends_at > now)
        ]

    @property
    def file_consent(self) -> str:
        """How the consent to keep the file stands: valid, expiring, expired, revoked, missing."""
        standing = [
            given
            for given in self.consents
            if given.consent.kind == Consent.Kind.FILE and given.state != "struck"
        ]
        states = {given.state for given in standing}
        for state in ("valid", "expiring", "later", "expired", "revoked"):
            if state in states:
                return state
        return "missing"

    @property
    def next_follow_ups(self) -> list[FollowUp]:
        return self.follow_ups[:FOLLOW_UPS_SHOWN]

    @property
    def later_follow_ups(self) -> list[FollowUp]:
        return self.follow_ups[FOLLOW_UPS_SHOWN:]

    @property
    def next_due(self) -> FollowUp | None:
        return self.follow_ups[0] if self.follow_ups else None


def file_of(request: HttpRequest, reference: str, *, all_contacts: bool = False) -> CaseFile | None:
    """Load the file for its reader, or nothing where the file is not open to them."""
    reader = request.user
    rows = _rows_of_case(reader, reference)
    my_rows = [row for row in rows if row.is_mine]
    if not my_rows:
        return None
    until = _reads_until_moment(my_rows)
    found = _case_rows(reader, reference, until)
    if not found:
        return None
    file = _file(reader, found, rows, my_rows, until)
    case = file.case
    file.columns = board_of(case, reader, until=until)
    _load_follow_ups(file)
    _load_contacts(file, all_of_them=all_contacts)
    if until is None:
        file.consents = _consents(case, reader)
        file.steps = _steps(file, is_receiver=case.is_receiver)
    _load_timeline(file, request)
    return file


# --- The case, who has access, the person ---------------------------------------------------------


def _rows_of_case(reader: StaffMember, reference: str) -> list[CaseAccess]:
    """Return all rights ever given to a file; `is_mine` marks the reader's present ones."""
    mine = rows_of(reader).filter(pk=OuterRef("pk"))
    rows = CaseAccess.objects.filter(case__reference=reference).annotate(is_mine=Exists(mine))
    return list(rows.select_related("staff_member", "provider").order_by("starts_at", "pk"))


def _reads_until_moment(my_rows: Iterable[CaseAccess]) -> datetime | None:
    """Return up to which moment the reader reads, if every right of theirs is a former lead's."""
    if any(row.reason not in READS_ONLY_THE_PAST for row in my_rows):
        return None
    return max(row.starts_at for row in my_rows)


def _case_rows(reader: StaffMember, reference: str, until: datetime | None) -> list[Case]:
    """Load the case with its person, open offer and suspicions: a row for each language spoken."""
    is_open = DuplicateSuspicion.State.OPEN
    rows = (
        Case.objects.visible_to(reader)
        .filter(reference=reference)
        .annotate(
            open_offer=FilteredRelation(
                "handovers", condition=Q(handovers__state=Handover.State.OFFERED)
            ),
            raised=FilteredRelation(
                "suspects",
                condition=Q(suspects__state=is_open, suspects__known_lead_only=False),
            ),
            told=FilteredRelation("suspected_by", condition=Q(suspected_by__state=is_open)),
            spoken=F("person__languages__name"),
            spoken_code=F("person__languages__code"),
            is_receiver=Exists(Handover.objects.offered_to(reader).filter(case=OuterRef("pk"))),
        )
        .select_related(
            "person",
            *PERSON,
            "center",
            "provider",
            "lead",
            "deputy",
            "access_route",
            "closing_reason",
            "open_offer__to_staff",
            "open_offer__to_center",
            "raised__known__lead",
            "raised__known__center",
            "told__newer__lead",
            "told__newer__center",
        )
        .order_by("person__languages__position", "person__languages__name")
    )
    return list(rows if until is None else with_past(rows, Case, until))


def _file(
    reader: StaffMember,
    found: list[Case],
    rows: list[CaseAccess],
    my_rows: list[CaseAccess],
    until: datetime | None,
) -> CaseFile:
    case, person = found[0], found[0].person
    languages = _unique(row.spoken for row in found)
    case.spoken_codes = _unique(row.spoken_code for row in found)
    suspicions = _unique(
        suspicion
        for row in found
        for suspicion in (getattr(row, "raised", None), getattr(row, "told", None))
    )
    offer = getattr(case, "open_offer", None)
    if until is not None:
        then = past_values(case, Case)
        if then["phase"] is not None:
            for name in CHANGING[Case]:
                setattr(case, name, then[name])
        person, languages = person_at(person, until)
        offer, suspicions = None, []
    for suspicion in suspicions:
        suspicion.other = suspicion.newer if suspicion.known_id == case.pk else suspicion.known
    return CaseFile(
        case=case,
        person=person,
        reader=reader,
        rows=rows,
        my_rows=my_rows,
        languages=languages,
        offer=offer,
        suspicions=suspicions,
        until=until,
    )


def _steps(file: CaseFile, *, is_receiver: bool) -> set[Step]:
    """Return what the reader may do, from what has been loaded already."""
    standing = Standing(
        reasons=frozenset(row.reason for row in file.my_rows),
        permissions=permissions_at(file.reader, file.case),
        is_receiver=is_receiver,
    )
    return steps_open_to(
        file.reader, file.case, revoked=file.file_consent == "revoked", standing=standing
    )


# --- What hangs on it -----------------------------------------------------------------------------


def _load_follow_ups(file: CaseFile) -> None:
    """Load the open ones by date, and those just finished, which can still be undone."""
    lately = timezone.now() - timedelta(days=UNDO_DAYS)
    rows = FollowUp.objects.visible_to(file.reader).filter(case=file.case)
    rows = rows.select_related("assignee", "ended_by", "need", "referral__service").order_by(
        "due_on", "pk"
    )
    if file.until is None:
        rows = list(rows.filter(Q(state=FollowUp.State.OPEN) | Q(ended_at__gte=lately)))
        file.follow_ups = [row for row in rows if row.is_open]
        ended = [row for row in rows if not row.is_open]
        file.ended_follow_ups = sorted(ended, key=lambda row: row.ended_at, reverse=True)[:3]
        return
    people = {row.staff_member_id: row.staff_member for row in file.rows}
    for row in with_past(rows, FollowUp, file.until):
        then = past_values(row, FollowUp)
        row.state, row.due_on = then["state"] or row.state, then["due_on"] or row.due_on
        row.assignee = people.get(then["assignee_id"], row.assignee)
        if row.is_open:
            file.follow_ups.append(row)
    file.follow_ups.sort(key=lambda row: (row.due_on, row.pk))


def _load_contacts(file: CaseFile, *, all_of_them: bool) -> None:
    """Load the latest contacts, each with the names of its legal domains as `domains`."""
    contacts = Contact.objects.visible_to(file.reader).filter(case=file.case)
    latest = contacts.order_by("-happened_at", "-pk")
    if not all_of_them:
        latest = latest[: CONTACTS_SHOWN + 1]
    rows = (
        Contact.objects.filter(pk__in=latest.values("pk"))
        .annotate(domain=F("legal_domains__short_name"))
        .select_related("setting", "interpreting", "recorded_by", "struck_by")
        .order_by("-happened_at", "-pk", "legal_domains__position")
    )
    for _pk, same in groupby(rows, key=lambda contact: contact.pk):
        same = list(same)
        contact = same[0]
        contact.domains = [row.domain for row in same if row.domain]
        if file.until is not None and contact.struck_at and contact.struck_at > file.until:
            contact.struck_at = None
        file.contacts.append(contact)
    if not all_of_them and len(file.contacts) > CONTACTS_SHOWN:
        file.contacts.pop()
        file.has_more_contacts = True


def _consents(case: Case, reader: StaffMember) -> list[GivenConsent]:
    rows = (
        Consent.objects.visible_to(reader)
        .filter(case=case)
        .annotate(recipient=F("recipients__short_name"))
        .select_related("struck_by", "revoked_by")
        .order_by("-valid_from", "-pk", "recipients__short_name")
    )
    given = []
    for _pk, same in groupby(rows, key=lambda consent: consent.pk):
        same = list(same)
        recipients = [row.recipient for row in same if row.recipient]
        if same[0].other_recipient:
            recipients.append(same[0].other_recipient)
        given.append(GivenConsent(same[0], recipients))
    return sorted(given, key=lambda one: one.state in {"struck", "revoked", "expired"})


def _load_timeline(file: CaseFile, request: HttpRequest) -> None:
    file.page = events_page(request, file.case, size=EVENTS_SHOWN)
    domains = [column.legal_domain for column in file.columns]
    names = Names.of(file.rows, domains, [contact.setting for contact in file.contacts])
    if file.offer is not None and file.offer.to_staff is not None:
        names.people[file.offer.to_staff_id] = str(file.offer.to_staff)
    file.entries = entries_of(file.page, names)


def _unique(values: Iterable) -> list:
    return list(dict.fromkeys(value for value in values if value))
