"""Compile, collect and check the German texts: `translations.py compile | extract | check`.

Compiling needs no program besides Python; collecting and checking need gettext's `xgettext`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOG = Path("kim_portal/locale/de/LC_MESSAGES/django.po")
COMMAND = [
    "manage.py",
    "makemessages",
    "--locale=de",
    "--no-obsolete",
    "--no-wrap",
    "--add-location=never",
    "--ignore=tests",
    "--ignore=node_modules",
    "--ignore=staticfiles",
    "--ignore=var",
    "--ignore=.venv",
    "--verbosity=0",
]


def compile_catalog() -> None:
    """Write django.mo beside django.po, unless it is there and newer."""
    source, target = ROOT / CATALOG, (ROOT / CATALOG).with_suffix(".mo")
    if not source.exists():
        return
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    # Written aside and moved, so that a server that starts meanwhile reads a whole file.
    aside = target.with_suffix(f".{os.getpid()}.tmp")
    polib.pofile(str(source)).save_as_mofile(str(aside))
    aside.replace(target)


def extract(root: Path) -> None:
    """Collect the texts of the tree at `root` into its catalog."""
    if not shutil.which("xgettext"):
        sys.exit("gettext is missing. Install it (on Debian and Ubuntu: apt install gettext).")
    (root / CATALOG).parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"DEBUG": "1"}
    subprocess.run([sys.executable, *COMMAND], cwd=root, env=environment, check=True)


def check() -> None:
    """Stop with a list of texts that are not, or no longer, or only vaguely translated."""
    kept = polib.pofile(str(ROOT / CATALOG)) if (ROOT / CATALOG).exists() else polib.POFile()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout.decode()
        for name in listed.split("\0"):
            if name and (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copy / name)
        extract(copy)
        found = polib.pofile(str(copy / CATALOG))

    known, used = {_key(entry) for entry in kept}, {_key(entry) for entry in found}
    complaints = [
        *(f"not in the catalog: {_shown(k)}" for k in sorted(used - known, key=str)),
        *(f"no longer used: {_shown(k)}" for k in sorted(known - used, key=str)),
        *(f"not translated: {_shown(_key(e))}" for e in kept.untranslated_entries()),
        *(f"marked fuzzy: {_shown(_key(e))}" for e in kept.fuzzy_entries()),
        *(f"obsolete: {_shown(_key(e))}" for e in kept.obsolete_entries()),
    ]
    if shutil.which("msgfmt") and (ROOT / CATALOG).exists():
        wrong = subprocess.run(
            ["msgfmt", "--check-format", "--check-domain", "-o", os.devnull, str(ROOT / CATALOG)],
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        complaints += wrong.stderr.splitlines() if wrong.returncode else []
    if complaints:
        sys.exit("\n".join([*complaints, "Run `make messages` and translate what is new."]))
    print(f"{len(kept)} texts, all translated")


def _key(entry: polib.POEntry) -> tuple[str | None, str, str]:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def _shown(key: tuple[str | None, str, str]) -> str:
    return repr(key[1])


def main() -> None:
    """Do what the one argument says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["compile", "extract", "check"])
    task = parser.parse_args().task
    if task == "compile":
        compile_catalog()
    elif task == "extract":
        extract(ROOT)
        compile_catalog()
    else:
        check()


if __name__ == "__main__":
    main()
