"""The digits that were said, out of what a recogniser wrote, and whether they are the ones that were asked for.

Recognisers write digits as figures, as words, or run together into numbers, in the language they take the speech for; English
and French are read here. It never repairs: a digit that is missing, wrong or too many is what was said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

_ENGLISH = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_ENGLISH_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_FRENCH = (
    "zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze",
    "quinze", "seize",
)  # fmt: skip
_FRENCH_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre vingt"}
#: What else a digit is called or written like.
_ALSO = {"oh": 0, "o": 0, "nought": 0, "une": 1}
#: Times the digits may be said.
READINGS = 3
#: Words of the longest number, "quatre vingt dix sept".
_LONGEST = 4


def spoken(text: str) -> str:
    """The digits in ``text`` in order, "" when there are none; every other word is passed over."""
    plain = unicodedata.normalize("NFKD", text.lower())
    tokens = re.findall(r"[0-9]|[a-z]+", "".join(c for c in plain if not unicodedata.combining(c)))
    found, i = "", 0
    while i < len(tokens):
        for size in range(min(_LONGEST, len(tokens) - i), 0, -1):
            number = _numbers().get(" ".join(tokens[i : i + size]))
            if number is not None:
                found, i = found + number, i + size
                break
        else:
            i += 1
    return found


def answers(heard: str, asked: str) -> bool:
    """Whether ``heard`` is ``asked`` said up to ``READINGS`` times, once without a fault, else with one digit misheard at most.

    Nothing besides may be said, so that nobody passes by saying many digits. The other readings are there for the voice; a
    recogniser that errs in one of a hundred digits must not cost the person another try.
    """
    return any(asked in readings for readings in _readings(heard, asked, READINGS))


def _readings(heard: str, asked: str, most: int) -> Iterator[tuple[str, ...]]:
    """Every way to part ``heard`` into readings of ``asked`` with at most one fault each."""
    if not heard:
        yield ()
    elif most:
        for size in range(len(asked) - 1, len(asked) + 2):
            if len(heard) >= size and _differ(heard[:size], asked) <= 1:
                yield from ((heard[:size], *rest) for rest in _readings(heard[size:], asked, most - 1))


def _differ(a: str, b: str) -> int:
    """Digits to change, add or leave out to come from one to the other."""
    row = list(range(len(b) + 1))
    for i, digit in enumerate(a, 1):
        before, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (digit != other)))
    return row[-1]


@cache
def _numbers() -> dict[str, str]:
    """Every number from 0 to 99 in English and French, and each figure, to its digits."""
    known = {str(n): str(n) for n in range(10)} | {word: str(n) for word, n in _ALSO.items()}
    known |= {word: str(n) for n, word in enumerate(_ENGLISH)} | {word: str(n) for n, word in enumerate(_FRENCH)}
    for ten, word in enumerate(_ENGLISH_TENS, 2):
        known |= {f"{word} {_ENGLISH[n]}": str(10 * ten + n) for n in range(1, 10)} | {word: str(10 * ten)}
    teens = [*_FRENCH, *(f"dix {_FRENCH[n]}" for n in (7, 8, 9))]
    known |= {teens[n]: str(n) for n in (17, 18, 19)}
    for ten, word in _FRENCH_TENS.items():
        reach = 20 if ten in (60, 80) else 10
        known |= {f"{word} {teens[n]}": str(ten + n) for n in range(1, reach)} | {word: str(ten)}
    known |= {f"{word} et {teens[n]}": str(ten + n) for ten, word in _FRENCH_TENS.items() for n in (1, 11) if ten != 80}
    return known | {"quatre vingts": "80"}
