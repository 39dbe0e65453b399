"""The page of deadlines and the form of a letter: what is shown, asked, and said beside a field."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.access import AccessReason
from cases.models import Deadline, DeadlineRule
from cases.workflow import deadlines
from cases.workflow.deadlines import Letter
from providers.models import Provider
from tests.cases.deadline_factories import DeadlineFactory
from tests.cases.factories import AccessFactory, CaseFactory, HouseholdMemberFactory, in_days

State = Deadline.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def case(amal):
    return CaseFactory(lead=amal, person__family_name="Dimitrova", person__given_name="Vesela")


@pytest.fixture
def rule():
    return DeadlineRule.objects.get(pk="WIDERSPRUCH_SOZ")


@pytest.fixture
def deadline(case, amal, rule):
    return deadlines.enter_letter(case, by=amal, letter=Letter(rule, timezone.localdate()))


def page(case):
    return reverse("cases:deadlines", args=[case.reference])


def typed(**changes):
    today = timezone.localdate().isoformat()
    return {
        "once_key": uuid4(),
        "template": "WIDERSPRUCH_SOZ",
        "dated_on": today,
        "arrival": "post",
        "has_instruction": "on",
    } | changes


# --- The form -------------------------------------------------------------------------------------


def test_computing_shows_the_way_to_the_day_and_saves_nothing(case, browse, amal):
    url = reverse("cases:enter_letter", args=[case.reference])
    client = browse(amal)
    whole = client.post(url, typed(preview="1", subject="Ablehnung"))
    part = client.post(url, typed(preview="1"), headers={"HX-Request": "true"})

    for answer in (whole, part):
        assert answer.status_code == 200
        assert "§ 84 Abs. 1 SGG" in answer.text
        assert "berechnet, bitte prüfen" in answer.text
    assert 'value="Ablehnung"' in whole.text
    assert "<form" not in part.text
    assert not Deadline.objects.exists()


def test_what_is_still_missing_is_not_held_against_somebody_who_is_typing(case, browse, amal):
    url = reverse("cases:enter_letter", args=[case.reference])
    answer = browse(amal).post(url, typed(preview="1", dated_on=""), headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert "invalid-feedback" not in answer.text


def test_a_letter_that_comes_too_late_says_what_may_still_help(case, browse, amal):
    url = reverse("cases:enter_letter", args=[case.reference])
    answer = browse(amal).post(url, typed(preview="1", dated_on=in_days(-200).isoformat()))

    assert "§ 67 SGG" in answer.text
    assert "§ 44 SGB X" in answer.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dated_on": in_days(1).isoformat()}, "dated_on"),
        ({"dated_on": "31.2.2026"}, "dated_on"),
        ({"dated_on": "1.1.1026"}, "dated_on"),
        ({"received_on": in_days(-1).isoformat()}, "received_on"),
        ({"received_on": in_days(1).isoformat()}, "received_on"),
        ({"arrival": "served"}, "received_on"),
        ({"arrival": ""}, "arrival"),
        ({"arrival": "pigeon"}, "arrival"),
        ({"template": "NO_SUCH_RULE"}, "template"),
        ({"due_on": in_days(3).isoformat()}, "because"),
        ({"warn_on": in_days(-1).isoformat()}, "warn_on"),
        ({"warn_on": in_days(300).isoformat()}, "warn_on"),
        ({"other_authority": "Jobcenter", "authority": "ANY"}, "other_authority"),
    ],
)
def test_bad_input_gets_a_sentence_beside_the_field_and_nothing_is_lost(
    case, browse, amal, changes, field
):
    if changes.get("authority"):
        office = Provider.objects.filter(kind=Provider.Kind.AUTHORITY, is_active=True).first()
        changes = changes | {"authority": office.pk}
    url = reverse("cases:enter_letter", args=[case.reference])
    answer = browse(amal).post(url, typed(subject="Bescheid über Miete", **changes))

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert 'value="Bescheid über Miete"' in answer.text
    assert not Deadline.objects.exists()


def test_a_rule_that_did_not_hold_on_that_day_is_not_applied(case, browse, amal):
    DeadlineRule.objects.filter(template="WIDERSPRUCH_SOZ").update(valid_until=in_days(-1))
    answer = browse(amal).post(reverse("cases:enter_letter", args=[case.reference]), typed())

    assert list(answer.context["form"].errors) == ["template"]


def test_a_form_that_arrives_twice_makes_one_deadline(case, browse, amal):
    url, data = reverse("cases:enter_letter", args=[case.reference]), typed()
    answers = [browse(amal).post(url, data) for _ in range(2)]

    assert answers[0].url == answers[1].url
    assert Deadline.objects.count() == 1


def test_a_letter_about_one_member_of_the_household_says_so(case, browse, amal):
    child = HouseholdMemberFactory(case=case).person
    stranger = CaseFactory().person
    url = reverse("cases:enter_letter", args=[case.reference])
    client = browse(amal)

    assert client.post(url, typed(concerns=stranger.pk)).status_code == 200
    assert client.post(url, typed(is_confidential="on")).status_code == 200
    client.post(url, typed(concerns=child.pk, is_confidential="on"))
    deadline = Deadline.objects.get()
    assert (deadline.concerns, deadline.is_confidential) == (child, True)


# --- The page -------------------------------------------------------------------------------------


def test_the_page_shows_the_nearest_first_and_the_way_to_each_day(case, browse, amal):
    later = DeadlineFactory(case=case, due_on=in_days(40))
    sooner = DeadlineFactory(case=case, due_on=in_days(3))
    met = DeadlineFactory(case=case, met=True, due_on=in_days(1))
    answer = browse(amal).get(page(case))

    assert answer.context["open_ones"] == [sooner, later]
    assert answer.context["settled"] == [met]
    assert "in 3 Tagen" in answer.text
    assert answer.text.count("§ 84 Abs. 1 SGG") == 3


def test_the_page_without_any_deadline_says_what_it_is_for(case, browse, amal):
    assert "Keine Frist läuft" in browse(amal).get(page(case)).text


def test_a_former_lead_reads_a_deadline_as_it_stood(case, browse, amal, felix, deadline):
    shown = f"{deadline.due_on:%d.%m.%Y}"
    accepted = timezone.now()
    AccessFactory(case=case, staff_member=felix, reason=AccessReason.HANDOVER, starts_at=accepted)
    new = DeadlineRule.objects.get(pk="KLAGE_SOZ")
    letter = Letter(new, in_days(-9), subject="Geheim", due_on=in_days(99), because="Geheim")
    deadlines.change_deadline(deadline, by=amal, letter=letter)
    deadlines.settle_deadline(deadline, by=amal, state=State.DROPPED)
    deadlines.enter_letter(
        case, by=amal, letter=Letter(new, in_days(0), other_authority="Sozialgericht Neustadt")
    )
    answer = browse(felix).get(page(case))

    assert [one.pk for one in answer.context["open_ones"]] == [deadline.pk]
    assert shown in answer.text
    assert "Geheim" not in answer.text
    assert "Neustadt" not in answer.text


def test_thirty_deadlines_cost_what_one_costs(case, browse, amal, max_queries):
    for n in range(30):
        DeadlineFactory(case=case, due_on=in_days(n - 5))
    client = browse(amal)

    with max_queries(12):
        assert client.get(page(case)).status_code == 200


def test_the_stored_day_survives_a_rule_that_is_corrected_later(deadline, browse, amal):
    day = deadline.computed_on
    DeadlineRule.objects.filter(pk="WIDERSPRUCH_SOZ").update(length=9)

    assert f"{day:%d.%m.%Y}" in browse(amal).get(page(deadline.case)).text
    assert isinstance(deadline.lines[0].day, date)
