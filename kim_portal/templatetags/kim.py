"""The words and marks that every page shares: icons, chips, bars, days and phone numbers.

A template builtin: no page has to load it.
"""

import re
from datetime import date, datetime
from functools import cache

import phonenumbers
from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kim_portal.kept_forms import sender_token

register = template.Library()

# Each kind of chip with the icon it shows unless the page names a better one.
CHIP_ICONS = {
    "ok": "check-circle",
    "warn": "exclamation-triangle",
    "alert": "exclamation-octagon",
    "info": "info-circle",
    "quiet": "dash-circle",
}
ICON_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


# --- Icons and chips ------------------------------------------------------------------------------


@cache
def _drawing(name: str) -> str:
    """Return what is inside the icon's SVG; a name that does not exist is a mistake in the page."""
    path = settings.NODE_MODULES / "bootstrap-icons" / "icons" / f"{name}.svg"
    if not ICON_NAME.fullmatch(name) or not path.is_file():
        raise template.TemplateSyntaxError(f"There is no icon named {name!r}.")
    source = path.read_text(encoding="utf-8")
    return source[source.index(">") + 1 : source.rindex("</svg>")].strip()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon; silent for screen readers unless `label` says what it alone tells."""
    drawing = mark_safe(_drawing(name))
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 16 16" role="img" aria-label="{}">{}</svg>',
            label,
            drawing,
        )
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        drawing,
    )


@register.simple_tag
def chip(kind: str, text: str, icon_name: str = "") -> SafeString:
    """Show a state as icon, word and colour: {% chip "ok" _("Accepted") %}."""
    if kind not in CHIP_ICONS:
        raise template.TemplateSyntaxError(f"There is no chip of the kind {kind!r}.")
    return format_html(
        '<span class="chip chip-{}">{}<span>{}</span></span>',
        kind,
        icon(icon_name or CHIP_ICONS[kind]),
        text,
    )


@register.simple_tag
def bar(value: float, full: float, label: str, kind: str = "info") -> SafeString:
    """Draw `value` of `full` as a bar; `label` says the same in words for those who cannot see it.

    Widths are attributes of an SVG, because the policy of the portal forbids styles in the page.
    """
    if kind not in CHIP_ICONS:
        raise template.TemplateSyntaxError(f"There is no bar of the kind {kind!r}.")
    share = max(0.0, min(1.0, value / full)) if full else 0.0
    return format_html(
        '<svg class="bar bar-{}" viewBox="0 0 100 8" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><rect class="bar-back" width="100" height="8"/>'
        '<rect class="bar-front" width="{}" height="8"/></svg>',
        kind,
        label,
        f"{share * 100:.1f}",
    )


# --- Days as people say them ----------------------------------------------------------------------


def _local_day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def day_in_words(value: date | datetime, *, due: bool = True) -> str:
    """Say how far away a day is, without the exact date.

    A day in the past is overdue if something was `due` on it, and merely past otherwise.
    """
    days = (_local_day(value) - timezone.localdate()).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days > 1:
        return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    if due:
        return ngettext("overdue for %(days)d day", "overdue for %(days)d days", -days) % {
            "days": -days
        }
    if days == -1:
        return _("yesterday")
    return ngettext("%(days)d day ago", "%(days)d days ago", -days) % {"days": -days}


def _day_with_words(value: date | datetime | None, *, due: bool) -> SafeString:
    if not value:
        return mark_safe("")
    day = _local_day(value)
    late = " is-overdue" if due and day < timezone.localdate() else ""
    return format_html(
        '<time class="day{}" datetime="{}"><span class="day-words">{}</span>'
        ' <span class="day-exact">{}</span></time>',
        late,
        day.isoformat(),
        day_in_words(day, due=due),
        date_format(day, "D, d.m.Y"),
    )


@register.filter
def human_day(value: date | datetime | None) -> SafeString:
    """Show a day on which something is due: in words, with the exact date beside them."""
    return _day_with_words(value, due=True)


@register.filter
def past_day(value: date | datetime | None) -> SafeString:
    """Show a day on which something happened or will happen; it is never called overdue."""
    return _day_with_words(value, due=False)


@register.filter
def exact_day(value: date | datetime | None) -> SafeString:
    """Show a day by its date alone, for tables in which words would be noise."""
    if not value:
        return mark_safe("")
    day = _local_day(value)
    return format_html(
        '<time class="day" datetime="{}">{}</time>',
        day.isoformat(),
        date_format(day, "d.m.Y"),
    )


@register.filter
def moment(value: datetime | None) -> SafeString:
    """Show a moment: the day in words, the time, and the exact date."""
    if not value:
        return mark_safe("")
    local = timezone.localtime(value)
    words = _("%(day)s, %(time)s") % {
        "day": day_in_words(local, due=False),
        "time": date_format(local, "H:i"),
    }
    return format_html(
        '<time class="day" datetime="{}"><span class="day-words">{}</span>'
        ' <span class="day-exact">{}</span></time>',
        local.isoformat(timespec="minutes"),
        words,
        date_format(local, "d.m.Y"),
    )


# --- Phone numbers --------------------------------------------------------------------------------


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(str(number), "DE")
    except phonenumbers.NumberParseException:
        return None


@register.filter
def phone(number: str | None) -> str:
    """Write a number as people here dial it; what is not a number stays as it was typed."""
    if not number:
        return ""
    parsed = _parsed(number)
    if parsed is None:
        return str(number)
    home = parsed.country_code == 49
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, style.NATIONAL if home else style.INTERNATIONAL)


@register.filter
def tel_href(number: str | None) -> str:
    """Return the address that dials `number`, or nothing where it is not a number."""
    parsed = _parsed(number) if number else None
    if parsed is None:
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.RFC3966)


@register.simple_tag
def phone_link(number: str | None) -> SafeString:
    """Show a number as a link that dials it."""
    href = tel_href(number)
    if not href:
        return conditional_escape(phone(number))
    return format_html('<a class="phone-link" href="{}">{}</a>', href, phone(number))


# --- Forms ----------------------------------------------------------------------------------------


@register.filter
def focus_id(field: BoundField) -> str:
    """Return the id that a link to `field` leads to: the control, or the first of a group."""
    if field.id_for_label:
        return field.id_for_label
    if field.use_fieldset and field.auto_id:
        return f"{field.auto_id}_0"
    return field.auto_id


# --- Forms ----------------------------------------------------------------------------------------


@register.simple_tag(name="sender_token")
def sender_token_tag(user) -> str:
    """Name the form's reader, signed (see kim_portal.middleware.KeepTypedForms)."""
    return sender_token(user)
