"""What the state machine does with deadlines and expiry dates (`test_state_machine.py`)."""

from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from cases.models import Deadline, DeadlineRule, Expiry, FollowUp
from cases.workflow import deadlines, expiries, follow_ups, invariants
from cases.workflow.deadlines import Letter
from tests.cases.factories import in_days
from tests.cases.portal_machine import EVERYBODY, EXPECTED

people = st.sampled_from(EVERYBODY)


class Attempts:
    """Steps that touch nobody's right: taken, or refused as one would expect."""

    def attempt(self, function, *args, by, **kwargs):
        try:
            with transaction.atomic():
                return function(*args, by=by, **kwargs)
        except EXPECTED:
            return None


class DeadlineRules(Attempts):
    """Letters, what expires, and that both agree with their follow-ups."""

    @rule(who=people, which=st.integers(0, 1), days=st.integers(0, 90))
    def postpone_follow_up(self, who, which, days):
        follow_up = FollowUp.objects.filter(case=self.cases[which]).open().last()
        if follow_up is not None:
            self.attempt(
                follow_ups.postpone_follow_up,
                follow_up,
                by=self.person(who),
                due_on=in_days(days),
                because="Kur",
            )

    @rule(
        who=people,
        which=st.integers(0, 1),
        code=st.sampled_from(["WIDERSPRUCH_SOZ", "KLAGE_ASYL_1W", "MITWIRKUNG", "UNTAETIGKEIT_VW"]),
        days=st.integers(-60, 20),
        change=st.booleans(),
    )
    def enter_letter(self, who, which, code, days, change):
        letter = Letter(DeadlineRule.objects.get(pk=code), in_days(days))
        last = Deadline.objects.filter(case=self.cases[which]).last() if change else None
        if last is None:
            self.attempt(
                deadlines.enter_letter, self.case(which), by=self.person(who), letter=letter
            )
        else:
            self.attempt(deadlines.change_deadline, last, by=self.person(who), letter=letter)

    @rule(who=people, which=st.integers(0, 1), state=st.sampled_from(["met", "missed", "dropped"]))
    def settle_deadline(self, who, which, state):
        first = Deadline.objects.filter(case=self.cases[which]).open().first()
        if first is not None:
            self.attempt(deadlines.settle_deadline, first, by=self.person(who), state=state)

    @rule(who=people, which=st.integers(0, 1), days=st.integers(-20, 200), renew=st.booleans())
    def record_expiry(self, who, which, days, renew):
        case = self.case(which)
        old = Expiry.objects.filter(case=case).last() if renew else None
        self.attempt(
            expiries.record_expiry,
            case,
            by=self.person(who),
            kind=Expiry.Kind.PASSPORT,
            valid_until=in_days(days),
            concerns=case.person,
            replaces=old,
        )

    @rule(who=people, which=st.integers(0, 1))
    def end_expiry(self, who, which):
        first = Expiry.objects.filter(case=self.cases[which]).open().first()
        if first is not None:
            self.attempt(expiries.end_expiry, first, by=self.person(who))

    @rule()
    def the_night_reminds_of_what_expires(self):
        expiries.remind_all(timezone.localdate())
        assert expiries.remind_all(timezone.localdate()) == 0

    @invariant()
    def deadlines_and_expiries_agree_with_their_follow_ups(self):
        assert list(invariants.deadlines_and_their_follow_ups_agree()) == []
        for pk in self.cases:
            reminders = FollowUp.objects.filter(case=pk, expiry_reminder__isnull=False).open()
            sources = list(reminders.values_list("expiry_reminder__source", flat=True))
            assert len(sources) == len(set(sources))
