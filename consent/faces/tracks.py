"""Following a face through the sampled frames of a clip, so that one person is one piece of evidence and not ninety.

A track is searched as a whole, because many poor sightings together tell what none tells alone. So it must never hold two
people: what turns out to is split. It knows nobody, and compares sightings with sightings only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from consent.faces.boxes import overlap
from consent.faces.engine import Embedding
from consent.faces.looker import SOON, Sighting

#: Two sightings are one face when they look alike, in whatever shot, or when they lie on the same spot of neighbouring frames of
#: one shot and do not look unlike.
ALIKE = 0.40
OVERLAP = 0.3
UNLIKE = 0.15
#: A track is two people when it falls into halves whose means agree less than this, and whose sightings agree among themselves by
#: so much more than with the other half's. Of 4,000 tracks made of two ORL people (two to five photographs of each) all are
#: parted, of 4,000 of one person none. With sightings so poor that they have 0.8 or 0.6 to the photograph's embedding, it is
#: 99 and 69 %, and of one person 0.5 and 0.0 %.
TWO_PEOPLE = 0.45
APART = 0.2
#: Sightings of a track looked at to find two people; more are thinned out evenly.
MOST_COMPARED = 64
#: Sightings of a track that are searched by themselves, the best, beside the whole and the one least like it.
PICKS = 3
#: Tracks a face may join, those seen last; a clip of crowds must not slow down with its length.
MOST_OPEN = 512
#: Sightings of a track a new one is compared with.
RECENT = 4


@dataclass
class Track:
    """Sightings of one face, in order."""

    sightings: list[Sighting] = field(default_factory=list, repr=False)

    @property
    def time(self) -> tuple[float, float]:
        """Seconds of the first and the last sighting."""
        return self.sightings[0].time, self.sightings[-1].time

    @property
    def frames(self) -> int:
        """Sampled frames the face is in."""
        return len({s.frame for s in self.sightings})

    @property
    def best(self) -> Sighting:
        """The surest sighting of a face, whoever it is."""
        return max(self.sightings, key=lambda s: (s.score, s.size_px))

    @property
    def told(self) -> list[Sighting]:
        """Sightings with an embedding of their own, the most telling first."""
        own = [s for s in self.sightings if s.embedding is not None and not s.borrowed]
        return sorted(own, key=lambda s: (-s.quality, s.time))

    @property
    def embedding(self) -> Embedding | None:
        """float32 (128,) of unit length: the mean of the sightings, each weighted by its quality; None when all are too small."""
        own = self.told
        return mean_of([(s.quality, s.embedding) for s in own]) if own else None

    @property
    def picks(self) -> list[Sighting]:
        """The few best sightings, and the one least like the whole, to be searched by themselves: somebody who was seen once in
        a track that is another's is not lost in its mean."""
        told, whole = self.told, self.embedding
        if whole is None or len(told) <= PICKS:
            return told
        oddest = min(told[PICKS:], key=lambda s: float(s.embedding @ whole) if s.embedding is not None else 1.0)
        return [*told[:PICKS], oddest]

    @property
    def asked(self) -> list[tuple[Sighting, Embedding]]:
        """What is searched: the whole, shown by its best sighting, then the picks; nothing when all are too small."""
        whole, picks = self.embedding, self.picks
        if whole is None:
            return []
        alone = [(s, s.embedding) for s in picks if s.embedding is not None] if len(self.told) > 1 else []
        return [(picks[0], whole), *alone]


def mean_of(weighted: Iterable[tuple[float, Embedding | None]]) -> Embedding:
    """The weighted mean, float32 (128,) of unit length."""
    total = np.zeros(128, np.float64)
    for weight, embedding in weighted:
        if embedding is not None:
            total += max(weight, 1e-3) * embedding
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), np.float32)


