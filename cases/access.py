"""Who may see and do what on one case: pure rules, no rows.

Levels, reasons and steps are named here once. `cases.models` asks the database with them,
`cases.workflow.steps` holds the table that says which reason allows which step.
"""

from dataclasses import dataclass
from enum import IntEnum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Level(IntEnum):
    """How much of one case its reader sees (DESIGN §4), from nothing to the whole file."""

    NOTHING = 0
    REGISTER = 1
    SHEET = 2
    FILE = 3


class AccessReason(models.TextChoices):
    """Why a row of CaseAccess was given."""

    LEAD = "lead", _("Lead")
    DEPUTY = "deputy", _("Deputy")
    TEAM = "team", _("Team")
    HANDOVER = "handover", _("Former lead")
    SUBSTITUTION = "substitution", _("Substitution")
    EMERGENCY = "emergency", _("Emergency access")


# A former lead reads what was recorded before the acceptance and does nothing more.
READS_ONLY_THE_PAST = frozenset({AccessReason.HANDOVER})


class Step(models.TextChoices):
    """Everything that can be done to a case; the same word in code, URLs and the timeline."""

    OPEN = "open", _("Open a case")
    CORRECT_PERSON = "correct_person", _("Correct personal data")
    RECORD_CONTACT = "record_contact", _("Record a contact")
    ADD_NEED = "add_need", _("Add a need")
    MEET_NEED = "meet_need", _("Need is met")
    LEAVE_NEED_UNMET = "leave_need_unmet", _("Need stays unmet")
    DROP_NEED = "drop_need", _("Drop the need")
    RESUME_NEED = "resume_need", _("Take the need up again")
    ASSESS = "assess", _("Fill in an assessment")
    SET_GOAL = "set_goal", _("Set a goal")
    CHANGE_GOAL = "change_goal", _("Change the goal")
    RATE_GOAL = "rate_goal", _("Say what became of the goal")
    AGREE_PLAN = "agree_plan", _("Agree on the plan")
    ADD_MEASURE = "add_measure", _("Add a measure")
    CHANGE_MEASURE = "change_measure", _("Change the measure")
    COMPLETE_MEASURE = "complete_measure", _("Measure is done")
    DROP_MEASURE = "drop_measure", _("Drop the measure")
    UNDO_MEASURE = "undo_measure", _("Take the measure up again")
    REFER = "refer", _("Refer")
    UPDATE_REFERRAL = "update_referral", _("Record the answer")
    PLAN_FOLLOW_UP = "plan_follow_up", _("Plan a follow-up")
    COMPLETE_FOLLOW_UP = "complete_follow_up", pgettext_lazy("step", "Done")
    UNDO_FOLLOW_UP = "undo_follow_up", _("Undo")
    POSTPONE_FOLLOW_UP = "postpone_follow_up", _("Postpone")
    DROP_FOLLOW_UP = "drop_follow_up", _("Drop the follow-up")
    ENTER_LETTER = "enter_letter", _("Enter a letter or event")
    CHANGE_DEADLINE = "change_deadline", _("Change the deadline")
    CHECK_DEADLINE = "check_deadline", _("Check the deadline")
    SETTLE_DEADLINE = "settle_deadline", _("Settle the deadline")
    RECORD_EXPIRY = "record_expiry", _("Record an expiry date")
    END_EXPIRY = "end_expiry", _("No longer needed")
    PAUSE = "pause", _("Pause")
    RESUME = "resume", _("End the pause")
    GIVE_CONSENT = "give_consent", _("Record a consent")
    REVOKE_CONSENT = "revoke_consent", _("Revoke")
    ADD_DOCUMENT = "add_document", _("Add a document")
    CORRECT_DOCUMENT = "correct_document", _("Correct what is said of a document")
    STRIKE = "strike", _("Strike through")
    NAME_DEPUTY = "name_deputy", _("Name a deputy")
    REMOVE_DEPUTY = "remove_deputy", _("End the deputyship")
    ADD_TEAM_MEMBER = "add_team_member", _("Add to the team")
    REMOVE_TEAM_MEMBER = "remove_team_member", _("Remove from the team")
    CHANGE_PHASE = "change_phase", _("Change the phase")
    HAND_OVER = "hand_over", _("Hand over the case")
    AMEND_HANDOVER = "amend_handover", _("Amend the sheet")
    ANSWER_QUESTION = "answer_question", _("Answer the question")
    WITHDRAW_HANDOVER = "withdraw_handover", _("Withdraw")
    REVIEW_HANDOVER = "review_handover", _("I am considering taking this over")
    ASK_BACK = "ask_back", _("Ask back")
    ACCEPT_HANDOVER = "accept_handover", _("Accept")
    DECLINE_HANDOVER = "decline_handover", _("Decline")
    SEND_BACK = "send_back", _("Send back to the lead")
    ASSIGN_LEAD = "assign_lead", _("Assign a lead")
    OBTAIN_CONSENT = "obtain_consent", _("Record the consent you were given")
    CLOSE = "close", _("Close the case")
    REOPEN = "reopen", _("Reopen the case")
    # Not pressed by anybody: recorded so that the lead learns of it.
    RETURN_FOLLOW_UPS = "return_follow_ups", _("Follow-ups went to the lead")
    REMIND_OF_EXPIRY = "remind_of_expiry", _("Reminded of an expiry")
    HINT_DUPLICATE = "hint_duplicate", _("A duplicate hint was shown")
    SUSPECT_DUPLICATE = "suspect_duplicate", _("A second case may exist")
    SETTLE_SUSPICION = "settle_suspicion", _("Settle the suspicion")


@dataclass(frozen=True)
class Rule:
    """Who may take one step, and on which cases.

    `reasons`: rows of CaseAccess that allow it. `for_receiver`: instead, whoever the open
    handover is offered to. `for_named`: instead, whom the coordination named to ask for consent.
    `permission`: instead, whoever holds it at the case's center.
    """

    reasons: frozenset[AccessReason] = frozenset()
    permission: str | None = None
    for_receiver: bool = False
    for_named: bool = False
    on_active: bool = True
    on_closed: bool = False
    # Once the consent to keep a file is revoked, closing is the one step left (DESIGN §4).
    after_revocation: bool = False


@dataclass(frozen=True)
class Standing:
    """What is known of one person and one case at one moment, ready for `allowed`."""

    reasons: frozenset[AccessReason] = frozenset()
    permissions: frozenset[str] = frozenset()
    is_receiver: bool = False
    is_named: bool = False


def is_theirs(rule: Rule, standing: Standing) -> bool:
    """Tell whether a step is this person's at all, whatever the case's state."""
    if rule.permission is not None and rule.permission in standing.permissions:
        return True
    if rule.for_receiver and standing.is_receiver:
        return True
    if rule.for_named and standing.is_named:
        return True
    return bool(rule.reasons & standing.reasons)


def fits_state(rule: Rule, *, is_active: bool, file_consent_revoked: bool) -> bool:
    """Tell whether a case in this state takes the step, whoever presses."""
    if file_consent_revoked and is_active and not rule.after_revocation:
        return False
    return rule.on_active if is_active else rule.on_closed
