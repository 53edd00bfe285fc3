"""A process for the tests to kill: runs the local runner on a home until it is told to stop, or is shot."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from streams.local import LocalRunner
from tests.streams.doubles import make_context

if __name__ == "__main__":
    with LocalRunner(make_context(Path(sys.argv[1]), steps=2, pause=0.002)):
        print("running", flush=True)  # noqa: T201
        time.sleep(120)
