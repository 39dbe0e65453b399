"""The admin of who and what: providers, assignments, positions, and the value lists.

The pages of staff stand in `providers.staff_admin`.
"""

from datetime import timedelta

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from centers.admin import CenterFilter, PortalModelAdmin
from providers.models import (
    Assignment,
    Language,
    LegalDomain,
    LifeArea,
    Position,
    Provider,
    Service,
    StaffMember,
)


@admin.register(Provider)
class ProviderAdmin(PortalModelAdmin):
    fixed_fields = ("code",)
    list_display = ("short_name", "name", "kind", "parent", "data_protection", "is_active")
    list_filter = ("kind", "data_protection", "is_active")
    list_select_related = ("parent",)
    search_fields = ("name", "short_name", "code")
    fieldsets = (
        (None, {"fields": ("name", "short_name", "code", "kind", "parent", "is_active")}),
        (_("Data protection and contact"), {"fields": ("data_protection", "phone", "email")}),
    )


# --- Assignments --------------------------------------------------------------------------------


class AssignmentForm(forms.ModelForm):
    """Check an assignment while nobody else writes one for the same person."""

    by: StaffMember

    class Meta:
        model = Assignment
        fields = ("staff_member", "employer", "role", "center", "fte", "valid_from", "valid_until")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # Another employer or role is another assignment: this one ends.
            for name in ("staff_member", "employer", "role"):
                if name in self.fields:
                    self.fields[name].disabled = True

    def clean_staff_member(self):
        staff = self.cleaned_data["staff_member"]
        if staff.pk == self.by.pk:
            raise ValidationError(_("Nobody edits their own assignments."), code="own_assignment")
        # The admin saves in one transaction; the lock lasts until its end.
        return StaffMember.objects.select_for_update().get(pk=staff.pk)


class WhenFilter(admin.SimpleListFilter):
    title = _("time")
    parameter_name = "when"

    def lookups(self, request, model_admin):
        return [
            ("current", _("current")),
            ("future", _("future")),
            ("ended", _("ended")),
            ("new", _("entered in the last 30 days")),
        ]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        match self.value():
            case "current":
                return queryset.current(today)
            case "future":
                return queryset.filter(valid_from__gt=today)
            case "ended":
                return queryset.filter(valid_until__lt=today)
            case "new":
                return queryset.filter(created_at__gte=timezone.now() - timedelta(days=30))
        return queryset


def where_of(assignment: Assignment) -> str:
    return assignment.center.name if assignment.center else gettext("all centers")


@admin.register(Assignment)
class AssignmentAdmin(PortalModelAdmin):
    form = AssignmentForm
    list_display = (
        "staff_member",
        "role",
        "employer",
        "where",
        "fte",
        "valid_from",
        "valid_until",
    )
    list_filter = (
        WhenFilter,
        "role",
        ("center", CenterFilter),
        ("employer", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("staff_member", "employer", "center")
    search_fields = (
        "staff_member__family_name",
        "staff_member__given_name",
        "staff_member__username",
    )
    readonly_fields = ("created_at", "created_by")
    fieldsets = (
        (
            None,
            {
                "fields": ("staff_member", "employer", "role", "center", "fte"),
                "description": _(
                    "One account holds case management, coordination or administration, never two. "
                    "Every new assignment is listed to the coordination."
                ),
            },
        ),
        (_("Time"), {"fields": (("valid_from", "valid_until"),)}),
        (_("Entered"), {"fields": (("created_at", "created_by"),)}),
    )

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:-1]

    def get_changeform_initial_data(self, request):
        return {
            "valid_from": str(timezone.localdate()),
            **super().get_changeform_initial_data(request),
        }

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.by = request.user
        for name in {"staff_member", "employer", "center"} & set(form.base_fields):
            # Who and where are chosen here; they are entered on pages of their own.
            widget = form.base_fields[name].widget
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        return form

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "staff_member":
            kwargs["queryset"] = StaffMember.objects.exclude(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        is_own = obj is not None and obj.staff_member_id == request.user.pk
        return super().has_change_permission(request, obj) and not is_own

    def has_delete_permission(self, request, obj=None):
        """Let go only what has not begun: everything else is ended, and stays on record."""
        return (
            obj is not None
            and obj.valid_from > timezone.localdate()
            and self.has_change_permission(request, obj)
        )

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    @admin.display(description=_("center"), ordering="center__name")
    def where(self, assignment: Assignment) -> str:
        return where_of(assignment)


@admin.register(Position)
class PositionAdmin(PortalModelAdmin):
    deletable = True
    list_display = ("kind", "provider", "center", "fte", "eur_per_year", "funded_from")
    list_filter = (
        "kind",
        ("center", CenterFilter),
        ("provider", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("provider", "center")
    fieldsets = (
        (None, {"fields": ("kind", "provider", "center", "fte")}),
        (_("Funding"), {"fields": ("eur_per_year", ("funded_from", "funded_until"))}),
    )


# --- The directory and its value lists ----------------------------------------------------------


@admin.register(LegalDomain)
class LegalDomainAdmin(PortalModelAdmin):
    fixed_fields = ("code",)
    list_display = ("short_name", "full_title", "code", "valid_from", "valid_until")
    list_filter = (("responsible", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("short_name", "full_title", "code")
    fieldsets = (
        (None, {"fields": ("code", "short_name", "full_title", "position")}),
        (_("Responsibility"), {"fields": ("responsible", "responsible_note")}),
        (_("Time"), {"fields": (("valid_from", "valid_until"),)}),
    )


@admin.register(Service)
class ServiceAdmin(PortalModelAdmin):
    list_display = ("name", "provider", "waiting_weeks", "last_verified_on", "is_active")
    list_filter = ("is_active", "is_example", "legal_domains")
    list_select_related = ("provider",)
    search_fields = ("name", "description", "provider__name")
    prepopulated_fields = {"code": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "code", "provider", "description", "is_active")}),
        (_("For whom and what"), {"fields": ("legal_domains", "life_areas", "languages")}),
        (_("Where"), {"fields": ("is_city_wide", "neighbourhoods", "street")}),
        (_("Contact"), {"fields": ("phone", "email", "website")}),
        (
            _("State of the information"),
            {"fields": ("capacity", "waiting_weeks", "last_verified_on", "is_example")},
        ),
    )

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "website":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Language)
class LanguageAdmin(PortalModelAdmin):
    fixed_fields = ("code",)
    list_display = ("name", "native_name", "code", "is_rtl", "position", "is_active")
    list_filter = ("is_active", "is_rtl")
    search_fields = ("name", "native_name", "code")


@admin.register(LifeArea)
class LifeAreaAdmin(PortalModelAdmin):
    fixed_fields = ("code",)
    list_display = ("name", "code", "position", "is_active")
    search_fields = ("name", "code")
