"""The Kafka side by itself: what the relay publishes, what agents do with what is delivered twice, late, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from kafka import KafkaConsumer

from safety.errors import Conflict
from streams import admin, log, relay
from streams.context import Context
from streams.errors import BrokerError
from streams.events import Event, first
from streams.kafka import KafkaRunner
from streams.local import LocalRunner
from streams.relay import Relay, connect
from streams.tables import cursors
from streams.topics import TYPES, dead_letters, topic
from tests.streams.doubles import make_context
from tests.streams.flow import assert_one_outcome_each, look, submit, until, wait_for

pytestmark = pytest.mark.kafka


@pytest.fixture(autouse=True)
def _short_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """As short as Kafka allows, so that a killed worker's share is given away soon."""
    monkeypatch.setattr("streams.worker.SESSION_SECONDS", 6.0)


@contextmanager
def running(ctx: Context, bootstrap: str, prefix: str) -> Iterator[KafkaRunner]:
    with KafkaRunner(ctx, bootstrap, prefix=prefix, group=prefix) as runner:
        yield runner
        assert runner.alive


def messages(bootstrap: str, *topics: str, at_least: int) -> list[tuple[bytes, bytes, dict[str, bytes]]]:
    """Key, value and headers of what lies on topics; waits until there are ``at_least`` that many."""
    consumer = KafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    found: list[tuple[bytes, bytes, dict[str, bytes]]] = []
    end = time.monotonic() + 20
    try:
        while len(found) < at_least and time.monotonic() < end:
            for batch in consumer.poll(timeout_ms=200).values():
                found += [(m.key, m.value, dict(m.headers)) for m in batch]
    finally:
        consumer.close()
    assert len(found) >= at_least
    return found


def publish(bootstrap: str, name: str, *values: bytes, key: bytes = b"x") -> None:
    with connect(bootstrap) as producer:
        for value in values:
            producer.send(name, value, key)
        producer.flush(10)


def test_the_relay_publishes_in_order_with_cloud_event_headers(tmp_path: Path, bootstrap: str, prefix: str) -> None:
    ctx = make_context(tmp_path)
    ids = submit(ctx, *(f"a calm sea {i}" for i in range(40)))
    admin.create_topics(bootstrap, prefix)
    carrier = Relay(ctx, bootstrap, prefix)
    with connect(bootstrap) as producer:
        assert carrier.publish(producer) == 40
        assert carrier.publish(producer) == 0
    found = messages(bootstrap, topic("submitted", prefix), at_least=40)
    assert sorted(key.decode() for key, _, _ in found) == sorted(ids)
    for key, value, headers in found:
        event = Event.decode(value)
        assert event == first(key.decode(), event.at)
        assert headers["ce_id"].decode() == event.id
        assert headers["ce_type"] == b"clearance.submitted"
        assert headers["ce_subject"] == key


def test_events_of_one_submission_arrive_in_the_order_they_were_logged(tmp_path: Path, bootstrap: str, prefix: str) -> None:
    ctx = make_context(tmp_path)
    events = [Event(id=f"{i}", type="ended", submission="one", at=ctx.clock()) for i in range(1200)]
    with ctx.db.write() as conn:
        log.append(conn, events)
    admin.create_topics(bootstrap, prefix)
    carrier = Relay(ctx, bootstrap, prefix)
    with connect(bootstrap) as producer:
        while carrier.publish(producer):
            pass
    found = messages(bootstrap, topic("ended", prefix), at_least=1200)
    assert [Event.decode(value).id for _, value, _ in found] == [str(i) for i in range(1200)]


