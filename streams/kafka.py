"""The Kafka runner: the same stages as Faust agents, for when one machine is too small.

Agents only consume. What follows from an event is written to the log by its settlement, and the relay publishes it
(``relay.py``), so nothing can be published without being settled, or settled without being published. An event is
acknowledged after its settlement (at least once); settling twice changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from types import TracebackType
from typing import Self

from safety.errors import Conflict
from streams import admin
from streams.context import Context
from streams.lock import RunnerLock
from streams.relay import Relay
from streams.upkeep import keep_checkpoints, keep_terms
from streams.worker import Worker

#: Wait before a worker that gave up is built anew, seconds.
REBUILD_SECONDS = 1.0

logger = logging.getLogger(__name__)


class KafkaRunner:
    """Runs every stage, and the relay, until stopped; use as a context manager. Several may run, on one machine or many.

    ``bootstrap``: addresses ``host:port`` with commas between. ``prefix`` begins every topic's name. Workers of one ``group``
    share the work.
    """

    def __init__(self, ctx: Context, bootstrap: str, prefix: str = "clearance", group: str = "clearance") -> None:
        self._ctx, self._bootstrap, self._prefix, self._group = ctx, bootstrap, prefix, group
        self._lock = RunnerLock(ctx.settings.home)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin. Raises ``BrokerError`` within ten seconds without a broker, ``Conflict`` when a local runner has this home."""
        admin.create_topics(self._bootstrap, self._prefix)
        if not self._lock.take(shared=True):
            raise Conflict(f"The local runner already runs {self._ctx.settings.home}; stop it before using Kafka.")
        relay = Relay(self._ctx, self._bootstrap, self._prefix, self._group)
        jobs = {"worker": self._work, "relay": relay.run, "checkpoints": lambda: keep_checkpoints(self._ctx)}
        jobs["terms"] = lambda: keep_terms(self._ctx)
        self._threads = [threading.Thread(target=run, name=f"kafka-{name}", daemon=True) for name, run in jobs.items()]
        for thread in self._threads:
            thread.start()

    def stop(self, wait: float = 30.0) -> None:
        """Let every stage finish its step and acknowledge it, then end; what was not finished is delivered again."""
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

    def _work(self) -> None:
        """One worker's life after another: Faust ends as a whole when something in it fails, and a new one takes over."""
        while not self._ctx.stopping.is_set():
            try:
                asyncio.run(self._serve())
            except Exception:
                logger.exception("the Kafka worker ended; a new one takes over")
            self._ctx.stopping.wait(REBUILD_SECONDS)

    async def _serve(self) -> None:
        """Built inside the loop it lives in, as Faust wants."""
        await Worker(self._ctx, self._bootstrap, self._prefix, self._group).serve()
