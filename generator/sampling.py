"""The frames the gates look at: at least two a second and one of every shot, in bounded memory.

A single foreign frame is a shot of its own, so that a flash of something forbidden is not missed between two samples.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.reading import raw_frames, read_facts, read_sound, to_picture
from safety.media import Frame, SampledClip

#: Never more frames than this are held, however long the clip; regular samples thin out first, shots last.
MAX_FRAMES = 240
#: Long side of a sampled frame, pixels: above what any detector reads.
MAX_SIDE = 1280
#: Thumbnail compared from frame to frame, (width, height).
THUMB = (48, 27)
#: A cut: mean change of a thumbnail pixel in its most changed colour, levels of 255, and how many times the recent change.
CUT_LEVELS = 14.0
CUT_TIMES = 3.5


def sample_clip(path: Path, per_second: float = 2.0) -> SampledClip:
    """Decode once, keep what must be seen, and the whole sound. Raises ``BadClip``."""
    with path.open("rb") if path.is_file() else _absent(path) as f:
        digest = "sha256:" + hashlib.file_digest(f, "sha256").hexdigest()
    facts = read_facts(path)
    keeper = _Keeper(step=1.0 / max(per_second, 2.0))
    cuts = _Cuts()
    for frame, index, time in raw_frames(path):
        keeper.offer(frame, index, time, shot=cuts.is_cut(frame))
    return SampledClip(digest=digest, facts=facts, frames=keeper.frames(), sound=read_sound(path))


def _absent(path: Path) -> Any:
    read_facts(path)  # raises the sentence for a missing file
    raise FileNotFoundError(path)


@dataclass
class _Cuts:
    """Remembers the last thumbnail and the usual change between two frames."""

    last: NDArray[np.float32] | None = None
    usual: float = 0.0

    def is_cut(self, frame: Any) -> bool:
        thumb = frame.reformat(width=THUMB[0], height=THUMB[1], format="rgb24").to_ndarray().astype(np.float32)
        if self.last is None:
            self.last = thumb
            return True
        change = float(np.abs(thumb - self.last).max(axis=2).mean())
        self.last = thumb
        cut = change > CUT_LEVELS and change > CUT_TIMES * self.usual
        if not cut:  # a cut tells nothing of how lively the shot is, and must not hide the next one
            self.usual = 0.8 * self.usual + 0.2 * change
        return cut


@dataclass
class _Keeper:
    """Regular samples every ``step`` seconds and the first frame of each shot; the step doubles when room runs out."""

    step: float
    regular: list[Frame] = field(default_factory=list)
    shots: list[Frame] = field(default_factory=list)
    due: float = 0.0
    stride: int = 1
    seen: int = 0

    def offer(self, frame: Any, index: int, time: float, shot: bool) -> None:
        on_time = time >= self.due - 1e-6
        if shot:
            self.seen += 1
        if shot and (self.seen - 1) % self.stride == 0:
            self.shots.append(_small(frame, index, time))
        elif on_time:
            self.regular.append(_small(frame, index, time))
        else:
            return
        if on_time:
            self.due += self.step * (1 + int((time - self.due) / self.step))
        if len(self.regular) + len(self.shots) > MAX_FRAMES:
            self._thin()

    def _thin(self) -> None:
        """Make room: every second regular sample goes; when shots alone are too many, every second shot does."""
        if len(self.regular) > len(self.shots) // 4:
            self.regular = self.regular[::2]
            self.step *= 2
        else:
            self.shots = self.shots[::2]
            self.stride *= 2

    def frames(self) -> tuple[Frame, ...]:
        return tuple(sorted((*self.regular, *self.shots), key=lambda f: f.index))


def _small(frame: Any, index: int, time: float) -> Frame:
    scale = min(1.0, MAX_SIDE / max(frame.width, frame.height))
    size = (max(2, round(frame.width * scale)), max(2, round(frame.height * scale)))
    return Frame(to_picture(frame, size), time, index)
