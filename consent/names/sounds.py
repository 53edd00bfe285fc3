"""How names sound, whatever letters they are written in.

A name is written in Latin letters (anyascii), its words are reduced to the consonants one hears (metaphone, as jellyfish has
it, and once more with the ends that French leaves unspoken cut off), and names are found by these. Many names share their
consonants, so what is found is compared in a plain spelling of its sound, vowels included, before it is believed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii
from jellyfish import metaphone

from consent.words import PIECE, is_unspaced

#: Consonants a name must be heard by.
LEAST_CODES = 3
#: Letters that sound as others do, or not at all: silent kana, and what anyascii writes as if it were another letter.
_BEFORE = str.maketrans(
    {"っ": "", "ッ": "", "ー": "", "ç": "s", "Ç": "s", "ъ": "", "ь": "", "ʼ": "", "’": "", "'": "", "υ": "u", "ύ": "u"}
)
_WORD = re.compile(r"[a-z0-9]+")
#: What is heard of metaphone's letters: no vowels or half vowels, and th as t.
_HEARD = str.maketrans({"0": "T", **dict.fromkeys("AEIOUWYH")})
_SILENT_END = re.compile(r"(?<=\w\w)(?:er|[tdsxpz]+)$")
_FRENCH = (("gn", "n"), ("ill", "y"), ("qu", "k"), ("eau", "o"))
#: A plain spelling of sounds, applied in this order; the last rule makes double letters single.
_PLAIN = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"ph", "f"), (r"sch|sh|tch|ch", "x"), (r"c(?=[eiy])", "s"), (r"ck|qu|q|c", "k"), (r"x(?![aeiou])", "ks"), (r"th", "t"),
        (r"dg|g(?=[eiy])", "j"), (r"g", "k"), (r"z", "s"), (r"v", "f"), (r"d", "t"), (r"eau|aux?$|ow|oh|au|aw", "o"),
        (r"oo|ou|w", "u"), (r"ee|ea|ie|ei|ey|y", "i"), (r"ai|ae", "e"), (r"h", ""), (r"(?<=[^aeiou])e$", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip


class Sound(NamedTuple):
    """A word as it is heard: ``codes`` of its consonants, ``french`` the same with silent ends off, ``spoken`` its
    plain spelling, and ``open`` when it begins with a vowel or hardly anything."""

    codes: str
    french: str
    spoken: str
    open: bool

    @property
    def ways(self) -> tuple[str, str]:
        """Both ways its consonants may be heard."""
        return self.codes, self.french


class Unit(NamedTuple):
    """A word, or a character of a script without spaces, with its range in the text."""

    sound: Sound
    start: int
    end: int
    latin: bool
    spaced: bool


@lru_cache(maxsize=1 << 17)
def hear(word: str) -> Sound:
    """The sound of one word of a-z and 0-9."""
    codes, french = _codes(word), word
    for letters, plain in _FRENCH:
        french = french.replace(letters, plain)
    spoken = word
    for pattern, to in _PLAIN:
        spoken = pattern.sub(to, spoken)
    return Sound(codes, _codes(_SILENT_END.sub("", french)), spoken, word[0] in "aeiouwhy")


def units(text: str) -> list[Unit]:
    """The words of ``text`` as they are heard, in order; those that make no sound are left out."""
    found: list[Unit] = []
    for match in PIECE.finditer(text):
        found.extend(Unit(sound, *match.span(), latin, spaced) for sound, latin, spaced in _piece(match.group()))
    return found


@lru_cache(maxsize=1 << 16)
def _piece(piece: str) -> tuple[tuple[Sound, bool, bool], ...]:
    latin = piece.isascii() or all(c < "\u0250" or c in "‘’“”–—…" for c in piece)
    words = _WORD.findall(piece.lower() if piece.isascii() else anyascii(piece.translate(_BEFORE)).lower())
    return tuple((hear(word) if latin else _foreign(word), latin, not is_unspaced(piece[0])) for word in words)


def _foreign(word: str) -> Sound:
    """Cyrillic writes a foreign h as g or kh, and j as zh: those are heard both ways."""
    heard = hear(word.replace("zh", "j"))
    soft = re.sub("^g|kh", "h", word)
    return heard if soft == word else heard._replace(french=_codes(soft), open=heard.open or soft[0] == "h")


def _codes(word: str) -> str:
    digits = "".join(c for c in word if c.isdigit())
    return metaphone(word).translate(_HEARD) + digits
