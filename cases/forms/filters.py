"""How the lists of cases and follow-ups are narrowed down: by GET, names never among it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import AccessReason
from cases.forms.kept_search import SearchedFilter
from cases.models import Case, CaseAccess, FollowUp, Handover, Need, Phase
from cases.statistics.caseload import NO_DEPUTY, NO_LEAD, OFFER_OVERDUE, OFFERED
from centers.models import Center
from providers.filter_bar import BarFilter, SortFilter, bar
from providers.models import LegalDomain, Provider
from providers.roles import Permission

# The sorts that lists offer: stored columns that are never null (DESIGN §8).
SORTS = {
    "due": (_("Next date first"), ("next_due_on",)),
    "untouched": (_("Longest untouched first"), ("last_touched_at",)),
    "newest": (_("Newest first"), ("-opened_on",)),
}
STATES = [("active", _("open")), ("closed", _("closed")), ("all", _("open and closed"))]
WAITING = [
    (NO_LEAD, _("without an able lead")),
    (NO_DEPUTY, _("without a deputy")),
    (OFFERED, _("handover waiting")),
    (OFFER_OVERDUE, _("handover overdue")),
]
DUE = [("overdue", _("overdue")), ("today", _("due today")), ("week", _("due within 7 days"))]


class RegisterFilter(BarFilter):
    """Cases by where they stand. No filter by staff member: the register ranks nobody."""

    presets: ClassVar = {"state": "active"}

    center = django_filters.ChoiceFilter(
        label=_("Center"), field_name="center__code", empty_label=_("All centers")
    )
    provider = django_filters.ChoiceFilter(
        label=_("Provider"), field_name="provider__code", empty_label=_("All providers")
    )
    phase = django_filters.ChoiceFilter(
        label=_("Phase"), choices=Phase, empty_label=_("All phases")
    )
    legal_domain = django_filters.ChoiceFilter(
        label=_("Legal domain"), method="filter_legal_domain", empty_label=_("All legal domains")
    )
    due = django_filters.ChoiceFilter(
        label=_("Next date"), choices=DUE, method="filter_due", empty_label=_("Any date")
    )
    waiting = django_filters.ChoiceFilter(
        label=_("Worth a look"),
        choices=WAITING,
        method="filter_waiting",
        empty_label=_("Everything"),
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=STATES, method="filter_state", empty_label=None
    )
    sort = SortFilter(SORTS)

    class Meta:
        model = Case
        fields = ()

    def __init__(self, data, *args, **kwargs):
        if data.get("phase") in {Phase.CLOSED, Phase.AFTERCARE}:
            data = data.copy()
            data["state"] = "all"
        super().__init__(data, *args, **kwargs)
        if "waiting" in self.filters and not self.request.user.may(Permission.READ_STATISTICS):
            del self.filters["waiting"]
        domains = LegalDomain.objects.current().values_list("code", "short_name")
        self.filters["legal_domain"].extra["choices"] = list(domains)
        if "center" in self.filters:
            centers = Center.objects.order_by("name").values_list("code", "name")
            self.filters["center"].extra["choices"] = list(centers)
        if "provider" in self.filters:
            holders = Exists(Case.objects.filter(provider=OuterRef("pk")))
            providers = Provider.objects.filter(holders).order_by("short_name")
            choices = list(providers.values_list("code", "short_name"))
            self.filters["provider"].extra["choices"] = choices

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "all":
            return queryset
        return queryset.closed() if value == "closed" else queryset.active()

    def filter_waiting(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == NO_LEAD:
            return queryset.filter(pk__in=Case.objects.to_assign().values("pk"))
        if value == NO_DEPUTY:
            return queryset.filter(closed_on=None, deputy=None)
        offers = (
            Handover.objects.overdue() if value == OFFER_OVERDUE else Handover.objects.waiting()
        )
        return queryset.filter(Exists(offers.filter(case=OuterRef("pk"))))

    def filter_legal_domain(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        needs = Need.objects.standing().filter(case=OuterRef("pk"), legal_domain__code=value)
        return queryset.filter(Exists(needs))

    def filter_due(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        if value == "overdue":
            return queryset.filter(next_due_on__lt=today)
        last = today if value == "today" else today + timedelta(days=7)
        return queryset.filter(next_due_on__range=(today, last))


class MyCasesFilter(SearchedFilter, RegisterFilter):
    """The cases whose file the reader may open, also by what they are to them."""

    role = django_filters.ChoiceFilter(
        label=_("My part"),
        choices=[
            (AccessReason.LEAD, _("I lead")),
            (AccessReason.DEPUTY, _("I deputise")),
            (AccessReason.TEAM, _("I am in the team")),
            (AccessReason.HANDOVER, _("I led before")),
        ],
        method="filter_role",
        empty_label=_("Any"),
    )
    attention = django_filters.ChoiceFilter(
        label=_("Worth a look"),
        choices=[
            ("quiet", _("untouched for more than 30 days")),
            ("no_deputy", _("without a deputy")),
            ("urgent", _("urgent")),
            ("paused", _("paused")),
        ],
        method="filter_attention",
        empty_label=_("Everything"),
    )
    provider = None
    waiting = None
    sort = SortFilter(SORTS | {"name": (_("By name"), ("sort_name",))})

    def filter_role(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        rows = CaseAccess.objects.current().filter(
            case=OuterRef("pk"), staff_member=self.request.user, reason=value
        )
        return queryset.filter(Exists(rows))

    def filter_attention(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        limit = timezone.now() - timedelta(days=settings.QUIET_CASE_DAYS)
        conditions = {
            "quiet": Q(closed_on=None, last_touched_at__lt=limit),
            "no_deputy": Q(closed_on=None, deputy=None, lead=self.request.user),
            "urgent": Q(is_urgent=True),
            "paused": Q(paused_until__gt=timezone.localdate()),
        }
        return queryset.filter(conditions[value])


class DashboardForm(forms.Form):
    """The figures of one center, for those who see several."""

    center = forms.ChoiceField(label=_("Center"), required=False)

    def __init__(self, data: QueryDict, *, centers: Sequence[Center], address: str):
        super().__init__(data)
        self._centers = centers
        choices = [(center.code, center.name) for center in centers]
        self.fields["center"].choices = [("", _("All centers")), *choices]
        self.helper = bar(["center"], address=address, target="#figures")

    @property
    def shown(self) -> list[Center]:
        """The centers to count for: the one chosen, or all."""
        chosen = self.is_valid() and self.cleaned_data["center"]
        return [center for center in self._centers if not chosen or center.code == chosen]


class FollowUpFilter(SearchedFilter):
    """Follow-ups by date, kind and what became of them."""

    presets: ClassVar = {"state": "open"}

    due = django_filters.ChoiceFilter(
        label=_("Due"), choices=DUE, method="filter_due", empty_label=_("Any date")
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=FollowUp.Kind, empty_label=_("All kinds")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[*FollowUp.State.choices, ("all", _("open and ended"))],
        method="filter_state",
        empty_label=None,
    )
    sort = SortFilter(
        {
            "due": (_("Next date first"), ("due_on",)),
            "latest": (_("Latest date first"), ("-due_on",)),
            "untouched": (_("Longest untouched first"), ("case__last_touched_at",)),
            "name": (_("By name"), ("case__sort_name",)),
        }
    )

    class Meta:
        model = FollowUp
        fields = ()

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset if value == "all" else queryset.filter(state=value)

    def filter_due(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        if value == "overdue":
            return queryset.filter(due_on__lt=today)
        last = today if value == "today" else today + timedelta(days=7)
        return queryset.filter(due_on__range=(today, last))
