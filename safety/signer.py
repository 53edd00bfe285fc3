"""The system's own Ed25519 key: it signs ledger checkpoints and receipts, nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safety.errors import Unavailable


class Signer:
    """Signs bytes with the key in ``folder``; the key is made at first use, readable by its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "system.ed25519"
        self._key = _load(self._path)

    @property
    def public_key(self) -> bytes:
        """32 raw bytes."""
        return self._key.public_key().public_bytes_raw()

    @property
    def public_pem(self) -> str:
        """The public key for outsiders, PEM."""
        return (
            self._key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def sign(self, message: bytes) -> bytes:
        """64 bytes of signature."""
        return self._key.sign(message)


def verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` over ``message`` was made by the holder of ``public_key`` (32 raw bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def write_private(path: Path, data: bytes) -> bytes:
    """Write a new secret readable by its owner alone and return what is there; whoever comes second reads the first's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(part, path)  # fails when it exists, so two first starts agree on one key
    except FileExistsError:
        return path.read_bytes()
    finally:
        part.unlink(missing_ok=True)
    return data


def _load(path: Path) -> Ed25519PrivateKey:
    try:
        raw = path.read_bytes() if path.exists() else write_private(path, Ed25519PrivateKey.generate().private_bytes_raw())
        return Ed25519PrivateKey.from_private_bytes(raw)
    except (OSError, ValueError) as reason:
        raise Unavailable(f"The signing key {path} cannot be read ({reason}); its operator must restore it.") from reason
