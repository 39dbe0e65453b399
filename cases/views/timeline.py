"""What happened to a case, in sentences: made from the codes of its trail, never from free text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cases.access import Step
from cases.models import (
    Assessment,
    Case,
    CaseAccess,
    CaseEvent,
    Consent,
    ContactSetting,
    Deadline,
    Expiry,
    Goal,
    Measure,
    Need,
    Phase,
    Referral,
)
from kim_portal.pagination import KeysetPage, page_of
from providers.models import LegalDomain

# An entry made later than this after the fact says when it was made.
MADE_LATER = timedelta(days=1)

# Each step with its sentences, the fullest first: the first whose words are all known is said.
SENTENCES: dict[Step, tuple[str, ...]] = {
    Step.OPEN: (_("Opened the case."),),
    Step.CORRECT_PERSON: (_("Corrected the personal data."),),
    Step.RECORD_CONTACT: (
        _("Corrected the contact “%(corrected)s”."),
        _("Noted a contact: %(setting)s."),
        _("Noted a contact."),
    ),
    Step.ADD_NEED: (_("Added a need in %(legal_domain)s."), _("Added a need.")),
    Step.MEET_NEED: (_("A need in %(legal_domain)s is met."), _("A need is met.")),
    Step.LEAVE_NEED_UNMET: (
        _("A need in %(legal_domain)s stays unmet."),
        _("A need stays unmet."),
    ),
    Step.DROP_NEED: (_("Dropped a need in %(legal_domain)s."), _("Dropped a need.")),
    Step.RESUME_NEED: (
        _("Took a need in %(legal_domain)s up again."),
        _("Took a need up again."),
    ),
    Step.ASSESS: (_("Finished an assessment: %(after)s."), _("Finished an assessment.")),
    Step.SET_GOAL: (_("Set a goal: %(after)s."), _("Set a goal.")),
    Step.CHANGE_GOAL: (_("Changed a goal: %(after)s."), _("Changed a goal.")),
    Step.RATE_GOAL: (
        _("Rated a goal: from “%(before)s” to “%(after)s”."),
        _("Rated a goal: %(same)s."),
        _("Rated a goal."),
    ),
    Step.AGREE_PLAN: (
        _("Agreed on the plan with the person on %(day)s."),
        _("Agreed on the plan with the person."),
    ),
    Step.ADD_MEASURE: (
        _("Added a measure for %(day)s, responsible: %(after)s."),
        _("Added a measure, responsible: %(after)s."),
        _("Added a measure."),
    ),
    Step.CHANGE_MEASURE: (_("Changed a measure: due on %(day)s."), _("Changed a measure.")),
    Step.COMPLETE_MEASURE: (_("A measure is done."),),
    Step.DROP_MEASURE: (_("Dropped a measure."),),
    Step.UNDO_MEASURE: (_("Took a measure up again."),),
    Step.REFER: (_("Referred for a need in %(legal_domain)s."), _("Referred.")),
    Step.UPDATE_REFERRAL: (
        _("Referral in %(legal_domain)s: from “%(before)s” to “%(after)s”."),
        _("Referral in %(legal_domain)s: %(same)s."),
        _("Updated a referral."),
    ),
    Step.PLAN_FOLLOW_UP: (
        _("Planned a follow-up for %(day)s."),
        _("Planned a follow-up."),
    ),
    Step.COMPLETE_FOLLOW_UP: (
        _("Finished the follow-up of %(day)s."),
        _("Finished a follow-up."),
    ),
    Step.UNDO_FOLLOW_UP: (_("Opened a finished follow-up again."),),
    Step.POSTPONE_FOLLOW_UP: (
        _("Postponed a follow-up from %(before)s to %(after)s."),
        _("Postponed a follow-up."),
    ),
    Step.DROP_FOLLOW_UP: (_("Dropped a follow-up."),),
    Step.ENTER_LETTER: (
        _("Entered a letter or event: deadline on %(day)s."),
        _("Entered a letter or event."),
    ),
    Step.CHANGE_DEADLINE: (
        _("Corrected a deadline: %(same)s as before."),
        _("Changed a deadline from %(before)s to %(after)s."),
        _("Changed a deadline."),
    ),
    Step.CHECK_DEADLINE: (_("Checked the deadline of %(day)s."), _("Checked a deadline.")),
    Step.SETTLE_DEADLINE: (
        _("The deadline of %(day)s is settled: %(after)s."),
        _("Settled a deadline."),
    ),
    Step.RECORD_EXPIRY: (
        _("Recorded that something expires on %(day)s: %(after)s."),
        _("Recorded that something expires."),
    ),
    Step.END_EXPIRY: (
        _("Ended an expiry date: %(before)s."),
        _("Ended an expiry date."),
    ),
    Step.REMIND_OF_EXPIRY: (
        _("A reminder was made: something expires on %(day)s."),
        _("A reminder of an expiry was made."),
    ),
    Step.PAUSE: (_("Paused the case until %(day)s."), _("Paused the case.")),
    Step.RESUME: (_("Ended the pause."),),
    Step.GIVE_CONSENT: (_("Recorded a consent: %(after)s."), _("Recorded a consent.")),
    Step.REVOKE_CONSENT: (_("A consent was revoked: %(before)s."), _("A consent was revoked.")),
    Step.ADD_DOCUMENT: (_("Added a document."),),
    Step.CORRECT_DOCUMENT: (_("Corrected what is said of a document."),),
    Step.STRIKE: (_("Struck an entry through: %(subject)s."), _("Struck an entry through.")),
    Step.NAME_DEPUTY: (_("Named %(person)s as deputy."), _("Named a deputy.")),
    Step.REMOVE_DEPUTY: (
        _("Ended the deputyship of %(person)s."),
        _("Ended the deputyship."),
    ),
    Step.ADD_TEAM_MEMBER: (
        _("Added %(person)s to the team."),
        _("Added somebody to the team."),
    ),
    Step.REMOVE_TEAM_MEMBER: (
        _("Removed %(person)s from the team."),
        _("Removed somebody from the team."),
    ),
    Step.CHANGE_PHASE: (
        _("Changed the phase from “%(before)s” to “%(after)s”."),
        _("Changed the phase."),
    ),
    Step.HAND_OVER: (_("Offered the case to %(person)s."), _("Offered the handover.")),
    Step.AMEND_HANDOVER: (_("Amended the handover sheet."),),
    Step.ANSWER_QUESTION: (_("Answered a question about the handover."),),
    Step.WITHDRAW_HANDOVER: (_("Withdrew the handover."),),
    Step.REVIEW_HANDOVER: (_("Is considering taking the case over."),),
    Step.ASK_BACK: (_("Asked back about the handover."),),
    Step.ACCEPT_HANDOVER: (
        _("Accepted the handover from %(person)s and leads the case now."),
        _("Accepted the handover and leads the case now."),
    ),
    Step.DECLINE_HANDOVER: (_("Declined the handover."),),
    Step.SEND_BACK: (_("Sent the handover back to the lead."),),
    Step.ASSIGN_LEAD: (
        _("Assigned the lead to %(person)s."),
        _("Assigned the lead anew."),
    ),
    Step.OBTAIN_CONSENT: (_("Recorded the consent to take the case over."),),
    Step.CLOSE: (_("Closed the case."),),
    Step.REOPEN: (_("Opened the case again."),),
    Step.RETURN_FOLLOW_UPS: (_("Open follow-ups went to the lead."),),
    Step.HINT_DUPLICATE: (_("Was told, while opening a case, that this person may be known."),),
    Step.SUSPECT_DUPLICATE: (_("This case and another may be about the same person."),),
    Step.SETTLE_SUSPICION: (_("Settled the suspicion of a duplicate."),),
}

ICONS: dict[Step, str] = {
    Step.OPEN: "folder-plus",
    Step.RECORD_CONTACT: "chat-left-text",
    Step.ADD_NEED: "plus-circle",
    Step.MEET_NEED: "check-circle",
    Step.LEAVE_NEED_UNMET: "x-circle",
    Step.ASSESS: "clipboard2-pulse",
    Step.SET_GOAL: "bullseye",
    Step.RATE_GOAL: "bullseye",
    Step.AGREE_PLAN: "hand-thumbs-up",
    Step.COMPLETE_MEASURE: "check-circle",
    Step.REFER: "signpost",
    Step.UPDATE_REFERRAL: "signpost",
    Step.PLAN_FOLLOW_UP: "calendar-plus",
    Step.COMPLETE_FOLLOW_UP: "calendar-check",
    Step.POSTPONE_FOLLOW_UP: "calendar-event",
    Step.ENTER_LETTER: "envelope-paper",
    Step.CHANGE_DEADLINE: "alarm",
    Step.CHECK_DEADLINE: "check2-square",
    Step.SETTLE_DEADLINE: "alarm",
    Step.RECORD_EXPIRY: "calendar2-x",
    Step.REMIND_OF_EXPIRY: "bell",
    Step.HAND_OVER: "arrow-left-right",
    Step.ACCEPT_HANDOVER: "arrow-left-right",
    Step.GIVE_CONSENT: "file-earmark-check",
    Step.REVOKE_CONSENT: "file-earmark-x",
    Step.ADD_DOCUMENT: "file-earmark-plus",
    Step.STRIKE: "eraser",
    Step.CLOSE: "lock",
    Step.REOPEN: "unlock",
}

# By the kind of record an event is about: what its codes before and after stand for.
LABELS: dict[str, Mapping[str, str]] = {
    "need": dict(Need.State.choices),
    "referral": dict(Referral.State.choices),
    "phasechange": dict(Phase.choices),
    "assessment": dict(Assessment.Occasion.choices),
    "goal": dict(Goal.Level.choices) | dict(Goal.State.choices),
    "measure": dict(Measure.Responsible.choices) | dict(Measure.State.choices),
    "consent": dict(Consent.Kind.choices),
    "deadline": dict(Deadline.State.choices),
    "expiry": dict(Expiry.Kind.choices),
}
SUBJECTS = {
    "contact": _("contact"),
    "need": _("need"),
    "consent": _("consent"),
    "document": _("document"),
    "goal": _("goal"),
    "measure": _("measure"),
}
# Under which keys an event's details hold the person and the day that its sentence names.
PEOPLE = ("to_staff", "deputy", "member", "former")
PEOPLE_OF: dict[Step, tuple[str, ...]] = {
    Step.ACCEPT_HANDOVER: ("former_lead",),
    Step.ASSIGN_LEAD: ("lead", "named"),
}
DAYS = ("due_on", "until", "follow_up_on", "agreed_on")


@dataclass
class Names:
    """Names for the keys in events, of those who ever had a right to the file, and of its law."""

    people: dict[int, str] = field(default_factory=dict)
    legal_domains: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        rows: Iterable[CaseAccess],
        legal_domains: Iterable[LegalDomain],
        settings: Iterable[ContactSetting],
    ) -> "Names":
        return cls(
            {row.staff_member_id: str(row.staff_member) for row in rows},
            {domain.pk: domain.short_name for domain in legal_domains},
            {setting.pk: setting.name for setting in settings},
        )


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    sentence: str
    icon: str
    actor: str
    happened_at: datetime
    recorded_later: datetime | None


def events_page(request: HttpRequest, case: Case, *, size: int) -> KeysetPage[CaseEvent]:
    """Load one page of the trail as its reader may see it, the latest first."""
    events = CaseEvent.objects.visible_to(request.user).filter(case=case).select_related("actor")
    return page_of(request, events, order=("-recorded_at",), size=size, cursor_field="pk")


def entries_of(events: Iterable[CaseEvent], names: Names) -> list[Entry]:
    """Put events into words; `events` come with their actor."""
    return [
        Entry(
            sentence=sentence_of(event, names),
            icon=ICONS.get(Step(event.step), "dot"),
            actor=str(event.actor),
            happened_at=event.happened_at,
            recorded_later=event.recorded_at
            if event.recorded_at - event.happened_at > MADE_LATER
            else None,
        )
        for event in events
    ]


def sentence_of(event: CaseEvent, names: Names) -> str:
    """Say what one event was, as fully as its codes allow."""
    words = _words_of(event, names)
    for sentence in SENTENCES[Step(event.step)]:
        try:
            return str(sentence) % words
        except KeyError:
            continue
    return Step(event.step).label


def _words_of(event: CaseEvent, names: Names) -> dict[str, str]:
    """Collect the words that an event's codes stand for; what is unknown is left out."""
    details = event.details
    words: dict[str, object] = {
        "legal_domain": names.legal_domains.get(details.get("legal_domain", "")),
        "setting": names.settings.get(details.get("setting", "")),
        "person": _first(
            names.people.get(details.get(key)) for key in PEOPLE_OF.get(Step(event.step), PEOPLE)
        ),
        "day": _first(_day(details.get(key)) for key in DAYS),
        "subject": SUBJECTS.get(event.subject_kind),
    }
    if details.get("corrects"):
        words["corrected"] = words["setting"]
    for moment in ("before", "after"):
        code = getattr(event, moment)
        words[moment] = _day(code) or LABELS.get(event.subject_kind, {}).get(code)
    if event.before == event.after:
        words["same"] = words.pop("after")
    return {word: str(value) for word, value in words.items() if value}


def _day(code: object) -> str:
    try:
        return date_format(date.fromisoformat(str(code)), "d.m.Y")
    except ValueError:
        return ""


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
