"""The browser tests: Debian's Chromium against a live server on this machine.

`page` is a desktop page, `open_page(width=390, person=amal, javascript=False)` any other one. What
goes wrong on a page fails its test: an error in the console, a breach of the content policy, a file
that does not load, a request to another host. `axe(page)` fails on anything axe finds.
"""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.providers.factories import PASSWORD

HERE = Path(__file__).parent
DESKTOP, PHONE = 1280, 390
# Chromium asks nobody else anything, and runs as root where a test machine has only root.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
AXE = Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCREENSHOTS = Path(settings.BASE_DIR) / "var" / "screenshots"
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark every test in this folder, so that `-m browser` finds it."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Remember whether the test failed, for the screenshots."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Use a database file: the server's threads do not get along on one connection to memory."""
    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        folder = Path(settings.BASE_DIR) / "var"
        folder.mkdir(exist_ok=True)
        database["TEST"]["NAME"] = str(folder / f"test-browser-{os.getpid()}.sqlite3")


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """Start the server after the database is there: before, it would share one in memory."""
    return live_server


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests; left out with a reason where there is none."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.skip("Chromium is not installed.")
    # Playwright's event loop lives in the thread of the tests, which is not what Django fears.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def scriptless():
    """The pages on which no script runs; axe is one."""
    return set()


@pytest.fixture
def open_page(browser, live_server, request, scriptless):
    """Open pages with a width, a person signed in, JavaScript on or off, light or dark."""
    contexts, troubles = [], []

    def open_page(*, width=DESKTOP, person=None, javascript=True, dark=False, touch=False):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            is_mobile=touch,
            locale="de-DE",
            timezone_id=settings.TIME_ZONE,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        if person is not None:
            context.add_cookies([_session_cookie(person, live_server.url)])
        page = context.new_page()
        if not javascript:
            scriptless.add(page)
        _watch(page, live_server.url, troubles)
        return page

    yield open_page

    if request.node.stash.get(_FAILED, False):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        pages = [page for context in contexts for page in context.pages]
        for number, page in enumerate(pages, 1):
            page.screenshot(path=SCREENSHOTS / f"{request.node.name}-{number}.png", full_page=True)
    for context in contexts:
        context.close()
    assert not troubles, "the browser complained:\n" + "\n".join(dict.fromkeys(troubles))


@pytest.fixture
def page(open_page):
    """A desktop page on which nobody is signed in."""
    return open_page()


@pytest.fixture
def copies(browser):
    """`copies(page)` is a page that shows the same document and could run scripts."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    copy = context.new_page()

    def copies(page):
        document = re.sub(r"<script\b.*?</script>", "", page.content(), flags=re.DOTALL)
        copy.route(page.url, lambda route: route.fulfill(body=document, content_type="text/html"))
        copy.set_viewport_size(page.viewport_size)
        copy.goto(page.url)
        copy.unroute(page.url)
        return copy

    yield copies
    context.close()


@pytest.fixture
def axe(scriptless, copies):
    """`axe(page)` fails with a list of what axe finds on the page as it stands.

    `axe(page, ["color-contrast"])` asks for these rules alone.
    """
    source = AXE.read_text(encoding="utf-8")

    def axe(page, rules=None):
        wanted = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": AXE_TAGS}
        options = {"runOnly": wanted, "resultTypes": ["violations"], "preload": False}
        able = copies(page) if page in scriptless else page
        able.evaluate(source)
        found = able.evaluate("options => axe.run(document, options)", options)
        findings = [
            f"{violation['id']}: {violation['help']}\n    {node['html'][:200]}\n"
            f"    {(node['failureSummary'] or '').splitlines()[-1].strip()}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        where = urlsplit(page.url).path
        assert not findings, f"axe on {where}:\n" + "\n".join(findings)

    return axe


@pytest.fixture
def fits():
    """`fits(page)` fails when the page has to be scrolled sideways."""

    def fits(page):
        width, shown = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert width <= shown, f"{urlsplit(page.url).path} is {width} px wide on {shown} px"

    return fits


@pytest.fixture
def look(axe, fits):
    """`look(page)` fails on what no page may be: unreadable to some, too wide, not in German."""

    def look(page):
        axe(page)
        fits(page)
        where = urlsplit(page.url).path
        assert page.locator("html").get_attribute("lang") == "de", f"{where} is not in German"
        assert page.locator("h1").count() == 1, f"{where} has not one heading of the first level"

    return look


@pytest.fixture
def with_password():
    """`with_password(amal)` lets amal sign in with `PASSWORD`, by the form."""

    def with_password(person):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
        return person

    return with_password


def _session_cookie(person, url):
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def _watch(page, origin, troubles):
    """Collect what goes wrong on `page`; answering 404 or 409 on purpose is no trouble."""

    def console(message):
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            troubles.append(f"console: {message.text}")

    def request(sent):
        if not sent.url.startswith((origin, "data:", "blob:", "about:")):
            troubles.append(f"request to another host: {sent.url}")

    def response(answer):
        kind = answer.request.resource_type
        if answer.status >= 500 or (
            answer.status >= 400 and kind not in ("document", "xhr", "fetch")
        ):
            troubles.append(f"{answer.status} for {answer.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    page.on("request", request)
    page.on("response", response)
