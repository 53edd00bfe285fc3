"""Writing clips: H.264 (yuv420p, BT.709) and AAC in an mp4 that starts to play at once, in constant memory.

The same input gives the same bytes on one machine: fixed threads, no dates, no program names. A file appears under its
name only when it is whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from generator.errors import GeneratorError
from generator.protocol import Chunk
from safety.media import SOUND_RATE, Frame, Picture, Sound

#: Ticks a second of the video track; divides 24, 25, 30, 50, 60 and 30000/1001 evenly (the MPEG clock).
TICKS = 90_000
#: One encoder thread: the bytes then depend on the input alone.
THREADS = 1
SOUND_BITS = 160_000
#: Samples in one AAC frame.
_AAC_FRAME = 1024


class ClipWriter:
    """Takes frames and sound as they come; use as a context manager.

    Leaving normally finishes the file and moves it to ``path``; leaving by an exception removes what was written.
    """

    def __init__(
        self, path: Path, *, width: int, height: int, fps: float | Fraction, sound: bool, crf: int = 18, preset: str = "veryfast"
    ) -> None:
        if width % 2 or height % 2 or min(width, height) < 16:
            raise GeneratorError(f"A clip of {width}x{height} pixels cannot be written; both sides must be even and at least 16.")
        self.path, self.size, self.rate = path, (width, height), Fraction(fps).limit_denominator(1001)
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._count, self._last = 0, -1
        self._fed, self._waiting = 0, np.zeros(0, np.float32)
        self._box = _plainly(
            path, av.open, str(self._part), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
        )
        self._video = self._box.add_stream("libx264", rate=self.rate)
        _set_up_video(self._video, width, height, crf, preset)
        self._audio = self._box.add_stream("aac", rate=SOUND_RATE, layout="mono") if sound else None
        if self._audio is not None:
            self._audio.bit_rate = SOUND_BITS
            self._audio.codec_context.flags |= 1 << 23  # bitexact

    def add_frame(self, picture: Picture, time: float | None = None) -> None:
        """Append one frame, uint8 (height, width, 3); ``time`` in seconds places it, otherwise it follows at the clip's rate."""
        if picture.shape != (self.size[1], self.size[0], 3) or picture.dtype != np.uint8:
            raise GeneratorError(f"A frame of shape {picture.shape} does not fit a clip of {self.size[0]}x{self.size[1]} pixels.")
        at = self._count * TICKS / self.rate if time is None else time * TICKS
        pts = max(round(at), self._last + 1)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24").reformat(
            format="yuv420p", dst_colorspace=Colorspace.ITU709, src_color_range=ColorRange.JPEG, dst_color_range=ColorRange.MPEG
        )
        frame.pts, frame.time_base = pts, Fraction(1, TICKS)
        self._count, self._last = self._count + 1, pts
        self._mux(self._video, frame)

    def add_sound(self, sound: Sound) -> None:
        """Append sound, float32 mono at 48 kHz."""
        if self._audio is None:
            raise GeneratorError("This clip was opened without sound.")
        self._waiting = np.concatenate([self._waiting, np.asarray(sound, np.float32)])
        while self._waiting.size >= _AAC_FRAME:
            self._send(self._waiting[:_AAC_FRAME])
            self._waiting = self._waiting[_AAC_FRAME:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
        except BaseException:
            kind = GeneratorError
            raise
        finally:
            if kind is not None:
                _close_quietly(self._box)
                self._part.unlink(missing_ok=True)

    def _finish(self) -> None:
        if self._count == 0:
            raise GeneratorError("A clip without a single frame was not written.")
        if self._audio is not None:
            if self._waiting.size:
                self._send(self._waiting)
            if self._fed:
                self._mux(self._audio, None)
        self._mux(self._video, None)
        _plainly(self.path, self._box.close)
        _plainly(self.path, os.replace, self._part, self.path)

    def _send(self, samples: Sound) -> None:
        frame = av.AudioFrame.from_ndarray(np.clip(samples, -1, 1)[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self._fed, Fraction(1, SOUND_RATE)
        self._fed += samples.size
        self._mux(self._audio, frame)

    def _mux(self, stream: Any, frame: Any) -> None:
        for packet in _plainly(self.path, stream.encode, frame):
            _plainly(self.path, self._box.mux, packet)


def write_clip(
    path: Path,
    frames: Iterable[Picture | Frame],
    sound: Sound | None,
    *,
    width: int,
    height: int,
    fps: float | Fraction,
    crf: int = 18,
    preset: str = "veryfast",
) -> None:
    """Write ``frames`` (arrays, or ``Frame`` values whose times are kept) with ``sound`` beside them, in one pass."""
    per_frame = SOUND_RATE / float(fps)
    with ClipWriter(path, width=width, height=height, fps=fps, sound=sound is not None, crf=crf, preset=preset) as out:
        sent = 0
        for count, item in enumerate(frames, start=1):
            picture, time = (item.picture, item.time) if isinstance(item, Frame) else (item, None)
            out.add_frame(picture, time)
            if sound is not None:
                upto = round(SOUND_RATE * time + per_frame) if time is not None else round(count * per_frame)
                out.add_sound(sound[sent:upto])
                sent = max(sent, min(upto, sound.size))
        if sound is not None:
            out.add_sound(sound[sent:])


def write_chunks(
    path: Path,
    chunks: Iterator[Chunk],
    *,
    width: int,
    height: int,
    fps: float | Fraction,
    crf: int = 18,
    preset: str = "veryfast",
) -> None:
    """Write what a generator yields, piece by piece."""
    with ClipWriter(path, width=width, height=height, fps=fps, sound=True, crf=crf, preset=preset) as out:
        for chunk in chunks:
            for picture in chunk.frames:
                out.add_frame(picture)
            out.add_sound(chunk.sound)


def _set_up_video(stream: Any, width: int, height: int, crf: int, preset: str) -> None:
    context = stream.codec_context
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context.time_base, context.thread_count = Fraction(1, TICKS), THREADS
    # Macroblock tree is off: with B frames its vector code reads a little past its rows, and what lies there (measured: two
    # results in ten runs) decides a few bits. The same frames must give the same file.
    context.options = {"crf": str(crf), "preset": preset, "threads": str(THREADS), "x264-params": "mbtree=0"}
    context.colorspace, context.color_range = int(Colorspace.ITU709), int(ColorRange.MPEG)
    context.color_primaries, context.color_trc = int(ColorPrimaries.BT709), int(ColorTrc.BT709)


def _plainly(path: Path, act: Any, *given: Any, **named: Any) -> Any:
    """Call FFmpeg or the file system; a full disk or a folder that cannot be written is a sentence, not a traceback."""
    try:
        return act(*given, **named)
    except (FFmpegError, OSError) as reason:
        why = getattr(reason, "strerror", None) or str(reason)
        raise GeneratorError(
            f"The clip could not be written to {path.parent} ({why}); free space or choose another folder."
        ) from reason


def _close_quietly(box: Any) -> None:
    try:
        box.close()
    except (FFmpegError, OSError, ValueError):
        return
