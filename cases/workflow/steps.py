"""The one table of steps, and the one way to take one.

Buttons, effects, the state diagram in `docs/` and the tests are made from `STEPS`. A step is taken
inside `taking`: the case is locked and read again, the rule checked against the stored row, the
stored sorts kept, and one CaseEvent written, all in one transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import AccessReason, Rule, Standing, Step, fits_state, is_theirs
from cases.models import NEVER, Case, CaseEvent, FollowUp, Handover
from cases.models.consent import file_consent_is_revoked
from cases.models.doors import rows_of
from kim_portal.errors import NotYours, Refusal
from providers.roles import Permission

if TYPE_CHECKING:
    from providers.models import StaffMember

LEADS = frozenset(
    {
        AccessReason.LEAD,
        AccessReason.DEPUTY,
        AccessReason.SUBSTITUTION,
        AccessReason.EMERGENCY,
    }
)
TEAM = LEADS | {AccessReason.TEAM}
LEAD_ALONE = frozenset({AccessReason.LEAD})

STEPS: dict[Step, Rule] = {
    Step.CORRECT_PERSON: Rule(LEADS),
    Step.RECORD_CONTACT: Rule(TEAM, on_closed=True),
    Step.ADD_NEED: Rule(LEADS),
    Step.MEET_NEED: Rule(LEADS),
    Step.LEAVE_NEED_UNMET: Rule(LEADS),
    Step.DROP_NEED: Rule(LEADS),
    Step.RESUME_NEED: Rule(LEADS),
    Step.ASSESS: Rule(LEADS),
    Step.SET_GOAL: Rule(LEADS),
    Step.CHANGE_GOAL: Rule(LEADS),
    Step.RATE_GOAL: Rule(LEADS),
    Step.AGREE_PLAN: Rule(LEADS),
    Step.ADD_MEASURE: Rule(LEADS),
    Step.CHANGE_MEASURE: Rule(LEADS),
    Step.COMPLETE_MEASURE: Rule(TEAM),
    Step.DROP_MEASURE: Rule(LEADS),
    Step.UNDO_MEASURE: Rule(TEAM),
    Step.REFER: Rule(LEADS),
    Step.UPDATE_REFERRAL: Rule(LEADS),
    Step.PLAN_FOLLOW_UP: Rule(TEAM),
    Step.COMPLETE_FOLLOW_UP: Rule(TEAM),
    Step.UNDO_FOLLOW_UP: Rule(TEAM),
    Step.POSTPONE_FOLLOW_UP: Rule(TEAM),
    Step.DROP_FOLLOW_UP: Rule(TEAM),
    Step.ENTER_LETTER: Rule(TEAM),
    Step.CHANGE_DEADLINE: Rule(TEAM),
    Step.CHECK_DEADLINE: Rule(TEAM),
    Step.SETTLE_DEADLINE: Rule(TEAM),
    Step.RECORD_EXPIRY: Rule(TEAM),
    Step.END_EXPIRY: Rule(TEAM),
    Step.PAUSE: Rule(LEADS),
    Step.RESUME: Rule(LEADS),
    Step.GIVE_CONSENT: Rule(LEADS),
    Step.REVOKE_CONSENT: Rule(LEADS, on_closed=True),
    Step.ADD_DOCUMENT: Rule(LEADS),
    Step.CORRECT_DOCUMENT: Rule(LEADS),
    Step.STRIKE: Rule(TEAM, on_closed=True),
    Step.NAME_DEPUTY: Rule(LEADS),
    Step.REMOVE_DEPUTY: Rule(LEADS),
    Step.ADD_TEAM_MEMBER: Rule(LEADS),
    Step.REMOVE_TEAM_MEMBER: Rule(LEADS),
    Step.CHANGE_PHASE: Rule(LEADS),
    Step.HAND_OVER: Rule(LEADS),
    Step.AMEND_HANDOVER: Rule(LEADS),
    Step.ANSWER_QUESTION: Rule(LEADS),
    Step.WITHDRAW_HANDOVER: Rule(LEADS, after_revocation=True),
    Step.REVIEW_HANDOVER: Rule(for_receiver=True),
    Step.ASK_BACK: Rule(for_receiver=True),
    Step.ACCEPT_HANDOVER: Rule(for_receiver=True),
    Step.DECLINE_HANDOVER: Rule(for_receiver=True, for_named=True),
    Step.OBTAIN_CONSENT: Rule(for_named=True),
    Step.SEND_BACK: Rule(permission=Permission.ASSIGN_LEADS),
    # Somebody has to be there to close a file that may not be kept.
    Step.ASSIGN_LEAD: Rule(permission=Permission.ASSIGN_LEADS, after_revocation=True),
    Step.CLOSE: Rule(LEADS, after_revocation=True),
    Step.REOPEN: Rule(LEADS, on_active=False, on_closed=True),
    Step.SETTLE_SUSPICION: Rule(LEADS, on_closed=True),
}


def standing_of(person: "StaffMember", case: Case) -> Standing:
    """Ask the database what `person` is to `case` now: at most two queries."""
    return replace(_standing_without_rows(person, case), reasons=_reasons_of(person, case))


def _standing_without_rows(person: "StaffMember", case: Case) -> Standing:
    incoming = Handover.objects.incoming(person).filter(case=case)
    is_sheet_open = incoming.values_list("is_sheet_open", flat=True).first()
    return Standing(
        permissions=permissions_at(person, case),
        is_receiver=is_sheet_open is True,
        is_named=is_sheet_open is False,
    )


def permissions_at(person: "StaffMember", case: Case) -> frozenset[str]:
    """Return what `person` may do at the case's center, whatever they are to the case."""
    return frozenset(
        permission for permission in Permission if person.covers_center(case.center_id, permission)
    )


