"""The canonical fold: how two spellings of a name are compared, and the form that n-grams and word lists are read in.

``fold`` throws away case, accents, script tricks and punctuation, on both sides of a comparison alike. It is meant for
comparing, never for showing and never for sentence embeddings, which want the accents.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from classifiers.prompt.confusables import ALWAYS, LOOKALIKES

#: Letters that carry no combining mark in Unicode but do in people's minds.
_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ŧ": "t", "ŋ": "n", "ß": "ss"}
#: Folding a character twice may still change it (compatibility forms of accented capitals); three rounds settle all of Unicode.
_ROUNDS = 4


def fold(text: str) -> str:
    """Lower case, no accents, lookalikes as Latin, anything but letters and digits as one space; ``fold(fold(x)) == fold(x)``.

    Never raises; linear in the length of ``text``.
    """
    return " ".join("".join(map(fold_character, text)).split())


@lru_cache(maxsize=65536)
def fold_character(character: str) -> str:
    """What one character folds to: nothing (marks, invisible ones), a space (punctuation), or letters and digits."""
    if "a" <= character <= "z" or "0" <= character <= "9":
        return character
    found = character
    for _ in range(_ROUNDS):
        before = found
        found = "".join(map(_step, unicodedata.normalize("NFKD", found)))
        if found == before:
            break
    return found


def _step(character: str) -> str:
    """One round of folding for one decomposed character."""
    if character in LOOKALIKES:
        return LOOKALIKES[character]
    lowered = character.casefold()
    if len(lowered) > 1:
        return lowered
    found = ALWAYS.get(lowered) or LOOKALIKES.get(lowered) or _LETTERS.get(lowered)
    if found:
        return found
    category = unicodedata.category(lowered)
    if category in ("Mn", "Me", "Cf", "Cs", "Co", "Cn"):
        return ""
    if category[0] in "LMN":
        return lowered
    if category == "Cc":
        return " " if lowered.isspace() else ""
    return " "
