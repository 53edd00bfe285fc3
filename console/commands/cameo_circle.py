"""``clearance cameo ask``, ``approve``, ``unapprove``, ``circle``: whom a person approves."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from console.commands.signed import Draft, Handed, Handle, only_drafts, signing, write_draft
from console.shell import Json, hint, shell_of

app = typer.Typer()
Other = Annotated[str, typer.Argument(help="The other one's handle.")]


class As(StrEnum):
    """As ``consent.circle.Kind``."""

    user = "user"
    co_star = "co-star"


Kind = Annotated[As, typer.Option("--as", help="As one who may use the person, or be shown beside them.")]


@app.command()
def ask(ctx: typer.Context, handle: Handle, asker: Other, kind: Kind = As.user, json: Json = False) -> None:
    """Ask a person for their approval, in the name of the other; the person is told."""
    from streams import granting

    shell = shell_of(ctx)
    with shell.context() as opened:
        known = granting.ask(opened, asker, handle, kind.value)
    shell.answer(known, f"@{known.other} asked @{handle.removeprefix('@')}, who is told and decides.")


@app.command()
def approve(
    ctx: typer.Context,
    handle: Handle,
    other: Other,
    kind: Kind = As.user,
    draft: Draft = None,
    signed: Handed = None,
    json: Json = False,
) -> None:
    """Approve somebody, who may have asked or not; signed like a grant."""
    from consent import circle, people
    from streams import granting

    shell = shell_of(ctx)
    with shell.context() as opened:
        if draft is not None and only_drafts(draft, signed):
            about = circle.about(people.check_handle(other), kind.value)
            write_draft(shell, draft, granting.prepare(opened, handle, "approve", about))
            return
        said = signing(None, draft, signed)
        known = granting.approve(opened, handle, other, kind.value, said.get("document"), said.get("proof"))
    what = "use" if kind is As.user else "be shown beside"
    shell.answer(known, f"@{known.other} is approved and may {what} @{handle.removeprefix('@')} where a grant says approved.")


@app.command()
def unapprove(ctx: typer.Context, handle: Handle, other: Other, kind: Kind = As.user, json: Json = False) -> None:
    """Say no to who asked, or take an approval back: what rested on it is withdrawn. It waits for no key."""
    from streams import parting

    shell = shell_of(ctx)
    with shell.context() as opened:
        receipt = parting.unapprove(opened, handle, other, kind.value)
    name = other.removeprefix("@")
    if receipt is None:
        shell.answer({"receipt": None}, f"@{name} is not approved.")
        return
    clips = receipt.document.get("clips")
    hint(f"@{name} is not approved any more. {len(clips) if isinstance(clips, list) else 0} clips withdrawn.")
    shell.answer({"receipt": receipt}, receipt.model_dump_json())


@app.command()
def circle(ctx: typer.Context, handle: Handle, json: Json = False) -> None:
    """List who asked, who is approved, and who was."""
    from streams import granting

    shell = shell_of(ctx)
    with shell.context() as opened:
        known = granting.circle_of(opened, handle)
    rows = [
        (f"@{a.other}", a.kind, a.standing, f"{max(filter(None, (a.asked_at, a.approved_at, a.ended_at))):%Y-%m-%d}")
        for a in known
    ]
    shell.table(known, ("other", "as", "standing", "since"), rows, "Nobody asked and nobody is approved.")
