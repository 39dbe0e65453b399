"""The trail that people read: what happened to a case, who did it, when."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import Step
from cases.models.doors import RecordQuerySet
from providers.models import StaffMember


class CaseEventQuerySet(RecordQuerySet):
    def update(self, **kwargs):
        raise TypeError("The trail is append-only.")

    def delete(self):
        raise TypeError("The trail is append-only.")


class CaseEvent(models.Model):
    """One step taken on one case. Append-only; written in the transaction of the change.

    `before` and `after` are codes of the state that changed; `subject_kind` and `subject_id` say
    which record it was about; `details` holds codes, dates and keys, never free text.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="events")
    step = models.CharField(max_length=20, choices=Step)
    before = models.CharField(max_length=30, blank=True)
    after = models.CharField(max_length=30, blank=True)
    actor = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    happened_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict, blank=True)

    objects = CaseEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["case", "-recorded_at", "-id"], name="timeline_of_a_case"),
            models.Index(fields=["actor", "step", "recorded_at"], name="steps_of_an_actor"),
        ]

    def __str__(self):
        return f"{self.case_id}: {self.step}"

    def save(self, *args, **kwargs):
        """Refuse to change what was written: the one override, because it only ever refuses."""
        if not self._state.adding:
            raise TypeError("The trail is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("The trail is append-only.")
