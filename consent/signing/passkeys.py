"""Passkeys (WebAuthn): what a browser is asked for, and whether what comes back was signed by the person's authenticator.

A passkey signs no document. It signs a challenge, and ours is the SHA-256 of what the person agrees to, so that the signature
stands for these very bytes and anybody can recompute it. Both flags are demanded: somebody was present, and it was the person
(fingerprint, face or PIN). Attestation, which would tell the make of the authenticator, is neither asked for nor read.
fido2 reads CBOR and COSE; the steps are those of WebAuthn level 3, sections 7.1 and 7.2.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from consent.errors import ProofRefused
from safety.errors import BadInput
from safety.values import Value

if TYPE_CHECKING:
    from fido2.cose import CoseKey
    from fido2.webauthn import AuthenticatorData

#: COSE algorithm numbers we accept, by the name a receipt gives them (RFC 9053 and RFC 8812).
ALGORITHMS = {-7: "WebAuthn-ES256", -8: "WebAuthn-EdDSA", -257: "WebAuthn-RS256"}
#: Bits of the smallest RSA key we accept (NIST SP 800-131A).
LEAST_RSA = 2048
#: How long a browser may wait for the person, milliseconds: as long as a statement stays fresh.
PATIENCE_MS = 300_000
CREATE, GET = "webauthn.create", "webauthn.get"
#: Larger than any passkey's id (1023 bytes), key and certificates together.
MOST_BYTES = 65_536


class Site(Value):
    """Where passkeys are made and used: ``origin`` as a browser gives it (https://host:port), ``name`` for people."""

    origin: str
    name: str = "Clearance"

    @property
    def host(self) -> str:
        """The relying party's id. Raises ``BadInput`` for an origin that browsers make no passkeys for."""
        return host_of(self.origin)


class Registration(Value):
    """What ``navigator.credentials.create`` gave, base64: ``clientDataJSON`` and ``attestationObject``."""

    client_data: str
    attestation: str


class Passkey(Value):
    """A passkey read from a registration: its own id, its COSE key, its algorithm's name and its counter."""

    id: bytes
    public_key: bytes
    algorithm: str
    uses: int


def registration_options(
    site: Site, person: str, label: str, statement: bytes, existing: Iterable[bytes] = ()
) -> dict[str, Any]:  # fmt: skip
    """What to give ``PublicKeyCredential.parseCreationOptionsFromJSON``, to make a passkey for ``person`` (an id).

    ``label`` is what the authenticator shows; ``existing`` are ids of passkeys that are not to be made again.
    """
    return {
        "rp": {"id": site.host, "name": site.name},
        "user": {"id": to_url(person.encode()), "name": label, "displayName": label},
        "challenge": to_url(challenge_of(statement)),
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "excludeCredentials": [{"type": "public-key", "id": to_url(identity)} for identity in existing],
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "required"},
        "attestation": "none",
        "timeout": PATIENCE_MS,
    }


def signing_options(site: Site, statement: bytes, credentials: Iterable[bytes]) -> dict[str, Any]:
    """What to give ``PublicKeyCredential.parseRequestOptionsFromJSON``, so that the person signs ``statement``."""
    return {
        "rpId": site.host,
        "challenge": to_url(challenge_of(statement)),
        "allowCredentials": [{"type": "public-key", "id": to_url(identity)} for identity in credentials],
        "userVerification": "required",
        "timeout": PATIENCE_MS,
    }


def register(registration: Registration, statement: bytes, site: Site) -> Passkey:
    """The new passkey, when it was made here, just now, by a person who was present and verified. Raises ``ProofRefused``."""
    from fido2.cbor import encode
    from fido2.webauthn import AttestationObject

    client = from_base64(registration.client_data)
    _check_client(client, CREATE, statement, site.origin)
    try:
        data = AttestationObject(from_base64(registration.attestation)).auth_data
    except Exception as reason:
        raise ProofRefused("The new passkey cannot be read; make it again.") from reason
    _check_flags(data, site.origin)
    made = data.credential_data
    if made is None or not 0 < len(made.credential_id) <= 1023:
        raise ProofRefused("The answer holds no passkey; make it again.")
    return Passkey(
        id=made.credential_id, public_key=encode(made.public_key), algorithm=_sound(made.public_key), uses=data.counter
    )  # fmt: skip


