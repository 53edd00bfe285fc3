"""How long servers still send a clip after its revocation has returned: real server processes, real sockets, one home.

On each server a client asks for the clip over and over, as fast as it is answered, from before the revocation until every server
refuses. For some revocations each server is also sending the file to a slow reader. Times are of this process's clock; an answer
counts when it has arrived here, so what the network and the clients cost is in it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from classifiers.prompt.bench.figures import Figure, Goal
from consent import grants
from console.bench.consent_world import Time, admit, open_world, prepare
from safety import releases
from safety.permit import Permit
from safety.releases import Release
from safety.values import derive
from streams import revocation
from streams.context import Context

#: Server processes; bytes of a clip; bytes of one that is downloaded slowly, and how fast, bytes a second.
SERVERS, SMALL, LARGE, PACE = 3, 20_000, 24_000_000, 4_000_000
#: Every so many revocations a slow download is under way on each server.
SLOW_EVERY = 10
#: Longest wait for the servers to refuse, seconds.
PATIENCE = 30.0


@dataclass
class _Asking:
    """A client of one server. ``clip`` is asked for until it is refused; then ``last`` is when it was last sent whole."""

    port: int
    clip: str = ""
    sent: int = 0
    last: float = 0.0
    refused: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        talk = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        while not self.over.is_set():
            clip = self.clip
            if not clip or self.refused.is_set():
                time.sleep(0.001)
                continue
            talk.request("GET", f"/v1/clips/{clip}/media")
            answer = talk.getresponse()
            try:
                answer.read()
            except (http.client.IncompleteRead, ConnectionError):  # cut on its way: the next question is refused
                talk.close()
                continue
            if clip != self.clip:
                continue
            if answer.status == 200:
                self.sent, self.last = self.sent + 1, time.perf_counter()
            else:
                self.refused.set()
        talk.close()


def measure_serving(home: Path, revocations: int, url: str = "") -> tuple[Figure, ...]:
    """Revoke as often as asked, each time one grant with one clip."""
    prepare(url or f"sqlite:///{home}/clearance.db")
    ctx = open_world(home, Time(), url)
    admit(ctx, "ana")
    names = [plant(ctx, number, LARGE if number % SLOW_EVERY == 0 else SMALL) for number in range(revocations)]
    after: list[float] = []
    bytes_after: list[float] = []
    whole = 0
    with _servers(home, url) as ports:
        askers = [_Asking(port) for port in ports]
        threads = [threading.Thread(target=asker.run, daemon=True) for asker in askers]
        for thread in threads:
            thread.start()
        for number, (clip, grant) in enumerate(names):
            slow = [_Slow(port, clip) for port in ports] if number % SLOW_EVERY == 0 else []
            for one in slow:
                one.start()
            _begin(askers, clip, at_least=1 if slow else 3)
            revocation.revoke(ctx, "ana", grant)
            returned = time.perf_counter()
            for asker in askers:
                if not asker.refused.wait(PATIENCE):
                    raise AssertionError("a server did not refuse a withdrawn clip")
            after.append(max(max(0.0, asker.last - returned) for asker in askers))
            for one in slow:
                one.join()
                bytes_after.append(max(0.0, one.last - returned))
                whole += one.got >= LARGE
        for asker in askers:
            asker.over.set()
        for thread in threads:
            thread.join()
    where = f"{SERVERS} server processes, {ctx.db.engine.dialect.name}, {os.cpu_count()} cores"
    ctx.db.close()
    rate = f"{LARGE // 1_000_000} MB at {PACE / 1e6:.0f} MB/s, {where}"
    return (
        *_quantiles("last answer with the clip after the revocation returned", where, after, Goal(value=1000.0, at_most=True)),
        *_quantiles("last byte of a download under way after it returned", rate, bytes_after, None),
        Figure(
            name="downloads under way that arrived whole", on=rate, number=len(bytes_after), threshold="-", false_positives=None,
            value=float(whole), unit="", goal=Goal(value=0.0, at_most=True),
        ),
    )  # fmt: skip


def plant(ctx: Context, number: int, size: int) -> tuple[str, str]:
    """A grant of @ana and one released clip of ``size`` bytes that rests on it; their ids."""
    holder, at = f"maker_{number}", ctx.clock()
    submission, clip = derive(holder, "submission"), derive(holder, "clip").replace("-", "")[:24]
    with ctx.blobs.draft_file() as path:
        path.write_bytes(os.urandom(size))
        sealed = ctx.blobs.put(submission, path)
    with ctx.db.write() as conn:
        given = grants.grant(conn, "ana", holder, ctx.parts.vault, ctx.clock)
        permit = Permit(
            id=derive(given.id, f"permit/{holder}/{submission}"), kind="cameo", subject=given.person, holder=holder,
            grant=given.id, request=submission, issued_at=at,
        )  # fmt: skip
        made = Release(
            clip=clip, submission=submission, requester=holder, parent=None, draft="sha256:" + clip, sealed=sealed,
            prompt_verdict="p", clip_verdict="c", policy="h", released_at=at,
        )  # fmt: skip
        releases.insert(conn, made, (permit,))
    return clip, given.id


def _begin(askers: list[_Asking], clip: str, at_least: int) -> None:
    """Let every client ask for ``clip``, and wait until each has had it a few times."""
    for asker in askers:
        asker.sent, asker.last = 0, 0.0
        asker.clip = clip
        asker.refused.clear()
    until = time.monotonic() + PATIENCE
    while any(asker.sent < at_least for asker in askers):
        if time.monotonic() > until or any(asker.refused.is_set() for asker in askers):
            raise AssertionError("a server does not serve a clip that may be shown")
        time.sleep(0.001)


class _Slow(threading.Thread):
    """Reads one clip slowly, until it has it or is cut off."""

    def __init__(self, port: int, clip: str) -> None:
        super().__init__(daemon=True)
        self.got, self.last = 0, 0.0
        self._talk = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._talk.sock = socket.socket()
        self._talk.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self._talk.sock.settimeout(PATIENCE)
        self._talk.sock.connect(("127.0.0.1", port))
        self._talk.request("GET", f"/v1/clips/{clip}/media")
        self._answer = self._talk.getresponse()

    def run(self) -> None:
        begun = time.perf_counter()
        with contextlib.suppress(http.client.IncompleteRead, ConnectionError):
            while piece := self._answer.read1(65_536):
                self.got, self.last = self.got + len(piece), time.perf_counter()
                time.sleep(max(0.0, begun + self.got / PACE - time.perf_counter()))
        self._talk.close()


@contextlib.contextmanager
def _servers(home: Path, url: str) -> Iterator[list[int]]:
    """Ports of server processes that end with this block."""
    command = [sys.executable, "-m", "console.bench.revocation_server", str(home), url]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(SERVERS)]
    try:
        yield [int(one.stdout.readline()) for one in running if one.stdout is not None]
    finally:
        for one in running:
            if one.stdin is not None:
                one.stdin.close()
            one.wait(PATIENCE)


def _quantiles(name: str, where: str, seconds: list[float], goal: Goal | None) -> Iterator[Figure]:
    """p50, p99 and the longest, milliseconds."""
    measured = np.sort(np.array(seconds)) * 1000
    for called, share in (("p50", 0.5), ("p99", 0.99), ("longest", 1.0)):
        value = float(np.quantile(measured, share, method="higher")) if len(measured) else None
        yield Figure(
            name=f"{name}, {called}", on=where, number=len(measured), threshold="-", false_positives=None, value=value, unit="ms",
            goal=goal if called == "p99" else None,
        )  # fmt: skip
