"""Reading a rights holder's pictures and clips into references, and keeping them with the reservation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from consent.errors import FilingRefused
from consent.tables import reservation_pictures
from safety.fingerprint import Fingerprinter, PictureFingerprint
from safety.media import Frame, Picture
from safety.values import derive

#: Mean of the channels' standard deviations under which a reference picture shows nothing; a grey card has 0 to 2.
BLANK = 4.0
#: Seconds between prints of a reference clip (besides each shot's first frame), and the shortest and longest clip.
STEP, SHORTEST, LONGEST = 0.5, 1.0, 20 * 60.0


@dataclass(frozen=True)
class References:
    """Fingerprints of a filing's pictures and clips, and the name of the fingerprinter that made them.

    ``ordinals`` says of each which picture or which clip it belongs to, each counted from 1; those with a time are a clip's.
    """

    fingerprinter: str
    prints: tuple[PictureFingerprint, ...] = field(repr=False)
    ordinals: tuple[int, ...] = field(default=(), repr=False)

    @property
    def clips(self) -> int:
        numbered = zip(self.prints, self.ordinals, strict=False)
        return len({ordinal for seen, ordinal in numbered if seen.time is not None})


@dataclass(frozen=True)
class ReferenceClip:
    """A clip to be filed: its length in seconds and its frames in order, at least two a second, read once."""

    seconds: float
    frames: Iterable[Frame]


def read_references(pictures: Sequence[Picture], fingerprinter: Fingerprinter, clips: Iterable[ReferenceClip] = ()) -> References:
    """Fingerprint a filing's references; slow, so do it before the write transaction. Raises ``FilingRefused``."""
    prints: list[PictureFingerprint] = []
    ordinals: list[int] = []
    for number, picture in enumerate(pictures, 1):
        if picture.size == 0 or float(picture.reshape(-1, 3).std(axis=0).mean()) < BLANK:
            raise FilingRefused(f"Reference picture {number} is blank and would match everything blank; give one of the work.")
        seen = fingerprinter.reference(picture)
        prints += seen
        ordinals += [number] * len(seen)
    for number, clip in enumerate(clips, 1):
        if not SHORTEST <= clip.seconds <= LONGEST:
            lasts = f"Reference clip {number} lasts {clip.seconds:.1f} s"
            raise FilingRefused(f"{lasts}; give one of at least 1 s and at most 20 minutes, in parts if need be.")
        seen = fingerprinter.reference_clip(_spaced(clip.frames))
        if not seen:
            raise FilingRefused(f"Reference clip {number} shows nothing that could be told from other blank clips; give another.")
        prints += seen
        ordinals += [number] * len(seen)
    return References(fingerprinter.name, tuple(prints), tuple(ordinals))


def keep(conn: sa.Connection, reservation: str, references: References) -> None:
    """Insert the references in the caller's transaction."""
    rows = [
        {
            "id": derive(reservation, "picture", number), "reservation": reservation, "fingerprinter": references.fingerprinter,
            "pdq": seen.pdq, "quality": seen.quality, "embedding": seen.embedding.astype("<f4").tobytes(),
            "ordinal": references.ordinals[number] if references.ordinals else 0, "time": seen.time,
            "code": None if seen.code is None else seen.code.tobytes(), "points": seen.points or None,
            "mirrored": seen.mirrored or None, "shape": seen.shape,
        }
        for number, seen in enumerate(references.prints)
    ]  # fmt: skip
    if rows:
        conn.execute(sa.insert(reservation_pictures), rows)


def _spaced(frames: Iterable[Frame]) -> Iterator[Frame]:
    """One frame every ``STEP``, and the first of each shot; a frame that comes twice, where parts overlap, is taken once."""
    due, shot, last = -1.0, -1, -1
    for frame in frames:
        if frame.index <= last:
            continue
        last = frame.index
        if frame.time >= due - 0.02 or frame.shot != shot:
            due, shot = frame.time + STEP, frame.shot
            yield frame
