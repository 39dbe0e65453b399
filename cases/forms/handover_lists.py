"""How the three lists of handovers are narrowed down and sorted."""

from typing import ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.forms.kept_search import SearchedFilter
from cases.models import Handover, HandoverReason
from centers.models import Center
from providers.filter_bar import SortFilter, choices_of

DUE_FIRST = (_("Answer due first"), ("answer_due_on",))
LONGEST_WAITING = (_("Longest waiting first"), ("recorded_at",))
NEWEST = (_("Newest first"), ("-recorded_at",))
OVERDUE = ("overdue", _("answer overdue"))
REMINDED = ("reminded", _("answer due soon"))


class HandoverFilter(SearchedFilter):
    """What the three lists share; `show` names the list in the address.

    What a row does not say to its reader, no filter tells: see `HandoverListQuerySet`.
    """

    show = django_filters.CharFilter(method="keep", widget=forms.HiddenInput)
    reason = django_filters.ChoiceFilter(
        label=_("Reason"), method="filter_reason", empty_label=_("All reasons")
    )

    class Meta:
        model = Handover
        fields = ()

    def __init__(self, data, *args, **kwargs):
        data = data.copy()
        data["show"] = self.presets["show"]
        super().__init__(data, *args, **kwargs)
        for name, choices in choices_of(**self.sources()).items():
            self.filters[name].extra["choices"] = choices

    def sources(self) -> dict[str, tuple]:
        """Name the rows that can be chosen, as `choices_of` takes them."""
        return {"reason": (HandoverReason.objects.all(), "code", "name", "position")}

    @property
    def reset_url(self) -> str:
        return f"{self.address}?show={self.presets['show']}"

    def keep(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset

    def matching(self, queryset: QuerySet, text: str) -> QuerySet:
        return queryset.matching(text, self.request.user)

    def filter_reason(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.telling_all().filter(reason=value)

    def filter_waiting(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "overdue":
            return queryset.overdue()
        if value == "reminded":
            return queryset.reminded()
        if value == "questions":
            return queryset.with_open_questions()
        return queryset.filter(case__is_urgent=True)


class IncomingFilter(HandoverFilter):
    """What waits for the reader, by what the sheet shows: not by whether the case is urgent."""

    presets: ClassVar = {"show": "incoming"}

    center = django_filters.ChoiceFilter(
        label=_("Center"), method="filter_center", empty_label=_("All centers")
    )
    to = django_filters.ChoiceFilter(
        label=_("Offered to"),
        choices=[("me", _("me in person")), ("team", _("the team"))],
        method="filter_to",
        empty_label=_("Me and the team"),
    )
    waiting = django_filters.ChoiceFilter(
        label=_("Worth a look"),
        choices=[OVERDUE, REMINDED],
        method="filter_waiting",
        empty_label=_("Everything"),
    )
    sort = SortFilter({"due": DUE_FIRST, "waiting": LONGEST_WAITING, "newest": NEWEST})

    def sources(self) -> dict[str, tuple]:
        return super().sources() | {"center": (Center.objects.all(), "code", "name", None)}

    def filter_center(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.telling_all().filter(case__center__code=value)

    def filter_to(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(to_center__isnull=value == "me")


class OutgoingFilter(HandoverFilter):
    """What the reader has offered: the files are theirs."""

    presets: ClassVar = {"show": "outgoing"}

    to = django_filters.ChoiceFilter(
        label=_("Offered to"),
        choices=[("person", _("a person")), ("team", _("a team"))],
        method="filter_to",
        empty_label=_("Persons and teams"),
    )
    waiting = django_filters.ChoiceFilter(
        label=_("Worth a look"),
        choices=[
            OVERDUE,
            REMINDED,
            ("questions", _("question to answer")),
            ("urgent", _("urgent")),
        ],
        method="filter_waiting",
        empty_label=_("Everything"),
    )
    sort = SortFilter(
        {
            "due": DUE_FIRST,
            "waiting": LONGEST_WAITING,
            "newest": NEWEST,
            "untouched": (_("Longest untouched first"), ("case__last_touched_at",)),
        }
    )

    def filter_to(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(to_center__isnull=value == "person")


class AnsweredFilter(HandoverFilter):
    """What has ended and the reader took part in. The moment of the answer is never null here."""

    presets: ClassVar = {"show": "answered"}

    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[choice for choice in Handover.State.choices if choice[0] != "offered"],
        empty_label=_("All states"),
    )
    part = django_filters.ChoiceFilter(
        label=_("My part"),
        choices=[("made", _("I offered")), ("received", _("I was asked"))],
        method="filter_part",
        empty_label=_("Any"),
    )
    sort = SortFilter(
        {
            "answered": (_("Last answered first"), ("-answered_at",)),
            "oldest": (_("First answered first"), ("answered_at",)),
        }
    )

    def filter_part(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        reader = self.request.user
        return queryset.made_by(reader) if value == "made" else queryset.not_made_by(reader)


LISTS = {"incoming": IncomingFilter, "outgoing": OutgoingFilter, "answered": AnsweredFilter}
