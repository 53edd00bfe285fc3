"""``clearance verify-receipt``: whether a receipt is what somebody signed, from the receipt and a public key alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands.keys import read_json
from console.shell import Json, shell_of
from safety.errors import BadInput


def verify_receipt(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="The receipt, a JSON file; - reads it.", show_default=False)],
    key: Annotated[
        str, typer.Option(help="Public key in hex, or a file with it; not the one in the receipt.", show_default=False)
    ],
    origin: Annotated[
        str | None, typer.Option(help="Demand that a passkey was used on this site, https://host.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Check a receipt of consent or of revocation without the system. Leaves with 9 when that key did not sign it.

    docs/verify_receipt.py does the same on a machine without Clearance.
    """
    from consent.signing import receipts

    document = receipts.verify_receipt(read_json(file), _key(key), origin)
    shell = shell_of(ctx)
    kind = document.get("receipt") or document.get("statement") or "consent"
    shell.answer({"verifies": True, "document": document}, f"This receipt of {kind} was signed by that key and is unchanged.")


def _key(given: str) -> str:
    text = given.strip()
    try:
        bytes.fromhex(text)
    except ValueError:
        if not Path(given).is_file():
            raise BadInput("The key is hex, or a file that holds it; your page shows your public keys.") from None
        text = Path(given).read_text("utf-8", "replace").strip()
    return text
