"""What commands share where somebody signs: who acts, and preparing here what ``clearance keys sign`` signs elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.keys import read_json
from console.shell import Shell
from safety.errors import BadInput

if TYPE_CHECKING:
    from consent.grants import Signing
    from consent.signing.credentials import Proof

Handle = Annotated[str, typer.Argument(help="The person's handle.")]
For = Annotated[
    str | None, typer.Option("--for", metavar="ACTOR", help="Handle of the guardian or estate who does it for the person.")
]
Draft = Annotated[
    Path | None,
    typer.Option(
        "--draft", metavar="FILE", help="Only write here what is to be signed; with --signed, what was.", show_default=False
    ),
]
Handed = Annotated[
    Path | None,
    typer.Option("--signed", metavar="FILE", help="The proof that `keys sign` printed, handed in.", show_default=False),
]


def only_drafts(draft: Path | None, signed: Path | None) -> bool:
    """Whether nothing is to be done but to write the draft."""
    return draft is not None and signed is None


def write_draft(shell: Shell, file: Path, document: Mapping[str, Any]) -> None:
    """Write what is to be signed, and say how it goes on."""
    file.write_text(json.dumps(document, ensure_ascii=False) + "\n", "utf-8")
    how = f"Sign it within five minutes: clearance keys sign KEY {file} > PROOF. Then give the same command with --signed PROOF."
    shell.answer({"draft": str(file), "document": dict(document)}, how)


def signing(actor: str | None, draft: Path | None, signed: Path | None) -> Signing:
    """Who acts and what they signed. Raises ``NotFound`` and ``BadInput``."""
    if signed is None:
        return {"actor": actor}
    if draft is None:
        raise BadInput("A proof is over a document: give with --draft the file that was signed.")
    return {"actor": actor, "document": read_json(str(draft)), "proof": read_proof(signed)}


def read_proof(file: Path) -> Proof:
    """A proof from a file. Raises ``NotFound`` and ``BadInput``."""
    from pydantic import ValidationError

    from consent.signing.credentials import Proof

    try:
        return Proof.model_validate(read_json(str(file)))
    except ValidationError as reason:
        raise BadInput(f"{file} holds no proof; give what `clearance keys sign` printed.") from reason
