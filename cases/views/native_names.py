"""In which language a name in native script is to be read out."""

import unicodedata
from collections.abc import Iterable

# Languages of the catalogue by the script in which they are written, the commonest first.
SCRIPTS: dict[str, tuple[str, ...]] = {
    "ARABIC": ("ar", "fa", "prs", "ps", "ckb", "ur"),
    "CYRILLIC": ("bg", "uk", "ru", "sr", "mk"),
    "GREEK": ("el",),
    "ETHIOPIC": ("ti", "am"),
    "ARMENIAN": ("hy",),
    "GEORGIAN": ("ka",),
    "BENGALI": ("bn",),
    "TAMIL": ("ta",),
    "DEVANAGARI": ("hi",),
    "GURMUKHI": ("pa",),
    "CJK": ("zh",),
}


def language_of(name: str, spoken: Iterable[str]) -> str:
    """Return the code for the `lang` of a name: of the person's languages the one in its script."""
    script = _script_of(name)
    written = SCRIPTS.get(script, ())
    known = [code for code in spoken if code in written]
    return next(iter((*known, *written)), "")


def _script_of(name: str) -> str:
    for letter in name:
        if letter.isalpha():
            return unicodedata.name(letter, "").split(" ")[0]
    return ""
