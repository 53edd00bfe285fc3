"""A reference picture is found again in a clip: small, moving, mirrored, before something else; and nobody else's is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from classifiers.clip import subject
from classifiers.clip.fingerprint import (
    SAME_LOOK_COSINE,
    SAME_PICTURE_PDQ,
    PictureFingerprinter,
    distance,
    similarity,
)
from classifiers.clip.regions import propose
from safety.fingerprint import Fingerprinter, PictureFingerprint
from safety.media import Picture
from safety.weights import WeightsError
from tests.classifiers.clip.drawings import cartoon, chick, clip, photograph, portrait, robot, walk

PRINTER = PictureFingerprinter()
Prints = tuple[PictureFingerprint, ...]


def best(found: Prints, reference: Prints) -> float:
    return max(similarity(a, b) for a in found for b in reference)


@pytest.fixture(scope="module")
def references() -> dict[str, Prints]:
    return {"robot": PRINTER.reference(portrait(robot)), "chick": PRINTER.reference(portrait(chick))}


@pytest.mark.parametrize(
    ("draw", "ground", "options"),
    [
        (robot, cartoon(1), {}),
        (chick, cartoon(5), {"mirrored": True, "height": 0.4}),
        (robot, photograph("rocket"), {"height": 0.6}),
        (chick, photograph("chelsea"), {"pan": 100, "height": 0.36}),
    ],
)
def test_the_character_is_found_and_taken_for_no_other(
    draw: Callable[..., None], ground: Picture, options: dict[str, float], references: dict[str, Prints]
) -> None:
    found = PRINTER.clip(walk(draw, np.asarray(cv2.resize(ground, (640, 360)), np.uint8), **options))
    other = "chick" if draw is robot else "robot"
    assert best(found, references[draw.__name__]) >= SAME_LOOK_COSINE
    assert best(found, references[other]) < SAME_LOOK_COSINE


def test_scenes_without_the_character_are_not_taken_for_it(references: dict[str, Prints]) -> None:
    pictures = [
        np.asarray(cv2.resize(p, (640, 360)), np.uint8)
        for p in (photograph("coffee"), cartoon(8), photograph("astronaut"), cartoon(9))
    ]
    found = PRINTER.clip(clip(pictures))
    assert max(best(found, r) for r in references.values()) < SAME_LOOK_COSINE


def test_the_place_of_a_match_is_where_the_character_walks(references: dict[str, Prints]) -> None:
    found = PRINTER.clip(walk(robot, cartoon(1)))
    match = max(found, key=lambda p: best((p,), references["robot"]))
    assert match.box is not None
    assert match.time is not None
    walked = (170 + 38 * match.time * 2) / 640
    assert abs(match.box.x + match.box.w / 2 - walked) < 0.06
    assert match.frame == round(match.time * 24)


def test_a_copy_of_the_picture_itself_is_found_by_hash_also_mirrored() -> None:
    poster = photograph("coffee")
    reference = PRINTER.reference(poster)
    copy = np.asarray(cv2.resize(poster[:, ::-1], (480, 320), interpolation=cv2.INTER_AREA), np.uint8)
    found = PRINTER.clip(clip([np.ascontiguousarray(copy)]))
    assert min(distance(a.pdq, b.pdq) for a in found for b in reference) <= SAME_PICTURE_PDQ
    assert best(found, reference) > 0.95


def test_a_photograph_has_no_plain_background_and_counts_as_a_whole() -> None:
    assert subject.find(photograph("coffee")) is None
    assert len(PRINTER.reference(photograph("coffee"))) == 2


@pytest.mark.parametrize("ground", [(244, 240, 230), (20, 30, 60), (127, 127, 127)])
def test_the_subject_is_cut_out_of_a_plain_ground_of_any_colour(ground: tuple[int, int, int]) -> None:
    picture = portrait(chick, ground)
    mask = subject.find(picture)
    drawn = (picture != np.array(ground, np.uint8)).any(2)
    assert mask is not None
    assert (mask & drawn).sum() / (mask | drawn).sum() > 0.93
    assert sum(len(p.embedding) > 0 for p in PRINTER.reference(picture)) == 4


def test_a_gradient_behind_the_subject_is_still_background() -> None:
    picture = portrait(robot).astype(np.float32)
    plain = (picture == picture[0, 0]).all(2)
    picture[plain] *= (
        np.linspace(1, 0.6, picture.shape[0], dtype=np.float32).repeat(picture.shape[1]).reshape(plain.shape)[plain][:, None]
    )
    mask = subject.find(picture.astype(np.uint8))
    assert mask is not None
    assert abs(mask.mean() - (~plain).mean()) < 0.03


def test_whoever_walks_is_told_from_a_camera_that_pans() -> None:
    regions = propose([f.picture for f in walk(chick, cartoon(3), pan=90).frames])
    moving = [r for frame in regions for r in frame if r.how.startswith("moves")]
    centres = [round(r.box.x + r.box.w / 2, 1) for r in moving if r.box.h > 0.3]
    assert len(centres) >= 6


def test_one_frame_no_frames_and_one_pixel_are_no_trouble() -> None:
    assert PRINTER.clip(clip([])) == ()
    assert len(PRINTER.clip(clip([cartoon(1)]))) >= 1
    crumb = PRINTER.clip(clip([np.zeros((1, 1, 3), np.uint8)] * 3))
    assert [p.quality for p in crumb] == [0, 0, 0]
    assert len(PRINTER.reference(np.zeros((1, 1, 3), np.uint8))) == 2


def test_the_same_clip_has_the_same_fingerprints() -> None:
    a, b = (PRINTER.clip(walk(robot, cartoon(2), frames=4)) for _ in range(2))
    assert [(p.pdq, p.box) for p in a] == [(p.pdq, p.box) for p in b]
    assert all(np.allclose(p.embedding, q.embedding, atol=1e-5) for p, q in zip(a, b, strict=True))


def test_a_missing_network_is_an_error_that_says_whose_move_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARANCE_MODELS", str(tmp_path))
    with pytest.raises(WeightsError, match=r"clearance models fetch efficientnet-lite0\.pth"):
        PictureFingerprinter().reference(portrait(robot))


def test_it_is_a_fingerprinter() -> None:
    printer: Fingerprinter = PRINTER
    assert printer.name == "pdq+lite0/1"
