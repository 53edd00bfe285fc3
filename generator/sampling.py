"""The frames the gates look at: at least two a second and one of every shot, in bounded memory.

What is kept is a question of time and of looks, never of what can be seen on a frame. ``generator.parts`` keeps all of it in
windows; ``sample_clip`` is for those who want one value and can do with fewer frames of a long clip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.errors import ClipTooLarge
from generator.hearing import read_sound
from generator.reading import raw_frames, read_facts, to_picture
from generator.shots import Look, Shots, thumbnails
from safety.media import Frame, SampledClip

#: Never more frames than this are held by ``sample_clip``, however long the clip; regular samples thin out first, shots last.
MAX_FRAMES = 240
#: Long side of a sampled frame, pixels: above what any detector reads.
MAX_SIDE = 1280
#: Most new looks in one clip. Five a second for ten minutes; somebody who shows more wants nobody to look at each.
MAX_LOOKS = 3_000
#: A frame is kept after this many that were not, whatever their times say: half a second of the fastest clip we read.
MAX_SKIPPED = 120


def sample_clip(path: Path, per_second: float = 2.0) -> SampledClip:
    """Decode once, keep what must be seen, and the whole sound. Raises ``BadClip``."""
    digest = file_digest(path)
    keeper = _Keeper()
    facts = read_facts(path)
    for raw, index, time, look in offered(path, Pace(step=1.0 / max(per_second, 2.0))):
        keeper.keep(small(raw, index, time, look.shot), look.new)
    return SampledClip(digest=digest, facts=facts, frames=keeper.frames(), sound=read_sound(path))


def file_digest(path: Path) -> str:
    """``sha256:`` and the hex digest of the file's bytes. Raises ``BadClip`` when it cannot be read."""
    if not path.is_file():
        read_facts(path)  # raises the sentence for it
    with path.open("rb") as f:
        return "sha256:" + hashlib.file_digest(f, "sha256").hexdigest()


@dataclass
class Pace:
    """When the next regular sample is due: every ``step`` seconds, or ``MAX_SKIPPED`` frames after the last sample."""

    step: float
    due: float = 0.0
    skipped: int = 0

    def is_due(self, time: float) -> bool:
        self.skipped += 1
        return time >= self.due - 1e-6 or self.skipped > MAX_SKIPPED

    def took(self, time: float, look: Look) -> None:
        """A sample was taken at ``time``. A new look sets the clock anew; otherwise samples stay on their grid."""
        self.skipped = 0
        if look.new:
            self.due = time + self.step
        elif time >= self.due:
            self.due += self.step * (1 + int((time - self.due) / self.step))


def offered(path: Path, pace: Pace) -> Iterator[tuple[Any, int, float, Look]]:
    """The decoder frames that must be seen, each with its index, time and look. Raises ``BadClip``."""
    shots, shrink, looks = Shots(), thumbnails(), 0
    for raw, index, time in raw_frames(path):
        look = shots.see(shrink(raw), time)
        looks += look.new
        if looks > MAX_LOOKS:
            raise ClipTooLarge(f"{path.name} changes its picture more than {MAX_LOOKS} times; give it in shorter clips.")
        if pace.is_due(time) or look.new:
            pace.took(time, look)
            yield raw, index, time, look


def small(raw: Any, index: int, time: float, shot: int) -> Frame:
    """The decoder frame ``raw`` as a ``Frame`` of at most ``MAX_SIDE`` pixels on its long side."""
    scale = min(1.0, MAX_SIDE / max(raw.width, raw.height))
    size = (max(1, round(raw.width * scale)), max(1, round(raw.height * scale)))
    return Frame(to_picture(raw, size), time, index, shot)


@dataclass
class _Keeper:
    """Regular samples and the first frame of each new look; when room runs out, every second goes, regular ones first."""

    regular: list[Frame] = field(default_factory=list)
    looks: list[Frame] = field(default_factory=list)
    stride: list[int] = field(default_factory=lambda: [1, 1])
    seen: list[int] = field(default_factory=lambda: [0, 0])

    def keep(self, frame: Frame, new: bool) -> None:
        wanted = self.seen[new] % self.stride[new] == 0
        self.seen[new] += 1
        if wanted:
            (self.looks if new else self.regular).append(frame)
        if len(self.regular) + len(self.looks) > MAX_FRAMES:
            self._thin()

    def _thin(self) -> None:
        if len(self.regular) > len(self.looks) // 4:
            self.regular = self.regular[::2]
            self.stride[False] *= 2
        else:
            self.looks = self.looks[::2]
            self.stride[True] *= 2

    def frames(self) -> tuple[Frame, ...]:
        return tuple(sorted((*self.regular, *self.looks), key=lambda f: f.index))
