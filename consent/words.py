"""Words as the matcher sees them: folded, with the place each came from, and which of them everybody uses.

``fold`` is given from outside in the running system (the prompt reader's own, which also knows lookalike letters); the one
here is what is left when nothing is given. Names and prompts must always go through the same one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Fold = Callable[[str], str]
COMMON_WORDS = Path(__file__).parent / "data" / "common_words.txt"
#: Scripts written without spaces, where a name may begin anywhere: Thai to Khmer, kana, Han and Hangul.
UNSPACED = ((0x0E00, 0x0EFF), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF))


def plain_fold(text: str) -> str:
    """Lower case, no accents, compatibility forms undone, everything but letters and digits as one space."""
    marked = unicodedata.normalize("NFKD", text).casefold()
    kept = (c if c.isalnum() else " " for c in marked if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def is_unspaced(character: str) -> bool:
    """Whether the character's script does not put spaces between words."""
    return any(low <= ord(character) <= high for low, high in UNSPACED)


@cache
def common_words() -> frozenset[str]:
    """Words that do not point at a work by themselves."""
    lines = COMMON_WORDS.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def is_common(folded: str) -> bool:
    """Whether a folded name is one that people use without meaning the work: a common word, or a letter or two."""
    return len(folded) <= 2 or ((" " not in folded) and folded in common_words())


@dataclass(frozen=True)
class Words:
    """A folded text. ``text`` is its words joined by single spaces; ``starts`` and ``ends`` give for each character of it the
    range in the unfolded text that the word it belongs to came from."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The range of the unfolded text behind ``text[start:end]``."""
        return self.starts[start], self.ends[end - 1]

    def is_whole(self, start: int, end: int) -> bool:
        """Whether ``text[start:end]`` begins and ends where a word does, or its script has no such places."""
        before = start == 0 or self.text[start - 1] == " " or is_unspaced(self.text[start])
        behind = end == len(self.text) or self.text[end] == " " or is_unspaced(self.text[end - 1])
        return before and behind


def split(text: str, fold: Fold) -> Words:
    """Fold ``text`` piece by piece, so that every folded character still knows where it came from."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _pieces(text):
        folded = fold(text[start:end])
        if not folded:
            continue
        if parts:
            parts.append(" ")
            starts.append(start)
            ends.append(start)
        parts.append(folded)
        starts.extend([start] * len(folded))
        ends.extend([end] * len(folded))
    return Words("".join(parts), tuple(starts), tuple(ends))


def _pieces(text: str) -> list[tuple[int, int]]:
    """Runs without white space; a character of an unspaced script is a run of its own."""
    found: list[tuple[int, int]] = []
    begun: int | None = None
    for i, character in enumerate(text):
        if begun is not None and (character.isspace() or is_unspaced(character)):
            found.append((begun, i))
            begun = None
        if is_unspaced(character):
            found.append((i, i + 1))
        elif begun is None and not character.isspace():
            begun = i
    if begun is not None:
        found.append((begun, len(text)))
    return found
