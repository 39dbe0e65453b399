"""Needs: added, met, left unmet with a reason, dropped, taken up again."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Case, Need, Referral, UnmetReason
from cases.workflow.measures import follow_referral
from cases.workflow.records import read_again
from cases.workflow.steps import Taking, taking
from kim_portal.errors import Refusal
from providers.models import LegalDomain, LifeArea, StaffMember


def add_need(
    case: Case,
    *,
    by: StaffMember,
    legal_domain: LegalDomain,
    description: str,
    life_area: LifeArea | None = None,
    urgency: str = Need.Urgency.NORMAL,
) -> Need:
    """Add what the person needs, in one legal domain."""
    with taking(Step.ADD_NEED, case, by=by) as taken:
        need = Need.objects.create(
            case=case,
            recorded_by=by,
            legal_domain=legal_domain,
            description=description,
            life_area=life_area,
            urgency=urgency,
        )
        taken.record(need, after=need.state, legal_domain=legal_domain.pk, urgency=urgency)
    return need


def meet_need(need: Need, *, by: StaffMember, end_referrals: bool = False) -> Need:
    """Settle a need that could be met; its running referrals end with success, if asked for."""
    with _on_open(need, Step.MEET_NEED, by=by) as taken:
        ended = end_referrals and _end_referrals(need, Referral.State.SUCCEEDED, by=by)
        settle_need(taken, need, Need.State.MET, referrals_ended=ended or 0)
    return need


def leave_need_unmet(
    need: Need, *, by: StaffMember, reason: UnmetReason, end_referrals: bool = False
) -> Need:
    """Settle a need that could not be met, and say why: that is what gap analysis counts."""
    with _on_open(need, Step.LEAVE_NEED_UNMET, by=by) as taken:
        ended = end_referrals and _end_referrals(need, Referral.State.FAILED, by=by)
        settle_need(taken, need, Need.State.UNMET, reason=reason, referrals_ended=ended or 0)
    return need


def drop_need(need: Need, *, by: StaffMember, end_referrals: bool = False) -> Need:
    """Settle a need that no longer exists; its running referrals are withdrawn, if asked for."""
    with _on_open(need, Step.DROP_NEED, by=by) as taken:
        ended = end_referrals and _end_referrals(need, Referral.State.WITHDRAWN, by=by)
        settle_need(taken, need, Need.State.DROPPED, referrals_ended=ended or 0)
    return need


def resume_need(need: Need, *, by: StaffMember) -> Need:
    """Take up again a need that had been settled."""
    with taking(Step.RESUME_NEED, need.case, by=by) as taken:
        read_again(need)
        _refuse_struck(need)
        if need.is_open:
            raise Refusal(_("This need is open."))
        before = need.state
        is_referred = running_referrals(need).exists()
        need.state = Need.State.IN_PROGRESS if is_referred else Need.State.OPEN
        need.unmet_reason = need.settled_on = None
        need.save()
        taken.record(need, before=before, after=need.state, legal_domain=need.legal_domain_id)
    return need


def settle_need(
    taken: Taking,
    need: Need,
    state: Need.State,
    *,
    reason: UnmetReason | None = None,
    **details: int,
) -> None:
    """Write the end of a need inside a step, and tell the event."""
    before = need.state
    need.state, need.unmet_reason = state, reason
    need.settled_on = timezone.localdate()
    need.save()
    taken.record(
        need,
        before=before,
        after=state,
        legal_domain=need.legal_domain_id,
        reason=reason.pk if reason else None,
        **details,
    )


def running_referrals(need: Need):
    """Return the referrals of a need that have not ended."""
    return Referral.objects.filter(need=need).exclude(state__in=Referral.ENDED)


@contextmanager
def _on_open(need: Need, step: Step, *, by: StaffMember) -> Iterator[Taking]:
    with taking(step, need.case, by=by) as taken:
        read_again(need)
        refuse_settled(need)
        yield taken


def refuse_settled(need: Need) -> None:
    """Raise Refusal for a need that was settled or struck through meanwhile."""
    _refuse_struck(need)
    if not need.is_open:
        raise Refusal(
            _("This need has been settled meanwhile: it is “%(state)s”.")
            % {"state": need.get_state_display()}
        )


def _refuse_struck(need: Need) -> None:
    if need.struck_at is not None:
        raise Refusal(_("This need has been struck through."))


def _end_referrals(need: Need, state: Referral.State, *, by: StaffMember) -> int:
    """End what is still running for a need; drafts were never sent and are withdrawn."""
    referrals = running_referrals(need).select_for_update()
    for referral in referrals:
        was_draft = referral.state == Referral.State.DRAFT
        referral.state = Referral.State.WITHDRAWN if was_draft else state
        referral.case = need.case
        referral.save()
        follow_referral(referral, by=by)
    return len(referrals)
