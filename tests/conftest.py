"""What all tests stand on: their settings, the catalogues, the client and the cast.

The cast: `amal` and `dora` work for DRK at Hamborn, `ben` there for AWO, `chen` for the
Grafschafter Diakonie at Rheinhausen; `kora` coordinates all centers; `adam` administers the
portal; `nobody` has not signed in. `browse(amal)` is a client in which amal is signed in.
"""

import os

# Before Django reads its settings. What the machine says about other databases is not looked at.
os.environ.update(
    {
        "DJANGO_SETTINGS_MODULE": "kim_portal.settings",
        "DEBUG": "1",
        "KIM_DEMO": "0",
        "HTTPS": "0",
        "BEHIND_PROXY": "0",
        "SECRET_KEY": "only-for-tests",
        "DOCUMENT_KEYS": "b25seS1mb3ItdGVzdHMtb2YtdGhlLXBvcnRhbC0tLS0=",
        "DOCUMENT_STORAGE": '{"BACKEND": "django.core.files.storage.InMemoryStorage"}',
        "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
        "CACHE_URL": "locmemcache://",
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or "sqlite:///:memory:",
    }
)

import django
import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache

# One settings file; only what would make tests slow or need built files is changed here.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
settings.WHITENOISE_AUTOREFRESH = True
settings.INSTALLED_APPS += ["zeal"]
# Ending a session looks its row up again; that is Django's, once a request.
settings.ZEAL_ALLOWLIST = [{"model": "sessions.Session", "field": "get()"}]
django.setup()

import cases.catalogue
import centers.catalogue
import providers.catalogue
from centers.models import Center
from providers.models import Provider
from tests.client import PortalClient, at_most
from tests.providers.factories import (
    AdministratorFactory,
    CaseworkerFactory,
    CoordinatorFactory,
)

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


def _load_catalogues():
    for app in (centers, providers, cases):
        app.catalogue.load()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Whoever asks for the cast needs the database, also where one file is run alone."""
    for item in items:
        if "catalogues" in getattr(item, "fixturenames", ()):
            transactional = {"transactional_db", "live_server"} & set(item.fixturenames)
            if not transactional and item.get_closest_marker("django_db") is None:
                item.add_marker(pytest.mark.django_db)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where nothing may be left out, a test that skips on PostgreSQL or in the browser fails."""
    report = yield
    complete = os.environ.get("TEST_DATABASE_URL") or item.get_closest_marker("browser")
    expected = hasattr(report, "wasxfail")
    if report.skipped and complete and not expected and os.environ.get("REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"left out: {call.excinfo.value}"
    return report


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A test finds the catalogues and the three centers in its database."""
    with django_db_blocker.unblock():
        _load_catalogues()


@pytest.fixture
def catalogues(_django_db_helper):
    """The catalogues, loaded again where a test with real transactions has emptied the database."""
    if not Center.objects.exists():
        _load_catalogues()


@pytest.fixture(autouse=True)
def _catalogues_after_a_flush(request):
    """Give every test that says it needs the database the catalogues in it."""
    names = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if names or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("catalogues")


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """No test meets what another left in the cache, such as a rate limit that was reached."""
    cache.clear()


# --- Clients -------------------------------------------------------------------------------------


@pytest.fixture
def client():
    """Nobody's client: not signed in."""
    return PortalClient()


@pytest.fixture
def browse():
    """`browse(amal)` is a client in which amal is signed in; `browse(None)` is nobody's."""

    def browse(person=None, **options):
        client = PortalClient(**options)
        if person is not None:
            client.force_login(person)
        return client

    return browse


@pytest.fixture
def max_queries():
    """`with max_queries(12): …` fails on the thirteenth query and shows them all."""
    return at_most


@pytest.fixture
def folder(tmp_path, settings):
    """The folder in which the contents of documents lie during this test."""
    backend = "django.core.files.storage.FileSystemStorage"
    place = tmp_path / "documents"
    settings.STORAGES = settings.STORAGES | {
        "documents": {"BACKEND": backend, "OPTIONS": {"location": place}}
    }
    return place


# --- Places and employers ------------------------------------------------------------------------


@pytest.fixture
def hamborn(catalogues):
    return Center.objects.get(code="HAM")


@pytest.fixture
def hochfeld(catalogues):
    return Center.objects.get(code="HOC")


@pytest.fixture
def rheinhausen(catalogues):
    return Center.objects.get(code="RHE")


@pytest.fixture
def drk(catalogues):
    return Provider.objects.get(code="drk")


@pytest.fixture
def awo(catalogues):
    return Provider.objects.get(code="awo")


@pytest.fixture
def grafschafter(catalogues):
    return Provider.objects.get(code="grafschafter-diakonie")


# --- The cast ------------------------------------------------------------------------------------


@pytest.fixture
def amal(hamborn, drk):
    """A caseworker of DRK at Hamborn."""
    return _caseworker("amal", "Amal", "Haddad", hamborn, drk)


@pytest.fixture
def dora(hamborn, drk):
    """A colleague of amal's: same employer, same center."""
    return _caseworker("dora", "Dora", "Petrović", hamborn, drk)


@pytest.fixture
def ben(hamborn, awo):
    """A caseworker of another employer at amal's center."""
    return _caseworker("ben", "Ben", "Ostermann", hamborn, awo)


@pytest.fixture
def chen(rheinhausen, grafschafter):
    """A caseworker of another employer at another center."""
    return _caseworker("chen", "Chen", "Liu", rheinhausen, grafschafter)


@pytest.fixture
def kora(catalogues):
    """A coordinator of all centers."""
    return CoordinatorFactory(username="kora", given_name="Kora", family_name="Lindner")


@pytest.fixture
def adam(catalogues):
    """An administrator of the portal."""
    return AdministratorFactory(username="adam", given_name="Adam", family_name="Yıldız")


@pytest.fixture
def felix(hamborn, drk):
    """A colleague of amal's who led cases before her."""
    return CaseworkerFactory(username="felix", center=hamborn, employer=drk)


@pytest.fixture
def zoe(hochfeld, awo):
    """A caseworker elsewhere who has nothing to do with any of it."""
    return CaseworkerFactory(username="zoe", center=hochfeld, employer=awo)


@pytest.fixture
def world(amal, dora, felix, chen, zoe, grafschafter):
    """One case with one of everything, and the keys of its records by page."""
    from tests.world import make_world

    return make_world(amal, dora, felix, chen, zoe, grafschafter)


@pytest.fixture
def nobody():
    """Somebody who has not signed in."""
    return None


def _caseworker(username, given_name, family_name, center, employer):
    return CaseworkerFactory(
        username=username,
        given_name=given_name,
        family_name=family_name,
        center=center,
        employer=employer,
    )
