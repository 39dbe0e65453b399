"""The plan as an outline: goals in three levels, their measures, and what is stuck."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Goal, Measure, Need, Referral
from cases.models.past import CHANGING, past_values, with_past
from cases.statistics.goals import GoalCounts, count_states
from cases.views.file_head import FileHead
from cases.workflow.goals import LEVELS

GOAL_CHIPS = {
    Goal.State.OPEN: ("info", "circle"),
    Goal.State.IN_PROGRESS: ("info", "arrow-repeat"),
    Goal.State.REACHED: ("ok", "check-circle"),
    Goal.State.PARTLY: ("warn", "circle-half"),
    Goal.State.NOT_REACHED: ("alert", "x-circle"),
    Goal.State.GIVEN_UP: ("quiet", "dash-circle"),
    Goal.State.IRRELEVANT: ("quiet", "slash-circle"),
}
MEASURE_CHIPS = {
    Measure.State.OPEN: ("info", "circle"),
    Measure.State.DONE: ("ok", "check-circle"),
    Measure.State.DROPPED: ("quiet", "dash-circle"),
}


@dataclass
class MeasureLine:
    """One measure as the plan shows it."""

    measure: Measure

    @property
    def chip(self) -> tuple[str, str, str]:
        kind, symbol = MEASURE_CHIPS[Measure.State(self.measure.state)]
        return kind, self.measure.get_state_display(), symbol

    @property
    def lacks_a_date(self) -> bool:
        return self.measure.is_open and self.measure.due_on is None


@dataclass
class GoalLine:
    """One goal as the plan shows it, with its measures and the goals that serve it."""

    goal: Goal
    # Nothing where the words were changed after a former lead's time.
    description: str
    measures: list[MeasureLine] = field(default_factory=list)
    below: list["GoalLine"] = field(default_factory=list)

    @property
    def chip(self) -> tuple[str, str, str]:
        kind, symbol = GOAL_CHIPS[Goal.State(self.goal.state)]
        return kind, self.goal.get_state_display(), symbol

    @property
    def lacks_measures(self) -> bool:
        """Say whether nothing is done for a goal under way: no measure, and no goal below it."""
        open_below = any(line.goal.is_under_way for line in self.below)
        return self.goal.is_under_way and not self.measures and not open_below

    @property
    def open_needs(self) -> list[Need]:
        return [need for need in self.goal.needs.all() if need.is_open]


@dataclass(frozen=True)
class Stuck:
    """Something that does not go on, and the one click that mends it."""

    sentence: str
    what: str
    label: str
    url: str
    step: str


@dataclass
class Outline:
    """The whole plan of one case."""

    top: list[GoalLine]
    struck: list[Goal]
    stuck: list[Stuck]
    counts: GoalCounts

    @property
    def lines(self) -> list[GoalLine]:
        return [line for one in self.top for line in _with_all_below(one)]

    @property
    def to_agree(self) -> list[GoalLine]:
        """The goals under way that the client has not agreed to."""
        return [
            line for line in self.lines if line.goal.is_under_way and line.goal.agreed_on is None
        ]


def outline_of(file: FileHead) -> Outline:
    """Load the plan in four queries; a former lead sees it as it stood."""
    goals = _goals(file)
    struck = [goal for goal in goals if goal.struck_at is not None]
    lines = {goal.pk: GoalLine(goal, goal.shown) for goal in goals if goal.struck_at is None}
    for measure in _measures(file):
        if measure.goal_id in lines:
            lines[measure.goal_id].measures.append(MeasureLine(measure))
    below = defaultdict(list)
    for line in lines.values():
        below[line.goal.parent_id if line.goal.parent_id in lines else None].append(line)
    for pk, line in lines.items():
        line.below = _in_order(below[pk])
    counts = count_states(line.goal.state for line in lines.values())
    outline = Outline(_in_order(below[None]), struck, [], counts)
    if not file.is_past and file.case.is_active:
        outline.stuck = [*_stuck_in(file, outline.lines), *_needs_alone(file)]
    return outline


def _in_order(lines: Iterable[GoalLine]) -> list[GoalLine]:
    """Put the higher levels first, and what is under way before what has ended."""
    return sorted(
        lines,
        key=lambda line: (
            LEVELS.index(Goal.Level(line.goal.level)),
            not line.goal.is_under_way,
            line.goal.pk,
        ),
    )


def _with_all_below(line: GoalLine) -> list[GoalLine]:
    return [line, *(deeper for one in line.below for deeper in _with_all_below(one))]


def _goals(file: FileHead) -> list[Goal]:
    needs = Need.objects.visible_to(file.reader).standing().select_related("legal_domain")
    rows = (
        Goal.objects.visible_to(file.reader)
        .filter(case=file.case)
        .select_related("concerns", "struck_by")
        .prefetch_related(Prefetch("needs", needs.order_by("pk")))
        .order_by("pk")
    )
    return _as_they_stood(rows, Goal, file, words="description")


def _measures(file: FileHead) -> list[Measure]:
    rows = (
        Measure.objects.visible_to(file.reader)
        .filter(case=file.case)
        .standing()
        .select_related("referral__service")
        .order_by("due_on", "pk")
    )
    return _as_they_stood(rows, Measure, file, words="what")


def _as_they_stood(rows, model, file: FileHead, *, words: str) -> list:
    """Read rows as they are, or as they stood when a former lead's time ended."""
    if not file.is_past:
        found = list(rows)
        for row in found:
            row.shown = getattr(row, words)
        return found
    found = list(with_past(rows, model, file.until))
    for row in found:
        then = past_values(row, model)
        if then["state"] is not None:
            for name in CHANGING[model]:
                setattr(row, name, then[name])
        row.shown = "" if then["has_changed"] else getattr(row, words)
        if row.struck_at is not None and row.struck_at > file.until:
            row.struck_at = None
    return found


# --- What is stuck --------------------------------------------------------------------------------


def _stuck_in(file: FileHead, lines: Iterable[GoalLine]) -> list[Stuck]:
    reference = file.case.reference
    stuck = []
    for line in lines:
        if line.lacks_measures:
            stuck.append(
                Stuck(
                    _("Goal without a measure"),
                    line.description,
                    _("Add a measure"),
                    reverse("cases:add_measure", args=[reference, line.goal.pk]),
                    "add_measure",
                )
            )
        stuck += [
            Stuck(
                _("Measure without a date"),
                one.measure.what,
                _("Set a date"),
                reverse("cases:change_measure", args=[reference, one.measure.pk]),
                "change_measure",
            )
            for one in line.measures
            if one.lacks_a_date and line.goal.is_under_way
        ]
    return stuck


def _needs_alone(file: FileHead) -> list[Stuck]:
    goals = Goal.objects.standing().filter(needs=OuterRef("pk"))
    referrals = Referral.objects.filter(need=OuterRef("pk"))
    needs = (
        Need.objects.visible_to(file.reader)
        .standing()
        .filter(case=file.case, state__in=(Need.State.OPEN, Need.State.IN_PROGRESS))
        .exclude(Exists(goals))
        .exclude(Exists(referrals))
    )
    address = reverse("cases:set_goal", args=[file.case.reference])
    return [
        Stuck(
            _("Need without a goal or referral"),
            need.description,
            _("Set a goal"),
            f"{address}?need={need.pk}",
            "set_goal",
        )
        for need in needs.order_by("pk")
    ]
