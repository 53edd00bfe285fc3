"""Fit the shipped detector's scores, on pictures that were neither trained nor are measured on, and write its labels file.

``python -m bench.training.world_objects_scores``: for each label a logistic curve from the greatest raw score of a picture to
whether the thing is there (Platt, 1999). A clip's score is that of its worst frame, and most clips are harmless; so the pictures
that hold the thing are weighed as if they were one in twenty.
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

SEED, COUNT = 7001, 700
#: Share of pictures that hold a thing, as the scores are to suppose it.
PRIOR = 0.05
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
        weight = np.where(there, PRIOR / there.mean(), (1 - PRIOR) / (1 - there.mean()))
        fit = LogisticRegression(C=10.0).fit(np.log(p / (1 - p))[:, None], there, sample_weight=weight)
        scale, shift = float(fit.coef_[0, 0]), float(fit.intercept_[0])
        said = 1 / (1 + np.exp(-(scale * np.log(p / (1 - p)) + shift))) >= 0.5
        print(f"{label}: {there.sum()} of {len(there)}, scale {scale:.3f}, shift {shift:.3f}")
        print(f"  at 0.5 {said[there].mean():.3f} found, {said[~there].mean():.3f} false")
        classes = list(plain.labels[label].classes)
        labels[label] = {"classes": classes, "floor": FLOOR, "scale": round(scale, 3), "shift": round(shift, 3)}
    whole = {
        "knows": plain.knows,
        "side": plain.side,
        "mirror": plain.mirror,
        "overlap": plain.overlap,
        "classes": list(plain.classes),
        "labels": labels,
    }
    given.out.write_text(_HEAD + yaml.safe_dump(whole, sort_keys=False, default_flow_style=None, width=130), "utf-8")


if __name__ == "__main__":
    main()
