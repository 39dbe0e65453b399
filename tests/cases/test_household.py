"""Who belongs to a case, and what is confidential to one of them."""

import pytest

from cases.models import Contact, Person, may_be_told_to
from tests.cases.factories import CaseFactory, ContactFactory, HouseholdMemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal)


def test_who_may_open_a_file_reaches_the_persons_of_its_household_and_nobody_else_does(
    case, amal, ben
):
    member = HouseholdMemberFactory(case=case)

    assert member.person in Person.objects.visible_to(amal)
    assert not Person.objects.visible_to(ben).exists()


def test_a_couple_in_conflict_does_not_read_each_others_notes_on_paper(case):
    wife, husband = case.person, HouseholdMemberFactory(case=case, relation="spouse").person
    shared = ContactFactory(case=case)
    hers = ContactFactory(case=case, concerns=wife, is_confidential=True)
    his = ContactFactory(case=case, concerns=husband, is_confidential=True)
    about_him = ContactFactory(case=case, concerns=husband)

    assert set(Contact.objects.filter(may_be_told_to(wife))) == {shared, hers, about_him}
    assert set(Contact.objects.filter(may_be_told_to(husband))) == {shared, his, about_him}
