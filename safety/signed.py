"""A document signed by the system's key, that anyone with the public key can check: receipts and statements."""

from __future__ import annotations

import base64

from pydantic import Field, JsonValue

from safety import signer as signing
from safety.values import Value, canonical


class Signed(Value):
    """``document`` and the base64 ``signature`` over its canonical JSON; ``public_key`` is hex, for convenience only.

    Without ``algorithm`` it is Ed25519. A passkey signs no document but a challenge that is its hash: then ``algorithm`` says so
    and ``proof`` has what the passkey signed; ``consent.signing.receipts`` reads those.
    """

    document: dict[str, JsonValue]
    signature: str
    public_key: str
    algorithm: str | None = Field(default=None, exclude_if=lambda v: v is None)
    proof: dict[str, str] | None = Field(default=None, exclude_if=lambda v: v is None)


def sign_document(document: dict[str, JsonValue], signer: signing.Signer) -> Signed:
    """Sign the canonical form of ``document``."""
    signature = base64.b64encode(signer.sign(canonical(document))).decode()
    return Signed(document=document, signature=signature, public_key=signer.public_key.hex())


def check_document(signed: Signed, public_key: bytes) -> bool:
    """Whether the holder of ``public_key`` (trusted beforehand, not the one inside) signed exactly this document.

    Ed25519 alone, which is what the system signs with: anything else is answered with no.
    """
    if signed.algorithm is not None or signed.proof is not None:
        return False
    try:
        raw = base64.b64decode(signed.signature, validate=True)
    except ValueError:
        return False
    return signing.verify(public_key, raw, canonical(signed.document))
