"""When deadlines end: worked examples, and a count by hand, day by day, that knows nothing of ours.

The examples without a source of their own were counted on a wall calendar of North
Rhine-Westphalia.
"""

from datetime import date, timedelta

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from cases.catalogue import entries_of
from cases.deadline_law import DEEMED, Arrival, Kind, Unit
from cases.legal_deadlines import Explained, Facts, compute, last_resorts, warning_day
from cases.legal_sentences import LAST_RESORTS, SENTENCES, last_resort_lines, lines_of

RULES = {entry.pk: entry.as_rule() for entry in entries_of("deadline_rules")}
DAY = timedelta(days=1)


def d(text):
    day, month, year = (int(part) for part in text.split("."))
    return date(year, month, day)


def count(code, dated, arrival=Arrival.POST, received="", **facts):
    received_on = d(received) if received else None
    return compute(RULES[code], Facts(d(dated), arrival, received_on, **facts))


# --- Worked examples ------------------------------------------------------------------------------

POSTED = [
    # rule, date on the letter, received, last day
    ("WIDERSPRUCH_SOZ", "3.3.2025", "7.3.2025", "7.4.2025"),
    # BSG, 6.5.2010, B 14 AS 12/09 R: received on a Saturday all the same.
    ("KLAGE_SOZ", "26.9.2007", "29.9.2007", "29.10.2007"),
    # OVG NRW: posted on 29 August, received on a Sunday, brought on 2 October: too late.
    ("KLAGE_VW", "29.8.2019", "1.9.2019", "1.10.2019"),
    # BFH, 14.10.2003, IX R 68/98: received on Monday, because the third day was a Sunday.
    ("KLAGE_FG", "18.12.1997", "22.12.1997", "22.1.1998"),
    # The third day until the end of 2024, the fourth from 2025 on.
    ("WIDERSPRUCH_SOZ", "30.12.2024", "2.1.2025", "3.2.2025"),
    ("WIDERSPRUCH_SOZ", "31.12.2024", "3.1.2025", "3.2.2025"),
    ("WIDERSPRUCH_SOZ", "1.1.2025", "5.1.2025", "5.2.2025"),
    ("WIDERSPRUCH_SOZ", "2.1.2025", "6.1.2025", "6.2.2025"),
    # New Year, after a receipt on a Sunday that stands.
    ("WIDERSPRUCH_SOZ", "28.11.2024", "1.12.2024", "2.1.2025"),
    # Short months, leap years.
    ("WIDERSPRUCH_SOZ", "27.1.2026", "31.1.2026", "2.3.2026"),
    ("WIDERSPRUCH_SOZ", "28.1.2024", "31.1.2024", "29.2.2024"),
    ("WIDERSPRUCH_SOZ", "25.1.2028", "29.1.2028", "29.2.2028"),
    ("WIDERSPRUCH_SOZ", "27.12.2027", "31.12.2027", "31.1.2028"),
    ("WIDERSPRUCH_SOZ", "27.3.2025", "31.3.2025", "30.4.2025"),
    # Easter 2026: Maundy Thursday is a working day, Good Friday moves past Easter Monday.
    ("WIDERSPRUCH_SOZ", "26.2.2026", "2.3.2026", "2.4.2026"),
    ("WIDERSPRUCH_SOZ", "27.2.2026", "3.3.2026", "7.4.2026"),
    # Labour Day, Corpus Christi, All Saints', German Unity.
    ("KLAGE_VW", "28.3.2025", "1.4.2025", "2.5.2025"),
    ("WIDERSPRUCH_SOZ", "30.4.2026", "4.5.2026", "5.6.2026"),
    ("WIDERSPRUCH_SOZ", "15.5.2025", "19.5.2025", "20.6.2025"),
    ("WIDERSPRUCH_SOZ", "27.9.2027", "1.10.2027", "2.11.2027"),
    ("KLAGE_VW", "30.8.2025", "3.9.2025", "6.10.2025"),
    # Christmas: 24 and 31 December are working days in law.
    ("WIDERSPRUCH_SOZ", "20.11.2025", "24.11.2025", "24.12.2025"),
    ("WIDERSPRUCH_SOZ", "21.11.2025", "25.11.2025", "29.12.2025"),
    ("WIDERSPRUCH_SOZ", "27.11.2025", "1.12.2025", "2.1.2026"),
    # The same letter: for child benefit the Saturday moves, in social law it does not.
    ("WIDERSPRUCH_SOZ", "4.3.2025", "8.3.2025", "8.4.2025"),
    ("EINSPRUCH_AO", "4.3.2025", "10.3.2025", "10.4.2025"),
    ("WIDERSPRUCH_VW", "3.3.2025", "7.3.2025", "7.4.2025"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "dated", "received", "due"), POSTED)
