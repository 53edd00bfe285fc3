"""Following a face through the sampled frames of a clip, so that one person is one piece of evidence and not ninety."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from consent.faces.engine import Embedding, Face
from safety.media import Frame
from safety.signal import Box

#: Two sightings are one face when they look alike, or when they lie on the same spot of neighbouring frames and do not look
#: unlike. Below the recognition threshold on purpose: a track is only a way of telling, every sighting is searched.
ALIKE = 0.40
OVERLAP = 0.3
UNLIKE = 0.15


@dataclass
class Track:
    """Sightings of one face, in order."""

    frames: list[Frame] = field(default_factory=list)
    faces: list[Face] = field(default_factory=list, repr=False)

    @property
    def time(self) -> tuple[float, float]:
        """Seconds of the first and the last sighting."""
        return self.frames[0].time, self.frames[-1].time

    @property
    def best(self) -> int:
        """Number of the surest sighting."""
        return max(range(len(self.faces)), key=lambda i: (self.faces[i].score, self.faces[i].size_px))


def follow(sightings: Iterable[tuple[Frame, tuple[Face, ...]]]) -> list[Track]:
    """Tracks over frames in order; each face of a frame joins the track it fits best, each track at most once a frame."""
    tracks: list[Track] = []
    for frame, faces in sightings:
        open_tracks = list(tracks)
        for face in faces:
            fits = [(_fit(face, track), track) for track in open_tracks]
            fit, track = max(fits, key=lambda pair: pair[0], default=(0.0, None))
            if track is None or fit <= 0.0:
                track = Track()
                tracks.append(track)
            else:
                open_tracks.remove(track)
            track.frames.append(frame)
            track.faces.append(face)
    return tracks


def _fit(face: Face, track: Track) -> float:
    last = track.faces[-1]
    cosine = max(float(face.embedding @ other) for other in _recent(track))
    if cosine >= ALIKE:
        return 1.0 + cosine
    shared = overlap(face.box, last.box)
    return shared if shared >= OVERLAP and cosine >= UNLIKE else 0.0


def _recent(track: Track) -> list[Embedding]:
    """The last few faces are enough: a track drifts, and comparing with all would grow with the clip's length."""
    return [np.asarray(f.embedding) for f in track.faces[-4:]]


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    across = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    down = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    return shared / (a.w * a.h + b.w * b.h - shared)
