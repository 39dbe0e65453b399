"""What must be true of all rows (DESIGN §3); `check_cases` asks here every night.

The steps keep these rules and constraints guard most of them; what was written past both is found
here. Findings name references and keys, never persons. For operators, so in English.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import combinations, groupby

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases.access import Step
from cases.models import (
    NEVER,
    Assessment,
    Case,
    CaseAccess,
    CaseEvent,
    Deadline,
    DeadlineRule,
    Document,
    ExpiryReminder,
    FollowUp,
    Goal,
    Handover,
    Measure,
    Person,
    Rating,
    ReferenceCounter,
    Referral,
)
from cases.models.fields import ComputedFromNames
from cases.workflow import invariants_of_rights as of_rights
from cases.workflow.goals import may_serve
from centers.hours import overlapping_hours
from centers.models import Neighbourhood
from providers import invariants as of_providers
from providers.models import Assignment
from providers.roles import Permission

Findings = Iterator[str]

# Events that tell a lead something and leave the case as untouched as it was.
_ONLY_TELL = (
    Step.RETURN_FOLLOW_UPS,
    Step.HINT_DUPLICATE,
    Step.SUSPECT_DUPLICATE,
    Step.SETTLE_SUSPICION,
)
# A step touches its case a moment before it writes its event.
_A_MOMENT = timedelta(minutes=1)


def active_cases_have_a_next_step() -> Findings:
    open_ones = FollowUp.objects.open().filter(case=OuterRef("pk"))
    for case in Case.objects.active().exclude(Exists(open_ones)).order_by("pk"):
        yield f"{case}: is open and has no open follow-up."


def closed_cases_have_nothing_open() -> Findings:
    open_ones = FollowUp.objects.open().filter(case=OuterRef("pk"))
    offers = Handover.objects.waiting().filter(case=OuterRef("pk"))
    referrals = Referral.objects.filter(case=OuterRef("pk")).exclude(state__in=Referral.ENDED)
    loose = Q(Exists(open_ones)) | Q(Exists(offers)) | Q(Exists(referrals))
    for case in Case.objects.closed().filter(loose).order_by("pk"):
        yield f"{case}: is closed, but a follow-up, referral or offer is still open."


def leads_can_have_led() -> Findings:
    """Nobody leaves while they lead, and nobody leads who never was the provider's caseworker.

    A lead whose login is blocked or whose assignment has ended is lawful: that happens at once,
    and the case stands with the coordination until it is assigned (`Case.objects.to_assign`).
    """
    active = Case.objects.active().order_by("pk")
    for case in active.filter(lead__left_on__lte=timezone.localdate()):
        yield f"{case}: is open, and its lead has left."
    jobs = Assignment.objects.granting(Permission.READ_FILES).filter(
        staff_member=OuterRef("lead"), employer=OuterRef("provider")
    )
    for case in active.exclude(Exists(jobs)):
        yield f"{case}: its lead never was a caseworker of its provider."


def follow_ups_belong_to_whoever_works_on_the_case() -> Findings:
    """The lead's own wait for whoever is assigned next where the lead cannot work.

    They move with the case then; a lead who has left is found by `leads_can_have_led`.
    """
    rows = CaseAccess.objects.working().filter(
        case=OuterRef("case"), staff_member=OuterRef("assignee")
    )
    others = FollowUp.objects.open().exclude(assignee=F("case__lead"))
    for follow_up in others.exclude(Exists(rows)).select_related("case").order_by("pk"):
        yield (
            f"{follow_up.case}: open follow-up {follow_up.pk} belongs to somebody who does not "
            "work on the case (run end_rights)."
        )


def stored_sorts_are_fresh() -> Findings:
    due = FollowUp.objects.open().filter(case=OuterRef("pk")).order_by().values("case")
    first = Subquery(due.annotate(first=Min("due_on")).values("first"))
    stale = Case.objects.annotate(first_due=Coalesce(first, NEVER)).exclude(
        next_due_on=F("first_due")
    )
    for case in stale.order_by("pk"):
        yield f"{case}: the stored next date is not that of its first open follow-up."
    for case in Case.objects.select_related("person").order_by("pk").iterator():
        if case.sort_name != case.person.sort_name:
            yield f"{case}: the stored name to sort by is not the person's."


def last_touches_are_fresh() -> Findings:
    events = CaseEvent.objects.filter(case=OuterRef("pk")).exclude(step__in=_ONLY_TELL)
    last = Subquery(events.order_by().values("case").annotate(at=Max("recorded_at")).values("at"))
    stale = Case.objects.annotate(last_event_at=last).filter(
        last_touched_at__lt=F("last_event_at") - _A_MOMENT
    )
    for case in stale.order_by("pk"):
        yield f"{case}: the stored last touch is older than its last event."


def search_keys_of_names_are_fresh() -> Findings:
    computed = [
        field for field in Person._meta.concrete_fields if isinstance(field, ComputedFromNames)
    ]
    for person in Person.objects.order_by("pk").iterator():
        for field in computed:
            names = [getattr(person, source) or "" for source in field.sources]
            if getattr(person, field.attname) != field.compute(names):
                yield f"Person {person.pk}: {field.name} does not fit the names."


def records_stay_on_one_case() -> Findings:
    for referral in Referral.objects.exclude(case=F("need__case")).select_related("case"):
        yield f"{referral.case}: referral {referral.pk} is for a need of another case."
    foreign = (Q(need__isnull=False) & ~Q(case=F("need__case"))) | (
        Q(referral__isnull=False) & ~Q(case=F("referral__case"))
    )
    for follow_up in FollowUp.objects.filter(foreign).select_related("case"):
        yield f"{follow_up.case}: follow-up {follow_up.pk} hangs on a record of another case."
    papers = Document.objects.filter(consent__isnull=False).exclude(case=F("consent__case"))
    for document in papers.select_related("case"):
        yield f"{document.case}: document {document.pk} is the paper of another case's consent."


def deadlines_and_their_follow_ups_agree() -> Findings:
    both = Q(state="open", follow_up__state="open") | ~Q(state="open") & ~Q(follow_up__state="open")
    agree = Q(due_on=F("follow_up__due_on"), case=F("follow_up__case")) & both
    for deadline in Deadline.objects.exclude(agree).select_related("case").order_by("pk"):
        yield f"{deadline.case}: deadline {deadline.pk} and its follow-up do not agree."
    late = Q(warning__due_on__gte=F("due_on")) | ~Q(warning__case=F("case")) | ~Q(state="open")
    warned = Deadline.objects.filter(late, warning__state="open")
    for deadline in warned.select_related("case").order_by("pk"):
        yield f"{deadline.case}: the warning of deadline {deadline.pk} warns of nothing."


def reminders_of_expiries_stay_on_one_case() -> Findings:
    foreign = ExpiryReminder.objects.exclude(case=F("follow_up__case"))
    for reminder in foreign.select_related("case").order_by("pk"):
        yield f"{reminder.case}: reminder {reminder.pk} has a follow-up of another case."


def versions_of_a_rule_never_overlap() -> Findings:
    rules = DeadlineRule.objects.filter(is_active=True).order_by("template", "pk")
    for template, versions in groupby(rules, key=lambda rule: rule.template):
        for first, second in combinations(versions, 2):
            if first.overlaps(second):
                yield f"Deadline {template}: {first.pk} and {second.pk} hold at the same time."


def closed_cases_have_no_goal_or_draft_under_way() -> Findings:
    goals = Goal.objects.standing().filter(case=OuterRef("pk"), state__in=Goal.UNDER_WAY)
    measures = Measure.objects.standing().filter(case=OuterRef("pk"), state=Measure.State.OPEN)
    drafts = Assessment.objects.drafts().filter(case=OuterRef("pk"))
    loose = Q(Exists(goals)) | Q(Exists(measures)) | Q(Exists(drafts))
    for case in Case.objects.closed().filter(loose).order_by("pk"):
        yield f"{case}: is closed, but a goal, measure or draft of an assessment is still open."


def finished_assessments_have_no_gaps() -> Findings:
    finished = Rating.objects.exclude(assessment__state=Assessment.State.DRAFT).filter(value="")
    for rating in finished.select_related("assessment__case").order_by("pk"):
        yield f"{rating.assessment.case}: rating {rating.pk} is finished and has no value."


def goals_serve_goals_of_a_higher_level() -> Findings:
    for goal in Goal.objects.exclude(parent=None).select_related("parent", "case").order_by("pk"):
        if goal.case_id != goal.parent.case_id:
            yield f"{goal.case}: goal {goal.pk} serves a goal of another case."
        elif not may_serve(goal.level, goal.parent.level):
            yield f"{goal.case}: goal {goal.pk} serves a goal that is not above it."
    foreign = Goal.objects.exclude(needs=None).exclude(case=F("needs__case"))
    for goal in foreign.select_related("case").order_by("pk"):
        yield f"{goal.case}: goal {goal.pk} grows out of a need of another case."


def measures_stay_in_step_with_their_follow_ups() -> Findings:
    foreign = ~Q(case=F("goal__case")) | (Q(referral__isnull=False) & ~Q(case=F("referral__case")))
    for measure in Measure.objects.filter(foreign).select_related("case").order_by("pk"):
        yield f"{measure.case}: measure {measure.pk} hangs on a record of another case."
    followed = Measure.objects.standing().filter(follow_up__isnull=False)
    apart = ~Q(case=F("follow_up__case")) | ~Q(state=F("follow_up__state"))
    for measure in followed.filter(apart).select_related("case").order_by("pk"):
        yield f"{measure.case}: measure {measure.pk} and its follow-up are out of step."


def a_case_has_one_open_handover() -> Findings:
    waiting = Q(handovers__state=Handover.State.OFFERED)
    for case in Case.objects.annotate(offers=Count("handovers", filter=waiting)).filter(
        offers__gt=1
    ):
        yield f"{case}: has {case.offers} open handovers."


def nobody_is_offered_their_own_case() -> Findings:
    offers = Handover.objects.waiting().filter(to_staff=F("case__lead"))
    for offer in offers.select_related("case").order_by("case", "pk"):
        yield f"{offer.case}: offer {offer.pk} goes to the case's own lead."


def the_next_references_are_free() -> Findings:
    """A counter behind the references would refuse every new case of its center."""
    given = defaultdict(set)
    for reference in Case.objects.values_list("reference", flat=True).iterator():
        series, _, number = reference.rpartition("-")
        if number.isdecimal():
            given[series].add(int(number))
    for counter in ReferenceCounter.objects.select_related("center").order_by("pk"):
        if counter.last + 1 in given[f"{counter.center.code}-{counter.year}"]:
            yield f"The counter {counter} is behind: its next reference is taken already."


def hours_never_overlap() -> Findings:
    for first, second in overlapping_hours():
        yield f"{first.center}: consultation hours {first.pk} and {second.pk} overlap."


def every_neighbourhood_has_a_center() -> Findings:
    for home in Neighbourhood.objects.filter(is_active=True, center__is_active=False):
        yield f"Neighbourhood {home.pk}: its center is not active."


RULES: tuple[Callable[[], Findings], ...] = (
    active_cases_have_a_next_step,
    closed_cases_have_nothing_open,
    leads_can_have_led,
    *of_rights.RULES,
    follow_ups_belong_to_whoever_works_on_the_case,
    stored_sorts_are_fresh,
    last_touches_are_fresh,
    search_keys_of_names_are_fresh,
    records_stay_on_one_case,
    deadlines_and_their_follow_ups_agree,
    reminders_of_expiries_stay_on_one_case,
    versions_of_a_rule_never_overlap,
    closed_cases_have_no_goal_or_draft_under_way,
    finished_assessments_have_no_gaps,
    goals_serve_goals_of_a_higher_level,
    measures_stay_in_step_with_their_follow_ups,
    a_case_has_one_open_handover,
    nobody_is_offered_their_own_case,
    the_next_references_are_free,
    hours_never_overlap,
    every_neighbourhood_has_a_center,
    of_providers.broken_rules,
)


def broken_rules() -> Findings:
    """Yield one sentence for every row that breaks a rule."""
    for rule in RULES:
        yield from rule()
