"""The real engine on real pictures."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest

from consent.faces import pack
from consent.faces.align import REFERENCE, similarity
from consent.faces.engine import FaceEngine, FaceEngineError
from consent.faces.scales import windows
from consent.faces.thresholds import MATCH, score
from safety import weights
from safety.media import Picture


def test_the_astronaut_is_found_once_with_eyes_nose_and_mouth_in_place(engine: FaceEngine, eileen: Picture) -> None:
    (face,) = engine.find(eileen)
    left, right, nose, mouth_left, mouth_right = face.landmarks
    assert face.score > 0.9 and 90 < face.size_px < 115
    assert face.embedding.shape == (128,) and face.embedding.dtype == np.float32
    assert np.linalg.norm(face.embedding) == pytest.approx(1.0, abs=1e-5)
    assert left[0] < nose[0] < right[0] and max(left[1], right[1]) < nose[1] < min(mouth_left[1], mouth_right[1])


def test_a_photograph_is_like_itself_small_mirrored_and_compressed(engine: FaceEngine, eileen: Picture) -> None:
    (reference,) = engine.find(eileen)
    small = cv2.resize(eileen, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    packed = cv2.imdecode(cv2.imencode(".jpg", eileen, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], cv2.IMREAD_COLOR)
    for changed in (small, np.ascontiguousarray(eileen[:, ::-1]), packed):
        (face,) = engine.find(np.asarray(changed, np.uint8))
        assert float(face.embedding @ reference.embedding) > 0.8


def test_two_people_are_not_alike(engine: FaceEngine, eileen: Picture, cameraman: Picture) -> None:
    (one,), (other,) = engine.find(eileen), engine.find(cameraman)
    assert float(one.embedding @ other.embedding) < MATCH - 0.1


def test_a_picture_without_anybody_has_no_face(engine: FaceEngine, meadow: Picture) -> None:
    assert engine.find(meadow) == ()


def test_a_face_of_a_fiftieth_of_a_large_photograph_is_found(engine: FaceEngine, eileen: Picture) -> None:
    """At the detector's 640 pixels it would be 8 pixels wide."""
    wide = np.full((3000, 4000, 3), 128, np.uint8)
    small = cv2.resize(eileen, (256, 256), interpolation=cv2.INTER_AREA)
    wide[2500:2756, 3000:3256] = small
    (face,) = engine.find(wide)
    assert 0.75 < face.box.x < 0.82 and 0.83 < face.box.y < 0.92
    assert float(face.embedding @ engine.find(eileen)[0].embedding) > 0.8


def test_a_face_that_fills_the_photograph_is_found_once(engine: FaceEngine, eileen: Picture) -> None:
    near = cv2.resize(eileen[40:200, 150:300], None, fx=12, fy=12, interpolation=cv2.INTER_CUBIC)
    (face,) = engine.find(np.asarray(near, np.uint8))
    assert float(face.embedding @ engine.find(eileen)[0].embedding) > 0.8


def test_a_picture_of_another_shape_is_an_error_and_not_a_picture_without_faces(engine: FaceEngine) -> None:
    for wrong in (np.zeros((10, 10), np.uint8), np.zeros((10, 10, 4), np.uint8), np.zeros((10, 10, 3), np.float32)):
        with pytest.raises(FaceEngineError, match="RGB"):
            engine.find(wrong)  # type: ignore[arg-type]


def test_one_pixel_has_no_face(engine: FaceEngine) -> None:
    assert engine.find(np.zeros((1, 1, 3), np.uint8)) == ()