def test_a_relay_that_dies_before_its_cursor_moves_publishes_again_and_nothing_is_done_twice(
    tmp_path: Path, bootstrap: str, prefix: str
) -> None:
    ctx = make_context(tmp_path)
    ids = submit(ctx, *(f"a calm sea {i}" for i in range(10)))
    admin.create_topics(bootstrap, prefix)
    with connect(bootstrap) as producer:
        Relay(ctx, bootstrap, prefix).publish(producer)
        with ctx.db.write() as conn:
            conn.execute(sa.delete(cursors).where(cursors.c.reader == relay.EVENTS))
        assert Relay(ctx, bootstrap, prefix).publish(producer) == 10
    with running(ctx, bootstrap, prefix):
        assert {s.status for s in until(ctx, ids)} == {"released"}
        wait_for(lambda: not any(admin.lag(bootstrap, prefix, prefix).values()))
    assert_one_outcome_each(ctx, ids)
    assert len(messages(bootstrap, topic("submitted", prefix), at_least=20)) == 20
    assert set(ctx.generation.drawn.values()) == {1}


def test_a_batch_that_the_broker_did_not_take_moves_no_cursor(tmp_path: Path, bootstrap: str, prefix: str) -> None:
    ctx = make_context(tmp_path)
    submit(ctx, "a calm sea")
    admin.create_topics(bootstrap, prefix)
    with connect(bootstrap) as producer:
        producer.close()
        with pytest.raises(BrokerError, match="did not take 1 events"):
            Relay(ctx, bootstrap, prefix).publish(producer)
    assert _waiting(ctx) == 1


def test_a_relay_follows_another_that_ended(tmp_path: Path, bootstrap: str, prefix: str) -> None:
    one, two = make_context(tmp_path), make_context(tmp_path)
    first_runner = KafkaRunner(one, bootstrap, prefix=prefix, group=prefix)
    first_runner.start()
    with running(two, bootstrap, prefix):
        until(two, submit(two, "a calm sea"))
        first_runner.stop()
        ids = submit(two, *(f"a calm sea {i}" for i in range(5)))
        assert {s.status for s in until(two, ids)} == {"released"}


def test_bytes_that_are_no_event_become_dead_letters_and_hold_nobody_up(tmp_path: Path, bootstrap: str, prefix: str) -> None:
    ctx = make_context(tmp_path)
    admin.create_topics(bootstrap, prefix)
    stranger = Event(id="e", type="submitted", submission="nobody", at=ctx.clock()).encode()
    wrong = Event(id="e", type="ended", submission="nobody", at=ctx.clock()).encode()
    publish(bootstrap, topic("submitted", prefix), b"\xff\x00 not json", b"{}", b"", wrong, stranger)
    with running(ctx, bootstrap, prefix):
        ids = submit(ctx, "a calm sea")
        assert until(ctx, ids)[0].status == "released"
        letters = messages(bootstrap, dead_letters(prefix), at_least=5)
    assert {value for _, value, _ in letters} == {b"\xff\x00 not json", b"{}", b"", wrong, stranger}
    assert all(headers["stage"] == b"screen" and headers["reason"] for _, _, headers in letters)


def test_what_the_broker_lost_is_found_and_published_again(
    tmp_path: Path, bootstrap: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "COMPARE_SECONDS", 0.5)
    ctx = make_context(tmp_path)
    ids = submit(ctx, *(f"a calm sea {i}" for i in range(5)))
    admin.create_topics(bootstrap, prefix)
    with connect(bootstrap) as producer:
        Relay(ctx, bootstrap, prefix).publish(producer)
    admin.delete_topics(bootstrap, prefix)
    wait_for(lambda: len(admin.create_topics(bootstrap, prefix)) > 0)
    with running(ctx, bootstrap, prefix):
        assert {s.status for s in until(ctx, ids)} == {"released"}
    assert_one_outcome_each(ctx, ids)


