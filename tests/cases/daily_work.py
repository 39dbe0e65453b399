"""Rules of the state machine: the daily work on a case, which opens and closes no door."""

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from cases.access import Step
from cases.models import (
    Consent,
    Contact,
    ContactSetting,
    DuplicateSuspicion,
    FollowUp,
    Need,
    Referral,
    UnmetReason,
)
from cases.workflow import (
    contacts,
    corrections,
    duplicates,
    follow_ups,
    needs,
    opening,
    pauses,
    people,
    phases,
    referrals,
)
from providers.models import LegalDomain
from tests.cases.factories import PersonFactory, in_days
from tests.cases.portal_machine import CASEWORKERS, EVERYBODY, PortalMachine

presser = st.tuples(st.integers(0, 4), st.integers(0, 6))
which = st.integers(0, 5)
colleagues = st.sampled_from(CASEWORKERS)


def active(file):
    return file.is_active


def offered(file):
    return file.offer is not None


class DailyWork(PortalMachine):
    def press(self, step, draw, index, function, *args, **kwargs):
        """Let somebody press; return who it was, and what came of it."""
        who = self.actor(step, index, draw)
        return who, self.take(step, index, who, function, *args, **kwargs)

    def last(self, model, index, **fields):
        return model.objects.filter(case=self.cases[index], **fields).order_by("pk").last()

    # --- The daily work -------------------------------------------------------------------------

    @precondition(lambda self: len(self.cases) < 4)
    @rule(who=st.sampled_from(EVERYBODY))
    def open(self, who):
        need = Need(legal_domain=LegalDomain.objects.first(), description="Antrag")
        may = bool(self.world.employers(who))
        try:
            case = opening.open_case(
                by=self.person(who), person=PersonFactory.build(), concern="–", needs=[need]
            )
        except opening.NotYours:
            assert not may
            return
        assert may
        self.know(case)

    @rule(draw=presser, which=which)
    def correct_person(self, draw, which):
        index = self.pick(which)
        person = self.case(index).person
        version, person.given_name = people.version_of(person), "Neu"
        self.press(
            Step.CORRECT_PERSON,
            draw,
            index,
            people.correct_person,
            self.case(index),
            version=version,
            person=person,
            languages=[],
        )

    @rule(draw=presser, which=which, correct=st.booleans())
    def note_a_contact(self, draw, which, correct):
        index = self.pick(which)
        words = {
            "happened_at": timezone.now(),
            "setting": ContactSetting.objects.first(),
            "note": "Gespräch",
            "minutes": 15,
        }
        contact = self.last(Contact, index)
        if correct and contact is not None:
            self.press(Step.RECORD_CONTACT, draw, index, contacts.correct_contact, contact, **words)
        else:
            step = contacts.record_contact
            self.press(Step.RECORD_CONTACT, draw, index, step, self.case(index), **words)

    @rule(draw=presser, which=which, model=st.sampled_from([Contact, Need, Consent]))
    def strike(self, draw, which, model):
        index = self.pick(which)
        record = self.last(model, index)
        if record is None:
            return
        done = self.press(
            Step.STRIKE, draw, index, corrections.strike, record, because="Falsche Akte"
        )[1]
        if done is not None and model is Consent:
            self.agreement(index, record).is_struck = True

    def agreement(self, index, consent):
        return next(one for one in self.file(index).consents if one.key == consent.pk)

    @rule(draw=presser, which=which, what=st.integers(0, 6))
    def work_on_a_need(self, draw, which, what):
        index = self.pick(which, active)
        open_one = self.last(Need, index, state__in=Need.STILL_OPEN, struck_at=None)
        settled = Need.objects.filter(case=self.cases[index]).exclude(state__in=Need.STILL_OPEN)
        running = self.last(Referral, index, state=Referral.State.REQUESTED)
        if what == 6 and settled.exists():
            self.press(Step.RESUME_NEED, draw, index, needs.resume_need, settled.last())
        elif what == 5 and running is not None:
            step = referrals.update_referral
            self.press(
                Step.UPDATE_REFERRAL, draw, index, step, running, state=Referral.State.SUCCEEDED
            )
        elif what == 0 or open_one is None:
            words = {"legal_domain": LegalDomain.objects.first(), "description": "Antrag"}
            self.press(Step.ADD_NEED, draw, index, needs.add_need, self.case(index), **words)
        elif what == 1:
            words = {"kind": Referral.Kind.SELF_REFERRAL, "target": "Bürgerbüro"}
            self.press(Step.REFER, draw, index, referrals.refer, open_one, **words)
        elif what == 2:
            self.press(Step.MEET_NEED, draw, index, needs.meet_need, open_one)
        elif what == 3:
            self.press(Step.DROP_NEED, draw, index, needs.drop_need, open_one)
        else:
            words = {"reason": UnmetReason.objects.first()}
            self.press(
                Step.LEAVE_NEED_UNMET, draw, index, needs.leave_need_unmet, open_one, **words
            )

    @rule(draw=presser, which=which, to=colleagues, days=st.integers(0, 40))
    def plan(self, draw, which, to, days):
        index = self.pick(which, active)
        words = {"assignee": self.person(to), "subject": "Anrufen", "due_on": in_days(days)}
        step = follow_ups.plan_follow_up
        self.press(Step.PLAN_FOLLOW_UP, draw, index, step, self.case(index), **words)

    @rule(draw=presser, which=which, what=st.integers(0, 3), goes_on=st.booleans())
    def work_on_a_follow_up(self, draw, which, what, goes_on):
        index = self.pick(which, active)
        open_one = FollowUp.objects.filter(case=self.cases[index]).open().first()
        ended = self.last(FollowUp, index, state=FollowUp.State.DONE)
        following = {"next_subject": "Weiter", "next_due_on": in_days(14)} if goes_on else {}
        if what == 0 and ended is not None:
            self.press(Step.UNDO_FOLLOW_UP, draw, index, follow_ups.undo_follow_up, ended)
        elif open_one is None:
            return
        elif what == 1:
            words = {"due_on": in_days(9), "because": "Krank"}
            step = follow_ups.postpone_follow_up
            self.press(Step.POSTPONE_FOLLOW_UP, draw, index, step, open_one, **words)
        elif what == 2:
            step = follow_ups.drop_follow_up
            self.press(Step.DROP_FOLLOW_UP, draw, index, step, open_one, note="so", **following)
        else:
            step = follow_ups.complete_follow_up
            self.press(Step.COMPLETE_FOLLOW_UP, draw, index, step, open_one, note="so", **following)

    @rule(draw=presser, which=which, days=st.sampled_from([0, 10, 90, 91]))
    def pause_or_resume(self, draw, which, days):
        index = self.pick(which, active)
        case = self.case(index)
        if case.paused_until is not None:
            words = {"next_subject": "Weiter", "next_due_on": in_days(3)}
            self.press(Step.RESUME, draw, index, pauses.resume, case, **words)
            return
        words = {"because": "Kur", "until": in_days(days)}
        made = self.press(Step.PAUSE, draw, index, pauses.pause, case, **words)[1]
        assert made is None or 0 < days <= 90

    @rule(draw=presser, which=which, to=st.sampled_from(phases.PHASES), why=st.booleans())
    def change_phase(self, draw, which, to, why):
        index = self.pick(which, active)
        words = {"to": to, "because": "Neue Lage" if why else ""}
        self.press(Step.CHANGE_PHASE, draw, index, phases.change_phase, self.case(index), **words)

    @rule(draw=presser, which=which, same=st.booleans())
    def settle_suspicion(self, draw, which, same):
        index = self.pick(which % 2)
        words = {"case": self.case(index), "state": "same" if same else "different"}
        step, suspicion = duplicates.settle_suspicion, DuplicateSuspicion.objects.first()
        self.press(Step.SETTLE_SUSPICION, draw, index, step, suspicion, **words)
