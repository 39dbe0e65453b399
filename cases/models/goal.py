"""What is to be reached, in three levels, and what is done for it (DOMAIN §2.2)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.doors import Strikable
from cases.models.household import Concerning
from cases.models.need import Need


class Goal(Strikable, Concerning):
    """One desired state. Goals of a lower level serve one of a higher."""

    class Level(models.TextChoices):
        PRINCIPLE = "principle", _("Guiding goal")
        FRAMEWORK = "framework", _("Framework goal")
        ACTION = "action", _("Action goal")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        IN_PROGRESS = "in_progress", _("in progress")
        REACHED = "reached", _("reached")
        PARTLY = "partly", _("partly reached")
        NOT_REACHED = "not_reached", _("not reached")
        GIVEN_UP = "given_up", _("given up")
        IRRELEVANT = "irrelevant", _("no longer relevant")

    UNDER_WAY = frozenset({State.OPEN, State.IN_PROGRESS})
    ENDED = frozenset(State) - UNDER_WAY

    level = models.CharField(_("level"), max_length=9, choices=Level, default=Level.ACTION)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("serves the goal"),
    )
    needs = models.ManyToManyField(
        Need, blank=True, related_name="goals", verbose_name=_("grows out of")
    )
    description = models.CharField(_("what is to be reached"), max_length=300)
    due_on = models.DateField(_("to be reached by"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=11, choices=State, default=State.OPEN, editable=False
    )
    # Goal attainment scale, optional: from much less (-2) to much more than expected (+2).
    attainment = models.SmallIntegerField(_("attainment"), null=True, blank=True, editable=False)
    agreed_on = models.DateField(_("agreed on"), null=True, blank=True, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True, editable=False)

    history = HistoricalRecords(excluded_fields=["description"])

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        constraints = [
            *Concerning.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state__in=["open", "in_progress"], ended_on__isnull=True)
                | ~Q(state__in=["open", "in_progress"]) & Q(ended_on__isnull=False),
                name="an_ended_goal_says_when",
                violation_error_code="goal_ended_incompletely",
                violation_error_message=_("A goal that has ended needs its day."),
            ),
            models.CheckConstraint(
                condition=Q(attainment__isnull=True) | Q(attainment__range=(-2, 2)),
                name="attainment_goes_from_minus_two_to_two",
                violation_error_code="attainment_off_the_scale",
                violation_error_message=_("Attainment goes from −2 to +2."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                name="a_goal_does_not_serve_itself",
                violation_error_code="goal_serves_itself",
                violation_error_message=_("A goal cannot serve itself."),
            ),
            models.CheckConstraint(
                condition=~Q(level="principle") | Q(parent__isnull=True),
                name="a_guiding_goal_stands_on_top",
                violation_error_code="guiding_goal_below_another",
                violation_error_message=_("A guiding goal serves no other goal."),
            ),
        ]

    def __str__(self):
        return self.description

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY
