"""Signing in, and the directory.

Of allauth only these views are mounted: no sign-up, no reset by mail, no management of addresses.
Their names stay allauth's, because it asks for them; so this module has no `app_name`, and the
directory's own names are included under theirs.
"""

from allauth.account import views as account
from django.urls import include, path, re_path

from providers import views

directory = (
    [
        path("", views.directory, name="directory"),
        path("export/", views.export, name="export"),
        path("<slug:code>/", views.service, name="service"),
    ],
    "providers",
)

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("password/", views.change_password, name="account_change_password"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("directory/", include(directory)),
]