def test_a_posted_letter(code, dated, received, due):
    result = count(code, dated)

    assert (result.notified_on, result.due_on) == (d(received), d(due))


SERVED = [
    # rule, how it came, the day it came, last day
    ("KLAGE_ASYL", Arrival.SERVED, "10.3.2025", "24.3.2025"),
    ("KLAGE_ASYL", Arrival.SERVED, "4.4.2025", "22.4.2025"),
    ("KLAGE_ASYL", Arrival.SERVED, "5.6.2025", "20.6.2025"),
    ("KLAGE_ASYL_1W", Arrival.SERVED, "10.3.2025", "17.3.2025"),
    ("KLAGE_ASYL_1W", Arrival.SERVED, "18.12.2025", "29.12.2025"),
    ("KLAGE_ASYL_GRUND", Arrival.SERVED, "31.3.2025", "30.4.2025"),
    ("KLAGE_ASYL", Arrival.RECEPTION, "7.3.2025", "24.3.2025"),
    ("BERUFUNG_SOZ", Arrival.SERVED, "31.8.2025", "30.9.2025"),
    ("BERUFUNGSZULASSUNG_VW", Arrival.SERVED, "30.1.2026", "2.3.2026"),
    ("WIDERSPRUCH_SOZ", Arrival.HANDED_OVER, "31.1.2025", "28.2.2025"),
    ("WIDERSPRUCH_SOZ", Arrival.HANDED_OVER, "31.5.2025", "30.6.2025"),
    ("WIDERSPRUCH_SOZ", Arrival.HANDED_OVER, "28.2.2025", "28.3.2025"),
]


@pytest.mark.parametrize(("code", "arrival", "received", "due"), SERVED)
def test_a_letter_that_came_on_a_certain_day(code, arrival, received, due):
    assert count(code, "3.1.2025", arrival, received).due_on == d(due)


def test_an_asylum_decision_that_came_back_is_served_on_the_day_of_posting():
    assert count("KLAGE_ASYL", "5.3.2025", Arrival.RETURNED).due_on == d("19.3.2025")


@pytest.mark.parametrize("arrival", [Arrival.ELECTRONIC, Arrival.REGISTERED])
@pytest.mark.parametrize(("dated", "due"), [("1.3.2024", "4.4.2024"), ("3.3.2025", "7.4.2025")])
def test_what_is_sent_electronically_or_registered_is_deemed_received_too(arrival, dated, due):
    assert count("WIDERSPRUCH_SOZ", dated, arrival).due_on == d(due)


def test_a_later_receipt_counts_once_it_can_be_proven():
    late = {"received": "12.3.2025"}

    assert count("WIDERSPRUCH_SOZ", "3.3.2025", **late).due_on == d("7.4.2025")
    proven = count("WIDERSPRUCH_SOZ", "3.3.2025", late_is_proven=True, **late)
    assert proven.due_on == d("14.4.2025")


def test_an_earlier_receipt_changes_nothing():
    early = count("WIDERSPRUCH_SOZ", "3.3.2025", received="4.3.2025", late_is_proven=True)

    assert early.due_on == d("7.4.2025")


