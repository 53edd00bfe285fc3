"""A real Apache Kafka on this machine: one KRaft node on loopback, from the jars that its makers publish on Maven Central.

For tests, and for whoever wants to see the system on Kafka without running a cluster. It holds nothing that matters: the
database is the record, and a folder that is thrown away is published again from the log. It must never listen anywhere but
on loopback, and never outlive the process that started it.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from platformdirs import user_cache_path

from safety.errors import Unavailable
from streams.admin import ping
from streams.errors import BrokerError
from streams.kafka_jars import VERSION, bring, find_java

#: Longest wait for the node to answer, seconds; 4 to 6 on two cores.
START_SECONDS = 90.0
STOP_SECONDS = 20.0
#: From <sys/prctl.h>.
PR_SET_PDEATHSIG = 1
#: 16 bytes, base64 without padding, as KRaft wants cluster ids; every embedded node is its own cluster, so one name will do.
CLUSTER = "Q2xlYXJhbmNlS2Fma2EwMQ"
HEAP = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
controlled.shutdown.enable=false
"""


class EmbeddedKafka:
    """Starts on entering, stops on leaving. ``bootstrap`` is its address; ``log`` the file it writes to.

    ``folder`` keeps its data and can be used again; a node that is started again has the same address. Raises ``Unavailable``
    when Java 17 or Maven is missing, and ``BrokerError`` when the node does not come up.
    """

    def __init__(self, folder: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self._folder = folder.absolute()
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: tuple[int, int] | None = None
        self.bootstrap = ""
        self.log = self._folder / "kafka.log"

    def start(self) -> None:
        """Bring the jars if need be, format the folder once, start, and wait until the node answers."""
        java = find_java()
        jars = bring(user_cache_path("clearance") / f"kafka-{VERSION}", self._say)
        self._folder.mkdir(parents=True, exist_ok=True)
        broker, controller = self._ports = self._ports or _free_ports()
        properties = self._folder / "server.properties"
        properties.write_text(PROPERTIES.format(broker=broker, controller=controller, data=self._folder / "data"), "utf-8")
        command = [str(java), *HEAP, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars}{os.sep}*"]
        with self.log.open("ab") as log:
            self._format([*command, "kafka.tools.StorageTool"], properties, log)
            self._say(f"Apache Kafka {VERSION} starts on 127.0.0.1:{broker}")
            self._process = subprocess.Popen(
                [*command, "kafka.Kafka", str(properties)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=_die_with_parent(), process_group=0,  # noqa: PLW1509  (prepared before the fork)
            )  # fmt: skip
        atexit.register(self.stop)
        self.bootstrap = f"127.0.0.1:{broker}"
        self._wait()

    def stop(self) -> None:
        """End the node and wait for it; does nothing when it is not running."""
        atexit.unregister(self.stop)
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def pid(self) -> int | None:
        """Process id of the node while it runs."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, reason: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _format(self, tool: list[str], properties: Path, log: IO[bytes]) -> None:
        if (self._folder / "data" / "meta.properties").exists():
            return
        shutil.rmtree(self._folder / "data", ignore_errors=True)  # a formatting that was interrupted
        done = subprocess.run(
            [*tool, "format", "--cluster-id", CLUSTER, "--config", str(properties)], stdout=log, stderr=log, check=False
        )
        if done.returncode:
            raise BrokerError(f"The embedded Kafka could not prepare {self._folder}; its log {self.log} says why.")

    def _wait(self) -> None:

        assert self._process is not None
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            if ping(self.bootstrap):
                return
            time.sleep(0.1)
        self.stop()
        raise BrokerError(f"The embedded Kafka did not come up; its log {self.log} says why.")


def missing() -> str | None:
    """What this machine lacks to run an embedded Kafka, as a sentence; None when nothing is missing."""
    try:
        find_java()
        if not (user_cache_path("clearance") / f"kafka-{VERSION}").is_dir() and shutil.which("mvn") is None:
            return "Maven is not installed; the embedded Kafka's jars come through it."
    except Unavailable as reason:
        return reason.detail
    return None


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


def _die_with_parent() -> Callable[[], None] | None:
    """What the child does before it becomes Java: ask Linux for SIGTERM when the parent dies, however it dies.

    Linux sends it when the *thread* that forked ends, so only the main thread may ask; others rely on ``stop`` and atexit.
    """
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
