"""Who reads what on each case, said once more in plain Python (DESIGN §4), without a database.

The state machine tells this model of every step that succeeded and compares all doors with it.
Nothing here asks the portal's own rules: only the table of steps is shared.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.access import Step
from cases.workflow.steps import STEPS

BERLIN = ZoneInfo("Europe/Berlin")
OPENS_FILE = {"transfer", "secrecy_release"}
FORMER_LEAD_READS = timedelta(days=30)


def end_of_day(day: date | None) -> datetime | None:
    """Return the moment at which a day is over."""
    return day and datetime.combine(day + timedelta(days=1), time.min, BERLIN)


def earlier(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


@dataclass
class Job:
    role: str
    provider: int
    center: int | None
    start: date
    until: date | None = None


@dataclass
class Right:
    who: str
    provider: int
    reason: str
    start: datetime
    end: datetime | None = None


@dataclass
class Agreement:
    """A consent of the client."""

    key: int
    kind: str
    start: date
    end: date | None = None
    recipients: frozenset[int] = frozenset()
    is_mutual: bool = False
    is_revoked: bool = False
    is_struck: bool = False


@dataclass
class Offer:
    made_by: set[str]
    due: date
    person: str | None = None
    center: int | None = None
    by_coordination: bool = False


@dataclass
class File:
    provider: int
    center: int
    lead: str
    is_active: bool = True
    rights: list[Right] = field(default_factory=list)
    consents: list[Agreement] = field(default_factory=list)
    offer: Offer | None = None


@dataclass
class World:
    """People with their jobs, files by their key, and the time."""

    now: datetime
    jobs: dict[str, list[Job]] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    files: dict[int, File] = field(default_factory=dict)

    # --- People ---------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        return self.now.astimezone(BERLIN).date()

    def current_jobs(self, who: str, *roles: str) -> list[Job]:
        if who in self.blocked:
            return []
        return [job for job in self._jobs_today(who) if job.role in roles]

    def _jobs_today(self, who: str) -> list[Job]:
        today = self.today
        return [
            job
            for job in self.jobs[who]
            if job.start <= today and (job.until is None or today <= job.until)
        ]

    def employers(self, who: str) -> set[int]:
        """Return for whom somebody works as a caseworker today."""
        return {job.provider for job in self.current_jobs(who, "caseworker")}

    def covers(self, who: str, center: int, *roles: str) -> bool:
        return any(job.center in {None, center} for job in self.current_jobs(who, *roles))

    # --- The four doors -------------------------------------------------------------------------

    def rights(self, who: str, file: File) -> list[Right]:
        """Return the current rights given for an employer for whom the holder still works."""
        works_for = self.employers(who)
        return [one for one in self._held(file) if one.who == who and one.provider in works_for]

    def reads(self, who: str, file: File) -> bool:
        return bool(self.rights(who, file))

    def reads_up_to(self, who: str, file: File) -> datetime | None:
        """Return the moment after which nothing is shown: the present, or the acceptance."""
        rights = self.rights(who, file)
        if not rights:
            return None
        past = all(one.reason == "handover" for one in rights)
        return max(one.start for one in rights) if past else self.now

    def sees_register(self, who: str, file: File) -> bool:
        return self.covers(who, file.center, "caseworker", "coordinator")

    def counts(self, who: str, file: File) -> bool:
        return self.covers(who, file.center, "coordinator")

    def reads_sheet(self, who: str, file: File) -> bool:
        return self._is_meant(who, file) and any(
            employer == file.provider or self.covering(file, employer)
            for employer in self.employers(who)
        )

    def is_named(self, who: str, file: File) -> bool:
        """Tell whether somebody was named by the coordination and has no consent yet."""
        return (
            file.offer is not None
            and file.offer.by_coordination
            and file.offer.person == who
            and bool(self.employers(who))
            and not self.reads_sheet(who, file)
        )

    def _is_meant(self, who: str, file: File) -> bool:
        offer = file.offer
        if offer is None:
            return False
        if offer.person is not None:
            return offer.person == who
        return who not in offer.made_by and self.covers(who, offer.center, "caseworker")

    # --- Consents -------------------------------------------------------------------------------

    def is_valid(self, consent: Agreement) -> bool:
        in_time = consent.start <= self.today and (consent.end is None or self.today <= consent.end)
        return in_time and not consent.is_revoked and not consent.is_struck

    def covering(self, file: File, provider: int) -> list[Agreement]:
        return [
            consent
            for consent in file.consents
            if consent.kind in OPENS_FILE
            and provider in consent.recipients
            and self.is_valid(consent)
        ]

    def keeping_is_revoked(self, file: File) -> bool:
        given = [one for one in file.consents if one.kind == "file" and not one.is_struck]
        return bool(given) and all(one.is_revoked for one in given)

    # --- Steps ----------------------------------------------------------------------------------

    def is_theirs(self, step: Step, who: str, file: File) -> bool:
        rule = STEPS[step]
        return (
            any(one.reason in rule.reasons for one in self.rights(who, file))
            or (rule.for_receiver and self.reads_sheet(who, file))
            or (rule.for_named and self.is_named(who, file))
            or (rule.permission == "assign_leads" and self.counts(who, file))
        )

    def fits(self, step: Step, file: File) -> bool:
        rule = STEPS[step]
        if not file.is_active:
            return rule.on_closed
        return rule.on_active and (rule.after_revocation or not self.keeping_is_revoked(file))

    def needs_a_lead(self, file: File) -> bool:
        """Tell whether the coordination may assign: nobody able leads, or nobody has answered."""
        overdue = file.offer is not None and file.offer.due < self.today
        return file.is_active and (overdue or file.provider not in self.employers(file.lead))

    def grant(self, file: File, to: str, reason: str, until: date | None = None) -> None:
        provider = next(iter(self.employers(to)))
        end = end_of_day(until)
        if provider != file.provider:
            covering = self.covering(file, provider)
            assert covering, "A right across providers without a consent"
            if all(consent.end is not None for consent in covering):
                end = earlier(end, end_of_day(max(consent.end for consent in covering)))
        self._end(file, lambda one: one.who == to and one.reason == "handover")
        file.rights.append(Right(to, provider, reason, self.now, end))

    def name_deputy(self, file: File, to: str) -> None:
        self._end(file, lambda one: one.reason == "deputy")
        self._end(file, lambda one: one.who == to and one.reason == "team")
        self.grant(file, to, "deputy")
        self.tidy(file)

    def take_away(self, file: File, reason: str, who: str | None = None) -> None:
        self._end(file, lambda one: one.reason == reason and who in {None, one.who})
        self.tidy(file)

    def revoke(self, file: File, consent: Agreement) -> None:
        """Close what the consent had opened: every right of another provider, uncovered offers."""
        consent.is_revoked = True
        if consent.kind not in OPENS_FILE | {"file"}:
            return
        self._end(file, lambda one: one.provider != file.provider)
        self.tidy(file)
        reached = any(self.reads_sheet(who, file) for who in self.jobs)
        uncovered = file.offer is not None and not file.offer.by_coordination and not reached
        if consent.kind == "file" or uncovered:
            file.offer = None

    def move_lead(self, file: File, to: str, center: int) -> None:
        """Give the file to a new lead; the former one reads on, all others of theirs do not."""
        former, old = file.lead, file.provider
        works_for = self.employers(to)
        new = old if old in works_for else next(iter(works_for))
        assert new == old or self.covering(file, new), "A file went where no consent covers"
        self._end(file, lambda one: one.reason == "lead" or one.who in {to, former})
        if new != old:
            self._end(file, lambda one: one.provider == old)
        file.rights.append(Right(to, new, "lead", self.now))
        mutual = [one for one in self.covering(file, new) if one.is_mutual]
        if old in self.employers(former) and (new == old or mutual):
            end = self.now + FORMER_LEAD_READS
            if new != old and all(one.end is not None for one in mutual):
                end = earlier(end, end_of_day(max(one.end for one in mutual)))
            file.rights.append(Right(former, old, "handover", self.now, end))
        file.lead, file.provider, file.center, file.offer = to, new, center, None
        self.tidy(file)

    def close(self, file: File) -> None:
        for consent in file.consents:
            if consent.kind != "file" and self.is_valid(consent):
                consent.end = max(self.today, consent.start)
        self._end(file, lambda one: one.reason != "lead")
        file.is_active, file.offer = False, None

    def tidy(self, file: File) -> None:
        """End what opens nothing any more, as the steps do whenever rights have ended."""
        self._end(
            file,
            lambda one: (
                one.reason != "lead"
                and one.provider not in {job.provider for job in self._jobs_today(one.who)}
            ),
        )
        self._end(file, lambda one: one.reason == "deputy" and one.who in self.blocked)

    def _held(self, file: File) -> list[Right]:
        return [
            one
            for one in file.rights
            if one.start <= self.now and (one.end is None or self.now < one.end)
        ]

    def _end(self, file: File, which) -> None:
        for right in self._held(file):
            if which(right):
                right.end = self.now
