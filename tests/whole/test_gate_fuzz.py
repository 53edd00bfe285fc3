"""Damaged media through the whole gate: a verdict or one sentence, never a crash, a hang, or memory that grows.

A few files in the suite; 2,000 behind ``CLEARANCE_CAMPAIGN=1``. The files are made by number (``tests/fuzz/clips.py``).
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from console.bench.speed import proportional
from safety.errors import ClearanceError
from safety.settings import Settings
from safety.verdict import Verdict
from streams.checks import inspect_file
from streams.lanes.viewing import shared
from streams.system import close, open_context
from tests.fuzz.clips import mutated, suffix

CAMPAIGN = bool(os.environ.get("CLEARANCE_CAMPAIGN"))
FILES = int(os.environ.get("CLEARANCE_FUZZ_FILES", "2000" if CAMPAIGN else "10"))
#: Seconds one file may take, loading aside, and megabytes: of all worker processes, and more than this process began with.
PATIENCE, MEMORY = 60.0, 2200.0


@pytest.mark.timeout(7200 if CAMPAIGN else 300)
def test_damaged_files_get_a_verdict_or_a_sentence(tmp_path: Path) -> None:
    ctx = open_context(Settings(home=tmp_path / "home"))
    answers: Counter[str] = Counter()
    slow, largest, crashed = 0.0, 0.0, list[str]()
    before = proportional(os.getpid())  # other tests ran in this process
    try:
        for seed in range(FILES):
            path = tmp_path / f"{seed}.{suffix(seed)}"
            path.write_bytes(mutated(seed))
            begun = time.monotonic()
            try:
                verdict: Verdict = inspect_file(ctx, path)
            except ClearanceError as reason:
                answers[reason.code] += 1
                assert reason.detail.count("\n") == 0
            else:
                answers[str(verdict.outcome)] += 1
                failed = [r.detector for r in verdict.reports if r.failure is not None]
                assert not failed or verdict.outcome != "allow", (seed, failed)
                crashed += [f"{seed}: {r.detector} {r.failure}" for r in verdict.reports if r.failure is not None]
            if seed:  # the first file loads the models
                slow = max(slow, time.monotonic() - begun)
            if seed % 20 == 0:
                workers = sum(map(proportional, shared().processes().values()))
                largest = max(largest, workers + proportional(os.getpid()) - before)
            path.unlink()
    finally:
        close(ctx)
    sys.stdout.write(f"\n{FILES} files: {dict(answers)}; slowest {slow:.1f} s, at most {largest:.0f} MB; {crashed[:10]}\n")
    assert sum(answers.values()) == FILES
    assert slow < PATIENCE
    assert largest < MEMORY
    assert not crashed
