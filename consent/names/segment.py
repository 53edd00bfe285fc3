"""Names that do not change any more, as flat arrays: what a file can be mapped onto and numpy can search at once.

A segment is built once from its columns. Which of its works are still in force is not part of it: whoever holds the segment keeps
that beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from consent.names import sounds
from consent.names.columns import JOINED, MISSPELT, Columns
from consent.names.hashing import Hashes, Places, Rolling, characters, mix
from consent.names.multimap import Arrays, Multimap
from consent.names.slips import letter_marks, name_keys

#: Counts up whenever the same names would be kept in another way; a file made under another number is not used.
VERSION = 2
#: Names hashed at a time while building: some twenty megabytes of working memory.
_BATCH, _FEW = 1 << 16, 1 << 12
EXACT, HEARD, HEARD_OPEN = 1, 2, 3
_SPACE = 32


class Texts:
    """Many strings in one array of bytes."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        self._bytes = np.asarray(arrays[f"{name}.bytes"]).view(np.uint8)
        self._ends = np.asarray(arrays[f"{name}.ends"]).view(np.uint32)

    def __getitem__(self, row: int) -> str:
        begin = int(self._ends[row - 1]) if row else 0
        return self._bytes[begin : int(self._ends[row])].tobytes().decode("utf-8", "surrogatepass")

    @staticmethod
    def build(texts: Sequence[str], name: str) -> Arrays:
        """The arrays of ``texts``."""
        coded = [text.encode("utf-8", "surrogatepass") for text in texts]
        ends = np.fromiter(accumulate(map(len, coded)), np.uint32, len(coded))
        return {f"{name}.bytes": np.frombuffer(b"".join(coded), np.uint8), f"{name}.ends": ends}


