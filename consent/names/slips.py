"""Numbers under which misspelt names are found: a slip or two must leave one of them as it was.

Names of six to nine letters forgive one slip and are kept whole and with each letter left out; the window is looked up in the
same ways, so that one letter too many, missing, wrong or exchanged leaves one number in common (Mor and Fraenkel 1982, the idea
of SymSpell). Longer names forgive two and are kept under each pair of their four quarters: two slips spoil two quarters, so two
are left, at most two places away. Two slips of which one exchanges letters across a border of quarters may be missed.

Spaces do not count here, so "spider hog" and "spiderhog" have the same numbers; what is found is compared letter by letter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from consent.names.hashing import Hashes, Places, Rolling, mix

#: Shortest name whose misspellings are looked for, and from which length on two slips are forgiven, in letters.
SHORTEST = 6
TWO_SLIPS = 10
#: Words of a name at most.
MOST_WORDS = 6
_WHOLE, _PAIRS = 11, 12
#: Letters are counted in this many classes, two bits each: none, one, more.
_CLASSES = 32
_KINDS = np.arange(_CLASSES, dtype=np.uint32)
_SPREAD = np.uint64(0xD6E8FEB86659FD93)


def slips_allowed(letters: int) -> int:
    """Letters too many, missing, wrong or exchanged that a name of so many letters forgives."""
    return 2 if letters >= TWO_SLIPS else 1


def name_keys(text: Rolling, starts: Places, ends: Places) -> tuple[Hashes, Places]:
    """Numbers of the names at ``[start, end)`` of a text of letters, and which name each belongs to."""
    letters = ends - starts
    short, long = np.flatnonzero((letters >= SHORTEST) & (letters < TWO_SLIPS)), np.flatnonzero(letters >= TWO_SLIPS)
    whole, whose = _with_one_left_out(text, starts[short], ends[short])
    pairs, owner = _pairs(text, starts[long], letters[long], _UNMOVED)
    return np.concatenate([whole, pairs]), np.concatenate([short[whose], long[owner]])


def window_keys(text: Rolling, starts: Places, ends: Places) -> tuple[Hashes, Places]:
    """Numbers that a name misspelt as ``[start, end)`` may have, and which window each belongs to."""
    letters = ends - starts
    short, long = np.flatnonzero((letters >= SHORTEST - 1) & (letters <= TWO_SLIPS)), np.flatnonzero(letters >= TWO_SLIPS - 2)
    whole, whose = _with_one_left_out(text, starts[short], ends[short])
    pairs, owner = _pairs(text, starts[long], letters[long], _MOVED)
    return np.concatenate([whole, pairs]), np.concatenate([short[whose], long[owner]])


def letter_marks(codes: NDArray[np.uint32], starts: Places, ends: Places) -> Hashes:
    """64 bits that tell of each class of letters whether ``[start, end)`` has one, and whether more; a slip changes two.

    Takes 128 bytes a letter meanwhile."""
    sums = np.zeros((len(codes) + 1, _CLASSES), np.int32)
    np.cumsum(codes[:, None] % _CLASSES == _KINDS, axis=0, out=sums[1:])
    count = sums[ends] - sums[starts]
    marks: Hashes = np.packbits(np.concatenate([count > 0, count > 1], axis=1), axis=1).view(np.uint64).ravel()
    return marks


def _with_one_left_out(text: Rolling, starts: Places, ends: Places) -> tuple[Hashes, Places]:
    letters = ends - starts
    which = np.repeat(np.arange(len(starts)), letters)
    left_out = np.arange(len(which)) - np.repeat(np.cumsum(letters) - letters, letters) + starts[which]
    without = text.without(starts[which], ends[which], left_out)
    return mix(np.concatenate([text.of(starts, ends), without]), _WHOLE), np.concatenate([np.arange(len(starts)), which])


def _shifts(moved: bool) -> NDArray[np.int64]:
    """Rows of (first quarter, second quarter, their shifts, letters more than the name's) that two slips can lead to."""
    found = []
    reach = range(-2, 3) if moved else range(1)
    for first in range(4):
        for second in range(first + 1, 4):
            for one in reach:
                for two in reach:
                    for more in reach:
                        slips = (one if first else 0, two - one, more - two)
                        still = (first == 0, second == first + 1, second == 3)  # nothing lies between, so nothing can move
                        if (first == 0 and one) or any(s and fixed for s, fixed in zip(slips, still, strict=True)):
                            continue
                        if sum(map(abs, slips)) <= 2:
                            found.append((first, second, one, two, more))
    return np.array(found, np.int64)


_MOVED, _UNMOVED = _shifts(True), _shifts(False)


def _pairs(text: Rolling, starts: Places, letters: Places, shifts: NDArray[np.int64]) -> tuple[Hashes, Places]:
    first, second, one, two, more = shifts.T
    length = letters[:, None] - more
    which, how = np.nonzero(length >= TWO_SLIPS)
    length, begin = length[which, how], starts[which]
    a, b = begin + one[how], begin + two[how]
    i, j = first[how], second[how]
    left = text.of(a + length * i // 4, a + length * (i + 1) // 4)
    right = text.of(b + length * j // 4, b + length * (j + 1) // 4)
    place = ((i * 4 + j) * 1024 + length).astype(np.uint64)
    return mix(left + mix(right + place * _SPREAD), _PAIRS), which
