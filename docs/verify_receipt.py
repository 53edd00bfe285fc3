"""Check a receipt of Clearance without Clearance: this page, Python 3.11 and the package `cryptography` are all it takes.

    python verify_receipt.py RECEIPT.json KEY [ORIGIN]

KEY is hex: 64 digits of Ed25519 (a software key, or the system's own, for revocations), or a passkey's COSE key. Take it from
somewhere else than the receipt. ORIGIN, such as https://clearance.example, demands the site a passkey was used on.
It leaves with 0 and prints the document when that key signed it, and with 9 when it did not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256


class Forged(InvalidSignature):
    """The receipt does not verify; the sentence says why. A plain ``InvalidSignature`` is the key's own no."""


def verify(receipt: dict, key: bytes, origin: str | None = None) -> dict:
    """The document, when ``key`` signed it. Raises ``InvalidSignature``, or an error about what cannot be read."""
    demand(set(receipt) <= {"document", "signature", "public_key", "algorithm", "proof"}, "It has fields that are not signed.")
    demand(receipt["public_key"] == key.hex(), "It names another key.")
    message, signature = canonical(receipt["document"]), plain(receipt["signature"])
    if receipt.get("algorithm") is None:
        demand("proof" not in receipt and len(key) == 32, "It is not what an Ed25519 key signs.")
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return receipt["document"]
    demand(len(receipt["proof"]) == 2, "It has more than what the passkey signed.")
    data, client = plain(receipt["proof"]["authenticator_data"]), plain(receipt["proof"]["client_data"])
    said = json.loads(client)
    site = urlsplit(said["origin"])
    demand(
        said["type"] == "webauthn.get" and said.get("crossOrigin", False) is False, "The passkey was asked for something else."
    )
    demand(origin in (None, said["origin"]) and site.scheme in ("https", "http"), "The passkey was used on another site.")
    # A passkey signs a challenge; ours is the hash of what was agreed to.
    asked = base64.urlsafe_b64decode(said["challenge"] + "=" * (-len(said["challenge"]) % 4))
    demand(asked == hashlib.sha256(message).digest(), "The passkey signed another document.")
    # WebAuthn level 3, section 6.1: 32 bytes of the site's hash, one of flags, four of a counter.
    demand(data[:32] == hashlib.sha256((site.hostname or "").encode()).digest(), "The passkey belongs to another site.")
    demand(len(data) >= 37 and data[32] & 0x01 and data[32] & 0x04, "Nobody was present, or the person was not verified.")
    kind, check = reader(key)
    demand(receipt["algorithm"] == kind, "It names another kind of signature than the key makes.")
    check(signature, data + hashlib.sha256(client).digest())
    return receipt["document"]


def reader(key: bytes):
    """The name and the check of a COSE key's signatures (RFC 9053, RFC 8812)."""
    fields, rest = cbor(key)
    demand(not rest and isinstance(fields, dict), "The key cannot be read.")
    number = fields.get(3)
    if number == -8 and fields.get(-1) == 6:
        return "WebAuthn-EdDSA", ed25519.Ed25519PublicKey.from_public_bytes(fields[-2]).verify
    if number == -7 and fields.get(-1) == 1:
        point = ec.EllipticCurvePublicNumbers(int.from_bytes(fields[-2]), int.from_bytes(fields[-3]), ec.SECP256R1())
        return "WebAuthn-ES256", lambda signature, message: point.public_key().verify(signature, message, ec.ECDSA(SHA256()))
    if number == -257 and len(fields[-1]) >= 256:
        pair = rsa.RSAPublicNumbers(int.from_bytes(fields[-2]), int.from_bytes(fields[-1])).public_key()
        return "WebAuthn-RS256", lambda signature, message: pair.verify(signature, message, padding.PKCS1v15(), SHA256())
    raise Forged("The key's kind is not one that signs receipts.")


def cbor(data: bytes):
    """The little of CBOR (RFC 8949) that keys are written in: numbers, bytes and maps; with what follows."""
    kind, size, rest = data[0] >> 5, data[0] & 31, data[1:]
    if size in (24, 25, 26):
        width = 1 << (size - 24)
        size, rest = int.from_bytes(rest[:width]), rest[width:]
    if kind in (0, 1):
        return (size if kind == 0 else -1 - size), rest
    if kind == 2:
        return rest[:size], rest[size:]
    demand(kind == 5, "The key cannot be read.")
    found = {}
    for _ in range(size):
        name, rest = cbor(rest)
        found[name], rest = cbor(rest)
    return found, rest


def canonical(value: object) -> bytes:
    """The bytes that are signed: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def plain(text: str) -> bytes:
    """Bytes from base64, written in the one way there is."""
    data = base64.b64decode(text, validate=True)
    demand(base64.b64encode(data).decode() == text, "It was changed.")
    return data


def demand(so: object, otherwise: str) -> None:
    if not so:
        raise Forged(otherwise)


def main(arguments: list[str]) -> int:
    try:
        document = verify(json.loads(Path(arguments[0]).read_bytes()), bytes.fromhex(arguments[1]), *arguments[2:3])
    except (InvalidSignature, ValueError, KeyError, TypeError, IndexError, OSError, RecursionError) as reason:
        sys.stderr.write(f"This receipt does not verify. {str(reason) or 'It was changed, or signed by another key.'}\n")
        return 9
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
