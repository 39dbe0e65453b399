"""The admin of centers, hours and closures, and the ground for every other admin."""

from datetime import timedelta

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from centers.forms import CenterForm, ClockInput, DayInput, HoursFormSet, InlineRows
from centers.hours import set_hours
from centers.models import (
    Center,
    CenterPhone,
    Closure,
    ConsultationHours,
    District,
    Neighbourhood,
)
from centers.opening import Schedule

# The permission of `providers.roles` that opens the admin; centers may not import it.
ADMINISTER = "administer"


class ByRole:
    """Whoever administers the portal may look, add and change; nothing is deleted.

    What other rows refer to is ended, not deleted. Where a row may go, `deletable` says so.
    """

    deletable = False

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return request.user.is_authenticated and request.user.may(ADMINISTER)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.deletable and self.has_view_permission(request)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Let people choose from what there is; other rows have their own page, no popups."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


NATIVE_INPUTS = {
    models.DateField: {"widget": DayInput},
    models.TimeField: {"widget": ClockInput},
}


# How lists show what Django would write out long or draw as an icon.
IN_A_LIST = {
    models.BooleanField: lambda value: gettext("yes") if value else gettext("no"),
    models.DateField: lambda value: value and date_format(value, "SHORT_DATE_FORMAT"),
}


class CenterFilter(admin.RelatedFieldListFilter):
    """Filter by center, where none means all of them."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.empty_value_display = _("all centers")


class PortalModelAdmin(ByRole, admin.ModelAdmin):
    """An admin page that asks the one table of permissions."""

    actions = None
    show_facets = admin.ShowFacets.NEVER
    formfield_overrides = NATIVE_INPUTS
    # Fields that stand fast once a row exists: codes, of which other rows and papers make use.
    fixed_fields: tuple[str, ...] = ()

    def get_readonly_fields(self, request, obj=None):
        return (*super().get_readonly_fields(request, obj), *(self.fixed_fields if obj else ()))

    def get_list_display(self, request):
        return [self._column(name) for name in super().get_list_display(request)]

    def _column(self, name):
        """Return the column of a day or of a yes or no; any other stays as it is."""
        fields = {field.name: field for field in self.opts.fields}
        show = IN_A_LIST.get(type(fields.get(name)))
        if show is None:
            return name

        @admin.display(description=fields[name].verbose_name, ordering=name)
        def column(row):
            return show(getattr(row, name))

        column.__name__ = name
        return column

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """Let people tick boxes: in a list of many, one wrong click loses all that was chosen."""
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def render_change_form(self, request, context, *args, **kwargs):
        context["adminform"].form.label_suffix = ""
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request, extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def history_view(self, request, object_id, extra_context=None):
        """Leave the name of the row out of the title: it may be a person's."""
        title = {"title": gettext("Changes so far")}
        return super().history_view(request, object_id, title | (extra_context or {}))


class PortalTabularInline(ByRole, admin.TabularInline):
    """Rows edited on the page of what they belong to."""

    formset = InlineRows
    formfield_overrides = NATIVE_INPUTS
    extra = 1


class CenterPhoneInline(PortalTabularInline):
    model = CenterPhone
    deletable = True


class ConsultationHoursInline(PortalTabularInline):
    model = ConsultationHours
    formset = HoursFormSet
    fields = ("kind", "weekday", "opens", "closes", "valid_from", "valid_until", "note")
    deletable = True


@admin.register(Center)
class CenterAdmin(PortalModelAdmin):
    form = CenterForm
    fixed_fields = ("code",)
    list_display = ("name", "code", "street", "district", "is_active")
    list_select_related = ("district",)
    inlines = (ConsultationHoursInline, CenterPhoneInline)
    readonly_fields = ("week_preview",)

    def get_fieldsets(self, request, obj=None):
        place = (
            _("Name and address"),
            {
                "fields": (
                    "name",
                    "code",
                    "slug",
                    "is_active",
                    "street",
                    ("postal_code", "city"),
                    "district",
                    "email",
                    "accessibility_note",
                    "shown",
                )
            },
        )
        if obj is None:
            return (place,)
        # Hours change often, the place hardly ever: it is folded, unless something in it is wrong.
        place[1]["classes"] = ("collapse",)
        return (_("What visitors see"), {"fields": ("week_preview",)}), place

    def get_object(self, request, object_id, from_field=None):
        """Lock the center before anything about it is read that a POST will write."""
        if request.method == "POST":
            Center.objects.select_for_update().filter(pk=_as_key(object_id)).first()
        return super().get_object(request, object_id, from_field)

    def save_formset(self, request, form, formset, change):
        if formset.model is ConsultationHours:
            set_hours(form.instance, formset.rows())
            formset.note_changes()
        else:
            super().save_formset(request, form, formset, change)

    @admin.display(description=_("This week and next"))
    def week_preview(self, center: Center) -> str:
        today = timezone.localdate()
        schedule = Schedule.of(
            center.pk,
            center.hours.not_over(today - timedelta(days=6)),
            Closure.objects.at([center]),
        )
        weeks = [schedule.week_of(today), schedule.week_of(today + timedelta(weeks=1))]
        kinds = dict(ConsultationHours.Kind.choices)
        return render_to_string(
            "centers/_week_preview.html", {"weeks": weeks, "kinds": kinds, "today": today}
        )


@admin.register(Closure)
class ClosureAdmin(PortalModelAdmin):
    list_display = ("reason", "where", "starts_on", "ends_on")
    list_filter = (("center", CenterFilter),)
    list_select_related = ("center",)
    deletable = True

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "center":
            kwargs["empty_label"] = _("all centers")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("center"), ordering="center__name")
    def where(self, closure: Closure) -> str:
        return closure.center.name if closure.center else _("all centers")


@admin.register(District)
class DistrictAdmin(PortalModelAdmin):
    fixed_fields = ("code",)
    list_display = ("name", "code")


@admin.register(Neighbourhood)
class NeighbourhoodAdmin(PortalModelAdmin):
    fixed_fields = ("code",)
    list_display = ("name", "code", "district", "center", "is_active")
    list_filter = ("center", "district", "is_active")
    list_select_related = ("district", "center")
    search_fields = ("name", "code")


def _as_key(object_id: str) -> int | None:
    return int(object_id) if str(object_id).isascii() and str(object_id).isdigit() else None
