"""Fitting, mixing and calibration: two logistic regressions a label, put together on rows that neither was fitted on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from classifiers.prompt.features import COLUMNS, Sparse
from classifiers.prompt.labels import BLOCK, ROWS
from classifiers.prompt.model import Heads
from classifiers.prompt.training.corpus import BENIGN, Row

#: Inverse regularisation of the two judges.
CHEAP_STRENGTH, DEEP_STRENGTH = 3.0, 1.0
#: Length given to the reader's unit vectors for fitting; folded into the weights afterwards.
VECTOR_SCALE = 8.0
#: Shares of everyday benign calibration prompts that heads together may stop at the hold and the block boundary, and of the hard
#: ones: the heads of labels among themselves, and with the head for harm of any kind.
EVERYDAY_HELD, EVERYDAY_BLOCKED = 0.006, 0.001
HARD_BY_LABEL, HARD_HELD = 0.03, 0.065
#: Share of the harmful calibration rows that the cheap judge may settle as harmless.
MISSED = 0.002
#: What a harmful prompt of another kind counts as a negative: mistaking one harm for another still stops the prompt.
OTHER_HARM = 0.3

Floats = NDArray[np.float64]
Small = NDArray[np.float32]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Split:
    """Rows with what both judges see of them, and the answers (rows, labels): 1, 0, -1 unknown."""

    rows: Sequence[Row]
    cheap: csr_matrix
    deep: Small

    @property
    def answers(self) -> NDArray[np.int64]:
        return np.array([[row.answer(label) for label in ROWS] for row in self.rows])

    @property
    def weight(self) -> Floats:
        return np.array([row.weight for row in self.rows])


def matrix(seen: Sequence[Sparse]) -> csr_matrix:
    """Cheap features as one sparse matrix (texts, COLUMNS)."""
    indptr = np.concatenate(([0], np.cumsum([len(columns) for columns, _ in seen])))
    indices = np.concatenate([columns for columns, _ in seen])
    return csr_matrix((np.concatenate([values for _, values in seen]), indices, indptr), shape=(len(seen), COLUMNS))


def fit(training: Split, calibration: Split, say: Say) -> Heads:
    """Heads fitted on the one split, mixed and calibrated on the other."""
    answers, known = training.answers, calibration.answers
    harmful = np.array([any(row.known.values()) for row in training.rows])
    cheap, deep, biases = [], [], []
    for i, label in enumerate(ROWS):
        at = np.flatnonzero(answers[:, i] >= 0)
        y = answers[at, i]
        weight = training.weight[at] * np.where(y == 1, _balance(y), np.where(harmful[at], OTHER_HARM, 1.0))
        one = _regression(CHEAP_STRENGTH).fit(training.cheap[at], y, weight)
        two = _regression(DEEP_STRENGTH).fit(training.deep[at] * VECTOR_SCALE, y, weight)
        cheap.append(one.coef_[0])
        deep.append(two.coef_[0] * VECTOR_SCALE)
        biases.append((one.intercept_[0], two.intercept_[0]))
        say(f"{label}: {int(y.sum())} of {len(y)} rows positive")
    cheap_bias, deep_bias = np.array(biases).T
    a = np.asarray(calibration.cheap @ np.array(cheap).T) + cheap_bias
    b = calibration.deep.astype(np.float64) @ np.array(deep).T + deep_bias
    mix, slope, offset = np.zeros((len(ROWS), 2)), np.zeros(len(ROWS)), np.zeros(len(ROWS))
    for i in range(len(ROWS)):
        mix[i], slope[i], offset[i] = _mix(a[:, i], b[:, i], known[:, i], calibration.weight)
    z = a * mix[:, 0] + b * mix[:, 1]
    slope, offset = _place(z, slope, offset, calibration.rows, say)
    calm = _calm(a, known, say, calibration.rows)
    usual = np.median(b[(known[:, -1] == 0) & (a.max(axis=1) < calm)], axis=0)
    return Heads(
        np.array(cheap, np.float32), cheap_bias, np.array(deep, np.float32), deep_bias, mix, slope, offset, calm, usual
    )  # fmt: skip


def _mix(a: Floats, b: Floats, y: NDArray[np.int64], weight: Floats) -> tuple[Floats, float, float]:
    """Weights of the two logits, never negative, and Platt's slope and offset of their sum (Platt 1999)."""
    at = np.flatnonzero(y >= 0)
    both = np.stack([a[at], b[at]], axis=1)
    found = LogisticRegression(C=1.0, max_iter=500).fit(both, y[at], weight[at])
    pair = np.maximum(found.coef_[0], 0.0)
    if pair.sum() <= 0:
        pair = np.array([0.0, 1.0])
    platt = LogisticRegression(C=1e3).fit((both @ pair)[:, None], y[at], weight[at])
    return pair, max(float(platt.coef_[0, 0]), 1e-3), float(platt.intercept_[0])


