"""Cases and what hangs on them, as tests need them; every row keeps the invariants of DESIGN §3.

CaseFactory(lead=amal)                     at Amal's center, her employer's file, with her row of
                                           CaseAccess, the consent to keep it, one open follow-up
CaseFactory(center=hamborn, provider=drk)  a new lead who works there for them
CaseFactory(lead=amal, deputy=ben)         Ben has his row too
CaseFactory(closed=True)                   closed today, with a reason and no open follow-up
CaseFactory(follow_up__due_on=yesterday)   says of the first follow-up what is not as usual
CaseFactory(consent=False)                 leaves it out, and so follow_up=False: breaks a rule
CaseFactory(person__family_name="Ilieva")  says something of the person
AccessFactory(case=case, staff_member=chen, reason=AccessReason.TEAM)
FollowUpFactory(case=case, due_on=…)       and NeedFactory, ContactFactory, ConsentFactory,
                                           ReferralFactory, HandoverFactory; the others in
                                           deadline_factories.py
"""

from datetime import date, datetime, time, timedelta

import factory
from django.conf import settings
from django.utils import timezone
from factory.django import DjangoModelFactory

from cases import vault
from cases.access import AccessReason, Step
from cases.models import (
    NEVER,
    AccessRoute,
    Case,
    CaseAccess,
    CaseEvent,
    ClosingReason,
    Consent,
    Contact,
    ContactSetting,
    DataKind,
    Document,
    DocumentKind,
    DuplicateSuspicion,
    FollowUp,
    Handover,
    HandoverReason,
    HouseholdMember,
    InterpretingMode,
    Nationality,
    Need,
    Person,
    Phase,
    Referral,
    ResidenceStatus,
    UnmetReason,
)
from tests.centers.factories import CenterFactory
from tests.providers.factories import CaseworkerFactory, LegalDomainFactory


def in_days(days: int) -> date:
    """Return the day so many days from today."""
    return timezone.localdate() + timedelta(days=days)


def at_midnight(day: date) -> datetime:
    """Return the moment at which a day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


# --- Value lists --------------------------------------------------------------------------------


class _EntryFactory(DjangoModelFactory):
    class Meta:
        abstract = True
        django_get_or_create = ("code",)


class NationalityFactory(_EntryFactory):
    class Meta:
        model = Nationality

    code = "125"
    name = "Bulgarien"
    group = "EU_SOE"


class ResidenceStatusFactory(_EntryFactory):
    class Meta:
        model = ResidenceStatus

    code = "EU_FREIZ"
    name = "freizügigkeitsberechtigt (§ 2 FreizügG/EU)"
    group = "EU"
    is_temporary = False


class AccessRouteFactory(_EntryFactory):
    class Meta:
        model = AccessRoute

    code = "OFFENE_SPRECHSTUNDE"
    name = "Offene Sprechstunde"


class ContactSettingFactory(_EntryFactory):
    class Meta:
        model = ContactSetting

    code = "PERSOENLICH_RSC"
    name = "Gespräch im Support-Center"


class InterpretingModeFactory(_EntryFactory):
    class Meta:
        model = InterpretingMode

    code = "NICHT_NOETIG"
    name = "Nicht nötig"


class UnmetReasonFactory(_EntryFactory):
    class Meta:
        model = UnmetReason

    code = "KAPAZITAET"
    name = "Das Angebot ist voll"


class HandoverReasonFactory(_EntryFactory):
    class Meta:
        model = HandoverReason

    code = "UMZUG_STADTBEZIRK"
    name = "Umzug in einen anderen Stadtbezirk"


class ClosingReasonFactory(_EntryFactory):
    class Meta:
        model = ClosingReason

    code = "ZIEL_ERREICHT"
    name = "Ziel erreicht"


class DataKindFactory(_EntryFactory):
    class Meta:
        model = DataKind

    code = "STAMMDATEN"
    name = "Name, Geburtsdatum, Anschrift und Erreichbarkeit"


class DocumentKindFactory(_EntryFactory):
    class Meta:
        model = DocumentKind

    code = "BESCHEID"
    name = "Bescheid"


# --- The case -----------------------------------------------------------------------------------


class PersonFactory(DjangoModelFactory):
    """A grown-up whose name and birth date are known and whose address is not."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    given_name = factory.Sequence("Given{}".format)
    family_name = factory.Sequence("Family{}".format)
    birth_date = factory.Sequence(lambda n: date(1960, 1, 1) + timedelta(days=17 * (n % 900)))

    @factory.post_generation
    def languages(self, create, rows, **kwargs):
        if create:
            self.languages.set(rows or ())


