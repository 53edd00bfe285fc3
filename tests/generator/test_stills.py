"""A still picture is a clip of one frame; a bad one is a sentence."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from generator import stills
from generator.codec import Codec
from generator.errors import BadClip, ClipTooLarge


@pytest.fixture
def picture() -> np.ndarray:
    rng = np.random.default_rng(3)
    return cv2.GaussianBlur(rng.integers(0, 255, (120, 200, 3), np.uint8), (0, 0), 4)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp"])
def test_a_picture_is_read_as_one_frame(tmp_path: Path, picture: np.ndarray, suffix: str) -> None:
    path = tmp_path / f"shot.{suffix}"
    cv2.imwrite(str(path), picture[:, :, ::-1])
    codec = Codec()
    facts, sampled = codec.facts(path), codec.sample(path)
    assert (facts.width, facts.height, codec.sound(path)) == (200, 120, None)
    (frame,) = codec.frames(path)
    assert len(sampled.frames) == 1
    assert np.abs(frame.picture.astype(int) - picture).mean() < 6


def test_a_picture_is_known_by_its_bytes_and_not_by_its_name(tmp_path: Path, picture: np.ndarray) -> None:
    cv2.imwrite(str(tmp_path / "shot.png"), picture)
    (tmp_path / "shot.png").rename(tmp_path / "shot.mp4")
    assert Codec().facts(tmp_path / "shot.mp4").video_codec == "still"


def test_a_damaged_picture_is_one_sentence(tmp_path: Path, picture: np.ndarray) -> None:
    path = tmp_path / "cut.png"
    cv2.imwrite(str(path), picture)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(BadClip, match=r"^cut\.png is a damaged picture; send the file again\.$"):
        Codec().sample(path)


def test_a_huge_picture_is_refused_before_it_is_decoded(
    tmp_path: Path, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "huge.png"
    cv2.imwrite(str(path), picture)
    monkeypatch.setattr(stills, "MAX_PIXELS", 1000)
    with pytest.raises(ClipTooLarge, match="200x120 pixels; at most 1000"):
        Codec().facts(path)


def test_a_few_letters_named_mp4_are_no_video(tmp_path: Path) -> None:
    path = tmp_path / "note.mp4"
    path.write_text("hello\n")
    with pytest.raises(BadClip, match="cannot be decoded as video"):
        Codec().facts(path)
