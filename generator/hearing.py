"""The sound of a clip as it comes from the decoder, piece by piece, so that nobody must hold ten minutes of it.

The first sound track is the clip's, as the first picture track is its picture; a sealed clip is made of these two, so what was
heard here is what is published. It never judges what it hears.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.error import FFmpegError

from generator import sources
from generator.errors import BadClip, ClipTooLarge
from generator.sources import open_clip, open_sound
from safety.media import SOUND_RATE, Sound

#: Longest silence put before sound that starts after the picture, seconds; nonsense in a file must not become gigabytes.
MAX_LEAD = 5.0


def stream_sound(path: Path) -> Iterator[tuple[int, Sound]]:
    """Pieces of the first sound track in order, mono at 48 kHz, each with the place of its first sample.

    Places count samples from the clip's first frame, so they are negative for sound that starts before the picture. Yields
    nothing when there is no sound. Raises ``BadClip`` when a part of it cannot be decoded.
    """
    with open_clip(path) as (container, video):
        if not container.streams.audio:
            return
        stream = container.streams.audio[0]
        if stream.codec_context is None:
            raise BadClip(f"{path.name} has a sound track that cannot be decoded here; give one with AAC sound.")
        start = float(video.start_time * video.time_base) if video.start_time is not None else 0.0
        place: int | None = None
        for frame, piece in _mono(path, container, stream, sources.MAX_SECONDS):
            if place is None:
                place = round(_bounded(_time(frame) - start) * SOUND_RATE)
            yield place, piece
            place += piece.size


def read_sound(path: Path) -> Sound | None:
    """The first sound track, mono at 48 kHz, starting with the picture; None when there is none."""
    pieces = list(stream_sound(path))
    if not pieces:
        return None
    sound = np.concatenate([piece for _, piece in pieces])
    shift = min(pieces[0][0], round(MAX_LEAD * SOUND_RATE))
    return cast(Sound, np.concatenate([np.zeros(shift, np.float32), sound]) if shift > 0 else sound[-shift:])


def read_sound_file(path: Path) -> Sound:
    """The first sound track of a sound file, or of a clip, mono at 48 kHz from its own first sample; at most
    ``MAX_SOUND_SECONDS``. Raises ``BadClip``, also when the track is empty."""
    with open_sound(path) as (container, stream):
        pieces = [piece for _, piece in _mono(path, container, stream, sources.MAX_SOUND_SECONDS)]
    if not pieces:
        raise BadClip(f"The sound track of {path.name} is empty; send the file again.")
    return cast(Sound, np.concatenate(pieces))


def _mono(path: Path, container: Any, stream: Any, most: float) -> Iterator[tuple[Any, Sound]]:
    """Resampled pieces, at most ``most`` seconds in all, each with the decoder frame it came with."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=SOUND_RATE)
    frame, held = None, 0
    try:
        for frame in container.decode(stream):
            try:
                pieces = resampler.resample(frame)
            except ValueError:  # the track goes on in another rate or layout; less than a frame of the old one is lost
                resampler = av.AudioResampler(format="fltp", layout="mono", rate=SOUND_RATE)
                pieces = resampler.resample(frame)
            for piece in pieces:
                held += piece.samples
                if held > most * SOUND_RATE:
                    raise ClipTooLarge(f"{path.name} has more than {most:.0f} seconds of sound; give a shorter one.")
                yield frame, _bounded_levels(piece)
        if frame is not None:
            for piece in resampler.resample(None):
                yield frame, _bounded_levels(piece)
    except FFmpegError as reason:
        raise BadClip(f"The sound of {path.name} is damaged; send the whole file again.") from reason


def _bounded_levels(piece: Any) -> Sound:
    return cast(Sound, np.clip(np.nan_to_num(piece.to_ndarray()[0]), -1.0, 1.0).astype(np.float32))


def _bounded(seconds: float) -> float:
    return float(np.clip(seconds, -sources.MAX_SECONDS, sources.MAX_SECONDS))


def _time(frame: Any) -> float:
    return float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else 0.0
