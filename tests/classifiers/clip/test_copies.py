"""What finds altered copies: bars, corners, codes, and weights read without their library."""

from __future__ import annotations

import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest

from classifiers.clip.copies import CopyLooker
from classifiers.clip.copies_bars import inside
from classifiers.clip.copies_points import MOST, points
from classifiers.clip.fingerprint import PictureFingerprinter
from classifiers.clip.tensors import read
from safety import weights
from safety.fingerprint import CODE, POINT, read_points, unit
from safety.media import ClipFacts, Frame, Picture, SampledClip
from tests.classifiers.clip.drawings import cartoon, photograph, robot, walk

PRINTER = PictureFingerprinter()


def clip_of(pictures: list[Picture], apart: float = 0.5) -> SampledClip:
    frames = tuple(Frame(p, 30 + apart * i, 720 + 12 * i) for i, p in enumerate(pictures))
    height, width = pictures[0].shape[:2]
    return SampledClip("x", ClipFacts(width, height, 24, 60, "h264", None), frames, None)


@pytest.mark.parametrize("bars", [(45, 45, 0, 0), (0, 0, 60, 64), (30, 30, 50, 50)])
@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 190, 210)])
def test_bars_are_told_from_the_picture_between_them(bars: tuple[int, int, int, int], colour: tuple[int, int, int]) -> None:
    picture = np.asarray(cv2.resize(photograph("coffee"), (480, 320)), np.uint8)
    barred = cv2.copyMakeBorder(picture, *bars, cv2.BORDER_CONSTANT, value=colour)
    packed = cv2.imdecode(cv2.imencode(".jpg", barred, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_COLOR)
    box = inside(np.asarray(packed, np.uint8))
    height, width = barred.shape[:2]
    assert box is not None
    expected = (bars[2] / width, bars[0] / height, 480 / width, 320 / height)
    assert np.allclose((box.x, box.y, box.w, box.h), expected, atol=0.02)


def test_a_sky_is_no_bar_and_black_is_no_picture() -> None:
    sky = np.asarray(cv2.resize(photograph("coffee"), (480, 320)), np.uint8)
    sky[:90] = (120, 160, 220)
    assert inside(sky) is None
    assert inside(photograph("chelsea")) is None
    assert inside(np.zeros((90, 160, 3), np.uint8)) is None


def test_corners_are_few_spread_and_within_the_picture() -> None:
    found = read_points(points(photograph("coffee")))
    assert found.dtype == POINT
    assert 60 <= len(found) <= MOST
    assert len({(x // 16384, y // 21846) for x, y in zip(found["x"].tolist(), found["y"].tolist(), strict=True)}) >= 9
    assert points(np.full((200, 300, 3), 90, np.uint8)) == b""
    assert points(photograph("coffee")) == points(photograph("coffee"))


@pytest.mark.parametrize("edit", ["mirrored", "cropped", "grey"])
def test_a_code_is_nearer_to_its_altered_self_than_to_others(edit: str) -> None:
    names = ["coffee", "chelsea", "astronaut", "rocket"]
    pictures = [np.asarray(cv2.resize(photograph(n), (480, 320)), np.uint8) for n in names]
    edited = {
        "mirrored": [np.ascontiguousarray(p[:, ::-1]) for p in pictures],
        "cropped": [np.ascontiguousarray(p[20:260, 60:420]) for p in pictures],
        "grey": [np.repeat(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)[..., None], 3, 2) for p in pictures],
    }[edit]
    known, asked = (unit([p.code for p in PRINTER.wholes(clip_of(some)) if p.code is not None]) for some in (pictures, edited))
    cosines = asked @ known.T
    own = np.diag(cosines)
    assert known.shape == (4, CODE)
    assert own.min() > 0.5
    assert (own - (cosines - 2 * np.eye(4)).max(1)).min() > 0.3


def test_a_looker_answers_with_the_times_and_indexes_of_the_whole_clip_and_travels_to_its_process() -> None:
    looker = CopyLooker(PRINTER)
    prints = looker.look(clip_of([cartoon(3), cartoon(4)]))
    assert {(p.frame, p.time) for p in prints} == {(720, 30.0), (732, 30.5)}
    travelled = pickle.loads(pickle.dumps(looker))
    assert len(pickle.dumps(looker)) < 1000
    assert [p.pdq for p in travelled.look(clip_of([cartoon(3), cartoon(4)]))] == [p.pdq for p in prints]
    assert len(pickle.dumps(prints)) < 40_000 * len(prints)


def test_regions_are_sought_once_a_second_and_in_each_shot() -> None:
    walking = [f.picture for f in walk(robot, cartoon(1)).frames]
    prints = PRINTER.clip(clip_of(walking))
    with_regions = {p.time for p in prints if p.box is not None}
    assert with_regions <= {30.0 + i for i in range(9)}
    assert {p.time for p in prints if p.box is None} == {30 + 0.5 * i for i in range(len(walking))}
    cut = SampledClip("x", ClipFacts(640, 360, 24, 60, "h264", None),
                      tuple(Frame(p, 0.3 * i, i, i // 2) for i, p in enumerate(walking[:6])), None)  # fmt: skip
    assert {p.time for p in PRINTER.clip(cut) if p.box is not None} <= {0.0, 0.6, 1.2}


def test_weights_are_read_without_running_what_a_file_says(tmp_path: Path) -> None:
    tensors = read(weights.find("efficientnet-lite0.pth"))
    assert tensors["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert tensors["_fc.bias"].dtype == np.float32
    (tmp_path / "bad.pth").write_bytes(pickle.dumps(Path.unlink))
    with pytest.raises(ValueError, match="no weights that can be read"):
        read(tmp_path / "bad.pth")
    (tmp_path / "text.pth").write_text("not a file of weights")
    with pytest.raises(ValueError):
        read(tmp_path / "text.pth")
