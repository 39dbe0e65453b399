"""Follow-ups as a table and as a calendar."""

from collections.abc import Iterable
from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from cases.models import FollowUp
from kim_portal.csv_files import csv_response


def follow_up_file(follow_ups: Iterable[FollowUp]) -> HttpResponse:
    """Return follow-ups as a table."""
    header = [_("Due on"), _("Reference"), _("Person"), _("What is to be done"), _("Kind")]
    header += [_("Responsible"), _("State")]
    rows = (
        [
            follow_up.due_on,
            follow_up.case.reference,
            follow_up.case.sort_name,
            follow_up.subject,
            follow_up.get_kind_display(),
            follow_up.assignee,
            follow_up.get_state_display(),
        ]
        for follow_up in follow_ups
    )
    return csv_response("wiedervorlagen", header, rows)


def calendar_file(follow_ups: Iterable[FollowUp]) -> HttpResponse:
    """Return open follow-ups as whole days (RFC 5545).

    A calendar is often shared and synchronised: it holds the day, the kind and the reference of
    the case; neither a name nor what is to be done.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//KIM portal//follow-ups//DE")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Follow-ups"))
    for follow_up in follow_ups:
        event = Event()
        event.add("uid", f"follow-up-{follow_up.pk}@kim-portal")
        event.add("dtstamp", timezone.now())
        event.add("dtstart", follow_up.due_on)
        event.add("dtend", follow_up.due_on + timedelta(days=1))
        words = {"kind": follow_up.get_kind_display(), "reference": follow_up.case.reference}
        event.add("summary", _("%(kind)s in case %(reference)s") % words)
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="wiedervorlagen.ics"'
    return response
