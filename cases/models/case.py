"""The case: one person with one responsible caseworker over time."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Case as Choose
from django.db.models import Exists, OuterRef, Prefetch, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.access import Level
from cases.models import doors
from cases.models.catalogues import AccessRoute, ClosingReason
from cases.models.person import Person
from cases.names import search_terms
from centers.models import Center
from providers.models import Assignment, Provider, StaffMember
from providers.roles import Permission

# Fewer digits than these are no telephone number to search for.
SHORTEST_NUMBER = 5

# Sorts are stored and never null: a case with no open follow-up comes last.
NEVER = date(9999, 12, 31)


class Phase(models.TextChoices):
    """Where a case stands (DOMAIN §2.1; codes mapped in docs/glossary.md)."""

    CLEARING = "clearing", _("Clearing")
    ASSESSMENT = "assessment", _("Assessment")
    PLANNING = "planning", _("Planning")
    LINKING = "linking", _("Linking")
    MONITORING = "monitoring", _("Monitoring")
    EVALUATION = "evaluation", _("Evaluation")
    CLOSED = "closed", _("Closed")
    AFTERCARE = "aftercare", _("Aftercare")


ENDED_PHASES = (Phase.CLOSED, Phase.AFTERCARE)


class CaseQuerySet(models.QuerySet):
    """Every way of asking for cases. Views go through the doors and nothing else."""

    def visible_to(self, reader: StaffMember):
        """Keep the cases whose file the reader may open."""
        return self.filter(doors.file_door(reader))

    def offered_to(self, reader: StaffMember):
        """Keep the cases whose handover sheet the reader may read."""
        return self.filter(doors.sheet_door(reader))

    def registered_to(self, reader: StaffMember):
        """Keep the cases that the reader's register lists: no identity, no notes."""
        return self.filter(doors.register_door(reader))

    def countable_by(self, reader: StaffMember):
        """Keep the cases that enter the reader's figures; never shown."""
        return self.filter(doors.count_door(reader))

    def known_to(self, reader: StaffMember):
        """Keep the cases of any level above nothing and annotate each with `level`."""
        return self.annotate(
            level=Choose(
                When(doors.file_door(reader), then=Value(int(Level.FILE))),
                When(doors.sheet_door(reader), then=Value(int(Level.SHEET))),
                When(doors.register_door(reader), then=Value(int(Level.REGISTER))),
                default=Value(int(Level.NOTHING)),
            )
        ).filter(level__gt=Level.NOTHING)

    def matching(self, text: str):
        """Keep the cases whose person's name, telephone number or own reference fits `text`.

        To be asked behind `visible_to` alone: a register never tells whose case it is.
        """
        found = _called(text) | Q(reference__istartswith=text.strip())
        digits = "".join(letter for letter in text if letter.isdecimal()).lstrip("0")
        if len(digits) >= SHORTEST_NUMBER:
            found |= Q(person__phone__contains=digits) | Q(person__second_phone__contains=digits)
        return self.filter(found)

    def called(self, text: str):
        """Keep the cases whose person's name fits `text`; for whoever reads the name anyway."""
        return self.filter(_called(text))

    def active(self):
        return self.filter(closed_on__isnull=True)

    def closed(self):
        return self.filter(closed_on__isnull=False)

    def without_able_lead(self):
        """Keep active cases whose lead is blocked, has left or works for the provider no more."""
        return self.active().filter(~Exists(_able_lead()))

    def to_assign(self):
        """Keep what the coordination assigns: without an able lead, or with one who is leaving."""
        from cases.models.leaving import AnnouncedLeaving

        leaving = AnnouncedLeaving.objects.filter(staff_member=OuterRef("staff_member"))
        return self.active().filter(~Exists(_able_lead().filter(~Exists(leaving))))

    def for_list(self):
        """Load what one row of a case list shows."""
        return self.select_related("person", "center", "lead", "provider")

    def with_legal_domains(self):
        """Load the legal domains of each case's needs, for `Case.legal_domains`."""
        from cases.models.need import Need

        needs = Need.objects.standing().select_related("legal_domain")
        needs = needs.order_by("legal_domain__position", "pk")
        return self.prefetch_related(Prefetch("needs", queryset=needs, to_attr="standing_needs"))


def _called(text: str) -> Q:
    """Say that a case's person is called `text`.

    Names fit in any script, spelling and order; the beginning of each word is enough.
    """
    terms = search_terms(text)
    words = Q(pk__isnull=False) if terms else Q(pk__in=[])
    for ways in terms:
        way = Q()
        for spelling in ways:
            way |= Q(person__name_key__contains=spelling)
        words &= way
    return words


def _able_lead() -> models.QuerySet:
    """Return the current posts by which a case's lead can lead it, for a question about a case.

    One level deep and without an "or": PostgreSQL then asks once for all cases, not for each.
    """
    posts = Assignment.objects.current().granting(Permission.READ_FILES)
    return posts.filter(
        staff_member=OuterRef("lead"),
        employer=OuterRef("provider"),
        staff_member__in=StaffMember.objects.active(),
    )