def _place(z: Floats, slope: Floats, offset: Floats, rows: Sequence[Row], say: Say) -> tuple[Floats, Floats]:
    """Slopes and offsets with which 0.5 is where to hold and 0.8 where to block.

    Every head's boundary is first its even odds, then moved by a step, up or down, until the allowed share of benign prompts is
    held: one step common to the heads of labels, then one for the head for harm of any kind. The block boundary lies further
    up and is found the same way.
    """
    odds = z * slope + offset
    everyday, hard = _by_group(odds, rows, "everyday"), _by_group(odds, rows, "hard")
    by_label, label_block = _boundary(everyday[:, :-1], hard[:, :-1], HARD_BY_LABEL)
    # What the labels hold already need not be spared again.
    free = hard[:, :-1].max(axis=1) < by_label
    left = max(0.0, HARD_HELD - 1 + float(np.mean(free))) / float(np.mean(free))
    any_harm, any_block = _boundary(everyday[:, -1:], hard[free, -1:], left)
    say(f"labels hold at {by_label:.2f}, any harm at {any_harm:.2f} beyond even odds; {len(everyday)} everyday, {len(hard)} hard")
    hold = np.array([by_label] * (len(ROWS) - 1) + [any_harm])
    block = np.array([label_block] * (len(ROWS) - 1) + [any_block])
    stretch = np.log(BLOCK / (1 - BLOCK)) / (block - hold)
    return slope * stretch, (offset - hold) * stretch


def _boundary(everyday: Floats, hard: Floats, share: float) -> tuple[float, float]:
    """Where to hold and to block, in odds: at most ``share`` of the hard prompts, and what is allowed of everyday ones."""
    worst, worst_hard = everyday.max(axis=1), hard.max(axis=1)
    hold = max(float(np.quantile(worst, 1 - EVERYDAY_HELD)), float(np.quantile(worst_hard, 1 - share)))
    block = max(float(np.quantile(worst, 1 - EVERYDAY_BLOCKED)), float(np.quantile(worst_hard, 1 - share / 4)))
    return hold, max(block, hold + 1.0)


def _by_group(odds: Floats, rows: Sequence[Row], kind: str) -> Floats:
    """The odds of each benign group, shape (groups, labels): a prompt's worst window, the mean of a template's fillings."""
    groups: dict[str, list[Floats]] = {}
    for row, z in zip(rows, odds, strict=True):
        is_hard = row.source.endswith("-hard")
        if row.source in BENIGN and not any(row.known.values()) and is_hard == (kind == "hard"):
            groups.setdefault(row.group, []).append(z)
    return np.array([np.mean(v, axis=0) if group.startswith("written:") else np.max(v, axis=0) for group, v in groups.items()])


def _calm(a: Floats, known: NDArray[np.int64], say: Say, rows: Sequence[Row]) -> float:
    """The cheap logit under which a text is settled, so that no more than ``MISSED`` of the harmful rows are."""
    worst = a.max(axis=1)
    calm = float(np.quantile(worst[(known == 1).any(axis=1)], MISSED))
    benign = np.array([row.source in BENIGN and not row.source.endswith("-hard") for row in rows]) & (known[:, -1] == 0)
    say(f"the cheap judge settles {np.mean(worst[benign] < calm):.3f} of everyday benign prompts under {calm:.2f}")
    return calm


def _regression(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=300, tol=1e-3)


def _balance(y: NDArray[np.int64]) -> float:
    """How much more a positive row counts: the square root of the imbalance, at most six."""
    return float(min(6.0, np.sqrt((len(y) - y.sum()) / max(1, y.sum()))))
