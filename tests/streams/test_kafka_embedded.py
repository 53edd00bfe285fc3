"""The embedded Kafka, topic administration, and a broker that is not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from kafka import KafkaConsumer

from safety.errors import Unavailable
from streams import admin, kafka_jars
from streams.embedded_kafka import EmbeddedKafka, missing
from streams.errors import BrokerError
from streams.kafka import KafkaRunner
from streams.topics import PARTITIONS, TYPES, dead_letters, topic
from tests.streams.doubles import make_context
from tests.streams.flow import wait_for


@pytest.mark.kafka
def test_topics_are_created_once_with_their_partitions(bootstrap: str, prefix: str) -> None:
    wanted = {topic(type, prefix) for type in TYPES} | {dead_letters(prefix)}
    assert set(admin.create_topics(bootstrap, prefix)) == wanted
    assert admin.create_topics(bootstrap, prefix) == ()
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    try:
        assert wanted <= consumer.topics()
        assert consumer.partitions_for_topic(topic("submitted", prefix)) == set(range(PARTITIONS))
    finally:
        consumer.close()
    admin.delete_topics(bootstrap, prefix)


@pytest.mark.kafka
def test_a_stage_that_nobody_runs_has_no_lag_on_topics_that_are_empty_or_missing(bootstrap: str, prefix: str) -> None:
    assert set(admin.lag(bootstrap, prefix, prefix).values()) == {0}
    admin.create_topics(bootstrap, prefix)
    assert set(admin.lag(bootstrap, prefix, prefix).values()) == {0}


def test_a_broker_that_is_not_there_is_one_sentence_within_ten_seconds(tmp_path: Path) -> None:
    runner = KafkaRunner(make_context(tmp_path), "127.0.0.1:9", prefix="nobody")
    with pytest.raises(BrokerError, match=r"^No Kafka broker answers at 127\.0\.0\.1:9 .*nothing was lost\.$"):
        runner.start()
    assert not runner.alive


def test_an_embedded_kafka_without_java_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Unavailable, match="needs Java 17 or newer and there is none here"):
        EmbeddedKafka(tmp_path).start()
    assert "Java" in (missing() or "")


def test_an_embedded_kafka_with_an_old_java_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "java"
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH'].split(':')[0]}")
    monkeypatch.setattr("shutil.which", lambda name: str(old) if name == "java" else None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Unavailable, match="this machine has 11"):
        kafka_jars.find_java()


def test_the_jars_without_maven_are_a_sentence_and_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(Unavailable, match="needs Maven"):
        kafka_jars.bring(tmp_path / "kafka")
    assert list(tmp_path.iterdir()) == []


def test_a_maven_that_fails_is_a_sentence_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] no network'\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(maven))
    with pytest.raises(Unavailable, match=r"could not bring Apache Kafka's jars \(no network\)"):
        kafka_jars.bring(tmp_path / "cache" / "kafka")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.kafka
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_an_embedded_kafka_dies_with_a_parent_that_is_killed(bootstrap: str, tmp_path: Path) -> None:
    if missing():
        pytest.skip("the cluster was named, and an embedded node cannot run here")
    program = (
        "import sys, time, pathlib; from streams.embedded_kafka import EmbeddedKafka;"
        "node = EmbeddedKafka(pathlib.Path(sys.argv[1])); node.start(); print(node.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    node = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    wait_for(lambda: not _runs(node))


def _runs(pid: int) -> bool:
    """Whether the process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
