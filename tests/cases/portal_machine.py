"""The portal and its model side by side: what the rules of the state machine stand on."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine, invariant

from cases.access import AccessReason, Step
from cases.models import (
    NEVER,
    Case,
    CaseAccess,
    CaseEvent,
    Consent,
    FollowUp,
    Handover,
    HandoverReason,
    Phase,
)
from cases.workflow import consents, handover
from centers.models import Center
from kim_portal.errors import NotYours, Refusal
from providers.models import Assignment, Provider, StaffMember
from tests.cases.access_model import Agreement, File, Job, Offer, Right, World
from tests.cases.factories import CaseFactory, DuplicateSuspicionFactory, NeedFactory, in_days
from tests.providers.factories import (
    AdministratorFactory,
    CaseworkerFactory,
    CoordinatorFactory,
    ProviderFactory,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CASEWORKERS = ["amal", "dora", "ben", "chen"]
COORDINATORS = ["kora", "kai"]
EVERYBODY = [*CASEWORKERS, *COORDINATORS, "adam"]
EXPECTED = (Refusal, PermissionDenied, ValidationError)
# Only an entry's author and the lead may correct it: the table cannot say that.
NARROWER = {Step.STRIKE, Step.RECORD_CONTACT}


class PortalMachine(RuleBasedStateMachine):
    """Two cases at work, one that nobody leads, seven people, and a clock."""

    tried: Counter = Counter()
    taken: Counter = Counter()

    def __init__(self):
        super().__init__()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.world = World(now=START)
        self.ids = {}
        self.ham, self.rhe = (Center.objects.get(code=code) for code in ("HAM", "RHE"))
        codes = ("drk", "awo", "grafschafter-diakonie")
        self.providers = [Provider.objects.get(code=code) for code in codes]
        drk, awo, graf = self.providers
        self._employ("amal", CaseworkerFactory, self.ham, drk)
        self._employ("dora", CaseworkerFactory, self.ham, drk)
        self._employ("ben", CaseworkerFactory, self.ham, awo)
        self._employ("chen", CaseworkerFactory, self.rhe, graf)
        self._employ("kora", CoordinatorFactory, self.ham)
        self._employ("kai", CoordinatorFactory, None)
        self._employ("adam", AdministratorFactory, None)
        self.changes = 0
        self._employ("eva", CaseworkerFactory, self.ham, ProviderFactory())
        self.names = {pk: name for name, pk in self.ids.items()}
        self.cases = []
        for case in (CaseFactory(lead=self.person("amal")), CaseFactory(lead=self.person("amal"))):
            NeedFactory(case=case)
            self.know(case)
        self.know(CaseFactory(lead=self.person("eva")))
        self._nobody_is_left_there("eva")
        DuplicateSuspicionFactory(known=self.case(0), newer=self.case(1))
        self.events = CaseEvent.objects.count()
        self.give(0, "amal", self.providers[1:], days=40, mutual=True)
        self.give(1, "amal", self.providers[2:], days=20, mutual=False)
        self.offer(0, "amal", to_staff="ben")

    def _employ(self, name, factory, center, employer=None):
        words = {} if employer is None else {"employer": employer}
        person = factory(username=f"sm-{name}", center=center, **words)
        job = person.current_assignments[0]
        self.ids[name] = person.pk
        self.world.jobs[name] = [Job(job.role, job.employer_id, job.center_id, job.valid_from)]

    def _nobody_is_left_there(self, name):
        self.world.jobs[name][0].until = yesterday = in_days(-1)
        Assignment.objects.filter(staff_member=self.ids[name]).update(valid_until=yesterday)

    def know(self, case):
        """Tell the model of a case that has just been opened."""
        right = Right(
            self.names[case.lead_id], case.provider_id, "lead", case.access_rows.get().starts_at
        )
        file = File(case.provider_id, case.center_id, right.who, rights=[right])
        consent = case.consents.get()
        file.consents.append(Agreement(consent.pk, "file", consent.valid_from))
        self.world.files[case.pk] = file
        self.cases.append(case.pk)

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

    def file(self, index: int) -> File:
        return self.world.files[self.cases[index]]

    def pick(self, which: int, fits=lambda file: True) -> int:
        """Choose a case, one that fits where there is any."""
        fitting = [i for i in range(len(self.cases)) if fits(self.file(i))]
        among = fitting or range(len(self.cases))
        return among[which % len(among)]

    def actor(self, step: Step, index: int, draw: tuple[int, int]) -> str:
        """Choose who presses: four times of five somebody to whom the table gives the step."""
        chance, number = draw
        able = [who for who in EVERYBODY if self.world.is_theirs(step, who, self.file(index))]
        among = able if able and chance else EVERYBODY
        return among[number % len(among)]

    def take(self, step: Step, index: int, who: str, function, *args, **kwargs):
        """Take a step: events and the right to it, or a refusal that has changed nothing."""
        before = CaseEvent.objects.count()
        file = self.file(index)
        theirs, fits = self.world.is_theirs(step, who, file), self.world.fits(step, file)
        self.tried[step] += 1
        try:
            with transaction.atomic():
                made = function(*args, by=self.person(who), **kwargs)
        except EXPECTED as refusal:
            assert CaseEvent.objects.count() == before
            if isinstance(refusal, NotYours) and step not in NARROWER:
                assert not theirs, f"{step} was refused to {who}, whose it is"
            return None
        assert theirs, f"{who} could take {step}"
        assert fits, f"{step} was possible on a case in that state"
        assert CaseEvent.objects.filter(step=step, actor=self.ids[who]).exists()
        assert CaseEvent.objects.count() > before
        self.taken[step] += 1
        return made

    def give(self, index, who, recipients, *, days, mutual, kind=Consent.Kind.TRANSFER):
        consent = self.take(
            Step.GIVE_CONSENT,
            index,
            who,
            consents.give_consent,
            self.case(index),
            kind=kind,
            recipients=recipients,
            valid_from=timezone.localdate(),
            valid_until=days and in_days(days),
            is_mutual=mutual,
        )
        if consent is not None:
            self.file(index).consents.append(self.agreement_of(consent))

    def agreement_of(self, consent: Consent) -> Agreement:
        recipients = frozenset(consent.recipients.values_list("pk", flat=True))
        valid = consent.valid_from, consent.valid_until
        return Agreement(consent.pk, str(consent.kind), *valid, recipients, consent.is_mutual)

    def offer(self, index, who, *, to_staff=None, to_center=None):
        made = self.take(
            Step.HAND_OVER,
            index,
            who,
            handover.hand_over,
            self.case(index),
            reason=HandoverReason.objects.first(),
            situation="Umzug",
            client_told_on=timezone.localdate(),
            to_staff=to_staff and self.person(to_staff),
            to_center=to_center,
        )
        if made is not None:
            file = self.file(index)
            center = to_center and to_center.pk
            due = self.world.today + timedelta(days=7)
            file.offer = Offer({who, file.lead}, due, to_staff, center)
            reached = any(self.world.reads_sheet(one, file) for one in EVERYBODY)
            assert reached, "An offer that reaches nobody"

    def days_pass(self, days: int):
        self.traveller.move_to(timezone.now() + timedelta(days=days))
        self.world.now = timezone.now()

    # --- What must always hold ------------------------------------------------------------------

    @invariant()
    def every_active_case_has_a_next_step_and_one_lead(self):
        for case in Case.objects.filter(pk__in=self.cases):
            file = self.world.files[case.pk]
            open_ones = FollowUp.objects.filter(case=case).open()
            assert case.is_active == (case.phase not in {Phase.CLOSED, Phase.AFTERCARE})
            assert case.is_active == file.is_active == open_ones.exists()
            first = open_ones.order_by("due_on").values_list("due_on", flat=True).first()
            assert case.next_due_on == (first or NEVER)
            leads = CaseAccess.objects.filter(case=case, reason=AccessReason.LEAD, ends_at=None)
            assert [row.staff_member_id for row in leads] == [case.lead_id]
            assert leads.get().provider_id == case.provider_id == file.provider
            assert (self.names[case.lead_id], case.center_id) == (file.lead, file.center)
            waiting = Handover.objects.filter(case=case).waiting().count()
            assert waiting == (file.offer is not None)

    @invariant()
    def a_pause_ends_within_ninety_days_and_comes_back(self):
        for case in Case.objects.filter(pk__in=self.cases, paused_until__isnull=False):
            assert case.is_active
            assert case.paused_until <= in_days(90)
            if case.is_paused:
                back = FollowUp.objects.filter(case=case, ends_pause=True).open()
                assert back.exists()

    @invariant()
    def no_two_rights_of_one_person_to_one_file_overlap(self):
        rows = CaseAccess.objects.current().values_list("case", "staff_member")
        assert len(rows) == len(set(rows))

    @invariant()
    def every_door_is_where_the_model_says(self):
        world, cases = self.world, Case.objects.filter(pk__in=self.cases)
        doors = {
            "visible_to": world.reads,
            "registered_to": world.sees_register,
            "offered_to": world.reads_sheet,
            "countable_by": world.counts,
        }
        for name in EVERYBODY:
            reader = self.person(name)
            for door, opens in doors.items():
                found = set(getattr(cases, door)(reader).values_list("pk", flat=True))
                expected = {pk for pk, file in world.files.items() if opens(name, file)}
                assert found == expected, f"{door} of {name}"

    @invariant()
    def records_are_shown_up_to_the_acceptance_to_a_former_lead(self):
        for model in (CaseEvent, FollowUp):
            rows = list(model.objects.filter(case__in=self.cases).values_list("pk", "case"))
            times = dict(model.objects.values_list("pk", "recorded_at"))
            for name in CASEWORKERS:
                limits = {
                    pk: self.world.reads_up_to(name, file) for pk, file in self.world.files.items()
                }
                found = set(
                    model.objects.visible_to(self.person(name)).values_list("pk", flat=True)
                )
                assert found == {
                    pk for pk, case in rows if limits[case] and times[pk] <= limits[case]
                }

    @invariant()
    def the_trail_only_grows(self):
        count = CaseEvent.objects.count()
        assert count >= self.events
        self.events = count
