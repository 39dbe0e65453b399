"""The end of a case, and its new beginning."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import FilteredRelation, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.access import AccessReason, Step
from cases.models import (
    Assessment,
    Case,
    ClosingReason,
    Consent,
    Deadline,
    FollowUp,
    Goal,
    Handover,
    Measure,
    Need,
    Phase,
    Referral,
)
from cases.workflow import rights
from cases.workflow.consents import record_consent
from cases.workflow.goals import end_or_resume
from cases.workflow.handover import withdraw_uncovered
from cases.workflow.kept_deadlines import drop_all
from cases.workflow.phases import move
from cases.workflow.steps import file_consent_revoked, taking
from kim_portal.errors import Refusal
from providers.models import StaffMember

_OFFERED, _DRAFT = Handover.State.OFFERED, Assessment.State.DRAFT


@dataclass(frozen=True)
class LooseEnds:
    """What is still open on a case and has to be ended before it is closed."""

    follow_ups: list[FollowUp]
    referrals: list[Referral]
    handovers: list[Handover]
    # All goals of the case: what became of those under way is asked for on the closing page itself.
    all_goals: list[Goal] = field(default_factory=list)
    # Assessments that were begun and never finished.
    drafts: list[Assessment] = field(default_factory=list)

    @property
    def goals(self) -> list[Goal]:
        """The goals that are under way."""
        return [goal for goal in self.all_goals if goal.is_under_way]

    @property
    def deadlines(self) -> list[FollowUp]:
        """Legal deadlines: never dropped in one go with the rest."""
        deadline = FollowUp.Kind.LEGAL_DEADLINE
        return [follow_up for follow_up in self.follow_ups if follow_up.kind == deadline]

    def __bool__(self) -> bool:
        return len(self) > 0

    def __len__(self) -> int:
        return (
            len(self.follow_ups)
            + len(self.referrals)
            + len(self.handovers)
            + len(self.goals)
            + len(self.drafts)
        )


def loose_ends(case: Case) -> LooseEnds:
    """List what is still open on `case`."""
    # Offers, drafts and goals are few: they come with the case, in one query.
    rows = list(
        Case.objects.filter(pk=case.pk)
        .annotate(
            offer=FilteredRelation("handovers", condition=Q(handovers__state=_OFFERED)),
            draft=FilteredRelation("assessments", condition=Q(assessments__state=_DRAFT)),
            goal=FilteredRelation("goals", condition=Q(goals__struck_at__isnull=True)),
        )
        .select_related("offer", "draft", "goal")
        .order_by("goal__pk")
    )
    return LooseEnds(
        follow_ups=list(FollowUp.objects.filter(case=case).open().order_by("due_on")),
        referrals=list(
            Referral.objects.filter(case=case)
            .exclude(state__in=Referral.ENDED)
            .select_related("service", "need")
        ),
        handovers=_those_of(rows, "offer"),
        all_goals=_those_of(rows, "goal"),
        drafts=_those_of(rows, "draft"),
    )


def _those_of(rows: list[Case], relation: str) -> list:
    found = (getattr(row, relation, None) for row in rows)
    return list({one.pk: one for one in found if one is not None}.values())


def outcome_of(goals: list[Goal]) -> str:
    """Propose the outcome of a case from what became of its goals; nothing while one is open."""
    counted = [goal.state for goal in goals if goal.state != Goal.State.IRRELEVANT]
    if not counted:
        return Case.Outcome.NOT_APPLICABLE
    if Goal.UNDER_WAY & set(counted):
        return ""
    if set(counted) == {Goal.State.REACHED}:
        return Case.Outcome.REACHED
    if {Goal.State.REACHED, Goal.State.PARTLY} & set(counted):
        return Case.Outcome.PARTLY
    return Case.Outcome.NOT_REACHED


def open_needs(case: Case) -> QuerySet[Need]:
    """List the needs of which nobody has said yet what became of them.

    They do not stand against closing: that a need stays unmet is said with its reason or not at
    all, so that the analysis of gaps counts no guesses. They go on when the case is reopened.
    """
    needs = Need.objects.filter(case=case, state__in=Need.STILL_OPEN).standing()
    return needs.select_related("legal_domain").order_by("legal_domain__position", "pk")


def close(
    case: Case,
    *,
    by: StaffMember,
    reason: ClosingReason,
    outcome: str,
    closed_on: date | None = None,
    note: str = "",
    end_the_rest: bool = False,
    goals: Mapping[int, str] | None = None,
) -> Case:
    """Close an active case. Every right but the lead's ends; consents end with the case.

    Follow-ups, referrals and offers that are still open stand against it, unless `end_the_rest`:
    then they are dropped and withdrawn here. A legal deadline is always ended by itself. After the
    consent to keep a file was revoked everything that is open ends with the case.

    `goals` says by their keys what became of the goals under way. One of which nothing is said
    stands against closing like the rest, and is given up with it. Open measures end with the case.
    """
    with taking(Step.CLOSE, case, by=by) as taken:
        revoked = file_consent_revoked(case)
        if revoked and reason.code != ClosingReason.CONSENT_REVOKED:
            raise Refusal(_("The consent was revoked: that is the reason to choose."))
        _rate_goals(case, goals or {})
        _tie_up(case, by=by, may_end=end_the_rest or revoked, deadlines_too=revoked)
        case.closed_on = closed_on or timezone.localdate()
        if case.closed_on < case.opened_on:
            raise Refusal(_("A case cannot be closed before it was opened."))
        before = case.phase
        change = move(case, Phase.CLOSED, by=by, because=note)
        case.closing_reason, case.outcome = reason, outcome
        case.paused_until, case.pause_reason = None, ""
        rights.end(case, ~Q(reason=AccessReason.LEAD))
        case.deputy = None
        _end_consents(case)
        taken.record(change, before=before, after=Phase.CLOSED, reason=reason.code)
    return case


def reopen(
    case: Case,
    *,
    by: StaffMember,
    subject: str,
    due_on: date,
    because: str,
    consent_form: str = "",
    oral_because: str = "",
) -> Case:
    """Reopen a closed case within the retention period, with its next step.

    Where the consent to keep a file is no longer valid, a new one is recorded in the same step:
    `consent_form` says how it was given.
    """
    with taking(Step.REOPEN, case, by=by) as taken:
        if timezone.localdate() > case.reopens_until:
            raise Refusal(_("The retention period is over. Please open a new case."))
        if not Consent.objects.filter(case=case, kind=Consent.Kind.FILE).valid().exists():
            if not consent_form:
                raise Refusal(
                    _("There is no valid consent to keep a file. Please ask for it first.")
                )
            record_consent(
                case,
                by=by,
                kind=Consent.Kind.FILE,
                valid_from=timezone.localdate(),
                form=consent_form,
                oral_because=oral_because,
                explained=True,
            )
        before = case.phase
        change = move(case, Phase.MONITORING, by=by, because=because)
        case.closed_on, case.closing_reason, case.outcome = None, None, ""
        FollowUp.objects.create(
            case=case, recorded_by=by, assignee=by, subject=subject, due_on=due_on
        )
        taken.record(change, before=before, after=Phase.MONITORING)
    return case


def _rate_goals(case: Case, said: Mapping[int, str]) -> None:
    """Write what was said of goals on the closing page."""
    for goal in Goal.objects.standing().filter(case=case, pk__in=said).select_for_update():
        if goal.is_under_way:
            end_or_resume(goal, Goal.State(said[goal.pk]))


def _tie_up(case: Case, *, by: StaffMember, may_end: bool, deadlines_too: bool) -> None:
    """End what is open, or refuse and say how much it is."""
    open_ones = loose_ends(case)
    if not open_ones:
        _drop_measures(case)
        return
    if not may_end:
        raise Refusal(
            ngettext(
                "One thing is still open. Please finish it, or choose to end it now.",
                "%(count)s things are still open. Please finish them, or choose to end them now.",
                len(open_ones),
            )
            % {"count": len(open_ones)}
        )
    if open_ones.deadlines and not deadlines_too:
        raise Refusal(
            _("A legal deadline is still open. Please finish or drop it by itself."),
            links=[(_("Deadlines"), reverse("cases:deadlines", args=[case.reference]))],
        )
    for follow_up in open_ones.follow_ups:
        follow_up.state = FollowUp.State.DROPPED
        follow_up.ended_at, follow_up.ended_by = timezone.now(), by
        follow_up.save()
    drop_all(Deadline.objects.filter(case=case), by=by)
    for referral in open_ones.referrals:
        referral.state = Referral.State.WITHDRAWN
        referral.save()
    withdraw_uncovered(case, by=by, all_of_them=True)
    for goal in open_ones.goals:
        end_or_resume(goal, Goal.State.GIVEN_UP)
    for draft in open_ones.drafts:
        draft.delete()
    _drop_measures(case)


def _drop_measures(case: Case) -> None:
    """End the measures that are still open; their follow-ups have ended before."""
    open_ones = Measure.objects.standing().filter(case=case, state=Measure.State.OPEN)
    for measure in open_ones.select_for_update():
        measure.state, measure.done_on = Measure.State.DROPPED, timezone.localdate()
        measure.save()


def _end_consents(case: Case) -> None:
    """Let the consents end with the case; the file itself is kept for the retention period."""
    given = Consent.objects.filter(case=case).valid().exclude(kind=Consent.Kind.FILE)
    for consent in given:
        consent.valid_until = max(case.closed_on, consent.valid_from)
        consent.save()
