"""One detector's reports on the parts of a clip, as its one report on the clip."""

from __future__ import annotations

from collections.abc import Sequence

from safety.signal import Evidence, Report, Signal
from streams.lanes.viewing import Viewing

#: Evidence kept a signal, the most telling first: what a person can look through.
MOST_EVIDENCE = 40


def report_of(viewing: Viewing, name: str, labels: frozenset[str], whole: frozenset[str] = frozenset()) -> Report:
    """The report of detector ``name`` on the whole clip; a failure, or an answer that is not its own, is a failed report.

    The worst part makes a label's score, except for those in ``whole``, which are true of a clip only if they are of every part.
    """
    milliseconds = viewing.seconds.get(name, 0.0) * 1000
    why = viewing.failures.get(name)
    if why is None and any(not _is_proper(answer, name, labels) for answer in viewing.answers.get(name, ())):
        why = "answered with something that is not its report; its author must mend it"
    reports: Sequence[Report] = viewing.answers.get(name, ())
    if why is None and not reports:
        why = "was given nothing to look at"
    if why is None:
        why = next((r.failure for r in reports if r.failure is not None), None)
        if why is not None:
            return Report(detector=name, labels=labels, failure=why, milliseconds=milliseconds)
    if why is not None:
        return Report(
            detector=name, labels=labels, failure=f"{name} {why}; a person has to look instead.", milliseconds=milliseconds
        )  # fmt: skip
    by_label: dict[str, list[Signal]] = {}
    for report in reports:
        for signal in report.signals:
            by_label.setdefault(signal.label, []).append(signal)
    signals = tuple(
        min(found, key=lambda s: s.score) if label in whole else merged(found) for label, found in sorted(by_label.items())
    )
    return Report(detector=name, labels=labels, signals=signals, milliseconds=milliseconds)


def merged(found: Sequence[Signal]) -> Signal:
    """Signals of one label as one: the worst one's score, the evidence of the worse before that of the others."""
    order = sorted(found, key=lambda s: -s.score)
    evidence: list[Evidence] = []
    for signal in order:
        evidence += [e for e in signal.evidence if e not in evidence]
    return order[0].model_copy(update={"evidence": tuple(evidence[:MOST_EVIDENCE])})


def _is_proper(answer: object, name: str, labels: frozenset[str]) -> bool:
    """Whether it is this detector's whole and proper report."""
    return (
        isinstance(answer, Report)
        and answer.detector == name
        and answer.labels == labels
        and all(s.label in labels for s in answer.signals)
        and not (answer.failure and answer.signals)
    )
