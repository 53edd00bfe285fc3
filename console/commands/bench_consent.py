"""``clearance bench consent``: consent measured, every figure with its set and goal, the promises first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands.bench_report import write_report
from console.shell import shell_of


def consent(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the Markdown here instead of printing it.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures here as JSON.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small sets: a few minutes, rough figures.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Leave with 1 when a goal is missed or a promise not met.")] = False,
    only: Annotated[list[str] | None, typer.Option(metavar="PART", help="Only this part; may be repeated.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="DIR", help="Draw the shares beside their goals into this folder.")] = None,
) -> None:
    """Measure consent: races, taking back, finding oneself, enrolling and topics, with the promised figures first."""
    from console.bench import consent_report as report

    shell_of(ctx)
    found = write_report(report, out, json_file, quick=quick, only=only, plot=plot)
    raise typer.Exit(1 if strict and (found.missed or report.broken(found)) else 0)
