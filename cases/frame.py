"""What the frame around every page shows: where one may go, what waits, and the recent cases."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from cases.models import FollowUp, Handover
from cases.workflow.assigning import assignable
from providers.roles import Permission

MOST_COUNTED = 99


@dataclass(frozen=True)
class NavItem:
    """One entry of the main navigation; `count` is text such as "12" or "99+", or nothing."""

    label: str
    url: str
    icon: str
    is_current: bool
    count: str = ""


class Frame:
    """The frame of one request; asks the database only for what the page really shows."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._user = getattr(request, "user", None)

    @property
    def is_demo(self) -> bool:
        return settings.KIM_DEMO

    @cached_property
    def is_signed_in(self) -> bool:
        return self._user is not None and self._user.is_authenticated

    def _may(self, permission: Permission) -> bool:
        return self.is_signed_in and self._user.may(permission)

    @cached_property
    def find_url(self) -> str:
        """Where a reference is looked up, for those who may read the register."""
        return reverse("cases:find") if self._may(Permission.READ_REGISTER) else ""

    @cached_property
    def open_url(self) -> str:
        """Where a case is opened, for those who may."""
        return reverse("cases:open") if self._may(Permission.OPEN_CASES) else ""

    @cached_property
    def nav(self) -> list[NavItem]:
        """List where this person may go; the most fitting entry is marked as the current one."""
        items = list(self._nav_items())
        matching = [item for item in items if self._request.path.startswith(item.url)]
        current = max(matching, key=lambda item: len(item.url), default=None)
        return [replace(item, is_current=item is current) for item in items]

    def _nav_items(self) -> Iterator[NavItem]:
        if self._may(Permission.READ_FILES):
            yield self._item(_("My day"), "cases:day", "sun")
        if self._may(Permission.READ_REGISTER):
            yield self._item(_("Cases"), "cases:list", "folder2")
        if self._may(Permission.READ_FILES):
            yield self._item(
                _("Follow-ups"),
                "cases:follow_ups",
                "calendar-check",
                self._follow_ups_due,
            )
        if self._may(Permission.TAKE_CASES):
            yield self._item(
                _("Handovers"),
                "cases:handovers",
                "arrow-left-right",
                self._handovers_waiting,
            )
        if self._may(Permission.ASSIGN_LEADS):
            yield self._item(
                _("Assign"),
                "cases:without_lead",
                "person-plus",
                self._cases_to_assign,
            )
        if self._may(Permission.READ_DIRECTORY):
            yield self._item(_("Directory"), "providers:directory", "journal-text")
        if self._may(Permission.READ_STATISTICS):
            yield self._item(_("Dashboard"), "cases:dashboard", "bar-chart")
        if self._may(Permission.ADMINISTER):
            yield self._item(_("Administration"), "admin:index", "gear")

    def _item(self, label: str, view: str, icon: str, count: str = "") -> NavItem:
        return NavItem(label, reverse(view), icon, is_current=False, count=count)

    @cached_property
    def _follow_ups_due(self) -> str:
        return _bounded(FollowUp.objects.due_for(self._user)[: MOST_COUNTED + 1].count())

    @cached_property
    def _handovers_waiting(self) -> str:
        return _bounded(Handover.objects.incoming(self._user)[: MOST_COUNTED + 1].count())

    @cached_property
    def _cases_to_assign(self) -> str:
        return _bounded(assignable(self._user)[: MOST_COUNTED + 1].count())

    @cached_property
    def recent_cases(self) -> list[str]:
        """The references last looked at, newest first; a link still has to pass the door."""
        if not self._may(Permission.READ_REGISTER):
            return []
        return list(self._request.session.get("recent_cases", ()))[:8]


def _bounded(count: int) -> str:
    if count > MOST_COUNTED:
        return _("%(count)d+") % {"count": MOST_COUNTED}
    return str(count) if count else ""


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Give every template its frame; nothing is asked of the database until it is shown."""
    return {"frame": Frame(request)}
