"""Who else works on a case: the deputy and the team."""

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.access import AccessReason, Step
from cases.models import Case, CaseAccess
from cases.workflow import rights
from cases.workflow.steps import taking
from kim_portal.errors import Refusal
from providers.models import StaffMember


def name_deputy(case: Case, *, by: StaffMember, to: StaffMember, seen: int | None = None) -> Case:
    """Make `to` the deputy, in place of whoever was; across providers only under a consent.

    `seen` is the key of the deputy whom the form showed, 0 for nobody: if that has changed
    meanwhile, Refusal.
    """
    with taking(Step.NAME_DEPUTY, case, by=by) as taken:
        if to.pk == case.lead_id:
            raise Refusal(_("The lead cannot deputise for themselves."))
        before = case.deputy_id
        if before == to.pk:
            raise Refusal(_("%(person)s deputises already.") % {"person": to})
        if seen is not None and seen != (before or 0):
            raise _changed_meanwhile(case)
        rights.end(case, Q(reason=AccessReason.DEPUTY))
        rights.end(case, Q(staff_member=to, reason=AccessReason.TEAM))
        case.deputy = to
        row = rights.grant(case, to, AccessReason.DEPUTY, by=by)
        rights.bring_home(case)
        taken.record(row, deputy=to.pk, former=before)
    return case


def _changed_meanwhile(case: Case) -> Refusal:
    """Say who deputises now."""
    if case.deputy is None:
        return Refusal(_("The deputyship has been ended meanwhile: nobody deputises now."))
    return Refusal(
        _("The deputy has been changed meanwhile: it is %(person)s now.") % {"person": case.deputy}
    )


def remove_deputy(case: Case, *, by: StaffMember) -> Case:
    """End the deputyship; the deputy's open follow-ups go to the lead."""
    with taking(Step.REMOVE_DEPUTY, case, by=by) as taken:
        if case.deputy_id is None:
            raise Refusal(_("This case has no deputy."))
        taken.record(former=case.deputy_id)
        rights.end(case, Q(reason=AccessReason.DEPUTY))
        case.deputy = None
        rights.bring_home(case)
    return case


def add_team_member(
    case: Case, *, by: StaffMember, to: StaffMember, until: date | None = None
) -> CaseAccess:
    """Let `to` read the file and record contacts and follow-ups, until the end of that day."""
    with taking(Step.ADD_TEAM_MEMBER, case, by=by) as taken:
        rows = CaseAccess.objects.current().filter(case=case, staff_member=to)
        if rows.exclude(reason=AccessReason.HANDOVER).exists():
            raise Refusal(_("%(person)s has access already.") % {"person": to})
        row = rights.grant(case, to, AccessReason.TEAM, by=by, ends_at=rights.midnight_after(until))
        taken.record(row, member=to.pk, until=until)
    return row


def remove_team_member(row: CaseAccess, *, by: StaffMember) -> Case:
    """End one team member's right; their open follow-ups go to the lead."""
    case = row.case
    with taking(Step.REMOVE_TEAM_MEMBER, case, by=by) as taken:
        if not rights.end(case, Q(pk=row.pk, reason=AccessReason.TEAM)):
            raise Refusal(_("This right has ended already."))
        rights.bring_home(case)
        taken.record(row, member=row.staff_member_id)
    return case
