"""Words as the matcher sees them: folded, with the place each came from, and which of them everybody uses.

``fold`` is given from outside in the running system (the prompt reader's own, which also knows lookalike letters); the one
here is what is left when nothing is given. Names and prompts must always go through the same one.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path

Fold = Callable[[str], str]
COMMON_WORDS = Path(__file__).parent.parent / "data" / "common_words.txt"
ENGLISH_WORDS = Path(__file__).parent.parent / "data" / "english_words.txt.gz"
#: Scripts written without spaces, where a name may begin anywhere: Thai to Khmer, kana, Han and Hangul.
UNSPACED = ((0x0E00, 0x0EFF), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF))


_ANY = "".join(f"{chr(low)}-{chr(high)}" for low, high in UNSPACED)
#: Runs without white space; a character of an unspaced script is a run of its own.
PIECE = re.compile(f"(?P<unspaced>[{_ANY}])|[^\\s{_ANY}]+")
_INNER = re.compile(f"[{_ANY}]")


def plain_fold(text: str) -> str:
    """Lower case, no accents, compatibility forms undone, everything but letters and digits as one space."""
    marked = unicodedata.normalize("NFKD", text).casefold()
    kept = (c if c.isalnum() else " " for c in marked if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def is_unspaced(character: str) -> bool:
    """Whether the character's script does not put spaces between words."""
    return _INNER.match(character) is not None


@cache
def common_words() -> frozenset[str]:
    """Words that do not point at a work by themselves."""
    lines = COMMON_WORDS.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def real_words() -> frozenset[str]:
    """Words that are themselves: no misspelling of a name, however near to one. Common words, and a dictionary of English."""
    lines = gzip.decompress(ENGLISH_WORDS.read_bytes()).decode().splitlines()
    return common_words().union(line for line in lines if not line.startswith("#"))


def is_common(folded: str) -> bool:
    """Whether a folded name is one that people use without meaning the work: a common word, or a letter or two."""
    return len(folded) <= 2 or ((" " not in folded) and folded in common_words())


@dataclass(frozen=True)
class Words:
    """A folded text: its words joined by single spaces, and of each word its range in ``text`` (``bounds``), the range in the
    unfolded text that it came from (``sources``), and whether its script puts spaces between words (``spaced``)."""

    text: str
    bounds: tuple[tuple[int, int], ...]
    sources: tuple[tuple[int, int], ...]
    spaced: tuple[bool, ...]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The range of the unfolded text behind ``text[start:end]``: that of the words it touches."""
        first = bisect_right(self.bounds, start, key=itemgetter(1))
        last = bisect_left(self.bounds, end, key=itemgetter(0)) - 1
        return self.sources[first][0], self.sources[max(first, last)][1]


def split(text: str, fold: Fold) -> Words:
    """Fold ``text`` piece by piece, so that every folded word still knows where it came from."""
    words: list[str] = []
    bounds: list[tuple[int, int]] = []
    sources: list[tuple[int, int]] = []
    spaced: list[bool] = []
    at = 0
    for match in PIECE.finditer(text):
        source = match.span()
        folded = fold(match.group())
        if not folded:
            continue
        if folded.isalnum() and folded.isascii():  # most words of most prompts
            words.append(folded)
            bounds.append((at, at + len(folded)))
            sources.append(source)
            spaced.append(True)
            at += len(folded) + 1
            continue
        usual = match.lastgroup is None
        for word in _INNER.sub(r" \g<0> ", folded).split():  # halfwidth kana become whole ones, and words of their own
            words.append(word)
            bounds.append((at, at + len(word)))
            sources.append(source)
            spaced.append(usual and not is_unspaced(word[0]))
            at += len(word) + 1
    return Words(" ".join(words), tuple(bounds), tuple(sources), tuple(spaced))
