"""How a person fares in each part of life, on a day: the grid of DOMAIN §2.4."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.doors import Record, RecordQuerySet
from cases.models.follow_up import FollowUp
from cases.models.household import Concerning
from cases.models.person import Person
from providers.models import LifeArea


class AssessmentQuerySet(RecordQuerySet):
    def drafts(self):
        """Keep those begun and not finished."""
        return self.filter(state=Assessment.State.DRAFT)

    def standing(self):
        """Keep finished ones that no later one corrects: what counts."""
        finished = self.filter(state=Assessment.State.FINISHED)
        corrected = Assessment.objects.filter(
            corrects=OuterRef("pk"), state=Assessment.State.FINISHED
        )
        return finished.exclude(Exists(corrected))


class Assessment(Record, Concerning):
    """One assessment of one person. A finished one is never changed, only corrected by another.

    While it is a draft, everybody who works on the case goes on with the same one. `recorded_at`
    becomes the moment of finishing: a former lead reads what was finished in their time.
    There is no score of the person: values are never added or averaged across areas.
    """

    class Occasion(models.TextChoices):
        START = "start", _("at the start")
        INTERIM = "interim", _("in between")
        END = "end", _("at the end")

    class State(models.TextChoices):
        DRAFT = "draft", _("begun")
        FINISHED = "finished", _("finished")

    # The four lists of the map of resources (DOMAIN §2.3).
    RESOURCES = (
        "personal_resources",
        "social_resources",
        "material_resources",
        "infrastructural_resources",
    )

    # Always of somebody; so what is confidential always concerns one person.
    concerns = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    occasion = models.CharField(
        _("occasion"), max_length=8, choices=Occasion, default=Occasion.START
    )
    assessed_on = models.DateField(_("assessed on"), default=timezone.localdate)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.DRAFT, editable=False
    )
    finished_at = models.DateTimeField(null=True, editable=False)
    # The key of the form that kept the draft last: two people do not overwrite each other.
    kept_with = models.UUIDField(null=True, editable=False)
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("corrects"),
    )
    corrected_because = models.CharField(_("reason"), max_length=300, blank=True)
    personal_resources = models.TextField(_("personal resources"), max_length=1000, blank=True)
    social_resources = models.TextField(_("social resources"), max_length=1000, blank=True)
    material_resources = models.TextField(_("material resources"), max_length=1000, blank=True)
    infrastructural_resources = models.TextField(
        _("resources around the person"), max_length=1000, blank=True
    )
    # Whose problem it is, and what may lie behind it: never for disclosure (DOMAIN §2.3).
    hypothesis = models.TextField(_("working hypothesis"), max_length=2000, blank=True)
    # The review that it planned, and that comes back by itself.
    follow_up = models.OneToOneField(
        FollowUp,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assessment",
        editable=False,
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "concerns"],
                condition=Q(state="draft"),
                name="one_draft_per_case_and_person",
                violation_error_code="second_draft",
                violation_error_message=_("An assessment of this person has been begun already."),
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(state="finished"),
                name="an_assessment_is_corrected_once",
                violation_error_code="corrected_twice",
                violation_error_message=_("This assessment has been corrected already."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", finished_at__isnull=True)
                | Q(state="finished", finished_at__isnull=False),
                name="a_finished_assessment_says_when",
                violation_error_code="finished_without_a_moment",
                violation_error_message=_("A finished assessment needs its moment."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(corrects__isnull=True) | ~Q(corrected_because=""),
                name="a_correction_has_a_reason",
                violation_error_code="correction_without_reason",
                violation_error_message=_("Please say why the assessment is corrected."),
            ),
        ]

    def __str__(self):
        return f"{self.get_occasion_display()}, {self.assessed_on:%d.%m.%Y}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def order(self) -> tuple[date, int]:
        """The place in the course over time."""
        return self.assessed_on, self.pk


class Rating(models.Model):
    """What one assessment says of one life area. Without a value only while it is a draft."""

    class Value(models.TextChoices):
        CRISIS = "0", _("acute crisis")
        STRAINED = "1", _("heavily strained")
        UNSTABLE = "2", _("unstable")
        MOSTLY_STABLE = "3", _("largely stable")
        STABLE = "4", _("stable, self-reliant")
        NOT_ASKED = "not_asked", _("not asked")
        NOT_RELEVANT = "not_relevant", _("not relevant")

        @property
        def words(self) -> str:
            """The value with its anchor: “2 · unstable”."""
            return f"{self.value} · {self.label}" if self.value.isdigit() else str(self.label)

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="ratings")
    life_area = models.ForeignKey(LifeArea, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(_("value"), max_length=12, choices=Value, blank=True)
    problem = models.CharField(_("problem, in the person's words"), max_length=500, blank=True)
    resource = models.CharField(_("what helps here"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "life_area"],
                name="one_rating_per_assessment_and_area",
                violation_error_code="area_twice",
                violation_error_message=_("Each life area is rated once."),
            ),
            models.CheckConstraint(
                condition=Q(
                    value__in=["", "0", "1", "2", "3", "4", "not_asked", "not_relevant"],
                ),
                name="a_rating_is_on_the_scale",
                violation_error_code="off_the_scale",
                violation_error_message=_("Please choose a value of the scale."),
            ),
        ]

    def __str__(self):
        return f"{self.life_area}: {self.get_value_display()}"

    @property
    def number(self) -> int | None:
        """The value from 0 to 4; nothing where the area was not asked or is not relevant."""
        return int(self.value) if self.value.isdigit() else None
