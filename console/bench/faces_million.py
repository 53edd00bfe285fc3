"""A million made-up people: what one face costs to look up among them, what is missed, and whom strangers are taken for.

Nobody's million faces are needed: rows are drawn so that two of them are as alike as two real people, and a query is as far from
its member as a real second photograph is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from consent.faces.signatures import DIMENSIONS, SignatureIndex
from consent.faces.thresholds import threshold
from console.bench.faces_photos import Progress, Rows, Scores

#: Mean and deviation of the cosine of two different people, of 78,000 pairs of ORL photographs.
PAIR_MEAN, PAIR_DEVIATION = 0.076, 0.098
CHUNK = 50_000
SEED = 20261125


@dataclass(frozen=True)
class Likely:
    """Where embeddings lie: ``mean`` (128,) and ``factor`` (128, 128), a root of the covariance."""

    mean: NDArray[np.float32] = field(repr=False)
    factor: NDArray[np.float32] = field(repr=False)

    def draw(self, count: int, rng: np.random.Generator) -> Rows:
        """float32 (count, 128) of unit length."""
        rows = rng.standard_normal((count, DIMENSIONS), dtype=np.float32) @ self.factor.T + self.mean
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def again(self, rows: Rows, cosines: NDArray[np.float32], rng: np.random.Generator) -> Rows:
        """Second sightings of the people in ``rows``, at these cosines; what changes lies as people's differences do."""
        other = rng.standard_normal(rows.shape, dtype=np.float32) @ self.factor.T
        other -= (other * rows).sum(axis=1, keepdims=True) * rows
        other /= np.linalg.norm(other, axis=1, keepdims=True)
        c = cosines[:, None]
        return np.asarray(c * rows + np.sqrt(1 - c**2) * other, np.float32)


def likely(real: Rows | None) -> Likely:
    """The distribution of real embeddings (n, 128): their mean, and their covariance drawn towards a sphere until two rows are
    as alike as two real ones. Without any, the same with a covariance of falling variances."""
    if real is None or len(real) < 2 * DIMENSIONS:
        mean = np.zeros(DIMENSIONS, np.float32)
        mean[0] = np.sqrt(PAIR_MEAN)
        covariance, wanted = np.diag(0.97 ** np.arange(DIMENSIONS)) * 0.02, PAIR_DEVIATION
    else:
        mean, covariance = real.mean(axis=0).astype(np.float32), np.cov(real.T)
        wanted = PAIR_DEVIATION
    sphere = np.eye(DIMENSIONS) * np.trace(covariance) / DIMENSIONS
    best = Likely(mean, np.eye(DIMENSIONS, dtype=np.float32))
    for share in np.linspace(0, 1, 26):
        mixed = (1 - share) * covariance + share * sphere
        best = Likely(mean, np.linalg.cholesky(mixed + 1e-9 * np.eye(DIMENSIONS)).astype(np.float32))
        sample = best.draw(1500, np.random.default_rng(SEED))
        if float((sample @ sample.T)[np.triu_indices(1500, 1)].std()) <= wanted:
            break
    return best


@dataclass(frozen=True)
class Looked:
    """What looking up cost and found. Times in milliseconds a query: of the clock, and of this process alone.

    ``recall`` is that the nearest is the one that comparing with everybody finds: of all queries, and of those whose nearest
    reaches the threshold. ``false`` strangers of ``strangers`` that reached it.
    """

    people: int
    build_seconds: float
    megabytes: float
    clock: tuple[float, float]
    own: tuple[float, float]
    recall: tuple[int, int]
    recall_sure: tuple[int, int]
    false: int
    strangers: int
    change_ms: float


def look_up(likely: Likely, people: int, cosines: NDArray[np.float32], queries: int, progress: Progress) -> Looked:
    """Draw ``people`` rows, search for second sightings of some of them (cosines drawn from those measured) and for strangers."""
    rng = np.random.default_rng(SEED)
    index, spent = SignatureIndex(), 0.0
    index.reserve(people)
    everybody = np.empty((people, DIMENSIONS), np.float16)
    for start in range(0, people, CHUNK):
        progress(f"{people:,} made-up people", start, people)
        rows = likely.draw(min(CHUNK, people - start), rng)
        everybody[start : start + len(rows)] = rows
        begun = process_time()
        index.add(np.arange(start, start + len(rows)), rows)
        spent += process_time() - begun
    members = rng.choice(people, queries, replace=False)
    asked = likely.again(everybody[members].astype(np.float32), rng.choice(cosines, queries).astype(np.float32), rng)
    strangers = likely.draw(queries, rng)
    nearest, near = nearest_of_all(everybody, asked)
    clock, own, found = [], [], []
    for query in asked:
        a, b = perf_counter(), process_time()
        keys, _ = index.search(query[None], 24)
        own.append(1000 * (process_time() - b))
        clock.append(1000 * (perf_counter() - a))
        found.append(int(keys[0, 0]))
    right = np.array(found) == nearest
    sure = near >= threshold(people)
    false = sum(float(index.search(s[None], 1)[1][0, 0]) >= threshold(people) for s in strangers)
    begun = process_time()
    index.remove(members[:1])
    index.add(members[:1], everybody[members[:1]].astype(np.float32))
    return Looked(
        people, spent, index.megabytes, _p50_p99(clock), _p50_p99(own), (int(right.sum()), queries),
        (int((right & sure).sum()), int(sure.sum())), false, queries, 1000 * (process_time() - begun),
    )  # fmt: skip


def nearest_of_all(everybody: NDArray[np.float16], asked: Rows) -> tuple[NDArray[np.int64], Rows]:
    """Row number and cosine of the nearest, by comparing with everybody."""
    best, who = np.full(len(asked), -2.0, np.float32), np.zeros(len(asked), np.int64)
    for start in range(0, len(everybody), CHUNK):
        near = everybody[start : start + CHUNK].astype(np.float32) @ asked.T
        place, value = near.argmax(axis=0), near.max(axis=0)
        better = value > best
        best[better], who[better] = value[better], start + place[better]
    return who, best


def expected_false(scores: Scores, people: int) -> float:
    """Strangers' tracks taken for somebody, a track, among ``people`` with one template each, at their threshold."""
    return people * scores.false_share(threshold(people))


def _p50_p99(values: Sequence[float]) -> tuple[float, float]:
    return float(np.percentile(values, 50)), float(np.percentile(values, 99))
