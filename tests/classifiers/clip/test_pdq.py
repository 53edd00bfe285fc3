"""PDQ as the published algorithm promises it: near after re-encoding, far between pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from classifiers.clip.pdq import MIN_QUALITY, SAME_PICTURE_PDQ, distance, pdq
from tests.classifiers.clip.drawings import PHOTOGRAPHS, photograph

#: Computed once with the reference implementation (facebook/ThreatExchange, through pdqhash 0.2.8) on scikit-image's pictures.
REFERENCE = {
    "astronaut": "2d6b1af3a956c529e79ca3d2526fa834d4196c81cedd04de0a26b855fc99b724",
    "chelsea": "5feb5321f01da156898e2bf629a5d3438412cdbd23f48942464526315db33ffd",
    "coffee": "8c629e779a663698b9a33866c026726c21a679f61eb6e1f8c79ba7e23c8299e0",
    "rocket": "8792786c87937064bf1bc0e43f1fc0e03f1cc2e33da4c2537cec821b2ce4f376",
}


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_hash_is_the_reference_implementation_s(name: str) -> None:
    bits, quality = pdq(photograph(name))
    assert distance(bits, bytes.fromhex(REFERENCE[name])) <= 4
    assert quality == 100


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    return np.asarray(
        cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR), np.uint8
    )


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_copy_that_was_compressed_shrunk_or_brightened_is_the_same_picture(name: str) -> None:
    original = photograph(name)
    height, width = original.shape[:2]
    small = cv2.resize(original, (width // 3, height // 3), interpolation=cv2.INTER_AREA)
    bright = np.clip(original.astype(np.float32) * 1.15 + 12, 0, 255).astype(np.uint8)
    for copy in (jpeg(original, 30), small, bright, jpeg(np.ascontiguousarray(small), 50)):
        assert distance(pdq(original)[0], pdq(copy)[0]) <= SAME_PICTURE_PDQ


def test_different_pictures_and_mirror_images_are_far_apart() -> None:
    hashes = [pdq(photograph(n))[0] for n in PHOTOGRAPHS]
    hashes += [pdq(np.ascontiguousarray(photograph(n)[:, ::-1]))[0] for n in PHOTOGRAPHS]
    apart = [distance(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(apart) > 2 * SAME_PICTURE_PDQ


def test_a_flat_picture_has_no_quality_and_a_crumb_no_hash() -> None:
    assert pdq(np.full((90, 120, 3), 77, np.uint8))[1] < MIN_QUALITY
    assert pdq(np.zeros((1, 1, 3), np.uint8)) == (bytes(32), 0)


@settings(max_examples=40, deadline=None)
@given(
    arrays(
        np.uint8,
        array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=300).map(lambda s: (*s, 3)),
        elements=st.integers(0, 255),
        fill=st.integers(0, 255),
    )
)
def test_every_picture_has_256_bits_half_of_them_set_at_most(picture: np.ndarray) -> None:
    bits, quality = pdq(picture)
    assert len(bits) == 32
    assert 0 <= quality <= 100
    assert int.from_bytes(bits, "big").bit_count() <= 128
