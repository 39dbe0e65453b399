"""The head that all pages of one file share: whose it is, who reads it, what they may do, where to.

Two queries, whatever page it is: the rights to the file, and the case with its person.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import READS_ONLY_THE_PAST, AccessReason, Standing, Step
from cases.models import Case, CaseAccess, DuplicateSuspicion, Handover, Person
from cases.models.consent import file_consent_is_revoked
from cases.models.doors import rows_of
from cases.models.past import CHANGING, past_values, person_at, with_past
from cases.views.native_names import language_of
from cases.views.step import known_case_or_404
from cases.workflow.steps import permissions_at, steps_open_to
from kim_portal.errors import NotYours
from providers.models import StaffMember

PERSON = (
    "person__nationality",
    "person__counselling_language",
    "person__interpreting",
    "person__neighbourhood",
    "person__residence_status",
)


@dataclass(frozen=True)
class FilePage:
    """One page of a file, as its navigation names it."""

    view: str
    label: str
    icon: str


# The pages of a file in the order of the work; each is a view of the same name in `cases.urls`.
FILE_PAGES = (
    FilePage("detail", _("Overview"), "folder2-open"),
    FilePage("assessments", _("Assessment"), "clipboard2-pulse"),
    FilePage("plan", _("Plan"), "bullseye"),
    FilePage("deadlines", _("Deadlines"), "alarm"),
    FilePage("documents", _("Documents"), "file-earmark-text"),
)


@dataclass(frozen=True)
class FileLink:
    """One entry of the file's navigation."""

    label: str
    url: str
    icon: str
    is_current: bool


@dataclass
class FileHead:
    """Whose file it is and who reads it. A former lead reads it as it stood at `until`."""

    case: Case
    person: Person
    reader: StaffMember
    rows: list[CaseAccess]
    my_rows: list[CaseAccess]
    languages: list[str]
    offer: Handover | None
    suspicions: list[DuplicateSuspicion]
    until: datetime | None
    page: str = "detail"
    steps: set[Step] = field(default_factory=set)

    @property
    def is_past(self) -> bool:
        return self.until is not None

    @property
    def nav(self) -> list[FileLink]:
        """The pages of this file, the one that is open marked."""
        reference = self.case.reference
        return [
            FileLink(
                str(one.label),
                reverse(f"cases:{one.view}", args=[reference]),
                one.icon,
                one.view == self.page,
            )
            for one in FILE_PAGES
        ]

    @property
    def next_due_on(self) -> date | None:
        """The day of the next open follow-up."""
        return None if self.is_past else self.case.next_due

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


def head_or_403(request: HttpRequest, reference: str, page: str) -> FileHead:
    """Load the head for one of the file's pages: unknown is 404, known but closed to them 403."""
    head = head_of(request.user, reference, page)
    if head is None:
        known_case_or_404(request, reference)
        raise NotYours
    return head


def head_of(reader: StaffMember, reference: str, page: str = "detail") -> FileHead | None:
    """Load the head of a file for its reader, or nothing where the file is not open to them."""
    rows = _rows_of_case(reader, reference)
    my_rows = [row for row in rows if row.is_mine]
    if not my_rows:
        return None
    until = _reads_until_moment(my_rows)
    found = _case_rows(reader, reference, until)
    if not found:
        return None
    head = _head(reader, found, rows, my_rows, until)
    head.page = page
    if until is None:
        head.steps = _steps(head)
    return head


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
            file_revoked=file_consent_is_revoked("pk"),
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


def _head(
    reader: StaffMember,
    found: list[Case],
    rows: list[CaseAccess],
    my_rows: list[CaseAccess],
    until: datetime | None,
) -> FileHead:
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
    return FileHead(
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


def _steps(head: FileHead) -> set[Step]:
    """Return what the reader may do, from what has been loaded already."""
    standing = Standing(
        reasons=frozenset(row.reason for row in head.my_rows),
        permissions=permissions_at(head.reader, head.case),
        is_receiver=head.case.is_receiver,
    )
    return steps_open_to(head.reader, head.case, revoked=head.case.file_revoked, standing=standing)


def _unique(values: Iterable) -> list:
    return list(dict.fromkeys(value for value in values if value))
