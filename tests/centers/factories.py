"""Centers, hours and closures, as tests need them.

The three centers of the article are in every test's database (fixtures `hamborn`, `hochfeld`,
`rheinhausen`); these are further ones.

CenterFactory()                              a center without hours
ConsultationHoursFactory(weekday=2)          an open consultation hour, written past `set_hours`
ClosureFactory(starts_on=…, ends_on=…)       of all centers, unless `center` is given
"""

from datetime import date, time

import factory
from factory.django import DjangoModelFactory

from centers.models import (
    Center,
    CenterPhone,
    Closure,
    ConsultationHours,
    District,
    Neighbourhood,
    Weekday,
)

START = date(2021, 4, 1)


def _three_letters(number: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "Z" + letters[number // 26 % 26] + letters[number % 26]


class DistrictFactory(DjangoModelFactory):
    class Meta:
        model = District
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: str(100 + n % 900))
    name = factory.Sequence("Bezirk {}".format)


class CenterFactory(DjangoModelFactory):
    class Meta:
        model = Center

    code = factory.Sequence(_three_letters)
    name = factory.Sequence("RSC Probe {}".format)
    slug = factory.Sequence("probe-{}".format)
    street = factory.Sequence("Probestraße {}".format)
    district = factory.SubFactory(DistrictFactory, code="5", name="Mitte")


class CenterPhoneFactory(DjangoModelFactory):
    class Meta:
        model = CenterPhone

    center = factory.SubFactory(CenterFactory)
    number = factory.Sequence(lambda n: f"+493023125{n % 1000:03}")


class ConsultationHoursFactory(DjangoModelFactory):
    class Meta:
        model = ConsultationHours

    center = factory.SubFactory(CenterFactory)
    kind = ConsultationHours.Kind.OPEN
    weekday = Weekday.MONDAY
    opens = time(10)
    closes = time(12)
    valid_from = START


class ClosureFactory(DjangoModelFactory):
    class Meta:
        model = Closure

    center = None
    starts_on = date(2026, 12, 24)
    ends_on = date(2026, 12, 31)
    reason = "Betriebsferien"


class NeighbourhoodFactory(DjangoModelFactory):
    class Meta:
        model = Neighbourhood

    code = factory.Sequence(lambda n: f"{n % 1000:03}")
    name = factory.Sequence("Ortsteil {}".format)
    district = factory.SubFactory(DistrictFactory, code="5", name="Mitte")
    center = factory.SubFactory(CenterFactory)
