"""What is done for a goal: by whom, and by when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.doors import Strikable
from cases.models.follow_up import FollowUp
from cases.models.goal import Goal
from cases.models.referral import Referral


class Measure(Strikable):
    """One thing that serves one goal. Where the caseworker has a part in it, it comes back."""

    class Responsible(models.TextChoices):
        CLIENT = "client", _("the person")
        CASEWORKER = "caseworker", _("case management")
        THIRD = "third", _("somebody else")
        TOGETHER = "together", _("together")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    # Whose measures are followed up by themselves.
    COMES_BACK = frozenset({Responsible.CASEWORKER, Responsible.TOGETHER})

    goal = models.ForeignKey(
        Goal, on_delete=models.PROTECT, related_name="measures", verbose_name=_("goal")
    )
    what = models.CharField(_("what is done"), max_length=200)
    responsible = models.CharField(
        _("responsible"), max_length=10, choices=Responsible, default=Responsible.TOGETHER
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.OPEN, editable=False
    )
    done_on = models.DateField(_("done or dropped on"), null=True, blank=True, editable=False)
    ending_note = models.CharField(_("note"), max_length=500, blank=True, editable=False)
    referral = models.ForeignKey(
        Referral,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
        verbose_name=_("referral"),
    )
    follow_up = models.OneToOneField(
        FollowUp,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="measure",
        editable=False,
    )

    history = HistoricalRecords(excluded_fields=["what", "ending_note"])

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", done_on__isnull=True)
                | ~Q(state="open") & Q(done_on__isnull=False),
                name="an_ended_measure_says_when",
                violation_error_code="measure_ended_incompletely",
                violation_error_message=_("A measure that has ended needs its day."),
            )
        ]

    def __str__(self):
        return self.what

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
