"""Who runs a home: a file lock, which the operating system gives back when its holder dies."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


class RunnerLock:
    """Says that this home has a runner. The local runner holds it alone; Kafka workers of one home hold it together."""

    def __init__(self, home: Path, name: str = "runner") -> None:
        self._path = home / f"{name}.lock"
        self._file: IO[str] | None = None

    def take(self, *, shared: bool = False) -> bool:
        """Whether this process now holds it; ``shared`` lets others hold it too, if they also share."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("w")
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def give_back(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
