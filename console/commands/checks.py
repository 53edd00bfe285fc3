"""``clearance inspect``, ``seal`` and ``verify``: single files, without the pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.plain import plain, printable, to_json
from console.shell import Json, say, shell_of, write_table
from safety.errors import BadInput

if TYPE_CHECKING:
    from console.views import VerdictView

File = Annotated[Path, typer.Argument(help="A media file.")]


def inspect(
    ctx: typer.Context,
    file: File,
    requester: Annotated[str, typer.Option("--as", metavar="USER", help="Who asks; their permits count.")] = "anonymous",
    prompt: Annotated[str | None, typer.Option(help="What the clip was made from, to be compared with what it shows.")] = None,
    sheet: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw what was seen, and when, into this picture.")] = None,
    json: Json = False,
) -> None:
    """Say what the clip gate makes of any media file. What could not be checked is held, never allowed."""
    from console.sheet import draw_sheet
    from console.views import verdict_view
    from streams.checks import inspect_file

    shell = shell_of(ctx)
    if sheet is not None and not sheet.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {sheet.absolute().parent} to draw into; make it first.")
    with shell.context() as opened:
        view = verdict_view(inspect_file(opened, file, requester, prompt))
        if sheet is not None:
            draw_sheet(opened.parts.media.sample(file), view, sheet)
    if shell.json:
        short = {"file": str(file), "outcome": view.outcome, "clause": view.clause, "signals": plain(view.signals)}
        say(to_json(short | {"says": view.says, "unchecked": view.unchecked, "hits": plain(view.hits), "policy": view.policy}))
    else:
        show_verdict(view)


def seal(
    ctx: typer.Context,
    file: File,
    out: Annotated[Path, typer.Option("-o", "--out", help="Where to write the sealed mp4.")],
    creator: Annotated[str, typer.Option("--as", metavar="USER", help="Who made it, for the manifest.")] = "anonymous",
    json: Json = False,
) -> None:
    """Mark, label and sign an mp4, so that `verify` knows it again."""
    from streams.checks import seal_file

    shell = shell_of(ctx)
    with shell.context() as opened:
        sealed = seal_file(opened, file, out, creator)
    shell.answer({"clip": sealed.clip, "path": str(out), "digest": sealed.digest}, f"Sealed as clip {sealed.clip} in {out}.")


def verify(ctx: typer.Context, file: File, json: Json = False) -> None:
    """Say whose a media file is, from its manifest and its marks: ours, not-ours, cannot-tell, tampered or transplanted."""
    from streams.checks import verify_file

    shell = shell_of(ctx)
    with shell.context() as opened:
        found = verify_file(opened, file)
    if shell.json:
        answer = plain(found)
        assert isinstance(answer, dict)
        say(to_json({"file": str(file)} | answer))
        return
    say(f"{found.answer}" + (f"  clip {found.clip}" if found.clip else ""))
    for name, value in flatten(plain(found.evidence)):
        say(f"  {name:<30} {printable(value, 160)}")


def show_verdict(view: VerdictView) -> None:
    """A verdict for a person's eyes."""
    say(f"{view.outcome}: {printable(view.says)}")
    if view.signals:
        rows = [
            [s.label + (f" ({s.medium})" if s.medium else ""), f"{s.score:.2f}", s.detector, printable(where(s.evidence), 80)]
            for s in view.signals
        ]
        write_table(("label", "score", "detector", "where"), rows)
    for detector, failure in view.unchecked.items():
        say(f"not looked at by {detector}: {printable(failure, 160)}")


def where(evidence: object) -> str:
    """The first piece of evidence in a few words."""
    from safety.signal import Evidence

    for item in evidence if isinstance(evidence, tuple) else ():
        if isinstance(item, Evidence):
            parts = [item.text or "", f"{item.time[0]:.1f}-{item.time[1]:.1f} s" if item.time else "", item.note or ""]
            return ", ".join(p for p in parts if p)
    return ""


def flatten(value: object, name: str = "") -> list[tuple[str, str]]:
    """A nested JSON value as lines of dotted names, empty ones left out."""
    if isinstance(value, dict):
        return [line for key, inner in value.items() for line in flatten(inner, f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        if all(not isinstance(inner, dict | list) for inner in value):
            return [(name, ", ".join(str(v) for v in value))] if value else []
        return [line for number, inner in enumerate(value, 1) for line in flatten(inner, f"{name}.{number}")]
    return [] if value in (None, "") else [(name, str(value))]
