"""The relay: publishes the log to Kafka, in order, after the fact (an outbox).

The database is the record and the broker only carries it. So the relay's cursor moves after the broker has acknowledged, never
before: a crash in between publishes again, which changes nothing. What a broker loses (a topic deleted, a disk gone, an
offset committed too far) is found by comparison and published again. It must never write anything but its cursors.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator

from kafka import KafkaProducer
from kafka.errors import KafkaError

from safety.errors import Unavailable
from streams import admin, log
from streams.context import Context
from streams.errors import BrokerError
from streams.events import Event
from streams.leader import Leader
from streams.log import DeadLetter
from streams.lost import LostAndFound
from streams.topics import dead_letters, topic

#: Readers of the log under which the relay keeps its cursors.
EVENTS, LETTERS = "relay", "relay-letters"
#: Events published before their acknowledgements are awaited; an event is about 0.5 kB.
BATCH = 500
#: How long an idle relay sleeps before it looks again, seconds.
IDLE_SECONDS = 0.05
#: Longest wait for a batch's acknowledgements, seconds; then it is given up, and published again later.
ACK_SECONDS = 10.0
#: How often the log is compared with what the stages settled, seconds.
COMPARE_SECONDS = 15.0

logger = logging.getLogger(__name__)


class Relay:
    """Publishes for one database. Several may run: the one that leads works, and another takes over when it ends.

    ``group`` is the consumer group of the stages, needed to find what the broker lost.
    """

    def __init__(self, ctx: Context, bootstrap: str, prefix: str = "clearance", group: str = "clearance") -> None:
        self._ctx, self._bootstrap, self._prefix = ctx, bootstrap, prefix
        self._lost = LostAndFound(ctx, bootstrap, prefix, group)
        self._compared = 0.0
        self._said = ""

    def run(self) -> None:
        """Publish until the context is stopping; a broker or database that is away is waited for."""
        stopping = self._ctx.stopping
        leader = Leader(self._ctx)
        try:
            while not stopping.is_set():
                try:
                    if not leader.take():
                        stopping.wait(1.0)
                        continue
                    admin.create_topics(self._bootstrap, self._prefix)
                    with connect(self._bootstrap) as producer:
                        self._lead(producer, leader)
                except (BrokerError, Unavailable) as reason:
                    self._say_once(reason.detail)
                    stopping.wait(1.0)
                except Exception:  # it must never die quietly and leave the log unpublished
                    logger.exception("the relay")
                    stopping.wait(1.0)
        finally:
            leader.give_back()

    def _lead(self, producer: KafkaProducer, leader: Leader) -> None:
        while not self._ctx.stopping.is_set() and leader.take():
            published = self.publish(producer)
            if time.monotonic() - self._compared > COMPARE_SECONDS:
                published += self.publish_lost(producer)
                self._compared = time.monotonic()
            if not published:
                self._ctx.stopping.wait(IDLE_SECONDS)

    def _say_once(self, detail: str) -> None:
        """Log why the relay waits when the reason is a new one, not every second of an outage."""
        if detail != self._said:
            logger.warning("the relay waits: %s", detail)
        self._said = detail

    def publish(self, producer: KafkaProducer) -> int:
        """Publish the next batch of events and of dead letters, and move the cursors; how many there were."""
        with self._ctx.db.read() as conn:
            events = log.read(conn, log.cursor(conn, EVENTS), limit=BATCH)
            letters = log.read_dead_letters(conn, log.cursor(conn, LETTERS), limit=BATCH)
        if not events and not letters:
            return 0
        self._send(producer, [event for _, event in events], letters)
        self._said = ""
        with self._ctx.db.write() as conn:
            if events:
                log.advance(conn, EVENTS, events[-1][0])
            if letters:
                log.advance(conn, LETTERS, letters[-1].position)
        return len(events) + len(letters)

    def publish_lost(self, producer: KafkaProducer) -> int:
        """Publish again what the broker lost; how many events there were."""
        with self._ctx.db.read() as conn:
            published = log.cursor(conn, EVENTS)
        lost = self._lost.find(published)
        if lost:
            logger.warning("%d events are settled by nobody and not at the broker; they are published again", len(lost))
            self._send(producer, lost, [])
        return len(lost)

    def _send(self, producer: KafkaProducer, events: list[Event], letters: list[DeadLetter]) -> None:
        """Hand over and wait until the broker has everything. Raises ``BrokerError``."""
        try:
            sent = [
                producer.send(topic(event.type, self._prefix), event.encode(), event.submission.encode(), event.headers())
                for event in events
            ]
            sent += [
                producer.send(dead_letters(self._prefix), letter.body, letter.id.encode(), _letter_headers(letter))
                for letter in letters
            ]
            producer.flush(timeout=2 * ACK_SECONDS)  # returns when each was acknowledged or given up
            for future in sent:
                future.get(timeout=0)
        except KafkaError as reason:
            raise BrokerError(
                f"The broker at {self._bootstrap} did not take {len(events)} events ({type(reason).__name__}); "
                "they wait in the database."
            ) from reason


@contextlib.contextmanager
def connect(bootstrap: str) -> Iterator[KafkaProducer]:
    """A producer that waits for every replica in sync and keeps order when it retries. Raises ``BrokerError``."""
    wait = int(ACK_SECONDS * 1000)
    admin.reach(bootstrap)
    with admin.plain_errors(bootstrap):
        producer = KafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5, max_block_ms=wait,
            bootstrap_timeout_ms=wait, request_timeout_ms=wait // 2, delivery_timeout_ms=wait, allow_auto_create_topics=False,
        )  # fmt: skip
    try:
        yield producer
    finally:
        with contextlib.suppress(KafkaError):  # what it could not deliver is still in the database
            producer.close(timeout=2.0)


def _letter_headers(letter: DeadLetter) -> list[tuple[str, bytes]]:
    pairs = {"stage": letter.stage, "reason": letter.reason, "at": letter.at.isoformat()}
    return [(key, value.encode()) for key, value in pairs.items()]
