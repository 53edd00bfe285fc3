"""``clearance bench clips``: the clip gate measured, every figure with its set, size, threshold and goal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands.bench_report import write_report
from console.shell import shell_of


def clips(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the Markdown here instead of printing it.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures here as JSON.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small sets: a few minutes, rough figures.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Leave with 1 when a figure misses its goal.")] = False,
    only: Annotated[list[str] | None, typer.Option(metavar="PART", help="Only this part; may be repeated.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="DIR", help="Draw the shares beside their goals into this folder.")] = None,
) -> None:
    """Measure the clip gate: how fast, how much it finds, how often it is wrong, with goals and other tools beside it."""
    from console.bench import report

    shell_of(ctx)
    found = write_report(report, out, json_file, quick=quick, only=only, plot=plot)
    raise typer.Exit(1 if strict and found.missed else 0)
