"""The ordinary course of a case: talks, referrals, answers, phases, pauses, an end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from django.utils import timezone

from cases.management.demo import people, topics
from cases.management.demo.lists import ROUTES, SETTINGS
from cases.management.demo.people import Client
from cases.management.demo.topics import Topic
from cases.models import (
    Case,
    ClosingReason,
    Consent,
    FollowUp,
    Need,
    Phase,
    Referral,
    UnmetReason,
)
from cases.workflow import (
    closing,
    consents,
    contacts,
    deputies,
    follow_ups,
    needs,
    opening,
    pauses,
    phases,
    referrals,
)
from centers.working_days import next_working_day, working_day_from
from providers.models import StaffMember

if TYPE_CHECKING:
    from cases.management.demo.world import World

S = Referral.State


@dataclass
class Plan:
    """What will become of one case, decided before it begins."""

    number: int
    lead: StaffMember
    rng: Random
    client: Client
    topics: list[Topic]
    opens_on: date
    # Days between two talks, and how often something is done late.
    pace: int = 18
    late: float = 0.2
    is_urgent: bool = False
    intensity: str = Case.Intensity.NORMAL
    has_deputy: bool = False
    closes_on: date | None = None
    ending: str = ""
    reopens: bool = False
    pauses: bool = False
    rests: bool = False
    arranged: bool = False


@dataclass
class Life:
    """One case while it is told; `begin` opens it, `go_on` accompanies it to the end."""

    world: "World"
    plan: Plan
    case: Case = field(init=False)
    by: StaffMember = field(init=False)
    needs: list[Need] = field(init=False)
    referred: dict[int, Referral] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by = self.plan.lead
        self.rng = self.plan.rng
        self.take = self.world.clock.take
        self.lists = self.world.lists

    # --- Small words ----------------------------------------------------------------------------

    def soon(self, least: int, most: int) -> date:
        """Return a working day so many days from now."""
        ahead = timedelta(days=self.rng.randint(least, most))
        return working_day_from(timezone.localdate() + ahead)

    def one_of(self, shares: dict[str, int]) -> str:
        return self.rng.choices(list(shares), weights=list(shares.values()))[0]

    # --- The beginning --------------------------------------------------------------------------

    def begin(self, *, next_due_on: date | None = None, next_subject: str = "") -> None:
        """Open the case and note the first talk."""
        plan, lists = self.plan, self.lists
        client = plan.client
        client.person.residence_valid_until = people.residence_end(
            self.rng, client, timezone.localdate()
        )
        self.needs = [
            Need(
                legal_domain=lists.domains[topic.legal_domain],
                life_area=lists.areas[topic.life_area],
                description=topic.need,
                urgency=self._urgency(),
            )
            for topic in plan.topics
        ]
        oral = self.rng.random() < 0.05
        self.case = self.take(
            opening.open_case,
            by=self.by,
            person=client.person,
            languages=client.languages,
            concern=" ".join(topic.concern for topic in plan.topics[:2]),
            needs=self.needs,
            deputy=self.world.colleague_of(self.by) if plan.has_deputy else None,
            access_route=lists.routes[self.one_of(ROUTES)],
            is_urgent=plan.is_urgent,
            intensity=plan.intensity,
            consent_form=Consent.Form.ORAL if oral else Consent.Form.WRITTEN,
            consent_oral_because="Am Telefon gegeben, Unterschrift folgt." if oral else "",
            next_due_on=next_due_on,
            next_subject=next_subject or plan.topics[0].task,
        )
        self.talk(plan.topics[0].first, setting="OFFENE_SPRECHSTUNDE", minutes=45)

    def _urgency(self) -> str:
        urgencies = Need.Urgency
        weights = [1, 2, 3] if self.plan.is_urgent else [9, 2, 0]
        kinds = [urgencies.NORMAL, urgencies.SOON, urgencies.ACUTE]
        return self.rng.choices(kinds, weights=weights)[0]

    # --- Single steps ---------------------------------------------------------------------------

    def talk(self, note: str, *, setting: str = "", minutes: int = 0, topic: int = 0) -> None:
        """Note a contact that has just ended."""
        setting = setting or self.one_of(SETTINGS)
        minutes = minutes or self.rng.choice((10, 15, 20, 30, 45))
        self.take(
            contacts.record_contact,
            self.case,
            by=self.by,
            happened_at=timezone.now() - timedelta(minutes=minutes),
            setting=self.lists.settings[setting],
            note=note,
            minutes=minutes,
            interpreting=self.lists.interpreting.get(self.case.person.interpreting_id),
            legal_domains=[self.needs[topic % len(self.needs)].legal_domain],
        )

    def next_follow_up(self) -> FollowUp | None:
        """Return what is to be done first, on this very case."""
        first = FollowUp.objects.filter(case=self.case).open().order_by("due_on", "pk").first()
        if first is not None:
            first.case = self.case
        return first

    def finish(self, follow_up: FollowUp, due_on: date, subject: str = "") -> None:
        """Complete a follow-up and plan the next one, on a working day."""
        self.take(
            follow_ups.complete_follow_up,
            follow_up,
            by=self.by,
            note="Erledigt." if self.rng.random() < 0.3 else "",
            next_subject=subject or self.rng.choice(self.plan.topics).task,
            next_due_on=working_day_from(due_on),
        )

    def refer(self, index: int) -> None:
        """Refer one need to a service of the directory."""
        need, topic = self.needs[index], self.plan.topics[index]
        services = self.lists.services.get(topic.legal_domain, [])
        service = self.rng.choice(services) if services else None
        kind = self.rng.choice((Referral.Kind.SELF_REFERRAL, Referral.Kind.INFORMATION))
        if self.plan.arranged and service is not None:
            kind = self.rng.choice((Referral.Kind.ARRANGED, Referral.Kind.ACCOMPANIED))
            self.allow(Consent.Kind.DISCLOSURE, service.provider, purpose="Vermittlung")
        self.referred[index] = self.take(
            referrals.refer,
            need,
            by=self.by,
            kind=kind,
            service=service,
            target="" if service else topic.target,
            follow_up_on=self.soon(10, 18) if self.rng.random() < 0.3 else None,
        )

    def allow(self, kind: str, *recipients, days: int = 364, purpose: str = "", **more) -> Consent:
        """Record a consent given today."""
        today = timezone.localdate()
        return self.take(
            consents.give_consent,
            self.case,
            by=self.by,
            kind=kind,
            valid_from=today,
            valid_until=today + timedelta(days=days),
            recipients=recipients,
            data_kinds=self.lists.data_kinds[:3],
            purpose=purpose,
            explained=True,
            **more,
        )

    def hear_back(self, index: int) -> None:
        """Record what became of a referral, and settle its need where it has ended."""
        referral = self.referred[index]
        referral.refresh_from_db(fields=["state"])
        if not referral.is_open:
            return
        state = self._answer(S(referral.state))
        if state is None:
            return
        reason = self._reason() if state in (S.DECLINED, S.FAILED) else None
        self.take(
            referrals.update_referral,
            referral,
            by=self.by,
            state=state,
            refusal_reason=reason,
            settle_the_need=state in (S.SUCCEEDED, S.DECLINED, S.FAILED),
        )
        if reason is not None:
            self.talk(topics.UNMET_NOTES[reason.pk], setting="TELEFON", topic=index)

    def _answer(self, state: Referral.State) -> Referral.State | None:
        ways = {
            S.REQUESTED: {S.ACCEPTED: 5, S.WAITING_LIST: 3, S.DECLINED: 2, S.NOT_ARRIVED: 1},
            S.ACCEPTED: {S.RUNNING: 4, S.SUCCEEDED: 4, S.NOT_ARRIVED: 1, S.FAILED: 1},
            S.WAITING_LIST: {S.WAITING_LIST: 2, S.ACCEPTED: 4, S.DECLINED: 1},
            S.NOT_ARRIVED: {S.ARRIVED: 3, S.DECLINED: 2},
            S.ARRIVED: {S.SUCCEEDED: 3, S.RUNNING: 2},
            S.RUNNING: {S.SUCCEEDED: 4, S.RUNNING: 3, S.FAILED: 1},
        }.get(state, {})
        if not ways:
            return None
        chosen = self.rng.choices(list(ways), weights=list(ways.values()))[0]
        return None if chosen == state else chosen

    def _reason(self) -> UnmetReason:
        codes = list(topics.UNMET_NOTES)
        return self.lists.unmet[self.rng.choices(codes, weights=topics.UNMET_SHARES)[0]]

    def advance(self) -> None:
        """Go on to the next phase, if there is one before the evaluation."""
        place = phases.PHASES.index(Phase(self.case.phase))
        if place + 1 < len(phases.PHASES):
            self.take(phases.change_phase, self.case, by=self.by, to=phases.PHASES[place + 1])

    # --- The course -----------------------------------------------------------------------------

    def whole(self) -> Iterator[date]:
        """Tell the case from its opening to where it stands today."""
        self.begin()
        if self.rng.random() < 0.6:
            yield self.soon(2, 9)
            self.advance()
            self.refer(0)
        yield from self.go_on()

    def go_on(self) -> Iterator[date]:
        """Accompany the case, one round after the other, for as long as it is open."""
        for turn in range(60):
            due = self.case.next_due or next_working_day(timezone.localdate())
            if self.rng.random() < self.plan.late:
                due += timedelta(days=self.rng.choice((1, 1, 2, 3, 5, 8, 13)))
            yield due if self.plan.closes_on is None else min(due, self.plan.closes_on)
            if self.plan.closes_on and timezone.localdate() >= self.plan.closes_on:
                self.close()
                if not self.plan.reopens:
                    return
                yield self.soon(6, 15)
                self.reopen()
            else:
                self._round(turn)

    def _round(self, turn: int) -> None:
        index = turn % len(self.needs)
        follow_up = self.next_follow_up()
        if follow_up is None:
            return
        if not follow_up.ends_pause and self.rng.random() < 0.12:
            self.take(
                follow_ups.postpone_follow_up,
                follow_up,
                by=self.by,
                due_on=self.soon(3, 12),
                because=self.rng.choice(topics.POSTPONED),
            )
            return
        topic = self.plan.topics[index]
        self.talk(topic.later if turn < 2 else self.rng.choice(topics.GOING_ON), topic=index)
        if index in self.referred:
            self.hear_back(index)
        elif self.needs[index].is_open:
            self._work_on(index)
        if self.rng.random() < 0.7:
            self.advance()
        if self.plan.pauses and turn == 1:
            self._pause()
        self.finish(follow_up, self._next_day(turn))

    def _work_on(self, index: int) -> None:
        if self.rng.random() < 0.75:
            self.refer(index)
        elif self.rng.random() < 0.5:
            self.take(needs.meet_need, self.needs[index], by=self.by)
        elif self.rng.random() < 0.5:
            reason = self._reason()
            self.take(needs.leave_need_unmet, self.needs[index], by=self.by, reason=reason)

    def _next_day(self, turn: int) -> date:
        if self.plan.rests and turn >= 1:
            return self.soon(50, 75)
        return self.soon(self.plan.pace // 2 + 1, self.plan.pace + 8)

    def _pause(self) -> None:
        until = timezone.localdate() + timedelta(days=self.rng.randint(45, 88))
        self.take(
            pauses.pause,
            self.case,
            by=self.by,
            because=self.rng.choice(topics.PAUSES),
            until=until,
        )

    # --- The end --------------------------------------------------------------------------------

    def close(self) -> None:
        """Settle the needs as the ending asks for, and close the case."""
        ending = self.plan.ending
        revoked = ending == ClosingReason.CONSENT_REVOKED
        if revoked:
            consent = Consent.objects.filter(case=self.case, kind=Consent.Kind.FILE).get()
            consent.case = self.case
            self.take(consents.revoke_consent, consent, by=self.by)
        else:
            self._settle_needs(ending)
        outcome = Case.Outcome.NOT_APPLICABLE
        if ending in ("ZIEL_ERREICHT", "UEBERLEITUNG_REGELSYSTEM"):
            outcome = self.rng.choice((Case.Outcome.REACHED, Case.Outcome.PARTLY))
        elif ending in ("KONTAKT_ABGEBROCHEN", "KLIENT_BEENDET"):
            outcome = self.rng.choice((Case.Outcome.PARTLY, Case.Outcome.NOT_REACHED))
        self.take(
            closing.close,
            self.case,
            by=self.by,
            reason=self.lists.endings[ending],
            outcome=outcome,
            end_the_rest=True,
        )

    def _settle_needs(self, ending: str) -> None:
        good = 0.85 if ending in ("ZIEL_ERREICHT", "UEBERLEITUNG_REGELSYSTEM") else 0.3
        for index, need in enumerate(self.needs):
            need.refresh_from_db()
            need.case = self.case
            if not need.is_open:
                continue
            if ending == ClosingReason.OPENED_BY_MISTAKE:
                self.take(needs.drop_need, need, by=self.by, end_referrals=True)
            elif self.rng.random() < good:
                self.talk(self.rng.choice(topics.GOOD_ENDS), topic=index)
                self.take(needs.meet_need, need, by=self.by, end_referrals=True)
            else:
                self.take(
                    needs.leave_need_unmet,
                    need,
                    by=self.by,
                    reason=self._reason(),
                    end_referrals=True,
                )

    def reopen(self) -> None:
        """Take a closed case up again because something has come up."""
        self.plan.closes_on = None
        self.take(
            closing.reopen,
            self.case,
            by=self.by,
            subject="Neues Anliegen besprechen",
            due_on=self.soon(7, 20),
            because="Hat sich mit neuer Post gemeldet.",
        )

    def name_deputy(self, to: StaffMember) -> None:
        self.take(deputies.name_deputy, self.case, by=self.by, to=to)