class Segment:
    """Searchable names; ``arrays`` is all there is of it."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.works = np.asarray(arrays["works.ids"]).view(np.uint8)
        self.ends = np.asarray(arrays["works.ends"]).view(np.float64)
        self._sorted = np.asarray(arrays["works.sorted"]).view(np.uint64)
        self._order = np.asarray(arrays["works.order"]).view(np.uint32)
        self.of = np.asarray(arrays["names.of"]).view(np.uint32)
        self.flags = np.asarray(arrays["names.flags"]).view(np.uint8)
        self.marks = np.asarray(arrays["names.marks"]).view(np.uint64)
        self.heard_marks = np.asarray(arrays["names.heard_marks"]).view(np.uint64)
        self.most_words = int(np.asarray(arrays["names.most_words"]).view(np.uint32)[0])
        self.folded, self.written = Texts(arrays, "folded"), Texts(arrays, "written")
        self.spoken, self.context = Texts(arrays, "spoken"), Texts(arrays, "context")
        self.exact, self.slips = Multimap.of(arrays, "exact"), Multimap.of(arrays, "slips")
        self.heard = Multimap.of(arrays, "heard")

    def __len__(self) -> int:
        return len(self.of)

    @classmethod
    def build(cls, columns: Columns) -> Segment:
        """Hash every name in every way it is found by. About ten seconds a million on one core."""
        ids = np.frombuffer(b"".join(columns.works), np.uint8).reshape(-1, 16)
        heads = ids[:, :8].copy().view(">u8").ravel().astype(np.uint64)
        order = np.argsort(heads, kind="stable")
        flags = np.array(columns.flags, np.uint8)
        keys = _Keys()
        marks = [keys.spell(columns.folded[at : at + _BATCH], flags[at : at + _BATCH], at) for at in range(0, len(flags), _BATCH)]
        spoken = [spoken for at in range(0, len(flags), _BATCH) for spoken in keys.hear(columns.written[at : at + _BATCH], at)]
        most_words = max((text.count(" ") + 1 for text in columns.folded), default=0)
        return cls(
            {
                "works.ids": ids, "works.ends": np.array(columns.ends, np.float64), "works.sorted": heads[order],
                "works.order": order.astype(np.uint32), "names.of": np.array(columns.of, np.uint32), "names.flags": flags,
                "names.marks": np.concatenate([*marks, np.zeros(0, np.uint64)]),
                "names.heard_marks": np.concatenate([*heard_marks(spoken), np.zeros(0, np.uint64)]),
                "names.most_words": np.array([most_words], np.uint32),
                **Texts.build(columns.folded, "folded"), **Texts.build(columns.written, "written"),
                **Texts.build(spoken, "spoken"), **Texts.build(columns.context, "context"),
                **keys.exact("exact"), **keys.slips("slips"), **keys.heard("heard"),
            }
        )  # fmt: skip

    def find_works(self, ids: Sequence[bytes]) -> Iterator[int]:
        """The numbers of those of ``ids`` that are here."""
        wanted = np.frombuffer(b"".join(ids), np.uint8).reshape(-1, 16)
        heads = wanted[:, :8].copy().view(">u8").ravel().astype(np.uint64)
        first, last = np.searchsorted(self._sorted, heads), np.searchsorted(self._sorted, heads, "right")
        for which in np.flatnonzero(last > first):
            for place in range(int(first[which]), int(last[which])):
                if (self.works[self._order[place]] == wanted[which]).all():
                    yield int(self._order[place])

    def columns(self, alive: NDArray[np.bool_]) -> Columns:
        """What the segment was built from, of the works that are ``alive``."""
        kept = np.flatnonzero(alive)
        number = np.full(len(alive), -1, np.int64)
        number[kept] = np.arange(len(kept))
        rows = np.flatnonzero(alive[self.of]).tolist() if len(self) else []
        return Columns(
            works=[self.works[work].tobytes() for work in kept], ends=self.ends[kept].tolist(),
            of=number[self.of[rows]].tolist(), folded=[self.folded[row] for row in rows],
            written=[self.written[row] for row in rows], flags=self.flags[rows].tolist(),
            context=[self.context[row] for row in rows],
        )  # fmt: skip


class _Keys:
    """Numbers and rows as they come, batch by batch."""

    def __init__(self) -> None:
        self._found: dict[str, list[tuple[Hashes, NDArray[np.uint32]]]] = {"exact": [], "slips": [], "heard": []}

    def spell(self, folded: Sequence[str], flags: NDArray[np.uint8], at: int) -> Hashes:
        """Names as they are written; returns the marks of their letters."""
        codes, starts, ends = _flat(folded)
        self._add("exact", mix(Rolling(codes).of(starts, ends), EXACT), np.arange(len(folded)), at)
        letter = codes != _SPACE
        place = np.zeros(len(codes) + 1, np.int64)
        np.cumsum(letter, out=place[1:])
        codes, starts, ends = codes[letter], place[starts], place[ends]
        letters = Rolling(codes)
        joined = np.flatnonzero(flags & JOINED)
        self._add("exact", mix(letters.of(starts[joined], ends[joined]), EXACT), joined, at)
        misspelt = np.flatnonzero(flags & MISSPELT)
        keys, which = name_keys(letters, starts[misspelt], ends[misspelt])
        self._add("slips", keys, misspelt[which], at)
        parts = [slice(first, first + _FEW) for first in range(0, len(folded), _FEW)]
        return np.concatenate([_marks(codes, starts[part], ends[part]) for part in parts])

    def hear(self, written: Sequence[str], at: int) -> list[str]:
        """Names as they sound; returns their plain spelling."""
        found = [[unit.sound for unit in sounds.units(name)] for name in written]
        for way in (0, 1):
            heard = ["".join(sound.ways[way] for sound in name) for name in found]
            enough = [row for row, codes in enumerate(heard) if len(codes) >= sounds.LEAST_CODES]
            if way:
                enough = [row for row in enough if heard[row] != "".join(sound.codes for sound in found[row])]
            codes, starts, ends = _flat([heard[row] for row in enough])
            opened = np.array([found[row][0].open for row in enough], np.bool_)
            numbers = Rolling(codes).of(starts, ends)
            self._add("heard", np.where(opened, mix(numbers, HEARD_OPEN), mix(numbers, HEARD)), np.array(enough, np.int64), at)
        return ["".join(sound.spoken for sound in name) for name in found]

    def exact(self, name: str) -> Arrays:
        return self._map("exact").arrays(name)

    def slips(self, name: str) -> Arrays:
        return self._map("slips").arrays(name)

    def heard(self, name: str) -> Arrays:
        return self._map("heard").arrays(name)

    def _add(self, kind: str, keys: Hashes, which: Places, at: int) -> None:
        self._found[kind].append((keys, (which + at).astype(np.uint32)))

    def _map(self, kind: str) -> Multimap:
        found = self._found.pop(kind)
        keys = np.concatenate([np.zeros(0, np.uint64), *(keys for keys, _ in found)])
        return Multimap.build(keys, np.concatenate([np.zeros(0, np.uint32), *(rows for _, rows in found)]))


def heard_marks(spoken: Sequence[str]) -> Iterator[Hashes]:
    """Marks of the letters of plain spellings, some thousands at a time."""
    for first in range(0, len(spoken), _FEW):
        yield letter_marks(*_flat(spoken[first : first + _FEW]))


def _marks(codes: NDArray[np.uint32], starts: Places, ends: Places) -> Hashes:
    return letter_marks(codes[starts[0] : ends[-1]], starts - starts[0], ends - starts[0])


def _flat(texts: Sequence[str]) -> tuple[NDArray[np.uint32], Places, Places]:
    ends = np.fromiter(accumulate(map(len, texts)), np.int64, len(texts))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if len(ends) else ends
    return characters("".join(texts)), starts, ends
