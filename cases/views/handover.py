"""Handing a case over: the offer, its sheet, the answers, and the list of all that wait."""

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.access import Standing, Step
from cases.exports.handovers import handover_file
from cases.forms.handover import (
    AmendHandoverForm,
    AnswerQuestionForm,
    AskBackForm,
    BecauseForm,
    ConfirmForm,
    HandOverForm,
    ObtainedConsentForm,
    consent_url,
)
from cases.models import Case, Handover, HandoverQuestion
from cases.models.doors import rows_of
from cases.views.step import file_or_403, leave_for, step_page, typed
from cases.workflow import assigning, handover_sheet
from cases.workflow import handover as workflow
from cases.workflow.steps import steps_open_to
from kim_portal.errors import NotYours, Refusal
from kim_portal.pagination import count_up_to, page_of
from providers.roles import Permission

LONGEST_FILE = 5000

PAGE = ["GET", "HEAD", "POST"]


# --- Finding an offer ---------------------------------------------------------------------------


def _of_file_or_404(request, reference: str) -> Handover:
    """Find the open offer of a case whose file the reader may open."""
    case = file_or_403(request, reference)
    handover = Handover.objects.visible_to(request.user).filter(case=case).waiting()
    return _with_case(handover.for_list().first(), case)


def _to_me_or_refusal(request, reference: str) -> Handover:
    """Find the open offer made to the reader; of one that has ended, say what became of it."""
    offers = Handover.objects.filter(case__reference=reference).for_list()
    handover = offers.filter(pk__in=Handover.objects.offered_to(request.user)).first()
    if handover is not None:
        return _with_case(handover, handover.case)
    once = Handover.objects.once_offered_to(request.user).filter(case__reference=reference)
    former = once.select_related("answered_by").order_by("-recorded_at").first()
    if former is not None and not former.is_open:
        raise workflow.overtaken(former)
    if former is not None or Case.objects.known_to(request.user).filter(reference=reference):
        raise NotYours
    raise Http404


def _named_or_404(request, reference: str) -> Handover:
    """Find the offer by which the coordination named the reader and that waits for a consent."""
    named = Handover.objects.named_to(request.user).filter(case__reference=reference)
    handover = named.for_list().first()
    if handover is None:
        raise Http404
    return _with_case(handover, handover.case)


def _with_case(handover: Handover | None, case: Case) -> Handover:
    if handover is None:
        raise Http404
    handover.case = case
    return handover


# --- The lead's pages ---------------------------------------------------------------------------


@require_http_methods(PAGE)
def hand_over(request, reference):
    """Offer the case; while an offer is open, show how to track or withdraw it instead."""
    case = file_or_403(request, reference)
    if "consent_first" in request.POST:
        return redirect(leave_for(request, consent_url(case, request.POST.get("receiver", ""))))
    offers = Handover.objects.filter(case=case).waiting()
    present = offers.select_related("case", "to_staff", "to_center").first()
    live = handover_sheet.live_sheet(Handover(case=case))
    is_first_look = request.method != "POST" and present is None
    consents = handover_sheet.consents_to_hand_over(case)
    form = HandOverForm(
        typed(request),
        case=case,
        consents=consents,
        initial=handover_sheet.draft(case, live) if is_first_look else None,
    )
    return step_page(
        request,
        case,
        Step.HAND_OVER,
        form=form,
        act=lambda **data: workflow.hand_over(case, by=request.user, **data),
        success=_("The case is offered. Until somebody accepts, it stays with you."),
        template="cases/hand_over.html",
        present=present,
        consents=consents,
        live=live,
    )


@require_safe
def sheet(request, reference):
    """Show an offer to whoever it concerns: the receiver, the lead, or whom it is to reach."""
    offers = Handover.objects.filter(case__reference=reference).for_sheet(request.user)
    handover = offers.reaching().for_list().order_by("-recorded_at", "-pk").first()
    if handover is None:
        handover = _to_me_or_refusal(request, reference)
    if handover.is_named and not handover.is_file_open:
        return render(request, "cases/named.html", {"handover": handover, "case": handover.case})
    return _sheet_page(request, handover)


def _sheet_page(request, handover: Handover):
    """Show the sheet. Name, birth date and free text of the file only where they may be known."""
    is_own = handover.is_file_open
    is_open = handover.is_open
    reviews = handover.reviews.select_related("reviewer").order_by("started_at") if is_own else ()
    context = {
        "handover": handover,
        "case": handover.case,
        "is_own": is_own,
        "is_reviewing": handover.is_reviewed,
        "shows_identity": (
            is_own or handover.to_staff_id == request.user.pk or handover.is_reviewed
        ),
        "live": handover_sheet.live_sheet(handover, with_needs=not is_own) if is_open else None,
        "questions": handover.questions.select_related("asked_by", "answered_by"),
        "reviews": reviews,
        "steps": {step.value for step in _steps(request, handover)} if is_open else set(),
    }
    return render(request, "cases/sheet.html", context)


