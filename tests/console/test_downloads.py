"""A download under way ends when its clip is withdrawn: over real sockets, because that is where a file arrives or does not."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from console.app import create_app
from console.serve import bind
from safety import releases
from safety.releases import Release
from safety.values import derive
from streams.context import Context
from streams.withdrawal import withdraw

SIZE = 12_000_000
CLIP = "c" * 24


@pytest.fixture
def port(ctx: Context) -> Iterator[int]:
    """A server that answers for one released clip of twelve megabytes."""
    owner = derive("somebody", "submission")
    with ctx.blobs.draft_file() as path:
        path.write_bytes(bytes(range(256)) * (SIZE // 256) + b"\0" * (SIZE % 256))
        sealed = ctx.blobs.put(owner, path)
    with ctx.db.write() as conn:
        made = Release(
            clip=CLIP, submission=owner, requester="kim", parent=None, draft="sha256:0", sealed=sealed, prompt_verdict="p",
            clip_verdict="c", policy="h", released_at=ctx.clock(),
        )  # fmt: skip
        releases.insert(conn, made, ())
    listening = bind("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(ctx, None), log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield int(listening.getsockname()[1])
    server.should_exit = True
    thread.join(10)


def take(ctx: Context) -> None:
    with ctx.db.write() as conn:
        withdraw(conn, ctx, [CLIP], cause="moderation", subject=CLIP, reason="x", at=ctx.clock())


def ask(port: int, headers: dict[str, str] | None = None) -> tuple[http.client.HTTPConnection, Any]:
    """An answer whose body is still to be read; the window is small, so that the server has to wait for us."""
    talk = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    talk.sock = socket.socket()
    talk.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
    talk.sock.settimeout(20)
    talk.sock.connect(("127.0.0.1", port))
    talk.request("GET", f"/v1/clips/{CLIP}/media", headers=headers or {})
    return talk, talk.getresponse()


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=1000-"}, {"Range": "bytes=0-5999999,6500000-11999999"}])
def test_a_download_under_way_is_cut_and_never_looks_whole(ctx: Context, port: int, headers: dict[str, str]) -> None:
    talk, answer = ask(port, headers)
    promised = int(answer.headers["Content-Length"])
    got = len(answer.read(500_000))
    take(ctx)
    with contextlib.suppress(http.client.IncompleteRead, ConnectionError):
        while piece := answer.read(100_000):
            got += len(piece)
    assert got < promised, "the file arrived whole although its clip was withdrawn"
    talk.close()
    talk, answer = ask(port, headers)
    assert answer.status == 410
    talk.close()


def test_a_download_that_nobody_cuts_arrives_whole_and_in_any_part(ctx: Context, port: int) -> None:
    talk, answer = ask(port)
    whole = answer.read()
    assert len(whole) == SIZE
    talk.close()
    for asked, wanted in (("bytes=5000000-5000009", whole[5_000_000:5_000_010]), ("bytes=-7", whole[-7:])):
        talk, answer = ask(port, {"Range": asked})
        assert (answer.status, answer.read()) == (206, wanted)
        talk.close()


def test_a_server_that_loses_the_database_stops_sending(ctx: Context, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from safety.errors import Unavailable

    talk, answer = ask(port)
    answer.read(100_000)

    @contextlib.contextmanager
    def away() -> Iterator[None]:
        raise Unavailable("The database is away.")
        yield

    monkeypatch.setattr(ctx.db, "read", away)
    got = 100_000
    with contextlib.suppress(http.client.IncompleteRead, ConnectionError):
        while piece := answer.read(100_000):
            got += len(piece)
    assert got < SIZE
    talk.close()
