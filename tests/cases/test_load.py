"""Load: weighted cases per full-time post, of centers and never of one person."""

from decimal import Decimal

import pytest

from cases.models import Case
from cases.statistics.caseload import open_cases
from cases.statistics.load import load_by_center, load_of, posts_by_center
from cases.statistics.suppression import Hidden
from centers.models import Center
from tests.cases.factories import CaseFactory
from tests.providers.factories import AssignmentFactory, CaseworkerFactory

pytestmark = pytest.mark.django_db


def centers():
    return list(Center.objects.order_by("name"))


def loads():
    """Give the cells of each center, and those of all together under no code."""
    places = centers()
    figure = load_by_center(open_cases(Case.objects.all()), posts_by_center(places), places)
    codes = [*(center.code for center in places), ""]
    return {
        code: [cell.value for cell in row.cells]
        for code, row in zip(codes, figure.rows, strict=True)
    }


def team(center, size=3, fte="0.50"):
    return [CaseworkerFactory(center=center, fte=Decimal(fte)) for _ in range(size)]


def test_cases_are_weighed_by_their_intensity_and_closed_ones_not_at_all(hamborn):
    amal, *_others = team(hamborn)
    for intensity in Case.Intensity:
        CaseFactory(lead=amal, intensity=intensity)
    CaseFactory(lead=amal, closed=True)

    load = load_of(Case.objects.all(), fte=Decimal("1.5"))

    assert (load.cases, load.weight, load.per_fte) == (4, Decimal("3.75"), Decimal("2.5"))
    assert loads()["HAM"] == [4, Decimal("3.75"), Decimal("1.50"), Decimal("2.5")]


def test_who_works_for_all_centers_counts_at_each_with_an_equal_share(db):
    CaseworkerFactory(center=None, fte=Decimal("0.75"))

    posts = posts_by_center(centers())

    assert {code: one.fte for code, one in posts.items()} == {
        "HAM": Decimal("0.25"),
        "HOC": Decimal("0.25"),
        "RHE": Decimal("0.25"),
    }


def test_only_casework_of_today_by_people_who_can_sign_in_counts(hamborn, kora, adam):
    team(hamborn, size=1)
    CaseworkerFactory(center=hamborn, blocked=True)
    CaseworkerFactory(center=hamborn, left=True)
    CaseworkerFactory(center=hamborn, valid_until="2021-12-31")

    posts = posts_by_center(centers())

    assert (posts["HAM"].fte, posts["HAM"].people) == (Decimal("0.50"), 1)


def test_two_assignments_of_one_person_are_one_person(hamborn, hochfeld):
    amal = CaseworkerFactory(center=hamborn, fte=Decimal("0.50"))
    AssignmentFactory(
        staff_member=amal, employer=amal.employer, center=hochfeld, fte=Decimal("0.25")
    )

    posts = posts_by_center(centers())

    assert (posts["HAM"].people, posts["HOC"].people) == (1, 1)
    assert posts["HOC"].fte == Decimal("0.25")


def test_the_load_of_a_center_with_two_people_is_hidden_and_cannot_be_worked_out(hamborn, hochfeld):
    for lead in (team(hamborn, size=2)[0], team(hochfeld)[0]):
        CaseFactory(lead=lead)

    shown = loads()

    assert shown["HAM"] == [1, Hidden.COMPLEMENT, Decimal("1.00"), Hidden.COMPLEMENT]
    assert shown["HOC"][-1] == Decimal("0.7")
    assert shown[""][-1] == Hidden.COMPLEMENT


def test_a_center_where_nobody_works_has_no_load_but_its_cases(hamborn, rheinhausen):
    CaseFactory(lead=team(hamborn)[0], center=rheinhausen)

    assert loads()["RHE"] == [1, Decimal("1"), Decimal("0"), None]


def test_the_load_costs_two_queries(hamborn, max_queries):
    places = centers()
    for lead in team(hamborn, size=5):
        CaseFactory(lead=lead)

    with max_queries(2):
        load_by_center(open_cases(Case.objects.all()), posts_by_center(places), places)
