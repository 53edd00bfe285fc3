"""Character by character: compatibility forms, invisible characters, stacked marks, case. One pass, linear, any input.

What this pass does is safe for every language: it must not change what an honest text says.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import ftfy
from ftfy import badness

from classifiers.prompt import emoji
from classifiers.prompt.confusables import ALWAYS, ONLY_INSIDE_WORDS
from classifiers.prompt.tracing import Traced

#: Broken tokens that are repaired at most; a prompt with more is not worth reading better.
_MOST_REPAIRS = 2000
#: Marks a base letter of a script other than Latin may carry (Hebrew and Thai use up to three).
_MOST_MARKS = 3
#: Letter-shaped nothings and blanks.
_BLANK = {"\u2800": " ", "\u3164": "", "\u115f": "", "\u1160": "", "\uffa0": ""}


def clean(text: str) -> tuple[Traced, set[str]]:
    """``text`` in lower case, composed, without invisible characters, and the names of what was undone."""
    if text.isascii() and text.isprintable():
        return Traced(text.lower(), range(len(text))), set()
    source = _unbreak(Traced(text, range(len(text))))
    undone: set[str] = set() if source.text == text else {"mojibake"}
    out: list[str] = []
    origin: list[int] = []
    marks = 0
    for character, place in zip(source.text, source.origin, strict=True):
        shown, note = _show(character)
        if note:
            undone.add(note)
        for piece in shown:
            if unicodedata.combining(piece) or unicodedata.category(piece) in ("Mn", "Me"):
                marks += 1
                if not _attach(out, piece, marks):
                    undone.add("stacked marks")
                    continue
                if len(out) == len(origin):
                    continue
            else:
                marks = 0
                out.append(piece)
            origin.append(place)
    return Traced("".join(out), origin), undone


def _attach(out: list[str], mark: str, count: int) -> bool:
    """Put ``mark`` on the last character, or after it where its script needs that; False means it was dropped."""
    if not out:
        return False
    whole = unicodedata.normalize("NFC", out[-1] + mark)
    if len(whole) == 1:
        out[-1] = whole
        return True
    if count > _MOST_MARKS or ord(out[-1]) < 0x590 or unicodedata.category(out[-1])[0] not in "LM":
        return False
    out.append(mark)
    return True


@lru_cache(maxsize=65536)
def _show(character: str) -> tuple[str, str | None]:
    """What one character shows as, in lower case, and the disguise it was part of, if any."""
    if character in "\n\r\u2028\u2029\x0b\x0c\x85":
        return "\n", None
    if character in emoji.WORDS:
        return f" {emoji.WORDS[character]} ", None
    if character in _BLANK:
        return _BLANK[character], "invisible characters"
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return (" ", None) if character == "\t" else ("", "invisible characters")
    if character in ALWAYS and character not in ONLY_INSIDE_WORDS:
        return ALWAYS[character], "letter-like symbols"
    shown = unicodedata.normalize("NFKC", character)
    note = "letter-like symbols" if category == "So" and shown != character else None
    if ord(character) >= 0x1D400 and shown != character:
        note = "letter-like symbols"
    if 0xFF01 <= ord(character) <= 0xFF5E and shown.isalpha():
        note = "letter-like symbols"
    return "".join(" " if c.isspace() else ALWAYS.get(c, c) if c not in ONLY_INSIDE_WORDS else c for c in shown.lower()), note


def _unbreak(source: Traced) -> Traced:
    """Repair text that was decoded with the wrong table ("Ã©" for "é"), token by token so that places are kept."""
    if not badness.is_bad(source.text):
        return source
    parts: list[str] = []
    origin: list[int] = []
    done = repaired = 0
    for start, end in _tokens(source.text):
        token = source.text[start:end]
        if token.isascii() or repaired >= _MOST_REPAIRS:
            continue
        fixed = ftfy.fix_encoding(token)
        if fixed == token:
            continue
        repaired += 1
        parts += [source.text[done:start], fixed]
        origin.extend(source.origin[done:start])
        origin.extend(source.origin[start + min(i, end - start - 1)] for i in range(len(fixed)))
        done = end
    parts.append(source.text[done:])
    origin.extend(source.origin[done:])
    return Traced("".join(parts), origin)


def _tokens(text: str) -> list[tuple[int, int]]:
    """Where the runs without an ASCII space lie, none longer than 500 characters."""
    found: list[tuple[int, int]] = []
    start = 0
    for i, character in enumerate(text):
        if character in " \n\t" or i - start >= 500:
            if i > start:
                found.append((start, i))
            start = i + 1 if character in " \n\t" else i
    if start < len(text):
        found.append((start, len(text)))
    return found
