"""The base of the pages of staff in the admin: accounts, blocking, one-time links.

Registered nowhere here: "left" depends on the cases somebody leads, so `cases.admin` registers its
own version of it.
"""

from django.contrib import admin, messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from centers.admin import PortalModelAdmin, PortalTabularInline
from kim_portal.errors import Refusal
from providers import accounts
from providers.admin import where_of
from providers.models import Assignment, StaffMember


class AssignmentInline(PortalTabularInline):
    """Show what somebody may do and since when; it is changed on pages of its own."""

    model = Assignment
    fk_name = "staff_member"
    fields = readonly_fields = (
        "role",
        "employer",
        "where",
        "fte",
        "valid_from",
        "valid_until",
        "created_by",
    )
    extra = 0
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=_("center"))
    def where(self, assignment: Assignment) -> str:
        return where_of(assignment)

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("employer", "center", "created_by")


class LoginFilter(admin.SimpleListFilter):
    title = _("login")
    parameter_name = "login"

    def lookups(self, request, model_admin):
        return [("open", _("open")), ("blocked", _("blocked")), ("left", _("left"))]

    def queryset(self, request, queryset):
        match self.value():
            case "open":
                return queryset.active()
            case "blocked":
                return queryset.exclude(blocked_at=None)
            case "left":
                return queryset.filter(left_on__lte=timezone.localdate())
        return queryset


class StaffMemberAdmin(PortalModelAdmin):
    """The base of the staff pages: accounts, blocking, one-time links. No password is ever shown.

    A subclass adds the rule for `left_on`.
    """

    change_form_template = "admin/providers/staffmember/change_form.html"
    inlines = (AssignmentInline,)
    list_display = ("family_name", "given_name", "username", "login_state", "last_login")
    list_display_links = ("family_name", "given_name")
    list_filter = (
        LoginFilter,
        "assignments__role",
        ("assignments__employer", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("family_name", "given_name", "username", "email")
    filter_horizontal = ()
    readonly_fields = (
        "login_state",
        "last_login",
        "password_link_issued_at",
        "password_link_issued_by",
        "demo_account",
    )
    fieldsets = (
        (None, {"fields": (("given_name", "family_name"), "username", ("email", "phone"))}),
        (
            _("Work"),
            {"fields": ("languages", "is_recognised_social_worker", "sworn_on", "left_on")},
        ),
        (
            _("Login"),
            {
                "fields": (
                    "login_state",
                    "last_login",
                    ("password_link_issued_at", "password_link_issued_by"),
                    "demo_account",
                )
            },
        ),
    )

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:-1]

    def get_inlines(self, request, obj):
        return super().get_inlines(request, obj) if obj else ()

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        """Lead on to the new account: without an assignment and a link it opens nothing."""
        messages.success(
            request,
            gettext(
                "The account is there. Next: add an assignment, "
                "and issue a link for a new password."
            ),
        )
        return redirect(reverse("admin:providers_staffmember_change", args=[obj.pk]))

    @admin.display(description=_("login"))
    def login_state(self, staff: StaffMember) -> str:
        if staff.is_blocked:
            return gettext("blocked")
        return gettext("left") if staff.has_left else gettext("open")

    @admin.display(description=_("demo account"))
    def demo_account(self, staff: StaffMember) -> str:
        if staff.is_demo:
            return gettext("yes: can sign in only while the portal runs as a demo")
        return gettext("no")

    # Steps on one account; each is a button on its page.

    def get_urls(self):
        steps = [
            path("<int:pk>/block/", self._page(self.block), name="block_login"),
            path("<int:pk>/unblock/", self._page(self.unblock), name="unblock_login"),
            path("<int:pk>/password-link/", self._page(self.password_link), name="password_link"),
        ]
        return steps + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        is_self = str(request.user.pk) == str(object_id)
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "is_self": is_self}
        )

    def block(self, request: HttpRequest, staff: StaffMember):
        accounts.block(staff, by=request.user)
        self.log_change(request, staff, "Login blocked.")
        messages.success(request, gettext("The login is blocked. Open sessions have ended."))

    def unblock(self, request: HttpRequest, staff: StaffMember):
        accounts.unblock(staff, by=request.user)
        self.log_change(request, staff, "Login unblocked.")
        messages.success(request, gettext("The login is open again."))

    def password_link(self, request: HttpRequest, staff: StaffMember):
        """Show the link in the answer itself: it is stored nowhere, and never seen again."""
        link = request.build_absolute_uri(accounts.issue_password_link(staff, by=request.user))
        self.log_change(request, staff, "Link for a new password issued.")
        staff.refresh_from_db()
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Link for a new password"),
            "opts": self.opts,
            "staff": staff,
            "link": link,
            "expires_at": accounts.password_link_expires_at(staff),
        }
        return render(request, "admin/providers/staffmember/password_link.html", context)

    def _page(self, step):
        """Make a step on one account a POST that leads back to the account."""

        @require_POST
        def page(request, pk):
            staff = get_object_or_404(StaffMember, pk=pk)
            try:
                answer = step(request, staff)
            except Refusal as refusal:
                messages.error(request, refusal.sentence)
                answer = None
            return answer or redirect(reverse("admin:providers_staffmember_change", args=[pk]))

        return self.admin_site.admin_view(page)
