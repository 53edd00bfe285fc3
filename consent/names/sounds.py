"""How names sound, whatever letters they are written in.

A name is written in Latin letters (anyascii), its words are reduced to the consonants one hears (metaphone, as jellyfish has
it, and once more with the ends that French leaves unspoken cut off), and names are found by these. Many names share their
consonants, so what is found is compared in a plain spelling of its sound, vowels included, before it is believed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from anyascii import anyascii
from jellyfish import metaphone

from consent.names.words import PIECE, is_unspaced

#: Consonants a name must be heard by.
LEAST_CODES = 3
#: Letters that sound as others do, or not at all: silent kana, and what anyascii writes as if it were another letter.
_BEFORE = str.maketrans({"っ": "", "ッ": "", "ー": "", "ç": "s", "ъ": "", "ь": "", "ʼ": "", "’": "", "'": "", "υ": "u", "ύ": "u"})
_WORD = re.compile(r"[a-z0-9]+")
#: How Greek writes sounds it has no letter for.
_GREEK = (("ντ", "d"), ("μπ", "b"), ("γκ", "g"), ("τζ", "j"), ("ου", "u"), ("ού", "u"), ("χ", "h"))
#: What is heard of metaphone's letters: no vowels or half vowels, th as t, all that hisses as s.
_HEARD = str.maketrans({"0": "T", "X": "S", **dict.fromkeys("AEIOUWYH")})
_TWICE = re.compile(r"(.)\1+")
_SILENT_END = re.compile(r"(?<=\w\w)(?:er|[tdsxpz]+)$")
_FRENCH = (("gn", "n"), ("ill", "y"), ("qu", "k"), ("eau", "o"))
#: A plain spelling of sounds, applied in this order.
_PLAIN = (
    ("ph", "f"), ("x", "ks"), ("zh", "j"), ("ts", "s"), ("sch", "x"), ("sh", "x"), ("tch", "x"), ("ch", "x"), ("ce", "se"),
    ("ci", "si"), ("cy", "si"), ("ck", "k"), ("qu", "k"), ("q", "k"), ("c", "k"), ("th", "t"), ("dg", "j"), ("ge", "je"),
    ("gi", "ji"), ("gy", "ji"), ("g", "k"), ("z", "s"), ("v", "f"), ("d", "t"), ("eau", "o"), ("au", "o"), ("ow", "o"),
    ("oh", "o"), ("aw", "o"), ("oo", "u"), ("ou", "u"), ("w", "u"), ("ee", "i"), ("ea", "i"), ("ie", "i"), ("ei", "i"),
    ("ey", "i"), ("y", "i"), ("ai", "e"), ("ae", "e"), ("h", ""),
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
    latin: bool
    spaced: bool
    start: int
    end: int


@lru_cache(maxsize=1 << 17)
def hear(word: str) -> Sound:
    """The sound of one word of a-z and 0-9."""
    codes, french = _codes(word), word
    for letters, plain in _FRENCH:
        french = french.replace(letters, plain)
    spoken = word
    for letters, plain in _PLAIN:
        spoken = spoken.replace(letters, plain)
    if len(spoken) > 2 and spoken.endswith("e") and spoken[-2] not in "aeiou":
        spoken = spoken[:-1]
    spoken = _TWICE.sub(r"\1", spoken)
    return Sound(codes, _codes(_SILENT_END.sub("", french)), spoken, word[0] in "aeiouwhy")


def units(text: str) -> list[Unit]:
    """The words of ``text`` as they are heard, in order; those that make no sound are left out."""
    return [Unit(*heard, *match.span()) for match in PIECE.finditer(text) for heard in _piece(match.group())]


@lru_cache(maxsize=1 << 16)
def _piece(piece: str) -> tuple[tuple[Sound, bool, bool], ...]:
    latin, written = is_latin(piece), piece.lower()
    if not latin:
        for letters, plain in _GREEK:
            written = written.replace(letters, plain)
    words = _WORD.findall(written if written.isascii() else anyascii(written.translate(_BEFORE)).lower())
    return tuple((hear(word) if latin else _foreign(word), latin, not is_unspaced(piece[0])) for word in words)


def is_latin(text: str) -> bool:
    """Whether nothing in ``text`` is of another script."""
    return text.isascii() or all(c < "\u0250" or "\u2010" <= c <= "\u2030" for c in text)


def script(text: str) -> Literal["latin", "letters", "consonants", "han"]:
    """What kind of script ``text`` is in, by its first letter that is not Latin."""
    for character in text:
        if character >= "\u0250" and character.isalpha():
            if "\u0590" <= character <= "\u08ff" or "\ufb1d" <= character <= "\ufefc":
                return "consonants"
            return "han" if "\u3400" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" else "letters"
    return "latin"


def _foreign(word: str) -> Sound:
    """Cyrillic writes a foreign h as g or kh, j as dzh and qu as kv: those are heard both ways."""
    heard = hear(word)
    soft = re.sub("kh|^g", "h", word.replace("dzh", "j").replace("kv", "k"))
    return heard if soft == word else heard._replace(french=_codes(soft), open=heard.open or soft[0] == "h")


def _codes(word: str) -> str:
    digits = "".join(c for c in word if c.isdigit())
    heard = metaphone(word.replace("zh", "j")).translate(_HEARD).replace("TS", "S")
    return _TWICE.sub(r"\1", heard) + digits
