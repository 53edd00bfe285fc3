"""Faces of many clips as flat arrays, all compared at every question: exact but for rounding, and small enough for millions.

An embedding is kept as 128 whole numbers of 8 bits and a scale. That changes a cosine by 0.0007 (standard deviation), far less
than another photograph of the same person does, and takes a quarter of the memory. It knows nothing of databases.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from consent.vectors import Vectors

NUMBERS = 128
#: Rows compared at a time: as float32 they are 2 MB, which stay in the processor's cache.
CHUNK = 4096


T = TypeVar("T", bound=np.generic)


class FaceRows:
    """Faces 0, 1, 2, ... with one or two rows each. Not safe to change and to search at the same time."""

    def __init__(self) -> None:
        self._faces = self._count = self._gone = 0
        self.keys = np.zeros(0, np.uint64)
        self._clips = np.zeros(0, "S24")
        self._times = np.zeros((0, 2), np.float32)
        self._rows = np.zeros((0, NUMBERS), np.int8)
        self._scales = np.zeros(0, np.float32)
        self._owners = np.zeros(0, np.uint32)

    def __len__(self) -> int:
        """Faces that are there."""
        return self._faces - self._gone

    @property
    def megabytes(self) -> float:
        arrays = (self.keys, self._clips, self._times, self._rows, self._scales, self._owners)
        return sum(a.nbytes for a in arrays) / 1e6

    def clip(self, face: int) -> str:
        return str(self._clips[face].decode())

    def time(self, face: int) -> tuple[float, float]:
        """Seconds from and to which the face is seen."""
        return float(self._times[face, 0]), float(self._times[face, 1])

    def reserve(self, faces: int) -> None:
        """Make room for so many faces of two rows at once; without it room grows by a quarter at a time."""
        self._room(faces, 2 * faces)

    def add(self, key: int, clip: str, starts: float, ends: float, embeddings: Vectors) -> None:
        """Take in a face: ``embeddings`` float32 (n, 128) of unit length, ``clip`` at most 24 ASCII characters."""
        face, first, end = self._faces, self._count, self._count + len(embeddings)
        if face >= len(self.keys) or end > len(self._rows):
            self._room(_wanted(face + 1, len(self.keys)), _wanted(end, len(self._rows)))
        self.keys[face], self._clips[face], self._times[face] = key, clip.encode(), (starts, ends)
        scales = np.abs(embeddings).max(axis=1) / 127
        self._rows[first:end] = np.rint(embeddings / np.maximum(scales, 1e-9)[:, None])
        self._scales[first:end], self._owners[first:end] = scales, face
        self._faces, self._count = face + 1, end

    def remove_clips(self, clips: Iterable[str]) -> None:
        """Forget the faces of these clips; clips that are not there are no trouble."""
        wanted = np.array([clip.encode() for clip in clips if len(clip) <= 24], "S24")
        if len(wanted):
            self._remove(np.isin(self._clips[: self._faces], wanted))

    def keep_keys(self, keys: NDArray[np.uint64]) -> None:
        """Forget every face whose key is not among these."""
        self._remove(~np.isin(self.keys[: self._faces], keys))

    def within(self, queries: Vectors, least: float) -> tuple[NDArray[np.int64], Vectors]:
        """Faces with a row of cosine ``least`` or more to one of ``queries``, float32 (n, 128), and the highest cosine."""
        asked = np.ascontiguousarray(np.asarray(queries, np.float32).T)
        near: list[NDArray[np.int64]] = []
        high: list[Vectors] = []
        floats = np.empty((min(CHUNK, self._count), NUMBERS), np.float32)
        for start in range(0, self._count if len(queries) else 0, CHUNK):
            end = min(self._count, start + CHUNK)
            part = floats[: end - start]
            np.copyto(part, self._rows[start:end])
            best = (part @ asked).max(axis=1) * self._scales[start:end]
            places = np.flatnonzero(best >= least)
            near.append(self._owners[start + places].astype(np.int64))
            high.append(best[places])
        owners = np.concatenate(near) if near else np.zeros(0, np.int64)
        cosines = np.concatenate(high) if high else np.zeros(0, np.float32)
        faces, place = np.unique(owners, return_inverse=True)
        top = np.full(len(faces), -1.0, np.float32)
        np.maximum.at(top, place, cosines)
        return faces, np.minimum(top, 1.0)

    def _remove(self, faces: NDArray[np.bool_]) -> None:
        """Overwrite faces; when a quarter of the room is theirs, close the gaps."""
        faces = faces & (self._clips[: self._faces] != b"")
        if not faces.any():
            return
        rows = np.flatnonzero(faces[self._owners[: self._count]])
        self._rows[rows], self._scales[rows] = 0, 0.0
        self._clips[: self._faces][faces] = b""
        self._times[: self._faces][faces] = 0.0
        self._gone += int(faces.sum())
        if self._gone > 1024 and self._gone * 4 > self._faces:
            self._close_gaps()

    def _close_gaps(self) -> None:
        there = self._clips[: self._faces] != b""
        rows = there[self._owners[: self._count]]
        numbers = np.cumsum(there) - 1
        self._owners = numbers[self._owners[: self._count][rows]].astype(np.uint32)
        self._rows, self._scales = self._rows[: self._count][rows], self._scales[: self._count][rows]
        self.keys, self._clips = self.keys[: self._faces][there], self._clips[: self._faces][there]
        self._times = self._times[: self._faces][there]
        self._faces, self._count, self._gone = int(there.sum()), int(rows.sum()), 0

    def _room(self, faces: int, rows: int) -> None:
        self.keys = _grown(self.keys, faces, self._faces)
        self._clips = _grown(self._clips, faces, self._faces)
        self._times = _grown(self._times, faces, self._faces)
        self._rows = _grown(self._rows, rows, self._count)
        self._scales = _grown(self._scales, rows, self._count)
        self._owners = _grown(self._owners, rows, self._count)


def _wanted(needed: int, room: int) -> int:
    """Room to have: what there is, or a quarter more than is needed."""
    return room if needed <= room else max(needed + needed // 4, 1024)


def _grown(array: NDArray[T], room: int, used: int) -> NDArray[T]:
    """A larger array with what is there, or the same when there is room."""
    if room <= len(array):
        return array
    larger = np.zeros((room, *array.shape[1:]), array.dtype)
    larger[:used] = array[:used]
    return larger
