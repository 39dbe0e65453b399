"""The administration of who and what: only for administrators, never of oneself."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from zeal import zeal_ignore

from providers.models import Assignment, LegalDomain, Provider, Service, StaffMember
from providers.roles import Permission, Role
from tests.providers.factories import (
    AdministratorFactory,
    AssignmentFactory,
    CaseworkerFactory,
    PositionFactory,
    ServiceFactory,
    StaffMemberFactory,
)

pytestmark = pytest.mark.django_db

MODELS = ["provider", "assignment", "position", "legaldomain", "service", "language", "lifearea"]


def _model(name):
    return apps.get_model("providers", name)


def _page(model, page, *args):
    return reverse(f"admin:providers_{model}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_administrators_open_every_list_and_form(browse, adam, model):
    PositionFactory()
    ServiceFactory()
    CaseworkerFactory()
    client = browse(adam)
    row = _model(model).objects.first()

    assert client.get(_page(model, "changelist")).status_code == 200
    assert client.get(_page(model, "add")).status_code == 200
    assert client.get(_page(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("reader", ["amal", "kora"])
def test_nobody_else_does(request, browse, reader, model):
    client = browse(request.getfixturevalue(reader))

    assert client.get(_page(model, "changelist")).status_code == 403
    assert client.post(_page(model, "add"), {}).status_code == 403


def test_visitors_come_to_our_own_sign_in(client):
    response = client.get(_page("provider", "changelist"), follow=True)

    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))


@pytest.mark.parametrize("model", [name for name in MODELS if name != "position"])
def test_what_others_refer_to_is_not_deleted(browse, adam, model):
    AssignmentFactory()
    ServiceFactory()
    row = _model(model).objects.first()

    assert browse(adam).get(_page(model, "delete", row.pk)).status_code == 403


def test_a_position_may_be_deleted(browse, adam):
    row = PositionFactory()

    assert browse(adam).get(_page("position", "delete", row.pk)).status_code == 200


# --- Assignments --------------------------------------------------------------------------------


def _entered(person, employer, **fields):
    return {
        "staff_member": person.pk,
        "employer": employer.pk,
        "role": Role.CASEWORKER,
        "center": "",
        "fte": "0.5",
        "valid_from": timezone.localdate().isoformat(),
        "valid_until": "",
        **fields,
    }


def _errors(response) -> dict:
    assert response.status_code == 200
    return response.context["adminform"].form.errors


def test_an_assignment_is_entered_and_named(browse, adam, drk, hamborn):
    person = StaffMemberFactory()

    response = browse(adam).post(
        _page("assignment", "add"), _entered(person, drk, center=hamborn.pk)
    )

    assert response.status_code == 302
    assignment = Assignment.objects.get(staff_member=person)
    assert assignment.created_by == adam
    assert person.may(Permission.READ_FILES)


def test_nobody_enters_an_assignment_for_themselves(browse, adam, drk):
    response = browse(adam).post(_page("assignment", "add"), _entered(adam, drk))

    assert "staff_member" in _errors(response)
    assert Assignment.objects.filter(staff_member=adam).count() == 1


def test_nobody_changes_or_deletes_their_own_assignment(browse, adam):
    own = adam.assignments.get()
    client = browse(adam)

    shown = client.get(_page("assignment", "change", own.pk))
    assert shown.status_code == 200
    assert 'name="_save"' not in shown.text
    assert client.post(_page("assignment", "change", own.pk), {}).status_code == 403
    assert client.post(_page("assignment", "delete", own.pk), {"post": "yes"}).status_code == 403


def test_an_administrator_is_not_given_casework(browse, adam, drk):
    other = AdministratorFactory()

    response = browse(adam).post(_page("assignment", "add"), _entered(other, drk))

    assert "role" in _errors(response)
    assert not other.may(Permission.READ_FILES)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"fte": "0"}, None),
        ({"fte": "2"}, None),
        ({"valid_from": "2026-05-02", "valid_until": "2026-05-01"}, None),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "31.02.2026"}, "valid_from"),
        ({"role": "boss"}, "role"),
        ({"center": "999999"}, "center"),
    ],
)
def test_bad_entries_are_refused_in_german(browse, adam, drk, fields, field):
    person = StaffMemberFactory()

    response = browse(adam).post(_page("assignment", "add"), _entered(person, drk, **fields))

    assert (field or "__all__") in _errors(response)
    assert not person.assignments.exists()


def test_an_authority_cannot_be_chosen_as_employer(browse, adam):
    authority = Provider.objects.get(code="auslaenderbehoerde")

    response = browse(adam).post(
        _page("assignment", "add"), _entered(StaffMemberFactory(), authority)
    )

    assert "employer" in _errors(response)


def test_role_and_employer_of_an_assignment_stand_fast(browse, adam, awo):
    person = CaseworkerFactory()
    assignment = person.assignments.get()
    entered = _entered(person, awo, role=Role.ADMINISTRATOR, center=assignment.center_id)

    response = browse(adam).post(_page("assignment", "change", assignment.pk), entered)

    assert response.status_code == 302
    after = Assignment.objects.get(pk=assignment.pk)
    assert after.role == Role.CASEWORKER
    assert after.employer == assignment.employer
    assert str(after.fte) == "0.50"


def test_only_what_has_not_begun_may_be_deleted(browse, adam):
    tomorrow = timezone.localdate() + timedelta(days=1)
    future = AssignmentFactory(valid_from=tomorrow)
    client = browse(adam)

    assert client.get(_page("assignment", "delete", future.pk)).status_code == 200
    begun = AssignmentFactory(valid_from=timezone.localdate())
    assert client.get(_page("assignment", "delete", begun.pk)).status_code == 403


@pytest.mark.parametrize("when", ["current", "future", "ended", "new"])
def test_assignments_are_listed_by_time(browse, adam, when):
    today = timezone.localdate()
    AssignmentFactory(valid_until=today - timedelta(days=1))
    AssignmentFactory(valid_from=today + timedelta(days=1))

    assert browse(adam).get(_page("assignment", "changelist"), {"when": when}).status_code == 200


# --- The directory ------------------------------------------------------------------------------


def test_a_service_is_entered(browse, adam, drk):
    response = browse(adam).post(
        _page("service", "add"),
        {
            "name": "Neue Beratung",
            "code": "neue-beratung",
            "provider": drk.pk,
            "legal_domains": ["SGB2"],
            "languages": ["bg"],
            "is_city_wide": "on",
            "phone": "030 23125-999",
            "is_active": "on",
        },
    )

    assert response.status_code == 302
    service = Service.objects.get(code="neue-beratung")
    assert service.phone == "+493023125999"
    assert not service.is_example


def test_a_legal_domain_is_ended_and_not_before_it_began(browse, adam):
    domain = LegalDomain.objects.get(code="BVFG")
    entered = {
        "short_name": domain.short_name,
        "full_title": domain.full_title,
        "position": domain.position,
        "valid_from": "2026-05-02",
        "valid_until": "2026-05-01",
    }
    client = browse(adam)

    response = client.post(_page("legaldomain", "change", "BVFG"), entered)
    assert "Ein Rechtskreis kann nicht enden, bevor er beginnt." in response.text

    client.post(_page("legaldomain", "change", "BVFG"), {**entered, "valid_until": "2026-05-02"})
    assert not LegalDomain.objects.current().filter(pk="BVFG").exists()


def test_a_loop_of_parents_is_refused_beside_the_field(browse, adam):
    paritaet = Provider.objects.get(code="paritaetischer")
    ziuma = Provider.objects.get(code="ziuma")

    entered = {
        "name": paritaet.name,
        "short_name": paritaet.short_name,
        "kind": paritaet.kind,
        "parent": ziuma.pk,
        "is_active": "on",
        "data_protection": paritaet.data_protection,
    }

    # The row itself and its parent are two rows of one table, each looked up once.
    with zeal_ignore([{"model": "providers.Provider", "field": "get()"}]):
        response = browse(adam).post(_page("provider", "change", paritaet.pk), entered)

    assert "parent" in _errors(response)


def test_a_service_is_given_its_languages_by_ticking_boxes(browse, adam):
    page = browse(adam).get(_page("service", "add")).text

    assert "Strg-Taste" not in page
    assert 'role="group" aria-labelledby="id_languages_label"' in page
    assert '<input type="checkbox" name="languages"' in page


def test_positions_are_filtered_by_providers_that_have_any(browse, adam, drk, awo):
    PositionFactory(provider=drk)
    PositionFactory(provider=awo)
    without = Provider.objects.exclude(pk__in=[drk.pk, awo.pk]).first()

    page = browse(adam).get(_page("position", "changelist")).text

    assert f"?provider__id__exact={drk.pk}" in page
    assert f"?provider__id__exact={without.pk}" not in page


def test_a_new_assignment_begins_today_unless_said_otherwise(browse, adam, amal):
    page = browse(adam).get(_page("assignment", "add"), {"staff_member": amal.pk})

    assert page.context["adminform"].form.get_initial_for_field(
        page.context["adminform"].form.fields["valid_from"], "valid_from"
    ) == str(timezone.localdate())
    assert "Eingetragen am" not in page.text


# --- Staff --------------------------------------------------------------------------------------


class TestStaffPages:
    def test_an_account_is_created_without_a_password(self, browse, adam):
        client = browse(adam)
        form = client.get(_page("staffmember", "add")).context["adminform"].form
        assert "password" not in form.fields

        response = client.post(
            _page("staffmember", "add"),
            {"given_name": "Mira", "family_name": "Demir", "username": "mira.demir"},
        )

        assert response.status_code == 302
        mira = StaffMember.objects.get(username="mira.demir")
        assert not mira.has_usable_password()
        assert mira.role is None

    def test_a_taken_user_name_is_refused(self, browse, adam):
        StaffMemberFactory(username="mira.demir")

        response = browse(adam).post(
            _page("staffmember", "add"),
            {"given_name": "Mira", "family_name": "Demir", "username": "Mira.Demir"},
        )

        assert "Diesen Benutzernamen gibt es schon." in response.text

    def test_a_taken_user_name_is_said_once_and_beside_its_field(self, browse, adam):
        StaffMemberFactory(username="mira.demir")

        response = browse(adam).post(
            _page("staffmember", "add"),
            {"given_name": "Mira", "family_name": "Demir", "username": "mira.demir"},
        )

        assert response.text.count("Diesen Benutzernamen gibt es schon.") == 1
        assert list(_errors(response)) == ["username"]

    def test_a_new_account_opens_with_what_comes_next(self, browse, adam):
        response = browse(adam).post(
            _page("staffmember", "add"),
            {"given_name": "Mira", "family_name": "Demir", "username": "mira.demir"},
            follow=True,
        )

        mira = StaffMember.objects.get(username="mira.demir")
        assert response.redirect_chain[-1][0] == _page("staffmember", "change", mira.pk)
        assert "Das Konto ist angelegt. Als Nächstes:" in response.text

    def test_staff_are_not_deleted(self, browse, adam, amal):
        assert browse(adam).post(_page("staffmember", "delete", amal.pk)).status_code == 403

    def test_the_link_is_shown_once_and_stored_nowhere(self, browse, client, adam, amal):
        response = browse(adam).post(reverse("admin:password_link", args=[amal.pk]))

        assert response.status_code == 200
        link = response.context["link"].removeprefix("http://testserver")
        assert "no-store" in response.headers["Cache-Control"]
        assert not any(link in entry.change_message for entry in LogEntry.objects.all())
        assert client.get(link).status_code == 302

    def test_a_login_is_blocked_and_opened_again(self, browse, adam, amal):
        at_work, client = browse(amal), browse(adam)

        client.post(reverse("admin:block_login", args=[amal.pk]))
        assert at_work.get("/directory/").status_code == 302
        assert "Zugang entsperren" in client.get(_page("staffmember", "change", amal.pk)).text

        client.post(reverse("admin:unblock_login", args=[amal.pk]))
        amal.refresh_from_db()
        assert not amal.is_blocked
        assert LogEntry.objects.filter(object_id=str(amal.pk)).count() == 2

    def test_ones_own_login_is_not_blocked(self, browse, adam):
        client = browse(adam)

        response = client.post(reverse("admin:block_login", args=[adam.pk]), follow=True)

        assert "Den eigenen Zugang können Sie nicht sperren." in response.text
        assert "Zugang sofort sperren" not in response.text

    @pytest.mark.parametrize("step", ["block_login", "unblock_login", "password_link"])
    def test_the_steps_are_posts_of_administrators(self, browse, adam, amal, kora, step):
        address = reverse(f"admin:{step}", args=[amal.pk])

        assert browse(adam).get(address).status_code == 405
        for other in (amal, kora):
            assert browse(other).post(address).status_code == 403
        assert browse(adam).post(reverse(f"admin:{step}", args=[999999])).status_code == 404

    @pytest.mark.parametrize("login", ["open", "blocked", "left"])
    def test_staff_are_listed_by_login(self, browse, adam, login):
        people = {
            "open": CaseworkerFactory(family_name="Offenbach"),
            "blocked": CaseworkerFactory(family_name="Sperling", blocked=True),
            "left": CaseworkerFactory(family_name="Weggang", left=True),
        }

        page = browse(adam).get(_page("staffmember", "changelist"), {"login": login}).text

        for state, person in people.items():
            assert (person.family_name in page) is (state == login)
