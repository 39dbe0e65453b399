"""What was said and done with or for the person."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.catalogues import ContactSetting, InterpretingMode
from cases.models.doors import Strikable, StrikableQuerySet
from cases.models.household import Concerning
from providers.models import LegalDomain, StaffMember


class ContactQuerySet(StrikableQuerySet):
    def visible_to(self, reader: StaffMember):
        """Keep what the file shows the reader: everything but other people's personal notes."""
        others_personal = Q(note_class=Contact.NoteClass.PERSONAL) & ~Q(recorded_by=reader)
        return super().visible_to(reader).exclude(others_personal)


class Contact(Strikable, Concerning):
    """One contact. A correction is a new row; the old one stays, struck through."""

    class NoteClass(models.TextChoices):
        CASE_NOTE = "case_note", _("Case note")
        CONFIDENTIAL = "confidential", _("Confidential")
        PERSONAL = "personal", _("Personal")
        MINUTES = "minutes", _("Minutes of a meeting")

    happened_at = models.DateTimeField(_("when"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=15)
    setting = models.ForeignKey(
        ContactSetting, on_delete=models.PROTECT, related_name="+", verbose_name=_("setting")
    )
    participants = models.CharField(_("participants"), max_length=200, blank=True)
    interpreting = models.ForeignKey(
        InterpretingMode,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("interpreting"),
    )
    legal_domains = models.ManyToManyField(
        LegalDomain, blank=True, related_name="+", verbose_name=_("legal domains")
    )
    note = models.TextField(_("note"), max_length=10_000)
    note_class = models.CharField(
        _("kind of note"), max_length=12, choices=NoteClass, default=NoteClass.CASE_NOTE
    )
    corrects = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        editable=False,
    )

    objects = ContactQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["note", "participants"])

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [models.Index(fields=["case", "-happened_at"], name="contacts_of_a_case")]
        constraints = [
            *Concerning.Meta.constraints,
            models.CheckConstraint(
                condition=Q(minutes__lte=600),
                name="a_contact_lasts_ten_hours_at_most",
                violation_error_code="contact_too_long",
                violation_error_message=_("A contact lasts ten hours at most."),
            ),
        ]

    def __str__(self):
        return f"{self.case_id}: {self.happened_at:%Y-%m-%d}"
