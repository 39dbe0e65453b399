"""The sheet of a handover: its first draft from the file, and the dates on it, which are live."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.models import Case, Consent, FollowUp, Goal, Handover, Need, Person, Referral

LONGEST_CONCERN = 300
# The field for agreements takes 1500 characters.
MOST_AGREEMENTS = 4


def draft(case: Case, live: "LiveSheet") -> dict[str, str]:
    """Write the text fields of a sheet from what the file holds, for the lead to go over.

    The situation in five lines: where the case stands, why the person came, what is open, what
    was settled, in which language. No names: in an offer to a team they are shown later.
    """
    person = Person.objects.select_related("counselling_language", "interpreting").get(
        pk=case.person_id
    )
    needs = live.needs
    lines = [
        _("%(phase)s, open since %(day)s.")
        % {"phase": case.get_phase_display(), "day": _day(case.opened_on)},
        _("Concern: %(concern)s") % {"concern": _short(without_names(case.concern, person))},
        _listed(_("Open: %(needs)s"), [need for need in needs if need.is_open], person),
        _listed(
            _("Settled: %(needs)s"),
            [need for need in needs if need.state == Need.State.MET],
            person,
        ),
        _language(person),
    ]
    return {
        "situation": "\n".join(line for line in lines if line),
        "agreements": "\n".join(_agreements(case, person)),
        "risks": "\n".join(_risks(case, live)),
        "not_worked": "\n".join(_not_worked(person, live)),
    }


def _day(day: date) -> str:
    return date_format(day, "d.m.Y")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_CONCERN else f"{text[: LONGEST_CONCERN - 1].rstrip()}…"


def _listed(sentence: str, needs: list[Need], person: Person) -> str:
    if not needs:
        return ""
    listed = "; ".join(
        f"{need.legal_domain.short_name}: {without_names(need.description, person)}"
        for need in needs
    )
    return sentence % {"needs": listed}


def _language(person: Person) -> str:
    if person.counselling_language is None:
        return ""
    if person.interpreting is None:
        return _("Counselling in %(language)s.") % {"language": person.counselling_language}
    return _("Counselling in %(language)s, interpreting: %(interpreting)s.") % {
        "language": person.counselling_language,
        "interpreting": person.interpreting,
    }


def _agreements(case: Case, person: Person) -> list[str]:
    """List the goals under way that the client has agreed to, those due first on top."""
    goals = Goal.objects.standing().filter(
        case=case, state__in=Goal.UNDER_WAY, agreed_on__isnull=False
    )
    return [
        _("By %(day)s: %(goal)s (agreed on %(agreed)s)")
        % {
            "day": _day(goal.due_on),
            "goal": without_names(goal.description, person),
            "agreed": _day(goal.agreed_on),
        }
        if goal.due_on
        else _("%(goal)s (agreed on %(agreed)s)")
        % {"goal": without_names(goal.description, person), "agreed": _day(goal.agreed_on)}
        for goal in goals.order_by(F("due_on").asc(nulls_last=True), "pk")[:MOST_AGREEMENTS]
    ]


def _risks(case: Case, live: "LiveSheet") -> list[str]:
    """Say what must not be overlooked."""
    risks = []
    if case.is_urgent:
        risks.append(_("The case is marked as urgent."))
    if case.person.address_locked:
        risks.append(_("The address is locked: pass it on to nobody."))
    # The first comes first; nothing of it waits until the next lead has read the rest.
    deadlines = [one for one in live.follow_ups if one.kind == FollowUp.Kind.LEGAL_DEADLINE]
    return [
        _("Legal deadline on %(day)s: %(subject)s")
        % {"day": _day(one.due_on), "subject": without_names(one.subject, case.person)}
        for one in deadlines
    ] + risks


def _not_worked(person: Person, live: "LiveSheet") -> list[str]:
    """List what could not be arranged, and why."""
    lines = [
        _("%(domain)s: %(need)s (%(reason)s)")
        % {
            "domain": need.legal_domain.short_name,
            "need": without_names(need.description, person),
            "reason": need.unmet_reason,
        }
        for need in live.needs
        if need.state == Need.State.UNMET
    ]
    return lines + [
        _("%(target)s declined (%(reason)s)")
        % {"target": referral, "reason": referral.refusal_reason}
        for referral in live.all_referrals
        if referral.state == Referral.State.DECLINED
    ]


# --- Names --------------------------------------------------------------------------------------


def _name_pattern(person: Person) -> re.Pattern[str] | None:
    words = {
        word
        for name in (person.given_name, person.family_name, person.native_name, person.aliases)
        for word in re.findall(r"[^\W\d_]+", name)
        if len(word) > 2
    }
    if not words:
        return None
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words)))})\b", re.IGNORECASE)


def names_in(text: str, person: Person) -> list[str]:
    """Return the parts of the person's name that a text contains."""
    pattern = _name_pattern(person)
    return list(dict.fromkeys(pattern.findall(text))) if pattern else []


def without_names(text: str, person: Person) -> str:
    """Put dots where a text names the person."""
    pattern = _name_pattern(person)
    return pattern.sub("…", text) if pattern else text


# --- What is live -------------------------------------------------------------------------------


@dataclass(frozen=True)
class LiveSheet:
    """What the sheet shows of the case as it is today, beside the lead's fixed text."""

    follow_ups: list[FollowUp]
    all_referrals: list[Referral]
    needs: list[Need]
    residence_until: date | None

    @property
    def referrals(self) -> list[Referral]:
        """Give those that are running."""
        return [referral for referral in self.all_referrals if referral.is_open]

    @property
    def legal_domains(self) -> list[str]:
        """Name the legal domains in which something is needed."""
        return list(dict.fromkeys(n.legal_domain.short_name for n in self.needs if n.is_open))


def live_sheet(handover: Handover, *, with_needs: bool = True) -> LiveSheet:
    """Load the dates of a sheet, the nearest first, in three queries: one less without needs."""
    case = handover.case
    needs = Need.objects.filter(case=case).standing() if with_needs else Need.objects.none()
    return LiveSheet(
        follow_ups=list(
            FollowUp.objects.filter(case=case)
            .open()
            .select_related("need__legal_domain", "referral__need__legal_domain")
            .order_by("due_on", "pk")
        ),
        all_referrals=list(
            Referral.objects.filter(case=case)
            .select_related("service", "refusal_reason", "need__legal_domain")
            .order_by("pk")
        ),
        needs=list(
            needs.select_related("legal_domain", "unmet_reason").order_by(
                "legal_domain__position", "pk"
            )
        ),
        residence_until=case.person.residence_valid_until,
    )


def consents_to_hand_over(case: Case) -> list[Consent]:
    """Return the valid consents that open the file to another provider, with their recipients."""
    return list(
        Consent.objects.filter(case=case, kind__in=Consent.OPENS_FILE)
        .valid()
        .prefetch_related("recipients")
        .order_by("valid_until", "pk")
    )
