"""The clip gate's report: which parts there are, running them, and printing what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from classifiers.prompt.bench.figures import Figure, Section, table
from safety.values import Value

#: Called with what is measured, how much of it is done, and of how much.
Progress = Callable[[str, int, int], None]

#: The parts in the report's order. Each module of this package has ``measure(progress, quick) -> Section``.
PARTS = ("speed", "decoding", "explicit", "scene", "objects", "faces", "writing", "speech", "voices", "recordings", "copies")


class Results(Value):
    """All figures, and whether little was measured."""

    quick: bool
    sections: tuple[Section, ...]

    @property
    def missed(self) -> tuple[Figure, ...]:
        """Figures under their goal."""
        return tuple(f for s in self.sections for f in s.figures if f.missed)


def measure(progress: Progress, *, quick: bool, only: Sequence[str] = ()) -> Results:
    """Run the parts named in ``only``, all of them when it is empty."""
    wanted = [part for part in PARTS if part in only or not only]
    sections = [import_module(f"console.bench.{part}").measure(progress, quick) for part in wanted]
    return Results(quick=quick, sections=tuple(sections))


def markdown(results: Results) -> Iterator[str]:
    """The report, line by line."""
    yield "# The clip gate, measured"
    yield ""
    if results.quick:
        yield "A quick run: small sets, so the figures are rough."
    missed = results.missed
    yield f"{len(missed)} figures miss their goal." if missed else "Every figure that has a goal meets it."
    for section in results.sections:
        yield ""
        yield from table(section)


def draw(folder: Path, results: Results) -> Path | None:
    """A bar for every share that has a goal, beside its goal; None when there is none."""
    from console.bench.plot import bars

    figures = [f for s in results.sections for f in s.figures if f.unit == "%" and f.goal is not None and f.value is not None]
    if not figures:
        return None
    path = folder / "clip-gate.svg"
    path.write_text(bars(figures), "utf-8")
    return path
