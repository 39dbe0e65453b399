"""Rows, their constraints, and the doors to them."""

from cases.models.assessment import Assessment, Rating
from cases.models.case import ENDED_PHASES, NEVER, Case, CaseQuerySet, Phase, ReferenceCounter
from cases.models.case_access import CaseAccess
from cases.models.catalogues import (
    AccessRoute,
    ClosingReason,
    ContactSetting,
    DataKind,
    DocumentKind,
    HandoverReason,
    InterpretingMode,
    Nationality,
    ResidenceStatus,
    UnmetReason,
)
from cases.models.consent import Consent
from cases.models.contact import Contact
from cases.models.deadline import Deadline, DeadlineRule
from cases.models.document import Document
from cases.models.duplicate import DuplicateSuspicion
from cases.models.event import CaseEvent
from cases.models.expiry import Expiry, ExpiryReminder
from cases.models.follow_up import FollowUp
from cases.models.goal import Goal
from cases.models.handover import Handover, HandoverQuestion, HandoverReview
from cases.models.household import Concerning, HouseholdMember, may_be_told_to
from cases.models.leaving import AnnouncedLeaving
from cases.models.measure import Measure
from cases.models.need import Need
from cases.models.person import Person
from cases.models.phase_change import PhaseChange
from cases.models.referral import Referral
from cases.models.submission import Submission

__all__ = [
    "ENDED_PHASES",
    "NEVER",
    "AccessRoute",
    "AnnouncedLeaving",
    "Assessment",
    "Case",
    "CaseAccess",
    "CaseEvent",
    "CaseQuerySet",
    "ClosingReason",
    "Concerning",
    "Consent",
    "Contact",
    "ContactSetting",
    "DataKind",
    "Deadline",
    "DeadlineRule",
    "Document",
    "DocumentKind",
    "DuplicateSuspicion",
    "Expiry",
    "ExpiryReminder",
    "FollowUp",
    "Goal",
    "Handover",
    "HandoverQuestion",
    "HandoverReason",
    "HandoverReview",
    "HouseholdMember",
    "InterpretingMode",
    "Measure",
    "Nationality",
    "Need",
    "Person",
    "Phase",
    "PhaseChange",
    "Rating",
    "ReferenceCounter",
    "Referral",
    "ResidenceStatus",
    "Submission",
    "UnmetReason",
    "may_be_told_to",
]
