"""Hints while a case is opened, and suspicions settled afterwards."""

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases.access import Step
from cases.forms.duplicates import SettleSuspicionForm
from cases.forms.people import IdentityForm
from cases.models import DuplicateSuspicion
from cases.views.step import file_or_403, step_page, typed
from cases.workflow import duplicates
from kim_portal.errors import NotYours
from providers.roles import Permission


@require_POST
def hint(request):
    """Answer the form that is being filled in: the hint it may show, or nothing."""
    if not request.user.may(Permission.OPEN_CASES):
        raise NotYours
    identity = IdentityForm(request.POST).identity()
    found = duplicates.look_up(identity, by=request.user) if identity else duplicates.Hint()
    duplicates.record_shown(found, by=request.user)
    return render(request, "cases/_duplicate_hint.html", {"hint": found})


@require_http_methods(["GET", "HEAD", "POST"])
def settle_suspicion(request, reference, pk):
    """Say whether two cases are about one person, after a word with the other lead."""
    case = file_or_403(request, reference)
    suspicions = DuplicateSuspicion.objects.told_to(case).select_related(
        "known__center", "known__lead", "newer__center", "newer__lead"
    )
    suspicion = suspicions.filter(pk=pk).first()
    if suspicion is None:
        raise Http404

    def act(state):
        duplicates.settle_suspicion(suspicion, case=case, by=request.user, state=state)
        return case

    return step_page(
        request,
        case,
        Step.SETTLE_SUSPICION,
        form=SettleSuspicionForm(typed(request)),
        act=act,
        success=_("The suspicion is settled. The other lead reads it too."),
        template="cases/settle_suspicion.html",
        suspicion=suspicion,
        other=suspicion.other_than(case),
    )
