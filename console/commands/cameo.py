"""``clearance cameo``: who is known, and who may use their likeness."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from console.plain import plain, to_json
from console.shell import Json, hint, say, shell_of
from safety.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="People: enrol, grant, revoke, list; also protect, pause, resume, erase.")
Handle = Annotated[str, typer.Argument(help="The person's handle.")]


class Beside(StrEnum):
    """As ``consent.scope.Company``."""

    alone = "alone"
    approved = "approved"
    anyone = "anyone"


Files = Annotated[list[Path], typer.Argument(help="Photographs of one person, or one short video.")]


@app.command()
def enrol(ctx: typer.Context, handle: Handle, files: Files, json: Json = False) -> None:
    """Enrol a person from photographs or a short video, so that they can grant the use of their likeness."""
    from streams import people

    shell = shell_of(ctx)
    with shell.context() as opened:
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


@app.command()
def grant(
    ctx: typer.Context,
    handle: Handle,
    to: Annotated[str, typer.Option(help="Handle of the one who may use the likeness; or approved, mutuals, everyone.")],
    forbid: Annotated[list[str] | None, typer.Option(help="A label no such clip may carry; may be repeated.")] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Words never to be asked for, said or written; may be repeated.")
    ] = None,
    beside: Annotated[Beside, typer.Option(help="Who may be shown beside the person: approved are co-stars.")] = Beside.approved,
    limit: Annotated[str, typer.Option(help="How often: 3/week, 1/day, 10/month.")] = "",
    until: Annotated[
        str | None, typer.Option(help="When it ends: 2027-01-31 or 2027-01-31T18:00+01:00 (UTC without zone).")
    ] = None,
    json: Json = False,
) -> None:
    """Let somebody use a likeness."""
    from consent.scope import read_limit, scoped
    from streams import granting

    shell = shell_of(ctx)
    with shell.context() as opened:
        scope = scoped(frozenset(forbid or ()), tuple(without or ()), beside.value, read_limit(limit))
        given = granting.grant(opened, handle, to, scope, read_time(until))
    shell.answer(given, f"{given.holder} may now use @{handle.removeprefix('@')}. Grant {given.id}")


@app.command()
def revoke(
    ctx: typer.Context,
    handle: Handle,
    grant: Annotated[str | None, typer.Option(help="Only this grant; without it, all of them.")] = None,
    json: Json = False,
) -> None:
    """Take grants back; every clip that rests on them is withdrawn at once. Prints the signed receipt."""
    from streams import revocation

    shell = shell_of(ctx)
    with shell.context() as opened:
        receipt = revocation.revoke(opened, handle, grant)
    _say_receipt(shell.json, receipt, "Revoked")


@app.command()
def pause(ctx: typer.Context, handle: Handle, json: Json = False) -> None:
    """Suspend every grant until `resume`; what is out stays out."""
    from streams import granting

    shell = shell_of(ctx)
    with shell.context() as opened:
        granting.pause(opened, handle)
    shell.answer({"handle": handle, "paused": True}, f"Paused: nothing new shows @{handle.removeprefix('@')}.")


@app.command()
def resume(ctx: typer.Context, handle: Handle, json: Json = False) -> None:
    """End a pause."""
    from streams import granting

    shell = shell_of(ctx)
    with shell.context() as opened:
        granting.resume(opened, handle)
    shell.answer({"handle": handle, "paused": False}, f"Resumed: the grants of @{handle.removeprefix('@')} hold again.")


@app.command()
def erase(
    ctx: typer.Context,
    handle: Handle,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Withdraw every clip of a person and destroy their key and templates. This cannot be undone."""
    from streams import revocation

    shell = shell_of(ctx)
    if not yes:
        typer.confirm(
            f"Destroy everything biometric about @{handle.removeprefix('@')} and withdraw every clip?", abort=True, err=True
        )
    with shell.context() as opened:
        receipt = revocation.erase(opened, handle)
    _say_receipt(shell.json, receipt, "Erased")


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
            rows = [(g.id, g.holder, g.status, ", ".join(sorted(g.scope.forbids)), g.expires_at or "") for g in given]
            shell.table(given, ("grant", "holder", "status", "forbids", "until"), rows, "No grant was given.")
            return
        known = people.listing(opened)
    people_rows = [(f"@{p.handle}", p.kind, f"{p.enrolled_at:%Y-%m-%d %H:%M}", p.id) for p in known]
    shell.table(known, ("handle", "kind", "since", "id"), people_rows, "Nobody is enrolled yet.")


def read_time(text: str | None) -> datetime | None:
    """An aware time from ISO 8601; without a zone it is UTC. Raises ``BadInput``."""
    from datetime import UTC

    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as reason:
        raise BadInput(f"{text!r} is not a time; write it as 2027-01-31 or 2027-01-31T18:00+01:00.") from reason
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _say_receipt(as_json: bool, receipt: object, word: str) -> None:
    if as_json:
        say(to_json(receipt))
        return
    document = plain(receipt)
    assert isinstance(document, dict)
    clips = document["document"].get("clips", [])
    hint(f"{word}. {len(clips)} clip{'' if len(clips) == 1 else 's'} withdrawn. The signed receipt:")
    say(to_json(receipt))