def file_consent_revoked(case: Case) -> bool:
    """Tell whether the consent to keep this file was revoked and not given again."""
    return Case.objects.filter(file_consent_is_revoked("pk"), pk=case.pk).exists()


def check(step: Step, *, by: "StaffMember", on: Case) -> None:
    """Raise NotYours or Refusal unless `by` may take `step` on this case now.

    Asks no more than the rule needs to know: one query for the steps of those who work on the
    case; whether an offer is open, which is costly, only for the steps that are about offers.
    """
    rule = STEPS[step]
    if rule.reasons:
        rows = rows_of(by).filter(case=on).annotate(is_revoked=file_consent_is_revoked("case"))
        found = dict(rows.values_list("reason", "is_revoked"))
        standing, revoked = Standing(reasons=frozenset(found)), any(found.values())
    else:
        standing, revoked = _standing_without_rows(by, on), file_consent_revoked(on)
    if not is_theirs(rule, standing):
        raise NotYours
    _check_state(step, rule, on, revoked)


def _reasons_of(person: "StaffMember", case: Case) -> frozenset[str]:
    return frozenset(rows_of(person).filter(case=case).values_list("reason", flat=True))


def _check_state(step: Step, rule: Rule, case: Case, revoked: bool) -> None:
    revoked = revoked and case.is_active and not rule.after_revocation
    if fits_state(rule, is_active=case.is_active, file_consent_revoked=revoked):
        return
    if revoked:
        raise Refusal(
            _(
                "The person has revoked the consent to keep a file. "
                "The only step left is to close the case."
            ),
            links=[(_("Close the case"), reverse("cases:close", args=[case.reference]))],
        )
    sentence = (
        _("The case is open. “%(step)s” is not possible.")
        if case.is_active
        else _("The case is closed. “%(step)s” is not possible.")
    )
    to_the_case = _("To case %(reference)s") % {"reference": case.reference}
    raise Refusal(sentence % {"step": step.label}, links=[(to_the_case, case.get_absolute_url())])


def steps_open_to(
    person: "StaffMember",
    case: Case,
    *,
    revoked: bool | None = None,
    standing: Standing | None = None,
) -> set[Step]:
    """Return the steps that `person` may take on `case` now, from the same table.

    A page that knows already what is asked for here passes it, and saves the queries.
    """
    if standing is None:
        standing = standing_of(person, case)
    if revoked is None:
        revoked = file_consent_revoked(case)
    return {
        step
        for step, rule in STEPS.items()
        if is_theirs(rule, standing)
        and fits_state(rule, is_active=case.is_active, file_consent_revoked=revoked)
    }


class Taking:
    """A step while it is being taken: what it was about, for the event that ends it."""

    def __init__(self, case: Case, step: Step, by: "StaffMember") -> None:
        self.case = case
        self.step = step
        self.by = by
        self.subject: models.Model | None = None
        self.before = ""
        self.after = ""
        self.happened_at: datetime | None = None
        self.details: dict[str, str | int | bool | list[str] | None] = {}

    def record(
        self,
        subject: models.Model | None = None,
        *,
        before: str = "",
        after: str = "",
        happened_at: datetime | None = None,
        **details: str | int | bool | list[str] | date | None,
    ) -> None:
        """Say what the event will hold: codes, dates and keys, never free text."""
        self.subject = subject or self.subject
        self.before, self.after = before, after
        self.happened_at = happened_at
        self.details = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in details.items()
        }


@contextmanager
def taking(step: Step, case: Case, *, by: "StaffMember") -> Iterator[Taking]:
    """Take `step` on `case`: lock, check, let the body change rows, settle, write the event.

    The case is read again under the lock, so that of two people pressing at the same moment only
    one acts on what both saw. Raises NotYours or Refusal; then nothing has changed.
    """
    with transaction.atomic():
        lock(case)
        check(step, by=by, on=case)
        taken = Taking(case, step, by)
        yield taken
        finish(taken)


def lock(case: Case) -> None:
    """Lock the case's row until the transaction ends and read it again."""
    case.refresh_from_db(from_queryset=Case.objects.select_for_update())


def finish(taken: Taking) -> None:
    """End a step: keep the stored sorts, hold the invariants, write the event."""
    settle(taken.case)
    now = timezone.now()
    CaseEvent.objects.create(
        case=taken.case,
        step=taken.step,
        before=taken.before,
        after=taken.after,
        actor=taken.by,
        happened_at=taken.happened_at or now,
        recorded_at=now,
        subject_kind=taken.subject._meta.model_name if taken.subject else "",
        subject_id=taken.subject.pk if taken.subject else None,
        details=taken.details,
    )


def settle(case: Case) -> None:
    """Keep what is stored for sorting, and refuse to leave an active case without a next step."""
    due = FollowUp.objects.filter(case=case).open().aggregate(first=Min("due_on"))["first"]
    if case.is_active and due is None:
        raise Refusal(_("An open case always has a next step. Please plan the next follow-up."))
    case.next_due_on = due or NEVER
    case.sort_name = case.person.sort_name
    case.last_touched_at = timezone.now()
    case.save()