def _steps(request, handover: Handover) -> set[Step]:
    """Return the reader's steps on an offer from what its row already says."""
    rows = rows_of(request.user).filter(case=handover.case_id) if handover.is_file_open else None
    standing = Standing(
        reasons=frozenset() if rows is None else frozenset(rows.values_list("reason", flat=True)),
        is_receiver=handover.is_sheet_open,
    )
    return steps_open_to(
        request.user, handover.case, revoked=handover.file_revoked, standing=standing
    )


@require_http_methods(PAGE)
def amend_handover(request, reference):
    """Amend the text of the open sheet."""
    handover = _of_file_or_404(request, reference)
    return _offer_step(
        request,
        handover,
        Step.AMEND_HANDOVER,
        form=AmendHandoverForm(typed(request), handover=handover),
        act=lambda **data: workflow.amend_handover(handover, by=request.user, **data),
        success=_("The sheet has been amended."),
        intro=_("The dates on the sheet are always those of the file; only the text is fixed."),
    )


@require_http_methods(PAGE)
def answer_question(request, reference, pk):
    """Answer a question that a receiver asked back."""
    handover = _of_file_or_404(request, reference)
    question = HandoverQuestion.objects.filter(handover=handover, pk=pk).first()
    if question is None:
        raise Http404
    question.handover = handover
    return _offer_step(
        request,
        handover,
        Step.ANSWER_QUESTION,
        form=AnswerQuestionForm(typed(request)),
        act=lambda **data: workflow.answer_question(question, by=request.user, **data),
        success=_("The answer stands on the sheet."),
        quote=question.question,
    )


@require_http_methods(PAGE)
def withdraw_handover(request, reference):
    """Take the open offer back."""
    handover = _of_file_or_404(request, reference)
    return _offer_step(
        request,
        handover,
        Step.WITHDRAW_HANDOVER,
        form=BecauseForm(typed(request), submit_label=_("Withdraw"), required=False),
        act=lambda **data: _to_the_case(
            workflow.withdraw_handover(handover, by=request.user, **data)
        ),
        success=_("The offer is withdrawn. The case stays with its lead."),
        intro=_("The sheet closes at once for everybody to whom it was offered."),
    )


# --- The receiver's pages -----------------------------------------------------------------------


@require_http_methods(PAGE)
def review_handover(request, reference):
    """Consider taking the case on: from then on name and birth date are shown."""
    handover = _to_me_or_refusal(request, reference)
    return _offer_step(
        request,
        handover,
        Step.REVIEW_HANDOVER,
        form=ConfirmForm(typed(request), submit_label=Step.REVIEW_HANDOVER.label),
        act=lambda: workflow.review_handover(handover, by=request.user),
        intro=_(
            "You will see name and date of birth, so that you can tell whether you are biased. "
            "It is recorded, and the lead sees that you are considering the case."
        ),
    )


@require_http_methods(PAGE)
def ask_back(request, reference):
    """Ask the lead something before deciding."""
    handover = _to_me_or_refusal(request, reference)
    return _offer_step(
        request,
        handover,
        Step.ASK_BACK,
        form=AskBackForm(typed(request)),
        act=lambda **data: workflow.ask_back(handover, by=request.user, **data),
        success=_("Your question is with the lead."),
    )


@require_http_methods(PAGE)
def accept_handover(request, reference):
    """Take the case on; the page says beforehand what moves. Sent twice, it leads to the file."""
    try:
        handover = _to_me_or_refusal(request, reference)
    except (Refusal, NotYours):
        mine = Handover.objects.filter(case__lead=request.user, state=Handover.State.ACCEPTED)
        if mine.filter(case__reference=reference, answered_by=request.user).exists():
            return redirect("cases:detail", reference)
        raise
    return _offer_step(
        request,
        handover,
        Step.ACCEPT_HANDOVER,
        form=ConfirmForm(typed(request), submit_label=_("Accept")),
        act=lambda: workflow.accept_handover(handover, by=request.user),
        success=_("You lead the case now. Its open follow-ups are in your list."),
        template="cases/accept_handover.html",
        live=handover_sheet.live_sheet(handover),
    )