class Case(models.Model):
    """One person, one lead, one file. Changed by the steps in `cases.workflow` alone."""

    class Intensity(models.TextChoices):
        INTENSIVE = "intensive", _("intensive")
        NORMAL = "normal", _("normal")
        LIGHT = "light", _("accompanying")
        AFTERCARE = "aftercare", _("aftercare")

    class Outcome(models.TextChoices):
        REACHED = "reached", _("goals reached")
        PARTLY = "partly", _("goals partly reached")
        NOT_REACHED = "not_reached", _("goals not reached")
        NOT_APPLICABLE = "not_applicable", _("no goals were agreed")

    reference = models.CharField(_("reference"), max_length=20, unique=True, editable=False)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="cases", verbose_name=_("person")
    )
    center = models.ForeignKey(
        Center, on_delete=models.PROTECT, related_name="+", verbose_name=_("center")
    )
    # The controller of the file; changed only by the acceptance of a handover.
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", verbose_name=_("provider")
    )
    lead = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, related_name="led_cases", verbose_name=_("lead")
    )
    deputy = models.ForeignKey(
        StaffMember,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deputised_cases",
        verbose_name=_("deputy"),
    )
    phase = models.CharField(
        _("phase"), max_length=12, choices=Phase, default=Phase.CLEARING, editable=False
    )
    intensity = models.CharField(
        _("intensity"), max_length=10, choices=Intensity, default=Intensity.NORMAL
    )
    access_route = models.ForeignKey(
        AccessRoute,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("access route"),
    )
    concern = models.TextField(_("presenting concern"), max_length=2000)
    is_urgent = models.BooleanField(_("urgent"), default=False)
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True, editable=False)
    closing_reason = models.ForeignKey(
        ClosingReason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("closing reason"),
    )
    outcome = models.CharField(
        _("outcome"), max_length=15, choices=Outcome, blank=True, editable=False
    )
    paused_until = models.DateField(_("paused until"), null=True, blank=True, editable=False)
    pause_reason = models.CharField(_("reason for the pause"), max_length=300, blank=True)

    # Stored for sorting; kept by `workflow.steps.settle` at the end of every step.
    sort_name = models.CharField(max_length=250, editable=False)
    next_due_on = models.DateField(default=NEVER, editable=False)
    last_touched_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CaseQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["concern", "pause_reason"])

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.CheckConstraint(
                condition=Q(phase__in=Phase.values),
                name="a_case_is_in_a_known_phase",
                violation_error_code="phase_unknown",
                violation_error_message=_("There is no such phase."),
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, closing_reason__isnull=True)
                & ~Q(phase__in=ENDED_PHASES)
                | Q(
                    closed_on__isnull=False,
                    closing_reason__isnull=False,
                    phase__in=ENDED_PHASES,
                ),
                name="a_case_is_closed_with_date_and_reason",
                violation_error_code="closed_incompletely",
                violation_error_message=_("A closed case needs a date and a reason."),
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=models.F("opened_on")),
                name="a_case_closes_after_it_opened",
                violation_error_code="closed_before_opened",
                violation_error_message=_("A case cannot be closed before it was opened."),
            ),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | ~Q(deputy=models.F("lead")),
                name="the_deputy_is_not_the_lead",
                violation_error_code="deputy_is_lead",
                violation_error_message=_("The lead cannot deputise for themselves."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["center", "last_touched_at", "id"], name="cases_longest_untouched"
            ),
            models.Index(fields=["center", "next_due_on", "id"], name="cases_by_next_date"),
            models.Index(fields=["center", "-opened_on", "-id"], name="cases_newest_first"),
            # The same for those who see all centers.
            models.Index(fields=["next_due_on", "id"], name="cases_anywhere_by_next_date"),
            models.Index(fields=["-opened_on", "-id"], name="cases_anywhere_newest_first"),
            models.Index(fields=["last_touched_at", "id"], name="cases_anywhere_untouched"),
            models.Index(
                fields=["last_touched_at", "id"],
                name="active_anywhere_untouched",
                condition=Q(closed_on__isnull=True),
            ),
            models.Index(
                fields=["center", "last_touched_at", "id"],
                name="active_cases_untouched",
                condition=Q(closed_on__isnull=True),
            ),
            # All that figures and the question for an able lead ask: the index answers alone.
            models.Index(
                fields=[
                    "center",
                    "phase",
                    "provider",
                    "intensity",
                    "lead",
                    "deputy",
                    "next_due_on",
                    "id",
                ],
                name="active_cases_for_figures",
                condition=Q(closed_on__isnull=True),
            ),
            models.Index(
                fields=["lead"], name="active_cases_by_lead", condition=Q(closed_on__isnull=True)
            ),
        ]

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        return reverse("cases:detail", args=[self.reference])

    @property
    def is_active(self) -> bool:
        return self.closed_on is None

    @property
    def legal_domains(self) -> list[str]:
        """The short names of its legal domains, each once (see `with_legal_domains`)."""
        return list(dict.fromkeys(need.legal_domain.short_name for need in self.standing_needs))

    @property
    def is_paused(self) -> bool:
        return self.paused_until is not None and self.paused_until > timezone.localdate()

    @property
    def next_due(self) -> date | None:
        """The day of the next open follow-up, if there is one."""
        return None if self.next_due_on == NEVER else self.next_due_on

    @property
    def reopens_until(self) -> date | None:
        """The last day on which a closed case can be reopened (DOMAIN §4.6)."""
        if self.closed_on is None:
            return None
        return date(self.closed_on.year + settings.RETENTION_YEARS, 12, 31)

    @property
    def is_quiet(self) -> bool:
        """Nothing has happened on it for longer than a caseworker would want."""
        limit = timezone.now() - timedelta(days=settings.QUIET_CASE_DAYS)
        return self.is_active and self.last_touched_at < limit


class ReferenceCounter(models.Model):
    """The last number given at one center in one year; locked while the next is taken."""

    center = models.ForeignKey(Center, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["center", "year"],
                name="one_counter_per_center_and_year",
                violation_error_code="counter_exists",
                violation_error_message=_("This center has its counter for that year already."),
            )
        ]

    def __str__(self):
        return f"{self.center.code}-{self.year}-{self.last:04}"
