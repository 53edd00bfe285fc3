"""``clearance policy``: run a policy's own examples, and say it in words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.plain import printable
from console.shell import Json, say, shell_of
from safety.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="The policy: test, explain.")
File = Annotated[Path | None, typer.Argument(help="A policy file; without it, the one in force.", show_default=False)]


@app.command()
def test(ctx: typer.Context, file: File = None, json: Json = False) -> None:
    """Run every example of every clause through the real gates. Leaves with 1 when one does not hold."""
    from safety.drill import drill
    from streams.checks import screen_text

    shell = shell_of(ctx)
    with shell.context(shell.with_options(policy=_existing(file))) as opened:
        policy = opened.policy()
        results = drill(policy, lambda text: screen_text(opened, text).outcome)
    bad = [r for r in results if not r.good]
    shell.table(
        {"policy": policy.name, "version": policy.version, "hash": policy.hash, "examples": len(results), "failed": bad},
        ("clause", "expected", "got", "example"),
        [(r.clause, r.example.outcome, r.got, printable(r.example.prompt or str(r.example.signals), 80)) for r in bad],
        f"All {len(results)} examples of {policy.name} {policy.version} hold.",
    )
    raise typer.Exit(1 if bad else 0)


@app.command()
def explain(ctx: typer.Context, file: File = None, json: Json = False) -> None:
    """Say the policy in words."""
    from safety.explanation import worded
    from safety.policy import DEFAULT, parse

    shell = shell_of(ctx)
    path = _existing(file) or shell.settings.policy or DEFAULT
    policy = parse(path.read_text("utf-8"), path.name)
    if shell.json:
        shell.answer(policy.model_dump(mode="json") | {"hash": policy.hash})
        return
    say(f"{policy.name} {policy.version}, {len(policy.clauses)} clauses, {policy.hash}")
    for clause in policy.clauses:
        joined = [f"{c.label} from {c.at_least:g}" for c in clause.when.all]
        if clause.when.any:
            joined.append(" or ".join(f"{c.label} from {c.at_least:g}" for c in clause.when.any))
        unless = ", unless there is a permit" if clause.unless else ""
        say(f"\n{clause.code}  {worded(clause.title, 'en')}")
        say(f"  {clause.gate} gate: {' and '.join(joined)}{unless}: {clause.outcome}")
        say(f"  tells the user: {clause.says['en']}")
        say(f"  what would pass: {worded(clause.passes, 'en') or '-'}")
        say(f"  ground: {clause.ground.reference}")
    if policy.topics:
        say("\nA person may also forbid, for themself alone:")
    for label, topic in policy.topics.items():
        where = " and ".join("prompt and the clip's words" if gate == "prompt" else "clip's pictures" for gate in topic.gates)
        say(f"  {label}  {worded(topic.title, 'en')}, looked for in the {where}")


def _existing(file: Path | None) -> Path | None:
    if file is not None and not file.is_file():
        raise BadInput(f"There is no policy file {file}.")
    return file
