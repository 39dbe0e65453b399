"""What a person needs, in which legal domain, and whether it could be arranged."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.catalogues import UnmetReason
from cases.models.doors import Strikable
from cases.models.household import Concerning
from providers.models import LegalDomain, LifeArea


class Need(Strikable, Concerning):
    """One need of one case. An unmet one says why: that is what gap analysis counts."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        IN_PROGRESS = "in_progress", _("in progress")
        MET = "met", _("met")
        UNMET = "unmet", _("unmet")
        DROPPED = "dropped", _("dropped")

    class Urgency(models.TextChoices):
        NORMAL = "normal", _("normal")
        SOON = "soon", _("soon")
        ACUTE = "acute", _("acute")

    legal_domain = models.ForeignKey(
        LegalDomain, on_delete=models.PROTECT, related_name="+", verbose_name=_("legal domain")
    )
    life_area = models.ForeignKey(
        LifeArea,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("life area"),
    )
    description = models.CharField(_("what is needed"), max_length=300)
    urgency = models.CharField(_("urgency"), max_length=8, choices=Urgency, default=Urgency.NORMAL)
    state = models.CharField(
        _("state"), max_length=12, choices=State, default=State.OPEN, editable=False
    )
    unmet_reason = models.ForeignKey(
        UnmetReason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reason"),
    )
    settled_on = models.DateField(_("settled on"), null=True, blank=True, editable=False)

    STILL_OPEN = frozenset({State.OPEN, State.IN_PROGRESS})

    history = HistoricalRecords(excluded_fields=["description"])

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        constraints = [
            *Concerning.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state__in=["open", "in_progress", "met", "unmet", "dropped"]),
                name="a_need_is_in_a_known_state",
                violation_error_code="state_unknown",
                violation_error_message=_("There is no such state."),
            ),
            models.CheckConstraint(
                condition=~Q(state="unmet") | Q(unmet_reason__isnull=False),
                name="an_unmet_need_has_a_reason",
                violation_error_code="unmet_without_reason",
                violation_error_message=_("Please say why the need stays unmet."),
            ),
            models.CheckConstraint(
                condition=Q(state="unmet") | Q(unmet_reason__isnull=True),
                name="only_an_unmet_need_has_a_reason",
                violation_error_code="reason_without_unmet",
                violation_error_message=_("Only an unmet need has a reason."),
            ),
        ]
        indexes = [
            # In the order in which they are counted, so that no row is read and nothing sorted.
            models.Index(
                fields=["legal_domain", "state", "unmet_reason", "case"],
                name="standing_needs_for_figures",
                condition=Q(struck_at__isnull=True),
            )
        ]

    def __str__(self):
        return self.description

    @property
    def is_open(self) -> bool:
        return self.state in self.STILL_OPEN
