"""The machine's own certificate authority and secrets, made at first start and kept in one folder.

::

    keys/
    ├── master.key            32 random bytes, hex; every symmetric key is derived from it (HKDF)
    ├── ring.json             which generation of each key is in use, and which older marks are still read
    ├── root.pem root.key     trust anchor, 20 years
    ├── issuing.pem .key      signs the signers, 15 years
    └── signers/0001/         leaf.key, chain.pem: one folder a signing certificate; the newest signs

Everything is readable by its owner alone. Rotation adds a generation and never overwrites one: old clips must stay verifiable.
A signer lives ten years because without a time-stamp authority a manifest stops verifying when its certificate expires.
This module never signs a clip; it hands out what signing needs.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from provenance.certificates import Issued, key_bytes, make_ca, make_leaf, pem
from provenance.errors import KeyTrouble

MASTER, RING = "master.key", "ring.json"
#: A signer this close to its end is replaced when the authority is opened.
RENEW_BEFORE = timedelta(days=180)
_SECRET_BYTES = 32


@dataclass(frozen=True)
class Authority:
    """What sealing and verifying need: secrets by generation, the signer, and the trust anchor.

    ``mark_keys`` has the key in use first, then retired ones that are still read. ``anchors`` and ``chain`` are PEM text.
    """

    folder: Path
    mark_keys: tuple[bytes, ...]
    anchors: str
    chain: str
    expires: datetime
    _key: ec.EllipticCurvePrivateKey

    @property
    def mark_key(self) -> bytes:
        """The key new clips are marked with."""
        return self.mark_keys[0]

    def signer(self, now: datetime) -> Callable[[bytes], bytes]:
        """A function that signs bytes (ES256, raw r and s). Raises ``KeyTrouble`` once the certificate has expired."""
        if now >= self.expires:
            raise KeyTrouble(
                f"The signing certificate in {self.folder} expired on {self.expires:%Y-%m-%d}; restart the service to renew it."
            )

        def sign(data: bytes) -> bytes:
            r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")

        return sign


def open_authority(folder: Path, now: datetime) -> Authority:
    """Open the keys in ``folder``, making them when there are none.

    Several processes may start at once: the first to put its folder in place wins and the others use that one. Raises
    ``KeyTrouble`` for anything missing, damaged, readable by others or not belonging together; nothing is ever replaced.
    """
    if not folder.exists() or not any(folder.iterdir()):
        _create(folder, now)
    ring = _ring(folder)
    root, issuing = _certificate(folder / "root.pem"), _certificate(folder / "issuing.pem")
    signers = sorted((folder / "signers").glob("[0-9]*"))
    if not signers:
        raise KeyTrouble(f"There is no signing certificate in {folder / 'signers'}; restore the folder from a backup.")
    leaf = _certificate(signers[-1] / "chain.pem")
    if leaf.not_valid_after_utc - now < RENEW_BEFORE:
        signers.append(_renew(folder, issuing, now))
        leaf = _certificate(signers[-1] / "chain.pem")
    key = _private(signers[-1] / "leaf.key")
    _check_chain(folder, root, issuing, leaf, key)
    master = _secret(folder / MASTER)
    return Authority(
        folder=folder,
        mark_keys=tuple(_derive(master, f"mark/{n}") for n in ring),
        anchors=pem(root),
        chain=pem(leaf, issuing),
        expires=leaf.not_valid_after_utc,
        _key=key,
    )


def rotate_mark_key(folder: Path) -> int:
    """Begin a new generation of the marking key; older ones are still read. Returns the new number."""
    ring = _ring(folder)
    newest = max(ring) + 1
    _write(folder / RING, json.dumps({"version": 1, "marks": [newest, *ring]}).encode())
    return newest


def _create(folder: Path, now: datetime) -> None:
    """Make a complete folder beside the wanted place and move it there in one step."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        root = make_ca("Clearance local root", now, timedelta(days=365 * 20))
        issuing = make_ca("Clearance local issuer", now, timedelta(days=365 * 15), issuer=root)
        _write(draft / MASTER, os.urandom(_SECRET_BYTES).hex().encode())
        _write(draft / RING, json.dumps({"version": 1, "marks": [1]}).encode())
        for name, made in (("root", root), ("issuing", issuing)):
            _write(draft / f"{name}.key", key_bytes(made.key))
            _write(draft / f"{name}.pem", pem(made.certificate).encode())
        _place_signer(draft / "signers" / "0001", make_leaf(issuing, now), issuing.certificate)
        try:
            draft.rename(folder)
        except OSError:  # another process was first
            shutil.rmtree(draft, ignore_errors=True)
            if not (folder / RING).is_file():
                raise
    except OSError as reason:
        raise KeyTrouble(f"The keys cannot be written to {folder}: {reason.strerror}; choose a writable folder.") from reason


