"""The documentation holds what it says: links lead on, commands exist, words are right."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import TextChoices
from django.utils import translation

import cases.models
import providers.models
from cases.access import Step
from providers.roles import Role

ROOT = Path(settings.BASE_DIR)
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
APPS = {"cases", "centers", "providers"}


def _name(path):
    return str(path.relative_to(ROOT))


def _text(path):
    return path.read_text(encoding="utf-8")


def _prose(path):
    """Return the page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", _text(path), flags=re.DOTALL | re.MULTILINE)


# --- Links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_relative_link_leads_somewhere(page):
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", _prose(page))
    relative = [target for target in targets if not re.match(r"[a-z]+:", target)]

    assert not [target for target in relative if not (page.parent / target).exists()]


def test_every_page_is_linked_from_somewhere():
    linked = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", _prose(page))
    }
    entrance = ROOT / "README.md"

    assert not [_name(page) for page in PAGES if page != entrance and page not in linked]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_module_and_template_that_is_named_exists(page):
    """Paths of the code in backticks, such as `cases/access.py` or `workflow/rights.py`."""
    named = re.findall(r"`([\w./-]+/[\w.-]+\.(?:py|html|csv|css|js))`", _prose(page))
    roots = [ROOT, ROOT / "cases"]

    assert not [path for path in named if not any((root / path).exists() for root in roots)]


def test_pictures_are_small():
    pictures = list((ROOT / "docs/images").iterdir())

    assert pictures
    assert not [_name(picture) for picture in pictures if picture.stat().st_size > 200_000]


# --- README ---------------------------------------------------------------------------------------


def test_the_commands_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), re.MULTILINE))
    commands = set(re.findall(r"\bmake ([a-z-]+)", _text(ROOT / "README.md")))

    assert {"demo", "demo-reset", "test"} <= commands <= targets


def test_the_readme_names_the_logins_that_the_demo_prints():
    printed = _text(ROOT / ".ci/demo.sh")
    readme = _text(ROOT / "README.md")
    logins = re.findall(r"^    ([a-z.]+) {2,}\w", printed, re.MULTILINE)

    assert len(logins) == 5
    assert not [login for login in logins if f"`{login}`" not in readme]
    assert re.search(r"password (\S+)$", printed, re.MULTILINE)[1] in readme


# --- Decisions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", DECISIONS, ids=_name)
def test_a_decision_says_why_what_and_what_follows(record):
    text = _text(record)
    number = int(record.name[:4])
    headings = re.findall(r"^#+ .+$", text, re.MULTILINE)

    assert headings[0].startswith(f"# {number}. ")
    assert headings[1:] == ["## Context", "## Decision", "## Consequences"]
    assert f"[{number}]({record.name})" in _text(record.parent / "README.md")


def test_decisions_are_numbered_without_gaps():
    assert [int(record.name[:4]) for record in DECISIONS] == list(range(1, len(DECISIONS) + 1))


# --- Glossary -------------------------------------------------------------------------------------


def _choices(parent=TextChoices):
    for choices in parent.__subclasses__():
        if choices.__module__.split(".")[0] in APPS:
            yield choices
        yield from _choices(choices)


# The labels of all steps stand in docs/access.md, which is made from the code.
CHOICES = {choices.__qualname__: choices for choices in _choices() if choices is not Step}


def _glossary():
    """Return the lists of codes: their names, and (code, word) of each line."""
    text = _text(ROOT / "docs/glossary.md")
    sections = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    return {
        re.search(r"^`([\w.]+)` of `", section, re.MULTILINE)[1]: re.findall(
            r"^\| `([^`]+)` \| ([^|]+?) \|", section, re.MULTILINE
        )
        for section in sections
    }


def test_the_glossary_has_every_list_of_codes():
    assert {Role, cases.models.Phase, providers.models.Provider.Kind} <= set(CHOICES.values())
    assert set(_glossary()) == set(CHOICES)


@pytest.mark.parametrize("name", CHOICES)
def test_the_glossary_has_the_codes_and_words_of_the_code(name):
    with translation.override("de"):
        expected = [(member.value, str(member.label)) for member in CHOICES[name]]

    assert _glossary().get(name) == expected
