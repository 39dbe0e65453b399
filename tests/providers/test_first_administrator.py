"""The command that creates the account that creates all others."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from providers.models import StaffMember
from providers.roles import Permission, Role

pytestmark = pytest.mark.django_db


def _run(username="ada.admin", **options):
    out = StringIO()
    names = {"given_name": "Ada", "family_name": "Adler"}
    call_command("first_administrator", username, **{**names, **options}, stdout=out)
    return out.getvalue()


def test_the_first_administrator_chooses_a_password_by_the_printed_link(client):
    printed = _run(address="https://kim.example.org/")

    ada = StaffMember.objects.get(username="ada.admin")
    assert ada.role is Role.ADMINISTRATOR
    assert ada.may(Permission.ADMINISTER)
    assert not ada.has_usable_password()
    link = printed.splitlines()[0].removeprefix("https://kim.example.org")
    assert client.get(link).status_code == 302


def test_there_is_only_one_first_administrator():
    _run()

    with pytest.raises(CommandError):
        _run("bo.admin")
    assert StaffMember.objects.count() == 1


@pytest.mark.parametrize(
    ("username", "employer"), [("ada.admin", "nowhere"), ("ada admin", "ki"), ("ada", "jobcenter")]
)
def test_bad_words_create_nothing(username, employer):
    with pytest.raises(CommandError):
        _run(username, employer=employer)
    assert not StaffMember.objects.exists()