class CaseFactory(DjangoModelFactory):
    """An open case, as opening leaves it, of whoever leads it; see the top of this module."""

    class Meta:
        model = Case
        skip_postgeneration_save = True

    class Params:
        closed = factory.Trait(
            phase=Phase.CLOSED,
            closed_on=factory.LazyFunction(timezone.localdate),
            closing_reason=factory.SubFactory(ClosingReasonFactory),
            outcome=Case.Outcome.REACHED,
        )

    person = factory.SubFactory(PersonFactory)
    lead = factory.SubFactory(CaseworkerFactory)
    center = factory.LazyAttribute(lambda case: _center_of(case.lead))
    provider = factory.LazyAttribute(lambda case: case.lead.employer)
    deputy = None
    concern = "Braucht Hilfe bei mehreren Ämtern."
    opened_on = factory.LazyFunction(timezone.localdate)
    # Far from what the counter gives first, so that tests may open cases too.
    reference = factory.LazyAttributeSequence(
        lambda case, n: f"{case.center.code}-{case.opened_on.year}-{n + 5001:04}"
    )
    sort_name = factory.LazyAttribute(lambda case: case.person.sort_name)

    @classmethod
    def _generate(cls, strategy, params):
        """Let a lead who is not named work at the center and for the provider that are."""
        if not any(word == "lead" for word in params):
            for said, of_the_lead in (("center", "center"), ("provider", "employer")):
                if said in params:
                    params.setdefault(f"lead__{of_the_lead}", params[said])
                for word in [word for word in params if word.startswith(f"{said}__")]:
                    params[f"lead__{of_the_lead}__{word.removeprefix(f'{said}__')}"] = params.pop(
                        word
                    )
        return super()._generate(strategy, params)

    @factory.post_generation
    def access(self, create, rows, **kwargs):
        """Give lead and deputy their rows, and write the event that opens the case."""
        starts_at = at_midnight(self.opened_on)
        AccessFactory(
            case=self,
            staff_member=self.lead,
            provider=self.provider,
            reason=AccessReason.LEAD,
            starts_at=starts_at,
        )
        if self.deputy:
            AccessFactory(
                case=self,
                staff_member=self.deputy,
                reason=AccessReason.DEPUTY,
                starts_at=starts_at,
            )
        CaseEvent.objects.create(
            case=self, step=Step.OPEN, after=Phase.CLEARING, actor=self.lead, happened_at=starts_at
        )

    @factory.post_generation
    def consent(self, create, given, **kwargs):
        """Record the consent to keep the file."""
        if given is not False:
            words = {"kind": Consent.Kind.FILE, "valid_from": self.opened_on, "valid_until": None}
            ConsentFactory(case=self, **words | kwargs)

    @factory.post_generation
    def follow_up(self, create, given, **kwargs):
        """Plan the next step; a closed case has none."""
        if self.is_active and given is not False:
            FollowUpFactory(case=self, **kwargs)


def _center_of(lead):
    """Return where the lead works; whoever works at all centers gets one made for the case."""
    return lead.current_assignments[0].center or CenterFactory()


class AccessFactory(DjangoModelFactory):
    """A right to the file that holds from now on."""

    class Meta:
        model = CaseAccess

    case = factory.SubFactory(CaseFactory)
    staff_member = factory.SubFactory(CaseworkerFactory)
    provider = factory.LazyAttribute(lambda row: row.staff_member.employer)
    reason = AccessReason.TEAM
    starts_at = factory.LazyFunction(timezone.now)
    granted_by = factory.LazyAttribute(lambda row: row.case.lead)


# --- What hangs on it ---------------------------------------------------------------------------


class RecordFactory(DjangoModelFactory):
    class Meta:
        abstract = True
        skip_postgeneration_save = True

    case = factory.SubFactory(CaseFactory)
    recorded_by = factory.LazyAttribute(lambda record: record.case.lead)


class NeedFactory(RecordFactory):
    """Something needed and not arranged yet."""

    class Meta:
        model = Need

    class Params:
        met = factory.Trait(
            state=Need.State.MET, settled_on=factory.LazyFunction(timezone.localdate)
        )
        unmet = factory.Trait(
            state=Need.State.UNMET,
            settled_on=factory.LazyFunction(timezone.localdate),
            unmet_reason=factory.SubFactory(UnmetReasonFactory),
        )

    legal_domain = factory.SubFactory(LegalDomainFactory)
    description = "Antrag stellen"


