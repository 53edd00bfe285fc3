"""The picture's mark survives what people do to clips, on drawn scenes and on film, and is absent where it was not put."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from provenance.watermark import Detection, VideoDetector, VideoMarker
from safety.media import Picture
from tests.provenance.material import FPS, X264, ffmpeg, harbour, meadow, read, write

KEY, CLIP, OTHER = b"k" * 32, b"meadow-clip1", b"another-clip"
BUNNY = Path(__file__).parent / "assets" / "bunny.mp4"
ATTACKS = {
    "re-encoded at CRF 28": (*X264, "28"),
    "half size": ("-vf", "scale=iw/2:-2", *X264, "23"),
    "a quarter cut off": ("-vf", "crop=iw*.866:ih*.866:iw*.07:ih*.11", *X264, "23"),
    "mirrored": ("-vf", "hflip", *X264, "23"),
    "upside down": ("-vf", "vflip", *X264, "23"),
    "quarter turn": ("-vf", "transpose=1", *X264, "23"),
    "brighter, more contrast": ("-vf", "eq=brightness=0.12:contrast=1.25", *X264, "23"),
    "turned by 2 degrees": ("-vf", "rotate=2*PI/180", *X264, "23"),
    "squeezed to 4:3": ("-vf", "scale=trunc(ih*4/3/2)*2:ih", *X264, "23"),
    "stripped": ("-c", "copy"),
}


def mark(frames: list[Picture], clip_id: bytes = CLIP) -> list[Picture]:
    marker = VideoMarker(KEY, clip_id, frames[0].shape[1], frames[0].shape[0], FPS)
    return [marker.mark(f) for f in frames]


def detect(frames: list[Picture], key: bytes = KEY) -> Detection:
    detector = VideoDetector(key)
    for frame in frames:
        detector.add(frame)
    return detector.result()


def psnr(one: list[Picture], other: list[Picture]) -> float:
    error = np.mean([np.mean((a.astype(np.float32) - b) ** 2) for a, b in zip(one, other, strict=True)])
    return float(10 * np.log10(255**2 / error))


@pytest.fixture(scope="module", params=["drawn", "film"])
def plain(request: pytest.FixtureRequest) -> list[Picture]:
    return meadow(72) if request.param == "drawn" else read(BUNNY)


@pytest.fixture(scope="module")
def published(plain: list[Picture], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("mark") / "published.mp4", mark(plain))


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_mark_survives(attack: str, published: Path, tmp_path: Path) -> None:
    found = detect(read(ffmpeg(published, tmp_path / "out.mp4", *ATTACKS[attack])))
    assert found.clip_id == CLIP
    assert found.tag_ok


def test_a_drawing_made_smaller_cut_and_brightened_at_once_keeps_its_mark(tmp_path: Path) -> None:
    """Film of 360 lines does not bear all three; film of 720 does (see the bench)."""
    published = write(tmp_path / "published.mp4", mark(harbour(72)))
    change = "scale=trunc(iw*.7/2)*2:-2,crop=trunc(iw*.433)*2:trunc(ih*.433)*2:iw*.09:ih*.05,eq=brightness=0.1:contrast=1.1"
    assert detect(read(ffmpeg(published, tmp_path / "out.mp4", "-vf", change, *X264, "28"))).clip_id == CLIP


def test_the_mark_is_faint(plain: list[Picture]) -> None:
    assert psnr(plain[::12], mark(plain[::12])) >= 43.0


def test_an_unmarked_clip_names_nobody_and_says_a_mark_would_have_shown(plain: list[Picture]) -> None:
    found = detect(plain)
    assert (found.clip_id, found.others) == (None, ())
    assert found.score < 7.5
    assert found.probe > 11


def test_a_marked_clip_means_nothing_under_another_key(published: Path) -> None:
    assert detect(read(published), b"x" * 32).clip_id is None


def test_how_the_picture_was_changed_is_reported(tmp_path: Path) -> None:
    marked = write(tmp_path / "marked.mp4", mark(harbour(48)))
    half = detect(read(ffmpeg(marked, tmp_path / "half.mp4", "-vf", "scale=iw*.7:-2,hflip", *X264, "20"))).geometry
    assert half is not None
    assert half.scale_x == pytest.approx(0.7, abs=0.01)
    assert half.scale_y == pytest.approx(0.7, abs=0.01)
    assert (half.mirrored, half.flipped, half.transposed) == (True, False, False)


def test_a_remix_of_a_marked_clip_carries_both_marks() -> None:
    found = detect(mark(mark(meadow(48)), OTHER))
    assert {found.clip_id, *found.others} == {CLIP, OTHER}


def test_a_motionless_drawing_keeps_its_mark(tmp_path: Path) -> None:
    still = write(tmp_path / "still.mp4", mark(meadow(48, moving=False)))
    assert detect(read(ffmpeg(still, tmp_path / "out.mp4", *X264, "26"))).clip_id == CLIP


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (360, 640), (640, 272)])
def test_every_shape_of_picture_is_marked(width: int, height: int, tmp_path: Path) -> None:
    published = write(tmp_path / "shape.mp4", mark(harbour(36, width, height)))
    assert detect(read(ffmpeg(published, tmp_path / "out.mp4", *X264, "26"))).clip_id == CLIP


def test_marking_leaves_the_original_picture_alone_and_keeps_its_colour() -> None:
    picture = meadow(1)[0]
    before = picture.copy()
    marked = mark([picture])[0]
    assert np.array_equal(picture, before)
    change = marked.astype(int) - before
    inside = (before > 12).all(2) & (before < 243).all(2)
    assert (change[inside].max(1) == change[inside].min(1)).all()


def test_frames_of_another_size_are_refused() -> None:
    marker = VideoMarker(KEY, CLIP, 640, 360, FPS)
    with pytest.raises(ValueError, match="360x640x3"):
        marker.mark(np.zeros((10, 10, 3), np.uint8))
    detector = VideoDetector(KEY)
    detector.add(np.zeros((360, 640, 3), np.uint8))
    with pytest.raises(ValueError, match="one size"):
        detector.add(np.zeros((180, 320, 3), np.uint8))


@pytest.mark.parametrize(
    "picture", [np.zeros((360, 640, 3), np.uint8), np.full((2, 2, 3), 9, np.uint8), np.full((40, 900, 3), 200, np.uint8)]
)
def test_blank_and_tiny_pictures_name_nobody(picture: Picture) -> None:
    assert detect([picture] * 30).clip_id is None


def test_no_frames_is_an_answer_too() -> None:
    assert detect([]) == Detection(clip_id=None, score=0.0, geometry=None, frames=0, probe=0.0)
