"""Ten ways to write a sentence so that a person can still read it, or undo it, and a filter may not.

Each is a small pure function of a text and a source of chance; the same chance gives the same text. They only measure: nothing of
the gate may import them, or it would be tuned to its own examination.
"""

from __future__ import annotations

import base64
import codecs
import random
import re
from collections.abc import Callable
from itertools import combinations

Attack = Callable[[str, random.Random], str]

_LEET = str.maketrans("aeiostAEIOST", "431057431057")
_LOOKALIKES = {
    "a": "аα", "c": "с", "e": "е", "i": "і", "j": "ј", "o": "оο", "p": "рρ", "s": "ѕ", "x": "х", "y": "у", "v": "ν", "h": "һ",
    "A": "АΑ", "B": "ВΒ", "E": "ЕΕ", "H": "НΗ", "K": "КΚ", "M": "МΜ", "O": "ОΟ", "P": "РΡ", "T": "ТΤ", "X": "ХΧ",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
#: Characters of no width; all of them are stripped by renderers.
_NO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
_MARKS = (".", "*", "-", "_", "·", "🔥", "💀")
#: First code points of the fullwidth, bold and sans-serif alphabets (Unicode blocks FF00 and 1D400), capitals then small letters.
_ALPHABETS = ((0xFF21, 0xFF41), (0x1D400, 0x1D41A), (0x1D5A0, 0x1D5BA))


def leetspeak(text: str, rng: random.Random) -> str:
    """Digits for the letters they look like: ``k1ll``."""
    return text.translate(_LEET)


def letters_apart(text: str, rng: random.Random) -> str:
    """A space between all letters, two between words: ``k i l l  h i m``."""
    return "  ".join(" ".join(word) for word in text.split())


def zero_width(text: str, rng: random.Random) -> str:
    """A character that nobody sees between the letters of every word."""
    return _WORD.sub(lambda m: "".join(c + rng.choice(_NO_WIDTH) for c in m.group()[:-1]) + m.group()[-1], text)


def homoglyphs(text: str, rng: random.Random) -> str:
    """Cyrillic and Greek letters for half of the Latin ones that look the same."""
    return "".join(rng.choice(_LOOKALIKES[c]) if c in _LOOKALIKES and rng.random() < 0.5 else c for c in text)


def other_alphabet(text: str, rng: random.Random) -> str:
    """Fullwidth, bold or sans-serif mathematical letters throughout."""
    capital, small = rng.choice(_ALPHABETS)
    return "".join(
        chr(small + ord(c) - 97) if "a" <= c <= "z" else chr(capital + ord(c) - 65) if "A" <= c <= "Z" else c for c in text
    )


def reversed_text(text: str, rng: random.Random) -> str:
    """The last letter first."""
    return text[::-1]


def base64_text(text: str, rng: random.Random) -> str:
    """The base64 of its UTF-8 bytes."""
    return base64.b64encode(text.encode()).decode()


def rot13(text: str, rng: random.Random) -> str:
    """Every Latin letter thirteen places on."""
    return codecs.encode(text, "rot13")


def marks_between(text: str, rng: random.Random) -> str:
    """A point, star, stroke or emoji between the letters of every word of four letters or more."""
    mark = rng.choice(_MARKS)
    return _WORD.sub(lambda m: mark.join(m.group()) if len(m.group()) >= 4 else m.group(), text)


def stretched(text: str, rng: random.Random) -> str:
    """One inner letter of every word of four letters or more, three to five times."""

    def stretch(match: re.Match[str]) -> str:
        word = match.group()
        if len(word) < 4:
            return word
        at = rng.randrange(1, len(word) - 1)
        return word[:at] + word[at] * rng.randint(3, 5) + word[at + 1 :]

    return _WORD.sub(stretch, text)


#: In the order in which two of them are applied one after the other: what needs letters first, what hides letters last, so that a
#: person who takes them off from the outside in gets the sentence back.
ATTACKS: dict[str, Attack] = {
    "stretched letters": stretched,
    "leetspeak": leetspeak,
    "rot13": rot13,
    "reversed": reversed_text,
    "homoglyphs": homoglyphs,
    "other alphabet": other_alphabet,
    "marks between letters": marks_between,
    "letters apart": letters_apart,
    "zero width": zero_width,
    "base64": base64_text,
}
PAIRS: tuple[tuple[str, str], ...] = tuple(combinations(ATTACKS, 2))


def disguise(text: str, names: tuple[str, ...], seed: int) -> str:
    """``text`` under the named attacks, one after the other; the same for the same seed."""
    rng = random.Random(f"{seed}/{'+'.join(names)}/{text}")  # noqa: S311 - reproducible, not a secret
    for name in names:
        text = ATTACKS[name](text, rng)
    return text