class FollowUpFactory(RecordFactory):
    """An open follow-up of the lead, due in a week."""

    class Meta:
        model = FollowUp

    class Params:
        done = factory.Trait(
            state=FollowUp.State.DONE,
            ended_at=factory.LazyFunction(timezone.now),
            ended_by=factory.SelfAttribute("assignee"),
        )

    subject = "Nachfragen, wie es steht"
    due_on = factory.LazyFunction(lambda: in_days(7))
    assignee = factory.LazyAttribute(lambda follow_up: follow_up.case.lead)

    @factory.post_generation
    def sorts(self, create, given, **kwargs):
        """Keep what the case stores of its next date, as every step does."""
        first = FollowUp.objects.filter(case=self.case).open().order_by("due_on").first()
        self.case.next_due_on = first.due_on if first else NEVER
        self.case.save(update_fields=["next_due_on"])


class ContactFactory(RecordFactory):
    """A talk at the center, now."""

    class Meta:
        model = Contact

    happened_at = factory.LazyFunction(timezone.now)
    setting = factory.SubFactory(ContactSettingFactory)
    note = "Unterlagen gesichtet."

    @factory.post_generation
    def legal_domains(self, create, rows, **kwargs):
        if create:
            self.legal_domains.set(rows or ())


class DocumentFactory(RecordFactory):
    """A letter, with its content in the vault."""

    class Meta:
        model = Document

    class Params:
        content = b"%PDF-1.4 A letter.\n%%EOF"
        kept = factory.LazyAttribute(lambda document: vault.keep(document.content))

    kind = factory.SubFactory(DocumentKindFactory)
    title = "Bewilligungsbescheid"
    file_name = "Bescheid.pdf"
    media_type = "application/pdf"
    size = factory.LazyAttribute(lambda document: len(document.content))
    storage_name = factory.LazyAttribute(lambda document: document.kept.name)
    key_id = factory.LazyAttribute(lambda document: document.kept.key_id)
    fingerprint = factory.LazyAttribute(lambda document: document.kept.fingerprint)


class HouseholdMemberFactory(RecordFactory):
    """A child of the case's person, living in the same household."""

    class Meta:
        model = HouseholdMember

    person = factory.SubFactory(PersonFactory)
    relation = HouseholdMember.Relation.CHILD


class ConsentFactory(RecordFactory):
    """A written consent for a year, to a handover unless told otherwise; takes recipients."""

    class Meta:
        model = Consent

    class Params:
        revoked = factory.Trait(
            revoked_at=factory.LazyFunction(timezone.now),
            revoked_by=factory.LazyAttribute(lambda consent: consent.case.lead),
        )

    kind = Consent.Kind.TRANSFER
    valid_from = factory.LazyFunction(timezone.localdate)
    valid_until = factory.LazyAttribute(lambda consent: consent.valid_from + timedelta(days=365))
    explained = True

    @factory.post_generation
    def recipients(self, create, rows, **kwargs):
        if create:
            self.recipients.set(rows or ())

    @factory.post_generation
    def data_kinds(self, create, rows, **kwargs):
        if create:
            self.data_kinds.set(rows or ())


class ReferralFactory(DjangoModelFactory):
    """The person goes alone to a place outside the directory."""

    class Meta:
        model = Referral

    need = factory.SubFactory(NeedFactory)
    case = factory.SelfAttribute("need.case")
    recorded_by = factory.LazyAttribute(lambda referral: referral.case.lead)
    target = factory.LazyAttribute(lambda referral: "" if referral.service else "Bürgerbüro")
    service = None
    sent_on = factory.LazyFunction(timezone.localdate)


class HandoverFactory(RecordFactory):
    """An open offer to the team of another center, unless `to_staff` is named."""

    class Meta:
        model = Handover

    from_staff = factory.LazyAttribute(lambda handover: handover.case.lead)
    to_staff = None
    to_center = factory.LazyAttribute(
        lambda handover: None if handover.to_staff else CenterFactory()
    )
    reason = factory.SubFactory(HandoverReasonFactory)
    situation = "Familie ist umgezogen. Der Antrag läuft."
    answer_due_on = factory.LazyFunction(lambda: in_days(settings.HANDOVER_ANSWER_DAYS))


class DuplicateSuspicionFactory(DjangoModelFactory):
    class Meta:
        model = DuplicateSuspicion

    known = factory.SubFactory(CaseFactory)
    newer = factory.SubFactory(CaseFactory)
