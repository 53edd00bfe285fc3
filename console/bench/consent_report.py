"""The report on consent: which parts there are, running them, and the promises beside what was measured.

The drawing and the shape of a part are the clip gate's. A part that finds nothing to measure says so in its figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from classifiers.prompt.bench.figures import Figure, table
from console.bench.report import Progress, Results
from safety.values import Value

#: The parts in the report's order. Each module of this package has ``measure(progress, quick) -> Section``.
PARTS = ("interleavings", "revocation", "claims", "enrolment", "topics")

#: The verdict of a quick run.
IN_A_HURRY = "in a quick run"


class Promise(Value):
    """What is promised, and which part's figures with a goal, whose names begin with ``name``, tell whether it is kept;
    ``least`` is how many must have been counted."""

    says: str
    part: str
    name: str
    least: int = 1


PROMISES = (
    Promise(
        says="no release that needed a permit lost before it committed, in 100,000 interleavings with crashes",
        part="interleavings", name="histories in which something was released that must not be: all", least=100_000,
    ),
    Promise(
        says="from the revocation's return until no server serves the clip: p99 under 1 s",
        part="revocation", name="last answer with the clip",
    ),
    Promise(
        says="a running generation stopped within one denoising step",
        part="revocation", name="steps begun after the revocation",
    ),
    Promise(
        says="a remix tree of 10,000 clips closed, receipt signed, under 10 s",
        part="revocation", name="tree closed, closing receipt signed",
    ),
    Promise(
        says="every released clip of one person among 1,000,000 found in under 1 s",
        part="claims", name="every clip of one",
    ),
    Promise(
        says="bytes of an erased person's template left anywhere: none",
        part="revocation", name="spellings of an erased person's templates",
    ),
)  # fmt: skip


def measure(progress: Progress, *, quick: bool, only: Sequence[str] = ()) -> Results:
    """Run the parts named in ``only``, all of them when it is empty."""
    wanted = [part for part in PARTS if part in only or not only]
    sections = [import_module(f"console.bench.{part}").measure(progress, quick) for part in wanted]
    return Results(quick=quick, sections=tuple(sections))


def promised(results: Results) -> Iterator[tuple[Promise, tuple[Figure, ...]]]:
    """Each promise whose part was run, with the figures that were measured for it."""
    by_part = {section.key: section.figures for section in results.sections}
    for promise in PROMISES:
        if promise.part in by_part:
            yield promise, tuple(f for f in by_part[promise.part] if f.goal and f.name.startswith(promise.name))


def broken(results: Results) -> tuple[Promise, ...]:
    """Promises that were put to the test and are not known to be kept; in a quick run only those that a figure breaks."""
    found = [(p, _verdict(p, figures, sum(f.number for f in figures), results.quick)) for p, figures in promised(results)]
    return tuple(promise for promise, verdict in found if verdict not in ("met", IN_A_HURRY))


def markdown(results: Results) -> Iterator[str]:
    """The report, line by line: the promises first."""
    yield "# Consent, measured"
    yield ""
    if results.quick:
        yield "A quick run: small sets, so the figures are rough."
    missed = results.missed
    yield f"{len(missed)} figures miss their goal." if missed else "Every figure that has a goal meets it."
    found = [*promised(results)]
    if found:
        yield from ("", "| promised | measured | number | set | |", "|---|---|---|---|---|")
    for promise, figures in found:
        worst, number = _worst(figures), sum(f.number for f in figures)
        value = "not measured" if worst is None else f"{worst.value:.3g} {worst.unit}".strip()
        value += f", worst of {len(figures)}" if len(figures) > 1 else ""
        on = "" if worst is None else worst.on
        yield f"| {promise.says} | {value} | {number:,} | {on} | {_verdict(promise, figures, number, results.quick)} |"
    for section in results.sections:
        yield ""
        yield from table(section)


def draw(folder: Path, results: Results) -> Path | None:
    """A bar for every share that has a goal, beside its goal; None when there is none."""
    from console.bench.plot import bars

    figures = [f for s in results.sections for f in s.figures if f.unit == "%" and f.goal is not None and f.value is not None]
    if not figures:
        return None
    path = folder / "consent.svg"
    path.write_text(bars(figures).replace("The clip gate's figures", "The figures of consent"), "utf-8")
    return path


def _worst(figures: Sequence[Figure]) -> Figure | None:
    """The one with the largest value, as every promise is a most."""
    return max((f for f in figures if f.value is not None), key=lambda f: f.value or 0.0, default=None)


def _verdict(promise: Promise, figures: Sequence[Figure], number: int, quick: bool) -> str:
    """A quick run's sets are smaller than what is promised, so it keeps no promise; it can break one."""
    if not figures:
        return "**not measured**"
    if any(f.missed for f in figures):
        return "**MISSED**"
    if quick:
        return IN_A_HURRY
    return "met" if number >= promise.least else f"too few, of {promise.least:,}"
