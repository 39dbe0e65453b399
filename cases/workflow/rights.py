"""Rows of CaseAccess: given, ended and moved here alone, so that none ever overlap."""

from datetime import datetime, time, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import AccessReason
from cases.models import Case, CaseAccess, Consent
from kim_portal.errors import Refusal
from providers.models import Provider, StaffMember
from providers.roles import Permission


def employer_for(person: StaffMember, case: Case) -> Provider:
    """Return the provider for which `person` would hold the case: the case's own where they can.

    Raises Refusal if `person` is no caseworker now.
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
    return employers.get(case.provider_id) or next(iter(employers.values()))


def covering_consent(case: Case, provider: Provider) -> Consent | None:
    """Return the valid consent that opens this file to `provider`, the longest one first."""
    consents = Consent.objects.filter(case=case).covering(provider, *Consent.OPENS_FILE)
    return max(
        consents, key=lambda consent: (consent.valid_until is None, consent.valid_until), default=None
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

    Within the case's provider no consent is needed. Raises Refusal where one is missing.
    """
    provider = employer_for(to, case)
    if provider.pk != case.provider_id:
        consent = covering_consent(case, provider)
        if consent is None:
            raise missing_consent(case, provider)
        ends_at = _earlier(ends_at, end_of(consent))
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


def end(case: Case, which: Q) -> list[CaseAccess]:
    """End the current rows of this case that match `which`, now; return them."""
    now = timezone.now()
    ended = list(CaseAccess.objects.current(now).filter(which, case=case))
    for row in ended:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
    return ended


def end_of(consent: Consent) -> datetime | None:
    """Return the moment at which a consent runs out: midnight after its last day, local time."""
    if consent.valid_until is None:
        return None
    first_day_without = consent.valid_until + timedelta(days=1)
    return timezone.make_aware(datetime.combine(first_day_without, time.min))


def missing_consent(case: Case, provider: Provider) -> Refusal:
    """Say which consent is missing and where to record it."""
    url = reverse("cases:give_consent", args=[case.reference], query={"recipient": provider.pk})
    return Refusal(
        _(
            "There is no valid consent to hand this file to %(provider)s. "
            "Please ask the person and record it first."
        )
        % {"provider": provider},
        links=[(_("Record the consent"), url)],
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)
