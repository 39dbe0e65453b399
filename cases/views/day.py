"""Mein Tag: what a caseworker looks at first."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Case as Choose
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases.models import Case, Consent, Contact, FollowUp, Handover
from cases.statistics.load import load_of
from centers.models import Center, ConsultationHours
from centers.opening import Opening
from centers.overview import Overview, overviews
from providers.models import StaffMember
from providers.roles import Permission

# How many rows each part of the page shows; the list behind it has the rest.
SHOWN = 15

Kind = ConsultationHours.Kind


@require_safe
def day(request):
    """Show what is overdue and due, what waits for an answer, and what is going quiet."""
    reader = request.user
    if not reader.may(Permission.READ_FILES):
        raise PermissionDenied
    fte = sum((assignment.fte for assignment in reader.current_assignments), Decimal(0))
    due = list(_due(reader)[: SHOWN + 1])
    quiet = list(_worth_a_look(reader)[: SHOWN + 1])
    return render(
        request,
        "cases/day.html",
        {
            "due": due[:SHOWN],
            "more_due": len(due) > SHOWN,
            "handovers": _handovers(reader),
            "hours": _hours_today(reader),
            "worth_a_look": quiet[:SHOWN],
            "more_quiet": len(quiet) > SHOWN,
            "load": load_of(Case.objects.visible_to(reader).filter(lead=reader), fte=fte),
        },
    )


def _due(reader: StaffMember) -> QuerySet:
    """Return what is due for the reader, and what an absent colleague left to the deputy.

    Legal deadlines first: among many overdue tasks none may slip below the end of the page.
    """
    mine = FollowUp.objects.due_for(reader)
    left = FollowUp.objects.left_to_deputy(reader).due()
    rows = FollowUp.objects.filter(pk__in=mine.values("pk").union(left.values("pk")))
    is_deadline = Q(kind=FollowUp.Kind.LEGAL_DEADLINE)
    return rows.for_list().order_by(Choose(When(is_deadline, then=0), default=1), "due_on", "pk")


def _handovers(reader: StaffMember) -> list[Handover]:
    """Return what waits for the reader's answer, and their own offers that are getting old."""
    incoming = Handover.objects.incoming(reader).order_by()
    reminded = timezone.now() - timedelta(days=settings.HANDOVER_REMINDER_DAYS)
    outgoing = Handover.objects.outgoing(reader).filter(recorded_at__lte=reminded)
    rows = Handover.objects.filter(pk__in=incoming.values("pk").union(outgoing.values("pk")))
    rows = rows.select_related("case", "from_staff", "to_staff", "to_center")
    return list(rows.order_by("answer_due_on", "pk")[:SHOWN])


def _worth_a_look(reader: StaffMember) -> QuerySet:
    """Return led cases whose consent was revoked, then those long without contact.

    A contact counts when the person was reached; a case opened lately is not yet quiet.
    """
    limit = timezone.now() - timedelta(days=settings.QUIET_CASE_DAYS)
    file_consents = Consent.objects.filter(case=OuterRef("pk"), kind=Consent.Kind.FILE).standing()
    reached = Contact.objects.filter(case=OuterRef("pk"), setting__reached_person=True).standing()
    recent = reached.filter(happened_at__gte=limit)
    revoked = Exists(file_consents.filter(revoked_at__isnull=False)) & ~Exists(
        file_consents.filter(revoked_at__isnull=True)
    )
    quiet = Q(opened_on__lt=limit.date()) & ~Exists(recent)
    cases = Case.objects.visible_to(reader).active().filter(lead=reader)
    cases = cases.annotate(is_revoked=revoked).filter(Q(is_revoked=True) | quiet)
    latest = reached.order_by("-happened_at").values("happened_at")[:1]
    cases = cases.annotate(last_contact_at=Subquery(latest))
    first = ("-is_revoked", F("last_contact_at").asc(nulls_first=True), "pk")
    return cases.select_related("person").order_by(*first)


def _hours_today(reader: StaffMember) -> list[tuple[Overview, list[tuple[Opening, str]]]]:
    """Return today's openings of the reader's centers, each with the name of its kind."""
    centers = Center.objects.with_hours(timezone.localdate())
    ids = reader.center_ids(Permission.READ_REGISTER)
    if ids is not None:
        centers = centers.filter(pk__in=ids)
    return [
        (overview, [(one, Kind(one.kind).label) for one in overview.today.openings])
        for overview in overviews(centers)
    ]
