"""The whole run and its report: Markdown for people, the same figures as a value for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifiers.prompt.bench import disguise, injection, peers, reliability, sets, speed, stopped
from classifiers.prompt.bench.figures import Figure, Section, table
from classifiers.prompt.bench.judging import FAILED, Judges
from safety.values import Value

#: The parts of a report, in its order.
PARTS = ("stopped", "benign", "disguise", "languages", "injection", "latency", "reliability", "peers")


@dataclass(frozen=True)
class Size:
    """Rows of one set, language and answer; prompts per attack, per pair, and for speed."""

    rows: int
    alone: int
    paired: int
    timed: int


FULL = Size(rows=sets.MOST, alone=120, paired=40, timed=400)
QUICK = Size(rows=sets.QUICK, alone=12, paired=3, timed=60)


class Results(Value):
    """All figures, the reliability curves, and what a reader must know of the run."""

    detector: str
    rows: int
    failed: int
    names: int
    quick: bool
    sections: tuple[Section, ...]
    curves: tuple[reliability.Curve, ...]

    @property
    def missed(self) -> tuple[Figure, ...]:
        """Figures under their goal."""
        return tuple(f for s in self.sections for f in s.figures if f.missed)


def measure(judges: Judges, size: Size, stage: speed.Stage, *, detector: str, names: int, only: Sequence[str] = ()) -> Results:
    """Run the parts named in ``only``, all of them when it is empty."""
    wanted = only or PARTS
    samples = sets.gather(size.rows) if set(wanted) - {"latency"} else []
    scores = judges.scores([s.text for s in samples], "held-out rows")
    judged = [stopped.Judged(s, found) for s, found in zip(samples, scores, strict=True)]
    curves = reliability.curves(judged) if "reliability" in wanted else ()
    made = {
        "stopped": lambda: stopped.unsafe_stopped(judged),
        "benign": lambda: stopped.benign_let_through(judged),
        "disguise": lambda: disguise.measure(judges, judged, size.alone, size.paired),
        "languages": lambda: stopped.languages(judged),
        "injection": lambda: injection.measure(judged),
        "latency": lambda: speed.measure(
            stage, sets.everyday(size.timed), names, stopped.false_positives(judged) if judged else None
        ),
        "reliability": lambda: reliability.section(curves, judged),
        "peers": lambda: peers.measure(judges, judged),
    }
    return Results(
        detector=detector, rows=len(samples), failed=sum(FAILED in s for s in scores), names=names, quick=size == QUICK,
        sections=tuple(made[part]() for part in PARTS if part in wanted), curves=curves,
    )  # fmt: skip


def markdown(results: Results) -> Iterator[str]:
    """The report, line by line."""
    yield "# The prompt gate, measured"
    yield ""
    yield f"`{results.detector}` on {results.rows:,} held-out prompts."
    yield f"{results.failed:,} of them could not be judged and count as stopped."
    if results.quick:
        yield "A quick run: few rows per set, so the figures are rough."
    missed = results.missed
    yield f"{len(missed)} figures miss their goal." if missed else "Every figure that has a goal meets it."
    for section in results.sections:
        yield ""
        yield from table(section)
        if section.key == "reliability":
            yield from ("", "Observed share unsafe (number of prompts), by score:", "", *reliability.table(results.curves))
