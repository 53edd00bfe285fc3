"""One pass over a file's frames and sound, gathering every trace that verification weighs.

A mark is looked for in stretches of about ten seconds, so that a clip of ours inside a longer film is still found. This module
only gathers; it never says whose the file is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from provenance.looks import PER_SECOND, Grey, frame_hash, righted
from provenance.watermark import Detection, Geometry, VideoDetector
from provenance.watermark.sound import SoundDetection, read_sound
from safety.errors import BadMedia
from safety.media import SOUND_RATE, ClipFacts, MediaReader

#: Seconds of a stretch, and the most of a film that is read (more would keep a person waiting for minutes).
STRETCH, LONGEST = 10.0, 600.0
#: Frames that one stretch's mark is read from are at most about this many; more add nothing.
FRAMES_A_STRETCH = 240
#: Parts of each side that a crop may have left, tried when no mark tells: all, and 90, 75, 64 and 50 percent of the area.
CROPS = (1.0, 0.949, 0.866, 0.8, 0.707)


@dataclass(frozen=True)
class Traces:
    """What the frames and the sound hold.

    ``video_ids`` and ``sound_ids``: hex ids whose tags agreed, the strongest first. ``righted``: some frames of the stretch that
    holds the mark (or of the best one), scaled and turned as they were when sealed; where no mark tells how that was, one set for
    each likely way. ``hashes`` and ``mirrored_hashes``: of those frames as they stand in the file.
    """

    seconds: float
    short_side: int
    video_ids: tuple[str, ...]
    video_score: float
    probe: float
    sound_ids: tuple[str, ...]
    sound_score: float
    righted: tuple[tuple[Grey, ...], ...]
    hashes: tuple[int, ...]
    mirrored_hashes: tuple[int, ...]
    notes: tuple[str, ...]


@dataclass
class _Stretch:
    """Consecutive frames, judged together; ``kept`` are the lumas of two frames a second."""

    detectors: list[VideoDetector]
    kept: list[Grey] = field(default_factory=list)
    frames: int = 0
    next_kept: float = 0.0
    last: float = 0.0

    def detection(self) -> Detection:
        """The one that names a clip, or else the one with the highest score."""
        return max((d.result() for d in self.detectors), key=_rank)


def inspect(path: Path, reader: MediaReader, keys: tuple[bytes, ...]) -> Traces:
    """Read the file once. Raises ``BadMedia`` when no frame can be decoded; unreadable sound is only noted."""
    facts = reader.facts(path)
    best: Detection | None = None
    kept: list[Grey] = []
    last = 0.0
    for stretch in _stretches(path, reader, keys, facts):
        found = stretch.detection()
        last = stretch.last
        if best is None or _rank(found) > _rank(best):
            best, kept = found, stretch.kept
        if found.tag_ok:
            break
    if best is None or not kept:
        raise BadMedia("The file holds no picture that can be decoded; give a video file.")
    notes = []
    if facts.seconds > LONGEST:
        notes.append(f"Only the first {LONGEST / 60:.0f} minutes were looked at.")
    sound, trouble = _sound(path, reader, keys)
    hashes = [frame_hash(luma) for luma in kept]
    mirrored = [frame_hash(np.ascontiguousarray(luma[:, ::-1])) for luma in kept]
    return Traces(
        seconds=max(facts.seconds, last),
        short_side=min(kept[0].shape),
        video_ids=_hex(best.clip_id, best.others),
        video_score=best.score,
        probe=best.probe,
        sound_ids=_hex(sound.clip_id, sound.others) if sound else (),
        sound_score=sound.score if sound else 0.0,
        righted=_set_right(kept, best.geometry if best.tag_ok else None),
        hashes=tuple(h for h in hashes if h is not None),
        mirrored_hashes=tuple(h for h in mirrored if h is not None),
        notes=(*notes, *trouble),
    )


def _set_right(kept: list[Grey], geometry: Geometry | None) -> tuple[tuple[Grey, ...], ...]:
    """The frames as they were when sealed: known from the mark, or guessed to be whole or cropped, either way round.

    The first guess is the whole as it stands, the last the whole mirrored.
    """
    if geometry is not None:
        return (tuple(righted(luma, geometry) for luma in kept),)
    guesses = [tuple(righted(luma, None, share) for luma in kept) for share in CROPS]
    mirrored = [tuple(np.ascontiguousarray(g[:, ::-1]) for g in frames) for frames in guesses]
    return (*guesses, *reversed(mirrored))


def _stretches(path: Path, reader: MediaReader, keys: tuple[bytes, ...], facts: ClipFacts) -> Iterator[_Stretch]:
    """The frames of the file, gathered into equal stretches of about ``STRETCH`` seconds."""
    seconds = min(facts.seconds, LONGEST)
    length = seconds / max(1, round(seconds / STRETCH)) if seconds > 0 else STRETCH
    stride = max(1, round(facts.fps * length / FRAMES_A_STRETCH))
    stretch = _Stretch([VideoDetector(key) for key in keys])
    end = length
    for count, frame in enumerate(reader.frames(path)):
        if frame.time > LONGEST:
            break
        if frame.time > end + 0.5 / max(facts.fps, 1.0) and stretch.frames and frame.time < seconds - 0.5:
            yield stretch
            stretch = _Stretch([VideoDetector(key) for key in keys], next_kept=frame.time)
            end += length
        stretch.last = frame.time
        wanted = frame.time + 1e-6 >= stretch.next_kept
        if count % stride and not wanted:
            continue
        luma = np.asarray(cv2.cvtColor(frame.picture, cv2.COLOR_RGB2GRAY), np.uint8)
        if stretch.kept and luma.shape != stretch.kept[0].shape:
            continue  # a stream may change its size under way; the first size of a stretch is the one that is judged
        if wanted:
            stretch.kept.append(luma)
            stretch.next_kept = frame.time + 1 / PER_SECOND
        for detector in stretch.detectors:
            detector.add(luma)
        stretch.frames += 1
    if stretch.frames:
        yield stretch


def _sound(path: Path, reader: MediaReader, keys: tuple[bytes, ...]) -> tuple[SoundDetection | None, tuple[str, ...]]:
    """The best reading of the sound, in stretches where it is long; None, and why, where there is none."""
    try:
        track = reader.sound(path)
    except BadMedia as reason:
        return None, (f"The sound could not be read ({reason.detail})",)
    if track is None:
        return None, ("There is no sound track.",)
    track = track[: int(LONGEST * SOUND_RATE)]
    piece = len(track) if len(track) <= 2 * STRETCH * SOUND_RATE else int(STRETCH * SOUND_RATE)
    best = SoundDetection(clip_id=None, score=0.0, seconds=0.0)
    for start in range(0, len(track), max(piece, 1)):
        for key in keys:
            found = read_sound(track[start : start + piece], key)
            if (found.clip_id is not None, found.score) > (best.clip_id is not None, best.score):
                best = found
        if best.clip_id is not None:
            break
    return best, ()


def _rank(found: Detection) -> tuple[bool, float]:
    return found.tag_ok, found.score


def _hex(first: bytes | None, others: tuple[bytes, ...]) -> tuple[str, ...]:
    return (first.hex(), *(o.hex() for o in others)) if first else ()
