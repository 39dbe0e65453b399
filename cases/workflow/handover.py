"""Handing a case over: offered, considered, asked back, answered.

Until somebody accepts, the old lead stays responsible. Whether a consent covers the receiver is
asked at the offer, at every look at the sheet (`Handover.objects.offered_to`) and at acceptance.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import (
    Case,
    Consent,
    Handover,
    HandoverQuestion,
    HandoverReason,
    HandoverReview,
)
from cases.workflow.lead_changes import move_lead
from cases.workflow.rights import MissingConsent, covering_consent, employer_for, missing_consent
from cases.workflow.steps import Taking, lock, taking
from centers.models import Center
from kim_portal.errors import NotYours, Refusal
from providers.models import Assignment, Provider, StaffMember
from providers.roles import Permission

# --- Who can receive ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Coverage:
    """Which employers of a center's team an offer reaches, and which it does not."""

    covered: list[Provider]
    uncovered: list[Provider]


def covered_providers(case: Case) -> set[int]:
    """Return whose staff may see this case's sheet now: its own provider's, and under consents."""
    consents = Consent.objects.filter(case=case, kind__in=Consent.OPENS_FILE).valid()
    return {case.provider_id, *consents.values_list("recipients", flat=True)} - {None}


def coverage_of_team(case: Case, center: Center, *, by: StaffMember) -> Coverage:
    """Ask for whom the colleagues at `center` work, and whether the sheet may reach them."""
    colleagues = StaffMember.objects.working_as_caseworkers().exclude(pk__in=[case.lead_id, by.pk])
    jobs = Assignment.objects.current().granting(Permission.TAKE_CASES).at_center(center)
    employers = Provider.objects.filter(
        pk__in=jobs.filter(staff_member__in=colleagues).values("employer")
    )
    may_see = covered_providers(case)
    coverage = Coverage([], [])
    for employer in employers.order_by("short_name"):
        (coverage.covered if employer.pk in may_see else coverage.uncovered).append(employer)
    return coverage


def _check_person(case: Case, to: StaffMember, *, by: StaffMember) -> None:
    if to.pk == by.pk:
        raise Refusal(_("You cannot offer a case to yourself."))
    if to.pk == case.lead_id:
        raise Refusal(_("%(person)s leads this case already.") % {"person": to})
    provider = employer_for(to, case)
    if provider.pk != case.provider_id and covering_consent(case, provider) is None:
        raise missing_consent(case, provider)


def _check_team(case: Case, center: Center, *, by: StaffMember) -> None:
    coverage = coverage_of_team(case, center, by=by)
    if coverage.covered:
        return
    if not coverage.uncovered:
        raise Refusal(
            _("Nobody else works as a caseworker at %(center)s at the moment.") % {"center": center}
        )
    missing = missing_consent(case, coverage.uncovered[0])
    raise MissingConsent(
        _(
            "An offer to the team of %(center)s would reach nobody. Its caseworkers work for "
            "%(uncovered)s, and no valid consent covers them. Covered are: %(covered)s."
        )
        % {
            "center": center,
            "uncovered": _names(coverage.uncovered),
            "covered": _names(
                Provider.objects.filter(pk__in=covered_providers(case)).order_by("short_name")
            ),
        },
        links=missing.links,
    )


def _names(providers) -> str:
    return ", ".join(str(provider) for provider in providers)


# --- The lead's steps ---------------------------------------------------------------------------


def hand_over(
    case: Case,
    *,
    by: StaffMember,
    reason: HandoverReason,
    situation: str,
    client_told_on: date | None = None,
    to_staff: StaffMember | None = None,
    to_center: Center | None = None,
    agreements: str = "",
    risks: str = "",
    not_worked: str = "",
) -> Handover:
    """Offer the case to one person or to the team of a center: the first to accept gets it."""
    with taking(Step.HAND_OVER, case, by=by) as taken:
        if (to_staff is None) == (to_center is None):
            raise Refusal(_("Please choose a person or a center, not both."))
        _refuse_a_second_offer(case)
        if to_staff is not None:
            _check_person(case, to_staff, by=by)
        else:
            _check_team(case, to_center, by=by)
        handover = Handover.objects.create(
            case=case,
            recorded_by=by,
            from_staff=case.lead,
            to_staff=to_staff,
            to_center=to_center,
            reason=reason,
            situation=situation,
            agreements=agreements,
            risks=risks,
            not_worked=not_worked,
            client_told_on=client_told_on,
            answer_due_on=answer_due(timezone.localdate()),
        )
        taken.record(
            handover,
            after=handover.state,
            reason=reason.code,
            to_staff=handover.to_staff_id,
            to_center=handover.to_center_id,
            client_told_on=client_told_on,
        )
    return handover


