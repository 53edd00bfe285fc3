"""``clearance cameo minor``, ``guardian``, ``death``, ``estate``, ``confirm``, ``dismiss``, ``standing``: who acts for whom.

Whoever may use this command line is taken to have seen the papers; ``--basis`` says which, never what stands in them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from console.commands.signed import Draft, Handed, Handle, only_drafts, signing, write_draft
from console.shell import Json, say, shell_of
from safety.errors import BadInput

app = typer.Typer()
Basis = Annotated[str, typer.Option(help="Which document was shown, as: birth certificate.")]

Correct = Annotated[bool, typer.Option("--correct", help="The record was a mistake: take it back.")]


@app.command()
def minor(
    ctx: typer.Context,
    handle: Handle,
    of_age_on: Annotated[str | None, typer.Option(help="The day they come of age: 2031-05-04.", show_default=False)] = None,
    guardian: Annotated[str | None, typer.Option(help="The guardian's handle.", show_default=False)] = None,
    basis: Basis = "",
    correct: Correct = False,
    json: Json = False,
) -> None:
    """Record a minor and their guardian; clips that rest on leave the child gave are withdrawn."""
    from streams import representatives

    shell, name = shell_of(ctx), handle.removeprefix("@")
    with shell.context() as opened:
        if correct:
            representatives.correct_age(opened, handle)
            shell.answer({"handle": name, "minor": False}, f"@{name} is of age; what was recorded is taken back.")
            return
        if of_age_on is None or guardian is None:
            raise BadInput("Say when they come of age (--of-age-on) and who their guardian is (--guardian).")
        done = representatives.record_minor(opened, handle, read_day(of_age_on), guardian, basis)
    gone = done.receipt.document.get("clips") if done.receipt else None
    clips = len(gone) if isinstance(gone, list) else 0
    shell.answer(done, f"@{guardian.removeprefix('@')} acts for @{name} until {of_age_on}. {clips} clips withdrawn.")


@app.command()
def guardian(
    ctx: typer.Context,
    handle: Handle,
    guardian: Annotated[str, typer.Argument(help="The guardian's handle.")],
    basis: Basis,
    json: Json = False,
) -> None:
    """Name a second guardian of a minor, or one after another was dismissed."""
    from streams import representatives

    shell = shell_of(ctx)
    with shell.context() as opened:
        named = representatives.name_guardian(opened, handle, guardian, basis)
    shell.answer(named, f"@{guardian.removeprefix('@')} acts for @{handle.removeprefix('@')}. {named.id}")


@app.command()
def death(
    ctx: typer.Context,
    handle: Handle,
    died_on: Annotated[str | None, typer.Option(help="The day in the document: 2026-11-02.", show_default=False)] = None,
    basis: Basis = "",
    estate: Annotated[str | None, typer.Option(help="Handle of who acts for the dead.", show_default=False)] = None,
    correct: Correct = False,
    json: Json = False,
) -> None:
    """Record a death: nothing new is made of the person, and what is out stays out until the estate decides."""
    from streams import representatives

    shell, name = shell_of(ctx), handle.removeprefix("@")
    with shell.context() as opened:
        if correct:
            representatives.correct_death(opened, handle)
            shell.answer({"handle": name, "dead": False}, f"The record of @{name}'s death is taken back; they decide again.")
            return
        if died_on is None:
            raise BadInput("Say on which day they died (--died-on).")
        named = representatives.record_death(opened, handle, read_day(died_on), basis, estate)
    acts = "Nobody acts for them yet." if estate is None else f"@{estate.removeprefix('@')} acts for them."
    shell.answer(named, f"Recorded: nothing new is made of @{name}. {acts}")


@app.command()
def estate(
    ctx: typer.Context,
    handle: Handle,
    estate: Annotated[str, typer.Argument(help="Handle of who acts for the dead.")],
    basis: Basis,
    json: Json = False,
) -> None:
    """Name who acts for somebody who has died."""
    from streams import representatives

    shell = shell_of(ctx)
    with shell.context() as opened:
        named = representatives.name_estate(opened, handle, estate, basis)
    shell.answer(named, f"@{estate.removeprefix('@')} acts for @{handle.removeprefix('@')}. {named.id}")


@app.command()
def confirm(
    ctx: typer.Context,
    handle: Handle,
    estate: Annotated[str, typer.Option("--for", metavar="ACTOR", help="Handle of the estate that confirms.")],
    grant: Annotated[list[str] | None, typer.Option(help="Only this grant; may be repeated.", show_default=False)] = None,
    draft: Draft = None,
    signed: Handed = None,
    json: Json = False,
) -> None:
    """Let what the dead had granted hold on, as their estate; all that waits, or single grants."""
    from streams import representatives

    shell = shell_of(ctx)
    with shell.context() as opened:
        said = signing(estate, draft, signed)
        document = said.get("document") or representatives.draft_confirmation(
            opened, handle, estate, tuple(grant) if grant else None
        )
        if draft is not None and only_drafts(draft, signed):
            write_draft(shell, draft, document)
            return
        kept = representatives.confirm(opened, document, said.get("proof"))
    shell.answer({"grants": kept}, f"{len(kept)} grants hold on.")


@app.command()
def dismiss(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="The id of the representation, from `cameo standing`.")],
    json: Json = False,
) -> None:
    """End one representation; a dismissed guardian's grants end with it."""
    from streams import representatives

    shell = shell_of(ctx)
    with shell.context() as opened:
        ended = representatives.dismiss(opened, id)
    shell.answer(ended, f"The {ended.role} acts no more.")


@app.command()
def standing(ctx: typer.Context, handle: Handle, json: Json = False) -> None:
    """Show who acts for a person, for whom the person acts, and which grants wait for an estate."""
    from streams import people, representatives

    shell = shell_of(ctx)
    with shell.context() as opened:
        found = representatives.standing_of(opened, handle)
        names = {p.id: f"@{p.handle}" for p in people.listing(opened)}
    if shell.json:
        shell.answer(found)
        return
    say(
        f"@{handle.removeprefix('@')} "
        + ("has died." if found.dead else "is a minor." if found.minor else "decides for themself.")
    )
    acting = [
        (names.get(r.representative, "erased"), names.get(r.person, "erased"), r) for r in found.represented_by + found.acts_for
    ]
    rows = [(who, whom, r.role, f"{r.until:%Y-%m-%d}" if r.until else "", r.basis, r.id) for who, whom, r in acting]
    shell.table(found, ("acts", "for", "as", "until", "on", "id"), rows, "Nobody acts for them, and they act for nobody.")
    for waiting in found.waiting:
        say(f"Waits for the estate: grant {waiting}")


def read_day(text: str) -> date:
    """A day from ISO 8601. Raises ``BadInput``."""
    try:
        return date.fromisoformat(text)
    except ValueError as reason:
        raise BadInput(f"{text!r} is not a day; write it as 2031-05-04.") from reason
