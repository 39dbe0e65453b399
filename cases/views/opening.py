"""Opening a case: one page, one transaction, one case however often it is sent."""

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.opening import OpenCaseForm
from cases.models import Case
from cases.views.step import step_page, typed
from cases.workflow import duplicates, opening
from cases.workflow.once import has_arrived
from kim_portal.errors import NotYours
from providers.roles import Permission

TEMPLATE = "cases/open.html"


@require_http_methods(["GET", "HEAD", "POST"])
def open_case(request):
    """Ask for everything that opens a case; of a likely duplicate the page says so first."""
    if not request.user.may(Permission.OPEN_CASES):
        raise NotYours
    form = OpenCaseForm(typed(request), opener=request.user)
    if form.is_bound and "more_needs" in form.data:
        return _page(request, form.with_another_need(), focus_last_need=True)
    known = _same_person(request)
    if request.method == "POST" and known is None and form.is_valid():
        hint = _hint_to_show(request, form)
        if hint is not None:
            return _page(request, form, hint=hint)

    def act(**_data):
        arguments = form.arguments()
        if known is not None:
            arguments["person"] = known.person
        return opening.open_case(by=request.user, **arguments)

    return step_page(
        request,
        None,
        Step.OPEN,
        form=form,
        act=act,
        success=_("The case is open and its first follow-up is planned."),
        template=TEMPLATE,
        hint=None,
        focus_last_need=False,
    )


def _page(request, form, *, hint=None, focus_last_need=False):
    page = {"case": None, "step": Step.OPEN, "form": form, "refusal": None}
    return render(request, TEMPLATE, page | {"hint": hint, "focus_last_need": focus_last_need})


def _same_person(request) -> Case | None:
    """Return the case of whose person a second one is asked for: only where the file is open."""
    reference = request.POST.get("same_person_as")
    if not reference:
        return None
    known = duplicates.reusable_by(request.user).filter(reference=reference).first()
    if known is None:
        raise Http404
    return known


def _hint_to_show(request, form) -> duplicates.Hint | None:
    """Return the hint that stands before opening, unless it was read or the case is there."""
    hint = duplicates.look_up(form.identity(), by=request.user)
    if has_arrived(form.cleaned_data["once_key"], by=request.user):
        return None
    duplicates.record_shown(hint, by=request.user)
    was_read = hint.token and request.POST.get("acknowledged") == hint.token
    return hint if hint.is_shown and not was_read else None
