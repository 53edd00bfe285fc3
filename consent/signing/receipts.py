"""Receipts a person can check without us: what they consented to, and what a revocation did.

A consent receipt is a grant's document (``consent_document``) with the person's own signature, by a software key or a passkey. A
revocation receipt has the system's. Neither holds a face, the person's handle or a prompt. What is needed to verify
one without us is on one page, ``docs/verify_receipt.py``, which has to change whenever this file does.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from consent.errors import ProofRefused, ReceiptForged
from consent.signing import passkeys
from consent.signing.consent_document import Document
from consent.signing.credentials import ED25519, Attested
from safety.signed import Signed, check_document
from safety.values import canonical, derive


class ReceiptSigner(Protocol):
    """The system's key, as ``safety.signer.Signer`` has it."""

    @property
    def public_key(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


def signed_by(document: Document, attested: Attested) -> Signed:
    """A document with the signature that ``credentials.attest`` gave for ``canonical(document)``: a grant's receipt."""
    return Signed(
        document=document,
        signature=base64.b64encode(attested.signature).decode(),
        public_key=attested.public_key,
        algorithm=None if attested.algorithm == ED25519 else attested.algorithm,
        proof=attested.proof,
    )


def revocation_receipt(
    *,
    person: str,
    grants: Iterable[str],
    counts: dict[str, int],
    kept: dict[str, str],
    revoked_at: datetime,
    ledger_position: int,
    signer: ReceiptSigner,
) -> Signed:
    """What a revocation did: ``counts`` by kind of thing (clips, remixes, drafts, ...), ``kept`` what stays and why."""
    ended = sorted(grants)
    body: Document = {
        "receipt": "revocation",
        "receipt_id": derive(person, f"revocation/{ledger_position}"),
        "what": {"person": person, "grants": list[JsonValue](ended)},
        "how_many": dict[str, JsonValue](counts) | {"grants": len(ended)},
        "when": revoked_at.isoformat(),
        "ledger_position": ledger_position,
        "kept": [{"what": what, "why": why} for what, why in sorted(kept.items())],
    }
    return _signed(body, signer.public_key.hex(), signer.sign)


def verify_receipt(receipt: Signed | Mapping[str, object], public_key: bytes | str, origin: str | None = None) -> Document:
    """The document, when ``public_key`` signed it: 32 raw bytes of Ed25519 or a passkey's COSE key, or their hex.

    Raises ``ReceiptForged``. The key must come from elsewhere than the receipt: who trusts the one inside trusts the forger.
    A passkey's receipt is checked as an outsider can: the challenge recomputed from the document, both flags, and that the site
    the client data names is the one the authenticator signed for; ``origin`` demands a particular one.
    """
    try:
        signed = receipt if isinstance(receipt, Signed) else Signed.model_validate(receipt)
        key = bytes.fromhex(public_key) if isinstance(public_key, str) else public_key
        # One spelling only: a receipt that differs from the one that was given in any byte is not the one that was given.
        exact = signed.public_key == key.hex() and all(_plain(text) for text in _texts(signed))
    except ValueError as reason:
        raise ReceiptForged("The receipt or the key cannot be read; ask for the original.") from reason
    if not exact or not _holds(signed, key, origin):
        raise ReceiptForged("The receipt was changed or was signed by another key; do not rely on it.")
    return signed.document


def _holds(signed: Signed, key: bytes, origin: str | None) -> bool:
    """Whether ``key`` signed the document, in the manner that the receipt claims and no other."""
    if signed.algorithm is None:
        return check_document(signed, key)
    proof = signed.proof or {}
    if set(proof) != {"authenticator_data", "client_data"}:
        return False
    data, client = base64.b64decode(proof["authenticator_data"]), base64.b64decode(proof["client_data"])
    try:
        passkeys.check(key, base64.b64decode(signed.signature), data, client, canonical(signed.document), origin)
        return signed.algorithm == passkeys.algorithm_of(key)
    except ProofRefused:
        return False


def _texts(signed: Signed) -> Iterable[str]:
    return (signed.signature, *(signed.proof or {}).values())


def _plain(text: str) -> bool:
    """Whether this is the one way to write its bytes in base64. Raises ``ValueError`` when it is none at all."""
    return base64.b64encode(base64.b64decode(text, validate=True)).decode() == text


def _signed(body: Document, public_key: str, sign: Callable[[bytes], bytes]) -> Signed:
    return Signed(document=body, signature=base64.b64encode(sign(canonical(body))).decode(), public_key=public_key)