def test_the_folded_recogniser_computes_what_its_quantised_weights_say() -> None:
    """One layer by hand: the first convolution's weights are (q - zero) * scale, block by block."""
    published = onnx.load(str(weights.find(pack.RECOGNISER)))
    folded = onnx.load(str(pack.prepare_pack() / "recogniser.onnx"))
    raw = {i.name: onnx.numpy_helper.to_array(i) for i in published.graph.initializer}
    ours = {i.name: onnx.numpy_helper.to_array(i) for i in folded.graph.initializer}
    node = next(n for n in published.graph.node if n.op_type == "DequantizeLinear" and n.input[0].startswith("conv_14_conv2d"))
    block = next(a.i for a in node.attribute if a.name == "block_size")
    q, scale, zero = (raw[name].astype(np.float32) for name in node.input)
    axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
    expected = np.empty_like(q)
    for index in np.ndindex(*q.shape):
        if index[-1] % 97 and index[0] % 31:
            expected[index] = np.nan
            continue
        at = tuple(n // block if dim == axis % q.ndim else n for dim, n in enumerate(index))
        expected[index] = (q[index] - zero[at]) * scale[at]
    got = ours["conv_14_conv2d_weight_reshaped"].reshape(q.shape)
    known = ~np.isnan(expected)
    assert known.sum() > 100 and np.array_equal(got[known], expected[known])
    assert not {n.op_type for n in folded.graph.node} & {"DequantizeLinear", "Dropout", "Identity", "Reshape"}


def test_the_dressed_detector_answers_as_yunet_does(eileen: Picture) -> None:
    """Both graphs on the same pixels: the surest cell has the same score, box and points after each one's own decoding."""
    picture = cv2.copyMakeBorder(eileen, 0, 128, 0, 128, cv2.BORDER_CONSTANT)
    chw = picture.transpose(2, 0, 1)[None].astype(np.float32)
    plain = onnxruntime.InferenceSession(str(weights.find(pack.DETECTOR)), providers=["CPUExecutionProvider"])
    dressed = onnxruntime.InferenceSession(str(pack.prepare_pack() / "detector.onnx"), providers=["CPUExecutionProvider"])
    theirs = dict(zip([o.name for o in plain.get_outputs()], plain.run(None, {"input": chw[:, ::-1].copy()}), strict=True))
    ours = dressed.run(None, {"input.1": (chw - 127.5) / 128.0})
    for level, stride in enumerate((8, 16, 32)):
        sure = np.sqrt(np.clip(theirs[f"cls_{stride}"] * theirs[f"obj_{stride}"], 0, None))[0, :, 0]
        cell = int(sure.argmax())
        dx, dy, log_w, log_h = theirs[f"bbox_{stride}"][0, cell]
        half_w, half_h = np.exp(log_w) / 2, np.exp(log_h) / 2
        assert ours[level][2 * cell, 0] == pytest.approx(sure[cell], abs=1e-4)
        assert ours[level][2 * cell + 1, 0] == 0.0
        assert ours[level + 3][2 * cell] == pytest.approx([half_w - dx, half_h - dy, half_w + dx, half_h + dy], abs=1e-3)
        assert ours[level + 6][2 * cell] == pytest.approx(theirs[f"kps_{stride}"][0, cell], abs=1e-3)


def test_two_threads_that_build_the_pack_together_end_with_one_whole_pack(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in (pack.DETECTOR, pack.RECOGNISER):
        (tmp_path / name).symlink_to(weights.find(name))
    monkeypatch.setenv("CLEARANCE_MODELS", str(tmp_path))
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(pack.prepare_pack())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3 and len(set(found)) == 1
    assert sorted(p.name for p in found[0].iterdir()) == ["detector.onnx", "recogniser.onnx"]
    assert [p.name for p in found[0].parent.iterdir()] == [found[0].name]


def test_a_missing_model_says_which_command_brings_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, eileen: Picture) -> None:
    monkeypatch.setenv("CLEARANCE_MODELS", str(tmp_path))
    with pytest.raises(weights.WeightsError, match="clearance models fetch"):
        FaceEngine().find(eileen)


def test_the_similarity_transform_recovers_a_turn_a_scale_and_a_shift() -> None:
    turn = np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    moved = (REFERENCE @ turn.T) * 2.5 + [7.0, -3.0]
    back = similarity(moved, REFERENCE)
    assert moved @ back[:, :2].T + back[:, 2] == pytest.approx(REFERENCE, abs=1e-9)


def test_the_score_is_one_half_at_the_threshold_and_grows() -> None:
    assert score(MATCH) == pytest.approx(0.5)
    assert score(0.3) < 0.1 < score(MATCH) < 0.9 < score(0.65)


def test_the_number_of_looks_at_a_picture_is_bounded() -> None:
    assert len(windows(640, 360)) == 2
    assert max(len(windows(w, h)) for w in (100, 1600, 5000, 60000) for h in (100, 1600, 5000, 60000)) <= 11
