"""A detector of the operator's own: any file with the common YOLO output, by digest, beside the shipped one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from classifiers.clip.objects.eye import Eye
from classifiers.clip.objects.meaning import Meanings, read
from classifiers.clip.objects.settings import ObjectSettings, configured, read_object_settings
from classifiers.contract import check_clip_detector
from safety.errors import BadInput
from safety.signal import Box
from safety.weights import WeightsError, sha256_of
from tests.classifiers.clip.drawings import clip

LABELS = """
knows: photographs of kitchens
labels:
  weapon: {classes: [knife, gun], floor: 0.2}
"""
#: Three boxes in pixels of a 64 pixel square, then scores of "cup", "knife", "gun".
ROWS = ((16, 8, 8, 8, 0.9, 0.1, 0.0), (32, 16, 16, 8, 0.0, 0.8, 0.1), (33, 16, 16, 8, 0.0, 0.7, 0.0))
WHITE = np.full((64, 128, 3), 255, np.uint8)


def foreign(path: Path, *, turned: bool = False, side: int | str = 64, names: str = "{0: 'cup', 1: 'knife', 2: 'gun'}") -> Path:
    """A model as other tools export it: its scores are those of ``ROWS`` times the brightness of its input's first pixel."""
    rows = np.array(ROWS, np.float32).T[None]
    boxes, scores = rows[:, :4], rows[:, 4:]
    nodes = [
        helper.make_node("Slice", ["images", "zero", "one", "axes"], ["first"]),
        helper.make_node("Reshape", ["first", "shape"], ["light"]),
        helper.make_node("Mul", ["scores", "light"], ["seen"]),
        helper.make_node("Concat", ["boxes", "seen"], ["plain" if turned else "output0"], axis=1),
    ]
    if turned:
        nodes.append(helper.make_node("Transpose", ["plain"], ["output0"], perm=[0, 2, 1]))
    constants = {
        "boxes": boxes, "scores": scores, "zero": np.zeros(3, np.int64), "one": np.ones(3, np.int64),
        "axes": np.array([1, 2, 3]), "shape": np.ones(3, np.int64),
    }  # fmt: skip
    graph = helper.make_graph(
        nodes, "foreign",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"names": names})
    onnx.save(model, str(path))
    return path


@pytest.fixture
def named(tmp_path: Path) -> dict[str, str]:
    """The three variables for such a model."""
    (tmp_path / "labels.yaml").write_text(LABELS)
    model = foreign(tmp_path / "foreign.onnx")
    return {
        "CLEARANCE_OBJECTS_MODEL": str(model),
        "CLEARANCE_OBJECTS_SHA256": sha256_of(model),
        "CLEARANCE_OBJECTS_LABELS": str(tmp_path / "labels.yaml"),
    }


def settings(named: dict[str, str], **more: str) -> ObjectSettings:
    return read_object_settings({**named, **{f"CLEARANCE_OBJECTS_{k}": v for k, v in more.items()}})


def test_a_foreign_model_answers_beside_the_shipped_one(named: dict[str, str]) -> None:
    report = configured(settings(named)).detect(clip([WHITE]))
    assert report.labels == {"weapon", "hate_symbol", "fight", "blood"}
    (weapon,) = (s for s in report.signals if s.label == "weapon")
    assert weapon.score == pytest.approx(0.8)
    (evidence,) = weapon.evidence
    assert evidence.note == "knife 0.80 (photographs of kitchens)"
    box = evidence.box
    assert box is not None
    assert (box.x, box.y, box.w, box.h) == pytest.approx((24 / 64, 12 / 32, 16 / 64, 8 / 32))


def test_overlapping_boxes_are_one_and_classes_without_a_label_none(tmp_path: Path, named: dict[str, str]) -> None:
    eye = configured(settings(named)).eyes[1]
    (found,) = eye.look(WHITE)
    assert found.kind == "knife"
    assert eye.look(np.zeros((64, 64, 3), np.uint8)) == []


def test_boxes_may_lie_along_the_other_axis(tmp_path: Path) -> None:
    path = foreign(tmp_path / "turned.onnx", turned=True)
    meanings = Meanings.model_validate({"knows": "x", "labels": {"weapon": {"classes": ["knife"]}}})
    (found,) = Eye(str(path), sha256_of(path), meanings).look(WHITE)
    assert found.score == pytest.approx(0.8)


