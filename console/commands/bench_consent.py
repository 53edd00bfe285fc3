"""``clearance bench consent``: consent measured, every figure with its set and goal, the promises first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from console.commands.bench import Progress
from console.plain import plain
from console.shell import hint, say, shell_of
from safety.errors import BadInput


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
    if strange := sorted(set(only or ()) - set(report.PARTS)):
        raise BadInput(f"{strange[0]!r} is no part of the report; the parts are {', '.join(report.PARTS)}.")
    for path in (out, json_file):
        if path is not None and not path.absolute().parent.is_dir():
            raise BadInput(f"There is no folder {path.absolute().parent} to write to; make it first.")
    found = report.measure(Progress(), quick=quick, only=tuple(only or ()))
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
        report.draw(plot, found)
    raise typer.Exit(1 if strict and (found.missed or report.broken(found)) else 0)
