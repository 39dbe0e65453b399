"""What must be true of the tree itself, whatever the portal does."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import is_psycopg3

ROOT = Path(settings.BASE_DIR)
APPS = ("cases", "centers", "kim_portal", "providers")
FOLDERS = {*APPS, "templates", "static", "tests", "docs", ".ci"}
LONGEST_MODULE = 450
# Written so that this file does not hold what it looks for.
REGISTRIES = re.compile(
    r"(py[p]i|pythonhoste[d]|npmj[s]|yarnpk[g]|de[b]\.debian)\.(org|com)", re.IGNORECASE
)
BUILT = re.compile(
    r"(^|/)(node_modules|\.venv|staticfiles|__pycache__|var)/|\.(mo|pyc|sqlite3)$|(^|/)uv\.lock$"
)
# Where many rows are written at once, past the history library: each with its reason.
SILENT_WRITES = {
    "cases/catalogue.py": "value lists have no history",
    "providers/catalogue.py": "value lists have no history",
}
# A row that overrides `save` or `delete`: only to refuse.
REFUSING_ROWS = {"cases/models/event.py": "the trail is append-only"}


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    names = listed.stdout.decode().split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


TRACKED = _tracked()


def _modules(*folders: str) -> list[str]:
    return [
        name
        for name in TRACKED
        if name.endswith(".py") and name.startswith(tuple(f"{folder}/" for folder in folders))
    ]


def _own_modules() -> list[str]:
    return [name for name in _modules(*APPS) if "/migrations/" not in name]


def _templates() -> list[str]:
    return [name for name in TRACKED if name.startswith("templates/") and name.endswith(".html")]


# --- Files ---------------------------------------------------------------------------------------


def test_the_top_level_folders_are_the_agreed_ones():
    assert {name.split("/")[0] for name in TRACKED if "/" in name} == FOLDERS


def test_no_tracked_file_names_a_package_registry():
    naming = []
    for name in TRACKED:
        text = (ROOT / name).read_bytes().decode("utf-8", errors="replace")
        naming += [f"{name}: {found.group()}" for found in REGISTRIES.finditer(text)]

    assert not naming


def test_nothing_built_is_tracked():
    assert not [name for name in TRACKED if BUILT.search(name)]


def test_every_package_of_pyproject_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9.-]+)==", lock, re.MULTILINE))

    assert {re.match(r"[a-z0-9-]+", name).group() for name in wanted} <= locked


def test_postgresql_is_reached_through_psycopg_2():
    assert not is_psycopg3, "another package brought psycopg 3, which Django then uses unasked"


# --- Modules -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", _modules(*APPS, "tests", ".ci"))
def test_a_module_is_read_in_one_sitting(name):
    if "/migrations/" in name:
        return
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def test_a_module_is_named_after_what_it_knows():
    says_nothing = {"utils", "helpers", "common", "services", "misc", "signals"}

    assert not [
        name for name in _own_modules() if says_nothing & {*Path(name).with_suffix("").parts}
    ]


def test_no_row_is_written_past_the_history():
    """`queryset.update` and `bulk_…` leave no history: only the places listed above may."""
    found = {name for name in _own_modules() if _silent_writes(name)}

    assert found == set(SILENT_WRITES), [
        f"{name}:{line}"
        for name in sorted(found - set(SILENT_WRITES))
        for line in _silent_writes(name)
    ]


def _silent_writes(name: str) -> list[int]:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            node.func.attr in {"bulk_create", "bulk_update", "abulk_create", "abulk_update"}
            # A dictionary's update takes a value, a queryset's takes only names.
            or (
                node.func.attr == "update"
                and node.keywords
                and not node.args
                and ast.unparse(node.func.value) != "kwargs"
            )
        )
    ]


def test_no_signals_and_no_save_overrides():
    offending = []
    for name in _own_modules():
        if name in REFUSING_ROWS:
            continue
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "django.dispatch":
                offending.append(f"{name}:{node.lineno} imports {node.module}")
            if isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Attribute) and ast.unparse(base) == "models.Model"
                for base in node.bases
            ):
                offending += [
                    f"{name}:{part.lineno} overrides save"
                    for part in node.body
                    if isinstance(part, ast.FunctionDef) and part.name == "save"
                ]

    assert not offending


# --- Templates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", _templates())
def test_a_template_holds_no_script_and_no_style(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    inline = re.compile(
        r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|<script\b(?![^>]*\bsrc=)",
        re.IGNORECASE,
    )

    assert not [found.group() for found in inline.finditer(text)]


# Found by name: the error pages by Django, and what replaces a template of another package.
_FOUND_BY_NAME = re.compile(r"^(\d{3}(_csrf)?\.html|(account|admin|allauth|django|bootstrap5)/.*)$")


def test_every_template_is_used():
    names = [name.removeprefix("templates/") for name in _templates()]
    texts = "\n".join(
        (ROOT / name).read_text(encoding="utf-8") for name in [*_own_modules(), *_templates()]
    )

    assert not [
        name
        for name in names
        if not _FOUND_BY_NAME.match(name) and f'"{name}"' not in texts and f"'{name}'" not in texts
    ]


# --- Settings ------------------------------------------------------------------------------------


def test_the_handbook_lists_every_setting_that_is_read():
    source = (ROOT / "kim_portal/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r"\benv(?:\.\w+)?\(\s*\"([A-Z_]+)\"", source))
    handbook = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", handbook, re.MULTILINE))

    assert read == listed


STARTS = {"SECRET_KEY": "long-and-random", "ALLOWED_HOSTS": "kim.example.org"}
A_KEY = "b25seS1mb3ItdGVzdHMtb2YtdGhlLXBvcnRhbC0tLS0="


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"ALLOWED_HOSTS": "kim.example.org"}, "SECRET_KEY is missing."),
        ({"SECRET_KEY": "long-and-random"}, "ALLOWED_HOSTS is missing."),
        (STARTS, "DOCUMENT_KEYS is missing."),
        (STARTS | {"DOCUMENT_KEYS": "too-short"}, "DOCUMENT_KEYS holds something that is no key"),
        (
            STARTS | {"DOCUMENT_KEYS": A_KEY, "DOCUMENT_FOLDER": str(ROOT / "staticfiles/papers")},
            "DOCUMENT_FOLDER lies where files are served from.",
        ),
    ],
)
def test_without_debug_a_missing_setting_stops_the_start_with_a_sentence(environment, sentence):
    started = subprocess.run(
        [sys.executable, "-c", "import kim_portal.settings"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "", "ALLOWED_HOSTS": "", "DOCUMENT_KEYS": ""}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode != 0
    assert sentence in started.stderr
