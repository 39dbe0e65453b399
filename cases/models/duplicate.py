"""A suspicion that two files are about one person, shown to both leads without contents."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from providers.models import StaffMember


class DuplicateSuspicionQuerySet(models.QuerySet):
    def told_to(self, case: Case):
        """Keep those that the file of `case` shows: never that of a locked address to others."""
        return self.filter(Q(known=case) | Q(newer=case, known_lead_only=False))

    def open(self):
        return self.filter(state=DuplicateSuspicion.State.OPEN)


class DuplicateSuspicion(models.Model):
    """`newer` was opened although `known` may be about the same person."""

    class State(models.TextChoices):
        OPEN = "open", _("to be settled")
        SAME = "same", _("the same person")
        DIFFERENT = "different", _("different persons")

    known = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="suspected_by")
    newer = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="suspects")
    # The file with a locked address gives no hint: only its own lead is told.
    known_lead_only = models.BooleanField(default=False)
    raised_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = DuplicateSuspicionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["known", "newer"],
                name="one_suspicion_per_pair",
                violation_error_code="suspected_already",
                violation_error_message=_("This suspicion is on record already."),
            ),
            models.CheckConstraint(
                condition=~Q(known=F("newer")),
                name="a_case_is_no_duplicate_of_itself",
                violation_error_code="its_own_duplicate",
                violation_error_message=_("A case cannot be its own duplicate."),
            ),
        ]

    def __str__(self):
        return f"{self.known_id} / {self.newer_id}"

    def other_than(self, case: Case) -> Case:
        """Return the other one of the two cases."""
        return self.newer if self.known_id == case.pk else self.known
