"""The pages and the API, served from a thread beside the demonstration."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from console.app import create_app
from console.errors import PortTaken
from console.serve import address, bind, check_host
from streams.context import Context

#: Longest wait for the server to answer, seconds.
PATIENCE = 20.0


@contextmanager
def serving(ctx: Context, runner: object) -> Iterator[str]:
    """Serve until left; yields the address. A port that is taken is replaced by a free one."""
    check_host(ctx.settings.host, False)
    try:
        listening = bind(ctx.settings.host, ctx.settings.port)
    except PortTaken:
        listening = bind(ctx.settings.host, 0)
    config = uvicorn.Config(create_app(ctx, runner), log_level="warning", access_log=False, server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="pages", daemon=True)
    thread.start()
    end = time.monotonic() + PATIENCE
    while not server.started and thread.is_alive() and time.monotonic() < end:
        time.sleep(0.02)
    try:
        yield address(listening)
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
