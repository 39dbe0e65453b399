from contextlib import suppress
from datetime import date, time
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

import centers.hours
from centers.hours import Hours, fingerprint, overlap, overlapping_hours, overlaps, set_hours
from centers.models import Center, ConsultationHours
from tests.centers.factories import CenterFactory, ConsultationHoursFactory

START = date(2026, 1, 1)
MONDAY = Hours(kind="open", weekday=0, opens=time(10), closes=time(12), valid_from=START)
TUESDAY = Hours(kind="open", weekday=1, opens=time(14), closes=time(16), valid_from=START)


def hours(base=MONDAY, **changes) -> Hours:
    return Hours(**{name: getattr(base, name) for name in Hours.__slots__} | changes)


def stored(center) -> set[tuple]:
    return set(center.hours.values_list("kind", "weekday", "opens", "closes", "valid_from"))


# --- The rule -------------------------------------------------------------------------------------

moments = st.integers(0, 23).map(time)
days = st.dates(date(2026, 1, 1), date(2026, 1, 12))
rows = st.builds(
    Hours,
    kind=st.sampled_from(["open", "phone"]),
    weekday=st.integers(0, 1),
    opens=moments,
    closes=moments,
    valid_from=days,
    valid_until=st.none() | days,
).filter(lambda row: row.opens < row.closes and row.valid_from <= (row.valid_until or date.max))


def claims(row) -> set[tuple]:
    """Count out every hour of every day of January that a row claims."""
    last = row.valid_until or date(2026, 1, 31)
    return {
        (row.kind, row.weekday, hour, day)
        for day in range(row.valid_from.day, last.day + 1)
        for hour in range(row.opens.hour, row.closes.hour)
    }


@given(rows, rows)
def test_two_rows_overlap_when_they_claim_the_same_hour_of_the_same_day(one, other):
    assert overlap(one, other) == bool(claims(one) & claims(other))
    assert overlap(one, other) == overlap(other, one)


def test_every_overlapping_pair_is_named_once():
    long = hours(closes=time(18))
    late = hours(opens=time(15), closes=time(17))
    assert overlaps([MONDAY, TUESDAY, long, late]) == [(MONDAY, long), (long, late)]


# --- set_hours ------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestSetHours:
    def test_makes_the_rows_the_hours_of_the_center(self, hamborn):
        set_hours(hamborn, [MONDAY, TUESDAY])
        assert {row[:3] for row in stored(hamborn)} == {
            ("open", 0, time(10)),
            ("open", 1, time(14)),
        }

    def test_leaves_unchanged_rows_and_other_centers_alone(self, hamborn, hochfeld):
        set_hours(hamborn, [MONDAY, TUESDAY])
        before = dict(hamborn.hours.values_list("weekday", "pk"))
        elsewhere = set(hochfeld.hours.values_list("pk", flat=True))
        written = ConsultationHours.history.count()

        set_hours(hamborn, [hours(), hours(TUESDAY, closes=time(17))])

        assert hamborn.hours.get(weekday=0).pk == before[0]
        assert hamborn.hours.get(weekday=1).pk != before[1]
        assert set(hochfeld.hours.values_list("pk", flat=True)) == elsewhere
        assert ConsultationHours.history.count() == written + 2

    def test_changes_the_row_that_is_named_and_keeps_its_history(self, hamborn):
        set_hours(hamborn, [MONDAY])
        row = hamborn.hours.get()

        set_hours(hamborn, [hours(closes=time(13), note="Mit Farsi", pk=row.pk)])

        row.refresh_from_db()
        assert (row.closes, row.note) == (time(13), "Mit Farsi")
        assert [entry.history_type for entry in row.history.all()] == ["~", "+"]

    def test_a_new_note_changes_the_row_it_belongs_to(self, hamborn):
        set_hours(hamborn, [MONDAY])
        row = hamborn.hours.get()
        set_hours(hamborn, [hours(note="Mit Farsi")])
        row.refresh_from_db()
        assert row.note == "Mit Farsi"

    def test_two_rows_can_trade_their_times(self, hamborn):
        set_hours(hamborn, [MONDAY, hours(opens=time(14), closes=time(16))])
        early, late = hamborn.hours.order_by("opens")
        set_hours(
            hamborn,
            [
                hours(opens=time(14), closes=time(16), note="getauscht", pk=early.pk),
                hours(note="getauscht", pk=late.pk),
            ],
        )
        assert list(hamborn.hours.values_list("opens", "note")) == [
            (time(10), "getauscht"),
            (time(14), "getauscht"),
        ]

    def test_no_rows_leave_no_hours(self, hamborn):
        set_hours(hamborn, [])
        assert not hamborn.hours.exists()

    @pytest.mark.parametrize(
        ("rows", "code"),
        [
            ([hours(closes=time(9))], "closes_before_opens"),
            ([hours(valid_until=date(2025, 12, 31))], "validity_ends_before_it_begins"),
            ([hours(weekday=7)], "invalid_choice"),
            ([hours(kind="secret")], "invalid_choice"),
            ([MONDAY, hours(opens=time(11), closes=time(13))], "hours_overlap"),
            ([MONDAY, MONDAY], "hours_overlap"),
        ],
    )
    def test_writes_nothing_when_a_row_breaks_a_rule(self, hamborn, rows, code):
        before = stored(hamborn)
        with pytest.raises(ValidationError) as refusal:
            set_hours(hamborn, [TUESDAY, *rows])
        assert [fault.code for fault in refusal.value.error_list] == [code]
        assert stored(hamborn) == before

    def test_the_same_time_is_free_for_another_kind_another_day_and_another_validity(self, hamborn):
        set_hours(
            hamborn,
            [
                hours(valid_until=date(2026, 6, 30)),
                hours(valid_from=date(2026, 7, 1)),
                hours(opens=time(12), closes=time(13)),
                hours(kind="phone"),
                hours(weekday=2),
            ],
        )
        assert hamborn.hours.count() == 5

    def test_says_in_german_which_hours_overlap(self, hamborn):
        with pytest.raises(ValidationError) as refusal:
            set_hours(hamborn, [MONDAY, hours(opens=time(11), closes=time(13))])
        [sentence] = refusal.value.messages
        assert "10:00–12:00" in sentence
        assert "11:00–13:00" in sentence