@pytest.mark.parametrize(
    ("code", "dated", "due", "safe"),
    [
        ("WIDERSPRUCH_SOZ", "3.3.2025", "9.3.2026", "7.4.2025"),
        ("KLAGE_VW", "3.3.2025", "9.3.2026", "7.4.2025"),
        ("EINSPRUCH_AO", "3.3.2025", "9.3.2026", "7.4.2025"),
        ("KLAGE_ASYL", "3.3.2025", "9.3.2026", "21.3.2025"),
        # A period of which nobody has to be instructed stays as it is.
        ("KLAGE_ASYL_GRUND", "3.3.2025", "7.4.2025", "7.4.2025"),
    ],
)
def test_without_a_proper_instruction_a_year_applies_and_the_short_period_is_safe(
    code, dated, due, safe
):
    result = count(code, dated, has_instruction=False)

    assert (result.due_on, result.safe_on) == (d(due), d(safe))


def test_a_year_from_29_february_ends_on_the_28th():
    result = count(
        "WIDERSPRUCH_SOZ", "20.2.2024", Arrival.HANDED_OVER, "29.2.2024", has_instruction=False
    )

    assert result.due_on == d("28.2.2025")


def test_abroad_it_is_three_months_in_social_law_and_a_later_receipt_in_tax_law():
    served = count("WIDERSPRUCH_SOZ", "3.3.2025", Arrival.SERVED, "10.3.2025", is_abroad=True)
    posted = count("EINSPRUCH_AO", "4.3.2025", is_abroad=True)
    unknown = count("WIDERSPRUCH_SOZ", "3.3.2025", is_abroad=True)

    assert served.due_on == d("10.6.2025")
    assert (posted.notified_on, posted.due_on) == (d("4.4.2025"), d("5.5.2025"))
    assert "no_fiction_abroad" in codes(unknown)


EVENTS = [
    # rule, day, last day, day to be safe on
    ("KINDERGELD", "14.5.2025", "30.11.2025", "28.11.2025"),
    ("KINDERGELD", "31.8.2025", "28.2.2026", "27.2.2026"),
    ("KINDERGELD", "1.12.2024", "30.6.2025", "30.6.2025"),
    ("ELTERNGELD", "15.3.2025", "14.7.2025", "14.7.2025"),
    ("ELTERNGELD", "31.10.2025", "28.2.2026", "27.2.2026"),
    ("ELTERNGELD", "1.3.2025", "30.6.2025", "30.6.2025"),
    ("ELTERNGELD", "15.9.2025", "14.1.2026", "14.1.2026"),
    ("UVG", "10.3.2025", "30.4.2025", "30.4.2025"),
    ("SGB2_ANTRAG", "10.2.2025", "28.2.2025", "28.2.2025"),
    ("WOHNGELD", "1.5.2025", "31.5.2025", "30.5.2025"),
    ("TITEL_GEBURT", "31.8.2025", "2.3.2026", "2.3.2026"),
    ("INTKURS_BEGINN", "29.2.2024", "28.2.2025", "28.2.2025"),
    ("INTKURS_ZULASSUNG", "3.4.2025", "7.4.2026", "7.4.2026"),
    ("TITEL_VERLAENGERN", "31.5.2026", "31.5.2026", "29.5.2026"),
    ("SGB2_WBA", "30.6.2026", "30.6.2026", "30.6.2026"),
    ("MITWIRKUNG", "20.3.2025", "20.3.2025", "20.3.2025"),
    ("MITWIRKUNG", "22.3.2025", "22.3.2025", "21.3.2025"),
    ("UNTAETIGKEIT_VW", "15.1.2025", "16.4.2025", "16.4.2025"),
    ("UNTAETIGKEIT_SOZ", "31.8.2025", "1.3.2026", "1.3.2026"),
    ("UNTAETIGKEIT_SOZ_WS", "30.11.2025", "1.3.2026", "1.3.2026"),
]


@pytest.mark.parametrize(("code", "day", "due", "safe"), EVENTS)
def test_what_is_counted_from_an_event(code, day, due, safe):
    result = count(code, day)

    assert (result.due_on, result.safe_on) == (d(due), d(safe))


def test_the_warning_comes_on_a_working_day_before():
    result = count("WIDERSPRUCH_SOZ", "3.3.2025")

    assert warning_day(result.safe_on, 7) == d("31.3.2025")
    assert warning_day(result.safe_on, 8) == d("28.3.2025")


# --- By hand, day by day --------------------------------------------------------------------------


