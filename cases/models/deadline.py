"""Deadlines of letters and events: the rules they follow, and what hangs on a case.

A deadline owns the follow-up that brings it back on its day, and the one that warns before. What
the law makes of a letter is kept beside it as codes and values (`cases.legal_deadlines`).
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from cases.deadline_law import NEEDS_DAY, Arrival, Counting, Fiction, Kind, Unit
from cases.legal_deadlines import Facts, Rule
from cases.legal_sentences import Line, lines_of
from cases.models.catalogues import CatalogueEntry
from cases.models.doors import Record, RecordQuerySet
from cases.models.follow_up import FollowUp
from cases.models.household import Concerning
from providers.models import LegalDomain, Provider, StaffMember


class DeadlineRuleQuerySet(models.QuerySet):
    def in_force(self, on: date):
        """Keep the versions of the law that held on a day."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=on),
            Q(valid_until=None) | Q(valid_until__gte=on),
            is_active=True,
        )

    def for_choosing(self):
        """Keep one version of each deadline, the latest, in the order of the list."""
        latest = {}
        for rule in self.filter(is_active=True).order_by(F("valid_from").asc(nulls_first=True)):
            latest[rule.template] = rule
        return sorted(latest.values(), key=lambda rule: (rule.position, rule.name))


class DeadlineRule(CatalogueEntry):
    """One deadline as one version of the law sets it (DOMAIN §3.1).

    A change of the law is a new entry with the same template; the old one gets its last day.
    """

    template = models.CharField(_("deadline"), max_length=30)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    length = models.PositiveSmallIntegerField(_("length"))
    unit = models.CharField(_("unit"), max_length=12, choices=Unit)
    abroad_months = models.PositiveSmallIntegerField(
        _("months for people abroad"), null=True, blank=True
    )
    paragraph = models.CharField(_("paragraph"), max_length=120, blank=True)
    fiction = models.CharField(_("law of receipt"), max_length=8, choices=Fiction, blank=True)
    instruction_paragraph = models.CharField(
        _("paragraph for a missing instruction"),
        max_length=60,
        blank=True,
        help_text=_("Empty where a missing instruction does not make the period longer."),
    )
    counting = models.CharField(_("law of counting"), max_length=8, choices=Counting)
    note = models.CharField(_("note for caseworkers"), max_length=400, blank=True)
    law_as_of = models.DateField(_("law as of"))
    valid_from = models.DateField(_("in force from"), null=True, blank=True)
    valid_until = models.DateField(
        _("in force until"), null=True, blank=True, help_text=_("The last day that counts.")
    )
    warning_days = models.PositiveSmallIntegerField(_("warning, days before"), default=7)

    objects = DeadlineRuleQuerySet.as_manager()

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("rule for a deadline")
        verbose_name_plural = _("rules for deadlines")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gte=F("valid_from")),
                name="a_rule_ends_after_it_begins",
                violation_error_code="rule_ends_too_early",
                violation_error_message=_("A rule cannot end before it begins."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="remedy") | ~Q(fiction=""),
                name="a_remedy_knows_when_letters_are_received",
                violation_error_code="remedy_without_fiction",
                violation_error_message=_("Please choose the law of receipt."),
            ),
        ]

    def clean(self):
        super().clean()
        if any(self.overlaps(other) for other in self.other_versions()):
            raise ValidationError(
                _("Another entry for this deadline holds at the same time."), code="overlap"
            )

    def other_versions(self) -> models.QuerySet:
        """Return the other active versions of this deadline."""
        others = DeadlineRule.objects.filter(template=self.template, is_active=True)
        return others.exclude(pk=self.pk) if self.is_active else others.none()

    def overlaps(self, other: "DeadlineRule") -> bool:
        """Say whether both hold on some day."""
        first, last = self.valid_from or date.min, self.valid_until or date.max
        return first <= (other.valid_until or date.max) and (other.valid_from or date.min) <= last

    @property
    def takes_a_letter(self) -> bool:
        """Whether the way in which a letter came matters."""
        return self.kind == Kind.REMEDY

    def as_rule(self) -> Rule:
        """Return what the count needs to know."""
        return Rule(
            kind=Kind(self.kind),
            length=self.length,
            unit=Unit(self.unit),
            counting=Counting(self.counting),
            paragraph=self.paragraph,
            fiction=Fiction(self.fiction) if self.fiction else None,
            instruction_paragraph=self.instruction_paragraph,
            abroad_months=self.abroad_months,
        )


class DeadlineQuerySet(RecordQuerySet):
    def open(self):
        return self.filter(state=Deadline.State.OPEN)

    def for_page(self):
        """Load what the page of deadlines shows of each."""
        return self.select_related(
            "rule",
            "authority",
            "legal_domain",
            "concerns",
            "follow_up__assignee",
            "warning",
            "checked_by",
            "settled_by",
        )


