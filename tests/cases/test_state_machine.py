"""Any order of steps by anybody, while time passes: what must always hold, holds after each.

A model beside the portal says who may read each file and what is open; after every step every
door is asked for every person and compared with it, and the invariants of DESIGN §3 are checked.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cases.access import READS_ONLY_THE_PAST, AccessReason
from cases.models import (
    NEVER,
    Case,
    CaseAccess,
    CaseEvent,
    ClosingReason,
    Consent,
    Contact,
    ContactSetting,
    Deadline,
    Expiry,
    FollowUp,
    Goal,
    Handover,
    HandoverReason,
    Measure,
    Need,
    Phase,
    UnmetReason,
)
from cases.workflow import (
    assigning,
    closing,
    consents,
    contacts,
    deputies,
    follow_ups,
    goals,
    handover,
    invariants,
    measures,
    needs,
    pauses,
    phases,
)
from cases.workflow.steps import STEPS, steps_open_to
from centers.models import Center
from kim_portal.errors import Refusal
from providers.models import Assignment, LegalDomain, Provider, StaffMember
from tests.cases.deadline_rules import CASEWORKERS, EVERYBODY, DeadlineRules
from tests.cases.factories import CaseFactory, in_days
from tests.providers.factories import (
    AdministratorFactory,
    CaseworkerFactory,
    CoordinatorFactory,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
EXPECTED = (Refusal, PermissionDenied, ValidationError)

people = st.sampled_from(EVERYBODY)
colleagues = st.sampled_from(CASEWORKERS)


class Portal(DeadlineRules, RuleBasedStateMachine):
    """Two cases, six people, three employers, and a clock."""

    def __init__(self):
        super().__init__()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        ham, rhe = Center.objects.get(code="HAM"), Center.objects.get(code="RHE")
        drk, awo = Provider.objects.get(code="drk"), Provider.objects.get(code="awo")
        graf = Provider.objects.get(code="grafschafter-diakonie")
        work = {"amal": (ham, drk), "dora": (ham, drk), "ben": (ham, awo), "chen": (rhe, graf)}
        self.ids = {
            name: CaseworkerFactory(username=f"sm-{name}", center=center, employer=employer).pk
            for name, (center, employer) in work.items()
        }
        self.ids["kora"] = CoordinatorFactory(username="sm-kora").pk
        self.ids["adam"] = AdministratorFactory(username="sm-adam").pk
        self.providers = [drk.pk, awo.pk, graf.pk]
        self.cases = [CaseFactory(lead=self.person("amal")).pk for _ in range(2)]
        self.events = CaseEvent.objects.count()

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.clock.stop()

    # --- What rules stand on --------------------------------------------------------------------

    def person(self, name: str) -> StaffMember:
        """Read the person anew, as a request does."""
        return StaffMember.objects.get(pk=self.ids[name])

    def case(self, index: int) -> Case:
        return Case.objects.get(pk=self.cases[index])

    def attempt(self, step, *args, **kwargs):
        """Take a step: either one event more, or a refusal that has changed nothing."""
        before = CaseEvent.objects.count()
        try:
            with transaction.atomic():
                made = step(*args, **kwargs)
        except EXPECTED:
            assert CaseEvent.objects.count() == before
            return None
        assert CaseEvent.objects.count() == before + 1
        return made

    # --- Steps ----------------------------------------------------------------------------------

    @rule(who=people, which=st.integers(0, 1), to=st.sampled_from(phases.PHASES), why=st.booleans())
    def change_phase(self, who, which, to, why):
        because = "Neue Lage" if why else ""
        self.attempt(
            phases.change_phase, self.case(which), by=self.person(who), to=to, because=because
        )

    @rule(who=people, which=st.integers(0, 1))
    def record_contact(self, who, which):
        self.attempt(
            contacts.record_contact,
            self.case(which),
            by=self.person(who),
            happened_at=timezone.now(),
            setting=ContactSetting.objects.first(),
            note="Gespräch",
        )

    @rule(who=people, which=st.integers(0, 1))
    def add_need(self, who, which):
        self.attempt(
            needs.add_need,
            self.case(which),
            by=self.person(who),
            legal_domain=LegalDomain.objects.first(),
            description="Antrag",
        )

    @rule(who=people, which=st.integers(0, 1), met=st.booleans())
    def settle_need(self, who, which, met):
        need = Need.objects.filter(case=self.cases[which]).last()
        if need is None:
            return
        if met:
            self.attempt(needs.meet_need, need, by=self.person(who))
        else:
            reason = UnmetReason.objects.first()
            self.attempt(needs.leave_need_unmet, need, by=self.person(who), reason=reason)

    @rule(who=people, to=colleagues, which=st.integers(0, 1), days=st.integers(0, 40))
    def plan(self, who, to, which, days):
        self.attempt(
            follow_ups.plan_follow_up,
            self.case(which),
            by=self.person(who),
            assignee=self.person(to),
            subject="Anrufen",
            due_on=in_days(days),
        )

    @rule(who=people, which=st.integers(0, 1), done=st.booleans(), goes_on=st.booleans())
    def end_follow_up(self, who, which, done, goes_on):
        follow_up = FollowUp.objects.filter(case=self.cases[which]).open().first()
        if follow_up is None:
            return
        following = {"next_subject": "Weiter", "next_due_on": in_days(14)} if goes_on else {}
        step = follow_ups.complete_follow_up if done else follow_ups.drop_follow_up
        self.attempt(step, follow_up, by=self.person(who), note="so", **following)

    @rule(who=people, which=st.integers(0, 1))
    def undo(self, who, which):
        done = FollowUp.objects.filter(case=self.cases[which], state=FollowUp.State.DONE).last()
        if done is not None:
            self.attempt(follow_ups.undo_follow_up, done, by=self.person(who))

    @rule(who=people, which=st.integers(0, 1), whose=st.sampled_from(Measure.Responsible))
    def plan_a_measure(self, who, which, whose):
        by, due_on = self.person(who), in_days(9)
        goal = self.attempt(goals.set_goal, self.case(which), by=by, description="Arbeit")
        if goal is not None:
            words = {"what": "Anrufen", "responsible": whose, "due_on": due_on}
            self.attempt(measures.add_measure, goal, by=by, **words)

    @rule(who=people, which=st.integers(0, 1), done=st.booleans())
    def end_or_undo_measure(self, who, which, done):
        measure = Measure.objects.filter(case=self.cases[which]).last()
        if measure is not None:
            ending = measures.complete_measure if done else measures.drop_measure
            step = ending if measure.is_open else measures.undo_measure
            self.attempt(step, measure, by=self.person(who))

    @rule(who=people, which=st.integers(0, 1), days=st.integers(1, 100))
    def pause(self, who, which, days):
        self.attempt(
            pauses.pause, self.case(which), by=self.person(who), because="Kur", until=in_days(days)
        )

    @rule(who=people, which=st.integers(0, 1))
    def resume(self, who, which):
        self.attempt(pauses.resume, self.case(which), by=self.person(who))

    @rule(who=people, to=colleagues, which=st.integers(0, 1))
    def name_deputy(self, who, to, which):
        self.attempt(
            deputies.name_deputy, self.case(which), by=self.person(who), to=self.person(to)
        )

    @rule(who=people, to=colleagues, which=st.integers(0, 1), days=st.none() | st.integers(0, 30))
    def add_team_member(self, who, to, which, days):
        self.attempt(
            deputies.add_team_member,
            self.case(which),
            by=self.person(who),
            to=self.person(to),
            until=None if days is None else in_days(days),
        )

    @rule(who=people, which=st.integers(0, 1), employer=st.integers(0, 2), days=st.integers(1, 60))
    def give_transfer_consent(self, who, which, employer, days):
        self.attempt(
            consents.give_consent,
            self.case(which),
            by=self.person(who),
            kind=Consent.Kind.TRANSFER,
            recipients=[Provider.objects.get(pk=self.providers[employer])],
            valid_from=timezone.localdate(),
            valid_until=in_days(days),
        )

    @rule(who=people, which=st.integers(0, 1), the_file=st.booleans())
    def revoke(self, who, which, the_file):
        kind = Consent.Kind.FILE if the_file else Consent.Kind.TRANSFER
        consent = Consent.objects.filter(case=self.cases[which], kind=kind).last()
        if consent is None:
            return
        if self.attempt(consents.revoke_consent, consent, by=self.person(who)):
            case = self.case(which)
            others = CaseAccess.objects.current().filter(case=case)
            assert not others.exclude(provider=case.provider).exists()

    @rule(who=people, to=colleagues, which=st.integers(0, 1), team=st.booleans())
    def offer(self, who, to, which, team):
        receiver = (
            {"to_center": Center.objects.get(code="RHE")} if team else {"to_staff": self.person(to)}
        )
        self.attempt(
            handover.hand_over,
            self.case(which),
            by=self.person(who),
            reason=HandoverReason.objects.first(),
            situation="Umzug",
            client_told_on=timezone.localdate(),
            **receiver,
        )

    @rule(
        who=people,
        which=st.integers(0, 1),
        answer=st.sampled_from(["accept", "decline", "withdraw", "ask", "review", "send_back"]),
    )
    def answer_offer(self, who, which, answer):
        offer = Handover.objects.filter(case=self.cases[which]).last()
        if offer is None:
            return
        by = self.person(who)
        steps = {
            "accept": lambda: handover.accept_handover(offer, by=by),
            "decline": lambda: handover.decline_handover(offer, by=by, because="voll"),
            "withdraw": lambda: handover.withdraw_handover(offer, by=by),
            "ask": lambda: handover.ask_back(offer, by=by, question="Seit wann?"),
            "review": lambda: handover.review_handover(offer, by=by),
            "send_back": lambda: handover.send_back(offer, by=by, because="zu spät"),
        }
        made = self.attempt(steps[answer])
        if answer == "accept" and made is not None:
            case = self.case(which)
            assert case.lead == by
            assert case.provider_id in by.employer_ids("read_files")

    @rule(who=people, to=colleagues, which=st.integers(0, 1))
    def assign(self, who, to, which):
        self.attempt(
            assigning.assign_lead, self.case(which), by=self.person(who), to=self.person(to)
        )

    @rule(who=people, which=st.integers(0, 1), all_of_it=st.booleans(), revoked=st.booleans())
    def close(self, who, which, all_of_it, revoked):
        code = ClosingReason.CONSENT_REVOKED if revoked else "ZIEL_ERREICHT"
        self.attempt(
            closing.close,
            self.case(which),
            by=self.person(who),
            reason=ClosingReason.objects.get(code=code),
            outcome=Case.Outcome.PARTLY,
            end_the_rest=all_of_it,
        )

    @rule(who=people, which=st.integers(0, 1), consent=st.sampled_from(["", "written"]))
    def reopen(self, who, which, consent):
        self.attempt(
            closing.reopen,
            self.case(which),
            by=self.person(who),
            subject="Neu",
            due_on=in_days(3),
            because="Rückkehr",
            consent_form=consent,
        )

    # --- What happens outside the cases -----------------------------------------------------------

    @rule(days=st.sampled_from([1, 5, 8, 31, 91]))
    def time_passes(self, days):
        """Past consents, the day-8 rule, the thirty days of a former lead, and pauses."""
        self.traveller.move_to(timezone.now() + timedelta(days=days))

    @rule(who=colleagues, blocked=st.booleans())
    def block_or_unblock(self, who, blocked):
        person = self.person(who)
        person.blocked_at = timezone.now() if blocked else None
        person.save()

    @precondition(lambda self: timezone.localdate() < date(2027, 1, 1))
    @rule(who=colleagues)
    def an_assignment_ends(self, who):
        for assignment in Assignment.objects.current().filter(staff_member=self.ids[who]):
            assignment.valid_until = timezone.localdate() - timedelta(days=1)
            if assignment.valid_until >= assignment.valid_from:
                assignment.save()

    # --- What must always hold ------------------------------------------------------------------

    @invariant()
    def every_active_case_has_a_next_step_and_one_lead(self):
        for pk in self.cases:
            case = Case.objects.get(pk=pk)
            open_ones = FollowUp.objects.filter(case=case).open()
            assert case.is_active == (case.phase not in {Phase.CLOSED, Phase.AFTERCARE})
            assert case.is_active == open_ones.exists()
            first = open_ones.order_by("due_on").values_list("due_on", flat=True).first()
            assert case.next_due_on == (first or NEVER)
            leads = CaseAccess.objects.filter(case=case, reason=AccessReason.LEAD, ends_at=None)
            assert [row.staff_member_id for row in leads] == [case.lead_id]
            assert leads.get().provider_id == case.provider_id
            assert Handover.objects.filter(case=case).waiting().count() <= 1
            if not case.is_active:
                assert not Handover.objects.filter(case=case).waiting().exists()

    @invariant()
    def measures_are_in_step_and_nothing_is_under_way_on_a_closed_case(self):
        assert not list(invariants.measures_stay_in_step_with_their_follow_ups())
        assert not list(invariants.closed_cases_have_no_goal_or_draft_under_way())

    @invariant()
    def no_two_rights_of_one_person_to_one_file_overlap(self):
        rows = CaseAccess.objects.current().values_list("case", "staff_member")
        assert len(rows) == len(set(rows))

    @invariant()
    def every_door_is_where_the_rows_say(self):
        now, cases = timezone.now(), list(Case.objects.filter(pk__in=self.cases))
        all_rows = list(CaseAccess.objects.all())
        for name in EVERYBODY:
            reader = self.person(name)
            works = reader.employer_ids("read_files")
            rows = {
                case.pk: [
                    row
                    for row in all_rows
                    if (row.case_id, row.staff_member_id) == (case.pk, reader.pk)
                    and row.starts_at <= now
                    and (row.ends_at is None or now < row.ends_at)
                    and row.provider_id in works
                ]
                for case in cases
            }
            files = {case.pk for case in cases if rows[case.pk]}
            assert set(Case.objects.visible_to(reader).values_list("pk", flat=True)) == files
            self._records_follow_the_file(reader, rows)
            self._crossing_needs_consent(reader, cases, rows)

    def _records_follow_the_file(self, reader, rows):
        changing = (Need, Consent, Deadline, Expiry, Goal, Measure)
        for model in (CaseEvent, Contact, FollowUp, *changing):
            shown = model.objects.visible_to(reader).values_list("case", "recorded_at")
            for case, recorded_at in shown:
                if all(row.reason in READS_ONLY_THE_PAST for row in rows[case]):
                    assert recorded_at <= max(row.starts_at for row in rows[case])

    def _crossing_needs_consent(self, reader, cases, rows):
        """Whoever reads for another provider, or reads a sheet, does so under a consent."""
        offered = set(Case.objects.offered_to(reader).values_list("pk", flat=True))
        for case in cases:
            consents_of_it = Consent.objects.filter(case=case)
            for row in rows[case.pk]:
                if row.provider_id != case.provider_id and case.is_active:
                    covering = consents_of_it.covering(row.provider_id, *Consent.OPENS_FILE)
                    assert covering.exists()
            employers = reader.employer_ids("take_cases")
            if case.pk in offered and case.provider_id not in employers:
                assert consents_of_it.covering_any(employers).exists()

    @rule(who=people, which=st.integers(0, 1))
    def buttons_follow_the_table(self, who, which):
        reader, case = self.person(who), self.case(which)
        employers = reader.employer_ids("read_files")
        rows = CaseAccess.objects.current().filter(case=case, staff_member=reader)
        reasons = set(rows.filter(provider__in=employers).values_list("reason", flat=True))
        offered = Case.objects.offered_to(reader).filter(pk=case.pk).exists()
        for step in steps_open_to(reader, case):
            takes = STEPS[step]
            by_permission = takes.permission is not None and reader.may(takes.permission)
            assert takes.reasons & reasons or by_permission or (takes.for_receiver and offered)

    @invariant()
    def nobody_but_caseworkers_reads_a_file(self):
        for name in ("kora", "adam"):
            assert not Case.objects.visible_to(self.person(name)).exists()
            assert not Case.objects.offered_to(self.person(name)).exists()
        assert not Case.objects.registered_to(self.person("adam")).exists()

    @invariant()
    def the_trail_only_grows(self):
        count = CaseEvent.objects.count()
        assert count >= self.events
        self.events = count


class TestPortal(TestCase, Portal.TestCase):
    settings = settings(
        max_examples=15,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


pytestmark = pytest.mark.django_db
