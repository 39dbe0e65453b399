import pytest
from django.core.exceptions import ValidationError

from centers.phones import PhoneFormField, national, parse


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("0203-94065358", "+4920394065358", "0203 94065358"),
        ("02065-550087", "+492065550087", "02065 550087"),
        ("(0203) 608 027 07", "+4920360802707", "0203 60802707"),
        ("0049 203 60802707", "+4920360802707", "0203 60802707"),
        ("030 23125-042", "+493023125042", "030 23125042"),
        ("+31 20 794 0800", "+31207940800", "+31 20 794 0800"),
    ],
)
def test_a_number_is_stored_in_one_form_and_shown_as_germans_write_it(typed, stored, shown):
    assert parse(typed) == stored
    assert national(stored) == shown
    assert parse(shown) == stored


@pytest.mark.parametrize("typed", ["", "abc", "12", "0203 / 1", "0203 123456 ext. 7", "0" * 30])
def test_what_cannot_be_a_number_is_refused_with_advice(typed):
    with pytest.raises(ValidationError) as refusal:
        parse(typed)
    assert refusal.value.code == "phone_unreadable"


def test_a_form_shows_the_stored_number_as_people_write_it_and_sees_no_change_in_that():
    field = PhoneFormField()
    assert field.prepare_value("+4920394065358") == "0203 94065358"
    assert not field.has_changed("+4920394065358", "0203 94065358")
    assert field.has_changed("+4920394065358", "0203 94065359")
    assert field.has_changed("+4920394065358", "keine")


def test_what_was_typed_wrongly_stays_in_the_form():
    assert PhoneFormField().prepare_value("abc") == "abc"


def test_what_is_no_number_is_shown_as_it_is():
    assert national("unbekannt") == "unbekannt"