def test_what_is_being_worked_on_is_not_mistaken_for_lost(
    tmp_path: Path, bootstrap: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "COMPARE_SECONDS", 0.2)
    ctx = make_context(tmp_path, steps=20, pause=0.05)
    with running(ctx, bootstrap, prefix):
        ids = submit(ctx, *(f"a calm sea {i}" for i in range(4)))
        until(ctx, ids)
        wait_for(lambda: _waiting(ctx) == 0)
    published = messages(bootstrap, *(topic(type, prefix) for type in TYPES), at_least=4 * 6)
    assert set(Counter(headers["ce_id"] for _, _, headers in published).values()) == {1}


def test_a_stopped_runner_acknowledged_what_it_settled_and_the_next_one_goes_on(
    tmp_path: Path, bootstrap: str, prefix: str
) -> None:
    ctx = make_context(tmp_path, pause=0.05)
    ids = submit(ctx, *(f"a calm sea {i}" for i in range(12)))
    with running(ctx, bootstrap, prefix):
        until(ctx, ids[:1])
    drawn = ctx.generation.drawn
    before = admin.lag(bootstrap, prefix, prefix)
    with ctx.db.read() as conn:
        unsettled = {s: len(log.unsettled(conn, s, t, until=log.cursor(conn, relay.EVENTS))) for s, t in _CONSUMES.items()}
    assert before == unsettled  # at the broker lies what is not settled, and nothing else
    again = make_context(tmp_path)
    with running(again, bootstrap, prefix):
        assert {s.status for s in until(again, ids)} == {"released"}
    assert_one_outcome_each(again, ids)
    assert set((drawn + again.generation.drawn).values()) == {1}


_CONSUMES = {
    "screen": "submitted", "generate": "screened", "inspect": "drafted", "seal": "inspected", "release": "sealed",
    "tidy": "ended", "sweep": "withdrawn",
}  # fmt: skip


def test_drawing_longer_than_the_session_keeps_the_worker_in_its_group(tmp_path: Path, bootstrap: str, prefix: str) -> None:
    ctx = make_context(tmp_path, steps=75, pause=0.1)
    with running(ctx, bootstrap, prefix):
        ids = submit(ctx, "a calm sea")
        assert until(ctx, ids)[0].status == "released"
    assert ctx.generation.drawn.total() == 1


def test_a_worker_that_is_killed_loses_nothing_and_nothing_is_done_twice(tmp_path: Path, bootstrap: str, prefix: str) -> None:
    ctx = make_context(tmp_path)
    ids = submit(ctx, *(f"a calm sea {i}" for i in range(15)), "a massacre", "a borderline scene")
    command = [sys.executable, "-m", "tests.streams.run_worker", str(tmp_path), bootstrap, prefix]
    worker = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    wait_for(lambda: _ended(ctx, ids) >= 4)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert any(s.status == "in-flight" for s in look(ctx, ids))
    with running(ctx, bootstrap, prefix):
        found = until(ctx, ids)
    assert Counter(s.status for s in found) == {"released": 15, "refused": 1, "held": 1}
    assert_one_outcome_each(ctx, [s.id for s in found if s.status != "held"])


def _waiting(ctx: Context) -> int:
    """Events in the log that the relay has not published."""
    with ctx.db.read() as conn:
        return log.lag(conn, relay.EVENTS)


def _ended(ctx: Context, ids: list[str]) -> int:
    return sum(s.status != "in-flight" for s in look(ctx, ids))


@pytest.mark.kafka
def test_a_home_has_a_local_runner_or_kafka_workers_but_never_both(tmp_path: Path, bootstrap: str, prefix: str) -> None:
    with KafkaRunner(make_context(tmp_path), bootstrap, prefix, prefix):
        with KafkaRunner(make_context(tmp_path), bootstrap, prefix, prefix):
            pass
        with pytest.raises(Conflict, match="Another process already runs"):
            LocalRunner(make_context(tmp_path)).start()
    with LocalRunner(make_context(tmp_path)), pytest.raises(Conflict, match="stop it before using Kafka"):
        KafkaRunner(make_context(tmp_path), bootstrap, prefix, prefix).start()
