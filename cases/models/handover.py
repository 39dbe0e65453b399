"""An offer to take a case on, its sheet, its questions and its answer."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.catalogues import HandoverReason
from cases.models.consent import Consent
from cases.models.doors import Record
from cases.models.handover_lists import HandoverListQuerySet, meant_for
from centers.models import Center
from providers.models import Assignment, StaffMember
from providers.roles import Permission


class HandoverQuerySet(HandoverListQuerySet):
    def waiting(self):
        """Keep those that still wait for an answer."""
        return self.filter(state=Handover.State.OFFERED)

    def offered_to(self, reader: StaffMember):
        """Keep open offers whose sheet the reader may see now: the door `sheet`.

        An offer to the reader, or to the team of a center where they work as a caseworker. Across
        providers only while a consent covers the reader's employer, asked at every look.
        """
        employers = reader.employer_ids(Permission.TAKE_CASES)
        if not employers:
            return self.none()
        consent = Consent.objects.covering_any(employers).filter(case=OuterRef("case"))
        return self.waiting().filter(
            meant_for(reader), Q(case__provider__in=employers) | Exists(consent)
        )

    def once_offered_to(self, reader: StaffMember):
        """Keep offers, also ended ones, that did reach the reader: to say what became of them."""
        employers = reader.employer_ids(Permission.TAKE_CASES)
        if not employers:
            return self.none()
        ever = Consent.objects.standing().filter(
            case=OuterRef("case"), kind__in=Consent.OPENS_FILE, recipients__in=employers
        )
        return self.filter(meant_for(reader), Q(case__provider__in=employers) | Exists(ever))

    def named_to(self, reader: StaffMember):
        """Keep those by which the coordination named the reader, who must ask for consent first.

        Until then they see the reference and the person's phone, and nothing else.
        """
        if not reader.may(Permission.TAKE_CASES):
            return self.none()
        covered = Handover.objects.offered_to(reader).filter(pk=OuterRef("pk"))
        return self.waiting().filter(~Exists(covered), to_staff=reader, by_coordination=True)

    def for_sheet(self, reader: StaffMember):
        """Keep what the reader may see of each: file, sheet, or that they were named; say which."""
        visible = Handover.objects.visible_to(reader).filter(pk=OuterRef("pk"))
        offered = Handover.objects.offered_to(reader).filter(pk=OuterRef("pk"))
        named = Handover.objects.named_to(reader).filter(pk=OuterRef("pk"))
        reviewed = HandoverReview.objects.filter(handover=OuterRef("pk"), reviewer=reader)
        consents = Consent.objects.standing().filter(case=OuterRef("case"), kind=Consent.Kind.FILE)
        given = Exists(consents.filter(revoked_at__isnull=True))
        revoked = Exists(consents.filter(revoked_at__isnull=False))
        return self.annotate(
            is_file_open=Exists(visible),
            is_sheet_open=Exists(offered),
            is_named=Exists(named),
            is_reviewed=Exists(reviewed),
            file_revoked=ExpressionWrapper(revoked & ~given, output_field=BooleanField()),
        ).filter(Q(is_file_open=True) | Q(is_sheet_open=True) | Q(is_named=True))

    def reaching(self):
        """Annotate `reaches_somebody`: whether anybody it is meant for may see the sheet now."""
        consents = Consent.objects.valid().filter(
            case=OuterRef(OuterRef("case")), kind__in=Consent.OPENS_FILE
        )
        jobs = (
            Assignment.objects.current()
            .granting(Permission.TAKE_CASES)
            .filter(staff_member__in=StaffMember.objects.working_as_caseworkers())
            .filter(
                Q(employer=OuterRef("case__provider"))
                | Q(employer__in=consents.values("recipients"))
            )
        )
        person = jobs.filter(staff_member=OuterRef("to_staff"))
        team = jobs.filter(
            ~Q(staff_member=OuterRef("from_staff")),
            ~Q(staff_member=OuterRef("recorded_by")),
            Q(center=OuterRef("to_center")) | Q(center__isnull=True),
        )
        reaches = Exists(person) | (Q(to_center__isnull=False) & Exists(team))
        return self.annotate(
            reaches_somebody=ExpressionWrapper(reaches, output_field=BooleanField())
        )

    def for_list(self):
        """Load what one row of a list of handovers shows."""
        unanswered = HandoverQuestion.objects.filter(
            handover=OuterRef("pk"), answered_at__isnull=True
        ).order_by()
        count = unanswered.values("handover").annotate(count=Count("pk")).values("count")
        return (
            self.annotate(open_questions=Coalesce(Subquery(count), 0))
            .select_related(
                "case",
                "case__center",
                "case__lead",
                "case__person",
                "case__provider",
                "case__person__neighbourhood",
                "from_staff",
                "to_staff",
                "to_center",
                "reason",
                "recorded_by",
                "answered_by",
            )
            .prefetch_related("case__person__languages")
        )

    def waiting_for(self, reader: StaffMember):
        """Keep those that wait for the reader's answer."""
        return self.offered_to(reader)

    def led_by(self, reader: StaffMember):
        """Keep the offers of cases that the reader leads now and may open."""
        return self.visible_to(reader).filter(case__lead=reader)

    def with_open_questions(self):
        """Keep those in which something was asked back and not answered."""
        unanswered = HandoverQuestion.objects.filter(
            handover=OuterRef("pk"), answered_at__isnull=True
        )
        return self.filter(Exists(unanswered))

    def reminded(self, on: date | None = None):
        """Keep those of which both sides are reminded on the day `on` (today), not yet overdue."""
        on = on or timezone.localdate()
        offered_by = on - timedelta(days=settings.HANDOVER_REMINDER_DAYS)
        return self.waiting().filter(answer_due_on__gte=on, recorded_at__date__lte=offered_by)

    def overdue(self, on: date | None = None):
        """Keep those whose answer was due before the day `on` (today)."""
        return self.waiting().filter(answer_due_on__lt=on or timezone.localdate())


