"""Referrals: from a need to a place that helps, its answer and its outcome."""

from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Case, Consent, Goal, Need, Referral, UnmetReason
from cases.workflow.follow_ups import create
from cases.workflow.measures import follow_referral, serve_with
from cases.workflow.needs import refuse_settled, settle_need
from cases.workflow.records import read_again
from cases.workflow.rights import MissingConsent
from cases.workflow.steps import Taking, taking
from kim_portal.errors import Refusal
from providers.models import Provider, Service, StaffMember

S = Referral.State

# What can follow what. The end of a referral is its end: a new attempt is a new referral.
NEXT_STATES: dict[Referral.State, tuple[Referral.State, ...]] = {
    S.DRAFT: (S.REQUESTED, S.WITHDRAWN),
    S.REQUESTED: (
        S.RECEIVED,
        S.ACCEPTED,
        S.WAITING_LIST,
        S.ARRIVED,
        S.NOT_ARRIVED,
        S.RUNNING,
        S.SUCCEEDED,
        S.DECLINED,
        S.FORWARDED,
        S.FAILED,
        S.WITHDRAWN,
    ),
    S.RECEIVED: (
        S.ACCEPTED,
        S.WAITING_LIST,
        S.ARRIVED,
        S.NOT_ARRIVED,
        S.DECLINED,
        S.FORWARDED,
        S.WITHDRAWN,
    ),
    S.ACCEPTED: (
        S.WAITING_LIST,
        S.ARRIVED,
        S.NOT_ARRIVED,
        S.RUNNING,
        S.SUCCEEDED,
        S.DECLINED,
        S.FORWARDED,
        S.FAILED,
        S.WITHDRAWN,
    ),
    S.WAITING_LIST: (
        S.ACCEPTED,
        S.ARRIVED,
        S.NOT_ARRIVED,
        S.DECLINED,
        S.FORWARDED,
        S.WITHDRAWN,
    ),
    S.ARRIVED: (S.RUNNING, S.SUCCEEDED, S.FORWARDED, S.DECLINED, S.FAILED, S.WITHDRAWN),
    S.NOT_ARRIVED: (S.REQUESTED, S.ACCEPTED, S.ARRIVED, S.DECLINED, S.FAILED, S.WITHDRAWN),
    S.RUNNING: (S.SUCCEEDED, S.FORWARDED, S.FAILED, S.WITHDRAWN),
    **dict.fromkeys(Referral.ENDED, ()),
}
# States in which the recipient has said or done something.
ANSWERED = frozenset(S) - {S.DRAFT, S.REQUESTED, S.WITHDRAWN}
# Ends after which the need may stay unmet for the same reason.
DISAPPOINTING = frozenset({S.DECLINED, S.FAILED})


def refer(
    need: Need,
    *,
    by: StaffMember,
    kind: str,
    service: Service | None = None,
    target: str = "",
    is_draft: bool = False,
    appointment_at: datetime | None = None,
    follow_up_on: date | None = None,
    follow_up_subject: str = "",
    assignee: StaffMember | None = None,
    goal: Goal | None = None,
) -> Referral:
    """Refer the person for one need, and plan when to ask what became of it.

    It may serve a `goal`: then it is one of its measures. Kinds that send data need a valid consent
    for the recipient, unless it is a draft yet.
    """
    case = need.case
    with taking(Step.REFER, case, by=by) as taken:
        read_again(need)
        refuse_settled(need)
        if (service is None) == (not target):
            raise Refusal(_("Please choose a service or enter another target, not both."))
        referral = Referral(
            case=case,
            recorded_by=by,
            need=need,
            service=service,
            target=target,
            kind=kind,
            appointment_at=appointment_at,
            state=S.DRAFT if is_draft else S.REQUESTED,
        )
        if not is_draft:
            _send(referral)
        referral.save()
        if need.state == Need.State.OPEN:
            need.state = Need.State.IN_PROGRESS
            need.save()
        if goal is not None:
            serve_with(goal, referral, by=by, due_on=follow_up_on)
        if follow_up_on is not None:
            create(
                case,
                by=by,
                subject=follow_up_subject or _("Ask what became of the referral"),
                due_on=follow_up_on,
                assignee=assignee,
                need=need,
                referral=referral,
            )
        taken.record(
            referral,
            after=referral.state,
            kind=kind,
            legal_domain=need.legal_domain_id,
            service=service.pk if service else None,
            need=need.pk,
            follow_up_on=follow_up_on,
        )
    return referral


