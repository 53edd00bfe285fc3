"""The vault: one data key a person, wrapped by a key-encryption key that lies in a file and not in the database.

A copy of the database alone opens nothing. Deleting a person's key row makes everything sealed with it noise: that is how a
person is erased, also from backups of the sealed rows. Keys never appear in a log, a repr, the ledger or an error.
Ciphers: AES-256-GCM with a fresh 96-bit nonce (NIST SP 800-38D) bound by associated data to person, role and row.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consent.errors import VaultLocked
from consent.tables import person_keys, person_secrets
from consent.vault.key_files import KEY_BYTES, KeyFiles
from safety.values import canonical

#: The role that a person's data key is wrapped under.
DATA_KEY = "data-key"
#: The nonce length GCM is defined for without hashing; random ones are safe for 2^32 messages a key, far above one person's.
NONCE_BYTES = 12


class Vault:
    """Seals and opens what belongs to a person. ``folder`` holds the key-encryption key (``key_files``)."""

    def __init__(self, folder: Path) -> None:
        self.files = KeyFiles(folder)

    @property
    def kek_id(self) -> str:
        """Tells which key-encryption key wraps a row that is stored now."""
        return self.files.wrapping.id

    def __repr__(self) -> str:
        return f"Vault(kek_id={self.kek_id!r})"

    def admit(self, conn: sa.Connection, person: str) -> None:
        """Give a new person a data key."""
        kek = self.files.wrapping
        wrapped = _encrypt(kek.cipher, os.urandom(KEY_BYTES), _bind(person, DATA_KEY, kek.id))
        conn.execute(sa.insert(person_keys).values(person=person, kek=kek.id, wrapped=wrapped))

    def seal(self, conn: sa.Connection, person: str, role: str, row: str, data: bytes) -> bytes:
        """Encrypt ``data`` for ``person``, bound to its role and row. Raises ``VaultLocked`` when the person has no key."""
        return _encrypt(self._data_key(conn, person), data, _bind(person, role, row))

    def open(self, conn: sa.Connection, person: str, role: str, row: str, sealed: bytes) -> bytes:
        """Decrypt what ``seal`` made for the same person, role and row. Raises ``VaultLocked``."""
        return _decrypt(self._data_key(conn, person), sealed, _bind(person, role, row))

    def sign(self, conn: sa.Connection, person: str, message: bytes) -> bytes:
        """64 bytes: the person's own Ed25519 signature, by the software key kept for them."""
        query = sa.select(person_secrets.c.id, person_secrets.c.sealed)
        row = conn.execute(query.where(person_secrets.c.person == person, person_secrets.c.role == "signing-key")).first()
        if row is None:
            raise VaultLocked("The person has no signing key any more; nothing can be signed in their name.")
        return Ed25519PrivateKey.from_private_bytes(self.open(conn, person, "signing-key", row.id, row.sealed)).sign(message)

    def holds(self, conn: sa.Connection, person: str) -> bool:
        """Whether this vault can open what was sealed for ``person``."""
        row = conn.execute(sa.select(person_keys.c.kek).where(person_keys.c.person == person)).first()
        return row is not None and self.files.find(row.kek) is not None

    def wrap(self, owner: str, role: str, key: bytes) -> bytes:
        """Encrypt a key (32 bytes) of something that is no person, such as a clip or a claim, for its row."""
        kek = self.files.wrapping
        return _encrypt(kek.cipher, key, _bind(owner, role, kek.id))

    def unwrap(self, owner: str, role: str, wrapped: bytes) -> bytes:
        """The key that ``wrap`` wrapped for the same owner and role. Raises ``VaultLocked``."""
        for kek in self.files.all():
            try:
                return _decrypt(kek.cipher, wrapped, _bind(owner, role, kek.id))
            except VaultLocked:
                continue
        raise VaultLocked("A key was changed, moved or wrapped by another key file; its operator must restore that one.")

    def rewrap(self, owner: str, role: str, wrapped: bytes, kek: str) -> bytes:
        """What the key with id ``kek`` wrapped, wrapped by the one in force instead. Raises ``VaultLocked``."""
        found, anew = self.files.find(kek), self.files.wrapping
        if found is None:
            raise VaultLocked("A key was wrapped by another key file; its operator must restore that one.")
        return _encrypt(anew.cipher, _decrypt(found.cipher, wrapped, _bind(owner, role, kek)), _bind(owner, role, anew.id))

    def opens(self, owner: str, role: str, wrapped: bytes, kek: str) -> bool:
        """Whether the key-encryption key with this id is the one that wrapped it."""
        found = self.files.find(kek)
        try:
            return found is not None and bool(_decrypt(found.cipher, wrapped, _bind(owner, role, kek)))
        except VaultLocked:
            return False

    def pseudonym(self, purpose: str, text: str) -> str:
        """64 hex digits that are always the same for the same text and say nothing to whoever lacks the key file."""
        return hmac.new(self.files.pepper, canonical([purpose, text]), hashlib.sha256).hexdigest()

    def _data_key(self, conn: sa.Connection, person: str) -> AESGCM:
        row = conn.execute(sa.select(person_keys).where(person_keys.c.person == person)).first()
        if row is None:
            raise VaultLocked("The person's key was deleted; what it sealed cannot be opened any more.")
        kek = self.files.find(row.kek)
        if kek is None:
            raise VaultLocked("The person's key was wrapped by another key file; its operator must restore that one.")
        return AESGCM(_decrypt(kek.cipher, row.wrapped, _bind(person, DATA_KEY, row.kek)))


def new_key() -> bytes:
    """A key for ``wrap`` and ``seal_with``."""
    return os.urandom(KEY_BYTES)


def seal_with(key: bytes, owner: str, role: str, row: str, data: bytes) -> bytes:
    """Encrypt ``data`` with an unwrapped key, bound to owner, role and row."""
    return _encrypt(AESGCM(key), data, _bind(owner, role, row))


def open_with(key: bytes, owner: str, role: str, row: str, sealed: bytes) -> bytes:
    """Decrypt what ``seal_with`` made. Raises ``VaultLocked``."""
    return _decrypt(AESGCM(key), sealed, _bind(owner, role, row))


def _bind(person: str, role: str, row: str) -> bytes:
    """Associated data: a ciphertext moved to another person, role or row does not open."""
    return canonical(["clearance/vault/1", person, role, row])


def _encrypt(key: AESGCM, data: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.encrypt(nonce, data, bound)


def _decrypt(key: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError) as reason:
        raise VaultLocked("Sealed data was changed, moved or sealed with another key; its operator must restore it.") from reason
