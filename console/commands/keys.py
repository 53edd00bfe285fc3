"""``clearance keys``: a key of one's own on one's own machine, and changing the key that protects everybody's."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from console.plain import printable, to_json
from console.shell import Json, hint, say, shell_of
from safety.errors import BadInput, NotFound

app = typer.Typer(no_args_is_help=True, help="Keys: new and sign (your own, on your machine), rotate (the vault's).")
KeyFile = Annotated[Path, typer.Argument(help="The file with your key.", show_default=False)]


@app.command()
def new(ctx: typer.Context, file: KeyFile, json: Json = False) -> None:
    """Make a key of your own. The file is yours alone; only the public key, which is printed, is given to anybody."""
    from consent.signing import software_keys

    public = software_keys.make(file)
    shell_of(ctx).answer({"file": str(file), "public_key": public}, public)
    hint(f"Keep {file} safe and to yourself: whoever has it signs as you, and without it you cannot grant anything.")


@app.command()
def sign(
    ctx: typer.Context,
    file: KeyFile,
    document: Annotated[str, typer.Argument(help="What your page prepared, a JSON file; - reads it.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, for scripts.")] = False,
    json: Json = False,
) -> None:
    """Read a document, be told what it says, and sign it. Prints the proof to hand back within five minutes. Always JSON."""
    from consent.signing import software_keys

    body = read_json(document)
    for line in software_keys.in_words(body):
        hint(printable(line, 400))
    if not yes and document != "-" and sys.stdin.isatty():
        typer.confirm("Sign this?", abort=True, err=True)
    say(to_json(software_keys.sign(file, body).model_dump(exclude_none=True)))


@app.command()
def rotate(ctx: typer.Context, json: Json = False) -> None:
    """Wrap every person's key anew and destroy the key that wrapped them, so that old backups open nobody's face any more."""
    from streams import keys

    shell = shell_of(ctx)
    with shell.context() as opened:
        told = keys.rotate(opened)
    done = f"Wrapped anew: the keys of {told.people} people, {told.clips} clips and {told.claims} claims."
    shell.answer(told, f"{done} The old key is destroyed. Ledger entry {told.ledger_position}.")
    hint("Back up the database and the key folder now: backups from before open nothing any more. Destroy copies of the old key.")


def read_json(file: str) -> dict[str, Any]:
    """One JSON object from a file, or from standard input for ``-``. Raises ``NotFound`` and ``BadInput``."""
    if file != "-" and not Path(file).is_file():
        raise NotFound(f"There is no file {file}.")
    try:
        body = json.loads(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    except (ValueError, RecursionError) as reason:
        raise BadInput("That is not JSON; give the file as it was handed out.") from reason
    if not isinstance(body, dict):
        raise BadInput("That is not a document; give the file as it was handed out.")
    return body
