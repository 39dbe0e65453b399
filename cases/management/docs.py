"""The pages of `docs/` that are made from the code: its states, and who may do what.

`manage.py write_docs` writes them, a test compares. Words that people read stand beside the
English ones, as the pages show them.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.db.models import TextChoices
from django.utils import translation

from cases.access import AccessReason, Level, Rule, Step
from cases.models import Goal, Handover, Phase, Referral
from cases.workflow.goals import NEXT_STATES as NEXT_GOAL_STATES
from cases.workflow.phases import PHASES, is_backward, transitions
from cases.workflow.referrals import NEXT_STATES
from cases.workflow.steps import STEPS
from providers.roles import GRANTS, Permission, Role

MADE = "<!-- Made by `manage.py write_docs` from the code. Do not edit. -->"

LEVELS = {
    Level.NOTHING: ("–", "That there is such a case is not said: 404."),
    Level.REGISTER: (
        "`registered_to`",
        "Reference, center, phase, lead and their phone, dates, legal domains. Not who it is.",
    ),
    Level.SHEET: (
        "`offered_to`",
        "What an open handover shows: age, languages, Ortsteil, the lead's summary, live dates.",
    ),
    Level.FILE: (
        "`visible_to`",
        "Everything but other people's personal notes. A former lead: as it stood when the case "
        "was accepted.",
    ),
}
PERMISSIONS = {
    Permission.READ_FILES: "open files, each with a current row in `CaseAccess`",
    Permission.OPEN_CASES: "open a case",
    Permission.TAKE_CASES: "be offered cases and accept them",
    Permission.READ_REGISTER: "read the register of one's center",
    Permission.ASSIGN_LEADS: "assign a lead where there is no able one",
    Permission.READ_STATISTICS: "read the figures of one's centers",
    Permission.READ_DIRECTORY: "read the directory of services",
    Permission.ADMINISTER: "centers, hours, staff and catalogues in the administration",
}
# What ends an open offer; tests/cases/test_docs.py takes each step and compares.
HANDOVER_STEPS: tuple[tuple[Step, Handover.State], ...] = (
    (Step.ACCEPT_HANDOVER, Handover.State.ACCEPTED),
    (Step.DECLINE_HANDOVER, Handover.State.DECLINED),
    (Step.WITHDRAW_HANDOVER, Handover.State.WITHDRAWN),
    (Step.SEND_BACK, Handover.State.WITHDRAWN),
    (Step.ASSIGN_LEAD, Handover.State.WITHDRAWN),
    (Step.REVOKE_CONSENT, Handover.State.WITHDRAWN),
    (Step.CLOSE, Handover.State.WITHDRAWN),
)


def pages() -> dict[Path, str]:
    """Return what each made page should hold, by its place."""
    folder = Path(settings.BASE_DIR) / "docs"
    return {folder / "states.md": states(), folder / "access.md": access()}


def write() -> None:
    """Write every made page anew."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def outdated() -> list[Path]:
    """Return the made pages that differ from the code, or are missing."""
    return [
        path
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


# --- States ---------------------------------------------------------------------------------------


def states() -> str:
    """Draw the ways of a case, of a referral and of a handover."""
    return _page(
        "States and the steps between them",
        "A state changes by a step of `cases/workflow/` alone. Each change leaves an entry in the"
        " timeline (`CaseEvent`).",
        "## Phases of a case",
        *_phases(),
        "## Referrals",
        "From `NEXT_STATES` in `cases/workflow/referrals.py`; every change is made with the step"
        f" {_both(Step.UPDATE_REFERRAL)}. What has ended is not taken up again: a new attempt is a"
        " new referral.",
        _table(
            ("State", "On the page", "Can be followed by"),
            (
                (
                    _code(before),
                    _german(before),
                    ", ".join(_code(after) for after in NEXT_STATES[before]) or "*ended*",
                )
                for before in Referral.State
            ),
        ),
        "Kinds that send data about the person, and therefore need a valid consent for the"
        f" recipient: {', '.join(_both(kind) for kind in Referral.Kind if _sends(kind))}.",
        "## Goals",
        "From `NEXT_STATES` in `cases/workflow/goals.py`; every change is made with the step"
        f" {_both(Step.RATE_GOAL)}, or by closing the case. Measures are open, done or dropped, and"
        " their follow-ups with them.",
        _table(
            ("State", "On the page", "Can be followed by"),
            (
                (
                    _code(before),
                    _german(before),
                    ", ".join(_code(after) for after in NEXT_GOAL_STATES[before]),
                )
                for before in Goal.State
            ),
        ),
        "## Handovers",
        "One offer per case is open at a time. Until it is accepted the old lead stays"
        " responsible. Questions asked back, amendments and reviews leave it open.",
        _diagram(_handover_lines()),
    )


def _phases() -> Iterator[str]:
    yield (
        "Drawn are the way forward, the end, which any open phase can come to, and what opens a"
        " case again. The table has every change that `transitions()` in"
        " `cases/workflow/phases.py` knows. Going back asks for a reason."
    )
    yield _diagram(_phase_lines())
    steps = {(before, after): step for before, after, step in transitions()}
    yield _table(
        ("From \\ to", *(_code(after) for after in Phase)),
        ((_code(before), *(_change(before, after, steps) for after in Phase)) for before in Phase),
    )
    reached = {PHASES[0], *(after for _, after in steps)}
    if unreached := [phase for phase in Phase if phase not in reached]:
        yield f"No step leads to {', '.join(_both(phase) for phase in unreached)} yet."


def _phase_lines() -> Iterator[str]:
    for phase in Phase:
        yield f"{phase.value} : {phase.value} · {_german(phase)}"
    yield f"[*] --> {PHASES[0].value} : {_german(Step.OPEN)}"
    for before, after in pairwise(PHASES):
        yield f"{before.value} --> {after.value}"
    for before, after, step in transitions():
        # Of the ends, which every open phase has, only the last one's is drawn.
        if before not in PHASES[:-1] and step != Step.CHANGE_PHASE:
            yield f"{before.value} --> {after.value} : {_german(step)}"


def _change(before: Phase, after: Phase, steps: dict[tuple[Phase, Phase], Step]) -> str:
    step = steps.get((before, after))
    if step is None:
        return ""
    if step != Step.CHANGE_PHASE:
        return _code(step)
    return "back" if is_backward(before, after) else "forward"


def _sends(kind: Referral.Kind) -> bool:
    return kind in Referral.SENDS_DATA


def _handover_lines() -> Iterator[str]:
    for state in Handover.State:
        yield f"{state.value} : {state.value} · {_german(state)}"
    offered = Handover.State.OFFERED.value
    yield f"[*] --> {offered} : {_german(Step.HAND_OVER)}"
    for state in dict.fromkeys(after for _, after in HANDOVER_STEPS):
        steps = (_german(step) for step, after in HANDOVER_STEPS if after == state)
        yield f"{offered} --> {state.value} : {', '.join(steps)}"


# --- Access ---------------------------------------------------------------------------------------


def access() -> str:
    """List the levels, the roles and who may take which step."""
    return _page(
        "Who may see and do what",
        "Two tables of the code decide: `GRANTS` in `providers/roles.py` says what a role may do,"
        " `STEPS` in `cases/workflow/steps.py` what may be done to a case. There are no superusers"
        " and no groups.",
        "## Levels on one case",
        "A reader has one level on one case, the highest that a door opens"
        " (`cases/models/doors.py`). A fourth door, `countable_by`, lets rows into figures without"
        " showing them.",
        _table(
            ("Level", "Door", "What is seen"),
            ((level.name.lower(), *LEVELS[level]) for level in Level),
        ),
        "## Roles",
        "A role counts while its assignment is current and the login neither blocked nor ended;"
        " it counts at the assignment's center, and for its employer alone.",
        _table(
            ("Permission", "To", *(f"{role.value} ({_german(role)})" for role in Role)),
            (
                (
                    _code(permission),
                    PERMISSIONS[permission],
                    *(_mark(permission in GRANTS[role]) for role in Role),
                )
                for permission in Permission
            ),
        ),
        "## Rights to a file",
        "A file opens by a dated row of `CaseAccess` with one of these reasons, and only while its"
        " holder works as a caseworker for the employer it was given for.",
        _table(
            ("Reason", "On the page", "Steps it allows"),
            (
                (_code(reason), _german(reason), str(_count_allowed(reason)))
                for reason in AccessReason
            ),
        ),
        "## Steps",
        f"{_both(Step.OPEN)} is no row of the table: whoever holds `open_cases` may. After the"
        " consent to keep a file was revoked, only the steps marked in the last column are left.",
        _table(
            ("Step", "On the page", "Who", "Open case", "Closed case", "After revocation"),
            (
                (
                    _code(step),
                    _german(step),
                    _who(rule),
                    _mark(rule.on_active),
                    _mark(rule.on_closed),
                    _mark(rule.after_revocation),
                )
                for step, rule in STEPS.items()
            ),
        ),
        "Recorded without anybody pressing: "
        + ", ".join(_both(step) for step in Step if step not in STEPS and step != Step.OPEN)
        + ".",
    )


def _count_allowed(reason: AccessReason) -> int:
    return sum(reason in rule.reasons for rule in STEPS.values())


def _who(rule: Rule) -> str:
    who = [_code(reason) for reason in AccessReason if reason in rule.reasons]
    if rule.for_receiver:
        who.append("whom the case is offered to")
    if rule.for_named:
        who.append("whom the coordination named")
    if rule.permission is not None:
        who.append(f"holders of {_code(rule.permission)} at the center")
    return ", ".join(who)


# --- Writing --------------------------------------------------------------------------------------


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", MADE, *parts)) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _diagram(lines: Iterable[str]) -> str:
    drawn = "\n".join(f"    {line}" for line in lines)
    return f"```mermaid\nstateDiagram-v2\n{drawn}\n```"


def _code(choice: str) -> str:
    return f"`{choice}`"


def _german(choice: TextChoices) -> str:
    with translation.override("de"):
        return str(choice.label)


def _both(choice: TextChoices) -> str:
    return f"{_code(choice)} (*{_german(choice)}*)"


def _mark(is_so: bool) -> str:
    return "yes" if is_so else "–"
