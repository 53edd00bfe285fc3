"""Shots: what is told as one, what is not, and that nothing that looks new goes unseen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest

from generator import sampling
from generator.codec import Codec, write_clip
from generator.errors import ClipTooLarge
from generator.shots import THUMB, Look, Shots
from safety.media import Picture
from tests.generator.test_codec import H, W, scene

FPS = 24


def place(seed: int, width: int = 96, height: int = 54) -> np.ndarray:
    """A scene without a name: soft blobs of colour, float32."""
    noise = np.random.default_rng(seed).uniform(0, 255, (height, width, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 6)
    return (soft - soft.min()) / (soft.max() - soft.min()) * 235 + 10


def look(pictures: Iterable[np.ndarray]) -> list[Look]:
    shots, out = Shots(), []
    for i, picture in enumerate(pictures):
        thumb = cv2.resize(np.clip(picture, 0, 255).astype(np.float32), THUMB, interpolation=cv2.INTER_AREA)
        out.append(shots.see(thumb.astype(np.int16), i / FPS))
    return out


def changes(looks: list[Look]) -> list[int]:
    return [i for i in range(1, len(looks)) if looks[i].shot != looks[i - 1].shot]


A, B, C = place(1), place(2), place(3)


def test_a_cut_begins_a_shot_at_its_first_frame() -> None:
    looks = look([A] * 20 + [B] * 20 + [C] * 20)
    assert changes(looks) == [20, 40]
    assert [i for i, told in enumerate(looks) if told.new] == [0, 20, 40]


def test_a_foreign_frame_is_a_shot_and_what_it_interrupted_goes_on() -> None:
    looks = look([A] * 20 + [B] + [A] * 20)
    assert [looks[i].shot for i in (19, 20, 21)] == [0, 1, 0]
    assert looks[20].new and not looks[21].new


def test_a_dissolve_is_a_new_shot_by_its_end() -> None:
    mixed = [A + (B - A) * (i + 1) / 21 for i in range(20)]
    (change,) = changes(look([A] * 20 + mixed + [B] * 20))
    assert 30 <= change <= 46


def test_a_fade_through_black_is_one_new_shot() -> None:
    down, up = [A * (1 - i / 12) for i in range(1, 13)], [B * i / 12 for i in range(1, 13)]
    (change,) = changes(look([A] * 20 + down + [A * 0] * 6 + up + [B] * 20))
    assert 38 <= change <= 50


def test_what_fades_in_again_is_the_shot_it_was() -> None:
    down = [A * (1 - i / 12) for i in range(1, 13)]
    assert changes(look([A] * 20 + down + [A * 0] * 6 + down[::-1] + [A] * 20)) == []


def test_a_fast_pan_is_no_cut() -> None:
    wide = place(4, 960)
    assert changes(look([wide[:, :96]] * 12 + [wide[:, x : x + 96] for x in range(0, 860, 8)])) == []


def test_a_camera_flash_and_a_lamp_that_goes_out_are_no_cuts() -> None:
    bright = A * 0.8 + 60
    assert changes(look([A] * 12 + [bright] * 2 + [A] * 12 + [A * 0.4] * 20)) == []


def test_a_strobe_of_two_pictures_is_two_shots() -> None:
    looks = look([A if i % 2 else B for i in range(400)])
    assert {told.shot for told in looks} == {0, 1}
    assert sum(told.new for told in looks) == 2


def test_pictures_that_are_all_different_are_all_seen() -> None:
    looks = look([place(seed) for seed in range(100, 160)])
    assert sum(told.new for told in looks) >= 58


def test_frames_carry_their_shot(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    pictures: list[Picture] = [scene(i) if i < 24 else 255 - scene(0)[::-1] for i in range(48)]
    write_clip(path, pictures, None, width=W, height=H, fps=FPS, preset="ultrafast")
    frames = [f for part in Codec().parts(path) for f in part.frames]
    assert [(f.index, f.shot) for f in frames] == [(0, 0), (12, 0), (24, 1), (36, 1)]


def test_a_clip_with_more_looks_than_anybody_would_check_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "MAX_LOOKS", 20)
    path = tmp_path / "wild.mp4"
    pictures = [place(seed).astype(np.uint8) for seed in range(30)]
    write_clip(path, pictures, None, width=96, height=54, fps=FPS, preset="ultrafast")
    with pytest.raises(ClipTooLarge, match="changes its picture more than 20 times"):
        list(Codec().parts(path))
