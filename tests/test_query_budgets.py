"""What each page may cost: twelve queries, however many rows there are (DESIGN §8).

Counted are session, user, assignments and the counts in the frame; not the read log's one insert.
"""

import pytest
from django.contrib import admin

from cases.models import Goal
from tests.cases.deadline_factories import DeadlineFactory, ExpiryFactory
from tests.cases.factories import (
    CaseFactory,
    ContactFactory,
    DocumentFactory,
    FollowUpFactory,
    HandoverFactory,
    NeedFactory,
    ReferralFactory,
)
from tests.cases.plan_factories import AssessmentFactory, GoalFactory, MeasureFactory
from tests.client import at_most
from tests.providers.factories import CaseworkerFactory
from tests.test_access import PAGES, READERS
from tests.world import address_of

BUDGET = 12
# What cannot be told in twelve, and why.
MORE = {
    # The first look at a case also writes it into the session, among the cases looked at last.
    "cases:detail": 13,
    # The whole sheet is drafted from the file, beside everybody it could be offered to.
    "cases:hand_over": 17,
}
# Shown to nobody here without more in the address; tests/providers/test_directory.py has it.
ELSEWHERE = {"providers:service"}


def over_budget(client, reader, case, keys):
    """Open every page that the reader gets, and return what is over the budget."""
    over = {}
    for page, row in PAGES.items():
        if row[READERS.index(reader)] != 200 or page in ELSEWHERE:
            continue
        try:
            with at_most(MORE.get(page, BUDGET)):
                client.get(address_of(page, case, keys))
        except AssertionError as error:
            over[page] = str(error)
    return over


@pytest.mark.django_db
@pytest.mark.parametrize("reader", READERS)
def test_no_page_costs_more_than_its_budget(request, browse, world, reader):
    client = browse(request.getfixturevalue(reader))

    over = over_budget(client, reader, *world)

    assert not over, "\n".join(over.values())


@pytest.mark.django_db
@pytest.mark.parametrize(("reader", "rows"), [("amal", 10), ("amal", 50), ("chen", 50)])
def test_rows_cost_nothing_more(request, browse, world, hamborn, drk, awo, chen, reader, rows):
    case, _keys = world
    add_rows(case, rows, hamborn, [drk, awo], receiver=chen)
    client = browse(request.getfixturevalue(reader))

    over = over_budget(client, reader, *world)

    assert not over, "\n".join(over.values())


def add_rows(case, rows, center, employers, *, receiver):
    """Give the case, its lead, its center and `receiver` this many more of everything."""
    goal_above = GoalFactory(case=case, level=Goal.Level.FRAMEWORK)
    for n in range(rows):
        need = NeedFactory(case=case)
        ReferralFactory(need=need)
        ContactFactory(case=case)
        DocumentFactory(case=case)
        FollowUpFactory(case=case)
        DeadlineFactory(case=case, concerns=case.person)
        DeadlineFactory(case=case, met=True)
        ExpiryFactory(case=case)
        goal = GoalFactory(case=case, needs=[need], parent=goal_above)
        MeasureFactory(goal=goal)
        if n < rows // 5:
            AssessmentFactory(case=case)
        CaseworkerFactory(center=center, employer=employers[n % 2])
        if n < rows // 5:
            HandoverFactory(case=CaseFactory(lead=case.lead), to_staff=receiver)


@pytest.mark.django_db
def test_handing_over_a_case_that_is_not_offered_yet(browse, amal):
    case = CaseFactory(lead=amal)
    client = browse(amal)

    with at_most(MORE["cases:hand_over"]):
        client.get(f"{case.get_absolute_url()}hand-over/")


@pytest.mark.django_db
def test_looking_at_a_case_again_costs_twelve(browse, amal):
    case = CaseFactory(lead=amal)
    client = browse(amal)
    client.get(case.get_absolute_url())

    with at_most(BUDGET):
        client.get(case.get_absolute_url())


# --- The administration -------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_list_of_the_administration_costs_more(browse, adam, world, subtests):
    client = browse(adam)
    for model in admin.site._registry:
        where = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        with subtests.test(where), at_most(BUDGET):
            assert client.get(where).status_code == 200
