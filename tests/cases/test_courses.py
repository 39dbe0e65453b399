"""No score of a person: life areas are never added up, and their course says what it shows."""

import inspect
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cases.models import Assessment, Rating
from cases.statistics import goals as statistics
from cases.views.courses import Course, courses_of
from providers.models import LifeArea
from tests.cases.factories import CaseFactory, in_days
from tests.cases.plan_factories import AssessmentFactory
from tests.cases.test_assessments import AREAS

pytestmark = pytest.mark.django_db


def test_no_page_adds_or_averages_the_areas_of_a_person(amal, browse):
    case = CaseFactory(lead=amal, opened_on=in_days(-200))
    values = dict(zip(AREAS, "4433221100443", strict=True))
    total = sum(int(value) for value in values.values())
    sums = {str(total), f"{total / 13:.1f}", f"{total / 13:.1f}".replace(".", ",")}
    client = browse(amal)
    pages = ("assessments", "detail", "plan", "timeline", "change_phase", "hand_over")

    def said(page):
        text = re.sub(
            r"<[^>]+>", " ", client.get(reverse(f"cases:{page}", args=[case.reference])).text
        )
        numbers = re.findall(r"(?<![\d.:,-])\d+(?:[.,]\d+)?(?![\d.:,-])", text)
        return sorted(number for number in numbers if number in sums)

    before = {page: said(page) for page in pages}
    AssessmentFactory(case=case, values=values, assessed_on=in_days(-40))
    AssessmentFactory(case=case, values=values)

    assert {page: said(page) for page in pages} == before


def test_no_code_sums_ratings_up():
    sources = [*Path(settings.BASE_DIR, "cases").rglob("*.py")]
    of_ratings = [path.read_text() for path in sources if "Rating" in path.read_text()]

    assert len(of_ratings) > 5
    for source in of_ratings:
        assert not re.search(r"\b(Sum|Avg|f?mean|median)\(|sum\(.*\.number", source)
    assert "Rating" not in inspect.getsource(statistics)


@given(st.lists(st.sampled_from(["", *Rating.Value.values]), min_size=1, max_size=8))
def test_any_course_stays_in_its_frame_and_says_all_it_shows(values):
    area = LifeArea(code="WOHNEN", name="Wohnen")
    days = [Assessment(assessed_on=in_days(n)) for n in range(len(values))]
    ratings = [Rating(value=value) if value else None for value in values]
    course = Course(area, days, ratings)

    assert all(0 <= float(dot.x) <= 120 and 0 <= float(dot.y) <= 36 for dot in course.dots)
    assert len(course.dots) == sum(value.isdigit() for value in values)
    for value in filter(None, values):
        assert Rating.Value(value).words in course.words
    assert courses_of([]) == []
