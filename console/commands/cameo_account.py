"""``clearance cameo notices``, ``usage``, ``history``, ``export``: what a person was told, what was made of them, their data."""

from __future__ import annotations

import os
import shutil
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.signed import For, Handle
from console.plain import plain
from console.shell import Json, say, shell_of
from safety.errors import Conflict

if TYPE_CHECKING:
    from datetime import datetime

    from consent.people import Person
    from streams.usage import Moment

app = typer.Typer()
Limit = Annotated[int, typer.Option(min=1, max=500, help="Most rows.")]


class Tongue(StrEnum):
    """Languages that notices are worded in."""

    en = "en"
    fr = "fr"


@app.command()
def notices(
    ctx: typer.Context,
    handle: Handle,
    language: Annotated[Tongue, typer.Option(help="en or fr.")] = Tongue.en,
    read: Annotated[bool, typer.Option("--read", help="Mark all of them as read.")] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List what a person was told, the newest first."""
    from consent import notices as told
    from consent import people

    shell = shell_of(ctx)
    with shell.context() as opened:
        with opened.db.read() as conn:
            owner = people.get(conn, handle).id
            found = told.listing(conn, owner, limit=limit)
        if read:
            with opened.db.write() as conn:
                told.mark_read(conn, owner, opened.clock())
    lines = found if shell.json else told.gathered(found)
    rows = [(f"{n.at:%Y-%m-%d %H:%M}", "" if n.read_at else "new", told.words(n, language.value)) for n in lines]
    values = [{"says": told.words(n, language.value), "notice": plain(n)} for n in lines]
    shell.table(values, ("at", "", "says"), rows, "Nothing was told yet.")


@app.command()
def usage(ctx: typer.Context, handle: Handle, limit: Limit = 50, json: Json = False) -> None:
    """Show how much each grant was used, by whom, and the latest clips."""
    from consent import grants, people
    from streams import usage as used

    shell = shell_of(ctx)
    with shell.context() as opened, opened.db.read() as conn:
        owner = people.get(conn, handle).id
        by_grant, makers, clips = used.by_grant(conn, owner), used.by_maker(conn, owner, limit), used.clips(conn, owner, limit)
        holders = {g.id: g.holder for g in grants.listing(conn, owner, opened.clock())}
    if shell.json:
        shell.answer({"grants": [*by_grant.values()], "makers": makers, "clips": clips})
        return
    rows = [
        (g.grant, holders.get(g.grant, "themself"), g.live, g.withdrawn, g.refused, _day(g.last_used)) for g in by_grant.values()
    ]
    shell.table(by_grant, ("grant", "to", "shown", "withdrawn", "refused", "last used"), rows, "Nothing was made of them yet.")
    if makers:
        say("")
        shell.table(makers, ("by", "shown", "withdrawn"), [(f"@{m.by}", m.live, m.withdrawn) for m in makers], "")
    if clips:
        say("")
        lines = [(c.clip, f"@{c.by}", f"{c.released_at:%Y-%m-%d %H:%M}", c.cause or "shown") for c in clips]
        shell.table(clips, ("clip", "by", "released", "state"), lines, "")


@app.command()
def history(
    ctx: typer.Context,
    handle: Handle,
    after: Annotated[str | None, typer.Option(metavar="PLACE", help="Where the last page ended.", show_default=False)] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List what a person signed, what was made of them, withdrawn and told, the newest first."""
    from console import own_page

    shell = shell_of(ctx)
    with shell.context() as opened:
        person, moments, holders = own_page.read_history(opened, handle, own_page.read_place(after), limit)
    rows = [(f"{m.at:%Y-%m-%d %H:%M}", _says(m, person, holders)) for m in moments]
    values = [{"place": own_page.write_place(m.place), "moment": plain(m)} for m in moments]
    shell.table(values, ("at", "what"), rows, "Nothing happened yet.")
    if len(moments) == limit and not shell.json:
        say(f"Older: --after {own_page.write_place(moments[-1].place)}")


@app.command()
def export(
    ctx: typer.Context,
    handle: Handle,
    out: Annotated[Path, typer.Option("-o", "--out", help="The ZIP to write.", show_default=False)],
    actor: For = None,
    json: Json = False,
) -> None:
    """Write everything kept about a person into one file, readable by its owner alone. The ledger and the person learn of it."""
    from streams import portability

    shell = shell_of(ctx)
    with shell.context() as opened:
        try:
            to = os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        except FileExistsError as reason:
            raise Conflict(f"There is a file {out} already; choose another name.") from reason
        try:
            with to, portability.exported(opened, handle, actor=actor) as path, path.open("rb") as whole:
                shutil.copyfileobj(whole, to, 1 << 20)
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    shell.answer({"file": str(out)}, f"{out} holds all that is kept about @{handle.removeprefix('@')}, in the clear.")


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _says(m: Moment, person: Person, holders: dict[str, str]) -> str:
    """One thing that happened, as a line."""
    from consent.notices import words
    from console import own_page

    if m.sort == "notice":
        return words(own_page.notice_of(m, person))
    if m.sort == "used":
        return f"@{m.body['by']} made clip {m.what}"
    if m.sort == "withdrawal":
        return f"{m.body['clips']} clips were withdrawn ({m.what})"
    whom = holders.get(str(m.body["grant"]), "all")
    by = ", by who acts for them" if m.body["actor"] else ""
    return f"{m.what}: {whom} ({'signed' if m.body['signed'] else 'unsigned'}{by})"
