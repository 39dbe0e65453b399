"""What every form of a step has in common: its look, its one-time key, its sender."""

from uuid import uuid4

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

# What Django shows in a list as long as nothing is chosen.
DASHES = "---------"
# What Django says of a field that was left out.
DEMAND = forms.Field.default_error_messages["required"]


class StepForm(forms.Form):
    """A form for one step. Field names are the step's argument names.

    `creates`: a form that makes something new carries a one-time key (`once_key`). `may_insist`:
    its refusal says how it stands now, so that whoever sends it again has seen that.
    """

    submit_label = _("Save")
    creates = False
    may_insist = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        add_once_key(self)
        ask_in_words(self)

    @property
    def helper(self) -> FormHelper:
        return helper_for(self)


class StepModelForm(forms.ModelForm):
    """A form for one step whose fields are those of a model; saved by the step, not by the form."""

    submit_label = _("Save")
    creates = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        add_once_key(self)
        ask_in_words(self)

    @property
    def helper(self) -> FormHelper:
        return helper_for(self)


def add_once_key(form: forms.BaseForm) -> None:
    """Give a form that creates something its one-time key."""
    if form.creates:
        form.fields["once_key"] = forms.UUIDField(
            widget=forms.HiddenInput, initial=uuid4, required=True
        )


def show_what_is_now(form: forms.BaseForm) -> None:
    """Let a form that was overtaken carry the state it is shown beside now, not the old one."""
    if getattr(form, "may_insist", False):
        form.data = form.data.copy()
        form.data[form.add_prefix("seen")] = form.fields["seen"].initial


def ask_in_words(form: forms.BaseForm) -> None:
    """Let a list ask to be chosen from where Django shows dashes, and what is left out politely."""
    for field in form.fields.values():
        if field.error_messages.get("required") == DEMAND:
            field.error_messages["required"] = _request_for(field)
        if isinstance(field, forms.ModelChoiceField) and field.empty_label == DASHES:
            field.empty_label = _("Please choose") if field.required else "–"


def _request_for(field: forms.Field):
    """Say politely what to do with a field that was left out."""
    if isinstance(field, forms.ChoiceField):
        return _("Please choose.")
    if isinstance(field, forms.BooleanField):
        return _("Please confirm this.")
    return _("Please fill in this field.")


def helper_for(form: forms.BaseForm) -> FormHelper:
    """Return the layout that all forms share: one column, the template brings the form tag."""
    helper = FormHelper(form)
    helper.form_tag = False
    helper.disable_csrf = True
    helper.form_show_errors = True
    # A form with a layout of its own keeps its one-time key.
    helper.render_hidden_fields = True
    return helper
