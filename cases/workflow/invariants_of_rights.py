"""What must be true of the rights to files, and of the consents behind them (DESIGN §3, §4).

Asked by `cases.workflow.invariants`.
"""

from collections.abc import Callable, Iterator
from itertools import groupby, pairwise

from django.db.models import Count, Exists, F, OuterRef, Q

from cases.access import READS_ONLY_THE_PAST, AccessReason, Step
from cases.models import Case, CaseAccess, CaseEvent, Consent, Referral

Findings = Iterator[str]
_LEAD = AccessReason.LEAD


def cases_have_one_endless_lead() -> Findings:
    endless = Q(access_rows__reason=_LEAD, access_rows__ends_at__isnull=True)
    counted = Case.objects.annotate(leads=Count("access_rows", filter=endless))
    for case in counted.exclude(leads=1).order_by("pk"):
        yield f"{case}: has {case.leads} endless rows with the reason lead instead of one."


def the_lead_holds_the_lead_row() -> Findings:
    rows = CaseAccess.objects.filter(reason=_LEAD, ends_at__isnull=True).select_related("case")
    other = ~Q(staff_member=F("case__lead")) | ~Q(provider=F("case__provider"))
    for row in rows.filter(other).order_by("case"):
        yield f"{row.case}: row {row.pk} with the reason lead is not the case's lead's."


def deputies_hold_a_row() -> Findings:
    rows = CaseAccess.objects.working().filter(
        case=OuterRef("pk"), staff_member=OuterRef("deputy"), reason=AccessReason.DEPUTY
    )
    stale = Case.objects.active().filter(deputy__isnull=False).exclude(Exists(rows))
    for case in stale.order_by("pk"):
        yield f"{case}: the deputy has no current right to the file (run end_rights)."


def rows_of_deputies_belong_to_the_deputy() -> Findings:
    rows = CaseAccess.objects.current().filter(reason=AccessReason.DEPUTY)
    theirs = Q(case__deputy__isnull=False, staff_member=F("case__deputy"))
    for row in rows.exclude(theirs).select_related("case").order_by("case", "pk"):
        yield f"{row.case}: row {row.pk} with the reason deputy is not the case's deputy's."


def closed_cases_are_read_by_their_lead_alone() -> Findings:
    rows = CaseAccess.objects.current().filter(case__closed_on__isnull=False)
    for row in rows.exclude(reason=_LEAD).select_related("case").order_by("case", "pk"):
        yield f"{row.case}: is closed, but row {row.pk} of somebody besides the lead still holds."


def rights_of_one_person_never_overlap() -> Findings:
    rows = CaseAccess.objects.exclude(ends_at=F("starts_at")).select_related("case")
    # Most cases have one row for each person; only the others are read.
    several = (
        CaseAccess.objects.values("case", "staff_member")
        .annotate(rows=Count("pk"))
        .filter(rows__gt=1, case=OuterRef("case"), staff_member=OuterRef("staff_member"))
    )
    ordered = rows.filter(Exists(several)).order_by("case", "staff_member", "starts_at", "pk")
    for (_case, _holder), own in groupby(
        ordered.iterator(), key=lambda row: (row.case_id, row.staff_member_id)
    ):
        for first, second in pairwise(own):
            if first.ends_at is None or first.ends_at > second.starts_at:
                yield f"{first.case}: rows {first.pk} and {second.pk} of one person overlap."


def rights_end_with_the_work_for_their_provider() -> Findings:
    rows = CaseAccess.objects.left_behind().filter(case__closed_on__isnull=True)
    for row in rows.select_related("case").order_by("case", "pk"):
        yield (
            f"{row.case}: the holder of row {row.pk} has left or does not work for its provider "
            "as a caseworker any more (run end_rights)."
        )


def rights_of_another_provider_are_covered() -> Findings:
    """A consent covers every row of another provider on an active case.

    Emergency access is given without one. A former lead reads on what their own provider recorded
    under a consent that was asked at the acceptance; it is not asked again (DESIGN §4).
    """
    consents = Consent.objects.valid().filter(
        case=OuterRef("case"), kind__in=Consent.OPENS_FILE, recipients=OuterRef("provider")
    )
    rows = CaseAccess.objects.current().filter(case__closed_on__isnull=True)
    rows = rows.exclude(provider=F("case__provider"))
    rows = rows.exclude(reason__in=(_LEAD, AccessReason.EMERGENCY, *READS_ONLY_THE_PAST))
    for row in rows.exclude(Exists(consents)).select_related("case").order_by("case", "pk"):
        yield f"{row.case}: row {row.pk} of another provider is covered by no valid consent."


def active_cases_once_had_a_consent() -> Findings:
    """A file is kept under a consent; whether it still holds is the lead's Mein Tag to say."""
    given = Consent.objects.filter(case=OuterRef("pk"), kind=Consent.Kind.FILE)
    for case in Case.objects.active().exclude(Exists(given)).order_by("pk"):
        yield f"{case}: is open, and no consent to keep a file was ever recorded."


def data_are_sent_under_a_consent_of_the_case() -> Findings:
    kept = (Referral.State.DRAFT, Referral.State.WITHDRAWN)
    sent = Referral.objects.filter(Q(sent_on__isnull=False) | ~Q(state__in=kept))
    sent = sent.filter(kind__in=Referral.SENDS_DATA)
    for referral in sent.filter(consent=None).select_related("case").order_by("case", "pk"):
        yield f"{referral.case}: referral {referral.pk} sent data without a consent."
    foreign = Referral.objects.filter(consent__isnull=False).exclude(consent__case=F("case"))
    for referral in foreign.select_related("case").order_by("case", "pk"):
        yield f"{referral.case}: referral {referral.pk} rests on a consent of another case."


def persons_are_shared_by_readers_alone() -> Findings:
    """Whoever opened a second case of a person had a right to an earlier file of theirs then.

    Asked of the event that opened the case: the lead may have changed since. A right that ended
    in the same moment counts, and reading the past as a former lead does not.
    """
    second = CaseEvent.objects.filter(step=Step.OPEN, case__person__in=_shared_persons())
    for event in second.select_related("case").order_by("case", "pk"):
        others = Case.objects.filter(person=event.case.person_id, pk__lt=event.case_id)
        if not others.exists():
            continue
        rows = CaseAccess.objects.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gte=event.recorded_at),
            case__in=others,
            staff_member=event.actor_id,
            starts_at__lte=event.recorded_at,
        )
        if not rows.exclude(reason__in=READS_ONLY_THE_PAST).exists():
            yield f"{event.case}: was opened for a person whose file its opener did not read."


def _shared_persons():
    counted = Case.objects.order_by().values("person").annotate(cases=Count("pk"))
    return counted.filter(cases__gt=1).values("person")


RULES: tuple[Callable[[], Findings], ...] = (
    cases_have_one_endless_lead,
    the_lead_holds_the_lead_row,
    deputies_hold_a_row,
    rows_of_deputies_belong_to_the_deputy,
    closed_cases_are_read_by_their_lead_alone,
    rights_of_one_person_never_overlap,
    rights_end_with_the_work_for_their_provider,
    rights_of_another_provider_are_covered,
    active_cases_once_had_a_consent,
    data_are_sent_under_a_consent_of_the_case,
    persons_are_shared_by_readers_alone,
)
