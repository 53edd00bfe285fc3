"""A clip read in parts: bounded, in order, nothing left out, and an error where something is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from generator import parts
from generator.codec import Codec, write_clip
from generator.errors import BadClip
from safety.media import SOUND_RATE, SampledClip
from tests.generator.test_codec import ffmpeg, scene

W, H = 320, 180
#: The samples of a ramp say where they are: level = second / 100.
STEP = 0.01


def ramp(seconds: float) -> np.ndarray:
    """A hum whose loudness says the second it belongs to."""
    t = np.arange(int(seconds * SOUND_RATE)) / SOUND_RATE
    return (STEP * (1 + np.floor(t)) * np.sin(2 * np.pi * 500 * t)).astype(np.float32)


def heard(part: SampledClip) -> list[int]:
    """The whole seconds a part's hum tells of."""
    assert part.sound is not None
    return [round(np.abs(s).max() / STEP) - 1 for s in np.split(part.sound, range(SOUND_RATE, part.sound.size, SOUND_RATE))]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 s of moving picture, 55 s of sound."""
    path = tmp_path_factory.mktemp("parts") / "long.mp4"
    pictures = (scene(i % 80) for i in range(400))
    write_clip(path, pictures, ramp(55), width=W, height=H, fps=10, preset="ultrafast")
    return path


def test_parts_together_have_two_frames_a_second_to_the_end(long: Path) -> None:
    frames = [f for part in Codec().parts(long) for f in part.frames]
    times = [f.time for f in frames]
    assert [f.index for f in frames] == sorted({f.index for f in frames})
    assert times[0] == 0.0 and times[-1] >= 39.4
    assert np.diff(times).max() <= 0.5 + 0.1


def test_no_part_is_longer_than_half_a_minute(long: Path) -> None:
    for part in Codec().parts(long):
        assert part.sound is not None and part.sound.size <= (parts.WINDOW_SECONDS + parts.OVERLAP) * SOUND_RATE
        assert not part.frames or part.frames[-1].time - part.frames[0].time < parts.WINDOW_SECONDS


def test_every_second_of_sound_is_in_a_part_at_its_place_and_two_seconds_are_repeated(long: Path) -> None:
    found = list(Codec().parts(long))
    ends = [part.sound_from + part.sound.size / SOUND_RATE for part in found if part.sound is not None]
    assert abs(ends[-1] - 55) < 0.1
    assert [round(end - part.sound_from, 3) for end, part in zip(ends, found[1:], strict=False)] == [parts.OVERLAP] * (
        len(found) - 1
    )
    whole = Codec().sound(long)
    assert whole is not None
    for part in found:
        start = round(part.sound_from * SOUND_RATE)
        assert part.sound is not None and np.array_equal(part.sound, whole[start : start + part.sound.size])


def test_sound_that_is_longer_than_the_picture_is_heard_to_its_end(long: Path) -> None:
    last = list(Codec().parts(long))[-1]
    assert 54 in heard(last)


def test_picture_that_is_longer_than_the_sound_is_seen_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "quiet_end.mp4"
    write_clip(path, (scene(i % 80) for i in range(350)), ramp(3), width=W, height=H, fps=10, preset="ultrafast")
    found = list(Codec().parts(path))
    assert found[-1].frames[-1].time >= 34.4
    assert [part.sound is not None for part in found] == [True, False]


def test_a_part_never_holds_more_than_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "WINDOW_BYTES", 5 * W * H * 3)
    path = tmp_path / "many.mp4"
    write_clip(path, (scene(i) for i in range(80)), ramp(8), width=W, height=H, fps=10, preset="ultrafast")
    found = list(Codec().parts(path))
    assert [len(part.frames) for part in found] == [5, 5, 5, 1]
    # thousands of parts are not thousands of hearings
    assert [int(part.sound is not None) for part in found] == [0, 1, 0, 1]
    assert found[1].sound_from == 0.0


def test_a_short_clip_is_one_part_that_holds_what_a_sample_holds(tmp_path: Path) -> None:
    path = tmp_path / "short.mp4"
    write_clip(path, (scene(i) for i in range(48)), ramp(2), width=W, height=H, fps=24)
    (part,), sample = list(Codec().parts(path)), Codec().sample(path)
    assert (part.digest, part.facts) == (sample.digest, sample.facts)
    assert [(f.index, f.shot) for f in part.frames] == [(f.index, f.shot) for f in sample.frames]
    assert part.sound is not None and sample.sound is not None and np.array_equal(part.sound, sample.sound)


def test_a_clip_cut_short_raises_before_its_last_part(long: Path, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole.mkv", tmp_path / "part.mkv"
    ffmpeg("-i", str(long), "-c", "copy", str(whole))
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size * 9 // 10])
    with pytest.raises(BadClip):
        list(Codec().parts(part))


def test_sound_before_the_picture_is_heard_too(long: Path, tmp_path: Path) -> None:
    path = tmp_path / "late.mkv"
    ffmpeg("-itsoffset", "4", "-i", str(long), "-i", str(long), "-map", "0:v", "-map", "1:a", "-t", "12", "-c", "copy", str(path))
    first = next(iter(Codec().parts(path)))
    assert abs(first.sound_from + 4) < 0.2
    assert heard(first)[0] == 0


def test_a_reader_of_parts_stays_within_its_memory(tmp_path: Path) -> None:
    """12 s of 1920x1080: a child that may take 400 MB more than it starts with; the pictures alone are 900 MB decoded."""
    path = tmp_path / "large.mp4"
    still = np.repeat(np.repeat(np.random.default_rng(0).integers(0, 255, (9, 16, 3), np.uint8), 120, 0), 120, 1)
    write_clip(path, (still for _ in range(144)), ramp(12), width=1920, height=1080, fps=12, preset="ultrafast")
    code = (
        "import resource, sys; from pathlib import Path; from generator.codec import Codec\n"
        "size = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize() + 400_000_000\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size, size))\n"
        "print(sum(len(part.frames) for part in Codec().parts(Path(sys.argv[1]))))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    assert int(done.stdout) >= 24
