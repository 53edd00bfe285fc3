"""``clearance status``: where submissions stand, and whether they add up."""

from __future__ import annotations

from typing import Annotated

import typer

from console.plain import plain, printable, to_json
from console.shell import Json, say, shell_of


def status(
    ctx: typer.Context,
    id: Annotated[
        str | None, typer.Argument(help="Id of one submission; without it, all are counted and the newest listed.")
    ] = None,
    requester: Annotated[str | None, typer.Option("--as", metavar="USER", help="Only this requester's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Most rows.")] = 20,
    json: Json = False,
) -> None:
    """Show one submission with its verdicts, or the newest ones and how many there are of each status."""
    from console import reading
    from streams import submissions

    shell = shell_of(ctx)
    with shell.context() as opened:
        if id is not None:
            one = reading.read_submission(opened, id)
            verdicts = reading.read_verdicts(opened, id, one.language or "en")
            if shell.json:
                say(to_json(one.model_dump(mode="json") | {"verdicts": plain(verdicts)}))
                return
            for name, value in one.model_dump(mode="json").items():
                if value not in (None, [], ""):
                    say(f"{name:<13}{printable(str(value), 300)}")
            for v in verdicts:
                say(f"{v.gate + ' gate':<13}{v.outcome}" + (f" by {v.clause}: {v.says}" if v.clause else ""))
            return
        with opened.db.read() as conn:
            counts = submissions.count(conn)
        rows = reading.list_submissions(opened, requester=requester, limit=limit)
    if not shell.json:
        say(", ".join(f"{number} {name}" for name, number in counts.items()))
    shell.table(
        {"counts": counts, "submissions": rows},
        ("id", "status", "stage", "clause", "clip", "requester", "prompt"),
        [(r.id, r.status, r.stage, r.clause or "", r.clip or "", r.requester, printable(r.prompt, 60)) for r in rows],
        "Nothing was submitted yet.",
    )
