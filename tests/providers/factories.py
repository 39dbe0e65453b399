"""Providers, staff with their assignments, and services, as tests need them.

CaseworkerFactory(center=hamborn, employer=drk)      works there today, full time
CaseworkerFactory(center=None)                       works at all centers
CaseworkerFactory(valid_until=date(2026, 1, 31))     the assignment ends
CoordinatorFactory(), AdministratorFactory()         for all centers unless told otherwise
StaffMemberFactory(blocked=True)                     has an account and no assignment
"""

from datetime import date
from decimal import Decimal

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from factory.django import DjangoModelFactory

from providers.models import (
    Assignment,
    Language,
    LegalDomain,
    LifeArea,
    Position,
    Provider,
    Service,
    StaffMember,
)
from providers.roles import Role

PASSWORD = "regen-am-rhein-2021"
START = date(2021, 4, 1)


class ProviderFactory(DjangoModelFactory):
    """A welfare association."""

    class Meta:
        model = Provider

    class Params:
        city = factory.Trait(
            kind=Provider.Kind.MUNICIPALITY,
            data_protection=Provider.DataProtection.GDPR_MUNICIPAL,
        )
        authority = factory.Trait(kind=Provider.Kind.AUTHORITY)

    code = factory.Sequence("provider-{}".format)
    name = factory.Sequence("Wohlfahrtsverband {} e. V.".format)
    short_name = factory.Sequence("Verband {}".format)
    kind = Provider.Kind.ASSOCIATION
    data_protection = Provider.DataProtection.GDPR


class StaffMemberFactory(DjangoModelFactory):
    """An account without any assignment; `PASSWORD` opens it where `with_password` is set."""

    class Meta:
        model = StaffMember

    class Params:
        blocked = factory.Trait(blocked_at=factory.LazyFunction(timezone.now))
        left = factory.Trait(left_on=factory.LazyFunction(timezone.localdate))
        with_password = factory.Trait(
            password=factory.LazyFunction(lambda: make_password(PASSWORD))
        )

    username = factory.Sequence("person.{}".format)
    given_name = factory.Sequence("Vorname{}".format)
    family_name = factory.Sequence("Nachname{}".format)
    phone = factory.Sequence(lambda n: f"+4930231250{n % 100:02}")
    password = factory.LazyFunction(lambda: make_password(None))


class AssignmentFactory(DjangoModelFactory):
    """Full-time casework since April 2021, until further notice."""

    class Meta:
        model = Assignment

    staff_member = factory.SubFactory(StaffMemberFactory)
    employer = factory.SubFactory(ProviderFactory)
    center = factory.SubFactory("tests.centers.factories.CenterFactory")
    role = Role.CASEWORKER
    fte = Decimal("1.00")
    valid_from = START
    valid_until = None


class _WorkingStaffFactory(StaffMemberFactory):
    """Somebody with one assignment, described by the same words as `AssignmentFactory`."""

    class Meta:
        model = StaffMember
        abstract = True

    employer = factory.SubFactory(ProviderFactory)
    center = None
    fte = Decimal("1.00")
    valid_from = START
    valid_until = None

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        words = ("employer", "center", "role", "fte", "valid_from", "valid_until")
        assignment = {word: kwargs.pop(word) for word in words}
        staff = super()._create(model_class, *args, **kwargs)
        AssignmentFactory(staff_member=staff, **assignment)
        return staff


class CaseworkerFactory(_WorkingStaffFactory):
    role = Role.CASEWORKER
    center = factory.SubFactory("tests.centers.factories.CenterFactory")


class CoordinatorFactory(_WorkingStaffFactory):
    role = Role.COORDINATOR
    employer = factory.SubFactory(ProviderFactory, city=True)


class AdministratorFactory(_WorkingStaffFactory):
    role = Role.ADMINISTRATOR
    employer = factory.SubFactory(ProviderFactory, city=True)


class PositionFactory(DjangoModelFactory):
    class Meta:
        model = Position

    kind = Position.Kind.CASE_MANAGEMENT
    provider = factory.SubFactory(ProviderFactory)
    fte = Decimal("1.00")
    eur_per_year = Decimal("55000.00")
    funded_from = START


class LanguageFactory(DjangoModelFactory):
    class Meta:
        model = Language
        django_get_or_create = ("code",)

    code = factory.Sequence("x-{}".format)
    name = factory.Sequence("Sprache {}".format)


class LifeAreaFactory(DjangoModelFactory):
    class Meta:
        model = LifeArea
        django_get_or_create = ("code",)

    code = factory.Sequence("BEREICH{}".format)
    name = factory.Sequence("Lebensbereich {}".format)


class LegalDomainFactory(DjangoModelFactory):
    class Meta:
        model = LegalDomain
        django_get_or_create = ("code",)

    code = factory.Sequence("GESETZ{}".format)
    short_name = factory.Sequence("Gesetz {}".format)
    full_title = factory.Sequence("Gesetz Nummer {} über die Erprobung".format)


class ServiceFactory(DjangoModelFactory):
    """A city-wide service; takes lists of legal_domains, life_areas, languages, neighbourhoods.

    Say `is_city_wide=False` where neighbourhoods shall count.
    """

    class Meta:
        model = Service
        skip_postgeneration_save = True

    code = factory.Sequence("angebot-{}".format)
    provider = factory.SubFactory(ProviderFactory)
    name = factory.Sequence("Beratungsangebot {}".format)
    description = "Beratung und Begleitung."

    @factory.post_generation
    def legal_domains(self, create, rows, **kwargs):
        if create:
            self.legal_domains.set(rows or ())

    @factory.post_generation
    def life_areas(self, create, rows, **kwargs):
        if create:
            self.life_areas.set(rows or ())

    @factory.post_generation
    def languages(self, create, rows, **kwargs):
        if create:
            self.languages.set(rows or ())

    @factory.post_generation
    def neighbourhoods(self, create, rows, **kwargs):
        if create:
            self.neighbourhoods.set(rows or ())
