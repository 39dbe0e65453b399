"""Handovers in the demo world: offered, asked about, answered or left waiting."""

from datetime import timedelta

from django.utils import timezone

from cases.management.demo.clock import Story
from cases.management.demo.lives import Life
from cases.management.demo.staff import RHEINHAUSEN
from cases.models import Consent, Handover, HandoverReason, Person
from cases.workflow import handover, people
from centers.models import Center, Neighbourhood
from providers.models import Provider

SITUATION = (
    "Seit einigen Wochen in Begleitung, zuverlässig bei allen Terminen.\n"
    "Zwei Anträge laufen, ein Bescheid wird in den nächsten Wochen erwartet.\n"
    "Die Kinder gehen zur Schule, ein Kitaplatz wird noch gesucht.\n"
    "Verständigung mit Sprachmittlung, einfache Gespräche auf Deutsch.\n"
    "Wünscht sich eine feste Ansprechperson in der Nähe."
)
AGREEMENTS = "Unterlagen werden zum ersten Termin mitgebracht. Anruf vor Briefen."
RISKS = "Die Frist im Bescheid vom Jobcenter ist zu beachten."


def to_center(code: str) -> str:
    """Name the team of a center as the receiver of an offer."""
    return f"center:{code}"


def offer(life: Life, days_ago: int, receiver: str, providers: tuple[str, ...], then=None) -> Story:
    """Offer the case, under the consent it needs; `then` says how it goes on."""
    world = life.world
    life.begin()
    yield world.working_day(days_ago + 9)
    life.advance()
    life.refer(0)
    life.finish(life.next_follow_up(), world.today + timedelta(days=5))
    yield world.working_day(days_ago)
    center = _center(receiver)
    if center is not None and center.pk != life.case.center_id:
        move_to(life, center)
    if providers:
        _consent_to(life, providers)
    offered = life.take(
        handover.hand_over,
        life.case,
        by=life.by,
        reason=HandoverReason.objects.get(pk="UMZUG_STADTBEZIRK" if center else "FACHLICH"),
        situation=SITUATION,
        agreements=AGREEMENTS,
        risks=RISKS,
        client_told_on=timezone.localdate(),
        to_staff=None if center else world.staff[receiver],
        to_center=center,
    )
    if then is not None:
        yield from then(life, offered, receiver)


def _center(receiver: str) -> Center | None:
    kind, _, code = receiver.partition(":")
    return Center.objects.get(code=code) if kind == "center" else None


def move_to(life: Life, center: Center) -> None:
    """Correct the address: the person has moved to where the other center serves."""
    code = {"RHE": "601", "HAM": "202", "HOC": "508"}[center.code]
    home = Neighbourhood.objects.get(pk=code)
    person = Person.objects.get(pk=life.case.person_id)
    person.whereabouts, person.neighbourhood = Person.Whereabouts.NEIGHBOURHOOD, home
    person.street, person.city = f"Beispielweg {life.plan.number}", "Duisburg"
    correct(life, person)


def correct(life: Life, person: Person) -> None:
    # Who corrects is known from the request; the demo has none.
    person._history_user = life.by
    life.take(
        people.correct_person,
        life.case,
        by=life.by,
        version=people.version_of(person),
        person=person,
        languages=person.languages.all(),
    )


def _consent_to(life: Life, providers: tuple[str, ...], *, is_mutual: bool = True) -> Consent:
    recipients = Provider.objects.filter(code__in=providers)
    return life.allow(
        Consent.Kind.TRANSFER, *recipients, purpose="Übergabe des Falls", is_mutual=is_mutual
    )


def open_question(life: Life, offered: Handover, receiver: str) -> Story:
    """Let the Rheinhausen team ask back; nobody has answered yet."""
    asker = life.world.staff[RHEINHAUSEN]
    yield life.world.working_day(3)
    life.take(handover.review_handover, offered, by=asker)
    life.take(
        handover.ask_back,
        offered,
        by=asker,
        question="Welche Schule besuchen die Kinder, und ist der Wechsel schon gemeldet?",
    )


def answered_question(life: Life, offered: Handover, receiver: str) -> Story:
    """Let the receiver ask back, and the lead answer."""
    asker = life.world.staff[receiver]
    yield life.world.working_day(2)
    life.take(
        handover.ask_back, offered, by=asker, question="Braucht es beim ersten Termin Dolmetschen?"
    )
    yield life.world.working_day(1)
    life.take(
        handover.answer_question,
        offered.questions.get(),
        by=life.by,
        answer="Ja, beim ersten Termin bitte. Danach meist ohne.",
    )


def accepted(life: Life, offered: Handover, receiver: str) -> Story:
    """Let the receiver take the case on and work with it from then on."""
    yield life.soon(2, 4)
    life.by = life.world.staff[receiver]
    life.take(handover.accept_handover, offered, by=life.by)
    life.talk("Erstes Gespräch nach der Übergabe, nächste Schritte vereinbart.")
    yield from life.go_on()


def declined(life: Life, offered: Handover, receiver: str) -> Story:
    """Let the receiver decline, and the lead go on."""
    yield life.soon(2, 4)
    life.take(
        handover.decline_handover,
        offered,
        by=life.world.staff[receiver],
        because="Zurzeit keine freien Zeiten; bitte in vier Wochen noch einmal fragen.",
    )
    yield from life.go_on()


def withdrawn(life: Life, offered: Handover, receiver: str) -> Story:
    """Let the lead take the offer back."""
    yield life.soon(2, 4)
    life.take(
        handover.withdraw_handover, offered, by=life.by, because="Die Familie bleibt doch hier."
    )
    yield from life.go_on()
