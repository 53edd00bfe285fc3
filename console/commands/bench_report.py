"""Running a report and writing it where it is asked for: what ``bench clips`` and ``bench consent`` share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.commands.bench import Progress
from console.plain import plain
from console.shell import hint, say
from safety.errors import BadInput

if TYPE_CHECKING:
    from console.bench.report import Results


def write_report(
    report: Any, out: Path | None, json_file: Path | None, *, quick: bool, only: list[str] | None, plot: Path | None
) -> Results:
    """Measure the parts of ``report`` (a module with ``PARTS``, ``measure``, ``markdown`` and ``draw``) and write what was found.

    Raises ``BadInput`` for a part there is none of, and for a folder there is none of, before anything is measured.
    """
    if strange := sorted(set(only or ()) - set(report.PARTS)):
        raise BadInput(f"{strange[0]!r} is no part of the report; the parts are {', '.join(report.PARTS)}.")
    for path in (out, json_file):
        if path is not None and not path.absolute().parent.is_dir():
            raise BadInput(f"There is no folder {path.absolute().parent} to write to; make it first.")
    found: Results = report.measure(Progress(), quick=quick, only=tuple(only or ()))
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
    return found
