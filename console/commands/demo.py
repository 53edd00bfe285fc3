"""``clearance demo``: the scripted life of fourteen submissions."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Literal

import typer

from console.shell import hint, shell_of
from safety.settings import read_settings

#: A home of its own, so that a demonstration never touches real data; a finished one is replaced by the next.
HOME = Path("var/demo")


def demo(
    ctx: typer.Context,
    stay: Annotated[bool, typer.Option("--stay", help="Keep serving the pages afterwards.")] = False,
    broker: Annotated[Literal["local", "kafka"], typer.Option(help="Which runner carries the events.")] = "local",
    kafka: Annotated[str, typer.Option(help="'embedded' starts a one-node Apache Kafka (Java 17 and Maven).")] = "",
) -> None:
    """Run the whole system on its scripted submissions and hold every outcome against what it should be."""
    from console.demo import run

    home = shell_of(ctx).home or HOME
    home.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=home / "demo.log", level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = read_settings(home=home, broker=broker)
    if kafka == "embedded":
        from streams.embedded_kafka import EmbeddedKafka

        with EmbeddedKafka(home.parent / "kafka", hint) as started:
            raise typer.Exit(run(settings, stay=stay, kafka=started.bootstrap))
    raise typer.Exit(run(settings, stay=stay, kafka=kafka or None))
