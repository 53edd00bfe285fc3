"""Clips by content: a blob's name is the digest of its bytes, behind fsspec, so that a folder or S3 will do.

Each blob lies under its owner, the submission it belongs to: two people who asked for the same picture do not share a file,
so that taking one away never takes the other's.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec

from safety.errors import Gone, Unavailable


class Blobs:
    """A store at ``url``. ``scratch`` is a local folder for files being written or read by programs that need a path."""

    def __init__(self, url: str, scratch: Path) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(url)
        self._scratch = scratch
        scratch.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def draft_file(self, suffix: str = ".mp4") -> Iterator[Path]:
        """A path to write to; gone afterwards unless ``put`` took it."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            yield Path(folder) / f"draft{suffix}"

    def put(self, owner: str, path: Path) -> str:
        """Store a file for ``owner`` and return its digest; storing the same bytes again changes nothing."""
        with path.open("rb") as f:
            name = "sha256:" + hashlib.file_digest(f, "sha256").hexdigest()
        where = self._where(owner, name)
        try:
            if not self._fs.exists(where):
                self._fs.makedirs(os.path.dirname(where), exist_ok=True)  # noqa: PTH120  (a store's path, not the machine's)
                part = f"{where}.{os.getpid()}-{threading.get_ident()}.part"  # two may store the same bytes at once
                self._fs.put_file(str(path), part)
                self._fs.mv(part, where)
        except OSError as reason:
            raise Unavailable(
                f"The clip could not be stored ({reason.strerror or reason}); free space, it will be tried again."
            ) from reason
        return name

    @contextmanager
    def open_path(self, owner: str, name: str) -> Iterator[Path]:
        """A local path of a blob for reading. Raises ``Gone`` when it was removed."""
        where = self._where(owner, name)
        if not self._fs.exists(where):
            raise Gone(f"The file {name[:19]}… is not kept any more.")
        if "file" in self._fs.protocol:
            yield Path(where)
            return
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            local = Path(folder) / "clip.mp4"
            self._fs.get_file(where, str(local))
            yield local

    def local_path(self, owner: str, name: str) -> Path | None:
        """Where a blob lies on this machine; None when the store is elsewhere."""
        return Path(self._where(owner, name)) if "file" in self._fs.protocol else None

    def exists(self, owner: str, name: str) -> bool:
        return bool(self._fs.exists(self._where(owner, name)))

    def remove(self, owner: str, name: str) -> None:
        """Delete a blob; one that is gone already is fine."""
        if self.exists(owner, name):
            self._fs.rm_file(self._where(owner, name))

    def keep_only(self, owner: str, names: set[str]) -> int:
        """Delete every blob of ``owner`` that is not in ``names``; return how many that were."""
        return self.delete(self.others(owner, names))

    def others(self, owner: str, names: set[str]) -> tuple[str, ...]:
        """Where the blobs of ``owner`` lie that are not in ``names``, also those that were never finished."""
        folder = f"{self._root}/{owner[:2]}/{owner}"
        try:
            if "file" in self._fs.protocol:  # thousands are asked about at once, and the store's own listing is slow
                there = [f"{folder}/{name}" for name in os.listdir(folder)]  # noqa: PTH208
            else:
                self._fs.invalidate_cache(folder)
                there = self._fs.ls(folder, detail=False)
        except FileNotFoundError:
            return ()
        return tuple(where for where in there if f"sha256:{os.path.basename(where).split('.')[0]}" not in names)  # noqa: PTH119

    def delete(self, paths: Iterable[str]) -> int:
        """Delete what lies at these paths, as ``others`` gives them, and return how many there were; gone already is fine."""
        gone = 0
        for where in paths:
            try:
                self._fs.rm_file(where)
                gone += 1
            except FileNotFoundError:
                continue
        return gone

    def copy_out(self, owner: str, name: str, to: Path) -> None:
        """Write a copy of a blob to ``to``."""
        with self.open_path(owner, name) as path:
            shutil.copyfile(path, to)

    def _where(self, owner: str, name: str) -> str:
        return f"{self._root}/{owner[:2]}/{owner}/{name.removeprefix('sha256:')}.mp4"
