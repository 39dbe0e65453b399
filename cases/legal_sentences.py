"""The steps of a computed deadline in words, made from their codes and values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from cases.deadline_law import Unit
from cases.legal_deadlines import LastResort

SENTENCES: dict[str, str] = {
    # When the letter counts as received.
    "dated": _(
        "The date on the letter counts as the day of posting. If the postmark is later, the "
        "deadline may end later."
    ),
    "deemed": _("A letter counts as received on day %(count)s after posting."),
    "deemed_electronic": _("Sent electronically, it counts as received on day %(count)s."),
    "deemed_registered": _(
        "A registered letter counts as received on day %(count)s after posting; a return receipt "
        "or a later arrival counts instead."
    ),
    "deemed_abroad": _("A letter sent abroad counts as received one month after posting."),
    "no_fiction_abroad": _(
        "For letters sent abroad the law assumes no day of receipt: the day it arrived counts. "
        "To be safe, day %(count)s after posting is taken. Please check."
    ),
    "deemed_stays": _("That this day is %(free_name)s changes nothing."),
    "deemed_moves": _(
        "Because that day is no working day, the letter counts as received on the next one."
    ),
    "came_later": _(
        "It can be proven that the letter came later, so that day counts. Please keep the "
        "envelope, and check."
    ),
    "came_later_unproven": _(
        "It came on %(received)s, which cannot be proven so far. To be safe, the earlier day "
        "counts. Please check whether there is a proof."
    ),
    "came_earlier": _("That it came on %(received)s already changes nothing."),
    "handed_over": _("It was handed over in person: that day counts."),
    "served": _("The day that the deliverer wrote on the yellow envelope counts."),
    "reception": _(
        "The reception centre got it on %(sent)s. It counts as served on the third day after, "
        "unless it was handed to the person earlier. Please check."
    ),
    "returned": _(
        "Sent to the last known address and returned, it counts as served on the day of posting. "
        "Please check whether the person had been told of this rule."
    ),
    # How long, and until when.
    "begins": _("The period begins on the day after."),
    "length": _("The period is %(length)s."),
    "length_abroad": _("For a person who is abroad the period is %(length)s."),
    "no_instruction": _(
        "Without a proper instruction on rights one year applies. Please check the instruction."
    ),
    "same_number": _("It ends on the day of the month with the same number."),
    "last_of_month": _(
        "That month has no day %(number)s, so the period ends on the last day of the month."
    ),
    "same_weekday": _("It ends on the same day of the week."),
    "moves": _("That is %(free_name)s: the end moves to the next day."),
    "keep_to_the_short_one": _(
        "To be safe, keep to the regular period: whether the instruction is wrong is for a court "
        "to say."
    ),
    # Other kinds.
    "event": _("The event that counts took place on this day."),
    "asked": _("The application or objection reached the office on this day."),
    "wait": _("The office has %(length)s to decide."),
    "possible_from": _(
        "From this day on it is possible to go to court because the office did not act, or to ask "
        "how it stands."
    ),
    "ends_on_its_day": _("The application must be made before this day is over."),
    "free_day_before_end": _(
        "That day is %(free_name)s. A weekend does not give more time: the last working day "
        "before is safe."
    ),
    "set_day": _("The office has set this day."),
    "free_day_set": _(
        "That day is %(free_name)s. The end may move to the next working day; the last working "
        "day before is safe. Please check."
    ),
    "entitled_since": _("The person is entitled from this day on."),
    "paid_back_months": ngettext_lazy(
        "Paid for %(count)s month before the month of the application at most: an application "
        "until this day still covers everything.",
        "Paid for %(count)s months before the month of the application at most: an application "
        "until this day still covers everything.",
        "count",
    ),
    "paid_from_the_first": _(
        "Paid from the first day of the month of the application: an application until this day "
        "still covers the month."
    ),
    "paid_back_life_months": _(
        "Paid for %(count)s months of the child's life before the application at most: an "
        "application until this day still covers everything."
    ),
    "free_day_back_payment": _(
        "That day is %(free_name)s. To be safe, apply on the last working day before."
    ),
}
LENGTHS = {
    Unit.WEEKS: ngettext_lazy("%(count)d week", "%(count)d weeks", "count"),
    Unit.MONTHS: ngettext_lazy("%(count)d month", "%(count)d months", "count"),
    Unit.YEARS: ngettext_lazy("%(count)d year", "%(count)d years", "count"),
}
FREE_DAYS = {
    "saturday": _("a Saturday"),
    "sunday": _("a Sunday"),
    "holiday": _("the holiday %(holiday)s"),
}
# Holidays that only some of the Länder have: the body that receives may sit in another.
REGIONAL = frozenset({"Fronleichnam", "Allerheiligen"})
LAST_RESORTS: dict[str, str] = {
    "restitution_weeks": _(
        "Restitution, if the person missed it through no fault of their own: apply within two "
        "weeks after the reason is gone, and do what was missed at the same time."
    ),
    "restitution_month": _(
        "Restitution, if the person missed it through no fault of their own: apply within one "
        "month after the reason is gone, and do what was missed at the same time."
    ),
    "review": _(
        "Application for review of a wrong decision: also after the deadline, paid back for a "
        "limited time only."
    ),
    "reopening": _(
        "Application to take the proceedings up again, above all with new facts or evidence."
    ),
}


@dataclass(frozen=True)
class Line:
    """One step in words."""

    sentence: str
    day: date
    paragraph: str


def lines_of(steps: Iterable[Mapping]) -> list[Line]:
    """Put stored steps into words; a code that is no longer known shows its paragraph alone."""
    return [
        Line(_sentence(step), date.fromisoformat(step["day"]), step["paragraph"]) for step in steps
    ]


def last_resort_lines(resorts: Iterable[LastResort]) -> list[tuple[str, str]]:
    """Put what may still help into words: (sentence, paragraph)."""
    return [(str(LAST_RESORTS[one.code]), one.paragraph) for one in resorts]


def _sentence(step: Mapping) -> str:
    sentence = SENTENCES.get(step["code"])
    if sentence is None:
        return ""
    said = sentence % _words(step["values"])
    if step["values"].get("holiday") in REGIONAL and step["code"] == "moves":
        return f"{said} {_REGIONAL_HINT}"
    return str(said)


_REGIONAL_HINT = _(
    "This holiday is not one everywhere in Germany: please check where the court or office sits."
)


def _words(values: Mapping) -> dict[str, object]:
    words = dict(values)
    for name in ("received", "sent"):
        if name in words:
            words[name] = date_format(date.fromisoformat(words[name]), "d.m.Y")
    if "why" in words:
        words["free_name"] = FREE_DAYS[words["why"]] % words
    if "unit" in words:
        words["length"] = LENGTHS[Unit(words["unit"])] % {"count": words["count"]}
    return words
