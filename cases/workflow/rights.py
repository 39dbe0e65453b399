"""Rows of CaseAccess: given, ended and moved here alone, so that none ever overlap."""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import READS_ONLY_THE_PAST, AccessReason
from cases.models import Case, CaseAccess, Consent, FollowUp
from kim_portal.errors import Refusal
from providers.models import Provider, StaffMember
from providers.roles import Permission


def employer_for(person: StaffMember, case: Case) -> Provider:
    """Return the provider for which `person` would hold the case: the case's own where they can.

    Of several others, one that a consent covers. Raises Refusal if `person` is no caseworker now.
    """
    employers = {
        assignment.employer_id: assignment.employer
        for assignment in person.current_assignments
        if assignment.employer_id in person.employer_ids(Permission.READ_FILES)
    }
    if not employers:
        raise Refusal(
            _("%(person)s does not work as a caseworker at the moment.") % {"person": person}
        )
    if case.provider_id in employers:
        return employers[case.provider_id]
    others = list(employers.values())
    covered = (one for one in others if len(others) > 1 and covering_consent(case, one))
    return next(covered, others[0])


def covering_consent(case: Case, provider: Provider) -> Consent | None:
    """Return the valid consent that opens this file to `provider`, the longest one first."""
    consents = Consent.objects.filter(case=case).covering(provider, *Consent.OPENS_FILE)
    return max(
        consents,
        key=lambda consent: (consent.valid_until is None, consent.valid_until),
        default=None,
    )


def grant(
    case: Case,
    to: StaffMember,
    reason: AccessReason,
    *,
    by: StaffMember,
    ends_at: datetime | None = None,
    note: str = "",
) -> CaseAccess:
    """Give `to` a right to the file from now on, never beyond the consent it needs.

    Within the case's provider no consent is needed. Raises Refusal where one is missing. Whoever
    read on as a former lead reads the whole file from now on.
    """
    provider = employer_for(to, case)
    if provider.pk != case.provider_id:
        consent = covering_consent(case, provider)
        if consent is None:
            raise missing_consent(case, provider)
        ends_at = _earlier(ends_at, end_of(consent))
    end(case, Q(staff_member=to, reason__in=READS_ONLY_THE_PAST))
    return CaseAccess.objects.create(
        case=case,
        staff_member=to,
        provider=provider,
        reason=reason,
        starts_at=timezone.now(),
        ends_at=ends_at,
        granted_by=by,
        note=note,
    )


def end(case: Case, which: Q, *, at: datetime | None = None) -> list[CaseAccess]:
    """End the current rows of this case that match `which`, at once; return them."""
    now = at or timezone.now()
    ended = list(CaseAccess.objects.current(now).filter(which, case=case))
    for row in ended:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
    return ended


def bring_home(case: Case) -> int:
    """Give the open follow-ups of those who may no longer act on the file to the lead.

    Also ends rights whose holder works for their provider no more, and the deputyship of whoever
    may not act as deputy. To be called after rows have ended, inside a step; returns how many
    follow-ups moved.
    """
    left_behind = CaseAccess.objects.left_behind().filter(case=case)
    end(case, Q(pk__in=list(left_behind.values_list("pk", flat=True))))
    working = set(
        CaseAccess.objects.working().filter(case=case).values_list("staff_member", "reason")
    )
    holders = {holder for holder, _reason in working}
    moved = FollowUp.objects.filter(case=case).open().exclude(assignee__in=holders | {case.lead_id})
    for follow_up in moved:
        follow_up.assignee = case.lead
        follow_up.save()
    if case.deputy_id is not None and (case.deputy_id, AccessReason.DEPUTY) not in working:
        end(case, Q(reason=AccessReason.DEPUTY))
        case.deputy = None
    return len(moved)


def pass_on_lead(
    case: Case, to: StaffMember, *, provider: Provider, by: StaffMember, at: datetime
) -> None:
    """Move the lead's row to `to`, who holds it for `provider` from the moment `at` on.

    All other rows of a former provider end. The former lead reads on for a while what was recorded
    before: within the provider, or under a consent by which the recipient may report back.
    """
    ending = Q(reason=AccessReason.LEAD) | Q(staff_member__in=[to, case.lead])
    if provider.pk != case.provider_id:
        ending |= Q(provider=case.provider_id)
    end(case, ending, at=at)
    CaseAccess.objects.create(
        case=case,
        staff_member=to,
        provider=provider,
        reason=AccessReason.LEAD,
        starts_at=at,
        granted_by=by,
    )
    reads_until = _former_lead_reads_until(case, provider, at)
    if reads_until is not None:
        CaseAccess.objects.create(
            case=case,
            staff_member=case.lead,
            provider=case.provider,
            reason=AccessReason.HANDOVER,
            starts_at=at,
            ends_at=reads_until,
            granted_by=by,
        )


def _former_lead_reads_until(case: Case, provider: Provider, at: datetime) -> datetime | None:
    """Say how long the present lead may read on once `provider` has the case, if at all."""
    if case.provider_id not in case.lead.employer_ids(Permission.READ_FILES):
        return None
    until = at + timedelta(days=settings.FORMER_LEAD_READS_DAYS)
    if provider.pk == case.provider_id:
        return until
    covering = Consent.objects.filter(case=case).covering(provider, *Consent.OPENS_FILE)
    mutual = [end_of(consent) for consent in covering.filter(is_mutual=True)]
    if not mutual:
        return None
    return until if None in mutual else min(until, max(mutual))


def end_of(consent: Consent) -> datetime | None:
    """Return the moment at which a consent runs out."""
    return midnight_after(consent.valid_until)


def midnight_after(day: date | None) -> datetime | None:
    """Return the moment at which `day` is over, local time; None stays without an end."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class MissingConsent(Refusal):
    """Say that a consent is missing: once it is recorded, the same form can be sent again."""


def missing_consent(case: Case, provider: Provider) -> MissingConsent:
    """Say which consent is missing and where to record it."""
    url = reverse("cases:give_consent", args=[case.reference], query={"recipient": provider.pk})
    return MissingConsent(
        _(
            "There is no valid consent to hand this file to %(provider)s. "
            "Please ask the person and record it first."
        )
        % {"provider": provider},
        links=[(_("Record the consent"), url)],
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)