def check(
    public_key: bytes, signature: bytes, authenticator_data: bytes, client_data: bytes, statement: bytes, origin: str | None
) -> int:
    """The passkey's counter, when the holder of ``public_key`` (COSE) signed ``statement``. Raises ``ProofRefused``.

    ``origin`` None is an outsider's check: any site, but the one that the client data names and the authenticator signed for.
    """
    from cryptography.exceptions import InvalidSignature
    from fido2.webauthn import AuthenticatorData

    at = _check_client(client_data, GET, statement, origin)
    try:
        data, key = AuthenticatorData(authenticator_data), read_key(public_key)
    except ProofRefused:
        raise
    except Exception as reason:
        raise ProofRefused("What the passkey signed cannot be read; sign again.") from reason
    _check_flags(data, at)
    _sound(key)
    try:
        key.verify(authenticator_data + hashlib.sha256(client_data).digest(), signature)
    except (InvalidSignature, ValueError, TypeError, KeyError) as reason:
        raise ProofRefused("The signature was not made by this passkey; sign again with the one that is known here.") from reason
    return int(data.counter)


def algorithm_of(public_key: bytes) -> str:
    """The name of a COSE key's algorithm. Raises ``ProofRefused`` for keys we do not take."""
    return _sound(read_key(public_key))


def read_key(public_key: bytes) -> CoseKey:
    """A COSE key. Raises ``ProofRefused``."""
    from fido2.cbor import decode
    from fido2.cose import CoseKey

    try:
        fields = decode(public_key)
        if not isinstance(fields, dict):
            raise ProofRefused("The passkey's key cannot be read; make the passkey again.")
        return CoseKey.parse(fields)
    except ProofRefused:
        raise
    except Exception as reason:
        raise ProofRefused("The passkey's key cannot be read; make the passkey again.") from reason


def challenge_of(statement: bytes) -> bytes:
    """32 bytes: what a passkey is asked to sign instead of ``statement``."""
    return hashlib.sha256(statement).digest()


def to_url(data: bytes) -> str:
    """base64url without padding, as browsers write bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """Bytes from base64 or base64url, padded or not. Raises ``ProofRefused``."""
    plain = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        if len(plain) > 2 * MOST_BYTES:
            raise ValueError
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as reason:
        raise ProofRefused("The signature cannot be read; sign again.") from reason


def host_of(origin: str) -> str:
    """The host of a browser's origin. Raises ``BadInput`` for one that browsers make no passkeys for."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    near = parts.scheme == "http" and (host == "localhost" or host.endswith(".localhost"))
    plain = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if not host or not plain or not (parts.scheme == "https" or near):
        raise BadInput("Passkeys are made for a site over https, or for localhost; give its address without a path.")
    return host


def _check_client(client_data: bytes, kind: str, statement: bytes, origin: str | None) -> str:
    """Hold the client data against what was asked; return the origin it names. Raises ``ProofRefused``."""
    try:
        said = json.loads(client_data.decode("utf-8"))
        named, asked = str(said["origin"]), from_base64(str(said["challenge"]))
        what, elsewhere = said["type"], said.get("crossOrigin", False)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as reason:
        raise ProofRefused("What the browser signed cannot be read; sign again.") from reason
    if what != kind:
        raise ProofRefused("The passkey was asked for something else; sign again.")
    if asked != challenge_of(statement):
        raise ProofRefused("The passkey signed another document; sign the one that is asked for.")
    if elsewhere is not False or (origin is not None and named != origin):
        raise ProofRefused("The passkey was used on another site; sign on this one.")
    return named


def _check_flags(data: AuthenticatorData, origin: str) -> None:
    try:
        host = host_of(origin)
    except (BadInput, ValueError) as reason:
        raise ProofRefused("The passkey was used on another site; sign on this one.") from reason
    if data.rp_id_hash != hashlib.sha256(host.encode()).digest():
        raise ProofRefused("The passkey belongs to another site; use the one made for this site.")
    if not data.is_user_present():
        raise ProofRefused("Nobody touched the authenticator; sign again and confirm it.")
    if not data.is_user_verified():
        raise ProofRefused("The authenticator did not verify the person; sign again with fingerprint, face or PIN.")


def _sound(key: CoseKey) -> str:
    """The name of the key's algorithm, when it is one we take and the key is a point or modulus that may be used."""
    from fido2.cose import CoseKey as Known

    number = key.get(3)
    if number not in ALGORITHMS or not isinstance(key, Known):
        raise ProofRefused("The passkey's kind of signature is not accepted; use one with ES256, EdDSA or RS256.")
    if number == -257 and int.from_bytes(key.get(-1, b""), "big").bit_length() < LEAST_RSA:
        raise ProofRefused("The passkey's key is too short; use another authenticator.")
    return ALGORITHMS[number]
