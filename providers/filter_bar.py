"""What the filter bars of all lists share: one row of choices, and a chip for each that is on."""

from collections.abc import Sequence
from dataclasses import dataclass

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from kim_portal.pagination import AFTER, BEFORE


@dataclass(frozen=True)
class FilterChip:
    """One filter that is on, in words, and where the list goes on without it."""

    label: str
    value: str
    url: str


def chips_of(form: forms.Form, request: HttpRequest) -> list[FilterChip]:
    """Describe the filters of a bound form that are on, each with the way to take it off."""
    chips = []
    for name, value in form.cleaned_data.items() if form.is_valid() else ():
        if value in (None, "", False):
            continue
        field = form.fields[name]
        words = _("yes") if value is True else dict(getattr(field, "choices", ())).get(value, value)
        chips.append(FilterChip(field.label, words, without(request, name)))
    return chips


def without(request: HttpRequest, name: str) -> str:
    """Return the address of this list without one filter, from its first page on."""
    query = request.GET.copy()
    for parameter in [*query]:
        if parameter in (name, AFTER, BEFORE) or not any(query.getlist(parameter)):
            del query[parameter]
    return f"{request.path}?{query.urlencode()}" if query else request.path


def bar(
    fields: Sequence[str], *, address: str, target: str, typed_field: str | None = None
) -> FormHelper:
    """Lay filters out as one bar; htmx replaces `target` as soon as a choice is made."""
    helper = FormHelper()
    helper.form_method = "get"
    helper.form_action = address
    helper.form_class = "filter-bar"
    typing = f", keyup changed delay:400ms from:#id_{typed_field}" if typed_field else ""
    helper.attrs = {
        "role": "search",
        "data-kim-fold": "",
        "hx-get": address,
        "hx-target": target,
        "hx-swap": "outerHTML",
        "hx-push-url": "true",
        "hx-trigger": f"change, submit{typing}",
    }
    helper.layout = Layout(
        *fields,
        Div(
            # Not crispy's Submit: it has a name, which would stand in the address.
            HTML(format_html('<button class="btn btn-primary">{}</button>', _("Filter"))),
            HTML(format_html('<a class="btn btn-quiet" href="{}">{}</a>', address, _("Reset"))),
            css_class="cluster",
        ),
    )
    return helper
