"""A function that does what no reader may, for the runner to be tried on; it imports nothing, so that a child is soon up."""

from __future__ import annotations

import os
import time
from pathlib import Path


def misbehave(path: Path) -> None:
    """Answers, dies, hangs, raises or eats, as the file's number says."""
    seed = int(path.stem)
    if seed == 1:
        os.abort()
    if seed == 2:
        time.sleep(60)
    if seed == 3:
        raise ValueError("three")
    if seed == 4:
        bytearray(2_000_000_000)
