"""Fitting and calibration: one logistic regression a label, calibrated on predictions for groups it was not fitted on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from classifiers.prompt.embedding import DIMENSIONS
from classifiers.prompt.features import COLUMNS, Features
from classifiers.prompt.labels import BLOCK
from classifiers.prompt.training.corpus import BENIGN, Row, bucket

#: Folds for the predictions that calibration reads.
FOLDS = 4
#: Inverse regularisation, chosen on the folds among 0.3, 1, 3.
STRENGTH = 1.0
#: At the hold boundary no head may stop more than this share of benign prompts out of fold; the written hard negatives make up
#: a tenth of those, so that on everyday prompts all heads together stop well under 1 %.
BENIGN_STOPPED = 0.001
#: ... and at the block boundary a fifth of that.
BENIGN_BLOCKED = 0.0002

#: What a harmful prompt of another kind counts as a negative: mistaking one harm for another still stops the prompt.
OTHER_HARM = 0.3

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """One head: weights over all columns, bias, and the calibration's slope and offset."""

    weights: Floats
    bias: float
    slope: float
    offset: float


def matrix(seen: Features) -> csr_matrix:
    """Features as one sparse matrix (texts, COLUMNS)."""
    n = len(seen.sparse)
    lengths = [DIMENSIONS + len(columns) for columns, _ in seen.sparse]
    indptr = np.concatenate(([0], np.cumsum(lengths)))
    dense_columns = np.arange(DIMENSIONS)
    indices = np.concatenate([np.concatenate([dense_columns, columns]) for columns, _ in seen.sparse])
    data = np.concatenate([np.concatenate([seen.dense[i], values]) for i, (_, values) in enumerate(seen.sparse)])
    return csr_matrix((data, indices, indptr), shape=(n, COLUMNS))


def fit(label: str, rows: Sequence[Row], x: csr_matrix, say: Callable[[str], None]) -> Fitted:
    """The head for ``label`` from the training rows (test rows must not be among them)."""
    target = np.array([row.answer(label) for row in rows])
    at = np.flatnonzero(target >= 0)
    mine = [rows[int(i)] for i in at]
    y = target[at]
    weight = np.array([row.weight for row in mine])
    harmful = np.array([any(row.known.values()) for row in mine])
    weight *= np.where(y == 1, _balance(y), np.where(harmful, OTHER_HARM, 1.0))
    fold = np.array([bucket("fold" + row.group) % FOLDS for row in mine])
    seen = x[at]
    out = np.zeros(len(at))
    for k in range(FOLDS):
        model = _regression().fit(seen[fold != k], y[fold != k], weight[fold != k])
        out[fold == k] = model.decision_function(seen[fold == k])
    model = _regression().fit(seen, y, weight)
    benign = _one_a_group(mine, out)
    slope, offset = calibrate(out, y, weight, benign)
    written = np.array([row.source == "written" for row in mine])
    caught = np.mean((out * slope + offset)[(y == 1) & written] >= 0)
    say(f"{label}: {int(y.sum())} of {len(y)} rows positive, written ones caught out of fold {caught:.3f}")
    return Fitted(model.coef_[0], float(model.intercept_[0]), slope, offset)


def _one_a_group(rows: Sequence[Row], out: Floats) -> Floats:
    """One logit a benign group: the worst window of a prompt of a set, the mean of a template's fillings."""
    groups: dict[str, list[float]] = {}
    for row, z in zip(rows, out, strict=True):
        if row.source in BENIGN and not any(row.known.values()):
            groups.setdefault(row.group, []).append(z)
    return np.array([np.mean(v) if group.startswith("written:") else max(v) for group, v in groups.items()])


def calibrate(z: Floats, y: NDArray[np.int64], weight: Floats, benign: Floats) -> tuple[float, float]:
    """Slope and offset so that sigmoid is 0.5 where to hold and 0.8 where to block.

    Platt's sigmoid first (Platt 1999); then its boundary is moved up, never down, to where no more than ``BENIGN_STOPPED`` of
    benign prompts pass it, and its slope down where 0.8 would come before ``BENIGN_BLOCKED``.
    """
    platt = LogisticRegression(C=1e6).fit(z[:, None], y, weight)
    slope, offset = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    hold = max(-offset / slope, float(np.quantile(benign, 1 - BENIGN_STOPPED)) + 1e-6)
    block = max(float(np.quantile(benign, 1 - BENIGN_BLOCKED)), hold + 1e-3)
    slope = min(slope, np.log(BLOCK / (1 - BLOCK)) / (block - hold))
    return slope, -slope * hold


def _regression() -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3)


def _balance(y: NDArray[np.int64]) -> float:
    """How much more a positive row counts: the square root of the imbalance, at most six."""
    return float(min(6.0, np.sqrt((len(y) - y.sum()) / max(1, y.sum()))))
