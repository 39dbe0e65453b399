"""Deadlines: computed from a letter or an event, checked by somebody, changed, settled.

Each owns two follow-ups: one on its last day, of the kind legal deadline, and a warning before it.
"""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.access import Step
from cases.deadline_law import NEEDS_DAY, Arrival, Kind
from cases.legal_deadlines import Facts, Result, compute, warning_day
from cases.models import Case, Deadline, DeadlineRule, FollowUp, Person
from cases.workflow.follow_ups import create
from cases.workflow.kept_deadlines import end_quietly, mark_settled
from cases.workflow.records import read_again
from cases.workflow.steps import taking
from kim_portal.errors import Refusal
from providers.models import LegalDomain, Provider, StaffMember

LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Letter:
    """What somebody enters: a letter or an event, what it is about, and who answers for it.

    `due_on`: another last day than the computed one, with the reason `because`.
    """

    rule: DeadlineRule
    dated_on: date
    arrival: str = Arrival.POST
    received_on: date | None = None
    late_is_proven: bool = False
    has_instruction: bool = True
    is_abroad: bool = False
    authority: Provider | None = None
    other_authority: str = ""
    subject: str = ""
    legal_domain: LegalDomain | None = None
    concerns: Person | None = None
    is_confidential: bool = False
    due_on: date | None = None
    because: str = ""
    warn_on: date | None = None
    assignee: StaffMember | None = None

    @property
    def facts(self) -> Facts:
        """What the law counts with; how an event came is nobody's question."""
        if not self.rule.takes_a_letter:
            return Facts(self.dated_on)
        return Facts(
            self.dated_on,
            Arrival(self.arrival),
            self.received_on,
            self.late_is_proven,
            self.has_instruction,
            self.is_abroad,
        )


@dataclass(frozen=True)
class Computed:
    """What the portal makes of a letter: the count, the day that counts, and the warning."""

    result: Result
    due_on: date
    warn_on: date | None

    @property
    def is_past(self) -> bool:
        return self.due_on < timezone.localdate()


def computed(letter: Letter) -> Computed:
    """Count a deadline without keeping anything: what a page shows before it is saved."""
    result = compute(letter.rule.as_rule(), letter.facts)
    due_on = letter.due_on or result.due_on
    return Computed(result, due_on, _warn_on(letter, result, due_on))


def enter_letter(case: Case, *, by: StaffMember, letter: Letter) -> Deadline:
    """Compute the deadline of a letter or an event, and plan its last day and the warning."""
    with taking(Step.ENTER_LETTER, case, by=by) as taken:
        _refuse_impossible(letter)
        found = computed(letter)
        deadline = Deadline(case=case, recorded_by=by)
        _write(deadline, letter, found)
        deadline.follow_up = create(
            case,
            by=by,
            subject=_subject(deadline),
            due_on=found.due_on,
            assignee=letter.assignee,
            kind=FollowUp.Kind.LEGAL_DEADLINE,
        )
        _plan_warning(deadline, found.warn_on, by=by, assignee=letter.assignee)
        deadline.save()
        taken.record(
            deadline,
            after=deadline.state,
            rule=letter.rule.pk,
            due_on=found.due_on,
            warn_on=found.warn_on,
        )
    return deadline


def change_deadline(deadline: Deadline, *, by: StaffMember, letter: Letter) -> Deadline:
    """Correct what was entered or which day counts; the follow-ups move along, a check is void."""
    with taking(Step.CHANGE_DEADLINE, deadline.case, by=by) as taken:
        read_again(deadline)
        _must_be_open(deadline)
        _refuse_impossible(letter)
        before, found = deadline.due_on, computed(letter)
        _write(deadline, letter, found)
        deadline.checked_at = deadline.checked_by = None
        follow_up = deadline.follow_up
        follow_up.subject, follow_up.due_on = _subject(deadline), found.due_on
        follow_up.assignee = letter.assignee or follow_up.assignee
        follow_up.save()
        _plan_warning(deadline, found.warn_on, by=by, assignee=follow_up.assignee)
        deadline.save()
        taken.record(deadline, before=before.isoformat(), after=found.due_on.isoformat())
    return deadline


def check_deadline(deadline: Deadline, *, by: StaffMember) -> Deadline:
    """Record that somebody has compared the computed day with the letter."""
    with taking(Step.CHECK_DEADLINE, deadline.case, by=by) as taken:
        read_again(deadline)
        _must_be_open(deadline)
        if deadline.checked_at is not None:
            raise Refusal(
                _("%(person)s has checked this deadline already.") % {"person": deadline.checked_by}
            )
        deadline.checked_at, deadline.checked_by = timezone.now(), by
        deadline.save()
        taken.record(deadline, due_on=deadline.due_on)
    return deadline


