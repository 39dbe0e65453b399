"""The way of a case through its phases, and what each phase still lacks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.access import Step
from cases.models import (
    Assessment,
    Case,
    Consent,
    Contact,
    FollowUp,
    Goal,
    Need,
    Phase,
    PhaseChange,
    Rating,
    Referral,
)
from cases.workflow.steps import taking
from kim_portal.errors import Refusal
from providers.models import LifeArea, StaffMember

# The order of the working phases (DOMAIN §2.1). Forward is free, back asks for a reason.
PHASES = (
    Phase.CLEARING,
    Phase.ASSESSMENT,
    Phase.PLANNING,
    Phase.LINKING,
    Phase.MONITORING,
    Phase.EVALUATION,
)


def is_backward(before: str, after: str) -> bool:
    """Tell whether a change between two working phases goes back."""
    return PHASES.index(Phase(after)) < PHASES.index(Phase(before))


def transitions() -> Iterable[tuple[Phase, Phase, Step]]:
    """Yield every change of phase a step can make; the state diagram in docs/ is drawn from it."""
    for before in PHASES:
        for after in PHASES:
            if before != after:
                yield before, after, Step.CHANGE_PHASE
        yield before, Phase.CLOSED, Step.CLOSE
    yield Phase.CLOSED, Phase.MONITORING, Step.REOPEN
    yield Phase.AFTERCARE, Phase.MONITORING, Step.REOPEN


def change_phase(
    case: Case, *, by: StaffMember, to: str, seen: str | None = None, because: str = ""
) -> Case:
    """Move an active case to another working phase.

    `seen` is the phase that the form showed: if somebody has changed it meanwhile, Refusal.
    Going back needs `because`.
    """
    with taking(Step.CHANGE_PHASE, case, by=by) as taken:
        before = case.phase
        if seen is not None and seen != before:
            raise Refusal(
                _("The phase has been changed meanwhile: it is now “%(phase)s”.")
                % {"phase": case.get_phase_display()}
            )
        if to == before:
            raise Refusal(_("The case is in this phase already."))
        if is_backward(before, to) and not because:
            raise Refusal(_("Going back needs a reason."))
        change = move(case, to, by=by, because=because)
        taken.record(change, before=before, after=to)
    return case


def move(case: Case, to: str, *, by: StaffMember, because: str = "") -> PhaseChange:
    """Set the phase and keep the change; the step around it settles and saves the case."""
    change = PhaseChange.objects.create(
        case=case, before=case.phase, after=to, because=because, recorded_by=by
    )
    case.phase = to
    return change


@dataclass(frozen=True)
class Point:
    """Something a phase should have; `step` is where it is put right."""

    sentence: str
    step: Step
    is_met: Callable[[Case], bool]


def _has_file_consent(case: Case) -> bool:
    return Consent.objects.filter(case=case, kind=Consent.Kind.FILE).valid().exists()


def _language_is_known(case: Case) -> bool:
    return case.person.counselling_language_id is not None


def _has_need(case: Case) -> bool:
    return Need.objects.filter(case=case).standing().exists()


def _needs_have_life_areas(case: Case) -> bool:
    return not Need.objects.filter(case=case, life_area=None).standing().exists()


def _person_was_met(case: Case) -> bool:
    contacts = Contact.objects.filter(case=case, setting__reached_person=True)
    return contacts.standing().exists()


def _needs_are_worked_on(case: Case) -> bool:
    worked_on = Exists(Referral.objects.filter(need=OuterRef("pk"))) | Exists(
        FollowUp.objects.filter(need=OuterRef("pk"))
    )
    untouched = Need.objects.filter(case=case, state=Need.State.OPEN).standing()
    return not untouched.exclude(worked_on).exists()


def _referrals_are_answered(case: Case) -> bool:
    limit = timezone.localdate() - timedelta(days=settings.REFERRAL_FOLLOW_UP_DAYS)
    waiting = Referral.objects.filter(
        case=case, state=Referral.State.REQUESTED, answered_on=None, sent_on__lt=limit
    )
    return not waiting.exists()


def _was_in_touch(case: Case) -> bool:
    limit = timezone.now() - timedelta(days=settings.QUIET_CASE_DAYS)
    recent = Contact.objects.filter(case=case, happened_at__gte=limit)
    return recent.standing().exists()


def _needs_are_settled(case: Case) -> bool:
    open_states = (Need.State.OPEN, Need.State.IN_PROGRESS)
    return not Need.objects.filter(case=case, state__in=open_states).standing().exists()


# --- Assessment and plan ---


def _areas_are_rated(case: Case) -> bool:
    """Tell whether each life area was asked about at least once."""
    said = Rating.objects.filter(
        assessment__in=Assessment.objects.standing().filter(case=case, concerns=case.person_id)
    )
    asked = said.exclude(value=Rating.Value.NOT_ASKED).values("life_area")
    return not LifeArea.objects.active().exclude(pk__in=asked).exists()


def _has_end_assessment(case: Case) -> bool:
    ends = Assessment.objects.standing().filter(case=case, occasion=Assessment.Occasion.END)
    return ends.exists()


def _has_agreed_goal(case: Case) -> bool:
    return Goal.objects.standing().filter(case=case, agreed_on__isnull=False).exists()


def _goals_are_rated(case: Case) -> bool:
    return not Goal.objects.standing().filter(case=case, state__in=Goal.UNDER_WAY).exists()


POINTS: dict[Phase, tuple[Point, ...]] = {
    Phase.CLEARING: (
        Point(gettext_lazy("A valid consent to keep a file"), Step.GIVE_CONSENT, _has_file_consent),
        Point(gettext_lazy("The language of counselling"), Step.CORRECT_PERSON, _language_is_known),
        Point(gettext_lazy("At least one need"), Step.ADD_NEED, _has_need),
    ),
    Phase.ASSESSMENT: (
        Point(gettext_lazy("A conversation with the person"), Step.RECORD_CONTACT, _person_was_met),
        Point(gettext_lazy("A life area for every need"), Step.ADD_NEED, _needs_have_life_areas),
        Point(gettext_lazy("Every life area asked about"), Step.ASSESS, _areas_are_rated),
    ),
    Phase.PLANNING: (
        Point(
            gettext_lazy("A referral or a follow-up for every open need"),
            Step.REFER,
            _needs_are_worked_on,
        ),
        Point(gettext_lazy("At least one agreed goal"), Step.AGREE_PLAN, _has_agreed_goal),
    ),
    Phase.LINKING: (
        Point(
            gettext_lazy("An answer to every referral older than 14 days"),
            Step.UPDATE_REFERRAL,
            _referrals_are_answered,
        ),
    ),
    Phase.MONITORING: (
        Point(
            gettext_lazy("A contact within the last 30 days"), Step.RECORD_CONTACT, _was_in_touch
        ),
    ),
    Phase.EVALUATION: (
        Point(gettext_lazy("Every need settled"), Step.MEET_NEED, _needs_are_settled),
        Point(gettext_lazy("An assessment at the end"), Step.ASSESS, _has_end_assessment),
        Point(gettext_lazy("Every goal rated"), Step.RATE_GOAL, _goals_are_rated),
    ),
}


def points_of(case: Case) -> list[tuple[Point, bool]]:
    """Return what the current phase should have and whether it is there; nothing blocks."""
    return [(point, point.is_met(case)) for point in POINTS.get(Phase(case.phase), ())]
