"""What moves with the lead: rows, deputy and open follow-ups, in the transaction of the step."""

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.workflow.rights import bring_home, pass_on_lead
from cases.workflow.steps import Taking
from centers.models import Center
from kim_portal.errors import Refusal
from providers.models import Provider, StaffMember
from providers.roles import Permission


def move_lead(
    taken: Taking, to: StaffMember, *, provider: Provider, center: Center | None = None
) -> None:
    """Make `to` the lead for `provider`; whoever loses access leaves their follow-ups to them.

    The new lead's own row is locked: nobody becomes a lead while they are leaving
    (`workflow.leaving`). Adds to the event who led before, for whom and where.
    """
    case = taken.case
    to = StaffMember.objects.select_for_update(no_key=True).get(pk=to.pk)
    if not to.may(Permission.TAKE_CASES):
        raise Refusal(_("%(person)s does not work as a caseworker at the moment.") % {"person": to})
    before = {
        "former_lead": case.lead_id,
        "former_provider": case.provider_id,
        "former_center": case.center_id,
    }
    pass_on_lead(case, to, provider=provider, by=taken.by, at=timezone.now())
    case.lead, case.provider = to, provider
    case.center = center or case.center
    if case.deputy_id == to.pk:
        case.deputy = None
    moved = bring_home(case)
    taken.details |= before | {
        "lead": to.pk,
        "provider": provider.pk,
        "center": case.center_id,
        "moved_follow_ups": moved,
    }
