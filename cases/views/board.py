"""The legal-domain board: one column per Rechtskreis, its needs, their referrals, who helps."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db.models import Exists, FilteredRelation, OuterRef, Q
from django.utils.translation import gettext as _

from cases.models import Case, Goal, Need, Referral
from cases.models.past import past_values, with_past
from providers.models import LegalDomain, StaffMember

NEED_CHIPS = {
    Need.State.OPEN: ("info", "circle"),
    Need.State.IN_PROGRESS: ("info", "arrow-repeat"),
    Need.State.MET: ("ok", "check-circle"),
    Need.State.UNMET: ("alert", "x-circle"),
    Need.State.DROPPED: ("quiet", "dash-circle"),
}
REFERRAL_CHIPS = {
    Referral.State.DRAFT: ("warn", "pencil"),
    Referral.State.REQUESTED: ("info", "send"),
    Referral.State.RECEIVED: ("info", "inbox"),
    Referral.State.ACCEPTED: ("info", "hand-thumbs-up"),
    Referral.State.WAITING_LIST: ("warn", "hourglass-split"),
    Referral.State.DECLINED: ("alert", "x-circle"),
    Referral.State.FORWARDED: ("quiet", "arrow-right"),
    Referral.State.ARRIVED: ("info", "geo-alt"),
    Referral.State.NOT_ARRIVED: ("warn", "person-x"),
    Referral.State.RUNNING: ("info", "arrow-repeat"),
    Referral.State.SUCCEEDED: ("ok", "check-circle"),
    Referral.State.FAILED: ("alert", "x-circle"),
    Referral.State.WITHDRAWN: ("quiet", "dash-circle"),
}
URGENCY_ORDER = {Need.Urgency.ACUTE: 0, Need.Urgency.SOON: 1, Need.Urgency.NORMAL: 2}


@dataclass
class ReferralCard:
    """One referral as the board shows it, today or as it stood."""

    referral: Referral
    state: Referral.State
    reason: str
    appointment_at: datetime | None
    outcome: str

    @property
    def is_open(self) -> bool:
        return self.state not in Referral.ENDED

    @property
    def chip(self) -> tuple[str, str, str]:
        """Kind, words and icon; an address handed out was not “requested” from anybody."""
        kind, symbol = REFERRAL_CHIPS[self.state]
        goes_alone = self.referral.kind not in Referral.SENDS_DATA
        if self.state == Referral.State.REQUESTED and goes_alone:
            return kind, self.referral.get_kind_display(), "signpost"
        return kind, str(self.state.label), symbol


@dataclass
class NeedCard:
    """One need as the board shows it, with its referrals."""

    need: Need
    state: Need.State
    reason: str
    settled_on: object
    is_struck: bool
    referrals: list[ReferralCard] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.state in {Need.State.OPEN, Need.State.IN_PROGRESS} and not self.is_struck

    @property
    def is_alone(self) -> bool:
        """Say whether neither a goal nor a referral has come of an open need."""
        return self.is_open and not self.referrals and not self.need.has_goal

    @property
    def has_running_referrals(self) -> bool:
        return any(card.is_open for card in self.referrals)

    @property
    def chip(self) -> tuple[str, str, str]:
        kind, symbol = NEED_CHIPS[self.state]
        return kind, str(self.state.label), symbol

    @property
    def look(self) -> str:
        """The class of the card's edge."""
        if self.is_struck:
            return "is-struck"
        return {Need.State.MET: "is-met", Need.State.UNMET: "is-unmet"}.get(self.state, "")


@dataclass
class Column:
    """One Rechtskreis of the case."""

    legal_domain: LegalDomain
    cards: list[NeedCard]

    @property
    def open_cards(self) -> list[NeedCard]:
        return [card for card in self.cards if card.is_open]

    @property
    def other_cards(self) -> list[NeedCard]:
        return [card for card in self.cards if not card.is_open]

    @property
    def summary(self) -> str:
        """Say how it stands in this legal domain, for the head of the column."""
        return _("%(open)s open, %(all)s in all") % {
            "open": len(self.open_cards),
            "all": sum(not card.is_struck for card in self.cards),
        }


def board_of(case: Case, reader: StaffMember, *, until: datetime | None = None) -> list[Column]:
    """Load the board in one query; a former lead sees it as it stood at the moment `until`."""
    rows = Need.objects.visible_to(reader).filter(case=case)
    known = Q() if until is None else Q(referrals__recorded_at__lte=until)
    goals = Goal.objects.standing().filter(needs=OuterRef("pk"))
    goals = goals if until is None else goals.filter(recorded_at__lte=until)
    rows = rows.annotate(
        its_referral=FilteredRelation("referrals", condition=known), has_goal=Exists(goals)
    )
    rows = rows.select_related(
        "legal_domain",
        "life_area",
        "unmet_reason",
        "struck_by",
        "its_referral__service__provider",
        "its_referral__refusal_reason",
    )
    if until is not None:
        rows = with_past(rows, Need, until)
        rows = with_past(rows, Referral, until, of="its_referral__pk")
    rows = rows.order_by("legal_domain__position", "legal_domain", "pk", "its_referral__pk")
    columns = []
    for _code, of_domain in groupby(rows, key=lambda need: need.legal_domain_id):
        cards = [
            _need_card(list(same), until)
            for _pk, same in groupby(of_domain, key=lambda need: need.pk)
        ]
        cards.sort(key=lambda card: URGENCY_ORDER[card.need.urgency])
        columns.append(Column(cards[0].need.legal_domain, cards))
    return columns


def _need_card(rows: list[Need], until: datetime | None) -> NeedCard:
    """Make one card of the rows of one need: a row for each of its referrals."""
    need = rows[0]
    if until is None:
        state, reason = need.state, need.unmet_reason.name if need.unmet_reason else ""
        settled_on, is_struck = need.settled_on, need.struck_at is not None
    else:
        then = past_values(need, Need)
        state, reason = then["state"] or need.state, then["unmet_reason__name"] or ""
        settled_on = then["settled_on"]
        is_struck = need.struck_at is not None and need.struck_at <= until
    referrals = [
        _referral_card(row, until) for row in rows if getattr(row, "its_referral", None) is not None
    ]
    return NeedCard(need, Need.State(state), reason, settled_on, is_struck, referrals)


def _referral_card(row: Need, until: datetime | None) -> ReferralCard:
    referral = row.its_referral
    if until is None:
        reason = referral.refusal_reason.name if referral.refusal_reason else ""
        return ReferralCard(
            referral,
            Referral.State(referral.state),
            reason,
            referral.appointment_at,
            referral.outcome,
        )
    then = past_values(row, Referral)
    return ReferralCard(
        referral,
        Referral.State(then["state"] or referral.state),
        then["refusal_reason__name"] or "",
        then["appointment_at"],
        "" if then["has_changed"] else referral.outcome,
    )
