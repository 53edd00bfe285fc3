"""The report on consent: which parts there are, running them, and the promises beside what was measured.

The drawing and the shape of a part are the clip gate's. A part that finds nothing to measure says so in its figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from classifiers.prompt.bench.figures import Figure, table
from console.bench.report import Progress, Results

#: The parts in the report's order. Each module of this package has ``measure(progress, quick) -> Section``.
PARTS = ("interleavings", "revocation", "claims", "enrolment", "topics")
#: What consent promises here, and which part's figures with a goal, whose names begin so, tell whether it is kept.
PROMISES: tuple[tuple[str, str, str], ...] = (
    (
        "no release that needed a permit lost before it committed, in 100,000 interleavings with crashes",
        "interleavings", "histories in which something was released that must not be: all",
    ),
    ("from the revocation's return until no server serves the clip: p99 under 1 s", "revocation", "last answer with the clip"),
    ("a running generation stopped within one denoising step", "revocation", "steps begun after the revocation"),
    ("a remix tree of 10,000 clips closed, receipt signed, under 10 s", "revocation", "tree closed, closing receipt signed"),
    ("every released clip of one person among 1,000,000 found in under 1 s", "claims", "every clip of one"),
    ("bytes of an erased person's template left anywhere: none", "revocation", "spellings of an erased person's templates"),
)  # fmt: skip


def measure(progress: Progress, *, quick: bool, only: Sequence[str] = ()) -> Results:
    """Run the parts named in ``only``, all of them when it is empty."""
    wanted = [part for part in PARTS if part in only or not only]
    sections = [import_module(f"console.bench.{part}").measure(progress, quick) for part in wanted]
    return Results(quick=quick, sections=tuple(sections))


def promised(results: Results) -> Iterator[tuple[str, tuple[Figure, ...]]]:
    """Each promise with the figures that were measured for it; none when its part was left out."""
    by_part = {section.key: section.figures for section in results.sections}
    for promise, part, name in PROMISES:
        yield promise, tuple(f for f in by_part.get(part, ()) if f.goal is not None and f.name.startswith(name))


def markdown(results: Results) -> Iterator[str]:
    """The report, line by line: the promises first."""
    yield "# Consent, measured"
    yield ""
    if results.quick:
        yield "A quick run: small sets, so the figures are rough."
    missed = results.missed
    yield f"{len(missed)} figures miss their goal." if missed else "Every figure that has a goal meets it."
    yield ""
    yield "| promised | measured | of | |"
    yield "|---|---|---|---|"
    for promise, figures in promised(results):
        yield f"| {promise} | {_worst(figures)} | {sum(f.number for f in figures):,} | {_verdict(figures)} |"
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


def _worst(figures: Sequence[Figure]) -> str:
    """The largest value, as every promise is a most; how many figures it is the largest of."""
    known = [f for f in figures if f.value is not None]
    if not known:
        return "not measured"
    worst = max(known, key=lambda f: f.value or 0.0)
    of = f" (worst of {len(figures)} figures)" if len(figures) > 1 else ""
    return f"{worst.value:.3g} {worst.unit}".strip() + of


def _verdict(figures: Sequence[Figure]) -> str:
    return "" if not figures else "**MISSED**" if any(f.missed for f in figures) else "met"
