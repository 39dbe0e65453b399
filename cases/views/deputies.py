"""Deputy and team of a case."""

from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import AccessReason, Step
from cases.forms.deputies import DeputyForm, EndRightForm, TeamMemberForm
from cases.models import CaseAccess
from cases.views.step import file_or_403, step_page, typed
from cases.workflow import deputies


@require_http_methods(["GET", "HEAD", "POST"])
def name_deputy(request, reference):
    """Name who stands in for the lead."""
    case = file_or_403(request, reference)
    return step_page(
        request,
        case,
        Step.NAME_DEPUTY,
        form=DeputyForm(typed(request), case=case),
        act=lambda **data: deputies.name_deputy(case, by=request.user, **data),
        success=_("The deputy has been named."),
        intro=_("The deputy reads the whole file and may take every step of the lead."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def remove_deputy(request, reference):
    """End the deputyship."""
    case = file_or_403(request, reference)
    return step_page(
        request,
        case,
        Step.REMOVE_DEPUTY,
        form=EndRightForm(typed(request)),
        act=lambda: deputies.remove_deputy(case, by=request.user),
        success=_("The deputyship has ended."),
        intro=_("The deputy loses access at once. Their open follow-ups go to the lead."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_team_member(request, reference):
    """Let a colleague read the file and record contacts and follow-ups."""
    case = file_or_403(request, reference)
    return step_page(
        request,
        case,
        Step.ADD_TEAM_MEMBER,
        form=TeamMemberForm(typed(request), case=case),
        act=lambda **data: deputies.add_team_member(case, by=request.user, **data).case,
        success=_("The colleague has access now."),
        intro=_("Team members read the file and record contacts and follow-ups."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def remove_team_member(request, reference, pk):
    """End a team member's access."""
    case = file_or_403(request, reference)
    rows = CaseAccess.objects.current().filter(case=case, reason=AccessReason.TEAM)
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    row.case = case
    return step_page(
        request,
        case,
        Step.REMOVE_TEAM_MEMBER,
        form=EndRightForm(typed(request)),
        act=lambda: deputies.remove_team_member(row, by=request.user),
        success=_("The access has ended."),
        intro=_("The colleague loses access at once. Their open follow-ups go to the lead."),
    )
