"""Cases that are told on purpose, so that nobody finds a page of the demo empty."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from cases.management.demo import topics
from cases.management.demo.clock import Story
from cases.management.demo.lives import Life
from cases.management.demo.offers import (
    accepted,
    answered_question,
    correct,
    declined,
    offer,
    open_question,
    to_center,
    withdrawn,
)
from cases.management.demo.staff import (
    ADMINISTRATION,
    GONE,
    HAMBORN,
    HOCHFELD,
    RHEINHAUSEN,
)
from cases.models import Case, Consent, Contact, FollowUp, Person
from cases.workflow import (
    consents,
    contacts,
    corrections,
    deputies,
    follow_ups,
    leaving,
    pauses,
)
from centers.working_days import working_day_from
from providers import accounts
from providers.models import Provider, StaffMember

if TYPE_CHECKING:
    from cases.management.demo.world import World

ACHTERBERG, SOMMERFELD = "merle.achterberg", "benedikt.sommerfeld"
BRUECKMANN, WENDLAND, AKSOY = "jonas.brueckmann", "tobias.wendland", "zeynep.aksoy"
HAGENKAMP, HADZIC = "ruth.hagenkamp", "lejla.hadzic"


def stories(world: "World") -> list[tuple[date, Story]]:
    """Return every told story with the day of its opening, the most needed first."""
    told: list[tuple[date, Story]] = []

    def tell(scene, username: str, days_ago: int, *args, **more) -> None:
        plan = world.plan(username, days_ago, needs=more.pop("needs", 2), **more)
        told.append((plan.opens_on, scene(Life(world, plan), *args)))

    for login in (HAMBORN, HOCHFELD, RHEINHAUSEN):
        tell(due_in, login, 45, 0)
        tell(due_in, login, 60, -2)
    tell(offer, HAMBORN, 50, 2, to_center("RHE"), ("grafschafter-diakonie", "awo"), needs=3)
    tell(offer, RHEINHAUSEN, 48, 3, HAMBORN, ("awo",), answered_question)
    tell(offer, HAMBORN, 62, 10, HOCHFELD, ("diakoniewerk",))
    tell(offer, HOCHFELD, 55, 6, to_center("RHE"), ("grafschafter-diakonie",), open_question)
    tell(offer, HOCHFELD, 66, 26, RHEINHAUSEN, ("grafschafter-diakonie",), accepted)
    tell(offer, HAMBORN, 59, 16, HOCHFELD, ("diakoniewerk",), declined)
    tell(same_person_first, HAMBORN, 52)
    tell(same_person_again, RHEINHAUSEN, 20)
    for days_ago in (95, 71, 64, 58, 40, 33):
        tell(left_behind, GONE, days_ago)
    tell(long_bulgarian_name, HAMBORN, 38, needs=4, is_urgent=True)
    tell(long_arabic_name, RHEINHAUSEN, 35, needs=3)
    tell(locked_address, HOCHFELD, 42, is_urgent=True)

    tell(offer, HOCHFELD, 47, 1, to_center("HAM"), ("awo", "caritas"))
    tell(offer, ACHTERBERG, 51, 2, RHEINHAUSEN, ("grafschafter-diakonie",))
    tell(offer, HAGENKAMP, 70, 12, to_center("HOC"), ("diakoniewerk", "drk"))
    tell(offer, SOMMERFELD, 58, 5, HAMBORN, ("awo",))
    tell(offer, HAMBORN, 77, 40, HADZIC, (), accepted)
    tell(offer, SOMMERFELD, 80, 30, HAMBORN, ("awo",), accepted)
    tell(offer, AKSOY, 74, 22, RHEINHAUSEN, ("grafschafter-diakonie",), accepted)
    tell(offer, RHEINHAUSEN, 63, 19, WENDLAND, ("drk",), withdrawn)
    tell(offer, BRUECKMANN, 44, 9, HAGENKAMP, ())
    tell(revoked_transfer, HAMBORN, 57)
    tell(revoked_disclosure, RHEINHAUSEN, 46)
    tell(revoked_disclosure, WENDLAND, 65)
    tell(deputy_elsewhere, HAMBORN, 68, SOMMERFELD, "caritas")
    tell(team_until_lately, HOCHFELD, 72, WENDLAND, "drk")
    for login, days_ago in ((HAMBORN, 53), (HOCHFELD, 61), (RHEINHAUSEN, 69)):
        tell(due_in, login, 41, 0)
        tell(due_in, login, 36, -9)
        tell(due_in, login, 29, 4)
        tell(with_deadlines, login, 34, is_urgent=True)
        tell(on_pause, login, days_ago)
        tell(silent, login, 90)
        tell(corrected, login, 49)
    return told


# --- What is due --------------------------------------------------------------------------------


def due_in(life: Life, days: int) -> Story:
    """Leave a follow-up due so many days from today; before today it is overdue."""
    world = life.world
    life.begin()
    yield world.working_day(max(9, 4 - days * 2))
    life.advance()
    life.refer(0)
    due_on = world.today + timedelta(days=days)
    if days < 0:
        due_on = world.working_day(-days)
    life.finish(life.next_follow_up(), due_on)


def with_deadlines(life: Life) -> Story:
    """Plan a legal deadline and the expiry of a title, both near."""
    world = life.world
    life.begin()
    yield world.working_day(6)
    life.talk(life.plan.topics[0].later)
    for kind, subject, days in (
        (FollowUp.Kind.LEGAL_DEADLINE, "Widerspruch einlegen (Frist)", 3),
        (FollowUp.Kind.EXPIRY, "Aufenthaltsdokument läuft ab", 12),
        (FollowUp.Kind.LEGAL_DEADLINE, "Nachweise einreichen (Frist)", 0),
    ):
        life.take(
            follow_ups.plan_follow_up,
            life.case,
            by=life.by,
            subject=subject,
            due_on=working_day_from(world.today + timedelta(days=days)),
            kind=kind,
            need=life.needs[0],
        )
    life.advance()


def on_pause(life: Life) -> Story:
    """Let a case rest until some weeks from now."""
    world = life.world
    life.begin()
    yield world.working_day(20)
    follow_up = life.next_follow_up()
    life.talk(topics.GOING_ON[0])
    life.take(
        pauses.pause,
        life.case,
        by=life.by,
        because=topics.PAUSES[life.plan.number % len(topics.PAUSES)],
        until=world.today + timedelta(days=30),
    )
    life.take(follow_ups.complete_follow_up, follow_up, by=life.by)


def silent(life: Life) -> Story:
    """Leave a case untouched for more than thirty days, its next date still ahead."""
    life.begin()
    yield life.world.working_day(52)
    life.refer(0)
    life.finish(life.next_follow_up(), life.world.today + timedelta(days=8))


# --- Consents and rights ------------------------------------------------------------------------


def revoked_transfer(life: Life) -> Story:
    """Revoke the consent while an offer is open: it is withdrawn at once."""
    yield from offer(life, 15, HOCHFELD, ("diakoniewerk",))
    yield life.world.working_day(11)
    consent = Consent.objects.get(case=life.case, kind=Consent.Kind.TRANSFER)
    _revoke(life, consent)
    yield from life.go_on()


def revoked_disclosure(life: Life) -> Story:
    """Revoke the consent to pass on data: the recipients are to be told."""
    life.plan.arranged = True
    life.begin()
    yield life.soon(7, 12)
    life.refer(0)
    life.finish(life.next_follow_up(), life.world.today + timedelta(days=9))
    yield life.world.working_day(4)
    for consent in Consent.objects.filter(case=life.case, kind=Consent.Kind.DISCLOSURE).valid():
        _revoke(life, consent)


def _revoke(life: Life, consent: Consent) -> None:
    consent.case = life.case
    life.take(consents.revoke_consent, consent, by=life.by)


def deputy_elsewhere(life: Life, username: str, provider: str) -> Story:
    """Name a deputy of another provider, under a release from secrecy."""
    life.begin()
    yield life.soon(5, 9)
    _release(life, provider, days=300)
    life.name_deputy(life.world.staff[username])
    yield from life.go_on()


def team_until_lately(life: Life, username: str, provider: str) -> Story:
    """Let somebody of another provider work along until the consent ran out some days ago."""
    life.begin()
    yield life.soon(5, 9)
    ends_in = (life.world.working_day(6) - timezone.localdate()).days
    _release(life, provider, days=max(ends_in, 1))
    life.take(deputies.add_team_member, life.case, by=life.by, to=life.world.staff[username])
    yield from life.go_on()


def _release(life: Life, provider: str, *, days: int) -> None:
    life.allow(
        Consent.Kind.SECRECY_RELEASE,
        Provider.objects.get(code=provider),
        days=days,
        purpose="Gemeinsame Beratung",
    )


# --- Persons ------------------------------------------------------------------------------------


def same_person_first(life: Life) -> Story:
    """Open the case that another center will open again under another spelling."""
    _be(life, "Snezhana", "Dimitrova", "Снежана Димитрова", date(1991, 3, 14))
    yield from life.whole()


def same_person_again(life: Life) -> Story:
    """Open a second case of the same person: both leads see the suspicion."""
    _be(life, "Sneschana", "Dimitrowa", "", date(1991, 3, 14))
    yield from life.whole()


def long_bulgarian_name(life: Life) -> Story:
    _be(
        life,
        "Aleksandrina-Gabriela",
        "Konstantinova-Hadzhidimitrova",
        "Александрина-Габриела Константинова-Хаджидимитрова",
        date(1986, 11, 2),
    )
    yield from life.whole()


def long_arabic_name(life: Life) -> Story:
    _be(
        life,
        "Abdulrahman Mohammad Khair",
        "Al-Shahrastani Al-Hamwi",
        "عبد الرحمن محمد خير الشهرستاني الحموي",
        date(1979, 1, 1),
        language="ar",
        nationality="475",
    )
    yield from life.whole()


def locked_address(life: Life) -> Story:
    """Keep the address of somebody under protection locked."""
    person = life.plan.client.person
    person.address_locked = True
    person.street, person.postal_code = "", ""
    yield from life.whole()


def _be(
    life: Life,
    given: str,
    family: str,
    native: str,
    born: date,
    *,
    language: str = "bg",
    nationality: str = "125",
) -> None:
    person = life.plan.client.person
    person.given_name, person.family_name, person.native_name = given, family, native
    person.birth_date, person.birth_precision = born, Person.BirthCertainty.EXACT
    person.gender = Person.Gender.MALE if language == "ar" else Person.Gender.FEMALE
    person.nationality_id, person.counselling_language_id = nationality, language
    life.plan.client.languages = (language, "de")


# --- What went wrong, and who is gone -----------------------------------------------------------


def corrected(life: Life) -> Story:
    """Correct a note, strike another through, and a typing error in the person's data."""
    life.begin()
    yield life.soon(6, 10)
    life.talk("Termin beim Jobcenter am Mittwoch um 9 Uhr.", setting="TELEFON")
    life.talk("Gehört zu einem anderen Fall.", setting="TELEFON")
    wrong, misplaced = Contact.objects.filter(case=life.case).order_by("-pk")[:2][::-1]
    for contact in (wrong, misplaced):
        contact.case = life.case
    life.take(
        contacts.correct_contact,
        wrong,
        by=life.by,
        happened_at=wrong.happened_at,
        setting=wrong.setting,
        note="Termin beim Jobcenter am Donnerstag um 9 Uhr.",
        minutes=wrong.minutes,
    )
    life.take(corrections.strike, misplaced, by=life.by, because="In der falschen Akte notiert")
    person = Person.objects.get(pk=life.case.person_id)
    person.aliases = f"{person.family_name} (alte Schreibweise im Pass)"
    correct(life, person)
    yield from life.go_on()


def left_behind(life: Life) -> Story:
    """Leave a case with somebody who works here no more: the coordination assigns it."""
    life.plan.has_deputy = life.plan.number % 2 == 0
    life.begin()
    yield min(life.soon(8, 12), life.world.gone_on)
    if timezone.localdate() <= life.world.gone_on:
        life.refer(0)
        life.finish(life.next_follow_up(), life.world.gone_on + timedelta(days=6))


def block_the_one_who_left(world: "World") -> Iterator[date]:
    """Block the login of somebody whose assignment has ended and who still leads cases."""
    gone: StaffMember = world.staff[GONE]
    administrator = world.staff[ADMINISTRATION]
    world.clock.take(accounts.block, gone, by=administrator)
    if Case.objects.active().filter(lead=gone).exists():
        world.clock.take(
            leaving.announce, gone, left_on=world.gone_on + timedelta(days=1), by=administrator
        )
    return
    yield
