"""Why a case went back, was closed or reopened: the words that the trail itself does not hold."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Phase
from cases.models.doors import Record


class PhaseChange(Record):
    """One change of phase (DOMAIN §2.1: dated, never overwritten)."""

    before = models.CharField(max_length=12, choices=Phase)
    after = models.CharField(max_length=12, choices=Phase)
    because = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("change of phase")
        verbose_name_plural = _("changes of phase")

    def __str__(self):
        return f"{self.before} → {self.after}"