def easter(year):
    """Spencer's algorithm, so as not to ask the library that the portal asks."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d4, e), f = divmod(b, 4), (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d4 - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def works(day):
    fixed = {(1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26)}
    moving = {easter(day.year) + offset * DAY for offset in (-2, 1, 39, 50, 60)}
    # 500 years of the Reformation: a holiday in all of Germany that one time.
    once = day == date(2017, 10, 31)
    return not (day.weekday() in (5, 6) or (day.month, day.day) in fixed or day in moving or once)


def walk(day, days):
    for _ in range(days):
        day += DAY
    return day


def walk_months(start, months):
    """Cross month after month; stop on the day of the same number, or on the last there is."""
    day, crossed = start, 0
    while True:
        tomorrow = day + DAY
        if tomorrow.month != day.month:
            if crossed == months:
                return day
            crossed += 1
        day = tomorrow
        if crossed == months and day.day == start.day:
            return day


def by_hand(rule, facts):
    received = walk(facts.dated_on, 3 if facts.dated_on.year < 2025 else 4)
    while rule.fiction == "ao" and not works(received):
        received += DAY
    if facts.late_is_proven and facts.received_on and facts.received_on > received:
        received = facts.received_on
    if facts.has_instruction or not rule.instruction_paragraph:
        weeks = rule.unit == Unit.WEEKS
        end = walk(received, 7 * rule.length) if weeks else walk_months(received, rule.length)
    else:
        end = walk_months(received, 12)
    while not works(end):
        end += DAY
    return end


REMEDIES = sorted(code for code, rule in RULES.items() if rule.kind == Kind.REMEDY)
days = st.dates(date(2010, 1, 1), date(2040, 12, 31))


@given(
    code=st.sampled_from(REMEDIES),
    dated_on=days,
    arrival=st.sampled_from(sorted(DEEMED)),
    later=st.none() | st.integers(0, 40),
    proven=st.booleans(),
    instructed=st.booleans(),
)
def test_our_count_is_that_of_somebody_with_a_wall_calendar(
    code, dated_on, arrival, later, proven, instructed
):
    received_on = None if later is None else dated_on + timedelta(days=later)
    facts = Facts(dated_on, arrival, received_on, proven, instructed)

    assert compute(RULES[code], facts).due_on == by_hand(RULES[code], facts)


facts_of_any_kind = st.builds(
    Facts,
    dated_on=days,
    arrival=st.sampled_from(Arrival),
    received_on=st.none(),
    late_is_proven=st.booleans(),
    has_instruction=st.booleans(),
    is_abroad=st.booleans(),
)


@given(code=st.sampled_from(sorted(RULES)), facts=facts_of_any_kind, weeks=st.integers(0, 8))
def test_whatever_is_counted_is_safe_explained_and_stands_on_firm_days(code, facts, weeks):
    rule = RULES[code]
    result = compute(rule, facts)

    assert result.safe_on <= result.due_on
    assert warning_day(result.safe_on, 7 * weeks) <= result.safe_on
    assert works(warning_day(result.safe_on, 7 * weeks))
    if rule.kind in {Kind.REMEDY, Kind.AFTER_EVENT}:
        assert works(result.due_on)
        assert works(result.safe_on)
        assert any(step.day == result.due_on for step in result.steps)
    with override("de"):
        lines = lines_of(step.stored() for step in result.steps)
    assert all(line.sentence and "%(" not in line.sentence for line in lines)


@given(code=st.sampled_from(REMEDIES), dated_on=days)
def test_a_later_letter_never_ends_earlier(code, dated_on):
    one, next_one = Facts(dated_on), Facts(dated_on + DAY)

    assert compute(RULES[code], one).due_on <= compute(RULES[code], next_one).due_on


# --- How it got there -----------------------------------------------------------------------------


def codes(result):
    return [step.code for step in result.steps]


def test_every_rule_on_the_way_is_named_with_its_paragraph():
    result = count("WIDERSPRUCH_SOZ", "27.2.2026")

    assert [(step.code, step.paragraph) for step in result.steps if step.code != "moves"] == [
        ("dated", ""),
        ("deemed", "§ 37 Abs. 2 Satz 1 SGB X"),
        ("begins", "§ 64 Abs. 1 SGG"),
        ("length", "§ 84 Abs. 1 SGG"),
        ("same_number", "§ 64 Abs. 2 SGG"),
    ]
    moves = [step for step in result.steps if step.code == "moves"]
    assert [step.values["why"] for step in moves] == ["holiday", "saturday", "sunday", "holiday"]
    assert moves[0].values["holiday"] == "Karfreitag"
    assert {step.paragraph for step in moves} == {"§ 64 Abs. 3 SGG"}


@pytest.mark.parametrize(
    ("code", "step", "source"),
    [
        ("WIDERSPRUCH_SOZ", "deemed_stays", "BSG, 6.5.2010, B 14 AS 12/09 R"),
        ("KLAGE_VW", "deemed_stays", "OVG NRW"),
        ("EINSPRUCH_AO", "deemed_moves", "BFH, 14.10.2003, IX R 68/98"),
    ],
)
def test_whether_a_receipt_on_a_saturday_moves_is_answered_by_each_law(code, step, source):
    found = {one.code: one.paragraph for one in count(code, "4.3.2025").steps}

    assert source in found[step]


def test_a_holiday_that_is_not_one_everywhere_is_pointed_out():
    with override("en"):
        said = [
            line.sentence
            for line in lines_of(
                step.stored() for step in count("WIDERSPRUCH_SOZ", "30.4.2026").steps
            )
        ]

    assert any("Fronleichnam" in one and "not one everywhere" in one for one in said)


def test_a_step_that_a_later_version_no_longer_knows_still_shows_day_and_paragraph():
    step = Explained("of_old", date(2025, 1, 2), "§ 1").stored()

    assert lines_of([step])[0].paragraph == "§ 1"


def test_what_may_still_help_depends_on_the_law():
    def found(code):
        return [one.paragraph for one in last_resorts(RULES[code])]

    assert found("WIDERSPRUCH_SOZ") == ["§ 67 SGG", "§ 44 SGB X"]
    assert found("KLAGE_VW") == ["§ 60 VwGO", "§ 51 VwVfG, VwVfG NRW"]
    assert found("EINSPRUCH_AO") == ["§ 110 AO"]
    assert found("MITWIRKUNG") == ["§ 27 SGB X"]
    assert found("KINDERGELD") == []
    assert all(sentence for sentence, _ in last_resort_lines(last_resorts(RULES["KLAGE_SOZ"])))


def test_each_sentence_is_said_by_some_count():
    """A sentence that no code leads to would be a promise that nobody keeps."""
    source = (entries_of.__globals__["FOLDER"].parent / "legal_deadlines.py").read_text("utf-8")

    assert [code for code in SENTENCES if f'"{code}"' not in source] == []
    assert {"restitution_weeks", "restitution_month", "review", "reopening"} == set(LAST_RESORTS)


# --- The catalogue --------------------------------------------------------------------------------


def test_the_catalogue_has_every_deadline_of_the_trade():
    templates = {entry.template for entry in entries_of("deadline_rules")}

    assert templates >= {
        "WIDERSPRUCH_SOZ", "WIDERSPRUCH_VW", "KLAGE_ASYL", "TITEL_VERLAENGERN", "TITEL_GEBURT",
        "INTKURS_BEGINN", "INTKURS_ZULASSUNG", "KINDERGELD", "ELTERNGELD", "UVG", "SGB2_ANTRAG",
        "SGB2_WBA", "WOHNGELD", "MITWIRKUNG", "EINBUERGERUNG_SACHSTAND", "UNTAETIGKEIT_VW",
        "UNTAETIGKEIT_SOZ",
    }  # fmt: skip


def test_versions_of_one_deadline_never_overlap():
    entries = entries_of("deadline_rules")

    assert not [
        (one.pk, other.pk)
        for one in entries
        for other in entries
        if one.pk < other.pk and one.template == other.template and one.overlaps(other)
    ]


def test_a_warning_comes_well_before_the_period_is_over():
    for entry in entries_of("deadline_rules"):
        if entry.kind == Kind.REMEDY and entry.unit == Unit.WEEKS:
            assert 0 < entry.warning_days < 7 * entry.length, entry.pk
