"""Receipts a person can check without us: what they consented to, and what a revocation did.

A consent receipt has the fields of ISO/IEC TS 27560:2023 (as named by the W3C group's guide, w3id.org/dpv/guides/consent-27560)
and the person's own signature. A revocation receipt has the system's. Neither holds a face, a handle or a prompt.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from consent.errors import ReceiptForged
from safety.signed import Signed, check_document
from safety.values import canonical, derive

Document = dict[str, JsonValue]
SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#receipt-record"


class ReceiptSigner(Protocol):
    """The system's key, as ``safety.signer.Signer`` has it."""

    @property
    def public_key(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


def consent_receipt(
    *,
    record: str,
    person: str,
    public_key: str,
    holder: str,
    forbids: Iterable[str],
    granted_at: datetime,
    expires_at: datetime | None,
    sign: Callable[[bytes], bytes],
) -> Signed:
    """The signed receipt of one grant. ``public_key`` is the person's, hex; ``sign`` is their key."""
    body: Document = {
        "schema_version": SCHEMA,
        "record_id": record,
        "pii_principal_id": person,
        "pii_processing": {
            "language": "en",
            "purposes": [
                {
                    "purpose": "Depict the person in generated video asked for by the recipient",
                    "purpose_type": "generated-likeness",
                    "lawful_basis": "explicit consent (GDPR art. 6(1)(a) and 9(2)(a))",
                    "pii_information": [{"pii_type": "face", "special_pii_category": True, "pii_optional": False}],
                    "processing_method": "video generation; face comparison of finished clips",
                    "storage_condition": "encrypted with a key of the person, deleted on erasure",
                    "restrictions": {"forbidden_labels": list[JsonValue](sorted(forbids))},
                }
            ],
            "recipient_third_parties": [holder],
            "withdrawal_method": "revoke the grant at any time, by page, by command or by API; it takes effect at once",
            "pii_principal_rights": ["withdraw", "access", "export", "erase", "pause"],
            "geographic_restrictions": [],
        },
        "consent_events": [
            {
                "event_time": granted_at.isoformat(),
                "event_type": "explicit",
                "event_state": "given",
                "entity_id": person,
                "validity_duration": expires_at.isoformat() if expires_at else "until withdrawn",
            }
        ],
    }
    return _signed(body, public_key, sign)


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


def verify_receipt(receipt: Signed | Mapping[str, object], public_key: bytes | str) -> Document:
    """The document, when ``public_key`` (32 raw bytes, or their hex) signed it.

    Raises ``ReceiptForged``. The key must come from elsewhere than the receipt: who trusts the one inside trusts the forger.
    """
    try:
        signed = receipt if isinstance(receipt, Signed) else Signed.model_validate(receipt)
        key = bytes.fromhex(public_key) if isinstance(public_key, str) else public_key
    except ValueError as reason:
        raise ReceiptForged("The receipt or the key cannot be read; ask for the original.") from reason
    if not check_document(signed, key):
        raise ReceiptForged("The receipt was changed or was signed by another key; do not rely on it.")
    return signed.document


def _signed(body: Document, public_key: str, sign: Callable[[bytes], bytes]) -> Signed:
    return Signed(document=body, signature=base64.b64encode(sign(canonical(body))).decode(), public_key=public_key)
