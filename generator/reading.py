"""Clips as plain arrays: what the container says, every frame, the sound.

It decodes lazily, one frame in memory at a time. It never judges what it sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace

from generator.errors import BadClip, ClipTooLarge
from generator.sources import MAX_SECONDS, MAX_SOUND_SECONDS, cut_short, open_clip, open_sound, seconds_of
from safety.media import SOUND_RATE, ClipFacts, Frame, Picture, Sound

#: Untagged video from this height up is taken for BT.709, below for BT.601, as players do.
HD_LINES = 720
#: H.264's code for "matrix not said" (ITU-T H.273, table 4).
_UNSAID = 2
_COLORSPACES = {1: Colorspace.ITU709, 5: Colorspace.ITU601, 6: Colorspace.ITU601, 7: Colorspace.SMPTE240M}


def read_facts(path: Path) -> ClipFacts:
    """Size after rotation, rate, length and codecs. Decodes one frame (rotation stands beside the frame, not the stream)."""
    with open_clip(path) as (container, video):
        first = next(_decoded(path, container, video), None)
        if first is None:
            raise cut_short(path)
        width, height = video.width, video.height
        if _quarter_turns(first) % 2:
            width, height = height, width
        rate = video.average_rate or video.guessed_rate
        fps = float(rate) if rate else 0.0
        seconds = seconds_of(container, video)
        if seconds <= 0:
            last = max((_time(frame) for frame in _decoded(path, container, video)), default=_time(first))
            seconds = last - _time(first) + (1 / fps if fps else 0.0)
        audio = container.streams.audio
        return ClipFacts(
            width=width,
            height=height,
            fps=fps,
            seconds=seconds,
            video_codec=video.codec_context.name,
            audio_codec=audio[0].codec_context.name if audio and audio[0].codec_context else None,
        )


def read_frames(path: Path) -> Iterator[Frame]:
    """Every frame in order, RGB, upright, with its time from the first frame (so variable rates keep their pace)."""
    for frame, index, time in raw_frames(path):
        yield Frame(to_picture(frame), time, index)


def raw_frames(path: Path) -> Iterator[tuple[Any, int, float]]:
    """Decoder frames with index and seconds since the first; for readers that convert only some of them.

    Raises ``BadClip`` when the track ends before the container says it does.
    """
    with open_clip(path) as (container, video):
        start, last, index = None, 0.0, 0
        for frame in _decoded(path, container, video):
            start = _time(frame) if start is None else start
            last = max(last, _time(frame) - start)
            if last > MAX_SECONDS:
                raise ClipTooLarge(f"{path.name} is longer than {MAX_SECONDS:.0f} seconds; give a shorter clip.")
            yield frame, index, last
            index += 1
        if index == 0 or _ends_early(container, video, last):
            raise cut_short(path)


def read_sound(path: Path) -> Sound | None:
    """The first sound track, mono at 48 kHz, starting with the picture; None when there is none."""
    with open_clip(path) as (container, video):
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        if stream.codec_context is None:
            raise BadClip(f"{path.name} has a sound track that cannot be decoded here; give one with AAC sound.")
        sound, start = _decoded_sound(path, container, stream, MAX_SECONDS)
        lead = _lead(start, video)
    if not sound.size:
        return None
    shift = round(lead * SOUND_RATE)
    sound = np.concatenate([np.zeros(shift, np.float32), sound]) if shift > 0 else sound[-shift:]
    return cast(Sound, np.clip(np.nan_to_num(sound), -1.0, 1.0).astype(np.float32))


def read_sound_file(path: Path) -> Sound:
    """The first sound track of a sound file, or of a clip, mono at 48 kHz from its own first sample; at most
    ``MAX_SOUND_SECONDS``. Raises ``BadClip``, also when the track is empty."""
    with open_sound(path) as (container, stream):
        sound, _ = _decoded_sound(path, container, stream, MAX_SOUND_SECONDS)
    if not sound.size:
        raise BadClip(f"The sound track of {path.name} is empty; send the file again.")
    np.nan_to_num(sound, copy=False)  # in place: twenty minutes are 230 MB
    return cast(Sound, np.clip(sound, -1.0, 1.0, out=sound))


def _decoded_sound(path: Path, container: Any, stream: Any, most: float) -> tuple[Sound, float | None]:
    """All samples of the track, mono at 48 kHz, and the time its first frame carries; None when there is no frame."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=SOUND_RATE)
    pieces: list[np.ndarray[Any, Any]] = [np.zeros(0, np.float32)]
    held, start = 0, None
    try:
        for frame in container.decode(stream):
            start = _time(frame) if start is None else start
            for piece in resampler.resample(frame):
                pieces.append(piece.to_ndarray()[0].astype(np.float32))
                held += pieces[-1].size
            if held > most * SOUND_RATE:
                raise ClipTooLarge(f"{path.name} has more than {most:.0f} seconds of sound; give a shorter one.")
        if start is not None:
            pieces += [piece.to_ndarray()[0].astype(np.float32) for piece in resampler.resample(None)]
    except FFmpegError as reason:
        raise BadClip(f"The sound of {path.name} is damaged; send the whole file again.") from reason
    return np.concatenate(pieces), start


def to_picture(frame: Any, size: tuple[int, int] | None = None) -> Picture:
    """RGB uint8 (h, w, 3), upright. ``size`` is (width, height) before turning; None keeps the frame's own."""
    width, height = size or (frame.width, frame.height)
    said = int(frame.colorspace)
    fallback = Colorspace.ITU709 if frame.height >= HD_LINES else Colorspace.ITU601
    full = int(frame.color_range) == int(ColorRange.JPEG)
    rgb = frame.reformat(
        width=width,
        height=height,
        format="rgb24",
        src_colorspace=_COLORSPACES.get(said, fallback),
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    ).to_ndarray()
    return cast(Picture, np.ascontiguousarray(np.rot90(rgb, _quarter_turns(frame))))


def _decoded(path: Path, container: Any, video: Any) -> Iterator[Any]:
    try:
        yield from container.decode(video)
    except FFmpegError as reason:
        raise BadClip(f"The picture of {path.name} is damaged; send the whole file again.") from reason


def _quarter_turns(frame: Any) -> int:
    """Counter-clockwise quarter turns that make the frame upright (the display matrix, to the nearest quarter)."""
    return round((frame.rotation or 0) / 90) % 4


def _time(frame: Any) -> float:
    return float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else 0.0


def _lead(sound_starts: float | None, video: Any) -> float:
    """Seconds by which the sound starts after the picture (negative: before), bounded against nonsense in the file."""
    if sound_starts is None:
        return 0.0
    start = float(video.start_time * video.time_base) if video.start_time is not None else 0.0
    return float(np.clip(sound_starts - start, -MAX_SECONDS, 5.0))


def _ends_early(container: Any, video: Any, last: float) -> bool:
    """True when a whole second and a tenth of the declared length are missing (edit lists may drop a frame or two)."""
    said = seconds_of(container, video)
    gap = 1 / float(video.average_rate) if video.average_rate else 0.1
    return said - (last + gap) > max(1.0, 0.1 * said)
