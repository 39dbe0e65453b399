"""How names are written, heard and found again: pure rules, no database.

Iwanowa, Ivanova and Иванова are one name; so are Mohammed and محمد, Şahin and Sahin. A word is
spelled out into `forms` of one small alphabet, in which the ways of writing a sound fall
together. Where a letter can stand for two sounds (`j` in Jamal and in Jelena), there are two forms.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby, islice, product, zip_longest

from anyascii import anyascii
from jellyfish import metaphone

MOST_FORMS = 32


def _pairs(table: str) -> dict[str, str]:
    """Read a table of letters, each followed by what stands for it."""
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Ways to write a sound, and what they can stand for. In forms `c` is the sound of Tschechow and
# its neighbours (dsch, ts), `s` every hissing sound, `i` also y and j, `v` also w.
_SOUNDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("schtsch", "shch", "szcz", "šč"), ("st",)),
    **dict.fromkeys(("tsch", "tch", "tsh", "dsch", "dzh", "dž", "dj", "xh", "cz"), ("c",)),
    **dict.fromkeys(("ts", "tz", "ç", "č", "ć"), ("c",)),
    **dict.fromkeys(("sch", "sh", "zh", "sz", "ś", "š", "ş", "ș", "ź", "ż", "ž"), ("s",)),
    **dict.fromkeys(("ț", "ţ"), ("c", "t")),
    **dict.fromkeys(("kh", "ħ"), ("h",)),
    **dict.fromkeys(("ae", "ä", "ə"), ("e",)),
    **dict.fromkeys(("oe", "ö", "ø"), ("o",)),
    **dict.fromkeys(("ou", "oo", "ue", "ü"), ("u",)),
    **dict.fromkeys(("ee", "y", "ı"), ("i",)),
    "aee": ("ai",),
    "oua": ("va", "ua"),
    "oue": ("ve", "ue"),
    "oui": ("vi", "ui"),
    "chr": ("hr", "kr"),
    "ch": ("h", "c", "s"),
    "ck": ("k",),
    "dh": ("d",),
    "dz": ("c", "s"),
    "đ": ("c", "d"),
    "gh": ("g",),
    "gj": ("c", "g"),
    "ğ": ("g", ""),
    "j": ("i", "c"),
    "lj": ("li", "l"),
    "nj": ("ni", "n"),
    "ph": ("f",),
    "q": ("k", "c"),
    "th": ("t",),
    "w": ("v",),
    "z": ("s", "c"),
    "ë": ("e", "o", "io"),
    "x": ("ks", "h"),
}
_LONGEST_SOUND = max(map(len, _SOUNDS))
_CYRILLIC = str.maketrans(
    _pairs(
        "щ shch  ч č  ц ts  ш sh  ж zh  х kh  й y  и i  і i  ї i  ы i  э e  є ye  ё ë  ю yu  я ya "
        "ъ a  ґ g  ђ đ  џ dž  ј y  љ lj  њ nj  ћ ć  ѓ gj  ќ ć  ў v"
    )
    | {"ь": ""}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_NOT_DECOMPOSED = set("äöüëçčćšşșžźżśțţğđ")

# Scripts that leave short vowels unwritten: Hebrew and Arabic.
_UNVOWELLED = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ARABIC_LETTERS = str.maketrans(
    dict.fromkeys("أإآٱ", "ا")
    | dict.fromkeys("يےېێئ", "ی")
    | dict.fromkeys("ةۀھ", "ه")
    | _pairs("ك ک  ؤ و  ۆ و  ڕ ر  ڵ ل  ڤ ف")
    | {"ء": None, "ـ": None}
)
# What each letter can sound like in a form. Long vowels and half-vowels stand below.
_ARABIC_SOUNDS = _pairs(
    "ب b  پ p  ت t  ث ts  ج cg  چ c  ح h  خ h  د d  ذ ds  ر r  ز s  ژ s  س s  ش s  ص s  ض ds "
    "ط t  ظ ds  غ g  ف f  ق kgc  ک kc  گ g  ل l  م m  ن n  ه h"
)
_ARABIC_VOWELS = {
    "ا": "[au]",
    "و": "a?[uv][aiu]?",
    "ی": "a?i[au]?",
    "ى": "[ai]",
    "ع": "[aiu]?",
}
_ARABIC_FIRST = {"ا": "[aiu]{1,2}", "ع": "[aiu]{1,2}", "و": "v[aiu]?", "ی": "i?[aiu]?"}
_ARABIC_LAST = {"ه": "(?:h|t|at|a)?", "ی": "a?i", "ا": "[aiu]?"}

# Words beside a name: articles, "son of", "from". Left out where another word remains.
_PARTICLES = _words(
    "al el ul bin ben ibn bint abu abou abi umm um ould ait von van vom zu zur de del della di da "
    "do dos das der den du la le lo ter ال بن ابن بنت ابو geb geborene nee alias dit y i und"
)
_ASSIMILATED = re.compile(r"^[ae](?:sh?|[rntdz])$")
_SERVANT = re.compile(r"^abd(?:(?:[aeou]|ou|ü)[lr])?$|^عبد$")
_SERVANT_OF = re.compile(r"^abd(?:[aeou]|ou|ü)(?:l(?=.{2})|r(?=r)|s(?=s)|n(?=n))")
_APOSTROPHES = re.compile("['’‘ʼʻ`´ʾʿ]")
_BREAKS = re.compile(r"[^\w]+|_+|\d+")
# Abderrahmane, Noureddine: as French writes Arabic names.
_SILENT_E = re.compile(r"^.{4,}[aiu]ne$")
_ARTICLE = re.compile(r"^(?:[aeu]l|abu|b[ei]n|bu)(?=[^aeiou].{3})")


def plain_words(*names: str) -> list[str]:
    """Split names at blanks and hyphens, lower case, without apostrophes."""
    text = (
        unicodedata.normalize("NFKC", " ".join(names)).replace("İ", "i").lower().replace("ß", "ss")
    )
    text = unicodedata.normalize("NFC", _APOSTROPHES.sub("", text).replace("\u0307", ""))
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    return [word for word in _BREAKS.split(text) if word]


def tokens(*names: str) -> list[str]:
    """Split names into their words, lower case: no particles, hyphens or apostrophes.

    Abd al-Rahman, Abdul Rahman and Abdulrahman come out as the same one word.
    """
    words = _without_particles(plain_words(*names))
    joined: list[str] = []
    for word in words:
        if joined and _SERVANT.match(joined[-1]):
            joined[-1] = "abd" + word if not _UNVOWELLED.match(word) else "عبد" + word
        else:
            joined.append(_SERVANT_OF.sub("abd", word))
    named = [word for word in joined if len(word) > 1]
    return named or joined


def _without_particles(words: list[str]) -> list[str]:
    """Drop the words that name nobody; keep everything where nothing else would remain."""
    kept = []
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        plain = re.sub("(?<=..)الدین$", "دین", word.translate(_ARABIC_LETTERS))
        if plain.startswith("ال") and len(plain) > 3:
            plain = plain[2:]
        elif plain.startswith("عبدال") and len(plain) > 6:
            plain = "عبد" + plain[5:]
        assimilated = _ASSIMILATED.match(word) and following.startswith(word[1:])
        if word not in _PARTICLES and plain not in _PARTICLES and not assimilated:
            kept.append(plain)
    return kept or words


def is_unvowelled(word: str) -> bool:
    """Tell whether a word stands in a script that leaves short vowels out."""
    return bool(_UNVOWELLED.search(word))


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """Write a word in plain small Latin letters, without accents (ä becomes a)."""
    return re.sub("[^a-z]", "", anyascii(_latin(word)).lower())


def _latin(word: str) -> str:
    """Write a Cyrillic word in Latin letters; others keep their script and their accents."""
    word = re.sub("ь(?=[аеєёиоуюя])", "й", re.sub("ъ$", "", word.lower()))
    return word.translate(_CYRILLIC)


@lru_cache(maxsize=8192)
def forms(word: str) -> tuple[str, ...]:
    """Spell a word out as it may sound: the likeliest way first, at most MOST_FORMS."""
    if is_unvowelled(word):
        return (_form(fold(word)),)
    parts, text, at = [], _marked(_latin(word)), 0
    while at < len(text):
        for length in range(min(_LONGEST_SOUND, len(text) - at), 0, -1):
            if sounds := _SOUNDS.get(text[at : at + length]):
                break
        else:
            length, sounds = 1, _single(text[at], text[at + 1 : at + 2])
        parts.append(sounds)
        at += length
    ways = [_form("".join(way)) for way in islice(product(*parts), MOST_FORMS)]
    ways += [way[:-1] for way in ways[:1] if _SILENT_E.search(way)]
    spoken = [way for way in dict.fromkeys(ways) if len(way) > 1]
    return tuple(spoken or ways[:1])


def _marked(word: str) -> str:
    """Drop the accents that say nothing here, keep those that make another sound (ş, č, ü)."""
    return "".join(
        letter if letter in _NOT_DECOMPOSED or letter in _SOUNDS else anyascii(letter).lower()
        for letter in unicodedata.normalize("NFC", word)
    )


def _single(letter: str, following: str) -> tuple[str, ...]:
    """Say what one letter stands for: itself, except c and what is no letter."""
    if letter == "c":
        return ("c", "s") if following in ("e", "i", "y") else ("k", "c")
    return (letter,) if letter.isascii() and letter.isalpha() else ("",)


def _form(spelling: str) -> str:
    """Let fall together what is heard as one: doubled letters, silent endings, ye- and e-."""
    form = "".join(letter for letter, _ in groupby(spelling))
    form = re.sub(r"^i(?=e)", "", form)
    return re.sub(r"(?<=[aeiou])h$", "", form)


def soft(form: str) -> str:
    """Take from a form what transliterations disagree on: e or a, o or u."""
    return "".join(letter for letter, _ in groupby(form.translate(str.maketrans("eo", "au"))))


@lru_cache(maxsize=8192)
def skeleton(form: str) -> str:
    """Leave the consonants of a form, the only part that every script writes."""
    return "".join(letter for letter, _ in groupby(re.sub("[aeiou]", "", form)))


@lru_cache(maxsize=8192)
def skeletons(word: str) -> tuple[str, ...]:
    """Give the consonants of a word in any script, in each way it may sound."""
    if not is_unvowelled(word):
        bare = [skeleton(way) for form in forms(word) for way in (form, bare_article(form))]
    elif letters := _arabic_letters(word):
        first, *middle, last = letters if len(letters) > 1 else [*letters, ""]
        ways = [
            "v" if first == "و" else _ARABIC_SOUNDS.get(first, " "),
            *("v " if letter == "و" else _ARABIC_SOUNDS.get(letter, " ") for letter in middle),
            "v " if last == "و" else " " if last == "ه" else _ARABIC_SOUNDS.get(last, " "),
        ]
        spelled = ("".join(way).replace(" ", "") for way in islice(product(*ways), MOST_FORMS))
        bare = [skeleton(way) for way in spelled]
    else:
        bare = [skeleton(fold(word))]
    return tuple(dict.fromkeys(way for way in bare if way))


def _arabic_letters(word: str) -> list[str]:
    once = re.sub(r"([اوی])\1+", r"\1", word.translate(_ARABIC_LETTERS))
    return [letter for letter in once if letter in _ARABIC_SOUNDS | _ARABIC_VOWELS]


@lru_cache(maxsize=2048)
def sounds_of_arabic(word: str) -> re.Pattern[str]:
    """Make of a word in Arabic letters the pattern of all soft forms it can be read as."""
    letters = _arabic_letters(word)
    pattern, after_consonant = "", False
    for at, letter in enumerate(letters):
        if letter == "ع" and letters[at + 1 : at + 2] == ["ا"]:
            continue
        if not pattern and letter in _ARABIC_FIRST:
            pattern += _ARABIC_FIRST[letter]
            after_consonant = False
        elif at == len(letters) - 1 and at and letter in _ARABIC_LAST:
            pattern += ("[aiu]?" if after_consonant else "") + _ARABIC_LAST[letter]
            after_consonant = False
        elif letter in _ARABIC_VOWELS:
            pattern += _ARABIC_VOWELS[letter]
            after_consonant = False
        else:
            pattern += ("[aiu]?" if after_consonant else "") + f"[{_ARABIC_SOUNDS[letter]}]"
            after_consonant = True
    return re.compile(pattern)


def bare_article(form: str) -> str:
    """Take off a form what has grown on in front (Alkhatib, Elkhatib, Bensalah)."""
    return _ARTICLE.sub("", form)


def without_gender(form: str) -> str:
    """Give the form that the family names of wife and husband share (Ivanova, Kowalska)."""
    return re.sub(r"(?<=ov|ev|in|sk)(?:a|i|aia)$", "", form)


# --- Finding ------------------------------------------------------------------------------------


def _words_to_search(word: str) -> Iterable[str]:
    """Give every spelling under which a word may be looked for."""
    if is_unvowelled(word):
        yield word
        yield from (f"^{bare}" for bare in skeletons(word))
        return
    yield fold(word)
    yield fold(word.translate(_UMLAUTS))
    yield from map(soft, forms(word))


def search_key(*names: str) -> str:
    """Make the text in which names are searched: each word after a space, in all spellings.

    `~` and `^` begin the consonants of a word, by which Latin and Arabic script meet.
    """
    words = dict.fromkeys(fold(word) for word in plain_words(*names))
    for word in tokens(*names):
        words.update(dict.fromkeys(_words_to_search(word)))
        if not is_unvowelled(word):
            words.update(dict.fromkeys(f"~{bare}" for bare in skeletons(word)))
    return "".join(f" {word}" for word in words if word) + " " if words else ""


def search_terms(text: str) -> list[tuple[str, ...]]:
    """Turn what was typed into terms: of each tuple one must be contained in the search key.

    The beginning of a word is enough (a space stands before it), in any script or spelling.
    """
    terms = []
    for word in tokens(text):
        bare = [way for way in skeletons(word) if len(way) > 1]
        if is_unvowelled(word):
            ways = [f" {word}", *(f" {mark}{way} " for mark in "~^" for way in bare)]
        elif len(fold(word)) < 3:
            ways = [f" {fold(word)}"]
        else:
            ways = [f" {way}" for way in _words_to_search(word)]
            ways += [f" ^{way} " for way in bare]
        terms.append(tuple(dict.fromkeys(way for way in ways if way.strip())))
    return [ways for ways in terms if ways]


def name_codes(*names: str) -> tuple[str, ...]:
    """Give the phonetic codes of all words of a name, sorted; likely duplicates share one.

    Given and family names are not told apart, so that swapped ones meet as well.
    """
    return tuple(sorted({code for word in tokens(*names) for code in word_codes(word)}))


@lru_cache(maxsize=8192)
def word_codes(word: str) -> frozenset[str]:
    """Give the phonetic codes of one word: one for each way it may sound."""
    # Vowels are put in and around, so that no letter falls silent; c is heard as in "church".
    spoken = (f"a{'a'.join(bare)}a".translate(_AS_ENGLISH) for bare in skeletons(word))
    return frozenset(metaphone(way) for way in spoken) or frozenset({"A"})


_AS_ENGLISH = str.maketrans({"c": "ch", "g": "h"})