def update_referral(
    referral: Referral,
    *,
    by: StaffMember,
    state: str,
    answered_on: date | None = None,
    appointment_at: datetime | None = None,
    refusal_reason: UnmetReason | None = None,
    outcome: str = "",
    settle_the_need: bool = False,
    follow_up_on: date | None = None,
    seen: str | None = None,
) -> Referral:
    """Record what became of a referral: the answer, the appointment, the outcome.

    `settle_the_need`: with success the need is met, after a refusal or failure it stays unmet for
    the same reason. `seen` is the state that the form showed: if it changed meanwhile, Refusal.
    """
    case = referral.case
    with taking(Step.UPDATE_REFERRAL, case, by=by) as taken:
        read_again(referral)
        before, after = S(referral.state), S(state)
        if seen is not None and seen != before:
            raise Refusal(
                _("This referral has been changed meanwhile: it is “%(state)s” now.")
                % {"state": before.label}
            )
        _check_transition(before, after)
        if after in DISAPPOINTING and refusal_reason is None:
            raise Refusal(_("Please say why it did not work."))
        referral.state = after
        referral.appointment_at = appointment_at
        referral.refusal_reason = refusal_reason if after in DISAPPOINTING else None
        referral.outcome = outcome
        if before == S.DRAFT and after == S.REQUESTED:
            _send(referral)
        if after in ANSWERED:
            referral.answered_on = answered_on or referral.answered_on or timezone.localdate()
        referral.save()
        follow_referral(referral, by=by)
        settled = settle_the_need and _settle_the_need(taken, referral)
        if follow_up_on is not None:
            create(
                case,
                by=by,
                subject=_("Ask what became of the referral"),
                due_on=follow_up_on,
                need=referral.need,
                referral=referral,
            )
        taken.record(
            referral,
            before=before,
            after=after,
            kind=referral.kind,
            reason=refusal_reason.pk if refusal_reason else None,
            legal_domain=referral.need.legal_domain_id,
            need=referral.need_id,
            need_is_now=settled or None,
            follow_up_on=follow_up_on,
        )
    return referral


def next_states(referral: Referral) -> tuple[Referral.State, ...]:
    """Return what may be recorded now: the present state (a new appointment), then what follows."""
    present = S(referral.state)
    return (present, *NEXT_STATES[present]) if referral.is_open else ()


def missing_consent(case: Case, *, provider: Provider | None, target: str) -> MissingConsent | None:
    """Say which consent is missing before data about the person may go to this recipient."""
    if _covering(case, provider, target) is not None:
        return None
    return MissingConsent(
        _(
            "There is no valid consent to pass on data to %(recipient)s. Please ask the person "
            "and record it first, or let the person go there alone."
        )
        % {"recipient": provider or target},
        links=[
            (
                _("Record the consent"),
                reverse(
                    "cases:give_consent",
                    args=[case.reference],
                    query={"kind": Consent.Kind.DISCLOSURE}
                    | ({"recipient": provider.pk} if provider else {}),
                ),
            )
        ],
    )


def _covering(case: Case, provider: Provider | None, target: str) -> Consent | None:
    consents = Consent.objects.filter(case=case)
    if provider is not None:
        consents = consents.covering(provider, *Consent.COVERS_REFERRAL)
    else:
        named = consents.filter(other_recipient__iexact=target.strip())
        consents = named.valid().filter(kind__in=Consent.COVERS_REFERRAL)
    return consents.order_by("-valid_from", "-pk").first()


def _send(referral: Referral) -> None:
    """Mark as sent; where data go along, under the consent that is valid at this moment."""
    if referral.kind in Referral.SENDS_DATA:
        provider = referral.service.provider if referral.service else None
        refusal = missing_consent(referral.case, provider=provider, target=referral.target)
        if refusal is not None:
            raise refusal
        referral.consent = _covering(referral.case, provider, referral.target)
    referral.sent_on = timezone.localdate()


def _check_transition(before: Referral.State, after: Referral.State) -> None:
    if before in Referral.ENDED:
        raise Refusal(
            _("This referral has ended: “%(state)s”. Please refer anew.") % {"state": before.label}
        )
    if after != before and after not in NEXT_STATES[before]:
        raise Refusal(
            _("After “%(before)s” the state “%(after)s” is not possible.")
            % {"before": before.label, "after": after.label}
        )


def _settle_the_need(taken: Taking, referral: Referral) -> str:
    """Let the need follow the end of its referral; one that is settled already stays as it is."""
    need = referral.need
    need.case = referral.case
    read_again(need)
    if not need.is_open or need.struck_at is not None:
        return ""
    if referral.state == S.SUCCEEDED:
        settle_need(taken, need, Need.State.MET)
    elif referral.state in DISAPPOINTING:
        settle_need(taken, need, Need.State.UNMET, reason=referral.refusal_reason)
    else:
        return ""
    return need.state
