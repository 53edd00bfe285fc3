"""Photographs to train and to measure the objects detector on; no picture is in both lists.

All but the folders that are named on the command line lie in packages that the tests need anyway.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from safety.media import Picture

#: Names of scikit-image's pictures (public domain or CC0, see its data/README.txt) that are trained on as "nothing here".
TRAINING_PHOTOGRAPHS = (
    "chelsea", "rocket", "camera", "cell", "hubble_deep_field", "retina", "immunohistochemistry", "brick", "grass", "gravel",
    "moon", "coins", "motorcycle_left", "page", "text", "colorwheel", "horse",
)  # fmt: skip
#: Those that are measured on: scikit-image's again, and scikit-learn's two (CC BY).
MEASURED_PHOTOGRAPHS = ("astronaut", "coffee", "microaneurysms", "clock_motion", "logo", "china.jpg", "flower.jpg")


def photographs(names: tuple[str, ...]) -> list[Picture]:
    """The pictures, uint8 (h, w, 3) RGB, in the order of ``names``."""
    return [_photograph(name) for name in names]


def _photograph(name: str) -> Picture:
    if name.endswith(".jpg"):
        from sklearn.datasets import load_sample_image

        return np.asarray(load_sample_image(name), np.uint8)
    import cv2
    import skimage

    files = {"immunohistochemistry": "ihc.png", "colorwheel": "color.png"}
    folder = Path(skimage.__file__).parent / "data"
    path = next(p for p in (folder / files.get(name, ""), folder / f"{name}.png", folder / f"{name}.jpg") if p.is_file())
    got = cv2.imread(str(path))
    if got is None:
        raise FileNotFoundError(path)
    return np.ascontiguousarray(got[:, :, ::-1])
