"""``clearance claim``: claims of people who have no account, and deciding them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.plain import plain, printable, to_json
from console.shell import Json, hint, say, shell_of
from safety.errors import BadInput

if TYPE_CHECKING:
    from consent.claim import Filed
    from streams.claims import Standing

app = typer.Typer(
    no_args_is_help=True,
    help="Claims of people without an account: file, status, take-back; for moderators list, show, withhold, decide, …",
)
Number = Annotated[str, typer.Argument(help="The claim's number, as CLM-ABCD-EFGH.")]
Moderator = Annotated[str, typer.Option("--as", metavar="NAME", help="Who decides.")]


@app.command()
def file(
    ctx: typer.Context,
    clips: Annotated[list[str] | None, typer.Argument(help="Clips it is about: ids or addresses.", show_default=False)] = None,
    kind: Annotated[str, typer.Option(help="depicted, intimate, minor or deceased.")] = "depicted",
    contact: Annotated[str, typer.Option(help="An e-mail or postal address to answer to; kept sealed.")] = "",
    statement: Annotated[str, typer.Option(help="What is wrong, in words; kept sealed.")] = "",
    signature: Annotated[str, typer.Option(help="Full name, typed as a signature; kept sealed.")] = "",
    good_faith: Annotated[
        bool, typer.Option("--good-faith", help="State in good faith that this is true and that nobody consented to it.")
    ] = False,
    face: Annotated[
        Path | None, typer.Option(help="A photograph of the person it shows: looked at once, never kept.", show_default=False)
    ] = None,
    copy: Annotated[
        Path | None, typer.Option(help="A copy of the clip, even altered, as video or picture.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """File a claim about clips; prints its number and until when it is decided. Intimate pictures and minors cannot wait: such
    clips are withheld at once."""
    from streams import claims

    shell = shell_of(ctx)
    said = claims.claim_of(
        kind=kind, contact=contact, statement=statement, signature=signature, good_faith=good_faith, clips=clips or []
    )
    with shell.context() as opened:
        filed = claims.file(opened, said, face=face, copy=copy)
    for line in () if shell.json else (*(f"Not recognised: {line}" for line in filed.unknown), *filed.notes):
        hint(printable(line, 300))
    found = f"{len(filed.clips)} clip{'' if len(filed.clips) == 1 else 's'} found"
    kept = ", shown to nobody meanwhile" if filed.withheld else ""
    shell.answer(filed, f"Claim {filed.number}. {found}{kept}. It is decided by {filed.due_at:%Y-%m-%d %H:%M} UTC.")


@app.command()
def status(ctx: typer.Context, number: Number, json: Json = False) -> None:
    """Say how a claim stands; whoever has its number may ask."""
    from streams import claims

    shell = shell_of(ctx)
    with shell.context() as opened:
        standing = claims.status(opened, number)
    _say_standing(shell.json, standing)


@app.command(name="take-back")
def take_back(
    ctx: typer.Context,
    number: Number,
    contact: Annotated[str, typer.Option(help="The contact it was filed with.")],
    json: Json = False,
) -> None:
    """End one's own claim; what was written in it is deleted at once."""
    from streams import claims

    shell = shell_of(ctx)
    with shell.context() as opened:
        standing = claims.take_back(opened, number, contact)
    _say_standing(shell.json, standing)


@app.command(name="list")
def list_claims(
    ctx: typer.Context,
    all_claims: Annotated[bool, typer.Option("--all", help="Decided ones too.")] = False,
    json: Json = False,
) -> None:
    """List claims, those due first first: what is overdue leads."""
    from streams import claims

    shell = shell_of(ctx)
    with shell.context() as opened:
        found, counts, now = claims.listing(opened, not all_claims), claims.counts(opened), opened.clock()
    if counts.overdue and not shell.json:
        hint(f"{counts.overdue} of {counts.open} open claims are overdue.")
    rows = [
        (
            f.number,
            "overdue" if f.overdue(now) else f.status,
            f.kind,
            f"{f.due_at:%Y-%m-%d %H:%M}",
            len(f.found),
            "yes" if f.withheld else "no",
        )
        for f in found
    ]
    shell.table(found, ("number", "status", "kind", "due", "clips", "withheld"), rows, "No claim is open.")


@app.command()
def show(ctx: typer.Context, number: Number, moderator: Moderator, json: Json = False) -> None:
    """Show a claim with what the claimant wrote. That it was opened, and by whom, is written into the ledger."""
    from streams import claims

    shell = shell_of(ctx)
    with shell.context() as opened:
        filed, said = claims.read(opened, number, moderator)
    if shell.json:
        say(to_json({"claim": plain(filed), "said": plain(said)}))
        return
    _say_claim(filed)
    if said is None:
        say("What the claimant wrote was deleted.")
        return
    for name, value in (("contact", said.contact), ("signature", said.signature), ("statement", said.statement)):
        say(f"{name:<12}{printable(value, 5000)}")
    for line in said.clips:
        say(f"{'about':<12}{printable(line, 500)}")