@require_http_methods(PAGE)
def decline_handover(request, reference):
    """Decline, with a reason."""
    named = Handover.objects.named_to(request.user).filter(case__reference=reference).exists()
    handover = (_named_or_404 if named else _to_me_or_refusal)(request, reference)
    to_team = _("You decline for the whole team: the offer ends, and the lead reads your reason.")
    return _offer_step(
        request,
        handover,
        Step.DECLINE_HANDOVER,
        form=BecauseForm(typed(request), submit_label=_("Decline")),
        act=lambda **data: _to_the_list(
            workflow.decline_handover(handover, by=request.user, **data)
        ),
        success=_("You have declined. The case stays with its lead."),
        intro=to_team if handover.to_center else _("The lead reads your reason."),
    )


@require_http_methods(PAGE)
def obtain_consent(request, reference):
    """Record the consent that the person gave to whoever the coordination named."""
    handover = _named_or_404(request, reference)
    return _offer_step(
        request,
        handover,
        Step.OBTAIN_CONSENT,
        form=ObtainedConsentForm(typed(request)),
        act=lambda **data: assigning.obtain_consent(handover, by=request.user, **data),
        success=_("The consent is recorded. You can read the sheet and decide now."),
        intro=_("The person agrees that your employer takes the case over and reads the file."),
    )


# --- The coordinator's page ---------------------------------------------------------------------


@require_http_methods(PAGE)
def send_back(request, reference):
    """Give an offer that nobody has answered in time back to its lead."""
    if not request.user.may(Permission.ASSIGN_LEADS):
        file_or_403(request, reference)
        raise NotYours
    registered = Case.objects.registered_to(request.user).filter(reference=reference)
    case = registered.select_related("center", "lead", "provider").first()
    if case is None:
        raise Http404
    handover = Handover.objects.filter(case=case).waiting().first()
    if handover is None:
        raise Refusal(_("Nothing waits for an answer on this case any more."))
    handover.case = case
    return _offer_step(
        request,
        handover,
        Step.SEND_BACK,
        form=BecauseForm(typed(request), submit_label=Step.SEND_BACK.label),
        act=lambda **data: _to_assigning(workflow.send_back(handover, by=request.user, **data)),
        success=_("The offer has gone back to the lead."),
        intro=_("The offer ends. The lead keeps the case and reads your reason."),
        back_url=reverse("cases:without_lead"),
        back_label=_("Back to the list"),
    )


# --- All handovers ------------------------------------------------------------------------------


@require_safe
def handovers(request):
    """List what waits for the reader, what they have offered, and what has been answered."""
    tab, rows, order = _tab_of(request)
    labels = {
        "incoming": (_("Incoming"), count_up_to(Handover.objects.incoming(request.user))),
        "outgoing": (_("Outgoing"), count_up_to(Handover.objects.outgoing(request.user))),
        "answered": (_("Answered"), None),
    }
    context = {
        "tab": tab,
        "tabs": [(name, label, count) for name, (label, count) in labels.items()],
        "page": page_of(request, rows.for_list(), order=order, cursor_field="pk"),
    }
    return render(request, "cases/handovers.html", context)


@require_safe
def export(request):
    """Give the handovers that the list shows as a file."""
    _tab, rows, order = _tab_of(request)
    return handover_file(rows.for_list().order_by(*order, "pk")[:LONGEST_FILE])


def _tab_of(request) -> tuple[str, QuerySet, tuple[str, ...]]:
    """Return which list is asked for, its rows and its order."""
    reader = request.user
    if not reader.may(Permission.TAKE_CASES):
        raise NotYours
    lists = {
        "incoming": (Handover.objects.incoming(reader), ("answer_due_on",)),
        "outgoing": (Handover.objects.outgoing(reader), ("answer_due_on",)),
        "answered": (Handover.objects.answered_with(reader), ("-recorded_at",)),
    }
    tab = request.GET.get("show", "")
    if tab not in lists:
        tab = "incoming"
    return tab, *lists[tab]


# --- What they share ----------------------------------------------------------------------------


def _offer_step(request, handover: Handover, step: Step, *, form, act, success="", **context):
    """Take one step on an offer: as every step, with the way back to the sheet."""
    context.setdefault("template", "cases/handover_step.html")
    context.setdefault("back_url", handover.get_absolute_url())
    context.setdefault("back_label", _("Back to the handover sheet"))
    return step_page(
        request,
        handover.case,
        step,
        form=form,
        act=act,
        success=success,
        handover=handover,
        **context,
    )


def _to_the_case(handover: Handover) -> str:
    return handover.case.get_absolute_url()


def _to_the_list(handover: Handover) -> str:
    return reverse("cases:handovers")


def _to_assigning(handover: Handover) -> str:
    return reverse("cases:without_lead")