class Handover(Record):
    """One offer. Until it is accepted the old lead stays responsible."""

    class State(models.TextChoices):
        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    from_staff = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, related_name="+", editable=False
    )
    to_staff = models.ForeignKey(
        StaffMember,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    to_center = models.ForeignKey(
        Center,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("team of a center"),
    )
    reason = models.ForeignKey(
        HandoverReason, on_delete=models.PROTECT, related_name="+", verbose_name=_("reason")
    )
    # The sheet: fixed at the offer, amended by the lead alone. Dates on it are live.
    situation = models.TextField(_("situation in five lines"), max_length=1500)
    agreements = models.TextField(_("agreements with the client"), max_length=1500, blank=True)
    risks = models.TextField(_("risks"), max_length=1500, blank=True)
    not_worked = models.TextField(_("what has not worked"), max_length=1500, blank=True)
    client_told_on = models.DateField(_("the client was told on"), null=True, blank=True)
    amended_at = models.DateTimeField(null=True, editable=False)
    answer_due_on = models.DateField(_("answer due on"))
    # The case has no able lead and its provider nobody else: the coordination named somebody, who
    # asks the person for consent before the sheet opens to them.
    by_coordination = models.BooleanField(default=False, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.OFFERED, editable=False
    )
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    answered_because = models.CharField(_("reason"), max_length=500, blank=True, editable=False)

    objects = HandoverQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["situation", "agreements", "risks", "not_worked", "answered_because"]
    )

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["offered", "accepted", "declined", "withdrawn"]),
                name="a_handover_is_in_a_known_state",
                violation_error_code="state_unknown",
                violation_error_message=_("There is no such state."),
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state="offered"),
                name="one_open_handover_per_case",
                violation_error_code="handover_open",
                violation_error_message=_("This case is already being handed over."),
            ),
            models.CheckConstraint(
                condition=Q(to_staff__isnull=False, to_center__isnull=True)
                | Q(to_staff__isnull=True, to_center__isnull=False),
                name="a_handover_goes_to_a_person_or_a_team",
                violation_error_code="one_receiver",
                violation_error_message=_("Please choose a person or a center, not both."),
            ),
            models.CheckConstraint(
                condition=Q(state="offered", answered_at__isnull=True)
                | ~Q(state="offered") & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="an_answered_handover_says_when_and_by_whom",
                violation_error_code="answered_incompletely",
                violation_error_message=_("An answer needs a date and a name."),
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(answered_because=""),
                name="a_declined_handover_has_a_reason",
                violation_error_code="declined_without_reason",
                violation_error_message=_("Please say why you decline."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_staff"], name="offers_to_a_person", condition=Q(state="offered")
            ),
            models.Index(
                fields=["to_center"], name="offers_to_a_team", condition=Q(state="offered")
            ),
        ]

    def __str__(self):
        return str(self.case_id)

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OFFERED

    def get_absolute_url(self):
        return reverse("cases:sheet", args=[self.case.reference])

    @property
    def receiver(self) -> StaffMember | Center:
        return self.to_staff or self.to_center

    @property
    def offered_on(self) -> date:
        return timezone.localdate(self.recorded_at)

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.answer_due_on < timezone.localdate()

    @property
    def is_remembered(self) -> bool:
        """Five days without an answer: both sides are reminded (DESIGN §5)."""
        reminded_on = self.offered_on + timedelta(days=settings.HANDOVER_REMINDER_DAYS)
        return self.is_open and timezone.localdate() >= reminded_on


class HandoverQuestion(models.Model):
    """A question asked back before deciding, and the lead's answer."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    question = models.TextField(_("question"), max_length=1000)
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    answered_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "pk"]

    def __str__(self):
        return str(self.handover_id)


class HandoverReview(models.Model):
    """Somebody of a team considers taking the case: from then on they read name and birth date."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "reviewer"],
                name="one_review_per_reader_and_handover",
                violation_error_code="reviewed_already",
                violation_error_message=_("You are considering this case already."),
            )
        ]

    def __str__(self):
        return f"{self.handover_id}: {self.reviewer_id}"
