"""What the gate's workers are given is the whole clip: every sampled frame once, and all of its sound."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from generator.codec import Codec, write_clip
from generator.viewing import HEARD_SECONDS, SEEN_SECONDS
from safety.media import SOUND_RATE, Frame

BUNNY = Path(__file__).parents[1] / "provenance" / "assets" / "bunny.mp4"


def long_clip(path: Path, seconds: float, sound: bool = True) -> Path:
    """A clip of slow grey steps with a rising tone."""
    frames = (
        Frame(np.full((36, 64, 3), int(40 + 150 * i / (seconds * 10)), np.uint8), i / 10, i) for i in range(int(seconds * 10))
    )
    t = np.arange(int(seconds * SOUND_RATE), dtype=np.float32) / SOUND_RATE
    tone = (0.3 * np.sin(2 * np.pi * (200 + 5 * t) * t)).astype(np.float32) if sound else None
    write_clip(path, frames, tone, width=64, height=36, fps=10)
    return path


def test_frames_are_those_of_the_sampled_clip_and_come_once() -> None:
    parts = list(Codec().viewed(BUNNY))
    whole = Codec().sample(BUNNY)
    seen = [f for part in parts for f in part.frames]
    assert [(f.index, f.shot) for f in seen] == [(f.index, f.shot) for f in whole.frames]
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(seen, whole.frames, strict=True))
    assert {part.digest for part in parts} == {whole.digest}


def test_sound_comes_first_and_is_all_there(tmp_path: Path) -> None:
    path = long_clip(tmp_path / "long.mp4", 65.0)
    parts = list(Codec().viewed(path))
    heard = [p for p in parts if p.sound is not None]
    assert parts[: len(heard)] == heard
    assert all(not p.frames for p in heard)
    reached = 0.0
    for part in heard:
        assert part.sound is not None
        assert part.sound_from <= reached + 1e-6  # nothing between two parts is left out
        reached = part.sound_from + part.sound.size / SOUND_RATE
        assert part.sound.size <= (HEARD_SECONDS + 2.5) * SOUND_RATE
    assert reached > 64.9


def test_a_part_of_pictures_is_short(tmp_path: Path) -> None:
    parts = [p for p in Codec().viewed(long_clip(tmp_path / "long.mp4", 20.0, sound=False)) if p.frames]
    assert len(parts) >= 5
    assert all(p.frames[-1].time - p.frames[0].time <= SEEN_SECONDS for p in parts)
    times = [f.time for p in parts for f in p.frames]
    assert max(b - a for a, b in pairwise(times)) <= 0.51
    assert times[-1] >= 19.4


def test_a_still_is_one_part(tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / "still.png")
    (part,) = Codec().viewed(tmp_path / "still.png")
    assert len(part.frames) == 1
