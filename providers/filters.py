"""How the directory is narrowed down."""

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from centers.models import Neighbourhood
from providers.filter_bar import BarFilter, SortFilter, choices_of
from providers.models import Language, LegalDomain, LifeArea, Provider, Service
from providers.models.search_key import search_key


class DirectoryFilter(BarFilter):
    """Services by what they help with, for whom, in which language; all filters must hold."""

    typed_field = "q"

    q = django_filters.CharFilter(label=_("Search words"), method="filter_words", max_length=80)
    legal_domain = django_filters.ChoiceFilter(
        label=_("Legal domain"), field_name="legal_domains", empty_label=_("All legal domains")
    )
    life_area = django_filters.ChoiceFilter(
        label=_("Life area"), field_name="life_areas", empty_label=_("All life areas")
    )
    language = django_filters.ChoiceFilter(
        label=_("Language"), field_name="languages", empty_label=_("All languages")
    )
    neighbourhood = django_filters.ChoiceFilter(
        label=_("Neighbourhood"), method="filter_neighbourhood", empty_label=_("Whole city")
    )
    provider = django_filters.ChoiceFilter(
        label=_("Provider"), field_name="provider__code", empty_label=_("All providers")
    )
    sort = SortFilter(
        {
            "name": (_("By name"), ("name",)),
            "waiting": (_("Shortest waiting time first"), ("waiting_order", "name")),
            "verified": (_("Last verified first"), ("-verified_order", "name")),
            "unverified": (_("Longest unverified first"), ("verified_order", "name")),
        }
    )

    class Meta:
        model = Service
        fields = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, choices in _options().items():
            self.filters[name].extra["choices"] = choices

    def filter_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        for word in search_key(value).split():
            queryset = queryset.filter(
                Q(search_key__contains=word) | Q(provider__search_key__contains=word)
            )
        return queryset

    def filter_neighbourhood(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.serving(value)

    @property
    def form(self) -> forms.Form:
        form = super().form
        form.fields["q"].widget.input_type = "search"
        return form


def _options() -> dict[str, list[tuple[str, str]]]:
    """Read the choices of all filters."""
    offered = Service.objects.active().filter(provider=OuterRef("pk"))
    return choices_of(
        legal_domain=(LegalDomain.objects.current(), "code", "short_name", "position"),
        life_area=(LifeArea.objects.active(), "code", "name", "position"),
        language=(Language.objects.active(), "code", "name", "position"),
        neighbourhood=(Neighbourhood.objects.filter(is_active=True), "code", "name", None),
        provider=(Provider.objects.filter(Exists(offered)), "code", "short_name", None),
    )