def follow(sightings: Iterable[Sighting]) -> list[Track]:
    """Tracks over frames in order; the pairs of face and track that fit best join first, each track at most once a frame."""
    tracks: list[Track] = []
    for _, group in groupby(sightings, key=lambda s: s.frame):
        faces, open_tracks = list(group), tracks[-MOST_OPEN:]
        fits = _fits(faces, open_tracks)
        joined: set[int] = set()
        for flat in np.argsort(-fits, axis=None, kind="stable"):
            face, track = divmod(int(flat), max(1, len(open_tracks)))
            if fits[face, track] <= 0.0:
                break
            if face not in joined and np.isfinite(fits[face, track]):
                open_tracks[track].sightings.append(faces[face])
                joined.add(face)
                fits[:, track] = 0.0
        tracks += [Track([face]) for number, face in enumerate(faces) if number not in joined]
        tracks.sort(key=lambda t: t.sightings[-1].time)  # stable: those seen last stay open
    whole = [part for track in tracks for part in split(track)]
    return sorted(whole, key=lambda t: (t.time, t.sightings[0].box.x))


def split(track: Track) -> list[Track]:
    """The track, or, where its sightings are of two people, one track for each (and so on for more)."""
    own = sorted(track.told, key=lambda s: s.time)
    own = own[:: max(1, -(-len(own) // MOST_COMPARED))]
    if len(own) < 4:  # two of each are needed to tell halves from noise; a single one is searched by itself
        return [track]
    rows = np.stack([s.embedding for s in own if s.embedding is not None])
    centres = _centres(rows, np.array([s.quality for s in own]))
    if centres is None:
        return [track]
    halves: tuple[Track, Track] = (Track(), Track())
    last = 0
    for sighting in track.sightings:
        if sighting.embedding is not None:  # one too small to compare stays with the one before it
            last = int((centres @ sighting.embedding).argmax())
        halves[last].sightings.append(sighting)
    return [part for half in halves for part in split(half)] if all(h.sightings for h in halves) else [track]


def _centres(rows: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float32] | None:
    """The means (2, 128) of two people, by two means on the sphere; None when the rows (n, 128) are of one."""
    likeness = rows @ rows.T
    centres = rows[list(np.unravel_index(int(np.argmin(likeness)), likeness.shape))]
    for _ in range(4):  # four rounds settle some dozens of points
        second = (rows @ centres.T).argmax(axis=1) == 1
        if min(int(second.sum()), int((~second).sum())) < 2:
            return None
        centres = np.stack([mean_of(zip(weights[half], rows[half], strict=True)) for half in (~second, second)])
    within = min(_among(likeness[np.ix_(half, half)]) for half in (~second, second))
    apart = within - float(likeness[np.ix_(~second, second)].mean())
    return centres if apart >= APART and float(centres[0] @ centres[1]) < TWO_PEOPLE else None


def _among(likeness: NDArray[np.float32]) -> float:
    """The mean of a square of cosines without its diagonal."""
    n = len(likeness)
    return (float(likeness.sum()) - float(np.trace(likeness))) / (n * (n - 1))


def _fits(faces: list[Sighting], tracks: list[Track]) -> NDArray[np.float64]:
    """(faces, tracks): above 1 for faces that look alike, up to 1 for the same spot, 0 for no fit."""
    fits = np.zeros((len(faces), len(tracks)))
    if not tracks:
        return fits
    recent = [[s.embedding for s in track.sightings[-RECENT:] if s.embedding is not None] for track in tracks]
    flat = [e for some in recent for e in some]
    owner = np.repeat(np.arange(len(tracks)), [len(some) for some in recent])
    for number, face in enumerate(faces):
        cosines = np.full(len(tracks), -np.inf)
        if face.embedding is not None and flat:
            np.maximum.at(cosines, owner, np.stack(flat) @ face.embedding)
        alike = cosines >= ALIKE
        fits[number, alike] = 1.0 + cosines[alike]
        for t in np.flatnonzero(~alike):
            last = tracks[t].sightings[-1]
            if last.shot == face.shot and face.time - last.time <= SOON and (cosines[t] >= UNLIKE or not np.isfinite(cosines[t])):
                shared = overlap(face.box, last.box)
                fits[number, t] = shared if shared >= OVERLAP else 0.0
    return fits
