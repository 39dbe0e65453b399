"""What the filter bars of all lists share: a row of choices, a chip for each that is on, a sort."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import django_filters
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.db.models import CharField, F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from kim_portal.pagination import AFTER, BEFORE


@dataclass(frozen=True)
class FilterChip:
    """One filter that is on, in words, and where the list goes on without it."""

    label: str
    value: str
    url: str


class SortFilter(django_filters.ChoiceFilter):
    """The sorts of a list: for each its words, and the columns that `page_of` sorts by.

    Only stored columns that are never null in this list (DESIGN §8). The first is the preset.
    """

    def __init__(self, sorts: Mapping[str, tuple[str | Promise, tuple[str, ...]]]):
        self._columns = {name: columns for name, (_words, columns) in sorts.items()}
        choices = [(name, words) for name, (words, _columns) in sorts.items()]
        super().__init__(label=_("Sort"), choices=choices, empty_label=None)

    @property
    def preset(self) -> str:
        return next(iter(self._columns))

    def columns(self, name: str | None) -> tuple[str, ...]:
        """Return the columns of one sort; an unknown one is the preset."""
        return self._columns.get(name) or self._columns[self.preset]

    def filter(self, queryset: QuerySet, value: str) -> QuerySet:
        """Keep every row: the page is sorted by its key."""
        return queryset


class BarFilter(django_filters.FilterSet):
    """A filter set laid out as one bar above a list; `target` is what htmx replaces.

    `presets` hold what is chosen when the address says nothing: they are no chips, and neither is
    the sort, which takes no row away. A list that can be sorted names its sorts in `sort`.
    """

    target = "#rows"
    typed_field: ClassVar[str | None] = None
    presets: ClassVar[dict[str, str]] = {}

    def __init__(self, data, *args, **kwargs):
        data = data.copy()
        for name, value in self.presets.items():
            data.setdefault(name, value)
        if "sort" in self.base_filters:
            data.setdefault("sort", self.base_filters["sort"].preset)
        super().__init__(data, *args, **kwargs)

    @property
    def order(self) -> tuple[str, ...]:
        """The columns to sort by."""
        return self.filters["sort"].columns(self.data.get("sort"))

    @property
    def address(self) -> str:
        """Where the form is sent."""
        return self.request.path

    @property
    def reset_url(self) -> str:
        """Where the list stands without any filter."""
        return self.address

    @property
    def form(self) -> forms.Form:
        form = super().form
        if not hasattr(form, "helper"):
            form.helper = bar(
                sorted(form.fields, key="sort".__eq__),  # the sort last
                address=self.address,
                reset_url=self.reset_url,
                target=self.target,
                typed_field=self.typed_field,
            )
        return form

    def chips(self) -> list[FilterChip]:
        """Describe the filters that are on, each with the way to take it off."""
        self.form.is_valid()  # an unknown value takes no other filter off
        chips = []
        for name, value in self.form.cleaned_data.items():
            given = self.request.GET.get(name)
            if not given or name == "sort" or given == self.presets.get(name):
                continue
            if words := self.in_words(name, value):
                label = self.form.fields[name].label
                chips.append(FilterChip(label, words, without(self.request, name)))
        return chips

    def in_words(self, name: str, value: str) -> str:
        """Say what was chosen as the bar says it."""
        return dict(getattr(self.form.fields[name], "choices", ())).get(value, value)


def choices_of(
    **sources: tuple[QuerySet, str, str, str | None],
) -> dict[str, list[tuple[str, str]]]:
    """Read the choices of several filters in one query, so that a page stays within its budget.

    For each filter: rows, the columns of code and words, and that of the place in the list, or None
    for the order of the words.
    """
    first, *others = (
        rows.order_by().values_list(
            Value(filter_name, output_field=CharField()),
            Cast(F(position) if position else Value(0), IntegerField()),
            Cast(words, CharField()),
            Cast(code, CharField()),
        )
        for filter_name, (rows, code, words, position) in sources.items()
    )
    choices = defaultdict(list)
    for filter_name, _position, words, code in sorted(first.union(*others, all=True)):
        choices[filter_name].append((code, words))
    return choices


def without(request: HttpRequest, name: str) -> str:
    """Return the address of this list without one filter, from its first page on."""
    query = request.GET.copy()
    for parameter in [*query]:
        if parameter in (name, AFTER, BEFORE) or not any(query.getlist(parameter)):
            del query[parameter]
    return f"{request.path}?{query.urlencode()}" if query else request.path


def bar(
    fields: Sequence[str],
    *,
    address: str,
    target: str,
    reset_url: str | None = None,
    typed_field: str | None = None,
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
    reset = format_html(
        '<a class="btn btn-quiet" href="{}">{}</a>', reset_url or address, _("Reset")
    )
    helper.layout = Layout(
        *fields,
        Div(
            # Not crispy's Submit: it has a name, which would stand in the address.
            HTML(format_html('<button class="btn btn-primary">{}</button>', _("Filter"))),
            HTML(reset),
            css_class="cluster",
        ),
    )
    return helper
