"""The rules of DESIGN §3 about providers and staff, one by one."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from kim_portal.errors import NotYours, Refusal
from providers import accounts
from providers.invariants import broken_rules
from providers.models import Assignment, Provider, StaffMember
from providers.models.search_key import search_key
from providers.roles import Role
from tests.providers.factories import (
    AdministratorFactory,
    AssignmentFactory,
    CaseworkerFactory,
    LegalDomainFactory,
    PositionFactory,
    ProviderFactory,
    ServiceFactory,
    StaffMemberFactory,
)

pytestmark = pytest.mark.django_db


def _codes(error: ValidationError) -> set[str]:
    return {one.code for one in getattr(error, "error_list", [])} | {
        one.code for errors in getattr(error, "error_dict", {}).values() for one in errors
    }


def _refused_by_the_form(row) -> set[str]:
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    return _codes(refused.value)


def _refused_by_the_database(factory, constraint=None, **fields):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        factory(**fields)
    if constraint:
        assert constraint in str(refused.value)


# --- What the database keeps --------------------------------------------------------------------


# Each broken row: how it is made, what is wrong, which constraint refuses it, the form's code.
BROKEN = [
    (
        AssignmentFactory,
        {"valid_from": date(2026, 5, 2), "valid_until": date(2026, 5, 1)},
        "assignment_ends_after_it_begins",
        "ends_before_it_begins",
    ),
    (
        AssignmentFactory,
        {"fte": Decimal("0")},
        "assignment_is_a_share_of_one_full_post",
        "fte_out_of_range",
    ),
    (
        AssignmentFactory,
        {"fte": Decimal("1.01")},
        "assignment_is_a_share_of_one_full_post",
        "fte_out_of_range",
    ),
    (AssignmentFactory, {"role": "boss"}, "assignment_has_a_known_role", "invalid_choice"),
    (
        LegalDomainFactory,
        {"valid_from": date(2026, 5, 2), "valid_until": date(2026, 5, 1)},
        "legal_domain_ends_after_it_begins",
        "ends_before_it_begins",
    ),
    (PositionFactory, {"fte": 0}, "position_is_more_than_nothing", "fte_not_positive"),
    (
        PositionFactory,
        {"eur_per_year": -1},
        "position_costs_no_negative_money",
        "money_negative",
    ),
    (
        PositionFactory,
        {"funded_from": date(2026, 5, 2), "funded_until": date(2026, 5, 1)},
        "position_ends_after_it_begins",
        "ends_before_it_begins",
    ),
]


@pytest.mark.parametrize(("factory", "fields", "constraint", "code"), BROKEN)
def test_the_database_and_the_form_refuse_the_same(factory, fields, constraint, code):
    row = factory()
    for name, value in fields.items():
        setattr(row, name, value)
    assert code in _refused_by_the_form(row)

    _refused_by_the_database(factory, constraint, **fields)


def test_every_constraint_has_its_test_its_code_and_its_sentence():
    constraints = [
        constraint
        for model in apps.get_app_config("providers").get_models()
        for constraint in model._meta.constraints
    ]
    tested = {constraint for _factory, _fields, constraint, _code in BROKEN}

    assert {constraint.name for constraint in constraints} == {
        *tested,
        "provider_is_not_its_own_parent",
        "username_is_unique_however_it_is_capitalised",
    }
    assert all(constraint.violation_error_code for constraint in constraints)
    assert all(
        constraint.violation_error_message != constraint.default_violation_error_message
        for constraint in constraints
    )


def test_an_assignment_of_one_day_is_possible():
    day = date(2026, 5, 1)
    AssignmentFactory(valid_from=day, valid_until=day).full_clean()


def test_user_names_differ_in_more_than_capitals():
    StaffMemberFactory(username="mira.demir")

    _refused_by_the_database(StaffMemberFactory, username="Mira.Demir")
    assert "username_taken" in _refused_by_the_form(StaffMemberFactory.build(username="MIRA.demir"))


def test_an_account_is_found_however_its_name_is_capitalised():
    mira = StaffMemberFactory(username="mira.demir")

    assert StaffMember.objects.get_by_natural_key("Mira.DEMIR") == mira


@pytest.mark.parametrize("code", ["code"])
def test_codes_of_providers_and_services_are_unique(code):
    _refused_by_the_database(ProviderFactory, code=ProviderFactory().code)
    _refused_by_the_database(ServiceFactory, code=ServiceFactory().code)


def test_a_provider_is_not_its_own_parent():
    provider = ProviderFactory()
    provider.parent = provider

    assert "parent_loop" in _refused_by_the_form(provider)
    with (
        pytest.raises(IntegrityError, match="provider_is_not_its_own_parent"),
        transaction.atomic(),
    ):
        provider.save()


# --- What only clean() and the invariants see ---------------------------------------------------


def test_parents_do_not_run_in_circles():
    above = ProviderFactory()
    middle = ProviderFactory(parent=above)
    below = ProviderFactory(parent=middle)
    above.parent = below

    assert "parent_loop" in _refused_by_the_form(above)

    above.save()
    assert f"Provider {above.code} is below itself." in list(broken_rules())


def test_an_authority_has_no_staff():
    authority = ProviderFactory(authority=True)
    assignment = AssignmentFactory.build(
        staff_member=StaffMemberFactory(), employer=authority, center=None
    )
    assert "authority_as_employer" in _refused_by_the_form(assignment)

    assignment.save()
    assert any("authority" in sentence for sentence in broken_rules())


def test_a_provider_with_staff_does_not_become_an_authority(drk):
    CaseworkerFactory(employer=drk)
    drk.kind = Provider.Kind.AUTHORITY

    assert "authority_with_staff" in _refused_by_the_form(drk)


def _assignment(person, **fields):
    known = {
        "employer": ProviderFactory() if "employer" not in fields else fields["employer"],
        "center": None,
        "role": Role.CASEWORKER,
        "valid_from": timezone.localdate(),
        **fields,
    }
    return Assignment(staff_member=person, **known)


@pytest.mark.parametrize("first", Role)
@pytest.mark.parametrize("second", Role)
def test_one_account_holds_one_role(first, second, drk):
    person = StaffMemberFactory()
    AssignmentFactory(staff_member=person, role=first, employer=drk, center=None)
    again = _assignment(person, role=second, employer=drk)

    if first != second:
        assert _refused_by_the_form(again) == {"second_role"}
        again.save()
        assert any("two roles at once" in sentence for sentence in broken_rules())


def test_a_future_role_blocks_another_one_today(drk):
    today = timezone.localdate()
    person = StaffMemberFactory()
    AssignmentFactory(
        staff_member=person, employer=drk, valid_from=date(today.year + 1, 1, 1), center=None
    )
    limited = _assignment(person, role=Role.ADMINISTRATOR, employer=drk, valid_until=today)

    assert _refused_by_the_form(limited) == {"second_role"}


def test_an_ended_role_leaves_room_for_another_that_begins_later(drk):
    person = StaffMemberFactory()
    AssignmentFactory(
        staff_member=person, employer=drk, center=None, valid_until=date(2022, 12, 31)
    )

    _assignment(person, role=Role.COORDINATOR, employer=drk).full_clean()
    backdated = _assignment(
        person, role=Role.COORDINATOR, employer=drk, valid_from=date(2022, 12, 31)
    )
    assert _refused_by_the_form(backdated) == {"second_role"}


def test_one_employer_at_a_time(drk, awo):
    person = CaseworkerFactory(employer=drk)
    second = _assignment(person, employer=awo)

    assert _refused_by_the_form(second) == {"second_employer"}
    second.save()
    assert any("two employers at once" in sentence for sentence in broken_rules())


def test_changing_employer_is_leaving_one_and_joining_another(drk, awo):
    person = CaseworkerFactory(employer=drk, valid_until=date(2025, 12, 31))

    _assignment(person, employer=awo, valid_from=date(2026, 1, 1)).full_clean()


def test_two_centers_of_one_employer_may_share_a_person(drk, hamborn, hochfeld):
    person = CaseworkerFactory(employer=drk, center=hamborn, fte=Decimal("0.5"))

    _assignment(person, employer=drk, center=hochfeld, fte=Decimal("0.5")).full_clean()
    same = _assignment(person, employer=drk, center=hamborn, fte=Decimal("0.5"))
    assert _refused_by_the_form(same) == {"assigned_twice"}


def test_the_world_of_the_factories_breaks_no_rule():
    CaseworkerFactory()
    AdministratorFactory()

    assert list(broken_rules()) == []


def test_staff_are_never_deleted():
    person = StaffMemberFactory()

    with pytest.raises(Refusal):
        person.delete()
    with pytest.raises(Refusal):
        StaffMember.objects.filter(pk=person.pk).delete()
    assert StaffMember.objects.filter(pk=person.pk).exists()


def test_what_others_refer_to_stays():
    person = CaseworkerFactory()

    with pytest.raises(ProtectedError):
        person.employer.delete()


def test_history_keeps_what_an_assignment_was(drk):
    assignment = AssignmentFactory(employer=drk, fte=Decimal("1.00"))
    assignment.fte = Decimal("0.50")
    assignment.save()

    assert [row.fte for row in assignment.history.all()] == [Decimal("0.50"), Decimal("1.00")]


# --- assign() -----------------------------------------------------------------------------------


def test_an_administrator_assigns_and_is_named(adam, hamborn, drk):
    person = StaffMemberFactory()

    assignment = accounts.assign(
        person, by=adam, employer=drk, role=Role.CASEWORKER, center=hamborn, fte=0.5
    )

    assert assignment.created_by == adam
    assert person.role is Role.CASEWORKER
    assert Assignment.objects.recently_created().first() == assignment


def test_nobody_edits_their_own_assignments(adam, drk):
    with pytest.raises(NotYours):
        accounts.assign(adam, by=adam, employer=drk, role=Role.CASEWORKER)


def test_who_does_not_administer_assigns_nobody(amal, kora, drk):
    for by in (amal, kora):
        with pytest.raises(NotYours):
            accounts.assign(StaffMemberFactory(), by=by, employer=drk, role=Role.CASEWORKER)


def test_an_administrator_does_not_get_casework(adam, drk):
    other = AdministratorFactory()

    with pytest.raises(Refusal):
        accounts.assign(other, by=adam, employer=drk, role=Role.CASEWORKER)


# --- Search keys --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "key"),
    [("Ämter  und BÜROS", "aemter und bueros"), ("Straße", "strasse"), ("Čović", "covic")],
)
def test_search_keys_know_neither_accents_nor_case(typed, key):
    assert search_key(typed) == key
