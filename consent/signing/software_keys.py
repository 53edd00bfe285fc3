"""A software key on the person's own machine: a file they make, keep and sign with. Nothing of it ever comes to the system.

The file is a plain PEM (PKCS 8, Ed25519), so that other tools read it too. Only documents of this house are signed, after they
have been said in words: a key that signs whatever it is given signs anything.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consent.signing.consent_document import SCHEMA
from consent.signing.credentials import Proof
from consent.signing.statements import SAYS, written
from safety.errors import BadInput, Conflict, NotFound

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: Larger than any PEM of a key.
MOST_BYTES = 10_000


def make(file: Path) -> str:
    """Write a new key, readable by its owner alone; return the public key, hex. Raises ``Conflict`` when the file exists."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as reason:
        raise Conflict(f"There is a file {file} already; a key is never overwritten, so choose another name.") from reason
    with os.fdopen(handle, "wb") as out:
        out.write(pem)
        out.flush()
        os.fsync(out.fileno())
    return key.public_key().public_bytes_raw().hex()


def public_key(file: Path) -> str:
    """The public key of a key file, hex. Raises ``NotFound`` and ``BadInput``."""
    return _load(file).public_key().public_bytes_raw().hex()


def sign(file: Path, document: Mapping[str, Any]) -> Proof:
    """The proof that the holder of the key agrees to ``document``. Raises ``NotFound`` and ``BadInput``."""
    in_words(document)
    key = _load(file)
    signature = base64.b64encode(key.sign(written(document))).decode()
    return Proof(credential=key.public_key().public_bytes_raw().hex(), signature=signature)


def in_words(document: Mapping[str, Any]) -> tuple[str, ...]:
    """What a document says, in lines for its signer. Raises ``BadInput`` for one that is none of this house's."""
    try:
        if document.get("schema_version") == SCHEMA:
            return _grant_in_words(document)
        act = document["statement"]
        if document["says"] != SAYS[act]:
            raise KeyError("says")
        about = [f"{name}: {value}" for name, value in sorted(document["what"].items())]
        return (str(SAYS[act]), f"person: {document['person']}", *about, f"prepared: {document['at']}")
    except (KeyError, TypeError, AttributeError, IndexError) as reason:
        raise BadInput("This is neither a grant nor a statement of Clearance; sign only what your page prepared.") from reason


def _grant_in_words(document: Mapping[str, Any]) -> tuple[str, ...]:
    processing, event = document["pii_processing"], document["consent_events"][0]
    held = processing["purposes"][0]["restrictions"]
    limit = held["limit"]
    often = f"{limit['clips']} clips a {limit['per']}" if limit else "no limit"
    return (
        f"I let {', '.join(processing['recipient_third_parties'])} use my likeness in generated video.",
        f"person: {document['pii_principal_id']}",
        f"never: {', '.join([*held['forbidden_labels'], *held['forbidden_words']]) or '-'}",
        f"company: {held['company']}",
        f"at most: {often}",
        f"until: {event['validity_duration']}",
        f"prepared: {event['event_time']}",
    )


def _load(file: Path) -> Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not file.is_file():
        raise NotFound(f"There is no key file {file}; `clearance keys new` makes one.")
    try:
        with file.open("rb") as read:
            key = load_pem_private_key(read.read(MOST_BYTES), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as reason:
        raise BadInput(f"{file} is not a key that can be read; give one that `clearance keys new` made.") from reason
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(f"{file} holds another kind of key; Ed25519 is needed.")
    return key
