"""Whether a score says how often it is right: ten bins of scores, the share that is unsafe in each, and the mean distance.

Scores are moved so that 0.5 and 0.8 are boundaries to act at, so they need not be probabilities; the table shows how far off.
"""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.prompt.bench.figures import Figure, Section
from classifiers.prompt.bench.stopped import Judged, false_positives
from classifiers.prompt.labels import HEADS
from safety.values import Value

BINS = 10
OVERALL = "any label"


class Bin(Value):
    """Scores from ``low`` to ``low`` + 0.1: how many, their mean, and the share of them that is truly unsafe."""

    low: float
    number: int
    mean: float
    observed: float


class Curve(Value):
    """The bins of one label that hold anything, and the expected calibration error (Naeini et al. 2015)."""

    label: str
    number: int
    error: float
    bins: tuple[Bin, ...]


def curves(judged: Sequence[Judged]) -> tuple[Curve, ...]:
    """One curve over all, on rows whose safety is wholly known, then one a label, on rows that label is known of."""
    whole = [(max(j.scores.values(), default=0.0), bool(j.sample.unsafe)) for j in judged if j.sample.unsafe is not None]
    found = [curve(OVERALL, whole)]
    for label in HEADS:
        pairs = [(j.scores.get(label, 0.0), j.sample.known[label] == 1) for j in judged if label in j.sample.known]
        found.append(curve(label, pairs))
    return tuple(found)


def curve(label: str, pairs: Sequence[tuple[float, bool]]) -> Curve:
    """``pairs`` of score and truth in ten equal bins."""
    bins, error = [], 0.0
    for i in range(BINS):
        inside = [(s, true) for s, true in pairs if min(BINS - 1, int(s * BINS)) == i]
        if not inside:
            continue
        mean = sum(s for s, _ in inside) / len(inside)
        observed = sum(true for _, true in inside) / len(inside)
        error += len(inside) / len(pairs) * abs(mean - observed)
        bins.append(Bin(low=i / BINS, number=len(inside), mean=mean, observed=observed))
    return Curve(label=label, number=len(pairs), error=error, bins=tuple(bins))


def section(found: Sequence[Curve], judged: Sequence[Judged]) -> Section:
    """The expected calibration errors as figures."""
    false = false_positives(judged)
    figures = tuple(
        Figure(
            name=f"expected calibration error, {c.label}", on="held-out rows", number=c.number, threshold="none, ten bins",
            false_positives=false, value=100.0 * c.error if c.number else None, unit="points",
        )
        for c in found
    )  # fmt: skip
    says = "Mean distance between score and observed share, weighted by bin; the false positives are the gate's at 0.5."
    return Section(key="reliability", title="Reliability", says=says, figures=figures)


def table(found: Sequence[Curve]) -> list[str]:
    """Lines of Markdown: a row a bin, in each cell the observed share and on how many prompts."""
    lines = ["| score | " + " | ".join(c.label for c in found) + " |", "|---" * (len(found) + 1) + "|"]
    for i in range(BINS):
        cells = []
        for c in found:
            inside = next((b for b in c.bins if round(b.low * BINS) == i), None)
            cells.append(f"{inside.observed:.2f} ({inside.number})" if inside else "-")
        lines.append(f"| {i / BINS:.1f} to {(i + 1) / BINS:.1f} | " + " | ".join(cells) + " |")
    return lines
