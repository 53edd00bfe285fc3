"""The page to read first: a prompt's life as five stages.

::

    submitted ─> screen ─> screened ─> generate ─> drafted ─> inspect ─> inspected ─> seal ─> sealed ─> release ─> ended
                   │                      │                      │                                        │
                   └── held / refused     └── consent lost       └── held / refused                       └── refused

Every stage takes one event and settles it once (``handle.py``); the runners (``local.py``, ``kafka.py``) only carry events
from one to the next. What people do meanwhile, revoking or deciding, is in ``withdrawal.py`` and ``decisions.py``.
"""

from __future__ import annotations

from streams import generate, inspect, release, screen, seal, sweep
from streams.stage import Stage

STAGES: tuple[Stage, ...] = (
    Stage("screen", "submitted", screen.work, screen.settle),
    Stage("generate", "screened", generate.work, generate.settle),
    Stage("inspect", "drafted", inspect.work, inspect.settle),
    Stage("seal", "inspected", seal.work, seal.settle),
    Stage("release", "sealed", release.work, release.settle),
)

#: What follows an outcome: files that must go are removed. Not a gate, so it is not counted among the five.
AFTER: tuple[Stage, ...] = (
    Stage("tidy", "ended", sweep.work_ended, sweep.settle_ended),
    Stage("sweep", "withdrawn", sweep.work_withdrawn, sweep.settle_withdrawn),
)

BY_NAME = {stage.name: stage for stage in (*STAGES, *AFTER)}
