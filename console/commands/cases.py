"""``clearance cases``: what waits for a person, why, and the decision."""

from __future__ import annotations

from typing import Annotated

import typer

from console.plain import plain, printable, to_json
from console.shell import Json, say, shell_of
from safety.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Cases that a person decides: list, show, decide.")
Id = Annotated[str, typer.Argument(help="Id of the case.")]


@app.command(name="list")
def list_cases(
    ctx: typer.Context,
    all_cases: Annotated[bool, typer.Option("--all", help="Decided ones too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Most rows.")] = 100,
    json: Json = False,
) -> None:
    """List cases, the oldest first."""
    from console import reading

    shell = shell_of(ctx)
    with shell.context() as opened:
        found = reading.list_cases(opened, None if all_cases else "open", limit)
    rows = [(c.id, c.status, c.gate, c.clause, f"{c.opened_at:%Y-%m-%d %H:%M}", printable(c.prompt, 60)) for c in found]
    shell.table(found, ("case", "status", "gate", "clause", "opened", "prompt"), rows, "No case is open.")


@app.command()
def show(ctx: typer.Context, id: Id, json: Json = False) -> None:
    """Show a case with its prompt and why it was held."""
    from console import reading
    from console.commands.checks import show_verdict

    shell = shell_of(ctx)
    with shell.context() as opened:
        case = reading.read_case(opened, id)
    if shell.json:
        say(to_json(case))
        return
    for name, value in (("case", case.id), ("status", case.status), ("gate", case.gate), ("submission", case.submission)):
        say(f"{name:<12}{value}")
    say(f"{'prompt':<12}{printable(case.prompt, 2000)}")
    if case.decision:
        say(f"{'decision':<12}{case.decision} by {case.moderator}, {case.reason}" + (f": {case.note}" if case.note else ""))
    show_verdict(case.verdict)


@app.command()
def decide(
    ctx: typer.Context,
    id: Id,
    decision: Annotated[str, typer.Argument(help="allow or block.")],
    moderator: Annotated[str, typer.Option("--as", metavar="NAME", help="Who decides.")],
    reason: Annotated[str, typer.Option(help="Reason code; `clearance cases decide --help` lists them.")],
    note: Annotated[str, typer.Option(help="A note that is kept with the decision.")] = "",
    json: Json = False,
) -> None:
    """Decide a case: allow lets the submission on from where it was held, block refuses it.

    Reason codes: context-makes-it-acceptable, false-alarm, consent-shown, licensed-use, violates-clause, no-consent,
    infringes-reservation, cannot-be-checked.
    """
    from safety.verdict import Outcome
    from streams.decisions import decide as act

    shell = shell_of(ctx)
    if decision not in ("allow", "block"):
        raise BadInput("A decision is allow or block; leave the case open instead of holding it again.")
    with shell.context() as opened:
        case = act(opened, id, Outcome(decision), moderator=moderator, reason=reason, note=note)
    shell.answer(plain(case), f"Decided: {case.decision}. " + ("It goes on." if decision == "allow" else "It is refused."))
