"""Deadlines of a case: the page, and the steps of one."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from cases.access import Step
from cases.forms.deadlines import (
    ChangeDeadlineForm,
    CheckDeadlineForm,
    EnterLetterForm,
    LetterForm,
    SettleDeadlineForm,
)
from cases.legal_deadlines import last_resorts
from cases.legal_sentences import Line, last_resort_lines, lines_of
from cases.models import Case, Deadline, DeadlineRule, Expiry, FollowUp
from cases.models.past import past_values, with_past
from cases.views.file_head import FileHead, head_or_403
from cases.views.step import file_or_403, record_or_404, step_page, typed, way_back
from cases.workflow import deadlines as workflow
from cases.workflow.steps import check


@require_safe
def deadlines(request, reference):
    """Show what has to be done by when: open deadlines by date, what expires, what is over."""
    head = head_or_403(request, reference, "deadlines")
    rows, expiries = _deadlines_of(head), _expiries_of(head)
    open_ones = [row for row in rows if row.is_open]
    settled = [row for row in rows if not row.is_open]
    context = {
        "file": head,
        "open_ones": open_ones,
        "settled": sorted(settled, key=lambda row: (row.due_on, row.pk), reverse=True),
        "expiries": [one for one in expiries if one.is_open],
        "ended_expiries": [one for one in reversed(expiries) if not one.is_open],
    }
    return render(request, "cases/deadlines.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def enter_letter(request, reference):
    """Enter a letter or an event; what the portal makes of it is shown before it is saved."""
    case = file_or_403(request, reference)
    form = EnterLetterForm(typed(request), case=case, reader=request.user, preview_url=request.path)
    return _letter_page(
        request,
        case,
        Step.ENTER_LETTER,
        form,
        act=lambda **_data: _place(
            workflow.enter_letter(case, by=request.user, letter=form.letter())
        ),
        success=_("The deadline is saved. Please check it against the letter."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def change_deadline(request, reference, pk):
    """Correct what was entered, or say that another day counts."""
    case, deadline = _case_and_deadline(request, reference, pk)
    form = ChangeDeadlineForm(
        typed(request), case=case, deadline=deadline, preview_url=request.path
    )
    return _letter_page(
        request,
        case,
        Step.CHANGE_DEADLINE,
        form,
        act=lambda **_data: _place(
            workflow.change_deadline(deadline, by=request.user, letter=form.letter())
        ),
        success=_("The deadline has been changed."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def check_deadline(request, reference, pk):
    """Compare the computed day with the letter, rule by rule, and say so."""
    case, deadline = _case_and_deadline(request, reference, pk)
    return step_page(
        request,
        case,
        Step.CHECK_DEADLINE,
        form=CheckDeadlineForm(typed(request)),
        act=lambda: _place(workflow.check_deadline(deadline, by=request.user)),
        success=_("Thank you: the deadline is marked as checked."),
        template="cases/check_deadline.html",
        title=_("Check the deadline"),
        deadline=deadline,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def settle_deadline(request, reference, pk):
    """Say what became of a deadline."""
    case, deadline = _case_and_deadline(request, reference, pk)
    others = FollowUp.objects.filter(case=case).open()
    own = [one for one in (deadline.follow_up_id, deadline.warning_id) if one]
    must_plan = case.is_active and not others.exclude(pk__in=own).exists()
    resorts = last_resorts(deadline.rule.as_rule()) if deadline.is_past else ()
    return step_page(
        request,
        case,
        Step.SETTLE_DEADLINE,
        form=SettleDeadlineForm(typed(request), deadline=deadline, must_plan=must_plan),
        act=lambda **data: _place(workflow.settle_deadline(deadline, by=request.user, **data)),
        success=_("The deadline is settled."),
        template="cases/settle_deadline.html",
        deadline=deadline,
        resorts=last_resort_lines(resorts),
    )


# --- The preview ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """What a page says of a deadline that is not saved yet."""

    rule: DeadlineRule
    found: workflow.Computed
    lines: list[Line]
    resorts: list[tuple[str, str]]

    @classmethod
    def of(cls, form: LetterForm) -> "Preview":
        letter = form.letter()
        found = workflow.computed(letter)
        resorts = last_resorts(letter.rule.as_rule()) if found.is_past else ()
        lines = lines_of(step.stored() for step in found.result.steps)
        return cls(letter.rule, found, lines, last_resort_lines(resorts))


def _letter_page(
    request: HttpRequest, case: Case, step: Step, form: LetterForm, *, act, success: str
) -> HttpResponse:
    """Show the form, count without saving, or save."""
    template = "cases/enter_letter.html"
    if request.method != "POST" or "preview" not in request.POST:
        return step_page(
            request,
            case,
            step,
            form=form,
            act=act,
            success=success,
            template=template,
            preview=None,
        )
    check(step, by=request.user, on=case)
    preview = Preview.of(form) if form.is_valid() else None
    if request.htmx:
        # While somebody types, what is still missing is not held against them.
        return render(request, "cases/_deadline_result.html", {"preview": preview})
    context = {"case": case, "step": step, "form": form, "refusal": None, "preview": preview}
    context["back"] = way_back(request)
    return render(request, template, context)


# --- Loading --------------------------------------------------------------------------------------


def _deadlines_of(head: FileHead) -> list[Deadline]:
    """Load the deadlines by date; a former lead reads them as they stood."""
    rows = Deadline.objects.visible_to(head.reader).filter(case=head.case)
    rows = rows.for_page().order_by("due_on", "pk")
    if head.until is None:
        return list(rows)
    rows = list(with_past(rows, Deadline, head.until))
    for row in rows:
        then = past_values(row, Deadline)
        row.state, row.due_on = then["state"] or row.state, then["due_on"] or row.due_on
        row.settled_at = then["settled_at"]
        if then["has_changed"]:
            # What was written then is not kept: better nothing than what was written later.
            row.subject = row.other_authority = row.changed_because = ""
            row.explanation, row.checked_at = [], None
    return sorted(rows, key=lambda row: (row.due_on, row.pk))


def _expiries_of(head: FileHead) -> list[Expiry]:
    rows = Expiry.objects.visible_to(head.reader).filter(case=head.case).for_page()
    if head.until is None:
        return list(rows)
    rows = list(with_past(rows, Expiry, head.until))
    for row in rows:
        row.ended_at = past_values(row, Expiry)["ended_at"]
    return rows


def _case_and_deadline(request: HttpRequest, reference: str, pk: int) -> tuple[Case, Deadline]:
    case = file_or_403(request, reference)
    rows = Deadline.objects.select_related(
        "rule", "authority", "follow_up", "warning", "checked_by"
    )
    deadline = record_or_404(rows, request, case, pk)
    deadline.follow_up.case = case
    return case, deadline


def _place(deadline: Deadline) -> str:
    page = reverse("cases:deadlines", args=[deadline.case.reference])
    return f"{page}#deadline-{deadline.pk}"
