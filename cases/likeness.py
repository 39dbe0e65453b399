"""How alike two names are, from 0 to 1: pure rules on words and lists of words.

1 is the same spelling, 0.95 the same sound, 0.9 a vowel or a breath apart, 0.88 one slip of the
pen. Whatever could just as well be another person's name (a sister's, a twin's) stays below 0.6.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import permutations

from rapidfuzz.distance import OSA, Levenshtein

from cases.name_lists import FREQUENT_FAMILY_NAMES, GIVEN_NAMES
from cases.names import (
    bare_article,
    fold,
    forms,
    is_unvowelled,
    skeleton,
    skeletons,
    soft,
    sounds_of_arabic,
    tokens,
    without_gender,
)

MOST_WORDS = 5

SAME = 1.0
SAME_NAME = 0.97
SAME_SOUND = 0.96
SAME_IN_OTHER_SCRIPT = 0.96
NEARLY_SAME_SOUND = 0.92
SLIP = 0.88
SAME_CONSONANTS = 0.87
OTHER_NAME = 0.4
# A word more or less (a second given name, half of a double name), or one written in two.
WORD_MISSING = 0.97

# Abd al-Hadi and Abd al-Hai: what they share says nothing, so it makes no long word either.
_SERVANT = "abd"
_VOWELS = frozenset("aeiou")
_NEAR_CONSONANTS = {frozenset(pair) for pair in ("gh", "td", "bp", "gk", "vf", "kh", "cs")}


def _listed() -> tuple[dict[str, set[int]], frozenset[int]]:
    """Read the given names: which line each spelling is on, and which lines are frequent."""
    lines: dict[str, set[int]] = defaultdict(set)
    frequent = set()
    for number, line in enumerate(GIVEN_NAMES.strip().splitlines()):
        if line.startswith("*"):
            frequent.add(number)
        for spelling in line.lstrip("* ").split():
            for word in tokens(spelling):
                lines[word if is_unvowelled(word) else fold(word)].add(number)
    return dict(lines), frozenset(frequent)


_LINES, _FREQUENT_LINES = _listed()
_LINES_BY_FORM: dict[str, set[int]] = defaultdict(set)
for _spelling, _numbers in _LINES.items():
    if not is_unvowelled(_spelling):
        _LINES_BY_FORM[forms(_spelling)[0]] |= _numbers
_FREQUENT_FAMILY_FORMS = frozenset(
    without_gender(forms(word)[0]) for word in tokens(FREQUENT_FAMILY_NAMES)
)


@lru_cache(maxsize=8192)
def _lines(word: str) -> frozenset[int]:
    """Say which listed names a word is a spelling of."""
    if is_unvowelled(word):
        return frozenset(_LINES.get(word, ()))
    found = _LINES.get(fold(word)) or _LINES_BY_FORM.get(forms(word)[0]) or ()
    return frozenset(found)


def are_frequent(words: Sequence[str]) -> bool:
    """Tell whether a name is borne by so many that it says little about who bears it."""
    return bool(words) and all(
        _lines(word) & _FREQUENT_LINES
        or not _FREQUENT_FAMILY_FORMS.isdisjoint(without_gender(form) for form in forms(word))
        for word in words
    )


def names_alike(ours: Sequence[str], theirs: Sequence[str], *, family: bool = False) -> float:
    """Compare two names word by word, in any order; the least alike pair of words decides."""
    shorter, longer = sorted((tuple(ours[:MOST_WORDS]), tuple(theirs[:MOST_WORDS])), key=len)
    if not shorter:
        return 0.0
    best = max(
        min(words_alike(ours, theirs, family) for ours, theirs in zip(shorter, order, strict=True))
        for order in permutations(longer, len(shorter))
    )
    if len(shorter) == len(longer):
        return best
    in_one_word = words_alike("".join(shorter), "".join(longer), family)
    return max(best, in_one_word) * WORD_MISSING


def words_alike(ours: str, theirs: str, family: bool = False) -> float:
    """Compare two words in any script; `family` lets Ivanov and Ivanova be one name."""
    return _words_alike(*sorted((ours, theirs)), family)


@lru_cache(maxsize=65536)
def _words_alike(ours: str, theirs: str, family: bool) -> float:
    if ours == theirs:
        return SAME
    our_lines, their_lines = _lines(ours), _lines(theirs)
    if our_lines & their_lines:
        return SAME_NAME
    if our_lines and their_lines:
        return OTHER_NAME
    unvowelled = [word for word in (ours, theirs) if is_unvowelled(word)]
    if len(unvowelled) == 2:
        return _unvowelled_alike(ours, theirs)
    if unvowelled:
        latin = theirs if unvowelled[0] == ours else ours
        return _across_scripts(unvowelled[0], latin)
    return max(_forms_alike(our, their, family) for our in forms(ours) for their in forms(theirs))


def _unvowelled_alike(ours: str, theirs: str) -> float:
    distance = OSA.distance(ours, theirs, score_cutoff=1)
    return SLIP if distance == 1 and min(len(ours), len(theirs)) >= 5 else OTHER_NAME


def _across_scripts(unvowelled: str, latin: str) -> float:
    """Compare a word in Arabic, Hebrew or Ethiopic letters with one in Latin or Cyrillic."""
    readings = [soft(way) for form in forms(latin) for way in (form, bare_article(form))]
    if any(map(sounds_of_arabic(unvowelled).fullmatch, readings)):
        return SAME_IN_OTHER_SCRIPT
    shared = set(skeletons(unvowelled)) & set(skeletons(latin))
    return SAME_CONSONANTS if any(len(bare) >= 4 for bare in shared) else OTHER_NAME


def _forms_alike(ours: str, theirs: str, family: bool) -> float:
    """Compare two forms (see cases.names) of Latin words."""
    if ours == theirs:
        return SAME
    if family:
        ours, theirs = without_gender(ours), without_gender(theirs)
    bare = soft(bare_article(ours)), soft(bare_article(theirs))
    ours, theirs = soft(ours), soft(theirs)
    if ours == theirs or bare[0] == bare[1]:
        return SAME_SOUND
    if OSA.distance(ours, theirs, score_cutoff=1) == 1:
        return _one_edit_apart(ours, theirs, family)
    same_end = (ours[-1:] in _VOWELS) == (theirs[-1:] in _VOWELS)
    if same_end and len(skeleton(ours)) >= 4 and skeleton(ours) == skeleton(theirs):
        return SAME_CONSONANTS
    return OTHER_NAME * OSA.normalized_similarity(ours, theirs)


def _one_edit_apart(ours: str, theirs: str, family: bool) -> float:
    """Weigh a single edit: a sound that spellings disagree on, a slip, or another name."""
    if ours.startswith(_SERVANT) and theirs.startswith(_SERVANT):
        ours, theirs = ours.removeprefix(_SERVANT), theirs.removeprefix(_SERVANT)
    shorter, longer = sorted((ours, theirs), key=len)
    edits = Levenshtein.editops(shorter, longer)
    if len(edits) > 1:
        return SLIP if len(longer) >= 4 else OTHER_NAME
    edit = edits[0]
    changed = {longer[edit.dest_pos]}
    if edit.tag == "replace":
        changed.add(shorter[edit.src_pos])
    if not family and edit.dest_pos == len(longer) - 1 and changed & _VOWELS:
        return OTHER_NAME  # Daniel and Daniela, Alexandru and Alexandra
    heard_alike = changed <= _VOWELS or changed == {"h"} or changed in _NEAR_CONSONANTS
    if heard_alike and len(longer) >= 5:
        return NEARLY_SAME_SOUND
    return SLIP if len(longer) >= 6 else OTHER_NAME
