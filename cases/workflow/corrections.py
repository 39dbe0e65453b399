"""What was entered wrongly or in the wrong file is struck through with a reason, never gone."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Case, Consent, Contact, Need, Referral
from cases.models.doors import Strikable
from cases.workflow.records import read_again
from cases.workflow.rights import MissingConsent
from cases.workflow.steps import taking
from kim_portal.errors import NotYours, Refusal
from providers.models import StaffMember

# What can be struck through, by the word that stands for it in the address.
KINDS: dict[str, type[Strikable]] = {"contact": Contact, "need": Need, "consent": Consent}


def strike(record: Strikable, *, by: StaffMember, because: str) -> Strikable:
    """Strike a contact, need or consent through; only its author or the lead may."""
    with taking(Step.STRIKE, record.case, by=by) as taken:
        read_again(record)
        if not may_correct(record, by):
            raise NotYours
        if record.struck_at is not None:
            raise Refusal(_("This entry has been struck through already."))
        _refuse_what_others_rest_on(record)
        put_a_line_through(record, by=by, because=because)
        taken.record(record, after="struck")
    return record


def may_correct(record: Strikable, person: StaffMember) -> bool:
    """Tell whether an entry is this person's to correct: its author's and the lead's."""
    return person.pk in {record.recorded_by_id, record.case.lead_id}


def put_a_line_through(record: Strikable, *, by: StaffMember, because: str) -> None:
    """Mark a row as struck through, inside a step."""
    record.struck_at, record.struck_by, record.struck_because = timezone.now(), by, because
    record.save()


def _refuse_what_others_rest_on(record: Strikable) -> None:
    if isinstance(record, Need):
        _refuse_with_running_referrals(record)
    if isinstance(record, Consent):
        _refuse_the_consent_that_carries(record)


def _refuse_with_running_referrals(need: Need) -> None:
    if Referral.objects.filter(need=need).exclude(state__in=Referral.ENDED).exists():
        raise Refusal(
            _("A referral for this need is still running. Please end or withdraw it first.")
        )


def _refuse_the_consent_that_carries(consent: Consent) -> None:
    """Keep the consents on which the file, an open door or a running referral rests."""
    if consent.kind == Consent.Kind.FILE and not _other_file_consents(consent).exists():
        raise MissingConsent(
            _(
                "This is the only consent to keep a file. Please record the right one first, "
                "then strike this one through."
            ),
            links=[(_("Record the consent"), _url("give_consent", consent.case))],
        )
    revoke = [(_("Revoke the consent"), _url("revoke_consent", consent.case, consent.pk))]
    if consent.kind in Consent.OPENS_FILE and consent.is_valid:
        raise Refusal(
            _(
                "This consent may have opened the file to another provider. Please revoke it "
                "first, so that what it opened is closed; then strike it through."
            ),
            links=revoke,
        )
    if Referral.objects.filter(consent=consent).exclude(state__in=Referral.ENDED).exists():
        raise Refusal(
            _("A running referral rests on this consent. Please end or withdraw it first.")
        )


def _other_file_consents(consent: Consent):
    others = Consent.objects.filter(case=consent.case_id, kind=Consent.Kind.FILE).standing()
    return others.filter(revoked_at__isnull=True).exclude(pk=consent.pk)


def _url(name: str, case: Case, *args: int) -> str:
    return reverse(f"cases:{name}", args=[case.reference, *args])
