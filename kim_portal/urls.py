"""Where each part of the portal is found."""

from django.contrib import admin
from django.urls import include, path

from kim_portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("imprint/", views.imprint, name="imprint"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("centers/", include("centers.urls")),
    path("", include("providers.urls")),
    path("", include("cases.urls")),
    path("admin/", admin.site.urls),
]
