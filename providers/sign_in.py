"""How people sign in: django-allauth, narrowed to what the portal mounts of it."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, resolve_url
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers.accounts import take_note_of_password_link


class StaffBackend(AuthenticationBackend):
    """Let in whoever is neither blocked nor gone, and demo accounts only in a demo.

    Django asks this at the login and again at every request of a session.
    """

    def user_can_authenticate(self, user) -> bool:
        return super().user_can_authenticate(user) and (settings.KIM_DEMO or not user.is_demo)


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks its site about."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # One sentence, whichever part was wrong, and whether or not such an account exists.
        "username_password_mismatch": _("The user name or the password is wrong."),
        "enter_current_password": _("This is not your present password."),
        "too_many_login_attempts": _("Too many attempts. Please wait five minutes and try again."),
    }
    # What allauth would say after its steps: only what helps.
    sentences = {
        "account/messages/password_changed.txt": _("Your password has been changed."),
        "account/messages/logged_out.txt": _("You are signed out."),
    }

    def is_open_for_signup(self, request):
        return False

    def get_login_stages(self):
        return []

    def authenticate(self, request, **credentials):
        """Answer a blocked account like an unknown one, even where the password is right."""
        user = super().authenticate(request, **credentials)
        return user if user and StaffBackend().user_can_authenticate(user) else None

    def respond_user_inactive(self, request, user):
        return redirect("account_login")

    def post_login(self, request, user, **kwargs):
        """Tell people of a password link that was issued for them since they last signed in."""
        response = super().post_login(request, user, **kwargs)
        if take_note_of_password_link(user):
            messages.warning(request, _password_link_sentence(user))
        return response

    def get_password_change_redirect_url(self, request):
        return resolve_url("home")

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        if sentence := self.sentences.get(message_template):
            messages.add_message(request, level, sentence)


def _password_link_sentence(user) -> str:
    issued = date_format(localtime(user.password_link_issued_at), "DATETIME_FORMAT")
    if user.password_link_issued_by is None:
        return gettext("A link for a new password was issued for your account on %(issued)s.") % {
            "issued": issued
        }
    return gettext(
        "%(by)s issued a link for a new password for your account on %(issued)s. "
        "If you did not expect that, please tell the administration."
    ) % {"by": user.password_link_issued_by, "issued": issued}
