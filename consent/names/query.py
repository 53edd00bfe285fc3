"""A text made ready once and searched in every segment: its windows of words, and their numbers.

Whatever is found is a row of a segment with its range in the folded text or in the text itself; what it means is the matcher's
business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from consent.names import sounds
from consent.names.columns import ABROAD, COMMON
from consent.names.hashing import Hashes, Places, Rolling, characters, mix
from consent.names.segment import EXACT, HEARD, HEARD_OPEN, Segment
from consent.names.slips import MOST_WORDS, SHORTEST, letter_marks, slips_allowed, window_keys
from consent.names.words import Words

#: Windows of one text that are searched for misspelt names: more than the longest prompt that is let in has.
MOST_WINDOWS = 80_000
#: Characters of a script without spaces, and words of the others, that are heard as one name at most.
MOST_HEARD = {True: 5, False: 14}
#: Consonants of a name at most.
MOST_CODES = 24
#: How like a window must be to the name it sounds like, both in their plain spelling: within a script, and across scripts, by
#: what the less telling of the two is (Arabic and Hebrew leave vowels out, Han says too much). Measured with ``bench/names.py``.
ALIKE = 0.80
ALIKE_ABROAD = {"latin": 0.0, "letters": 0.70, "consonants": 0.70, "han": 0.85}
#: For windows that leave vowels out themselves.
ALIKE_UNVOICED = 0.50
#: Letters of a window in which a name that leaves them out is looked for.
LEAST_UNVOICED = 8
#: Windows shorter than this in their plain spelling are not told apart by ear: of one word, of more, in another script.
SHORTEST_HEARD = (7, 6, 5)


class Place(NamedTuple):
    """A row found: its range, and how many slips or how like it sounds."""

    row: int
    start: int
    end: int
    slips: int = 0
    alike: float = 1.0
    abroad: bool = False


@dataclass(frozen=True)
class Spelling:
    """A folded text. ``everyday`` are words no misspelling is made of."""

    words: Words
    everyday: frozenset[str]

    def exact(self, segment: Segment) -> Iterator[Place]:
        """Names that stand in the text letter by letter, whole words each, also written as one word."""
        starts, ends, keys = self._windows_for(segment.most_words)
        which, rows = segment.exact.find(keys)
        text = self.words.text
        for window, row in zip(which.tolist(), rows.tolist(), strict=True):
            start, end = int(starts[window]), int(ends[window])
            name = segment.folded[row]
            if text[start:end] in (name, name.replace(" ", "")):
                yield Place(row, start, end)

    def misspelt(self, segment: Segment, known: frozenset[tuple[int, int]]) -> Iterator[Place]:
        """Names that a window is a slip or two away from; ``known`` windows are names themselves and no misspellings."""
        odd = self._odd
        if not len(odd.keys):
            return
        which, rows = segment.slips.find(odd.keys)
        which = odd.which[which]
        # each slip changes two marks at most, and two slips are the most that any name forgives
        near = np.bitwise_count(segment.marks[rows] ^ odd.marks[which]) <= 4
        pairs = np.unique((which[near].astype(np.uint64) << np.uint64(32)) | rows[near])
        text = self.words.text
        for pair in pairs.tolist():
            window, row = pair >> 32, pair & 0xFFFFFFFF
            start, end = int(odd.starts[window]), int(odd.ends[window])
            if (start, end) not in known:
                slips = _slips(text[start:end], segment.folded[row])
                if slips:
                    yield Place(row, start, end, slips)

    @cached_property
    def _bounds(self) -> NDArray[np.int64]:
        return np.array(self.words.bounds, np.int64).reshape(-1, 2)

    @cached_property
    def _rolling(self) -> Rolling:
        return Rolling(characters(self.words.text))

    def _windows_for(self, most_words: int) -> tuple[Places, Places, Hashes]:
        first, last = _windows(len(self._bounds), most_words)
        starts, ends = self._bounds[first, 0], self._bounds[last, 1]
        return starts, ends, mix(self._rolling.of(starts, ends), EXACT)

    @cached_property
    def _odd(self) -> _Odd:
        """Windows of the words of scripts with spaces that are not all everyday, and one word more than the longest name has."""
        text, spaced = self.words.text, np.array(self.words.spaced, np.bool_)
        odd = np.array([_is_odd(text[s:e], self.everyday) for s, e in self.words.bounds], np.bool_) & spaced
        first, last = _windows(len(odd), MOST_WORDS + 1, odd, ~spaced)
        codes = characters(text)
        letter = codes != ord(" ")
        place = np.concatenate([np.zeros(1, np.int64), np.cumsum(letter)])
        codes = codes[letter]
        starts, ends = self._bounds[first, 0], self._bounds[last, 1]
        long_enough = place[ends] - place[starts] >= SHORTEST - 1
        starts, ends = starts[long_enough][:MOST_WINDOWS], ends[long_enough][:MOST_WINDOWS]
        keys, which = window_keys(Rolling(codes), place[starts], place[ends])
        return _Odd(starts, ends, keys, which, letter_marks(codes, place[starts], place[ends]))


class _Odd(NamedTuple):
    starts: Places
    ends: Places
    keys: Hashes
    which: Places
    marks: Hashes


class Hearing:
    """A text as it sounds; ranges are those of the text itself."""

    def __init__(self, text: str, words: Words, everyday: frozenset[str]) -> None:
        """``words`` is ``text`` split: everyday words are only heard in a name that has them."""
        self._text, self._units = text, (units := sounds.units(text))
        told: dict[int, list[str]] = {}
        for (start, end), source in zip(words.bounds, words.sources, strict=True):
            told.setdefault(source[0], []).append(words.text[start:end])
        self._told = [told.get(unit.start, []) for unit in units]
        strange = np.array([any(_is_odd(word, everyday) for word in said) for said in self._told], np.bool_)
        spaced = np.array([unit.spaced for unit in units], np.bool_)
        self._strange = strange
        first, last = _windows(len(units), MOST_HEARD[True], strange & spaced, ~spaced)
        if not spaced.all():
            more = _windows(len(units), MOST_HEARD[False], strange & ~spaced, spaced)
            first, last = np.concatenate([first, more[0]]), np.concatenate([last, more[1]])
        self._first, self._last = first, last
        foreign = np.cumsum([0, *(not unit.latin for unit in units)])
        self._abroad = foreign[last + 1] - foreign[first] > 0
        opened = np.array([unit.sound.open for unit in units], np.bool_)
        keys, which = [], []
        for way in (0, 1):
            heard = [unit.sound.ways[way] for unit in units]
            ends = np.cumsum([0, *map(len, heard)])
            length = ends[last + 1] - ends[first]
            enough = np.flatnonzero((length >= sounds.LEAST_CODES) & (length <= MOST_CODES))
            numbers = Rolling(characters("".join(heard))).of(ends[first[enough]], ends[last[enough] + 1])
            keys.append(np.where(opened[first[enough]], mix(numbers, HEARD_OPEN), mix(numbers, HEARD)))
            which.append(enough)
        self._keys, self._which = np.concatenate(keys), np.concatenate(which)
        spoken = [unit.sound.spoken for unit in units]
        ends = np.cumsum([0, *map(len, spoken)])
        self._spoken, self._starts, self._ends = "".join(spoken), ends[first], ends[last + 1]
        self._marks = letter_marks(characters(self._spoken), self._starts, self._ends)

    def heard(self, segment: Segment) -> Iterator[Place]:
        """Names that sound like a window of the text, whatever script either is written in."""
        if not len(self._keys):
            return
        which, rows = segment.heard.find(self._keys)
        windows = self._which[which]
        abroad = self._abroad[windows] | ((segment.flags[rows] & ABROAD) > 0)
        letters = self._ends[windows] - self._starts[windows]
        # a letter heard wrongly changes two marks at most, and the longer of the two has no more letters than this
        least = np.where(abroad, ALIKE_UNVOICED, ALIKE)
        most_wrong = (letters / least * (1 - least)).astype(np.int64)
        near = np.bitwise_count(segment.heard_marks[rows] ^ self._marks[windows]) <= 2 * most_wrong
        near &= (segment.flags[rows] & COMMON) == 0
        pairs = np.unique((windows[near].astype(np.uint64) << np.uint64(32)) | rows[near])
        for pair in pairs.tolist():
            window, row = pair >> 32, pair & 0xFFFFFFFF
            first, last = int(self._first[window]), int(self._last[window])
            foreign = bool(self._abroad[window] or segment.flags[row] & ABROAD)
            said = self._spoken[int(self._starts[window]) : int(self._ends[window])]
            floor = ALIKE
            if foreign:
                floor = _floor(self._text[self._units[first].start : self._units[last].end], segment.written[row], len(said))
            alike = OSA.normalized_similarity(said, segment.spoken[row])
            if alike < floor or len(said) < SHORTEST_HEARD[2 if foreign else int(last > first)]:
                continue
            name = segment.folded[row].split()
            if all(word in name for at in range(first, last + 1) if not self._strange[at] for word in self._told[at]):
                yield Place(row, self._units[first].start, self._units[last].end, alike=alike, abroad=foreign)


def _windows(
    count: int, most: int, wanted: NDArray[np.bool_] | None = None, barred: NDArray[np.bool_] | None = None
) -> tuple[Places, Places]:
    """First and last word of every run of at most ``most`` words that has a wanted and no barred one."""
    most = min(most, count)
    first = np.repeat(np.arange(count), most)
    last = first + np.tile(np.arange(most), count)
    inside = last < count
    first, last = first[inside], last[inside]
    if wanted is not None:
        sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(wanted)])
        kept = sums[last + 1] > sums[first]
        first, last = first[kept], last[kept]
    if barred is not None and barred.any():
        sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(barred)])
        kept = sums[last + 1] == sums[first]
        first, last = first[kept], last[kept]
    return first, last


def _slips(window: str, name: str) -> int:
    """Slips between a window and a name, of which a window in one word may also be the name in one word; 0 when too many."""
    letters = len(name) - name.count(" ")
    allowed = slips_allowed(letters)
    slips = int(OSA.distance(window, name, score_cutoff=allowed))
    if slips > 1 and " " not in window and " " in name:
        slips = min(slips, int(OSA.distance(window, name.replace(" ", ""), score_cutoff=allowed)) or slips)
    return slips if slips <= allowed else 0


def _is_odd(word: str, everyday: frozenset[str]) -> bool:
    """Whether a folded word is one that not everybody uses; a letter or two of the Latin ones are nobody's."""
    return word not in everyday and (len(word) > 2 or not word.isascii())


def _floor(window: str, name: str, letters: int) -> float:
    """How alike a window and a name must sound that are written in different scripts; above 1 when it cannot be told."""
    seen, known = sounds.script(window), sounds.script(name)
    if known == "consonants" and seen == "latin" and letters < LEAST_UNVOICED:
        return 2.0
    return ALIKE_UNVOICED if seen == "consonants" else max(ALIKE_ABROAD[seen], ALIKE_ABROAD[known])
