"""Searches for people: typed by POST, kept in the session under a key that the address carries.

A name is never in a URL (DESIGN §6). The bar of filters carries the key too, so that a filter
narrows what was found, and a chip says what was typed.
"""

from secrets import token_urlsafe

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from providers.filter_bar import BarFilter

SEARCHES = "searches"
SEARCHES_KEPT = 10
LONGEST_SEARCH = 100
PARAMETER = "search"


def keep(request: HttpRequest, text: str) -> str:
    """Keep what was typed and return its key, or nothing where nothing was typed."""
    text = text.replace("\x00", "").strip()[:LONGEST_SEARCH]
    if not text:
        return ""
    key = token_urlsafe(8)
    searches = request.session.get(SEARCHES, {}) | {key: text}
    request.session[SEARCHES] = dict(list(searches.items())[-SEARCHES_KEPT:])
    return key


class SearchedFilter(BarFilter):
    """A bar above a list that is searched; `matching` says what a text finds there."""

    search = django_filters.CharFilter(
        label=_("Searched for"), method="filter_search", widget=forms.HiddenInput
    )

    def filter_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        text = self._text(value)
        return self.matching(queryset, text) if text else queryset

    def matching(self, queryset: QuerySet, text: str) -> QuerySet:
        """Keep the rows that the text finds. They passed the reader's door already."""
        return queryset.matching(text)

    def in_words(self, name: str, value: str) -> str:
        return self._text(value) if name == PARAMETER else super().in_words(name, value)

    def _text(self, key: str) -> str:
        return self.request.session.get(SEARCHES, {}).get(key, "")
