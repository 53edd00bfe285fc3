"""Fits the projection behind ``classifiers/clip/copies_codes.npz``: ``bench/training/copy_codes.py PICTURES... --out FILE``.

From the 1472 numbers of a whole picture to 256 that hardly change when it is mirrored, cropped, recoloured, compressed, marked
or filmed off a screen. Pictures are files (wallpapers of Debian's mate-backgrounds and ukui-wallpapers were used; licences in
their packages) and scenes of the embedded world; from each several places are cut out and altered at random. What an alteration
changes is shrunk, what tells pictures apart is kept (linear discriminant analysis, closed form). None of the material and none
of the seeds is shown where figures are reported (``console/bench/copies.py``). Deterministic, some minutes on one core.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.embedding import Embedder
from generator.protocol import GenerationRequest
from generator.world.studio import World
from safety.fingerprint import CODE
from safety.media import Picture

#: Alterations of each picture, and how much of the mean variance is added to what they change, for want of more pictures.
ALTERATIONS, RIDGE = 9, 0.3
WHO = ("a fox", "two children", "a green robot", "a knight", "a whale", "a cat", "a red bus", "an old man", "a ship", "a clown")
DOES = ("walks", "flies", "waits", "jumps", "sleeps", "turns around")
WHERE = ("in a forest", "at the sea", "in a town", "in a kitchen", "on a hill at night", "in the desert", "in the snow")


def scenes(count: int) -> Iterator[Picture]:
    """The first frame of each of ``count`` world clips; seeds from 7,000,000 on are used nowhere else."""
    rng = np.random.default_rng(70)
    for number in range(count):
        prompt = f"{rng.choice(WHO)} {rng.choice(DOES)} {rng.choice(WHERE)}"
        request = GenerationRequest(prompt=prompt, seed=7_000_000 + number)
        chunks = World().generate(request, should_stop=lambda: False, progress=lambda *_: None)
        yield next(iter(chunks)).frames[0]


def places(path: Path, rng: np.random.Generator, count: int) -> Iterator[Picture]:
    """Places of a picture file as 16:9 pictures, 640 wide."""
    read = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if read is None:
        return
    picture = cv2.cvtColor(read, cv2.COLOR_BGR2RGB)
    height, width = picture.shape[:2]
    for _ in range(count):
        w = int(width * rng.uniform(0.3, 1.0))
        h = min(height, w * 9 // 16)
        y, x = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
        yield np.asarray(cv2.resize(picture[y : y + h, x : x + w], (640, 360), interpolation=cv2.INTER_AREA), np.uint8)


def altered(picture: Picture, rng: np.random.Generator) -> Picture:
    """One to three alterations, at random."""
    ways = [mirrored, cropped, recoloured, squeezed, marked, filmed, dimmed]
    for way in rng.choice(ways, size=rng.integers(1, 4), replace=False):
        picture = way(picture, rng)
    return picture


def mirrored(picture: Picture, rng: np.random.Generator) -> Picture:
    return np.ascontiguousarray(picture[:, ::-1])


def cropped(picture: Picture, rng: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    h, w = int(height * rng.uniform(0.6, 0.95)), int(width * rng.uniform(0.6, 0.95))
    y, x = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
    return np.asarray(cv2.resize(picture[y : y + h, x : x + w], (width, height)), np.uint8)


def recoloured(picture: Picture, rng: np.random.Generator) -> Picture:
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV).astype(np.float32)
    hsv[..., 0] = (hsv[..., 0] + rng.uniform(-60, 60)) % 180
    hsv[..., 1] *= rng.uniform(0.0, 1.4)
    return np.asarray(cv2.cvtColor(np.clip(hsv, 0, 255).astype(np.uint8), cv2.COLOR_HSV2RGB), np.uint8)


def squeezed(picture: Picture, rng: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    small = cv2.resize(picture, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(8, 40))])[1]
    return np.asarray(cv2.resize(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), (width, height)), np.uint8)


def marked(picture: Picture, rng: np.random.Generator) -> Picture:
    out, (height, width) = picture.copy(), picture.shape[:2]
    side = int(height * rng.uniform(0.12, 0.3))
    x, y = int(rng.integers(0, width - side)), int(rng.integers(0, height - side))
    colour = tuple(int(c) for c in rng.integers(0, 256, 3))
    cv2.rectangle(out, (x, y), (x + side, y + side // 2), colour, -1)
    cv2.putText(out, "NEWS", (x, y + side // 2), cv2.FONT_HERSHEY_SIMPLEX, side / 80, (255, 255, 255), 3)
    return out


def filmed(picture: Picture, rng: np.random.Generator) -> Picture:
    """Seen from the side, with something around it."""
    height, width = picture.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [width, height]
    moved = corners + rng.uniform(0, 0.14, (4, 2)) * inwards
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    room = [int(rng.integers(0, 120))] * 3
    return np.asarray(cv2.warpPerspective(picture, matrix, (width, height), borderValue=room), np.uint8)


def dimmed(picture: Picture, rng: np.random.Generator) -> Picture:
    return np.clip(picture.astype(np.float32) * rng.uniform(0.6, 1.3) + rng.uniform(-25, 25), 0, 255).astype(np.uint8)


def fitted(groups: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and projection (d, ``CODE``) for ``groups`` (pictures, views of each, d)."""
    mean = groups.reshape(-1, groups.shape[2]).mean(0)
    centres = groups.mean(1)
    inner = (groups - centres[:, None]).reshape(-1, groups.shape[2]).astype(np.float64)
    within = inner.T @ inner / len(inner)
    within += np.eye(len(within)) * RIDGE * np.trace(within) / len(within)
    values, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(values)
    outer = (centres - mean).astype(np.float64) @ whiten
    _, _, directions = np.linalg.svd(outer, full_matrices=False)
    return mean.astype(np.float32), (whiten @ directions[:CODE].T).astype(np.float32)


def main() -> int:
    """Cut, alter, embed, fit, write."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("pictures", nargs="*", type=Path, help="folders of pictures")
    asked.add_argument("--scenes", type=int, default=300)
    asked.add_argument("--places", type=int, default=8, help="places of each picture")
    asked.add_argument("--out", type=Path, required=True)
    options = asked.parse_args()
    rng, embedder, groups = np.random.default_rng(7), Embedder(), []
    files = sorted(f for folder in options.pictures for f in folder.rglob("*") if f.suffix.lower() in (".jpg", ".png", ".webp"))
    material = [p for f in files if f.stat().st_size > 60_000 for p in places(f, rng, options.places)]
    for number, picture in enumerate([*material, *scenes(options.scenes)]):
        groups.append(embedder.embed([picture, *(altered(picture, rng) for _ in range(ALTERATIONS))]))
        if number % 50 == 0:
            print(number, file=sys.stderr, flush=True)
    mean, projection = fitted(np.stack(groups))
    scale = float(np.abs(projection).max())
    np.savez_compressed(options.out, mean=mean.astype(np.float16), projection=(projection / scale).astype(np.float16))
    return 0


if __name__ == "__main__":
    sys.exit(main())
