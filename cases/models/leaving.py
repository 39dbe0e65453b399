"""Somebody who is leaving while they still lead cases, told to the coordination."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.models import StaffMember


class AnnouncedLeaving(models.Model):
    """The administration wanted to enter a last day for somebody who leads active cases.

    Until these are assigned the day is not entered; meanwhile they stand on the coordination's
    page. The row is dropped once the day has been entered.
    """

    staff_member = models.OneToOneField(StaffMember, on_delete=models.PROTECT, related_name="+")
    left_on = models.DateField(_("left on"))
    announced_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("announced leaving")
        verbose_name_plural = _("announced leavings")

    def __str__(self):
        return str(self.staff_member_id)
