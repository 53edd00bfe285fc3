"""One Faust worker: an agent for each stage that takes an event, has it settled in a thread, and acknowledges it.

It must never acknowledge what is not settled, never block its loop (that is what keeps it in its group), and never publish.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import faust

from safety.errors import Unavailable
from streams import log
from streams.context import Context
from streams.errors import BadEvent
from streams.events import Event
from streams.handle import TryAgain, handle
from streams.pipeline import AFTER, STAGES
from streams.stage import Stage
from streams.topics import topic

#: How often the worker looks whether it should end, seconds.
LOOK_SECONDS = 0.05
#: Longest wait for steps under way at the end, seconds; what is not finished is delivered again.
DRAIN_SECONDS = 25.0
#: Silence after which the broker gives a worker's events to another, seconds. Kafka's least is 6; a machine that is busy
#: loading models can be silent for a few.
SESSION_SECONDS = 10.0
#: How often what was acknowledged is committed, seconds: what a killed worker settled since is delivered twice.
COMMIT_SECONDS = 0.2
#: The loop asks for more events while a step runs, but a long queue may keep it from asking: a day.
POLL_SECONDS = 86_400.0

logger = logging.getLogger(__name__)


class Worker:
    """One life of a worker; ``serve`` returns when the context is stopping, or when Faust gave up."""

    def __init__(self, ctx: Context, bootstrap: str, prefix: str, group: str) -> None:
        self._ctx, self._prefix = ctx, prefix
        self._app = _build_app(ctx, bootstrap, group)
        self._pool = ThreadPoolExecutor(len(STAGES) + len(AFTER), thread_name_prefix="stage")
        self._steps: set[asyncio.Future[bool]] = set()
        self._over = threading.Event()
        for stage in (*STAGES, *AFTER):
            self._attach(stage)

    async def serve(self) -> None:
        """Carry events until the end; then let steps under way finish, and commit."""
        try:
            await self._app.start()
            while not self._ctx.stopping.is_set() and not self._app.should_stop:
                await asyncio.sleep(LOOK_SECONDS)
            self._over.set()
            if self._steps:
                await asyncio.wait(self._steps, timeout=DRAIN_SECONDS)
                await asyncio.sleep(LOOK_SECONDS)  # their agents acknowledge them
        finally:
            self._over.set()
            await self._app.stop()
            self._pool.shutdown(wait=False)
        if self._app.crashed:
            logger.warning("the Kafka worker gave up: %r", self._app.crash_reason)

    def _attach(self, stage: Stage) -> None:
        """Give the app an agent that consumes for ``stage``, one event at a time and in order."""
        channel = self._app.topic(
            topic(stage.consumes, self._prefix), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )

        async def agent(stream: Any) -> None:
            async for message in stream.noack().events():
                if not await self._step(stage, message.value):
                    await asyncio.Event().wait()  # ending: nothing after it may be acknowledged; Faust cancels this
                message.ack()

        self._app.agent(channel, name=f"{self._prefix}.{stage.name}")(agent)

    async def _step(self, stage: Stage, raw: bytes | None) -> bool:
        """Whether the message was settled; in a thread of its own."""
        if self._over.is_set():
            return False
        step = asyncio.get_running_loop().run_in_executor(self._pool, self._settle, stage, raw or b"")
        self._steps.add(step)
        step.add_done_callback(self._steps.discard)
        return await asyncio.shield(step)

    def _settle(self, stage: Stage, raw: bytes) -> bool:
        """Settle one message, however often it takes: the order is kept, and nothing is skipped. False when ending."""
        while not self._over.is_set():
            wait = 1.0
            try:
                try:
                    handle(stage, _read(stage, raw), self._ctx)
                except BadEvent as reason:
                    with self._ctx.db.write() as conn:
                        log.set_aside(conn, stage.name, raw, reason.detail, self._ctx.clock())
                return True
            except TryAgain as again:
                wait = again.wait
            except Unavailable as reason:
                logger.warning("stage %s waits: %s", stage.name, reason.detail)
            except Exception:  # a stage must never die quietly and leave its queue standing
                logger.exception("stage %s", stage.name)
            self._over.wait(wait)
        return False


def _read(stage: Stage, raw: bytes) -> Event:
    """The event in a message. Raises ``BadEvent`` when it is none, or one that is not this stage's."""
    event = Event.decode(raw)
    if event.type != stage.consumes:
        raise BadEvent(f"An event of type {event.type} lay on the topic of {stage.consumes}; it was set aside.")
    return event


def _build_app(ctx: Context, bootstrap: str, group: str) -> faust.App:
    """A Faust app without its web server, tables, leader topic or topic creation: we use its agents alone."""
    folder = ctx.settings.home / "faust"  # Faust makes the last folder of its path, not the ones above
    folder.mkdir(parents=True, exist_ok=True)
    return faust.App(
        group,
        broker=[f"kafka://{address.strip()}" for address in bootstrap.split(",")],
        datadir=str(folder),
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        reply_create_topic=False,
        processing_guarantee="at_least_once",
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=SESSION_SECONDS / 5,
        broker_commit_interval=COMMIT_SECONDS,
        broker_max_poll_interval=POLL_SECONDS,
        stream_wait_empty=False,
    )
