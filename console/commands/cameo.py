"""``clearance cameo``: who is known. What they allow, sign and are told is in the files that are added to this group."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.signed import Handle
from console.shell import Json, Shell, shell_of
from safety.errors import BadInput

if TYPE_CHECKING:
    from consent.grants import Grant
    from consent.scope import Scope
    from streams.context import Context

app = typer.Typer(
    no_args_is_help=True,
    help="People: enrol, protect, list; what they allow: grant, revoke, pause, approve; what they see: notices, usage, export.",
)
Files = Annotated[list[Path], typer.Argument(help="Photographs of one person, or one short video.")]


@app.command()
def challenge(ctx: typer.Context, handle: Handle, json: Json = False) -> None:
    """Ask for what is to be said and shown to enrol by oneself, within a minute; `enrol --challenge` hands the recording in."""
    from streams import enrolment

    shell = shell_of(ctx)
    with shell.context() as opened:
        asked = enrolment.challenge(opened, handle)
    first, second = asked.groups
    lines = (
        f"Challenge {asked.id}, until {asked.expires_at:%H:%M:%S} UTC. Film yourself, looking at the camera:",
        f"Say slowly, two or three times: {' '.join(first)}   {' '.join(second)}",
        f"Then turn your head, and back to the middle after each: {', '.join(asked.turns)}.",
        f"Hand it in: clearance cameo enrol {asked.handle} FILE --challenge {asked.id}",
    )
    shell.answer(asked, "\n".join(lines))


@app.command()
def enrol(
    ctx: typer.Context,
    handle: Handle,
    files: Files,
    challenge: Annotated[
        str | None, typer.Option(metavar="ID", help="The challenge that the one recording answers; it proves presence.")
    ] = None,
    public_key: Annotated[
        str | None, typer.Option(metavar="HEX", help="With --challenge: a new person's own public key, from `keys new`.")
    ] = None,
    json: Json = False,
) -> None:
    """Enrol a person, so that they can grant the use of their likeness: from a recording that answers a challenge, or, where
    the operator saw the person, from photographs or a short video."""
    from streams import people

    shell = shell_of(ctx)
    if challenge is None and public_key is not None:
        raise BadInput("A public key comes with a challenge; add it afterwards with `clearance cameo keys add`.")
    with shell.context() as opened:
        if challenge is not None:
            _answer_challenge(shell, opened, handle, files, challenge, public_key)
            return
        person = people.enrol(opened, handle, files)
    shell.answer(person, f"@{person.handle} is enrolled. Nobody may use this likeness until they grant it.")


@app.command()
def protect(ctx: typer.Context, handle: Handle, files: Files, json: Json = False) -> None:
    """Enter a person who is never to be depicted, whoever asks."""
    from streams import people

    shell = shell_of(ctx)
    with shell.context() as opened:
        person = people.protect(opened, handle, files)
    shell.answer(person, f"@{person.handle} is protected and will not be depicted.")


@app.command()
def voice(
    ctx: typer.Context,
    handle: Handle,
    files: Annotated[list[Path], typer.Argument(help="Recordings or clips in which only this person speaks.")],
    json: Json = False,
) -> None:
    """Enrol the voice of somebody who is enrolled or protected, so that it is recognised in clips."""
    from streams import people

    shell = shell_of(ctx)
    with shell.context() as opened:
        person = people.enrol_voice(opened, handle, files)
    shell.answer(person, f"The voice of @{person.handle} is enrolled and will be recognised in clips.")


@app.command(name="list")
def list_people(
    ctx: typer.Context,
    handle: Annotated[str | None, typer.Argument(help="With a handle: this person's grants.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """List everyone who is known, or one person's grants."""
    from streams import granting, people

    shell = shell_of(ctx)
    with shell.context() as opened:
        if handle is not None:
            given = granting.grants_of(opened, handle)
            rows = [_line(grant) for grant in given]
            columns = ("grant", "holder", "status", "never", "beside", "how often", "until")
            shell.table(given, columns, rows, "No grant was given.")
            return
        known = people.listing(opened)
    people_rows = [(f"@{p.handle}", p.kind, f"{p.enrolled_at:%Y-%m-%d %H:%M}", p.id) for p in known]
    shell.table(known, ("handle", "kind", "since", "id"), people_rows, "Nobody is enrolled yet.")


def _answer_challenge(
    shell: Shell, opened: Context, handle: str, files: list[Path], challenge: str, public_key: str | None
) -> None:
    from consent.liveness import challenge as challenges
    from streams import enrolment

    if len(files) != 1:
        raise BadInput("A challenge is answered by one recording; give only that file.")
    with opened.db.read() as conn:
        asked = challenges.get(conn, challenge)
    if asked.handle != handle.removeprefix("@").lower():
        raise BadInput(f"This challenge was given to @{asked.handle}; enrol as them, or ask for one of your own.")
    person = enrolment.enrol_live(opened, challenge, files[0], public_key=None if public_key is None else raw_key(public_key))
    shell.answer(person, f"@{person.handle} proved to be there and is enrolled, with face and voice.")


def raw_key(text: str) -> bytes:
    """A public key from hex. Raises ``BadInput``."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BadInput("A public key is 64 hexadecimal digits; `clearance keys new` prints one.")
    return key


def _line(grant: Grant) -> tuple[object, ...]:
    scope = grant.scope
    return grant.id, grant.holder, grant.status, _never(scope), scope.company, _often(scope), grant.expires_at or ""


def _never(scope: Scope) -> str:
    return ", ".join([*sorted(scope.forbids), *(f"“{words}”" for words in scope.words)])


def _often(scope: Scope) -> str:
    return "" if scope.limit is None else f"{scope.limit.count}/{scope.limit.per}"
