"""``clearance demo``: the scripted life of thirteen submissions."""

from __future__ import annotations

from typing import Annotated

import typer

from console.shell import Json, shell_of


def demo(
    ctx: typer.Context,
    stay: Annotated[bool, typer.Option(envvar="STAY", help="Keep serving the pages afterwards.")] = False,
    json: Json = False,
) -> None:
    """Run the scripted submissions on a fresh home and show what became of each."""
    from console.demo import run  # noqa: PLC0415

    raise typer.Exit(run(shell_of(ctx), stay=stay))
