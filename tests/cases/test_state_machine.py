"""Any order of steps by anybody, while time passes: what must always hold, holds after each.

A model in plain Python (`access_model`) says who may read and do what; after every step all four
doors are asked for every person and compared with it. Most presses are by people whose step it is,
so that most of them succeed; the run fails if one of the steps never did.
"""

from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import Phase as HypothesisPhase
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import precondition, rule

from cases.access import Step
from cases.models import (
    Case,
    CaseAccess,
    ClosingReason,
    Consent,
    Contact,
    ContactSetting,
    DuplicateSuspicion,
    FollowUp,
    Handover,
    HandoverQuestion,
    Need,
    Referral,
    UnmetReason,
)
from cases.workflow import (
    assigning,
    closing,
    consents,
    contacts,
    corrections,
    deputies,
    duplicates,
    ended_rights,
    follow_ups,
    handover,
    needs,
    opening,
    pauses,
    people,
    phases,
    referrals,
)
from cases.workflow.steps import STEPS
from providers.models import Assignment, LegalDomain
from tests.cases import portal_machine
from tests.cases.access_model import Job, Offer
from tests.cases.factories import PersonFactory, in_days
from tests.cases.portal_machine import CASEWORKERS, EVERYBODY, PortalMachine
from tests.providers.factories import AssignmentFactory

presser = st.tuples(st.integers(0, 4), st.integers(0, 6))
which = st.integers(0, 5)
colleagues = st.sampled_from(CASEWORKERS)


KEY_STEPS = {
    Step.HAND_OVER,
    Step.ACCEPT_HANDOVER,
    Step.REVOKE_CONSENT,
    Step.CLOSE,
    Step.REOPEN,
    Step.ASSIGN_LEAD,
}


def active(file):
    return file.is_active


def offered(file):
    return file.offer is not None


