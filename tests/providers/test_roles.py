"""The one table of permissions, and what assignments make of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from providers.models import Assignment, StaffMember
from providers.roles import GRANTS, Permission, Role, grants, roles_granting
from tests.providers.factories import (
    AdministratorFactory,
    AssignmentFactory,
    CaseworkerFactory,
    CoordinatorFactory,
    StaffMemberFactory,
)

TABLE = {
    Permission.READ_FILES: {Role.CASEWORKER},
    Permission.OPEN_CASES: {Role.CASEWORKER},
    Permission.TAKE_CASES: {Role.CASEWORKER},
    Permission.READ_REGISTER: {Role.CASEWORKER, Role.COORDINATOR},
    Permission.ASSIGN_LEADS: {Role.COORDINATOR},
    Permission.READ_STATISTICS: {Role.COORDINATOR},
    Permission.READ_DIRECTORY: {Role.CASEWORKER, Role.COORDINATOR, Role.ADMINISTRATOR},
    Permission.ADMINISTER: {Role.ADMINISTRATOR},
}


def test_every_permission_and_role_has_its_place_in_the_table():
    assert set(TABLE) == set(Permission)
    assert set(GRANTS) == set(Role)


@pytest.mark.parametrize(("permission", "roles"), TABLE.items())
def test_each_permission_is_held_by_exactly_these_roles(permission, roles):
    assert roles_granting(permission) == roles
    assert {role for role in Role if grants(role, permission)} == roles


def test_who_administers_reads_no_files_and_who_reads_files_does_not_administer():
    assert not roles_granting(Permission.ADMINISTER) & roles_granting(Permission.READ_FILES)


def test_there_are_no_superusers_groups_or_staff_flags():
    names = {field.name for field in StaffMember._meta.get_fields()}
    assert not names & {"is_superuser", "is_staff", "groups", "user_permissions"}


@pytest.mark.django_db
class TestWhatAnAssignmentGrants:
    def test_a_current_assignment_grants_what_its_role_holds(self, hamborn, drk):
        amal = CaseworkerFactory(center=hamborn, employer=drk)

        assert amal.role is Role.CASEWORKER
        assert amal.may(Permission.READ_FILES)
        assert not amal.may(Permission.ADMINISTER)
        assert amal.employer == drk
        assert amal.employer_ids(Permission.READ_FILES) == {drk.pk}
        assert amal.employer_ids(Permission.ADMINISTER) == set()
        assert amal.center_ids(Permission.READ_FILES) == {hamborn.pk}

    @pytest.mark.parametrize(
        ("starts", "ends", "counts"),
        [(0, None, True), (-5, 0, True), (-5, -1, False), (1, None, False), (0, 0, True)],
    )
    def test_both_days_of_an_assignment_count(self, starts, ends, counts):
        today = timezone.localdate()
        person = CaseworkerFactory(
            valid_from=today + timedelta(days=starts),
            valid_until=None if ends is None else today + timedelta(days=ends),
        )

        assert person.may(Permission.READ_FILES) is counts
        assert Assignment.objects.current().filter(staff_member=person).exists() is counts
        assert (person in StaffMember.objects.working_as_caseworkers()) is counts
        assert (person.role is Role.CASEWORKER) is counts

    def test_no_center_means_all_centers(self, hamborn):
        kora = CoordinatorFactory(center=None)

        assert kora.center_ids(Permission.READ_REGISTER) is None
        assert kora.covers_center(hamborn.pk, Permission.READ_REGISTER)

    def test_one_center_does_not_cover_another(self, hamborn, hochfeld):
        amal = CaseworkerFactory(center=hamborn)

        assert amal.covers_center(hamborn.pk, Permission.READ_REGISTER)
        assert not amal.covers_center(hochfeld.pk, Permission.READ_REGISTER)

    @pytest.mark.parametrize("state", ["blocked", "left"])
    def test_a_blocked_or_left_account_may_nothing(self, state):
        person = CaseworkerFactory(**{state: True})

        assert not any(person.may(permission) for permission in Permission)
        assert person.employer_ids(Permission.READ_FILES) == set()
        assert person.center_ids(Permission.READ_FILES) == set()
        assert person not in StaffMember.objects.working_as_caseworkers()
        assert person not in StaffMember.objects.who_may(Permission.READ_FILES)

    def test_who_leaves_tomorrow_works_today(self):
        person = CaseworkerFactory(left_on=timezone.localdate() + timedelta(days=1))

        assert person.may(Permission.READ_FILES)
        assert person in StaffMember.objects.active()

    def test_an_account_without_assignment_may_nothing(self):
        person = StaffMemberFactory()

        assert person.role is None
        assert person.employer is None
        assert not any(person.may(permission) for permission in Permission)

    def test_all_questions_about_rights_cost_one_query(self, hamborn, max_queries):
        pk = CaseworkerFactory(center=hamborn).pk
        person = StaffMember.objects.get(pk=pk)

        with max_queries(1):
            for permission in Permission:
                person.may(permission)
                person.center_ids(permission)
                person.covers_center(hamborn.pk, permission)
            assert person.role
            assert str(person.employer)
            assert str(person.current_assignments[0].center)

    def test_rights_end_at_midnight_also_for_a_loaded_account(self, time_machine_at):
        today = timezone.localdate()
        person = CaseworkerFactory(valid_until=today)
        assert person.may(Permission.READ_FILES)

        with time_machine_at(today + timedelta(days=1)):
            assert not person.may(Permission.READ_FILES)

    def test_managers_find_people_by_what_they_may(self):
        worker, adam = CaseworkerFactory(), AdministratorFactory()

        assert list(StaffMember.objects.who_may(Permission.ADMINISTER)) == [adam]
        assert list(StaffMember.objects.who_may(Permission.READ_FILES)) == [worker]

    def test_new_assignments_are_listed_newest_first(self):
        now = timezone.now()
        old = AssignmentFactory(created_at=now - timedelta(days=31))
        first = AssignmentFactory(created_at=now - timedelta(days=2))
        second = AssignmentFactory(created_at=now)

        assert list(Assignment.objects.recently_created()) == [second, first]
        assert old not in Assignment.objects.recently_created()
