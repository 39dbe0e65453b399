"""Who works in the demo world: fourteen invented advisers, the coordination, an administrator.

The article says that there are 14 advisers, 4 of the city and 10 of the associations, on 11 posts.
How the posts are split over centers and employers is invented.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from centers.models import Center
from centers.phones import parse
from providers import accounts
from providers.models import Assignment, Provider, StaffMember
from providers.roles import Role

PASSWORD = "kim-demo-2021"  # noqa: S105 (published on purpose, see docs/demo.md)
ADMINISTRATION = "administration"
COORDINATION = "koordination"
HAMBORN = "fallmanagement.hamborn"
HOCHFELD = "fallmanagement.hochfeld"
RHEINHAUSEN = "fallmanagement.rheinhausen"
LOGINS = (HAMBORN, HOCHFELD, RHEINHAUSEN, COORDINATION, ADMINISTRATION)
# Worked for the city at Hochfeld until some weeks ago; their successor has the post now.
GONE = "carsten.ohlendorf"
SUCCESSOR = "samira.elhaddad"
GONE_FOR_DAYS = 17


@dataclass(frozen=True)
class Member:
    """One account as it shall be."""

    username: str
    given_name: str
    family_name: str
    employer: str
    center: str
    fte: str
    languages: str = "de"
    role: Role = Role.CASEWORKER
    # How much more or less than a fair share of the cases comes to them.
    load: float = 1.0


MEMBERS = (
    Member(HAMBORN, "Aylin", "Korkmaz", "awo", "HAM", "1.00", "de tr bg", load=1.15),
    Member("merle.achterberg", "Merle", "Achterberg", "ki", "HAM", "1.00", "de en", load=0.7),
    Member("benedikt.sommerfeld", "Benedikt", "Sommerfeld", "caritas", "HAM", "1.00", "de ro"),
    Member("nadja.wisniewska", "Nadja", "Wiśniewska", "paritaetischer", "HAM", "0.75", "de pl ru"),
    Member(HOCHFELD, "Daniel", "Petrow", "diakoniewerk", "HOC", "0.75", "de bg ru", load=1.3),
    Member("friederike.lohmann", "Friederike", "Lohmann", "diakoniewerk", "HOC", "0.50", "de fr"),
    Member("jonas.brueckmann", "Jonas", "Brückmann", "ki", "HOC", "0.50", "de en", load=1.9),
    Member(SUCCESSOR, "Samira", "El-Haddad", "ki", "HOC", "0.50", "de ar fr", load=0.6),
    Member("tobias.wendland", "Tobias", "Wendland", "drk", "HOC", "1.00", "de es"),
    Member("zeynep.aksoy", "Zeynep", "Aksoy", "ziuma", "HOC", "0.75", "de tr kmr", load=1.05),
    Member(
        RHEINHAUSEN,
        "Mareike",
        "Tönnissen",
        "grafschafter-diakonie",
        "RHE",
        "0.75",
        "de en ar",
        load=1.2,
    ),
    Member(
        "viktor.hoffmeister", "Viktor", "Hoffmeister", "grafschafter-diakonie", "RHE", "0.75", "de"
    ),
    Member("lejla.hadzic", "Lejla", "Hadžić", "awo", "RHE", "0.75", "de bs sr hr", load=0.75),
    Member("ruth.hagenkamp", "Ruth", "Hagenkamp", "ki", "RHE", "1.00", "de uk ru", load=0.9),
    Member(COORDINATION, "Katharina", "Vossberg", "ki", "", "1.00", "de en", role=Role.COORDINATOR),
    Member("emre.saglam", "Emre", "Sağlam", "ki", "", "1.00", "de tr", role=Role.COORDINATOR),
    Member("hanne.terlinden", "Hanne", "Terlinden", "ki", "", "0.50", role=Role.COORDINATOR),
)
FORMER = Member(GONE, "Carsten", "Ohlendorf", "ki", "HOC", "0.50", "de en", load=0.6)


def create(starts_on: date, today: date) -> dict[str, StaffMember]:
    """Create all accounts, marked as demo accounts, by their user name.

    The administrator's own assignment is the one that nobody could give them.
    """
    password = make_password(PASSWORD)
    providers = {provider.code: provider for provider in Provider.objects.all()}
    centers = {center.code: center for center in Center.objects.all()}
    administrator = _account(
        Member(ADMINISTRATION, "Ingrid", "Feldhaus", "ki", "", "0.50"), 0, password, starts_on
    )
    Assignment.objects.create(
        staff_member=administrator,
        employer=providers["ki"],
        role=Role.ADMINISTRATOR,
        fte=Decimal("0.5"),
        valid_from=starts_on,
    )
    staff = {ADMINISTRATION: administrator}
    gone_on = today - timedelta(days=GONE_FOR_DAYS)
    for number, member in enumerate((*MEMBERS, FORMER), start=1):
        account = _account(member, number, password, starts_on)
        accounts.assign(
            account,
            by=administrator,
            employer=providers[member.employer],
            role=member.role,
            center=centers.get(member.center),
            fte=Decimal(member.fte),
            valid_from=gone_on + timedelta(days=1) if member.username == SUCCESSOR else starts_on,
            valid_until=gone_on if member.username == GONE else None,
        )
        staff[member.username] = account
    return staff


def _account(member: Member, number: int, password: str, since: date) -> StaffMember:
    account = StaffMember.objects.create(
        username=member.username,
        password=password,
        given_name=member.given_name,
        family_name=member.family_name,
        email=f"{member.username}@example.org",
        phone=parse(f"030 23125-{100 + number:03}"),
        is_recognised_social_worker=number % 3 != 0 and member.role == Role.CASEWORKER,
        sworn_on=since,
        is_demo=True,
    )
    account.languages.set(member.languages.split())
    return account
