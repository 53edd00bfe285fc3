"""The command line: ``clearance``. Each command or group is a file in ``commands/``; nothing heavy is imported to show help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands import (
    bench,
    bench_clips,
    bench_consent,
    cameo,
    cameo_account,
    cameo_circle,
    cameo_grants,
    cameo_keys,
    cases,
    checks,
    claims,
    demo,
    keys,
    ledger,
    models,
    policy,
    receipts,
    representation,
    status,
    submit,
    up,
    works,
)
from console.commands import screen as screening
from console.shell import Door, Shell

app = typer.Typer(
    cls=Door,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("submit")(submit.submit)
app.command("status")(status.status)
app.command("screen")(screening.screen)
app.command("inspect")(checks.inspect)
app.command("seal")(checks.seal)
app.command("verify")(checks.verify)
app.command("verify-receipt")(receipts.verify_receipt)
for part in (cameo_grants, cameo_circle, cameo_account, representation):
    cameo.app.add_typer(part.app)
cameo.app.add_typer(cameo_keys.app, name="keys")
app.add_typer(cameo.app, name="cameo")
app.add_typer(keys.app, name="keys")
app.add_typer(works.app, name="works")
app.add_typer(claims.app, name="claim")
app.add_typer(cases.app, name="cases")
app.add_typer(ledger.app, name="ledger")
app.add_typer(models.app, name="models")
app.add_typer(policy.app, name="policy")
bench.app.command(name="clips")(bench_clips.clips)
bench.app.command(name="consent")(bench_consent.consent)
app.add_typer(bench.app, name="bench")


@app.callback()
def clearance(
    ctx: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Folder for the database, the clips and the keys (CLEARANCE_HOME).", show_default=False)
    ] = None,
) -> None:
    """Trust and safety for generated video: every prompt and clip passes its gates, or a person decides, or nothing is shown."""
    ctx.ensure_object(Shell).home = home


def main() -> None:
    """Entry point of the ``clearance`` script."""
    app(prog_name="clearance")
