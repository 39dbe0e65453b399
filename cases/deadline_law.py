"""The law of deadlines as tables: when letters count as received, and how days are counted.

`cases.legal_deadlines` counts with them. A change of the law that is more than another length in
the catalogue is made here (DOMAIN §3.1).
"""

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What starts the count, and what its end means."""

    REMEDY = "remedy", _("Against a decision")
    SET_DAY = "set_day", _("Day set by an office")
    BEFORE_END = "before_end", _("Before something ends")
    BACK_PAYMENT = "back_payment", _("Nothing is paid further back")
    AFTER_EVENT = "after_event", _("From an event on")
    WAITING = "waiting", _("Possible only after waiting")


class Unit(models.TextChoices):
    WEEKS = "weeks", _("weeks")
    MONTHS = "months", _("months")
    YEARS = "years", _("years")
    # The months of a child's life, which begin on the day of the month on which it was born.
    LIFE_MONTHS = "life_months", _("months of the child's life")


class Fiction(models.TextChoices):
    """The law by which a letter counts as received."""

    SGB10 = "sgb10", "§ 37 SGB X"
    VWVFG = "vwvfg", "§ 41 VwVfG"
    AO = "ao", "§ 122 AO"


class Counting(models.TextChoices):
    """The law by which days are counted."""

    SGG = "sgg", "SGG"
    SGB10 = "sgb10", "SGB X"
    VWGO = "vwgo", "VwGO"
    VWVFG = "vwvfg", "VwVfG NRW"
    AO = "ao", "AO"
    FGO = "fgo", "FGO"


class Arrival(models.TextChoices):
    """How a letter came."""

    POST = "post", _("Ordinary letter")
    ELECTRONIC = "electronic", _("Electronically (e-mail, portal)")
    REGISTERED = "registered", _("Registered letter")
    SERVED = "served", _("Yellow envelope (formal service)")
    HANDED_OVER = "handed_over", _("Handed over in person")
    RECEPTION = "reception", _("Handed to the reception centre (asylum)")
    RETURNED = "returned", _("Sent to the last known address and returned (asylum)")


# Only the day itself tells when these arrived.
NEEDS_DAY = frozenset({Arrival.SERVED, Arrival.HANDED_OVER, Arrival.RECEPTION})
# These count as received on a certain day after they were sent, unless they came later.
DEEMED = frozenset({Arrival.POST, Arrival.ELECTRONIC, Arrival.REGISTERED})

# PostModG (BGBl. 2024 I Nr. 236): the third day became the fourth for what is posted from here on.
FOURTH_DAY_SINCE = date(2025, 1, 1)
RECEPTION_DAYS = 3


@dataclass(frozen=True)
class DeemedReceipt:
    """How one law fixes the day of receipt.

    Whether the day moves where it falls on a weekend or holiday is answered differently: yes for
    taxes and child benefit, no in social and in general administrative law.
    """

    post: str
    electronic: str
    moves: bool
    source: str
    abroad: str = ""


DEEMED_RECEIPT: dict[Fiction, DeemedReceipt] = {
    Fiction.SGB10: DeemedReceipt(
        post="§ 37 Abs. 2 Satz 1 SGB X",
        electronic="§ 37 Abs. 2 Satz 2 SGB X",
        moves=False,
        source="BSG, 6.5.2010, B 14 AS 12/09 R",
    ),
    Fiction.VWVFG: DeemedReceipt(
        post="§ 41 Abs. 2 Satz 1 VwVfG, VwVfG NRW",
        electronic="§ 41 Abs. 2 Satz 2 VwVfG, VwVfG NRW",
        moves=False,
        source="§ 41 Abs. 2 VwVfG NRW; OVG NRW, 7.3.2001, 19 A 4216/99",
    ),
    Fiction.AO: DeemedReceipt(
        post="§ 122 Abs. 2 Nr. 1 AO",
        electronic="§ 122 Abs. 2a AO",
        moves=True,
        source="§ 108 Abs. 3 AO; BFH, 14.10.2003, IX R 68/98",
        abroad="§ 122 Abs. 2 Nr. 2 AO",
    ),
}
REGISTERED_PARAGRAPH = "§ 4 Abs. 2 VwZG, LZG NRW"


@dataclass(frozen=True)
class CountingLaw:
    """The paragraphs of one law by which a period begins, ends and moves.

    `restitution`: where somebody missed the day through no fault of their own, and how soon after
    that they have to say so.
    """

    begins: str
    ends: str
    moves: str
    restitution: str
    restitution_within: str


COUNTING: dict[Counting, CountingLaw] = {
    Counting.SGG: CountingLaw(
        "§ 64 Abs. 1 SGG", "§ 64 Abs. 2 SGG", "§ 64 Abs. 3 SGG", "§ 67 SGG", "month"
    ),
    Counting.SGB10: CountingLaw(
        "§ 26 Abs. 1 SGB X, § 187 Abs. 1 BGB",
        "§ 26 Abs. 1 SGB X, § 188 Abs. 2 und 3 BGB",
        "§ 26 Abs. 3 SGB X",
        "§ 27 SGB X",
        "weeks",
    ),
    Counting.VWGO: CountingLaw(
        "§ 57 VwGO, § 222 Abs. 1 ZPO, § 187 Abs. 1 BGB",
        "§ 57 VwGO, § 222 Abs. 1 ZPO, § 188 Abs. 2 und 3 BGB",
        "§ 57 Abs. 2 VwGO, § 222 Abs. 2 ZPO",
        "§ 60 VwGO",
        "weeks",
    ),
    Counting.VWVFG: CountingLaw(
        "§ 31 Abs. 1 VwVfG NRW, § 187 Abs. 1 BGB",
        "§ 31 Abs. 1 VwVfG NRW, § 188 Abs. 2 und 3 BGB",
        "§ 31 Abs. 3 VwVfG NRW, § 193 BGB",
        "§ 32 VwVfG NRW",
        "weeks",
    ),
    Counting.AO: CountingLaw(
        "§ 108 Abs. 1 AO, § 187 Abs. 1 BGB",
        "§ 108 Abs. 1 AO, § 188 Abs. 2 und 3 BGB",
        "§ 108 Abs. 3 AO",
        "§ 110 AO",
        "month",
    ),
    Counting.FGO: CountingLaw(
        "§ 54 FGO, § 222 Abs. 1 ZPO, § 187 Abs. 1 BGB",
        "§ 54 FGO, § 222 Abs. 1 ZPO, § 188 Abs. 2 und 3 BGB",
        "§ 54 Abs. 2 FGO, § 222 Abs. 2 ZPO",
        "§ 56 FGO",
        "weeks",
    ),
}
