"""What comes back by itself: an owner and a date for everything that is still to do."""

from datetime import date

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.case import Case
from cases.models.doors import Record, RecordQuerySet
from cases.models.need import Need
from cases.models.referral import Referral
from providers.models import StaffMember


class FollowUpQuerySet(RecordQuerySet):
    def open(self):
        return self.filter(state=FollowUp.State.OPEN)

    def due(self, on: date | None = None):
        """Keep open ones due on the day `on` (today) or before."""
        return self.open().filter(due_on__lte=on or timezone.localdate())

    def overdue(self, on: date | None = None):
        return self.open().filter(due_on__lt=on or timezone.localdate())

    def assigned_to(self, reader: StaffMember):
        """Keep those assigned to the reader, as far as the file is open to them."""
        return self.visible_to(reader).filter(assignee=reader)

    def due_for(self, reader: StaffMember):
        """Keep the reader's own that are due today or overdue."""
        return self.assigned_to(reader).due()

    def left_to_deputy(self, reader: StaffMember):
        """Keep open ones of cases the reader deputises for, whose own person cannot work now."""
        able = StaffMember.objects.working_as_caseworkers()
        return self.visible_to(reader).open().filter(case__deputy=reader).exclude(assignee__in=able)

    def matching(self, text: str):
        """Keep those whose case, person or subject fits `text`; asked behind `visible_to` alone."""
        cases = Case.objects.matching(text).filter(pk=OuterRef("case"))
        return self.filter(Exists(cases) | Q(subject__icontains=text))

    def for_list(self):
        """Load what one row of a list of follow-ups shows."""
        return self.select_related("case__person", "case__center", "assignee")

    def load_by_day(self, first: date, last: date) -> dict[date, int]:
        """Count the open ones of each day from `first` to `last`, both included; one query."""
        days = self.open().filter(due_on__range=(first, last)).values("due_on")
        return {row["due_on"]: row["n"] for row in days.annotate(n=Count("pk")).order_by()}


class FollowUp(Record):
    """One thing to do on one case by one day."""

    class Kind(models.TextChoices):
        TASK = "task", _("Task")
        LEGAL_DEADLINE = "legal_deadline", _("Legal deadline")
        EXPIRY = "expiry", _("Expiry")
        REVIEW = "review", _("Review")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="follow_ups")
    subject = models.CharField(_("what is to be done"), max_length=200)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind, default=Kind.TASK)
    due_on = models.DateField(_("due on"))
    assignee = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, related_name="+", verbose_name=_("responsible")
    )
    state = models.CharField(max_length=8, choices=State, default=State.OPEN, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    ending_note = models.CharField(_("note"), max_length=500, blank=True)
    postponed_because = models.CharField(_("reason"), max_length=300, blank=True)
    times_postponed = models.PositiveSmallIntegerField(default=0, editable=False)
    # What it hangs on, if anything.
    need = models.ForeignKey(
        Need, on_delete=models.PROTECT, null=True, blank=True, related_name="follow_ups"
    )
    referral = models.ForeignKey(
        Referral, on_delete=models.PROTECT, null=True, blank=True, related_name="follow_ups"
    )
    ends_pause = models.BooleanField(default=False, editable=False)

    objects = FollowUpQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["subject", "ending_note", "postponed_because"])

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "done", "dropped"]),
                name="a_follow_up_is_in_a_known_state",
                violation_error_code="state_unknown",
                violation_error_message=_("There is no such state."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["task", "legal_deadline", "expiry", "review"]),
                name="a_follow_up_is_of_a_known_kind",
                violation_error_code="kind_unknown",
                violation_error_message=_("There is no such kind."),
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True, ended_by__isnull=True)
                | ~Q(state="open") & Q(ended_at__isnull=False, ended_by__isnull=False),
                name="an_ended_follow_up_says_when_and_by_whom",
                violation_error_code="ended_incompletely",
                violation_error_message=_("A finished follow-up needs a date and a name."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["assignee", "due_on", "id"],
                name="open_follow_ups_by_date",
                condition=Q(state="open"),
            ),
            models.Index(
                fields=["case", "due_on"],
                name="open_follow_ups_of_a_case",
                condition=Q(state="open"),
            ),
        ]

    def __str__(self):
        return self.subject

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_on < timezone.localdate()
