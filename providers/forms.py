"""Forms for signing in and for choosing a password; allauth checks, we say and lay out."""

from allauth.account import forms as account_forms
from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.translation import gettext_lazy as _


def _helper() -> FormHelper:
    """Leave the form tag, the buttons and the summary of errors to the page."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.errors_are_summed_up = True
    return helper


def _without_placeholders(form) -> None:
    """Labels stand above their fields; a placeholder would only repeat them."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class _TypedTwice:
    """Compare the two new passwords, in our words."""

    def clean(self):
        cleaned = forms.Form.clean(self)
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ. Please type both again."))
        return cleaned


class LoginForm(account_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        self.fields["login"].label = _("User name")
        self.fields["login"].widget.attrs.update(
            {"autocapitalize": "none", "autofocus": "", "spellcheck": "false"}
        )
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.helper = _helper()


class ChangePasswordForm(_TypedTwice, account_forms.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        self.fields["oldpassword"].label = _("Present password")
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = password_validators_help_text_html()
        self.fields["password2"].label = _("New password again")
        self.helper = _helper()


class NewPasswordForm(_TypedTwice, account_forms.ResetPasswordKeyForm):
    """Choose a password by way of a one-time link."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = password_validators_help_text_html()
        self.fields["password2"].label = _("New password again")
        self.helper = _helper()