def test_a_model_of_any_size_is_shown_the_picture_without_needless_padding(tmp_path: Path) -> None:
    """A side of 128 makes a 128 by 64 picture fill 128 by 64, so the boxes are where the model says."""
    path = foreign(tmp_path / "free.onnx", side="side")
    meanings = Meanings.model_validate({"knows": "x", "side": 128, "labels": {"weapon": {"classes": ["knife"]}}})
    (found,) = Eye(str(path), sha256_of(path), meanings).look(WHITE)
    assert found.box == Box(x=24 / 128, y=12 / 64, w=16 / 128, h=8 / 64)


def test_a_wrong_digest_is_refused_in_one_sentence(named: dict[str, str]) -> None:
    report = configured(settings(named, SHA256="ab" * 32)).detect(clip([WHITE]))
    assert report.signals == ()
    model, digest = named["CLEARANCE_OBJECTS_MODEL"], named["CLEARANCE_OBJECTS_SHA256"]
    assert report.failure == (
        f"The objects model {model} has digest {digest[:12]}… but abababababab… was named; "
        "put the right file there or name its digest."
    )


def test_the_contract_is_kept_with_a_foreign_model(named: dict[str, str]) -> None:
    check_clip_detector(configured(settings(named)))


@pytest.mark.parametrize(("more", "says"), [
    ({"LABELS": ""}, "CLEARANCE_OBJECTS_LABELS is not"),
    ({"SHA256": "short"}, "64 hexadecimal digits"),
    ({"SHA256": ""}, "not in the list of models"),
    ({"MODEL": "/nowhere/model.onnx"}, "There is no model file"),
    ({"LABELS": "/nowhere/labels.yaml"}, "cannot be read"),
])  # fmt: skip
def test_settings_that_cannot_work_are_named(named: dict[str, str], more: dict[str, str], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        configured(settings(named, **more))


@pytest.mark.parametrize(("text", "says"), [
    ("knows: x\nlabels: {sword: {classes: [a]}}", "'sword' is no label of this detector"),
    ("knows: x\nclasses: [a]\nlabels: {weapon: {classes: [b]}}", "'b' is not among the model's classes"),
    ("knows: x", "labels: Field required"),
    ("[", "cannot be read"),
])  # fmt: skip
def test_a_labels_file_that_cannot_work_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "labels.yaml").write_text(text)
    with pytest.raises(BadInput, match=says):
        read(tmp_path / "labels.yaml")


def test_a_model_whose_classes_are_not_known_is_refused(tmp_path: Path) -> None:
    path = foreign(tmp_path / "foreign.onnx", names="__import__('os').getcwd()")
    meanings = Meanings.model_validate({"knows": "x", "labels": {"weapon": {"classes": ["knife"]}}})
    with pytest.raises(WeightsError, match="has no class 'knife'"):
        Eye(str(path), sha256_of(path), meanings).look(WHITE)


def test_a_model_with_another_output_is_refused(tmp_path: Path) -> None:
    path = foreign(tmp_path / "foreign.onnx")
    meanings = Meanings.model_validate({"knows": "x", "classes": ["knife"], "labels": {"weapon": {"classes": ["knife"]}}})
    with pytest.raises(WeightsError, match="does not answer with four box numbers and 1 scores"):
        Eye(str(path), sha256_of(path), meanings).look(WHITE)


def test_bytes_that_are_no_model_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    meanings = Meanings.model_validate({"knows": "x", "labels": {"weapon": {"classes": ["knife"]}}})
    with pytest.raises(WeightsError, match="no ONNX model"):
        Eye(str(tmp_path / "model.onnx"), sha256_of(tmp_path / "model.onnx"), meanings).look(WHITE)


def test_a_calibrated_score_rises_with_the_raw_one_and_is_nothing_below_the_floor() -> None:
    meaning = Meanings.model_validate(
        {"knows": "x", "labels": {"weapon": {"classes": ["knife"], "floor": 0.2, "scale": 2.0, "shift": -1.0}}}
    ).labels["weapon"]
    assert meaning.calibrated(0.19) == 0.0
    assert meaning.calibrated(0.5) == pytest.approx(1 / (1 + np.e))
    assert 0 < meaning.calibrated(0.3) < meaning.calibrated(0.9) < meaning.calibrated(1.0) < 1
