"""Consents given and revoked. Revocation closes every door it had opened, at once."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Case, Consent, DataKind, FollowUp
from cases.workflow import rights
from cases.workflow.handover import withdraw_uncovered
from cases.workflow.steps import taking
from centers.working_days import working_day_from
from kim_portal.errors import Refusal
from providers.models import Provider, StaffMember


def give_consent(
    case: Case,
    *,
    by: StaffMember,
    kind: str,
    valid_from: date,
    valid_until: date | None = None,
    recipients: Iterable[Provider] = (),
    other_recipient: str = "",
    data_kinds: Iterable[DataKind] = (),
    is_mutual: bool = False,
    purpose: str = "",
    form: str = Consent.Form.WRITTEN,
    oral_because: str = "",
    explained: bool = False,
) -> Consent:
    """Record what the person agreed to; it counts for this case alone."""
    with taking(Step.GIVE_CONSENT, case, by=by) as taken:
        consent = record_consent(
            case,
            by=by,
            kind=kind,
            valid_from=valid_from,
            valid_until=valid_until,
            recipients=recipients,
            other_recipient=other_recipient,
            data_kinds=data_kinds,
            is_mutual=is_mutual,
            purpose=purpose,
            form=form,
            oral_because=oral_because,
            explained=explained,
        )
        taken.record(consent, after=consent.kind, valid_from=valid_from, valid_until=valid_until)
    return consent


def record_consent(
    case: Case,
    *,
    by: StaffMember,
    recipients: Iterable[Provider] = (),
    data_kinds: Iterable[DataKind] = (),
    **fields: object,
) -> Consent:
    """Write the row of a consent, inside a step."""
    consent = Consent(case=case, recorded_by=by, **fields)
    consent.full_clean()
    consent.save()
    consent.recipients.set(recipients)
    consent.data_kinds.set(data_kinds)
    return consent


def revoke_consent(consent: Consent, *, by: StaffMember) -> Consent:
    """Revoke a consent and close what it had opened, in one transaction.

    Revoking what opened the file to other providers withdraws open offers that nothing covers any
    more and ends every row of another provider than the case's own; the lead's row never ends. The
    recipients are to be told: that becomes a follow-up. Revoking the consent to keep a file leaves
    one step, closing (`steps.file_consent_revoked`).
    """
    case = consent.case
    with taking(Step.REVOKE_CONSENT, case, by=by) as taken:
        consent.refresh_from_db(from_queryset=Consent.objects.select_for_update())
        if consent.revoked_at is not None:
            raise Refusal(_("This consent has been revoked already."))
        consent.revoked_at, consent.revoked_by = timezone.now(), by
        consent.save()
        if consent.kind in (*Consent.OPENS_FILE, Consent.Kind.FILE):
            rights.end(case, ~Q(provider=case.provider_id))
            rights.bring_home(case)
            withdraw_uncovered(case, by=by, all_of_them=consent.kind == Consent.Kind.FILE)
        if case.is_active and (consent.recipients.exists() or consent.other_recipient):
            _plan_telling_the_recipients(case, by)
        taken.record(consent, before=consent.kind, after="revoked")
    return consent


def _plan_telling_the_recipients(case: Case, by: StaffMember) -> None:
    in_some_days = timezone.localdate() + timedelta(days=settings.TELL_RECIPIENTS_DAYS)
    FollowUp.objects.create(
        case=case,
        recorded_by=by,
        assignee=case.lead,
        subject=_("Tell the recipients that the consent was revoked"),
        due_on=working_day_from(in_some_days),
    )
