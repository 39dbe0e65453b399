"""Where a person was referred for a need, and what came of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.catalogues import UnmetReason
from cases.models.consent import Consent
from cases.models.doors import Record
from cases.models.need import Need
from providers.models import Service


class Referral(Record):
    """One referral for one need (kinds and states of DOMAIN §2.5)."""

    class Kind(models.TextChoices):
        INFORMATION = "information", _("Address handed out")
        SELF_REFERRAL = "self_referral", _("Client goes alone")
        ARRANGED = "arranged", _("Arranged with data")
        ACCOMPANIED = "accompanied", _("Accompanied")
        TRANSFER = "transfer", _("Responsibility moves")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        REQUESTED = "requested", _("requested")
        RECEIVED = "received", _("received")
        ACCEPTED = "accepted", _("accepted")
        WAITING_LIST = "waiting_list", _("on the waiting list")
        DECLINED = "declined", _("declined")
        FORWARDED = "forwarded", _("referred onward")
        ARRIVED = "arrived", _("client arrived")
        NOT_ARRIVED = "not_arrived", _("client did not arrive")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("completed with success")
        FAILED = "failed", _("completed without success")
        WITHDRAWN = "withdrawn", _("withdrawn")

    # Kinds by which data about the person reach the recipient: they need a consent.
    SENDS_DATA = frozenset({Kind.ARRANGED, Kind.ACCOMPANIED, Kind.TRANSFER})
    ENDED = frozenset(
        {State.DECLINED, State.FORWARDED, State.SUCCEEDED, State.FAILED, State.WITHDRAWN}
    )

    need = models.ForeignKey(
        Need, on_delete=models.PROTECT, related_name="referrals", verbose_name=_("need")
    )
    service = models.ForeignKey(
        Service,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("service"),
    )
    target = models.CharField(_("other target"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind, default=Kind.SELF_REFERRAL)
    state = models.CharField(
        _("state"), max_length=15, choices=State, default=State.REQUESTED, editable=False
    )
    consent = models.ForeignKey(
        Consent,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("consent"),
    )
    sent_on = models.DateField(_("sent on"), null=True, blank=True)
    appointment_at = models.DateTimeField(_("appointment"), null=True, blank=True)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    refusal_reason = models.ForeignKey(
        UnmetReason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reason"),
    )
    outcome = models.CharField(_("outcome"), max_length=300, blank=True)

    history = HistoricalRecords(excluded_fields=["outcome"])

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "draft",
                        "requested",
                        "received",
                        "accepted",
                        "waiting_list",
                        "declined",
                        "forwarded",
                        "arrived",
                        "not_arrived",
                        "running",
                        "succeeded",
                        "failed",
                        "withdrawn",
                    ]
                ),
                name="a_referral_is_in_a_known_state",
                violation_error_code="state_unknown",
                violation_error_message=_("There is no such state."),
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["information", "self_referral", "arranged", "accompanied", "transfer"]
                ),
                name="a_referral_is_of_a_known_kind",
                violation_error_code="kind_unknown",
                violation_error_message=_("There is no such kind."),
            ),
            models.CheckConstraint(
                condition=Q(service__isnull=False, target="")
                | Q(service__isnull=True) & ~Q(target=""),
                name="a_referral_has_one_target",
                violation_error_code="one_target",
                violation_error_message=_(
                    "Please choose a service or enter another target, not both."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | Q(refusal_reason__isnull=False),
                name="a_declined_referral_has_a_reason",
                violation_error_code="declined_without_reason",
                violation_error_message=_("Please say why the referral was declined."),
            ),
        ]

    def __str__(self):
        return self.target or str(self.service)

    @property
    def is_open(self) -> bool:
        return self.state not in self.ENDED