def _renew(folder: Path, issuing: x509.Certificate, now: datetime) -> Path:
    """Add a signer under the issuer that is there."""
    number = 1 + max(int(p.name) for p in (folder / "signers").glob("[0-9]*"))
    place = folder / "signers" / f"{number:04d}"
    draft = folder / "signers" / f".draft-{os.getpid()}"
    try:
        _place_signer(draft, make_leaf(Issued(_private(folder / "issuing.key"), issuing), now), issuing)
        try:
            draft.rename(place)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            if not (place / "chain.pem").is_file():
                raise
    except OSError as reason:
        raise KeyTrouble(f"A new certificate cannot be written to {folder}: {reason.strerror}; make it writable.") from reason
    return place


def _place_signer(place: Path, leaf: Issued, issuing: x509.Certificate) -> None:
    place.mkdir(parents=True, mode=0o700)
    _write(place / "leaf.key", key_bytes(leaf.key))
    _write(place / "chain.pem", pem(leaf.certificate, issuing).encode())


def _check_chain(
    folder: Path, root: x509.Certificate, issuing: x509.Certificate, leaf: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    try:
        issuing.verify_directly_issued_by(root)
        leaf.verify_directly_issued_by(issuing)
    except (ValueError, TypeError, InvalidSignature) as reason:
        raise KeyTrouble(f"The certificates in {folder} do not belong together; restore the folder from a backup.") from reason
    if leaf.public_key() != key.public_key():
        raise KeyTrouble(f"The signing key in {folder} does not fit its certificate; restore the folder from a backup.")


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"clearance/{purpose}".encode()).derive(master)


def _ring(folder: Path) -> list[int]:
    try:
        marks = json.loads(_read(folder / RING))["marks"]
        if not marks or not all(isinstance(n, int) and n > 0 for n in marks):
            raise ValueError(marks)
    except (ValueError, KeyError, TypeError) as reason:
        raise KeyTrouble(f"{folder / RING} is damaged; restore the folder from a backup.") from reason
    return list(marks)


def _secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(_read(path).decode("ascii").strip())
    except ValueError as reason:
        raise KeyTrouble(f"{path} is damaged; restore it from a backup, or no older clip's mark can be read.") from reason
    if len(secret) != _SECRET_BYTES:
        raise KeyTrouble(f"{path} is damaged; restore it from a backup, or no older clip's mark can be read.")
    return secret


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read(path))[0]
    except (ValueError, IndexError) as reason:
        raise KeyTrouble(f"{path} is not a certificate; restore the folder from a backup.") from reason


def _private(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(_read(path), None)
    except (ValueError, TypeError) as reason:
        raise KeyTrouble(f"{path} is not a private key; restore the folder from a backup.") from reason
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeyTrouble(f"{path} is not an elliptic-curve key; restore the folder from a backup.")
    return key


def _read(path: Path) -> bytes:
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyTrouble(f"{path} can be read by others; run `chmod 600 {path}` if nobody else was there.")
        return path.read_bytes()
    except OSError as reason:
        raise KeyTrouble(f"{path} cannot be read ({reason.strerror}); restore the folder from a backup.") from reason


def _write(path: Path, data: bytes) -> None:
    """Write so that no one else ever can read it and a crash leaves the old or the new, never half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    draft.replace(path)
