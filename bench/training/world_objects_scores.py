"""Fit the shipped detector's scores, on pictures that were neither trained nor are measured on, and write its labels file.

``python -m bench.training.world_objects_scores``: for each label a logistic curve from the greatest raw score of a picture to
whether the thing is there (Platt, 1999), with a little of each class's prior so that no score becomes 0 or 1.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import yaml

from classifiers.clip.objects.detector import OWN_LABELS, OWN_MODEL
from classifiers.clip.objects.eye import Eye
from classifiers.clip.objects.meaning import Meaning, read
from console.bench.objects import calibration_table
from safety.weights import sha256_of

SEED, COUNT = 7001, 900
#: Raw scores under the floor are no boxes; a picture without a box is taken to have half of it.
FLOOR = 0.05
_HEAD = "# What the shipped detector's classes mean, and its calibration (written by bench/training/world_objects_scores.py).\n"


def main() -> None:
    """Fit and write."""
    from sklearn.linear_model import LogisticRegression

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path, default=OWN_MODEL)
    options.add_argument("--out", type=Path, default=OWN_LABELS)
    given = options.parse_args()
    plain = read(OWN_LABELS)
    plain = plain.model_copy(update={"labels": {n: Meaning(classes=m.classes, floor=FLOOR) for n, m in plain.labels.items()}})
    table = calibration_table(Eye(str(given.model), sha256_of(given.model), plain), SEED, COUNT)
    labels: dict[str, object] = {}
    for label, (scores, there) in table.items():
        p = np.clip(scores, FLOOR / 2, 1 - 1e-4)
        fit = LogisticRegression(C=10.0).fit(np.log(p / (1 - p))[:, None], there)
        scale, shift = float(fit.coef_[0, 0]), float(fit.intercept_[0])
        print(f"{label}: {there.sum()} of {len(there)}, scale {scale:.3f}, shift {shift:.3f}")
        classes = list(plain.labels[label].classes)
        labels[label] = {"classes": classes, "floor": FLOOR, "scale": round(scale, 3), "shift": round(shift, 3)}
    whole = {"knows": plain.knows, "side": plain.side, "overlap": plain.overlap, "classes": list(plain.classes), "labels": labels}
    given.out.write_text(_HEAD + yaml.safe_dump(whole, sort_keys=False, default_flow_style=None, width=130), "utf-8")


if __name__ == "__main__":
    main()
