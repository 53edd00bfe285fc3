"""The files that hold key-encryption keys: the one in force and, while keys are being changed, the next.

While both exist both open what they wrapped, and whatever is wrapped anew is wrapped by the next. Only when nothing in the
database needs the old one any more is it overwritten and the next put in its place, in one step: whatever is interrupted, no
moment has a wrapped row whose key is gone. A running process sees a change when it next needs a key, by looking at the files.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consent.errors import VaultLocked
from safety.signer import write_private

KEY_BYTES = 32
#: Readings before we believe that somebody changes the files all the time.
TRIES = 20


@dataclass(frozen=True)
class Kek:
    """A key-encryption key. ``id`` tells which one wrapped a row, so that a restored or changed one is recognised."""

    id: str
    cipher: AESGCM = field(repr=False)


class KeyFiles:
    """``people.kek`` in ``folder``, made at first use, mode 0600; ``people.kek.next`` beside it while keys are changed."""

    def __init__(self, folder: Path) -> None:
        self._path, self._next, self._old = (folder / f"people.kek{end}" for end in ("", ".next", ".old"))
        self._pepper_path = folder / "pseudonyms.key"
        self._seen: tuple[object, ...] = ()
        self._known: dict[str, Kek] = {}
        self._wrapping = ""
        if not self._path.exists():
            self._write(self._path, os.urandom(KEY_BYTES))
        self.refresh()
        self.pepper = self._pepper()

    @property
    def wrapping(self) -> Kek:
        """The key for whatever is wrapped now. Ask inside the write transaction that stores it."""
        self.refresh()
        return self._known[self._wrapping]

    @property
    def changing(self) -> tuple[str, str] | None:
        """The ids of the old and the next key while keys are being changed."""
        self.refresh()
        others = [name for name in self._known if name != self._wrapping]
        return (others[0], self._wrapping) if others else None

    def find(self, kek: str) -> Kek | None:
        """The key with this id, when it is in one of the files."""
        if kek not in self._known:
            self.refresh()
        return self._known.get(kek)

    def all(self) -> tuple[Kek, ...]:
        """Every key there is, the one that wraps first."""
        first = self.wrapping
        return (first, *(k for k in self._known.values() if k.id != first.id))

    def begin(self) -> None:
        """Make the next key, or go on with the one that is there already. Call it inside a write transaction."""
        self._destroy()
        self._write(self._next, os.urandom(KEY_BYTES))
        self.refresh()

    def finish(self) -> bool:
        """Put the next key in force and destroy the old one, in that order; False when there is no next one.

        Nothing in the database may need the old key any more, and that has to be safely on disk. Call it as ``begin``.
        """
        if self.changing is None:
            return False
        self._old.unlink(missing_ok=True)
        self._old.hardlink_to(self._path)
        self._next.replace(self._path)
        _sync_folder(self._path.parent)
        self._destroy()
        self.refresh()
        return True

    def _destroy(self) -> None:
        """Overwrite the key that is not in force any more, also when an earlier try was interrupted; then drop the file.

        A disk that copies on write may keep it for a while; whoever backed the file up has to destroy that too.
        """
        if not self._old.exists():
            return
        if not self._old.samefile(self._path):
            with self._old.open("r+b") as old:
                old.write(bytes(KEY_BYTES))
                old.flush()
                os.fsync(old.fileno())
        self._old.unlink()

    def refresh(self) -> None:
        """Read the files again if they changed. Raises ``VaultLocked``."""
        for _ in range(TRIES):
            seen = (_stamp(self._path), _stamp(self._next))
            if seen == self._seen:
                return
            upcoming, current = self._read(self._next), self._read(self._path)
            # A file that was replaced meanwhile may have been overwritten while it was read.
            if seen == (_stamp(self._path), _stamp(self._next)):
                if current is None:
                    raise VaultLocked(f"The key file {self._path} is gone; its operator must restore it.")
                self._known = {k.id: k for k in (current, upcoming) if k is not None}
                self._wrapping = (upcoming or current).id
                self._seen = seen
                return
        raise VaultLocked("The key files keep changing; try again in a moment.")

    def _read(self, path: Path) -> Kek | None:
        key = _bytes(path)
        if key is None:
            return None
        return Kek(hashlib.sha256(b"clearance/kek/1" + key).hexdigest()[:16], AESGCM(key))

    def _pepper(self) -> bytes:
        """What pseudonyms are made with. It outlives a change of keys, so it has a file of its own, made from the first key."""
        found = _bytes(self._pepper_path)
        if found is not None:
            return found
        first = _bytes(self._path) or b""
        return self._write(self._pepper_path, hashlib.sha256(b"clearance/pseudonyms/1" + first).digest())

    def _write(self, path: Path, key: bytes) -> bytes:
        try:
            return write_private(path, key)
        except OSError as reason:
            said = f"The key file {path} cannot be written ({reason.strerror}); its operator must see to it."
            raise VaultLocked(said) from reason


def _bytes(path: Path) -> bytes | None:
    """The 32 bytes of a key file; None when there is none. Raises ``VaultLocked``."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as reason:
        said = f"The key file {path} cannot be read ({reason.strerror}); its operator must restore it."
        raise VaultLocked(said) from reason
    if len(key) != KEY_BYTES:
        raise VaultLocked(f"The key file {path} is damaged; its operator must restore it.")
    return key


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
