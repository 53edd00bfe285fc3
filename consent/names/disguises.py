"""Ways to write a name so that it is read by people and missed by machines: digits for letters, and letters set apart.

The prompt reader undoes these where a dictionary knows the word; a reserved name is in no dictionary, so the names themselves are
the dictionary here. Every variant remembers where its characters came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: Signs that stand for letters; a one is an i or an l, so it is read both ways.
_SIGNS = str.maketrans("034578@$", "oeastbas")
_ONES = ("i", "l")
#: A word in which letters and such signs are mixed; "1920x1080" and "24fps" come out as words that are nobody's name.
_MIXED = re.compile(r"(?=[^\s]*[^\W\d_])(?=[^\s]*[0-9@$])[\w@$]+")
#: Three or more single characters with one separator between them, each.
_APART = re.compile(r"(?<!\w)(?:[^\W_](?:[ .\-_*·]{1,2})){2,}[^\W_](?!\w)")
#: Shorter names are not looked for in disguise: "b4" must not become somebody's "ba".
LEAST = 4


class Variant(NamedTuple):
    """Another reading of a text; ``origin[i]`` is where its character ``i`` stood."""

    text: str
    origin: tuple[int, ...]


def variants(text: str) -> Iterator[Variant]:
    """Readings of ``text`` that differ from it; none for text that is written plainly."""
    if _MIXED.search(text):
        for one in _ONES:
            read = _MIXED.sub(lambda m, one=one: m.group().translate(_SIGNS).replace("1", one), text)  # type: ignore[misc]
            if read != text:
                yield Variant(read, tuple(range(len(text))))
    if _APART.search(text):
        yield _joined(text)


def _joined(text: str) -> Variant:
    out: list[str] = []
    origin: list[int] = []
    at = 0
    for match in _APART.finditer(text):
        out.append(text[at : match.start()])
        origin.extend(range(at, match.start()))
        letters = [i for i in range(match.start(), match.end()) if text[i].isalnum()]
        out.append("".join(text[i] for i in letters))
        origin.extend(letters)
        at = match.end()
    out.append(text[at:])
    origin.extend(range(at, len(text)))
    return Variant("".join(out), tuple(origin))
