"""An authenticator in software, with the browser around it: what a passkey answers, byte for byte, and what a thief would."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from typing import Any

import numpy as np
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2 import cbor
from fido2.cose import ES256, RS256, CoseKey, EdDSA

from consent import cameos
from consent.likeness import Likeness
from consent.people import Person
from consent.signing import own_keys, passkeys, statements
from consent.signing.credentials import Credential, Proof
from consent.signing.passkeys import Registration, Site
from consent.vault.keys import Vault
from tests.consent.conftest import Clock

SITE = Site(origin="https://clearance.example", name="Clearance")
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """One passkey. ``flags``, ``counter``, ``host`` and what goes into the client data can be set to what an attacker would."""

    def __init__(self, algorithm: str = "ES256", bits: int = 2048) -> None:
        self.key: Any
        if algorithm == "ES256":
            self.key = ec.generate_private_key(ec.SECP256R1())
            self.cose: CoseKey = ES256.from_cryptography_key(self.key.public_key())
        elif algorithm == "EdDSA":
            self.key = ed25519.Ed25519PrivateKey.generate()
            self.cose = EdDSA.from_cryptography_key(self.key.public_key())
        else:
            self.key = rsa.generate_private_key(65537, bits)
            self.cose = RS256.from_cryptography_key(self.key.public_key())
        self.id = hashlib.sha256(cbor.encode(self.cose)).digest()
        self.counter, self.flags, self.host = 0, PRESENT | VERIFIED, "clearance.example"
        self.client: dict[str, object] = {"origin": SITE.origin, "crossOrigin": False}

    @property
    def public_key(self) -> bytes:
        return bytes(cbor.encode(self.cose))

    def sign(self, options: dict[str, Any], credential: str = "") -> Proof:
        """``navigator.credentials.get``."""
        self.counter += 1
        client = json.dumps({"type": "webauthn.get", "challenge": options["challenge"], **self.client}).encode()
        data = self._data(self.flags)
        signature = self._raw(data + hashlib.sha256(client).digest())
        return Proof(
            credential=credential or b64(self.id), signature=b64(signature), authenticator_data=b64(data), client_data=b64(client)
        )

    def create(self, options: dict[str, Any]) -> Registration:
        """``navigator.credentials.create``."""
        client = json.dumps({"type": "webauthn.create", "challenge": options["challenge"], **self.client}).encode()
        made = bytes(16) + struct.pack(">H", len(self.id)) + self.id + self.public_key
        data = self._data(self.flags | ATTESTED) + made
        attestation = cbor.encode({"fmt": "none", "authData": data, "attStmt": {}})
        return Registration(client_data=b64(client), attestation=b64(attestation))

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _raw(self, message: bytes) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return bytes(self.key.sign(message))


class KeyFile:
    """A software key on the person's own machine."""

    def __init__(self) -> None:
        self.key = ed25519.Ed25519PrivateKey.generate()
        self.public_key = self.key.public_key().public_bytes_raw()

    def sign(self, statement: bytes, credential: str) -> Proof:
        return Proof(credential=credential, signature=base64.b64encode(self.key.sign(statement)).decode())

    def add(
        self, conn: sa.Connection, owner: Person, clock: Clock, label: str = "laptop", by: tuple[KeyFile, str] | None = None
    ) -> Credential:
        about = own_keys.addition("software", label, self.public_key)
        document = statements.prepare("add-credential", owner.id, clock(), about)
        written = statements.written(document)
        possession, proof = self.sign(written, "").signature, by[0].sign(written, by[1]) if by else None
        return own_keys.add_software(conn, owner, self.public_key, label, document, possession, clock, proof)


def add_passkey(
    conn: sa.Connection,
    owner: Person,
    passkey: Authenticator,
    clock: Clock,
    label: str = "phone",
    by: Authenticator | None = None,
) -> Credential:
    opening = statements.prepare("register-passkey", owner.id, clock(), {"label": label})
    options = passkeys.registration_options(SITE, owner.id, label, statements.written(opening))
    document = statements.prepare(
        "add-credential", owner.id, clock(), own_keys.addition("passkey", label, passkey.public_key)
    )  # fmt: skip
    proof = by.sign(passkeys.signing_options(SITE, statements.written(document), [by.id])) if by else None
    return own_keys.add_passkey(conn, owner, passkey.create(options), label, opening, SITE, clock, document, proof)


def somebody(
    conn: sa.Connection, handle: str, vault: Vault, clock: Clock, public_key: bytes | None = None, seed: int = 0
) -> Person:  # fmt: skip
    """A person without a picture: nothing here looks at faces."""
    template = np.random.default_rng(seed).standard_normal((1, 128)).astype(np.float32)
    likeness = Likeness("none/1", template / np.linalg.norm(template), np.zeros((256, 256, 3), np.uint8))
    return cameos.enrol(conn, handle, likeness, None, vault, clock, public_key=public_key)  # type: ignore[arg-type]
