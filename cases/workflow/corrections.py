"""What was entered wrongly or in the wrong file is struck through with a reason, never gone."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import vault
from cases.access import Step
from cases.models import Case, Consent, Contact, Document, Goal, Measure, Need, Referral
from cases.models.doors import Strikable
from cases.workflow.expiries import end_reminders, of_document
from cases.workflow.records import read_again
from cases.workflow.rights import MissingConsent
from cases.workflow.steps import taking
from kim_portal.errors import NotYours, Refusal
from providers.models import StaffMember

# What can be struck through, by the word that stands for it in the address.
KINDS: dict[str, type[Strikable]] = {
    "contact": Contact,
    "need": Need,
    "consent": Consent,
    "document": Document,
    "goal": Goal,
    "measure": Measure,
}


def strike(record: Strikable, *, by: StaffMember, because: str) -> Strikable:
    """Strike an entry through; only its author or the lead may. A document loses its content."""
    with taking(Step.STRIKE, record.case, by=by) as taken:
        read_again(record)
        if not may_correct(record, by):
            raise NotYours
        if record.struck_at is not None:
            raise Refusal(_("This entry has been struck through already."))
        _refuse_what_others_rest_on(record)
        if isinstance(record, Document):
            _empty(record)
            end_reminders(record.case, of_document(record).source, by=by)
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


def _empty(document: Document) -> None:
    """Take the content from a document: in the wrong file it must not stay (Art. 5, 17 GDPR).

    It is removed once the strike is certain; a crash in between leaves it to `check_documents`.
    """
    name = document.storage_name
    transaction.on_commit(lambda: vault.erase(name), robust=True)
    document.storage_name = document.fingerprint = document.key_id = ""


def _refuse_what_others_rest_on(record: Strikable) -> None:
    if isinstance(record, Need):
        _refuse_with_running_referrals(record)
        _refuse_with_goals(record)
    if isinstance(record, Goal):
        _refuse_with_what_serves_it(record)
    if isinstance(record, Measure):
        _refuse_with_open_follow_up(record)
    if isinstance(record, Consent):
        _refuse_the_consent_that_carries(record)


def _refuse_with_running_referrals(need: Need) -> None:
    if Referral.objects.filter(need=need).exclude(state__in=Referral.ENDED).exists():
        raise Refusal(
            _("A referral for this need is still running. Please end or withdraw it first.")
        )


def _refuse_with_goals(need: Need) -> None:
    goals = Goal.objects.standing().filter(needs=need, state__in=Goal.UNDER_WAY)
    if goals.exists():
        raise Refusal(
            _("A goal grows out of this need. Please change the goal or strike it through first."),
            links=[(_("To the plan"), _url("plan", need.case))],
        )


def _refuse_with_what_serves_it(goal: Goal) -> None:
    is_open = Measure.State.OPEN
    if (
        Goal.objects.standing().filter(parent=goal).exists()
        or Measure.objects.standing().filter(goal=goal, state=is_open).exists()
    ):
        raise Refusal(
            _(
                "Other goals or open measures serve this goal. Please end or move them first, "
                "then strike it through."
            ),
            links=[(_("To the plan"), _url("plan", goal.case))],
        )


def _refuse_with_open_follow_up(measure: Measure) -> None:
    follow_up = measure.follow_up
    if follow_up is not None and follow_up.is_open:
        raise Refusal(
            _("The follow-up of this measure is still open. Please drop the measure first."),
            links=[(_("Drop the measure"), _url("drop_measure", measure.case, measure.pk))],
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