@app.command()
def withhold(
    ctx: typer.Context,
    number: Number,
    moderator: Moderator,
    clips: Annotated[
        list[str] | None, typer.Argument(help="Clips of the claim to be withheld; without any, none is.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Withhold exactly these clips of an open claim until it is decided, and show its others again."""
    from streams import claims

    shell = shell_of(ctx)
    with shell.context() as opened:
        filed = claims.withhold(opened, number, clips or [], moderator)
    shell.answer(filed, f"{sum(f.withheld for f in filed.found)} of {len(filed.found)} clips are withheld.")


@app.command()
def consequences(
    ctx: typer.Context,
    number: Number,
    clip: Annotated[
        list[str] | None, typer.Option(help="Only this clip of the claim; may be repeated.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Say what upholding a claim would withdraw; nothing is changed."""
    from streams.claim_consequences import preview

    shell = shell_of(ctx)
    with shell.context() as opened:
        told = preview(opened, number, clip or None)
    kinds = f"{told.chosen} of the claim, {told.copies} copies, {told.remixes} made from them"
    shell.answer(told, f"Clips that would be withdrawn: {told.clips} ({kinds}). Told: {', '.join(told.makers) or 'nobody'}.")


@app.command()
def decide(
    ctx: typer.Context,
    number: Number,
    decision: Annotated[str, typer.Argument(help="uphold or reject.")],
    moderator: Moderator,
    reason: Annotated[str, typer.Option(help="What the claimant is told.")],
    clip: Annotated[
        list[str] | None, typer.Option(help="Only this clip of the claim; may be repeated.", show_default=False)
    ] = None,
    faces: Annotated[bool, typer.Option("--faces", help="Also the clips found by the claimant's face alone.")] = False,
    protect: Annotated[
        list[Path] | None,
        typer.Option(help="A photograph, when the claimant chose never to be depicted; may be repeated.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Decide a claim: upheld, its clips are withdrawn with their copies and all that was made from them."""
    from streams import claims

    shell = shell_of(ctx)
    if decision not in ("uphold", "reject"):
        raise BadInput("A decision is uphold or reject.")
    with shell.context() as opened:
        standing = claims.decide(
            opened, number, decision == "uphold", moderator, reason, clips=clip or None, faces=faces, protect=protect or []
        )
    _say_standing(shell.json, standing)


@app.command()
def protect(
    ctx: typer.Context,
    number: Number,
    files: Annotated[list[Path], typer.Argument(help="Photographs of the claimant.")],
    json: Json = False,
) -> None:
    """Enter the claimant of an upheld claim as a person who is never to be depicted."""
    from streams import claims

    shell = shell_of(ctx)
    with shell.context() as opened:
        person = claims.protected(opened, number, files)
    shell.answer(person, f"@{person.handle} is protected and will not be depicted.")


@app.command()
def forget(ctx: typer.Context, json: Json = False) -> None:
    """Delete contact, statement and signature of claims that were decided half a year ago."""
    from streams import claims

    shell = shell_of(ctx)
    with shell.context() as opened:
        number = claims.forget_old(opened)
    shell.answer({"forgotten": number}, f"What was personal of {number} claims was deleted.")


def _say_standing(as_json: bool, standing: Standing) -> None:
    if as_json:
        say(to_json(standing))
        return
    late = ", overdue" if standing.overdue else ""
    say(f"Claim {standing.number} is {standing.status}{late}. Filed {standing.filed_at:%Y-%m-%d %H:%M} UTC.")
    if standing.status == "open":
        say(
            f"It is decided by {standing.due_at:%Y-%m-%d %H:%M} UTC. "
            + ("Clips are withheld meanwhile." if standing.withheld else "")
        )
    if standing.reason:
        say(printable(standing.reason, 2000))
    if standing.withdrawn is not None:
        say(f"{standing.withdrawn} clips were withdrawn; `--json` prints the signed receipt.")


def _say_claim(filed: Filed) -> None:
    for name, value in (("claim", filed.number), ("kind", filed.kind), ("status", filed.status), ("due", str(filed.due_at))):
        say(f"{name:<12}{value}")
    for one in filed.found:
        like = "" if one.likeness is None else f", cosine {one.likeness:.2f}"
        say(f"{'clip':<12}{one.clip}  {one.how}{like}{', withheld' if one.withheld else ''}")
