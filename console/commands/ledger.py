"""``clearance ledger``: whether the record of what was done still holds, and proofs of single entries for outsiders."""

from __future__ import annotations

from typing import Annotated

import typer

from console.shell import Json, say, shell_of

app = typer.Typer(no_args_is_help=True, help="The append-only record: verify, prove.")


@app.command()
def verify(ctx: typer.Context, json: Json = False) -> None:
    """Recompute every entry and checkpoint, and hold verdicts against their entries. Leaves with 9 when one was changed."""
    from safety import ledger, records

    shell = shell_of(ctx)
    with shell.context() as opened, opened.db.read() as conn:
        count = ledger.verify(conn, opened.signer.public_key, opened.settings.home / "checkpoints.jsonl")
        changed = records.changed_verdict(conn)
        if changed is not None:
            raise ledger.LedgerError(f"Verdict {changed} does not match its ledger entry; it was changed or removed.")
    shell.answer({"entries": count, "verifies": True}, f"{count} entries verify, with every checkpoint that was published.")


@app.command()
def prove(
    ctx: typer.Context,
    position: Annotated[int, typer.Argument(min=1, help="Position of the entry, counting from 1.")],
    json: Json = False,
) -> None:
    """Print an inclusion proof that anyone with the public key can check. Always JSON."""
    from console.plain import to_json
    from safety import ledger

    with shell_of(ctx).context() as opened, opened.db.read() as conn:
        document = ledger.prove(conn, position) | {"public_key": opened.signer.public_key.hex()}
    say(to_json(document))
