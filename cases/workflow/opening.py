"""Opening a case: the person, the needs, the consent and the first step, all of it or nothing."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import AccessReason, Step
from cases.models import (
    AccessRoute,
    Case,
    Consent,
    DataKind,
    FollowUp,
    Need,
    Person,
    Phase,
    ReferenceCounter,
)
from cases.workflow import follow_ups
from cases.workflow.consents import record_consent
from cases.workflow.duplicates import raise_suspicions, reusable_by
from cases.workflow.rights import employer_for, grant
from cases.workflow.steps import Taking, finish
from centers.models import Center
from centers.working_days import working_day_from
from kim_portal.errors import NotYours, Refusal
from providers.models import Assignment, Language, Provider, StaffMember
from providers.roles import Permission


@transaction.atomic
def open_case(
    *,
    by: StaffMember,
    person: Person,
    concern: str,
    needs: Sequence[Need],
    languages: Iterable[Language] = (),
    center: Center | None = None,
    deputy: StaffMember | None = None,
    access_route: AccessRoute | None = None,
    is_urgent: bool = False,
    intensity: str = Case.Intensity.NORMAL,
    consent_given_on: date | None = None,
    consent_form: str = Consent.Form.WRITTEN,
    consent_oral_because: str = "",
    consent_explained: bool = True,
    special_categories: Iterable[DataKind] = (),
    next_subject: str = "",
    next_due_on: date | None = None,
) -> Case:
    """Open a case that `by` leads for their employer, in the phase `clearing`.

    `person` and `needs` are rows not saved yet. A person on record may get a second case; whoever
    opens it then reads their file already (`cases.workflow.duplicates`). The center is the one
    given, else the one that serves where the person lives, else the opener's own.
    """
    if not by.may(Permission.OPEN_CASES):
        raise NotYours
    if not needs:
        raise Refusal(_("A case begins with at least one need."))
    if not consent_explained:
        raise Refusal(_("Without an explained consent no file is kept."))
    is_known = person.pk is not None
    if is_known and not reusable_by(by).filter(person=person).exists():
        raise NotYours
    if not is_known:
        person.save()
        person.languages.set(languages)
    center = center or proposed_center(person, by)
    today = timezone.localdate()
    case = Case.objects.create(
        reference=_next_reference(center, today.year),
        person=person,
        center=center,
        provider=_employer_of(by),
        lead=by,
        deputy=deputy,
        access_route=access_route,
        concern=concern,
        is_urgent=is_urgent,
        intensity=intensity,
        opened_on=today,
        sort_name=person.sort_name,
    )
    _give_rights(case, deputy, by=by)
    record_consent(
        case,
        by=by,
        kind=Consent.Kind.FILE,
        purpose=_("Keeping a case file, and checking whether the person has one already"),
        data_kinds=[*DataKind.objects.filter(is_special_category=False), *special_categories],
        valid_from=consent_given_on or today,
        form=consent_form,
        oral_because=consent_oral_because,
        explained=consent_explained,
    )
    for need in needs:
        need.case, need.recorded_by = case, by
        need.save()
    follow_ups.create(
        case,
        by=by,
        subject=next_subject or first_subject(),
        due_on=next_due_on or first_due_on(),
        kind=FollowUp.Kind.TASK,
    )
    taken = Taking(case, Step.OPEN, by)
    taken.record(
        after=Phase.CLEARING,
        center=center.code,
        needs=len(needs),
        legal_domains=sorted({need.legal_domain_id for need in needs}),
        second_case=is_known,
    )
    finish(taken)
    raise_suspicions(case, by=by)
    return case


def first_subject() -> str:
    """Return what is proposed as the first follow-up."""
    return _("Ask how things stand and agree on the next steps")


def first_due_on() -> date:
    """Return the day proposed for the first follow-up: in two weeks, on a working day."""
    return working_day_from(timezone.localdate() + timedelta(days=settings.FIRST_FOLLOW_UP_DAYS))


def proposed_center(person: Person, opener: StaffMember) -> Center:
    """Return the center that serves where the person lives, else the one the opener works at."""
    if person.neighbourhood is not None and person.neighbourhood.center.is_active:
        return person.neighbourhood.center
    own = own_center(opener)
    if own is None:
        raise Refusal(_("Please choose the center at which the person is counselled."))
    return own


def own_center(staff: StaffMember) -> Center | None:
    """Return where somebody works, if their assignments name a place."""
    return next((one.center for one in staff.current_assignments if one.center), None)


def possible_deputies(opener: StaffMember) -> QuerySet[StaffMember]:
    """Return the caseworkers of the opener's employer: at intake no consent covers another."""
    employers = opener.employer_ids(Permission.OPEN_CASES)
    colleagues = StaffMember.objects.working_as_caseworkers().exclude(pk=opener.pk)
    jobs = Assignment.objects.current().granting(Permission.READ_FILES)
    there = jobs.filter(employer__in=employers, staff_member=OuterRef("pk"))
    return colleagues.filter(Exists(there)).order_by("family_name", "given_name", "pk")


def _employer_of(opener: StaffMember) -> Provider:
    employers = opener.employer_ids(Permission.OPEN_CASES)
    return next(one.employer for one in opener.current_assignments if one.employer_id in employers)


def _give_rights(case: Case, deputy: StaffMember | None, *, by: StaffMember) -> None:
    grant(case, by, AccessReason.LEAD, by=by)
    if deputy is None:
        return
    if employer_for(deputy, case).pk != case.provider_id:
        raise Refusal(
            _(
                "A deputy of another provider needs a consent. Please open the case first, "
                "record the consent and name the deputy then."
            )
        )
    grant(case, deputy, AccessReason.DEPUTY, by=by)


def _next_reference(center: Center, year: int) -> str:
    """Take the center's next number; its counter stays locked until the case is there."""
    ReferenceCounter.objects.get_or_create(center=center, year=year)
    counter = ReferenceCounter.objects.select_for_update().get(center=center, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{center.code}-{year}-{counter.last:04}"
