"""``clearance works``: reserved works and characters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.plain import printable
from console.shell import Json, hint, say, shell_of
from safety.errors import BadInput, Unavailable

app = typer.Typer(no_args_is_help=True, help="Reserved works and characters: add, import, list, match, look back, withdraw.")


@app.command()
def add(
    ctx: typer.Context,
    title: Annotated[str, typer.Argument(help="Title of the work, or the character's name.")],
    holder: Annotated[str, typer.Option(help="Who holds the right.")],
    kind: Annotated[str, typer.Option(help="character, work, brand, recording, ...")] = "character",
    name: Annotated[list[str] | None, typer.Option(help="Another name or alias; may be repeated.")] = None,
    description: Annotated[str, typer.Option(help="What it looks like, in words.")] = "",
    picture: Annotated[list[Path] | None, typer.Option(help="A reference picture; may be repeated.")] = None,
    sound: Annotated[
        list[Path] | None, typer.Option(help="A reference recording, at least 3 s of music or sound; may be repeated.")
    ] = None,
    clip: Annotated[list[Path] | None, typer.Option(help="A reference clip of 1 s to 20 min; may be repeated.")] = None,
    policy: Annotated[str, typer.Option(help="deny, hold or allow.")] = "deny",
    licensee: Annotated[list[str] | None, typer.Option(help="Handle of somebody who may use it; may be repeated.")] = None,
    verified: Annotated[
        bool, typer.Option("--verified/--unverified", help="Whether the claim was checked; if not, a person looks.")
    ] = True,
    json: Json = False,
) -> None:
    """Reserve a work, by its names, a description, reference pictures, clips and recordings."""
    from streams import works

    shell = shell_of(ctx)
    with shell.context() as opened:
        filing = works.simple_filing(
            holder=holder, title=title, kind=kind, names=name or [], description=description, policy=policy,
            licensees=licensee or [],
        )  # fmt: skip
        work = works.add(opened, filing, picture or [], sound or [], clips=clip or [], verified=verified)
    shell.answer(work, f"{printable(title)} is reserved for {printable(holder)}. Reservation {work.id}")


@app.command(name="import")
def import_file(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A JSON Lines file (.jsonl), else CSV.")],
    verified: Annotated[bool, typer.Option("--verified/--unverified", help="Whether the holders' claims were checked.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the lines.")] = False,
    json: Json = False,
) -> None:
    """Reserve every work of a file. A line that cannot be used stops nothing, is named, and makes it leave with 2."""
    from streams import works

    shell = shell_of(ctx)
    with shell.context() as opened:
        report = works.import_file(opened, file, verified=verified, dry_run=dry_run)
    for error in () if shell.json else report.errors:
        hint(f"line {error.line}: {printable(error.problem, 200)}")
    said = f"{len(report.added)} reserved, {report.known} known before, {report.wrong} lines not usable."
    shell.answer(report, said if report.committed else f"Nothing was changed: {said}")
    raise typer.Exit(2 if report.wrong else 0)


@app.command(name="list")
def list_works(ctx: typer.Context, json: Json = False) -> None:
    """List the reservations in force."""
    from streams import works

    shell = shell_of(ctx)
    with shell.context() as opened:
        known = works.listing(opened)
    rows = [(w.title, w.kind, w.holder, w.policy, "yes" if w.verified else "no", w.id) for w in known]
    shell.table(known, ("title", "kind", "holder", "policy", "verified", "id"), rows, "No work is reserved yet.")


@app.command()
def match(
    ctx: typer.Context,
    text: Annotated[str | None, typer.Argument(help="A text to search for reserved names.", show_default=False)] = None,
    file: Annotated[Path | None, typer.Option(help="A picture or clip to search for reserved works.")] = None,
    json: Json = False,
) -> None:
    """Say which reserved works a text names, or a picture or clip shows."""
    from console.commands.checks import where
    from streams import works

    shell = shell_of(ctx)
    if (text is None) == (file is None):
        raise BadInput("Give either a text or --file with a picture or clip.")
    with shell.context() as opened:
        found = works.match(opened, text=text, path=file)
    if shell.json:
        shell.answer(found)
        return
    if found.failure:
        raise Unavailable(found.failure)
    for signal in found.signals:
        say(f"{signal.score:.2f}  {printable(where(signal.evidence), 120)}")
    if not found.signals:
        say("Nothing matches.")


@app.command(name="look-back")
def look_back(ctx: typer.Context, id: Annotated[str, typer.Argument(help="Id of the reservation.")], json: Json = False) -> None:
    """Search what was released before for a reserved work, by what is kept of it; nothing is decoded or withdrawn."""
    from console.commands.checks import where
    from streams import lookback

    shell = shell_of(ctx)
    with shell.context() as opened:
        found = lookback.search_released(opened, id)
    rows = [
        (m.clip, f"{max(s.score for s in m.signals):.2f}", printable(where(m.signals[0].evidence), 100)) for m in found
    ]  # fmt: skip
    shell.table(found, ("clip", "score", "where"), rows, "No released clip matches.")


@app.command()
def withdraw(ctx: typer.Context, id: Annotated[str, typer.Argument(help="Id of the reservation.")], json: Json = False) -> None:
    """Take a reservation back; it no longer stops anything."""
    from streams import works

    shell = shell_of(ctx)
    with shell.context() as opened:
        works.withdraw(opened, id)
    shell.answer({"id": id, "withdrawn": True}, "The reservation was taken back.")
