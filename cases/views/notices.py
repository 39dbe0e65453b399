"""What the file page warns of, each with the step that mends it."""

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Case
from cases.views.case_file import CaseFile

RESIDENCE_EXPIRES_SOON_DAYS = 90


@dataclass(frozen=True)
class Notice:
    """One sentence above the file, with the link to where it is mended, if the reader may."""

    kind: str
    icon: str
    sentence: str
    label: str = ""
    url: str = ""


def notices_of(file: CaseFile) -> list[Notice]:
    """Collect the warnings of one file, the gravest first."""
    if file.is_past:
        return []
    found = [
        _file_consent(file),
        _lead_gone(file),
        _offer(file),
        _residence(file),
        _pause(file),
        _deputy(file),
    ]
    return [notice for notice in found if notice is not None]


def _file_consent(file: CaseFile) -> Notice | None:
    case = file.case
    if not case.is_active:
        return None
    record = _link(file, Step.GIVE_CONSENT, _("Record a consent"))
    match file.file_consent:
        case "revoked":
            return Notice(
                "alert",
                "file-earmark-x",
                _("The consent to keep this file has been revoked. The case has to be closed."),
                *_link(file, Step.CLOSE, _("Close the case")),
            )
        case "missing":
            return Notice(
                "alert",
                "file-earmark-x",
                _("There is no consent to keep this file."),
                *record,
            )
        case "expired":
            return Notice(
                "alert",
                "file-earmark-x",
                _("The consent to keep this file has expired. Please ask for a new one."),
                *record,
            )
        case "expiring":
            return Notice(
                "warn",
                "file-earmark",
                _("The consent to keep this file expires soon."),
                *record,
            )
    return None


def _lead_gone(file: CaseFile) -> Notice | None:
    if not file.case.is_active or file.case.lead.is_active:
        return None
    return Notice(
        "alert",
        "person-x",
        _("The lead no longer works here. Coordination has been asked to assign another."),
    )


def _offer(file: CaseFile) -> Notice | None:
    offer = file.offer
    if offer is None:
        return None
    words = {"receiver": offer.receiver, "day": date_format(offer.answer_due_on, "d.m.Y")}
    late = offer.is_overdue
    return Notice(
        "alert" if late else "info",
        "arrow-left-right",
        _("Offered to %(receiver)s; the answer was due on %(day)s.") % words
        if late
        else _("Offered to %(receiver)s; the answer is due on %(day)s.") % words,
        _("Track the handover"),
        reverse("cases:sheet", args=[file.case.reference]),
    )


def _residence(file: CaseFile) -> Notice | None:
    until = file.person.residence_valid_until
    today = timezone.localdate()
    if until is None or until > today + timedelta(days=RESIDENCE_EXPIRES_SOON_DAYS):
        return None
    words = {"day": date_format(until, "d.m.Y")}
    if until < today:
        sentence = _("The residence title expired on %(day)s.") % words
    else:
        sentence = _("The residence title expires on %(day)s.") % words
    link = _link(file, Step.PLAN_FOLLOW_UP, _("Plan a follow-up"))
    return Notice("alert" if until < today else "warn", "passport", sentence, *link)


def _pause(file: CaseFile) -> Notice | None:
    if not file.case.is_paused:
        return None
    sentence = _("Paused until %(day)s.") % {"day": date_format(file.case.paused_until, "d.m.Y")}
    return Notice("info", "pause-circle", sentence, *_link(file, Step.RESUME, _("End the pause")))


def _deputy(file: CaseFile) -> Notice | None:
    if file.case.deputy_id is not None or not file.case.is_active:
        return None
    return Notice(
        "warn",
        "people",
        _("This case has no deputy."),
        *_link(file, Step.NAME_DEPUTY, _("Name a deputy")),
    )


def _link(file: CaseFile, step: Step, label: str) -> tuple[str, str]:
    """Return label and address of a step, or nothing where it is not the reader's."""
    if step not in file.steps:
        return "", ""
    return label, _url(file.case, step)


def _url(case: Case, step: Step) -> str:
    return reverse(f"cases:{step}", args=[case.reference])