def answer_due(offered_on: date) -> date:
    """Say by which day an offer made on `offered_on` is to be answered."""
    return offered_on + timedelta(days=settings.HANDOVER_ANSWER_DAYS)


def _refuse_a_second_offer(case: Case) -> None:
    present = Handover.objects.filter(case=case).waiting().first()
    if present is not None:
        present.case = case
        raise Refusal(
            _("This case is already being handed over. You can track that offer or withdraw it."),
            links=[(_("To the open offer"), present.get_absolute_url())],
        )


def amend_handover(
    handover: Handover,
    *,
    by: StaffMember,
    situation: str,
    agreements: str = "",
    risks: str = "",
    not_worked: str = "",
    version: datetime | None = None,
) -> Handover:
    """Amend the text of the sheet; `version` is what the writer was shown (`amended_at`)."""
    with _on_open(handover, Step.AMEND_HANDOVER, by=by) as taken:
        if version != handover.amended_at:
            raise Refusal(
                _("The sheet has been amended meanwhile. Please look at it before you save yours.")
            )
        changed = {
            "situation": situation,
            "agreements": agreements,
            "risks": risks,
            "not_worked": not_worked,
        }
        parts = [name for name, text in changed.items() if getattr(handover, name) != text]
        for name, text in changed.items():
            setattr(handover, name, text)
        handover.amended_at = timezone.now()
        handover.save()
        taken.record(handover, parts=parts)
    return handover


def answer_question(question: HandoverQuestion, *, by: StaffMember, answer: str) -> Handover:
    """Answer what a receiver asked back; everybody who reads the sheet reads the answer."""
    handover = question.handover
    with _on_open(handover, Step.ANSWER_QUESTION, by=by) as taken:
        question.refresh_from_db(from_queryset=HandoverQuestion.objects.select_for_update())
        if question.answered_at is not None:
            raise Refusal(_("This question has been answered already."))
        question.answer, question.answered_by = answer, by
        question.answered_at = timezone.now()
        question.save()
        taken.record(handover, question=question.pk)
    return handover


def withdraw_handover(handover: Handover, *, by: StaffMember, because: str = "") -> Handover:
    """Take the offer back; the sheet closes at once."""
    with _on_open(handover, Step.WITHDRAW_HANDOVER, by=by) as taken:
        _end(taken, handover, Handover.State.WITHDRAWN, because)
    return handover


def withdraw_uncovered(case: Case, *, by: StaffMember, all_of_them: bool = False) -> list[Handover]:
    """Withdraw open offers that no consent covers any more; to be called inside a step.

    An offer to a team stays while it reaches anybody. `all_of_them`: whoever is covered.
    """
    withdrawn = []
    for handover in Handover.objects.filter(case=case).waiting().select_for_update():
        handover.case = case
        if not all_of_them and (handover.by_coordination or reaches(handover)):
            continue
        handover.state = Handover.State.WITHDRAWN
        handover.answered_at, handover.answered_by = timezone.now(), by
        handover.answered_because = (
            _("The case is being closed.") if all_of_them else _("The consent was revoked.")
        )
        handover.save()
        withdrawn.append(handover)
    return withdrawn


def reaches(handover: Handover) -> bool:
    """Tell whether anybody to whom the offer is made may see its sheet now."""
    offers = Handover.objects.filter(pk=handover.pk).reaching()
    return offers.filter(reaches_somebody=True).exists()


# --- The receiver's steps -----------------------------------------------------------------------


def review_handover(handover: Handover, *, by: StaffMember) -> Handover:
    """Consider taking the case on: recorded, and from then on name and birth date are shown."""
    with _on_open(handover, Step.REVIEW_HANDOVER, by=by) as taken:
        review, is_new = HandoverReview.objects.get_or_create(handover=handover, reviewer=by)
        if not is_new:
            raise Refusal(_("You are considering this case already."))
        taken.record(handover, review=review.pk)
    return handover


