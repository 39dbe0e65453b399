"""The admin of staff, because leaving depends on cases, and of the value lists of the trade.

Cases themselves are not in the admin: administrators see how many somebody leads, and nothing more.
"""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cases.models import (
    AccessRoute,
    AnnouncedLeaving,
    ClosingReason,
    ContactSetting,
    DataKind,
    DeadlineRule,
    DocumentKind,
    HandoverReason,
    InterpretingMode,
    Nationality,
    ResidenceStatus,
    UnmetReason,
)
from cases.workflow import leaving
from centers.admin import PortalModelAdmin
from providers.models import StaffMember
from providers.staff_admin import StaffMemberAdmin as StaffMemberBase


class StaffMemberForm(forms.ModelForm):
    """An account. The last day is entered once nobody's case depends on it any more.

    Until then it stands in the field as announced, and the coordination has the cases on its page.
    """

    by: StaffMember

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.waiting_sentence = ""
        self.announced = None
        if self.instance.pk and self.instance.left_on is None:
            self.announced = AnnouncedLeaving.objects.filter(staff_member=self.instance).first()
        if self.announced is not None:
            self.initial["left_on"] = self.announced.left_on
            self.fields["left_on"].help_text = _(
                "Announced to the coordination, and not entered yet: active cases are still led."
            )

    def clean_username(self):
        """Say once, and beside the field, that the name is taken, however it is capitalised."""
        username = self.cleaned_data["username"]
        others = StaffMember.objects.exclude(pk=self.instance.pk)
        if others.filter(username__iexact=username).exists():
            raise ValidationError(_("This user name is taken."), code="username_taken")
        return username

    def clean_left_on(self):
        left_on = self.cleaned_data["left_on"]
        before = self.instance.left_on
        if not self.instance.pk or left_on is None or left_on == before:
            return left_on
        # The admin saves in one transaction: the lock taken here lasts until its end.
        sentence = leaving.announce(self.instance, left_on=left_on, by=self.by)
        if not sentence:
            return left_on
        if self.announced is not None and self.announced.left_on == left_on:
            # Known already: the rest of the page may be saved, the day waits.
            self.waiting_sentence = sentence
            return before
        raise ValidationError(sentence, code="leads_cases")


@admin.register(StaffMember)
class StaffMemberAdmin(StaffMemberBase):
    form = StaffMemberForm

    def get_readonly_fields(self, request, obj=None):
        return (*super().get_readonly_fields(request, obj), "cases_led")

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        return (*fieldsets, (_("Cases"), {"fields": ("cases_led",)})) if obj else fieldsets

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.by = request.user
        return form

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if form.waiting_sentence:
            messages.warning(request, form.waiting_sentence)
        elif change:
            leaving.forget_announcement(obj)
        if change and obj.has_left:
            leaving.return_follow_ups(obj, by=request.user)

    def block(self, request, staff):
        answer = super().block(request, staff)
        leaving.return_follow_ups(staff, by=request.user)
        count = leaving.led_by(staff)
        if count:
            messages.warning(request, leaving.cases_wait(count))
        return answer

    @admin.display(description=_("active cases led"))
    def cases_led(self, staff: StaffMember) -> int:
        return leaving.led_by(staff)


class CatalogueAdmin(PortalModelAdmin):
    """One value list: entries are retired, never deleted; codes stand fast."""

    fixed_fields = ("code",)
    list_display = ("name", "code", "position", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "code")


@admin.register(DeadlineRule)
class DeadlineRuleAdmin(CatalogueAdmin):
    """The rules for deadlines: a change of the law is a new entry, the old one ends before."""

    list_display = ("name", "code", "valid_from", "valid_until", "law_as_of", "is_active")
    list_filter = ("kind", "counting", "is_active")


admin.site.register(
    [
        AccessRoute,
        ClosingReason,
        ContactSetting,
        DataKind,
        DocumentKind,
        HandoverReason,
        InterpretingMode,
        Nationality,
        ResidenceStatus,
        UnmetReason,
    ],
    CatalogueAdmin,
)
