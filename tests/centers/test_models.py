from datetime import date, time

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from centers.catalogue import load
from centers.models import Center, District, Neighbourhood
from tests.centers.factories import (
    CenterFactory,
    CenterPhoneFactory,
    ClosureFactory,
    ConsultationHoursFactory,
    DistrictFactory,
    NeighbourhoodFactory,
)

pytestmark = pytest.mark.django_db

# One broken row for each constraint: its name, the row, the code of its message.
BROKEN = {
    "one_center_per_code": (CenterFactory, {"code": "HAM"}, "center_code_taken"),
    "one_center_per_slug": (CenterFactory, {"slug": "hamborn"}, "center_slug_taken"),
    "hours_close_after_they_open": (
        ConsultationHoursFactory,
        {"opens": time(12), "closes": time(12)},
        "closes_before_opens",
    ),
    "hours_end_after_they_begin": (
        ConsultationHoursFactory,
        {"valid_from": date(2026, 2, 1), "valid_until": date(2026, 1, 31)},
        "validity_ends_before_it_begins",
    ),
    "hours_fall_on_a_weekday": (ConsultationHoursFactory, {"weekday": 7}, "no_such_weekday"),
    "hours_are_of_a_known_kind": (ConsultationHoursFactory, {"kind": "secret"}, "no_such_kind"),
    "closures_end_after_they_begin": (
        ClosureFactory,
        {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 31)},
        "closure_ends_before_it_begins",
    ),
    "one_district_per_name": (
        DistrictFactory,
        {"code": "99", "name": "Walsum"},
        "district_name_taken",
    ),
    "one_neighbourhood_per_name": (
        NeighbourhoodFactory,
        {"code": "999", "name": "Marxloh"},
        "neighbourhood_name_taken",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_a_constraint_forbids(name):
    factory, values, _ = BROKEN[name]
    with pytest.raises(IntegrityError), transaction.atomic():
        factory(**values)


@pytest.mark.parametrize("name", BROKEN)
def test_a_constraint_says_what_is_wrong(name):
    factory, values, code = BROKEN[name]
    row = factory.build(**values)
    [constraint] = [c for c in type(row)._meta.constraints if c.name == name]

    with pytest.raises(ValidationError) as refusal:
        constraint.validate(type(row), row)

    assert refusal.value.code == code
    assert refusal.value.message == constraint.violation_error_message


def test_every_constraint_has_a_broken_row():
    models = apps.get_app_config("centers").get_models()
    named = {constraint.name for model in models for constraint in model._meta.constraints}
    assert named == {*BROKEN, "a_center_lists_a_number_once"}


def test_a_center_lists_a_phone_number_once():
    phone = CenterPhoneFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        CenterPhoneFactory(center=phone.center, number=phone.number)


def test_a_center_that_is_referred_to_cannot_be_deleted(hamborn):
    with pytest.raises(ProtectedError):
        hamborn.delete()


@pytest.mark.parametrize("code", ["ham", "HA", "HAMB", "HA1", "HAM\n"])
def test_a_center_code_has_three_capital_letters(code):
    with pytest.raises(ValidationError) as refusal:
        CenterFactory.build(code=code).clean_fields(exclude=["district"])
    assert "code" in refusal.value.error_dict


# --- The catalogue ------------------------------------------------------------------------------


def test_the_facts_of_the_article_are_there():
    facts = {
        center.code: (
            center.name,
            center.street,
            [str(phone) for phone in center.phones.all()],
            [
                (row.weekday, row.opens.hour, row.closes.hour)
                for row in center.hours.filter(kind="open")
            ],
            [
                (row.weekday, row.opens.hour, row.closes.hour)
                for row in center.hours.filter(kind="phone")
            ],
        )
        for center in Center.objects.all()
    }
    nine_to_ten = [(weekday, 9, 10) for weekday in range(5)]
    hamborn_numbers = ["0203 94065358", "0203 94065357"]
    assert facts == {
        "HAM": (
            "RSC Hamborn",
            "Duisburger Straße 241",
            hamborn_numbers,
            [(0, 10, 12), (2, 14, 16)],
            nine_to_ten,
        ),
        "HOC": (
            "RSC Hochfeld",
            "Brückenstraße 30",
            ["0203 60802707"],
            [(0, 10, 12), (2, 14, 16)],
            nine_to_ten,
        ),
        "RHE": (
            "RSC Rheinhausen",
            "Beethovenstraße 18a",
            ["02065 550087"],
            [(0, 13, 15), (3, 10, 12)],
            nine_to_ten,
        ),
    }


def test_seven_districts_and_46_neighbourhoods_each_have_their_center():
    served = dict(Neighbourhood.objects.values_list("name", "center__code"))
    assert District.objects.count() == 7
    assert len(served) == 46
    assert [served[name] for name in ("Marxloh", "Hochfeld", "Rahm", "Baerl", "Bergheim")] == [
        "HAM",
        "HOC",
        "HOC",
        "RHE",
        "RHE",
    ]


def test_loading_the_catalogue_again_adds_nothing_and_keeps_what_was_edited(hamborn, hochfeld):
    marxloh = Neighbourhood.objects.get(name="Marxloh")
    marxloh.center = hochfeld
    marxloh.save()
    hamborn.street = "Neue Straße 1"
    hamborn.save()
    hamborn.hours.filter(weekday=0, kind="open").get().delete()
    hochfeld.phones.get().delete()

    assert load() == 0

    marxloh.refresh_from_db()
    hamborn.refresh_from_db()
    assert marxloh.center == hochfeld
    assert hamborn.street == "Neue Straße 1"
    assert not hamborn.hours.filter(weekday=0, kind="open").exists()
    assert not hochfeld.phones.exists()


def test_loading_the_catalogue_brings_back_what_is_missing():
    Neighbourhood.objects.filter(code="202").delete()
    assert load() == 1
    assert Neighbourhood.objects.get(code="202").name == "Marxloh"
