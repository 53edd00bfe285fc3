"""The local runner: one thread a stage, reading the log table; durable, with nothing to install.

A stage's events, its effects and its cursor are committed together, so a killed process continues where it was. One runner a
home: a lock file that the operating system releases when its holder dies.
"""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Self

from safety.errors import Conflict, Unavailable
from streams import log
from streams.context import Context
from streams.handle import TryAgain, handle
from streams.lock import RunnerLock
from streams.pipeline import AFTER, STAGES
from streams.stage import Stage
from streams.upkeep import keep_checkpoints, keep_terms

#: How long an idle stage sleeps before it looks again, seconds: unnoticeable to a person, 20 small reads a second at most.
IDLE_SECONDS = 0.05

logger = logging.getLogger(__name__)


class LocalRunner:
    """Runs every stage until stopped; use as a context manager."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._lock = RunnerLock(ctx.settings.home)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin. Raises ``Conflict`` when another process runs this home."""
        if not self._lock.take():
            raise Conflict(f"Another process already runs {self._ctx.settings.home}; use it, or stop it first.")
        jobs = [(f"stage-{s.name}", self._run, (s,)) for s in (*STAGES, *AFTER)]
        self._threads = [threading.Thread(target=run, args=args, name=name, daemon=True) for name, run, args in jobs]
        upkeep = (("checkpoints", keep_checkpoints), ("terms", keep_terms))
        self._threads += [threading.Thread(target=run, args=(self._ctx,), name=name, daemon=True) for name, run in upkeep]
        for thread in self._threads:
            thread.start()

    def stop(self, wait: float = 30.0) -> None:
        """Let every stage finish its step, then end; what was not finished is taken up at the next start."""
        self._ctx.stopping.set()
        for thread in self._threads:
            thread.join(wait)
        self._lock.give_back()

    @property
    def alive(self) -> bool:
        """Whether every thread still runs."""
        return bool(self._threads) and all(t.is_alive() for t in self._threads)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, reason: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _run(self, stage: Stage) -> None:
        while not self._ctx.stopping.is_set():
            try:
                if not step(stage, self._ctx):
                    self._ctx.stopping.wait(IDLE_SECONDS)
            except TryAgain as again:
                self._ctx.stopping.wait(again.wait)
            except Unavailable as reason:
                logger.warning("stage %s waits: %s", stage.name, reason.detail)
                self._ctx.stopping.wait(1.0)
            except Exception:  # a stage must never die quietly and leave its queue standing
                logger.exception("stage %s", stage.name)
                self._ctx.stopping.wait(1.0)


def step(stage: Stage, ctx: Context) -> bool:
    """Settle the next event of ``stage``, if there is one; whether there was."""
    with ctx.db.read() as conn:
        waiting = log.read(conn, log.cursor(conn, stage.name), type=stage.consumes, limit=1)
    for position, event in waiting:
        handle(stage, event, ctx, also=lambda conn, p=position: log.advance(conn, stage.name, p))  # type: ignore[misc]
    return bool(waiting)