def ask_back(handover: Handover, *, by: StaffMember, question: str) -> Handover:
    """Ask the lead something before deciding."""
    with _on_open(handover, Step.ASK_BACK, by=by) as taken:
        asked = HandoverQuestion.objects.create(handover=handover, asked_by=by, question=question)
        taken.record(handover, question=asked.pk)
    return handover


def accept_handover(handover: Handover, *, by: StaffMember) -> Case:
    """Take the case on: lead, provider, center, rows and follow-ups move in one transaction.

    The case is locked and the offer read again first, so that of two people accepting at the same
    moment one gets the case and the other a sentence.
    """
    with _on_open(handover, Step.ACCEPT_HANDOVER, by=by) as taken:
        case = handover.case
        provider = employer_for(by, case)
        if provider.pk != case.provider_id and covering_consent(case, provider) is None:
            raise _no_longer_covered()
        move_lead(taken, by, provider=provider, center=handover.to_center or _only_center(by))
        _end(taken, handover, Handover.State.ACCEPTED)
    return handover.case


def decline_handover(handover: Handover, *, by: StaffMember, because: str) -> Handover:
    """Decline, with a reason that the lead reads; for a team one declines for all."""
    with _on_open(handover, Step.DECLINE_HANDOVER, by=by) as taken:
        if not because.strip():
            raise Refusal(_("Please say why you decline."))
        _end(taken, handover, Handover.State.DECLINED, because)
    return handover


def _only_center(person: StaffMember) -> Center | None:
    """Return where `person` works, if that is one center."""
    centers = {assignment.center for assignment in person.current_assignments}
    return centers.pop() if len(centers) == 1 else None


# --- The coordinator's step ---------------------------------------------------------------------


def send_back(handover: Handover, *, by: StaffMember, because: str) -> Handover:
    """Give an offer that nobody has answered in time back to the lead: from day 8 on."""
    with _on_open(handover, Step.SEND_BACK, by=by) as taken:
        if not handover.is_overdue:
            raise Refusal(
                _("The answer is not overdue yet. From the eighth day on you can send it back.")
            )
        _end(taken, handover, Handover.State.WITHDRAWN, because)
    return handover


# --- What they share ----------------------------------------------------------------------------


@contextmanager
def _on_open(handover: Handover, step: Step, *, by: StaffMember) -> Iterator[Taking]:
    """Take a step on an offer that is still open, read again under the lock of its case.

    What became of an ended offer is said only to those whom it concerned.
    """
    case = handover.case
    with transaction.atomic():
        lock(case)
        handover.refresh_from_db(from_queryset=Handover.objects.select_for_update())
        handover.case = case
        if not handover.is_open:
            raise overtaken(handover)
        try:
            with taking(step, case, by=by) as taken:
                yield taken
        except NotYours:
            if _lost_its_consent(handover, by):
                raise _no_longer_covered() from None
            raise


def _lost_its_consent(handover: Handover, reader: StaffMember) -> bool:
    """Tell whether the offer had reached `reader` until a consent ended."""
    reached = Handover.objects.once_offered_to(reader).filter(pk=handover.pk)
    reaches = Handover.objects.offered_to(reader).filter(pk=handover.pk)
    return reached.exists() and not reaches.exists()


def _end(taken: Taking, handover: Handover, state: str, because: str = "") -> None:
    before = handover.state
    handover.state = state
    handover.answered_at, handover.answered_by = timezone.now(), taken.by
    handover.answered_because = because
    handover.save()
    taken.record(handover, before=before, after=state, **taken.details)


def overtaken(handover: Handover) -> Refusal:
    """Say what has become of an offer that is no longer open."""
    if handover.state == Handover.State.ACCEPTED:
        return Refusal(
            _("%(person)s has taken this case on meanwhile.") % {"person": handover.answered_by}
        )
    if handover.state == Handover.State.DECLINED:
        return Refusal(_("This offer has been declined meanwhile."))
    return Refusal(_("This offer has been withdrawn meanwhile."))


def _no_longer_covered() -> Refusal:
    return Refusal(
        _(
            "There is no longer a valid consent that covers your employer. "
            "Please ask the lead to have it renewed."
        )
    )
