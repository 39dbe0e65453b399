"""The Django admin in the portal's look, open to those who administer, and to nobody else."""

from functools import update_wrapper

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models.base import ModelBase
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from providers.roles import Permission

# In the order in which administrators come for them: hours, staff, and what cases choose from.
OWN_APPS = ("centers", "providers", "cases")


class KimAdminSite(AdminSite):
    site_title = _("KIM portal")
    site_header = _("Administration")
    index_title = _("Administration")
    site_url = "/"
    enable_nav_sidebar = False
    empty_value_display = "–"

    def register(self, model_or_iterable, admin_class=None, **options):
        """Take the portal's own models alone; the groups of libraries grant nothing here."""
        models = (
            [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable
        )
        own = [model for model in models if model._meta.app_label in OWN_APPS]
        super().register(own, admin_class, **options)

    def get_app_list(self, request, app_label=None):
        """Show what is needed most first, instead of by the alphabet."""
        listed = super().get_app_list(request, app_label)
        return sorted(listed, key=lambda app: OWN_APPS.index(app["app_label"]))

    def app_index(self, request, app_label, extra_context=None):
        title = {"title": apps.get_app_config(app_label).verbose_name}
        return super().app_index(request, app_label, title | (extra_context or {}))

    def has_permission(self, request: HttpRequest) -> bool:
        """Ask the one table of permissions; superusers and groups do not exist here."""
        return request.user.is_authenticated and request.user.may(Permission.ADMINISTER)

    def admin_view(self, view, cacheable=False):
        """Refuse those who are signed in but do not administer, instead of asking them again."""
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def get_urls(self):
        """Send whoever is not signed in to the portal's sign-in, not to the admin's."""
        urls = super().get_urls()
        for pattern in urls:
            if hasattr(pattern.callback, "login_url"):
                pattern.callback.login_url = settings.LOGIN_URL
        return urls

    def login(self, request, extra_context=None):
        """Sign nobody in: that is done in one place, which limits the rate of attempts."""
        if self.has_permission(request):
            return redirect("admin:index")
        raise PermissionDenied

    def logout(self, request, extra_context=None):
        return redirect("account_logout")

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def password_change_done(self, request, extra_context=None):
        return redirect("admin:index")