@pytest.mark.django_db
def test_the_mark_of_a_center_changes_with_its_hours_phones_and_name(hamborn):
    marks = {fingerprint(hamborn)}
    hamborn.hours.first().delete()
    marks.add(fingerprint(hamborn))
    hamborn.phones.first().delete()
    marks.add(fingerprint(hamborn))
    Center.objects.filter(pk=hamborn.pk).update(street="Neue Straße 1")
    marks.add(fingerprint(hamborn))
    assert len(marks) == 4
    assert fingerprint(hamborn) in marks


# --- What stands behind it ------------------------------------------------------------------------


@pytest.mark.django_db
def test_overlaps_written_past_the_rule_are_reported():
    if _database_refuses_overlaps():
        # Only within this test's transaction: as if the constraint had been forgotten.
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE centers_consultationhours"
                " DROP CONSTRAINT hours_of_a_kind_do_not_overlap"
            )
    first = ConsultationHoursFactory()
    second = ConsultationHoursFactory(center=first.center, opens=time(11), closes=time(13))
    ConsultationHoursFactory(opens=time(11), closes=time(13))
    assert overlapping_hours() == [(first, second)]


@pytest.mark.django_db
def test_the_catalogue_overlaps_nowhere(hamborn):
    assert overlapping_hours() == []


@pytest.mark.postgresql
@pytest.mark.django_db
def test_postgresql_refuses_overlaps_written_past_the_rule(hamborn):
    if not _database_refuses_overlaps():
        pytest.skip("Needs PostgreSQL with migrations.")
    from django.db import IntegrityError

    first = ConsultationHoursFactory(valid_until=date(2026, 6, 30))
    ConsultationHoursFactory(center=first.center, valid_from=date(2026, 7, 1))
    ConsultationHoursFactory(center=first.center, opens=time(12), closes=time(13))
    ConsultationHoursFactory(center=first.center, kind="phone")
    with (
        pytest.raises(IntegrityError, match="hours_of_a_kind_do_not_overlap"),
        transaction.atomic(),
    ):
        ConsultationHoursFactory(center=first.center, opens=time(11), closes=time(13))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_set_hours_at_once_the_later_replaces_the_earlier(monkeypatch):
    """Without the lock on the center both would pass the check together, and both insert."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time.")
    center = CenterFactory()
    failures, together = [], Barrier(2)

    def validate_and_wait(*args):
        validate(*args)
        with suppress(BrokenBarrierError):
            together.wait(timeout=1)

    def write(opens: int):
        try:
            set_hours(center, [hours(opens=time(opens), closes=time(opens + 2))])
        except Exception as error:  # a thread's failure must reach the test
            failures.append(error)
        finally:
            connection.close()

    validate = centers.hours._validate
    monkeypatch.setattr(centers.hours, "_validate", validate_and_wait)
    threads = [Thread(target=write, args=(opens,)) for opens in (10, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert failures == []
    assert center.hours.count() == 1


def _database_refuses_overlaps() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(
            cursor, ConsultationHours._meta.db_table
        )
    return "hours_of_a_kind_do_not_overlap" in constraints
