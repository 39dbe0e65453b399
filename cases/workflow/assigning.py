"""Cases that nobody can lead any more: the coordination assigns them.

Within the case's provider the lead moves at once. Where that provider has nobody, the coordination
names any caseworker, who sees the reference and the person's phone, asks for the consent, records
it, and only then reads the sheet and decides.
"""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import AnnouncedLeaving, Case, Consent, DataKind, Handover, HandoverReason
from cases.workflow.consents import record_consent
from cases.workflow.handover import answer_due
from cases.workflow.lead_changes import move_lead
from cases.workflow.rights import employer_for
from cases.workflow.steps import file_consent_revoked, taking
from kim_portal.errors import Refusal
from providers.models import Assignment, Provider, StaffMember
from providers.roles import Permission


def assignable(reader: StaffMember) -> QuerySet[Case]:
    """Return the cases that the coordinator may assign, through the register's door."""
    if not reader.may(Permission.ASSIGN_LEADS):
        return Case.objects.none()
    return Case.objects.registered_to(reader).to_assign()


def caseworkers_who_stay() -> QuerySet[StaffMember]:
    """Return every caseworker at work today who is not about to leave."""
    leaving = AnnouncedLeaving.objects.values("staff_member")
    return StaffMember.objects.working_as_caseworkers().exclude(pk__in=leaving)


def candidates_of(provider: Provider | int) -> QuerySet[StaffMember]:
    """Return who works as a caseworker for this provider today and is not about to leave."""
    jobs = Assignment.objects.current().granting(Permission.TAKE_CASES).filter(employer=provider)
    return caseworkers_who_stay().filter(pk__in=jobs.values("staff_member"))


def candidates_for(case: Case) -> QuerySet[StaffMember]:
    """Return who may lead this case within its provider, the present lead left out."""
    return candidates_of(case.provider_id).exclude(pk=case.lead_id)


def others_than(lead: int, provider: int) -> QuerySet[StaffMember]:
    """Return whom the coordination may name where `provider` has nobody but `lead`."""
    return caseworkers_who_stay().exclude(Q(pk=lead) | Q(pk__in=candidates_of(provider)))


def assign(case: Case, *, by: StaffMember, to: StaffMember) -> Case | Handover:
    """Assign within the provider, or name `to`, read again, where it has nobody left."""
    to = StaffMember.objects.get(pk=to.pk)
    if candidates_for(case).exists():
        return assign_lead(case, by=by, to=to)
    return name_for_consent(case, by=by, to=to)


def assign_lead(case: Case, *, by: StaffMember, to: StaffMember) -> Case:
    """Give the case a lead within its provider; an open offer ends with that.

    For cases without an able lead, with one who is leaving, or whose offer nobody has answered.
    Somebody of the team that the case was offered to takes it to their center.
    """
    with taking(Step.ASSIGN_LEAD, case, by=by) as taken:
        offer = Handover.objects.filter(case=case).waiting().select_for_update().first()
        _require_need(case, offer)
        if to.pk == case.lead_id:
            raise Refusal(_("%(person)s leads this case already.") % {"person": to})
        provider = employer_for(to, case)
        if provider.pk != case.provider_id:
            raise Refusal(
                _("%(person)s does not work for %(provider)s, whose file this is.")
                % {"person": to, "provider": case.provider}
            )
        center = None
        if offer is not None and offer.to_center_id is not None:
            works_there = to.covers_center(offer.to_center_id, Permission.TAKE_CASES)
            center = offer.to_center if works_there else None
        move_lead(taken, to, provider=provider, center=center)
        if offer is not None:
            _end(offer, by=by, because=_("The coordination has assigned a lead."))
    return case


def name_for_consent(case: Case, *, by: StaffMember, to: StaffMember) -> Handover:
    """Name a caseworker of another provider, because the case's own has nobody left.

    They learn the reference and the person's phone, and nothing else before the consent.
    """
    with taking(Step.ASSIGN_LEAD, case, by=by) as taken:
        offer = Handover.objects.filter(case=case).waiting().select_for_update().first()
        _require_need(case, offer)
        if file_consent_revoked(case):
            raise Refusal(
                _(
                    "The person has revoked the consent to keep a file. "
                    "No other provider can take the case on."
                )
            )
        if candidates_for(case).exists():
            raise Refusal(
                _("%(provider)s has caseworkers. Please assign the case to one of them.")
                % {"provider": case.provider}
            )
        if not to.may(Permission.TAKE_CASES) or to.pk == case.lead_id:
            raise Refusal(
                _("%(person)s does not work as a caseworker at the moment.") % {"person": to}
            )
        if offer is not None:
            _end(offer, by=by, because=_("The coordination has named somebody else."))
        handover = Handover.objects.create(
            case=case,
            recorded_by=by,
            from_staff=case.lead,
            to_staff=to,
            reason_id=HandoverReason.STAFF_CHANGE,
            situation=_(
                "The case needs a new lead, and its provider has no other caseworker. "
                "The coordination has named you. All records are in the file once you accept."
            ),
            answer_due_on=answer_due(timezone.localdate()),
            by_coordination=True,
        )
        taken.record(handover, after=handover.state, named=to.pk)
    return handover


def obtain_consent(
    handover: Handover,
    *,
    by: StaffMember,
    valid_until: date | None = None,
    form: str = Consent.Form.WRITTEN,
    oral_because: str = "",
    explained: bool = False,
) -> Handover:
    """Record the consent that the named caseworker was given: the sheet opens to them."""
    case = handover.case
    with taking(Step.OBTAIN_CONSENT, case, by=by) as taken:
        consent = record_consent(
            case,
            by=by,
            recipients=[employer_for(by, case)],
            data_kinds=DataKind.objects.filter(is_active=True, is_special_category=False),
            kind=Consent.Kind.TRANSFER,
            purpose=_("Taking over the case"),
            valid_from=timezone.localdate(),
            valid_until=valid_until,
            form=form,
            oral_because=oral_because,
            explained=explained,
        )
        taken.record(consent, after=consent.kind, valid_until=valid_until)
    return handover


def _require_need(case: Case, offer: Handover | None) -> None:
    overdue = offer is not None and offer.is_overdue
    if not overdue and not Case.objects.to_assign().filter(pk=case.pk).exists():
        raise Refusal(
            _("%(person)s leads this case and works here. Only a handover can change that.")
            % {"person": case.lead}
        )


def _end(offer: Handover, *, by: StaffMember, because: str) -> None:
    offer.state = Handover.State.WITHDRAWN
    offer.answered_at, offer.answered_by = timezone.now(), by
    offer.answered_because = because
    offer.save()
