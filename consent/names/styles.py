"""Whether a prompt asks for an artist's style: reservations of that kind are not about the name, only about working like it.

"A portrait of Vella Dorn" is about a person; "a harbour in the style of Vella Dorn", "à la manière de", "Dorn-esque" are not.
"""

from __future__ import annotations

import re

#: What stands before the name, with up to three words between ("in the style of the great painter X"); folded, without accents.
_BEFORE = re.compile(
    r"\b(?:styles? of|style|manner of|spirit of|inspired by"
    r"|(?:art|artwork|painting|painted|drawn|drawing|illustrated|illustration) by"
    r"|(?:maniere|facon|style) d[eu]s?|au style d[eu]s?|inspiree? (?:de|par)"
    r"|(?:im|in dem) stil(?:e)? (?:von|der|des)?|nach art (?:von|der|des)"
    r"|(?:al|en el|con el)? ?estilo d(?:e|el|e la)|a la manera de|(?:nello|in|con lo) stile d(?:i|el|ella|i un)|alla maniera di)"
    r"(?: [^\W_]+){0,3} $"
)
#: What stands behind it: "X style", "X's style", "X-esque".
_BEHIND = re.compile(r"(?: s)? (?:styled?|esque|like style|inspired|aesthetic|stil|stile|estilo)\b")
#: The ending, when it is one word with the name.
_ONE_WORD = re.compile(r"(?<=[^\W\d_]{3})(?=esque\b)")


def asks_for_style(text: str, start: int, end: int) -> bool:
    """Whether the name at ``[start, end)`` of a folded text is asked for as a style."""
    return _BEFORE.search(text[max(0, start - 80) : start]) is not None or _BEHIND.match(text, end) is not None


def parted(text: str) -> tuple[str, tuple[int, ...]] | None:
    """``text`` with a space before each "esque" that ends a word, and where its characters stood; None without any."""
    cuts = [match.start() for match in _ONE_WORD.finditer(text)]
    if not cuts:
        return None
    pieces: list[str] = []
    origin: list[int] = []
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        pieces.append(text[begin:end])
        origin.extend(range(begin, end))
        if end != len(text):
            pieces.append(" ")
            origin.append(end)
    return "".join(pieces), tuple(origin)
