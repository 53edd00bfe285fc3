"""Looking after the broker with kafka-python: is it there, its topics, how far behind each stage is.

Every failure is a ``BrokerError`` in one sentence; nothing here waits longer than ``PATIENCE_MS`` for a broker that is away.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from collections.abc import Iterator

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import BrokerResponseError, KafkaError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

from streams.errors import BrokerError
from streams.pipeline import AFTER, STAGES
from streams.topics import PARTITIONS, TYPES, dead_letters, topic

#: Longest wait for a broker that does not answer, milliseconds: a person waits for this.
PATIENCE_MS = 8_000
#: Longest wait for one address to take a connection, seconds.
CONNECT_SECONDS = 3.0
#: Loggers that report each failed attempt of an outage, some forty a second; we say it once, as a sentence.
NOISY = ("kafka", "aiokafka", "mode.timers")


def ping(bootstrap: str, wait_ms: int = PATIENCE_MS) -> bool:
    """Whether a broker answers."""
    try:
        with _client(bootstrap, wait_ms) as client:
            return bool(client.describe_cluster()["brokers"])
    except BrokerError:
        return False


def create_topics(bootstrap: str, prefix: str = "clearance") -> tuple[str, ...]:
    """Create the topics that are missing, wait until they can be used, and return the names of those created.

    Replication is the cluster's default. Raises ``BrokerError``.
    """
    wanted = [*(topic(type, prefix) for type in TYPES), dead_letters(prefix)]
    with _client(bootstrap) as client:
        missing = sorted(set(wanted) - set(client.list_topics()))
        if missing:
            with contextlib.suppress(TopicAlreadyExistsError):  # another worker starts at the same time
                client.create_topics({name: {"num_partitions": PARTITIONS} for name in missing})
            client.wait_for_topics(wanted)
    return tuple(missing)


def delete_topics(bootstrap: str, prefix: str) -> None:
    """Remove every topic of ours with this prefix; the database still has what was on them. Raises ``BrokerError``."""
    with _client(bootstrap) as client:
        there = set(client.list_topics())
        ours = [name for name in (*(topic(type, prefix) for type in TYPES), dead_letters(prefix)) if name in there]
        if ours:
            client.delete_topics(ours)


def lag(bootstrap: str, prefix: str = "clearance", group: str = "clearance") -> dict[str, int]:
    """Events that each stage has not settled yet, counted at the broker. Raises ``BrokerError``."""
    with _client(bootstrap) as client:
        return _lag(client, prefix, group)


def _lag(client: KafkaAdminClient, prefix: str, group: str) -> dict[str, int]:
    there = {row["name"]: len(row["partitions"]) for row in client.describe_topics()}
    stages = {stage.name: topic(stage.consumes, prefix) for stage in (*STAGES, *AFTER)}
    places = [TopicPartition(name, i) for name in stages.values() for i in range(there.get(name, 0))]
    if not places:
        return dict.fromkeys(stages, 0)
    # committed first: what arrives in between makes the lag larger, never negative
    committed = _committed(client, group)
    first = client.list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))
    last = client.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
    behind = {
        place: last[place].offset - max(committed[place].offset if place in committed else 0, first[place].offset)
        for place in places
    }
    return {stage: sum(n for place, n in behind.items() if place.topic == name) for stage, name in stages.items()}


def _committed(client: KafkaAdminClient, group: str) -> dict[TopicPartition, OffsetAndMetadata]:
    """Offsets the group has committed. A new cluster needs a moment after the first question to make room for groups."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while True:
        try:
            found: dict[TopicPartition, OffsetAndMetadata] = client.list_group_offsets({group: None}).get(group, {})
            return found
        except KafkaError as reason:
            if not reason.retriable or time.monotonic() > until:
                raise
            time.sleep(0.1)


def reach(bootstrap: str) -> None:
    """Raise ``BrokerError`` when nobody listens at any of the addresses ``host:port``.

    Asked before a kafka-python client is made: one that finds no broker leaves its thread and sockets behind.
    """
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    reasons = []
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS).close()
            return
        except (OSError, ValueError, OverflowError) as reason:
            reasons.append(getattr(reason, "strerror", None) or "not an address like host:9092")
    raise _away(bootstrap, reasons[0])


def _away(bootstrap: str, why: str) -> BrokerError:
    return BrokerError(f"No Kafka broker answers at {bootstrap} ({why}); start it or correct the address, nothing was lost.")


@contextlib.contextmanager
def plain_errors(bootstrap: str) -> Iterator[None]:
    """What kafka-python raises becomes one sentence."""
    try:
        yield
    except KafkaError as reason:
        if isinstance(reason, BrokerResponseError) and not reason.retriable:
            raise BrokerError(
                f"The Kafka broker at {bootstrap} refused ({type(reason).__name__}); its operator must allow it."
            ) from reason
        raise _away(bootstrap, type(reason).__name__) from reason


@contextlib.contextmanager
def _client(bootstrap: str, wait_ms: int = PATIENCE_MS) -> Iterator[KafkaAdminClient]:
    """A client for a few questions."""
    reach(bootstrap)
    with plain_errors(bootstrap):
        client = KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=wait_ms, request_timeout_ms=wait_ms)
        try:
            yield client
        finally:
            client.close()
