"""The demonstration is the test of the whole: real models, real clips, real server, both runners; and it survives being shot.

Each run is a process of its own, as a user starts it. What it prints is kept as the test's output.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.demo.script import AGAIN, SCENES
from safety import ledger, releases
from safety.db import Database
from safety.settings import Settings
from safety.signer import Signer
from streams import submissions

TIMEOUT = 480
COMMAND = [sys.executable, "-m", "console"]


def start(home: Path, *more: str, topics: str = "clearance") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "--home", str(home), "demo", *more], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "CLEARANCE_PORT": "0", "CLEARANCE_TOPICS": topics},
    )  # fmt: skip


def check(home: Path) -> None:
    """Every submission ended exactly once, no clip was released twice, and the ledger agrees with itself."""
    settings = Settings(home=home)
    db = Database(settings.database_url)
    with db.read() as conn:
        counted = submissions.count(conn)
        assert counted == {"attempts": 14, "released": 5, "refused": 9, "held": 0, "failed": 0, "in-flight": 0}
        ends = [(e.subject, e.body["status"]) for e in ledger.entries(conn, kind="outcome") if e.body["status"] != "held"]
        assert len(ends) == len(SCENES) + 1 == len({subject for subject, _ in ends}), AGAIN
        assert len(releases.listing(conn)) == 5 == ledger.count(conn, "release")
        assert ledger.count(conn, "withdrawal") == 2
        assert ledger.verify(conn, Signer(settings.keys).public_key, home / "checkpoints.jsonl") > 50
    db.close()


@pytest.mark.slow
@pytest.mark.timeout(TIMEOUT + 60)
def test_shot_in_the_middle_it_is_taken_up_and_comes_out_as_expected(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shot = start(home)
    end = time.monotonic() + 120
    while not list((home / "blobs").rglob("*.mp4")) and time.monotonic() < end:  # the first draft is on disk: plenty under way
        assert shot.poll() is None, shot.communicate()[0]
        time.sleep(0.1)
    shot.send_signal(signal.SIGKILL)
    shot.communicate(timeout=20)
    again = start(home)
    told, _ = again.communicate(timeout=TIMEOUT)
    print(told)  # noqa: T201
    assert again.returncode == 0
    assert "All outcomes are as expected" in told
    check(home)


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.timeout(TIMEOUT + 60)
def test_the_same_outcomes_on_apache_kafka(tmp_path: Path, bootstrap: str, prefix: str) -> None:
    home = tmp_path / "home"
    run = start(home, "--broker", "kafka", "--kafka", bootstrap, topics=prefix)
    told, _ = run.communicate(timeout=TIMEOUT)
    print(told)  # noqa: T201
    assert run.returncode == 0
    check(home)
