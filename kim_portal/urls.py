"""Where each part of the portal is found."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from kim_portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("imprint/", views.imprint, name="imprint"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("admin/", admin.site.urls),
]
# WHILE BUILDING: an app whose urls are not written yet is left out.
for prefix, module in [("centers/", "centers.urls"), ("", "providers.urls"), ("", "cases.urls")]:
    if find_spec(module):
        urlpatterns.append(path(prefix, include(module)))
