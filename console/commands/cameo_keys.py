"""``clearance cameo keys``: the keys of their own that a person signs with. The key files stay with whoever holds them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.signed import Handle
from console.shell import Json, shell_of

if TYPE_CHECKING:
    from consent.signing.credentials import Proof
    from streams.own_keys import Asked

app = typer.Typer(no_args_is_help=True, help="A person's own keys: list, add, remove.")
By = Annotated[
    Path | None,
    typer.Option(
        "--by", metavar="FILE", help="The file of a key of theirs that is there already, to sign it.", show_default=False
    ),
]


@app.command(name="list")
def list_keys(ctx: typer.Context, handle: Handle, json: Json = False) -> None:
    """List the keys of their own; without any, the key we keep sealed signs for them."""
    from streams import own_keys

    shell = shell_of(ctx)
    with shell.context() as opened:
        found = own_keys.listing(opened, handle)
    rows = [(c.id, c.kind, c.label, f"{c.added_at:%Y-%m-%d}", c.public_key) for c in found]
    shell.table(found, ("id", "kind", "label", "since", "public key"), rows, "No key of their own: the kept one signs.")


@app.command()
def add(
    ctx: typer.Context,
    handle: Handle,
    file: Annotated[Path, typer.Argument(help="The key file that `clearance keys new` made; it is not sent anywhere.")],
    label: Annotated[str, typer.Option(help="What the person calls it.")] = "key file",
    by: By = None,
    json: Json = False,
) -> None:
    """Let a key file sign for the person. After the first, a key that is there already has to sign it (--by)."""
    from consent.signing import software_keys
    from streams import own_keys

    shell = shell_of(ctx)
    public = software_keys.public_key(file)
    with shell.context() as opened:
        asked = own_keys.ask_software(opened, handle, public, label)
        own = software_keys.sign(file, asked.document).signature
        added = own_keys.add_software(opened, handle, public, label, asked.document, own, _proof(by, asked))
    shell.answer(
        added, f"{added.label} signs for @{handle.removeprefix('@')} now, and nobody here does in their place. {added.id}"
    )


@app.command()
def remove(
    ctx: typer.Context,
    handle: Handle,
    key: Annotated[str, typer.Argument(help="The id of the key, from `cameo keys list`.")],
    by: Annotated[Path, typer.Option("--by", metavar="FILE", help="The file of a key of theirs, to sign it.")],
    json: Json = False,
) -> None:
    """Let a key sign no more."""
    from consent.signing import software_keys
    from streams import own_keys

    shell = shell_of(ctx)
    with shell.context() as opened:
        asked = own_keys.ask_removal(opened, handle, key)
        gone = own_keys.remove(opened, handle, key, asked.document, software_keys.sign(by, asked.document))
    shell.answer(gone, f"{gone.label} signs no more for @{handle.removeprefix('@')}.")


def _proof(by: Path | None, asked: Asked) -> Proof | None:
    from consent.signing import software_keys

    return None if by is None else software_keys.sign(by, asked.document)