class Portal(PortalMachine):
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

    # --- Who works on it, and consents ----------------------------------------------------------

    @rule(draw=presser, which=which, to=colleagues, ends=st.booleans())
    def deputy(self, draw, which, to, ends):
        index = self.pick(which, active)
        case, file = self.case(index), self.file(index)
        if ends and case.deputy_id is not None:
            if self.press(Step.REMOVE_DEPUTY, draw, index, deputies.remove_deputy, case)[1]:
                self.world.take_away(file, "deputy")
            return
        words = {"to": self.person(to)}
        if self.press(Step.NAME_DEPUTY, draw, index, deputies.name_deputy, case, **words)[1]:
            self.world.name_deputy(file, to)

    @rule(draw=presser, which=which, to=colleagues, days=st.sampled_from([None, 0, 6, 30]))
    def add_team_member(self, draw, which, to, days):
        index = self.pick(which, active)
        until = None if days is None else in_days(days)
        words = {"to": self.person(to), "until": until}
        step = deputies.add_team_member
        if self.press(Step.ADD_TEAM_MEMBER, draw, index, step, self.case(index), **words)[1]:
            self.world.grant(self.file(index), to, "team", until)

    @rule(draw=presser, which=which)
    def remove_team_member(self, draw, which):
        rows = CaseAccess.objects.current().filter(reason="team", case__in=self.cases)
        row = rows.order_by("pk").last()
        if row is None:
            return
        index = self.cases.index(row.case_id)
        step = deputies.remove_team_member
        if self.press(Step.REMOVE_TEAM_MEMBER, draw, index, step, row)[1]:
            self.world.take_away(self.file(index), "team", self.names[row.staff_member_id])

    @rule(
        draw=presser,
        which=which,
        employers=st.sampled_from([[0], [1], [2], [0, 1, 2]]),
        days=st.sampled_from([1, 7, 20, 60]),
        mutual=st.booleans(),
    )
    def give_transfer_consent(self, draw, which, employers, days, mutual):
        index = self.pick(which, active)
        recipients = [self.providers[number] for number in employers]
        who = self.actor(Step.GIVE_CONSENT, index, draw)
        self.give(index, who, recipients, days=days, mutual=mutual)

    @rule(draw=presser, which=which, the_file=st.sampled_from([True, False, False, False]))
    def revoke(self, draw, which, the_file):
        kind = Consent.Kind.FILE if the_file else Consent.Kind.TRANSFER
        index = self.pick(which, active)
        consent = self.last(Consent, index, kind=kind, revoked_at=None)
        if consent is None:
            return
        if self.press(Step.REVOKE_CONSENT, draw, index, consents.revoke_consent, consent)[1]:
            self.world.revoke(self.file(index), self.agreement(index, consent))

    # --- Handing over, assigning, closing -------------------------------------------------------

    @rule(draw=presser, which=which, to=colleagues, team=st.booleans(), here=st.booleans())
    def hand_over(self, draw, which, to, team, here):
        index = self.pick(which, lambda file: file.is_active and file.offer is None)
        who = self.actor(Step.HAND_OVER, index, draw)
        center = self.ham if here else self.rhe
        self.offer(index, who, **({"to_center": center} if team else {"to_staff": to}))

    @precondition(lambda self: any(file.offer for file in self.world.files.values()))
    @rule(
        draw=presser,
        which=which,
        step=st.sampled_from(
            [
                Step.ACCEPT_HANDOVER,
                Step.ACCEPT_HANDOVER,
                Step.DECLINE_HANDOVER,
                Step.WITHDRAW_HANDOVER,
                Step.ASK_BACK,
                Step.REVIEW_HANDOVER,
                Step.SEND_BACK,
                Step.AMEND_HANDOVER,
                Step.ANSWER_QUESTION,
                Step.OBTAIN_CONSENT,
            ]
        ),
    )
    def answer_the_offer(self, draw, which, step):
        index = self.pick(which, offered)
        offer, file = self.last(Handover, index), self.file(index)
        functions = {
            Step.ACCEPT_HANDOVER: (handover.accept_handover, {}),
            Step.DECLINE_HANDOVER: (handover.decline_handover, {"because": "voll"}),
            Step.WITHDRAW_HANDOVER: (handover.withdraw_handover, {}),
            Step.ASK_BACK: (handover.ask_back, {"question": "Seit wann?"}),
            Step.REVIEW_HANDOVER: (handover.review_handover, {}),
            Step.SEND_BACK: (handover.send_back, {"because": "zu spät"}),
            Step.AMEND_HANDOVER: (
                handover.amend_handover,
                {"situation": "Anders", "version": offer.amended_at},
            ),
            Step.ANSWER_QUESTION: (handover.answer_question, {"answer": "Seit Mai"}),
            Step.OBTAIN_CONSENT: (assigning.obtain_consent, {"explained": True}),
        }
        function, words = functions[step]
        about = offer
        if step == Step.ANSWER_QUESTION:
            about = HandoverQuestion.objects.filter(handover=offer).last()
        if about is None:
            return
        center = offer.to_center_id
        who, made = self.press(step, draw, index, function, about, **words)
        if made is None:
            return
        if step == Step.ACCEPT_HANDOVER:
            own = self.world.current_jobs(who, "caseworker")[0].center
            self.world.move_lead(file, who, center or own)
        elif step == Step.OBTAIN_CONSENT:
            file.consents.append(self.agreement_of(self.last(Consent, index)))
        elif step in {Step.DECLINE_HANDOVER, Step.WITHDRAW_HANDOVER, Step.SEND_BACK}:
            if step == Step.SEND_BACK:
                assert file.offer.due < self.world.today
            file.offer = None

    @rule(draw=presser, which=which, to=colleagues)
    def assign(self, draw, which, to):
        index = self.pick(which, self.world.needs_a_lead)
        file, offer = self.file(index), self.last(Handover, index, state="offered")
        words = {"to": self.person(to)}
        who, made = self.press(
            Step.ASSIGN_LEAD, draw, index, assigning.assign, self.case(index), **words
        )
        if made is None:
            return
        assert self.world.needs_a_lead(file)
        if isinstance(made, Handover):
            file.offer = Offer({who, file.lead}, in_days(7), to, by_coordination=True)
            return
        assert file.provider in self.world.employers(to)
        to_team = offer is not None and offer.to_center_id is not None
        there = to_team and self.world.covers(to, offer.to_center_id, "caseworker")
        self.world.move_lead(file, to, offer.to_center_id if there else file.center)

    @rule(draw=presser, which=which, end_the_rest=st.sampled_from([True, True, False]))
    def close(self, draw, which, end_the_rest):
        index = self.pick(
            which, lambda file: file.is_active and self.world.keeping_is_revoked(file)
        )
        revoked = self.world.keeping_is_revoked(self.file(index))
        code = ClosingReason.CONSENT_REVOKED if revoked else "ZIEL_ERREICHT"
        words = {
            "reason": ClosingReason.objects.get(code=code),
            "outcome": Case.Outcome.PARTLY,
            "end_the_rest": end_the_rest,
        }
        if self.press(Step.CLOSE, draw, index, closing.close, self.case(index), **words)[1]:
            self.world.close(self.file(index))

    @precondition(lambda self: not all(map(active, self.world.files.values())))
    @rule(draw=presser, which=which, form=st.sampled_from(["", "written", "written"]))
    def reopen(self, draw, which, form):
        index = self.pick(which, lambda file: not file.is_active)
        file, known = self.file(index), {one.key for one in self.file(index).consents}
        words = {"subject": "Neu", "due_on": in_days(3), "because": "Rückkehr"}
        case = self.case(index)
        step = closing.reopen
        if self.press(Step.REOPEN, draw, index, step, case, consent_form=form, **words)[1]:
            file.is_active = True
            for consent in Consent.objects.filter(case=case).exclude(pk__in=known):
                file.consents.append(self.agreement_of(consent))
            assert not self.world.keeping_is_revoked(file)

    # --- What happens outside the cases ---------------------------------------------------------

    @rule(days=st.sampled_from([1, 1, 5, 8, 31]))
    def time_passes(self, days):
        """Past consents, dated ends of work, day 8, the thirty days of a former lead, pauses."""
        self.days_pass(days)

    @rule(who=colleagues, blocked=st.sampled_from([True, False, False]))
    def block_or_unblock(self, who, blocked):
        person = self.person(who)
        person.blocked_at = timezone.now() if blocked else None
        person.save()
        (self.world.blocked.add if blocked else self.world.blocked.discard)(who)

    @precondition(lambda self: self.changes < 2)
    @rule(who=colleagues, days=st.integers(0, 8), employer=st.integers(0, 2))
    def change_employers(self, who, days, employer):
        """The present job ends on a day; the day after, another may begin. Nobody comes back."""
        job, provider = self.world.jobs[who][-1], self.providers[employer]
        if job.until is not None or provider.pk in {one.provider for one in self.world.jobs[who]}:
            return
        self.changes += 1
        job.until, begins = in_days(days), in_days(days + 1)
        Assignment.objects.filter(staff_member=self.ids[who]).update(valid_until=job.until)
        AssignmentFactory(
            staff_member_id=self.ids[who], employer=provider, center=self.ham, valid_from=begins
        )
        self.world.jobs[who].append(Job("caseworker", provider.pk, self.ham.pk, begins))

    @rule()
    def the_nightly_run(self):
        ended_rights.bring_all_home()
        for file in self.world.files.values():
            if file.is_active:
                self.world.tidy(file)
        for follow_up in FollowUp.objects.filter(case__in=self.cases).open():
            able = follow_ups.assignees_of(follow_up.case)
            lead = follow_up.case.lead_id
            assert follow_up.assignee_id == lead or able.filter(pk=follow_up.assignee_id).exists()


class TestPortal(TestCase, Portal.TestCase):
    settings = settings(
        max_examples=5,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[HypothesisPhase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def runTest(self):
        Portal.tried.clear()
        Portal.taken.clear()
        super().runTest()
        missing = KEY_STEPS - set(Portal.taken)
        assert not missing, f"In this run nobody succeeded with {missing}: {Portal.taken}"


def test_every_step_has_a_rule():
    source = Path(__file__).read_text() + Path(portal_machine.__file__).read_text()

    assert [step for step in STEPS if f"Step.{step.name}," not in source] == []


pytestmark = pytest.mark.django_db