class Deadline(Record, Concerning):
    """A day by which something must be done, computed from a letter or an event, and to check."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        MET = "met", pgettext_lazy("deadline", "met")
        MISSED = "missed", _("missed")
        DROPPED = "dropped", _("not needed")

    rule = models.ForeignKey(
        DeadlineRule, on_delete=models.PROTECT, related_name="+", verbose_name=_("deadline")
    )
    authority = models.ForeignKey(
        Provider,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("office or court"),
    )
    other_authority = models.CharField(_("other office or court"), max_length=120, blank=True)
    subject = models.CharField(_("what it is about"), max_length=200, blank=True)
    legal_domain = models.ForeignKey(
        LegalDomain,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("legal domain"),
    )
    dated_on = models.DateField(_("date on the letter or day of the event"))
    arrival = models.CharField(_("how it came"), max_length=12, choices=Arrival, blank=True)
    received_on = models.DateField(_("received on"), null=True, blank=True)
    late_is_proven = models.BooleanField(_("the later day can be proven"), default=False)
    has_instruction = models.BooleanField(_("proper instruction on rights"), default=True)
    is_abroad = models.BooleanField(_("the person was abroad"), default=False)

    computed_on = models.DateField(_("computed day"), editable=False)
    safe_on = models.DateField(_("safe day"), editable=False)
    explanation = models.JSONField(default=list, editable=False)
    due_on = models.DateField(_("last day"))
    changed_because = models.CharField(_("reason for another day"), max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True, editable=False)
    checked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.OPEN, editable=False
    )
    settled_at = models.DateTimeField(null=True, editable=False)
    settled_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    follow_up = models.OneToOneField(FollowUp, on_delete=models.PROTECT, related_name="deadline")
    warning = models.OneToOneField(
        FollowUp,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="warned_deadline",
        verbose_name=_("warning"),
    )

    objects = DeadlineQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["subject", "other_authority", "changed_because", "explanation"]
    )

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        constraints = [
            *Concerning.Meta.constraints,
            models.CheckConstraint(
                condition=Q(authority__isnull=True) | Q(other_authority=""),
                name="a_deadline_names_one_authority",
                violation_error_code="two_authorities",
                violation_error_message=_("Please choose an office or enter another, not both."),
            ),
            models.CheckConstraint(
                condition=Q(received_on__isnull=True) | Q(received_on__gte=F("dated_on")),
                name="a_letter_is_received_after_it_is_dated",
                violation_error_code="received_too_early",
                violation_error_message=_("The letter cannot be received before its date."),
            ),
            models.CheckConstraint(
                condition=~Q(arrival__in=sorted(NEEDS_DAY)) | Q(received_on__isnull=False),
                name="what_is_served_has_its_day",
                violation_error_code="served_without_day",
                violation_error_message=_("Please enter the day on which it arrived."),
            ),
            models.CheckConstraint(
                condition=Q(due_on=F("computed_on")) | ~Q(changed_because=""),
                name="another_day_than_computed_has_a_reason",
                violation_error_code="changed_without_reason",
                violation_error_message=_(
                    "Please say why another day than the computed one counts."
                ),
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True, settled_by__isnull=True)
                | ~Q(state="open") & Q(settled_at__isnull=False, settled_by__isnull=False),
                name="a_settled_deadline_says_when_and_by_whom",
                violation_error_code="settled_incompletely",
                violation_error_message=_("A settled deadline needs a date and a name."),
            ),
            models.CheckConstraint(
                condition=Q(checked_at__isnull=True, checked_by__isnull=True)
                | Q(checked_at__isnull=False, checked_by__isnull=False),
                name="a_checked_deadline_says_when_and_by_whom",
                violation_error_code="checked_incompletely",
                violation_error_message=_("Whoever checks a deadline is named with the day."),
            ),
        ]

    def __str__(self):
        return self.rule.name

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_past(self) -> bool:
        """Open, and its day is over."""
        return self.is_open and self.due_on < timezone.localdate()

    @property
    def days_over(self) -> int:
        """How many days ago the last day was."""
        return (timezone.localdate() - self.due_on).days

    @property
    def sender(self) -> str:
        """The office or court, as far as it is named."""
        return self.other_authority or (str(self.authority) if self.authority_id else "")

    @property
    def lines(self) -> list[Line]:
        """How the day was computed, in words."""
        return lines_of(self.explanation)

    @property
    def facts(self) -> Facts:
        """What the count starts from."""
        return Facts(
            dated_on=self.dated_on,
            arrival=Arrival(self.arrival or Arrival.POST),
            received_on=self.received_on,
            late_is_proven=self.late_is_proven,
            has_instruction=self.has_instruction,
            is_abroad=self.is_abroad,
        )
