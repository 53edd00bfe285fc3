"""The embedding network means what its weights were trained for."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from classifiers.clip.embedding import DIMENSIONS, SIDE, Embedder, squared
from classifiers.clip.network import graph
from classifiers.clip.pictures import planes
from classifiers.clip.tensors import read
from safety import weights
from tests.classifiers.clip.drawings import cartoon, photograph

#: Indices of ImageNet's 1000 classes.
ESPRESSO, CATS, MISSILE = 967, {281, 282, 285}, 657


@pytest.mark.parametrize(("name", "classes"), [("coffee", {ESPRESSO}), ("chelsea", CATS), ("rocket", {MISSILE})])
def test_the_network_recognises_what_imagenet_taught_it(name: str, classes: set[int]) -> None:
    model = graph(read(weights.find("efficientnet-lite0.pth")), 224, classes=True)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    picture = photograph(name)
    height, width = picture.shape[:2]
    side = min(height, width)
    y, x = (height - side) // 2, (width - side) // 2
    pixels = planes([squared(picture[y : y + side, x : x + side], 224)])
    assert int(session.run(["classes"], {"pixels": pixels})[0].argmax()) in classes


def test_embeddings_have_unit_length_and_do_not_depend_on_their_neighbours() -> None:
    embedder = Embedder()
    pictures = [photograph("coffee"), cartoon(1), np.zeros((1, 1, 3), np.uint8), np.zeros((7, 500, 3), np.uint8)]
    together = embedder.embed(pictures)
    assert together.shape == (4, DIMENSIONS)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together[1], embedder.embed([pictures[1]])[0], atol=1e-4)
    assert embedder.embed([]).shape == (0, DIMENSIONS)


def test_a_picture_keeps_its_shape_in_the_square() -> None:
    square = squared(np.full((50, 100, 3), 255, np.uint8))
    assert (square[SIDE // 2] == 255).all()
    assert (square[0] == 127).all()
