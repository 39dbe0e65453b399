"""The composition root as a Django app, so that its checks and template tags are found."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class KimPortalConfig(AppConfig):
    name = "kim_portal"
    verbose_name = "KIM portal"

    def ready(self) -> None:
        from kim_portal import checks  # noqa: F401  registers the system checks


class KimAdminConfig(AdminConfig):
    default_site = "kim_portal.admin_site.KimAdminSite"
