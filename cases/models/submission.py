"""The one-time keys of forms that create something."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.models import StaffMember


class Submission(models.Model):
    """A form that has arrived, and where what it made is found.

    Unique per sender: a second arrival of the same form, also at the same moment, waits for the
    first and is led to what that made.
    """

    key = models.UUIDField()
    sent_by = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    leads_to = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sent_by", "key"],
                name="a_form_is_taken_once",
                violation_error_code="sent_already",
                violation_error_message=_("This form has been sent already."),
            )
        ]

    def __str__(self):
        return str(self.key)
