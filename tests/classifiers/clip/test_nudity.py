"""Nudity: what must fire, what must not, and what happens when a model cannot be had.

No explicit photograph is used anywhere in this project. The true positives are crude drawings of naked figures, on which the real
models do fire; the same figures dressed are the control. How the models do on photographs is their publishers' claim.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifiers.clip.nudity import NudityDetector, believed
from classifiers.clip.voters import BOX_SIDE, PARTS, parts_of
from safety.media import Picture
from tests.classifiers.clip.drawings import PHOTOGRAPHS, SKINS, cartoon, clip, figure, photograph

DETECTOR = NudityDetector()
GROUNDS = ((120, 160, 200), (240, 240, 240))


def score(picture: Picture) -> float:
    report = DETECTOR.detect(clip([picture]))
    assert report.failure is None
    return report.signals[0].score


@pytest.mark.parametrize("skin", SKINS)
def test_a_drawing_of_a_naked_figure_is_seen_and_the_same_one_dressed_is_not(skin: tuple[int, int, int]) -> None:
    for ground in GROUNDS:
        assert score(figure(skin, ground, dressed=False)) > 0.4
        assert score(figure(skin, ground, dressed=True)) < 0.1


def test_the_evidence_names_the_part_the_frame_its_time_and_its_place() -> None:
    report = DETECTOR.detect(clip([cartoon(1), figure(SKINS[1], GROUNDS[0], dressed=False), cartoon(1)]))
    signal = report.signals[0]
    (evidence,) = signal.evidence
    assert (signal.label, signal.score > 0.7) == ("nudity", True)
    assert (evidence.frame, evidence.time) == (12, (0.5, 1.0))
    assert evidence.note is not None
    assert "breast exposed" in evidence.note
    assert evidence.box is not None
    assert 0.35 < evidence.box.x + evidence.box.w / 2 < 0.65
    assert 0.25 < evidence.box.y + evidence.box.h / 2 < 0.55


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_of_harmless_things_stay_quiet(name: str) -> None:
    assert score(photograph(name)) < 0.1


def test_flat_cartoon_scenes_stay_under_the_line_where_a_person_is_asked() -> None:
    report = DETECTOR.detect(clip([cartoon(seed) for seed in range(24)]))
    assert report.signals[0].score < 0.5


def test_a_box_that_the_second_model_denies_is_not_believed() -> None:
    """0.83 and 0.004: what the two say of scikit-image's colour wheel."""
    assert believed(0.83, 0.004) < 0.2
    assert believed(0.83, 0.6) > 0.8


def test_raw_boxes_become_fractions_of_the_picture_without_its_padding() -> None:
    """A wide picture fills the top of the model's square; a box there must come back in its own proportions."""
    raw = np.zeros((4 + len(PARTS), 3), np.float32)
    raw[:4, 0] = (160, 90, 32, 18)
    raw[4 + PARTS.index("MALE_GENITALIA_EXPOSED"), 0] = 0.6
    raw[4 + PARTS.index("BUTTOCKS_COVERED"), 0] = 0.9
    raw[:4, 1] = (161, 91, 32, 18)
    raw[4 + PARTS.index("MALE_GENITALIA_EXPOSED"), 1] = 0.5
    raw[:4, 2] = (20, 20, 9, 9)
    raw[4 + PARTS.index("FACE_FEMALE"), 2] = 0.9
    (part,) = parts_of(raw, 640, 360)
    assert (part.kind, part.score) == ("MALE_GENITALIA_EXPOSED", pytest.approx(0.6))
    assert (part.box.x, part.box.y) == (pytest.approx(144 / BOX_SIDE), pytest.approx(81 / (BOX_SIDE * 9 / 16)))
    assert (part.box.w, part.box.h) == (pytest.approx(0.1), pytest.approx(0.1))


def test_a_missing_model_is_a_failed_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARANCE_MODELS", str(tmp_path))
    report = NudityDetector().detect(clip([cartoon(1)]))
    assert report.signals == ()
    assert report.failure == "The model nudenet-320n.onnx is not on this machine; run `clearance models fetch nudenet-320n.onnx`."


def test_a_model_with_other_bytes_is_a_failed_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nudenet-320n.onnx").write_bytes(b"not the model")
    monkeypatch.setenv("CLEARANCE_MODELS", str(tmp_path))
    report = NudityDetector().detect(clip([cartoon(1)]))
    assert report.signals == ()
    assert report.failure is not None
    assert "was named" in report.failure


def test_a_clip_without_frames_was_seen_by_nobody() -> None:
    report = DETECTOR.detect(clip([]))
    assert report.signals == ()
    assert report.failure is not None


def test_a_picture_of_one_pixel_is_looked_at() -> None:
    assert score(np.zeros((1, 1, 3), np.uint8)) < 0.5
