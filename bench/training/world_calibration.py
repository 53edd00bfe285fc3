"""Measures what the small CLIP's figures mean: ``python -m bench.training.world_calibration [--photographs FOLDER]``.

Writes the calibration beside the checkpoint: what pictures it knows, and from which fit on a clip follows its prompt. Scenes are
drawn anew (seeds of their own, half of them pairs of thing and place that training never saw). The photographs are only for
placing the boundary of ``known``; figures are taken elsewhere on other photographs and other scenes (``console/bench/scene.py``).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.scene.agreement import background, fit_of
from classifiers.clip.scene.calibration import Calibration, Curve, Domain, fit
from classifiers.clip.scene.choice import ours
from classifiers.clip.scene.eyes import Eyes
from classifiers.clip.scene.told import told
from console.bench.scene import Drawn, draw

CLIPS, FIRST_SEED = 240, 300_000
#: Directions in which the world's frames hardly differ count as if they differed by this share of the widest.
FLAT = 1e-4
#: Share of photographs that may pass for the world's: to take one for known is worse than to say nothing of a drawing.
PASSING = 0.05
#: Share of true pairs that may lie under the boundary: a false alarm costs a person's time.
FEW = 1 / 150
#: And how much lower the boundary lies than that, logits: people's prompts spread wider than the ones that are written here.
MARGIN = 2.5


def calibrate(photographs: list[NDArray[np.uint8]], clips: int) -> Calibration:
    """Draw, look, fit."""
    seen = Eyes(ours())
    drawn, vectors = [], []
    for i in range(clips):
        one = draw(FIRST_SEED + i, kept=i % 2 == 0)
        vectors.append(seen.clip(one.clip))
        drawn.append(replace(one, clip=replace(one.clip, frames=())))
        if (i + 1) % 50 == 0:
            print(f"drawn {i + 1} of {clips}", flush=True)
    strange = np.concatenate([seen.pictures([p, *_cuts(p)]) for p in photographs])
    return Calibration(
        checkpoint=seen.choice.sha256,
        words_known=True,
        domain=_domain(seen, np.concatenate(vectors), strange),
        follows=_follows(seen, drawn, vectors),
    )


def _domain(seen: Eyes, own: NDArray[np.float32], strange: NDArray[np.float32]) -> Domain:
    """The spread of two thirds of the world's frames, and the boundary between the other third and photographs."""
    cut = len(own) * 2 // 3
    mean = own[:cut].mean(axis=0)
    values, axes = np.linalg.eigh(np.cov((own[:cut] - mean).T.astype(np.float64)))
    rows = (axes / np.sqrt(np.maximum(values, FLAT * values.max()))).T
    plain = Domain(
        mean=tuple(mean.astype(float).round(5).tolist()),
        directions=tuple(tuple(row) for row in rows.round(3).tolist()),
        curve=Curve(slope=-1, offset=0),
    )
    texts = seen.words(background())
    near, far = (plain.distance(x, (x @ texts.T).max(axis=1)) for x in (own[cut:], strange))
    print("distance of own 50, 95, 99 %:", np.quantile(near, [0.5, 0.95, 0.99]))
    print("of photographs 1, 5, 50 %:", np.quantile(far, [0.01, 0.05, 0.5]))
    truth = [*(True for _ in near), *(False for _ in far)]
    curve = fit([*near, *far], truth)
    edge = float(np.quantile(far, PASSING))
    on = f"{len(near)} frames, {len(far)} photographs and cuts of them; boundary where {PASSING:.0%} of the latter pass"
    return plain.model_copy(update={"curve": Curve(slope=curve.slope, offset=-curve.slope * edge, on=on)})


def _follows(seen: Eyes, drawn: list[Drawn], vectors: list[NDArray[np.float32]]) -> Curve:
    """The slope from true and swapped pairs; the offset moved so that of true pairs no more than ``FEW`` fall under one half."""
    true, swapped = [], []
    for i, (one, look) in enumerate(zip(drawn, vectors, strict=True)):
        other = drawn[(i + 7) % len(drawn)]
        for language in ("en", "fr"):
            for source, into in ((one, true), (other, swapped)):
                part = told(source.prompts[language])  # type: ignore[index]
                if part is not None:
                    into.append(fit_of(seen, look, part.text))
    curve = fit([*true, *swapped], [*(True for _ in true), *(False for _ in swapped)])
    edge = float(np.quantile(true, FEW)) - MARGIN
    print(
        "true 0.5, 1, 5, 50 %:",
        np.quantile(true, [0.005, 0.01, 0.05, 0.5]),
        "swapped 5, 50, 95 %:",
        np.quantile(swapped, [0.05, 0.5, 0.95]),
    )
    print("fitted boundary", -curve.offset / curve.slope, "moved to", edge, "swapped under it", np.mean(np.array(swapped) < edge))
    on = f"{len(true)} true, {len(swapped)} swapped pairs; edge {MARGIN} under the least fitting true pair in {round(1 / FEW)}"
    return Curve(slope=curve.slope, offset=-curve.slope * min(edge, -curve.offset / curve.slope), on=on)


def _cuts(picture: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Four quarters and the middle."""
    h, w = picture.shape[0] // 2, picture.shape[1] // 2
    corners = [(0, 0), (0, w), (h, 0), (h, w), (h // 2, w // 2)]
    return [np.ascontiguousarray(picture[y : y + h, x : x + w]) for y, x in corners]


def read_folder(folder: Path) -> list[NDArray[np.uint8]]:
    """Every picture of a folder, RGB."""
    found = [cv2.imread(str(p)) for p in sorted(folder.iterdir()) if p.suffix.lower() in (".jpg", ".jpeg", ".png")]
    return [np.ascontiguousarray(p[..., ::-1]) for p in found if p is not None]


def main() -> None:
    """Read the options, measure, write."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--photographs", type=Path, required=True, help="photographs that no figure is taken on")
    asked.add_argument("--clips", type=int, default=CLIPS)
    given = asked.parse_args()
    found = calibrate(read_folder(given.photographs), given.clips)
    ours().calibration.write_text(found.model_dump_json() + "\n", "utf-8")


if __name__ == "__main__":
    main()
