"""Everything the overview of a file shows, loaded in a fixed number of queries."""

from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from itertools import groupby

from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone

from cases.models import Case, Consent, Contact, FollowUp
from cases.models.past import past_values, with_past
from cases.views.board import Column, board_of
from cases.views.file_head import FileHead, head_of
from cases.views.timeline import Entry, Names, entries_of, events_page
from kim_portal.pagination import KeysetPage
from providers.models import StaffMember

CONTACTS_SHOWN = 8
FOLLOW_UPS_SHOWN = 5
EVENTS_SHOWN = 8
# A follow-up that was finished can be undone from the file page for so long.
UNDO_DAYS = 14
EXPIRES_SOON_DAYS = 30


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
class CaseFile(FileHead):
    """What the overview shows of one file."""

    columns: list[Column] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    ended_follow_ups: list[FollowUp] = field(default_factory=list)
    consents: list[GivenConsent] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    has_more_contacts: bool = False
    timeline: KeysetPage | None = None
    entries: list[Entry] = field(default_factory=list)

    @property
    def next_due_on(self) -> date | None:
        return self.follow_ups[0].due_on if self.follow_ups else None

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


def file_of(request: HttpRequest, reference: str, *, all_contacts: bool = False) -> CaseFile | None:
    """Load the file for its reader, or nothing where the file is not open to them."""
    head = head_of(request.user, reference)
    if head is None:
        return None
    file = CaseFile(**{one.name: getattr(head, one.name) for one in fields(head)})
    file.columns = board_of(file.case, file.reader, until=file.until)
    _load_follow_ups(file)
    _load_contacts(file, all_of_them=all_contacts)
    if not file.is_past:
        file.consents = _consents(file.case, file.reader)
    _load_timeline(file, request)
    return file


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
    file.timeline = events_page(request, file.case, size=EVENTS_SHOWN)
    domains = [column.legal_domain for column in file.columns]
    names = Names.of(file.rows, domains, [contact.setting for contact in file.contacts])
    if file.offer is not None and file.offer.to_staff is not None:
        names.people[file.offer.to_staff_id] = str(file.offer.to_staff)
    file.entries = entries_of(file.timeline, names)
