"""``clearance bench``: the gates measured on rows they never learnt from, with every figure's set, number, threshold and cost."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from console.plain import plain
from console.shell import cores, hint, say, shell_of
from safety.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Measure the gates and consent: prompts, clips, consent.")
#: Seconds between two lines of progress where there is no terminal.
SAY_EVERY = 10.0


@app.callback()
def bench() -> None:
    """Measure the gates and consent: prompts, clips, consent."""


@app.command()
def prompts(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the Markdown here instead of printing it.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures here as JSON.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few rows per set: under a minute, rough figures.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Leave with 1 when a figure misses its goal.")] = False,
    only: Annotated[list[str] | None, typer.Option(metavar="PART", help="Only this part; may be repeated.")] = None,
    names: Annotated[int, typer.Option(min=0, help="Invented reserved names to measure speed among.")] = 0,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes; 0 judges in this one.", show_default="cores")] = None,
    detector: Annotated[
        str, typer.Option(metavar="MODULE:CLASS", help="The detector to measure; yours, perhaps.")
    ] = "classifiers.prompt.heads:PromptHeads",
    rows: Annotated[
        int | None, typer.Option(min=1, help="Most rows of one set, language and answer.", show_default=False)
    ] = None,
    plot: Annotated[Path | None, typer.Option(metavar="DIR", help="Draw the reliability curves into this folder.")] = None,
) -> None:
    """Measure the prompt gate: what it stops, lets through, sees through, and how fast, with goals and other tools beside it."""
    from dataclasses import replace

    from classifiers.prompt.bench import plot as picture
    from classifiers.prompt.bench import report
    from classifiers.prompt.bench.judging import open_judges
    from console.stage import ScreenStage

    shell_of(ctx)
    if strange := sorted(set(only or ()) - set(report.PARTS)):
        raise BadInput(f"{strange[0]!r} is no part of the report; the parts are {', '.join(report.PARTS)}.")
    for path in (out, json_file):
        if path is not None and not path.absolute().parent.is_dir():
            raise BadInput(f"There is no folder {path.absolute().parent} to write to; make it first.")
    size = report.QUICK if quick else report.FULL
    if rows is not None:
        size = replace(size, rows=rows, alone=min(size.alone, 8 * rows), paired=min(size.paired, 2 * rows))
    workers = cores() if workers is None else workers
    with open_judges(workers, detector, Progress()) as judges:
        found = report.measure(judges, size, ScreenStage(workers, names), detector=detector, names=names, only=tuple(only or ()))
    text = "\n".join(report.markdown(found))
    if out is None:
        say(text)
    else:
        out.write_text(text + "\n", "utf-8")
        hint(f"The report is in {out}.")
    if json_file is not None:
        missed = [f"{f.name}, {f.on}" for f in found.missed]
        json_file.write_text(json.dumps({**found.model_dump(mode="json"), "missed": plain(missed)}, indent=1) + "\n", "utf-8")
    if plot is not None:
        plot.mkdir(parents=True, exist_ok=True)
        (plot / picture.NAME).write_text(picture.svg(found.curves), "utf-8")
    raise typer.Exit(1 if strict and found.missed else 0)


class Progress:
    """One line on standard error: rewritten on a terminal, elsewhere a new one now and then."""

    def __init__(self) -> None:
        self._last = monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        line = f"{what}: {done:,} of {total:,}"
        if sys.stderr.isatty():
            typer.echo(f"\r\x1b[K{line}", err=True, nl=done == total)
        elif monotonic() - self._last >= SAY_EVERY:
            self._last = monotonic()
            hint(line)
