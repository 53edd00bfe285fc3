"""``clearance up``: run the system for real use."""

from __future__ import annotations

from typing import Annotated

import typer

from console.shell import Json, shell_of
from safety.errors import BadInput


def up(
    ctx: typer.Context,
    broker: Annotated[str | None, typer.Option(help="local or kafka.", show_default=False)] = None,
    kafka: Annotated[
        str | None,
        typer.Option(help="Bootstrap servers, or `embedded` to start a one-node Apache Kafka here.", show_default=False),
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one.", show_default=False)] = None,
    web: Annotated[bool, typer.Option("--web/--no-web", help="Serve the pages and the API, or only run the stages.")] = True,
    behind_login_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-login-proxy",
            help="Allow an address that others can reach: a proxy in front of it signs everyone in. There are no accounts here.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Run the pipeline and serve the pages until stopped (Ctrl-C finishes the present step first)."""
    from console.serve import serve

    if broker not in (None, "local", "kafka"):
        raise BadInput(f"{broker!r} is not a broker; use local or kafka.")
    embedded = kafka == "embedded"
    overrides = {
        "broker": broker or ("kafka" if kafka else None),
        "kafka": None if embedded else kafka,
        "host": host,
        "port": port,
    }
    serve(shell_of(ctx), overrides, embedded_kafka=embedded, web=web, behind_login_proxy=behind_login_proxy)
