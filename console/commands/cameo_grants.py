"""``clearance cameo grant``, ``pause``, ``resume``, ``revoke``, ``erase``, ``revocations``: what people allow, and its end."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.signed import Draft, For, Handed, Handle, only_drafts, signing, write_draft
from console.plain import plain, to_json
from console.shell import Json, Shell, hint, say, shell_of
from safety.errors import BadInput

if TYPE_CHECKING:
    from streams.revocation import Consequences, State

app = typer.Typer()
Grant = Annotated[str | None, typer.Option(help="Only this grant; without it, all of them.", show_default=False)]
Preview = Annotated[bool, typer.Option("--preview", help="Only say what it would do; change nothing.")]


class Beside(StrEnum):
    """As ``consent.scope.Company``."""

    alone = "alone"
    approved = "approved"
    anyone = "anyone"


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
    actor: For = None,
    draft: Draft = None,
    signed: Handed = None,
    json: Json = False,
) -> None:
    """Let somebody use a likeness. Whoever has a key of their own prepares it with --draft and hands it in with --signed."""
    from consent.scope import read_limit, scoped
    from streams import granting

    shell = shell_of(ctx)
    scope, ends = scoped(frozenset(forbid or ()), tuple(without or ()), beside.value, read_limit(limit)), read_time(until)
    with shell.context() as opened:
        if draft is not None and only_drafts(draft, signed):
            write_draft(shell, draft, granting.draft_grant(opened, handle, to, scope, ends, actor).document)
            return
        given = granting.grant(opened, handle, to, scope, ends, **signing(actor, draft, signed))
    shell.answer(given, f"{given.holder} may now use @{handle.removeprefix('@')}. Grant {given.id}")


@app.command()
def pause(ctx: typer.Context, handle: Handle, grant: Grant = None, actor: For = None, json: Json = False) -> None:
    """Suspend every grant, or one, until `resume`; what is out stays out. It waits for no key."""
    from streams import granting

    shell = shell_of(ctx)
    with shell.context() as opened:
        granting.pause(opened, handle, grant, actor=actor)
    what = f"nothing new shows @{handle.removeprefix('@')}" if grant is None else f"nothing new is made with grant {grant}"
    shell.answer({"handle": handle, "grant": grant, "paused": True}, f"Paused: {what}.")


@app.command()
def resume(
    ctx: typer.Context,
    handle: Handle,
    grant: Grant = None,
    actor: For = None,
    draft: Draft = None,
    signed: Handed = None,
    json: Json = False,
) -> None:
    """End a pause of all, or of one grant; signed like a grant."""
    from consent import grants
    from streams import granting

    shell = shell_of(ctx)
    with shell.context() as opened:
        if draft is not None and only_drafts(draft, signed):
            write_draft(shell, draft, granting.prepare(opened, handle, "resume", grants.about(grant)))
            return
        granting.resume(opened, handle, grant, **signing(actor, draft, signed))
    what = f"the grants of @{handle.removeprefix('@')} hold" if grant is None else f"grant {grant} holds"
    shell.answer({"handle": handle, "grant": grant, "paused": False}, f"Resumed: {what} again.")


@app.command()
def revoke(
    ctx: typer.Context, handle: Handle, grant: Grant = None, preview: Preview = False, actor: For = None, json: Json = False
) -> None:
    """Take grants back; every clip that rests on them is withdrawn at once. Prints the signed receipt. It waits for no key."""
    from streams import revocation

    shell = shell_of(ctx)
    with shell.context() as opened:
        if preview:
            _say_consequences(shell, revocation.preview(opened, handle, grant))
            return
        receipt = revocation.revoke(opened, handle, grant, actor=actor)
    _say_receipt(shell.json, receipt, "Revoked")


@app.command()
def erase(
    ctx: typer.Context,
    handle: Handle,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    preview: Preview = False,
    actor: For = None,
    json: Json = False,
) -> None:
    """Withdraw every clip of a person and destroy their key and templates. This cannot be undone."""
    from streams import revocation

    shell = shell_of(ctx)
    if not yes and not preview:
        typer.confirm(
            f"Destroy everything biometric about @{handle.removeprefix('@')} and withdraw every clip?", abort=True, err=True
        )
    with shell.context() as opened:
        if preview:
            _say_consequences(shell, revocation.preview(opened, handle, erase=True))
            return
        receipt = revocation.erase(opened, handle, actor=actor)
    _say_receipt(shell.json, receipt, "Erased")


@app.command()
def revocations(
    ctx: typer.Context,
    handle: Handle,
    receipt: Annotated[
        str | None, typer.Option(metavar="ID", help="Print the receipts of this one, the closing one last.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """List what was taken back and how much of it is done, or print the receipts of one. Of an erased person give the id."""
    from streams import revocation

    shell = shell_of(ctx)
    with shell.context() as opened:
        if receipt is not None:
            for one in revocation.receipts_of(opened, receipt):
                say(to_json(one))
            return
        found = revocation.listing(opened, handle)
        receipts = {state.id: revocation.receipts_of(opened, state.id) for state in found}
    rows = [
        (s.id, s.kind, f"{s.at:%Y-%m-%d %H:%M}", _done(s), "yes" if s.closed_at else "not yet", len(receipts[s.id]))
        for s in found
    ]
    values = [{"state": plain(s), "receipts": plain(receipts[s.id])} for s in found]
    heads = ("revocation", "kind", "at", "done", "closed", "receipts")
    shell.table(values, heads, rows, "Nothing was taken back.")


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


def _say_consequences(shell: Shell, told: Consequences) -> None:
    rows: list[tuple[str, object]] = [
        ("grants ended", len(told.grants)), ("clips withdrawn", told.clips), ("- that rest on them", told.direct),
        ("- remixed from those", told.remixes), ("- made by others", told.by_others), ("held drafts refused", told.drafts),
        ("generations stopped", told.generations), ("unused permits void", told.permits),
        *((f"{what.replace('_', ' ')} deleted", number) for what, number in sorted(told.forgotten.items())),
        ("makers told", ", ".join(f"@{maker}" for maker in told.makers) or "nobody"),
    ]  # fmt: skip
    shell.table(told, ("it would mean", ""), rows, "Nothing would change.")
    for kept in () if shell.json else told.kept:
        hint(f"Kept: {kept.what}, {kept.why}.")


def _say_receipt(as_json: bool, receipt: object, word: str) -> None:
    if as_json:
        say(to_json(receipt))
        return
    document = plain(receipt)
    assert isinstance(document, dict)
    clips = document["document"].get("clips", [])
    hint(f"{word}. {len(clips)} clip{'' if len(clips) == 1 else 's'} withdrawn. The signed receipt:")
    say(to_json(receipt))


def _done(state: State) -> str:
    return ", ".join(f"{d.done} of {d.due} {d.kind}" for d in state.due) or "nothing was due"