def settle_deadline(
    deadline: Deadline,
    *,
    by: StaffMember,
    state: str,
    note: str = "",
    next_subject: str = "",
    next_due_on: date | None = None,
) -> Deadline:
    """Say that a deadline was met, missed or is not needed; its follow-ups end with it."""
    with taking(Step.SETTLE_DEADLINE, deadline.case, by=by) as taken:
        read_again(deadline)
        _must_be_open(deadline)
        state = Deadline.State(state)
        if state == Deadline.State.MISSED and not deadline.is_past:
            raise Refusal(_("The last day is not over: the deadline can still be met."))
        follow_up = deadline.follow_up
        follow_up.ending_note = note
        dropped = state == Deadline.State.DROPPED
        end_quietly(follow_up, FollowUp.State.DROPPED if dropped else FollowUp.State.DONE, by=by)
        mark_settled(deadline, state, by=by)
        if next_subject and next_due_on is not None:
            create(deadline.case, by=by, subject=next_subject, due_on=next_due_on)
        taken.record(deadline, before=Deadline.State.OPEN, after=state, due_on=deadline.due_on)
    return deadline


def _refuse_impossible(letter: Letter) -> None:
    """Raise Refusal for what no letter can say, whatever form it came through."""
    today, rule = timezone.localdate(), letter.rule
    if not DeadlineRule.objects.in_force(letter.dated_on).filter(pk=rule.pk).exists():
        raise Refusal(_("This rule did not hold on that day. Please check the date."))
    if rule.kind not in {Kind.SET_DAY, Kind.BEFORE_END} and letter.dated_on > today:
        raise Refusal(_("This day has not come yet. Please check the date."))
    if rule.takes_a_letter:
        if letter.received_on is not None and letter.received_on < letter.dated_on:
            raise Refusal(_("The letter cannot be received before its date."))
        if letter.arrival in NEEDS_DAY and letter.received_on is None:
            raise Refusal(_("Please enter the day on which it arrived."))
    if letter.due_on is not None and not letter.because:
        due_on = compute(rule.as_rule(), letter.facts).due_on
        if letter.due_on != due_on:
            raise Refusal(_("Please say why another day than the computed one counts."))


def _warn_on(letter: Letter, result: Result, due_on: date) -> date | None:
    """Choose the day of the warning: never past, and always before the last day."""
    if letter.warn_on is not None:
        day = letter.warn_on
    elif not letter.rule.warning_days:
        return None
    else:
        day = warning_day(min(result.safe_on, due_on), letter.rule.warning_days)
    day = max(day, timezone.localdate())
    return day if day < due_on else None


def _write(deadline: Deadline, letter: Letter, found: Computed) -> None:
    """Put what was entered, and what the law makes of it, on the row."""
    facts = letter.facts
    deadline.rule = letter.rule
    deadline.authority, deadline.other_authority = letter.authority, letter.other_authority
    deadline.subject, deadline.legal_domain = letter.subject, letter.legal_domain
    deadline.concerns, deadline.is_confidential = letter.concerns, letter.is_confidential
    deadline.dated_on = facts.dated_on
    deadline.arrival = facts.arrival if letter.rule.takes_a_letter else ""
    deadline.received_on, deadline.late_is_proven = facts.received_on, facts.late_is_proven
    deadline.has_instruction, deadline.is_abroad = facts.has_instruction, facts.is_abroad
    deadline.computed_on, deadline.safe_on = found.result.due_on, found.result.safe_on
    deadline.explanation = [step.stored() for step in found.result.steps]
    deadline.due_on = found.due_on
    same = found.due_on == found.result.due_on
    deadline.changed_because = "" if same else letter.because


def _plan_warning(
    deadline: Deadline, day: date | None, *, by: StaffMember, assignee: StaffMember | None
) -> None:
    """Make, move or end the warning."""
    warning = deadline.warning
    if warning is not None and not warning.is_open:
        warning = None
    if day is None:
        if warning is not None:
            end_quietly(warning, FollowUp.State.DROPPED, by=by)
        return
    subject = _warning_subject(deadline)
    if warning is None:
        deadline.warning = create(
            deadline.case, by=by, subject=subject, due_on=day, assignee=assignee
        )
        return
    warning.subject, warning.due_on = subject, day
    warning.assignee = assignee or warning.assignee
    warning.save()


def _subject(deadline: Deadline) -> str:
    return _named(_("Deadline: %(rule)s"), deadline)


def _warning_subject(deadline: Deadline) -> str:
    sentence = _("Ends on %(day)s: %(rule)s") % {
        "day": date_format(deadline.due_on, "d.m.Y"),
        "rule": "%(rule)s",
    }
    return _named(sentence, deadline)


def _named(sentence: str, deadline: Deadline) -> str:
    rule = f"{deadline.rule}, {deadline.sender}" if deadline.sender else str(deadline.rule)
    return (sentence % {"rule": rule})[:LONGEST_SUBJECT]


def _must_be_open(deadline: Deadline) -> None:
    if not deadline.is_open:
        raise Refusal(
            _("This deadline has been settled meanwhile: it is “%(state)s”.")
            % {"state": deadline.get_state_display()}
        )
