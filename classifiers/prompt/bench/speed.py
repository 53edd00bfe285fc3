"""How long one prompt takes through the whole stage on one core, and how many a second pass on all cores.

The stage is handed in: this folder knows detectors, not the registered names nor the policy, which a prompt also waits for.
"""

from __future__ import annotations

from typing import Protocol

from classifiers.prompt.bench import goals
from classifiers.prompt.bench.figures import Figure, Section, Share


class Stage(Protocol):
    """The screen stage, made by whoever may see all of the house."""

    def milliseconds(self, texts: list[str]) -> list[float]:
        """One after the other on one core, after warming up."""
        ...

    def seconds(self, texts: list[str]) -> tuple[float, int]:
        """All of them as a batch, after warming up; and on how many processes."""
        ...


def quantile(values: list[float], share: float) -> float | None:
    """The smallest value that ``share`` of ``values`` do not exceed; None of nothing."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else None


def measure(stage: Stage, texts: list[str], names: int, false: Share | None) -> Section:
    """Median, 99th percentile and throughput on ``texts``."""
    took = stage.milliseconds(texts)
    seconds, workers = stage.seconds(texts)
    on, note = "vbench, all lengths", f"{names:,} reserved names"
    figures = [
        Figure(
            name=name, on=on, number=len(took), threshold="whole stage, one core", false_positives=false,
            value=quantile(took, share),
            unit="ms", goal=goal, note=note,
        )
        for name, share, goal in (("p50", 0.5, goals.P50), ("p99", 0.99, goals.P99))
    ]  # fmt: skip
    rate = len(texts) / seconds if texts and seconds else None
    figures.append(
        Figure(
            name="batch throughput", on=on, number=len(texts), threshold=f"whole stage, {workers} processes",
            false_positives=false, value=rate, unit="prompts/s", goal=goals.THROUGHPUT, note=note,
        )
    )  # fmt: skip
    says = (
        "Reading, detectors, reserved and enrolled names, policy; models loaded and warm. False positives are the gate's at 0.5."
    )
    return Section(key="latency", title="Speed", says=says, figures=tuple(figures))
