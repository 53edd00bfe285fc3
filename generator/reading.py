"""Clips as plain arrays: what the container says, and every frame.

It decodes lazily, one frame in memory at a time. It never judges what it sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace

from generator import sources
from generator.errors import BadClip, ClipTooLarge
from generator.hearing import read_sound_file
from generator.sources import cut_short, open_clip, seconds_of
from safety.media import ClipFacts, Frame, Picture

__all__ = ["raw_frames", "read_facts", "read_frames", "read_sound_file", "to_picture"]

#: Untagged video from this height up is taken for BT.709, below for BT.601, as players do.
HD_LINES = 720
#: H.264's code for "matrix not said" (ITU-T H.273, table 4).
_UNSAID = 2
#: Rates that a container may claim, frames a second, and the one taken when it claims another, for frames that carry no time.
MIN_RATE, MAX_RATE, USUAL_RATE = 1.0, 240.0, 25.0
_COLORSPACES = {1: Colorspace.ITU709, 5: Colorspace.ITU601, 6: Colorspace.ITU601, 7: Colorspace.SMPTE240M, 9: Colorspace.BT2020}


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
            seconds = _measured(container, video)
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

    Times never fall (``_Clock``). Raises ``BadClip`` when the track ends before the container says it does, and
    ``ClipTooLarge`` when it is longer, has more frames, or frames larger than the limits; the container's word is not taken.
    """
    with open_clip(path) as (container, video):
        clock, reach, last, index = _Clock.of(video), _Reach(), 0.0, 0
        for frame in _decoded(path, container, video, reach):
            last = clock.tell(frame)
            if last > sources.MAX_SECONDS:
                raise ClipTooLarge(f"{path.name} is longer than {sources.MAX_SECONDS:.0f} seconds; give a shorter clip.")
            if index >= sources.MAX_PICTURES:
                raise ClipTooLarge(f"{path.name} has more than {sources.MAX_PICTURES} frames; give a shorter clip.")
            sources.refuse_size(path, frame.width, frame.height)
            yield frame, index, last
            index += 1
        if index == 0 or _ends_early(container, video, last, reach):
            raise cut_short(path)


@dataclass
class _Clock:
    """Seconds since the first frame, whatever the file says: a frame without a time, or with one that does not come after the
    last, follows at the nominal rate. Otherwise a stamp set back would stop the clock, and what is sampled by time with it."""

    nominal: float
    base: float = 0.0
    origin: float | None = None
    last: float | None = None

    @classmethod
    def of(cls, video: Any) -> _Clock:
        rate = float(video.average_rate or video.guessed_rate or 0)
        return cls(nominal=1 / rate if MIN_RATE <= rate <= MAX_RATE else 1 / USUAL_RATE)

    def tell(self, frame: Any) -> float:
        stamp = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else None
        if self.last is None:
            self.origin, now = stamp, 0.0
        elif stamp is None:
            self.origin, now = None, self.last + self.nominal
        else:
            now = self.base + stamp - self.origin if self.origin is not None else -1.0
            if now <= self.last:
                now = self.last + self.nominal
                self.origin, self.base = stamp, now
        self.last = now
        return now


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


def _decoded(path: Path, container: Any, video: Any, reach: _Reach | None = None) -> Iterator[Any]:
    """Frames of ``video``; ``reach`` is told of every packet of every track that passes."""
    try:
        for packet in container.demux():
            if reach is not None:
                reach.see(packet)
            if packet.stream.index != video.index:  # the packet that ends a track carries no number of its own
                continue
            if packet.is_corrupt:
                raise damaged(path)
            for frame in packet.decode():
                # the decoder paints over what it cannot read; what stood there nobody saw
                if frame.is_corrupt:
                    raise damaged(path)
                yield frame
    except FFmpegError as reason:
        raise damaged(path) from reason


def damaged(path: Path) -> BadClip:
    """The error for a picture track that cannot be read to its end."""
    return BadClip(f"The picture of {path.name} is damaged; send the whole file again.")


@dataclass
class _Reach:
    """How much time the packets covered, whichever track they are of: some containers declare one length for all."""

    start: float | None = None
    end: float = 0.0

    def see(self, packet: Any) -> None:
        if packet.pts is None or not packet.time_base:
            return
        at = float(packet.pts * packet.time_base)
        self.start = at if self.start is None else min(self.start, at)
        self.end = max(self.end, at + float((packet.duration or 0) * packet.time_base))

    @property
    def seconds(self) -> float:
        return 0.0 if self.start is None else self.end - self.start


def _quarter_turns(frame: Any) -> int:
    """Counter-clockwise quarter turns that make the frame upright (the display matrix, to the nearest quarter)."""
    return round((frame.rotation or 0) / 90) % 4


def _measured(container: Any, video: Any) -> float:
    """Length by the stamps of the packets still to come, seconds, for a container that declares none; nothing is decoded."""
    reach = _Reach()
    for packet in container.demux(video):
        reach.see(packet)
    return min(reach.seconds, sources.MAX_SECONDS)


def _ends_early(container: Any, video: Any, last: float, reach: _Reach) -> bool:
    """True when a whole second and a tenth of the declared length are missing (edit lists may drop a frame or two)."""
    said = seconds_of(container, video)
    gap = 1 / float(video.average_rate) if video.average_rate else 0.1
    reached = last + gap if video.duration is not None else max(last + gap, reach.seconds)
    return said - reached > max(1.0, 0.1 * said)
