"""Paging by key: every row once, in order, forwards and backwards."""

from datetime import date, time

import pytest
from django.db.models import F
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from centers.models import Closure, ConsultationHours
from kim_portal.pagination import Count, count_up_to, page_of
from tests.centers.factories import CenterFactory, ClosureFactory, ConsultationHoursFactory

ORDERS = [
    ("reason",),
    ("-reason",),
    ("starts_on", "-reason"),
    ("-starts_on", "reason", "-ends_on"),
    ("-starts_on", "-pk"),
    ("pk",),
    (),
]


def ask(query: str = ""):
    return RequestFactory().get(f"/list/{query}")


def walk(queryset, *, parameter="next_query", start="", **options):
    """Follow the links from page to page and return the pages."""
    pages, query = [], start
    while True:
        page = page_of(ask(query), queryset, cursor_field="pk", **options)
        pages.append(page)
        query = getattr(page, parameter)
        if not query:
            return pages
        assert len(pages) < 100


class TestWalking(TestCase):
    @settings(max_examples=40)
    @given(
        st.lists(st.tuples(st.integers(1, 3), st.sampled_from("abc")), max_size=12),
        st.sampled_from(ORDERS),
        st.integers(1, 4),
    )
    def test_walking_forth_and_back_meets_every_row_once_and_in_order(self, rows, order, size):
        for day, reason in rows:
            ClosureFactory(starts_on=date(2026, 1, day), ends_on=date(2026, 2, day), reason=reason)
        closures = Closure.objects.all()
        pages = walk(closures, order=order, size=size)

        walked = [row.pk for page in pages for row in page]
        tie = "pk" if not order or not order[-1].startswith("-") else "-pk"
        expected = closures.order_by(*order, *([] if "pk" in order[-1:] else [tie]))
        assert walked == [row.pk for row in expected]
        assert all(len(page) == size for page in pages[:-1])

        if len(pages) > 1:
            back = walk(
                closures,
                order=order,
                size=size,
                parameter="previous_query",
                start=pages[-1].previous_query,
            )
            assert [[row.pk for row in page] for page in reversed(back)] == [
                [row.pk for row in page] for page in pages[:-1]
            ]
            assert all(page.has_next for page in back)
            assert not back[-1].has_previous


pytestmark = pytest.mark.django_db


@pytest.fixture
def closures():
    return [ClosureFactory(reason=f"Grund {n:02}") for n in range(10)]


def page(query="", **options):
    options = {"order": ("reason",), "size": 4, "cursor_field": "pk"} | options
    return page_of(ask(query), Closure.objects.all(), **options)


def test_the_first_page_leads_on_but_not_back(closures):
    first = page()
    assert first.rows == closures[:4]
    assert (first.has_previous, first.has_next) == (False, True)
    assert first.next_cursor == str(closures[3].pk)
    assert first.previous_query == ""


@pytest.mark.parametrize(
    "cursor", ["0", "999999999999999999999999", "abc", "", "%00", "1%00", "x" * 10_000]
)
@pytest.mark.parametrize("parameter", ["after", "before"])
def test_a_cursor_that_means_nothing_shows_the_first_page(closures, parameter, cursor):
    assert page(f"?{parameter}={cursor}").rows == closures[:4]


def test_a_cursor_beyond_which_there_is_nothing_shows_the_first_page(closures):
    assert page(f"?after={closures[-1].pk}").rows == closures[:4]
    assert page(f"?before={closures[0].pk}").rows == closures[:4]


def test_a_row_that_has_left_the_list_still_marks_the_place(closures):
    request = ask(f"?after={closures[3].pk}")
    rest = Closure.objects.exclude(pk=closures[3].pk)
    options = {"order": ("reason",), "size": 4, "cursor_field": "pk"}
    assert page_of(request, rest, **options).rows[0] == closures[0]
    found = page_of(request, rest, among=Closure.objects.all(), **options)
    assert found.rows == closures[4:8]


def test_the_links_keep_the_filter_and_hold_one_cursor(closures):
    middle = page(f"?center=HAM&center=HOC&after={closures[3].pk}")
    onward = QueryDict(middle.next_query.removeprefix("?"))
    assert onward.getlist("center") == ["HAM", "HOC"]
    assert onward["after"] == str(closures[7].pk)
    back = QueryDict(middle.previous_query.removeprefix("?"))
    assert back["before"] == str(closures[4].pk)
    assert "after" not in back


def test_a_list_may_be_sorted_and_marked_across_a_relation(hamborn):
    other = CenterFactory(code="ZZZ")
    for weekday in range(3):
        ConsultationHoursFactory(center=other, weekday=weekday, opens=time(8), closes=time(9))
    rows = ConsultationHours.objects.select_related("center").annotate(code=F("center__code"))
    pages = walk(rows, order=("-center__code", "weekday"), size=5)
    walked = [(row.code, row.weekday) for page in pages for row in page]
    assert walked == sorted(walked, key=lambda row: (-int.from_bytes(row[0].encode()), row[1]))
    assert len(walked) == ConsultationHours.objects.count()


def test_a_page_costs_two_queries_and_the_first_page_one(closures, django_assert_num_queries):
    with django_assert_num_queries(1):
        page()
    with django_assert_num_queries(2) as captured:
        page(f"?after={closures[3].pk}")
    assert "OFFSET" not in captured[-1]["sql"].upper()


def test_a_count_stops_at_its_limit(closures):
    assert count_up_to(Closure.objects.all(), limit=9) == Count(9, is_more=True)
    assert count_up_to(Closure.objects.all(), limit=10) == Count(10, is_more=False)
    assert str(count_up_to(Closure.objects.all(), limit=9)) == "9+"
    assert str(count_up_to(Closure.objects.all())) == "10"
    assert not count_up_to(Closure.objects.none())
    assert int(count_up_to(Closure.objects.distinct().order_by("reason"))) == 10
