"""Injection recall where one benign text in a hundred is stopped: the threshold is found on benign rows, and said."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from classifiers.prompt.bench import goals
from classifiers.prompt.bench.figures import Figure, Section, Share, percent
from classifiers.prompt.bench.sets import WHOLE, XSTEST
from classifiers.prompt.bench.stopped import Judged

INJECTION = "injection"
#: Sources that are ours, not published injection sets; a published set's own negatives are everyday requests to an assistant.
OURS = frozenset({"written", "prose", "unseen"})


def threshold_at(benign: Sequence[float], share: float = goals.INJECTION_FALSE) -> float:
    """The lowest threshold that at most ``share`` of the ``benign`` scores reach; just above the highest where none may."""
    allowed = math.floor(share * len(benign))
    ranked = sorted(benign, reverse=True)
    return math.nextafter(ranked[allowed], 2.0) if ranked else 0.0


def measure(judged: Sequence[Judged]) -> Section:
    """Recall at a threshold chosen on the injection sets' own negatives, and at one chosen on benign video prompts."""
    says = "The injection score alone. A threshold is the lowest that lets at most 1 % of the named benign rows be stopped."
    return Section(key=INJECTION, title="Injection", says=says, figures=tuple(_figures(judged)))


def _figures(judged: Sequence[Judged]) -> Iterator[Figure]:
    bad = [j for j in judged if INJECTION in j.sample.labels and j.sample.source not in OURS]
    published = {j.sample.source for j in bad}
    choices: dict[str, Callable[[Judged], bool]] = {
        "the injection sets' own negatives": lambda j: j.sample.source in published and j.sample.known.get(INJECTION) == 0,
        f"benign prompts of {' and '.join(WHOLE)}": lambda j: j.sample.source in WHOLE,
        "all benign rows of this report": lambda j: j.sample.known.get(INJECTION) == 0 and j.sample.source != XSTEST,
    }
    for name, chosen in choices.items():
        benign = [_score(j) for j in judged if chosen(j)]
        at = threshold_at(benign)
        false = Share(hits=sum(score >= at for score in benign), of=len(benign))
        found = [_score(j) >= at for j in bad]
        threshold = f"injection >= {at:.4f}"
        found = found if benign else []
        figure = percent(
            "recall at 1 % false positives", ", ".join(sorted(published)), found, threshold, false, goals.INJECTION_GOAL
        )
        yield figure.model_copy(update={"note": f"threshold chosen on {name}"})


def _score(judged: Judged) -> float:
    return judged.scores.get(INJECTION, 0.0)
