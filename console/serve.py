"""``clearance up``: the runner and the web server in one process, until somebody stops it.

It refuses to listen where others could reach it, because there are no accounts: a proxy that signs people in makes that safe.
"""

from __future__ import annotations

import ipaddress
import logging
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from console.errors import NotLoopback, PortTaken
from console.plain import to_json
from console.shell import Shell, hint, say
from safety.settings import Settings

if TYPE_CHECKING:
    from streams.context import Context

#: Bytes of an answer that wait in the machine for a slow reader. What waits there cannot be called back when a clip is withdrawn;
#: at a delay of 100 ms it still lets 2.5 MB a second through, and Linux keeps twice as much.
SEND_BUFFER = 262_144


def serve(shell: Shell, overrides: Mapping[str, object], *, embedded_kafka: bool, web: bool, behind_login_proxy: bool) -> None:
    """Open the system with ``overrides``, run the stages and the pages, and return once stopped."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGTERM, _end)
    settings = shell.with_options(**overrides)
    check_host(settings.host, behind_login_proxy)
    listening = bind(settings.host, settings.port) if web else None
    with shell.context(settings) as ctx, _running(ctx, embedded_kafka) as runner:
        if listening is None:
            _announce(shell, settings, None)
            _wait_for_signal()
        else:
            _announce(shell, settings, address(listening))
            _serve_pages(ctx, runner, listening, behind_login_proxy)
        hint("Stopping: the present steps are finished first.")


def check_host(host: str, behind_login_proxy: bool) -> None:
    """Raise ``NotLoopback`` for an address that others can reach, unless the operator said what stands in front of it."""
    if not behind_login_proxy and not is_loopback(host):
        raise NotLoopback(
            f"{host} can be reached by others and there are no accounts yet; listen on 127.0.0.1, "
            "or put a proxy that signs people in before it and say --behind-login-proxy."
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ``PortTaken`` with the reason."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)  # its connections take it over
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as reason:
        listening.close()
        why = (reason.strerror or type(reason).__name__).lower()
        raise PortTaken(
            f"{host} port {port} cannot be used ({why}); choose another with --port, or 0 for a free one."
        ) from reason
    return listening


def address(listening: socket.socket) -> str:
    """Where the pages are."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


@contextmanager
def _running(ctx: Context, embedded_kafka: bool) -> Iterator[object]:
    from streams.embedded_kafka import EmbeddedKafka
    from streams.system import make_runner

    if embedded_kafka:
        with EmbeddedKafka(ctx.settings.home / "kafka", hint) as node, make_runner(ctx, node.bootstrap) as runner:
            yield runner
    else:
        with make_runner(ctx) as runner:
            yield runner


def _serve_pages(ctx: Context, runner: object, listening: socket.socket, any_host: bool) -> None:
    import uvicorn

    from console.app import create_app

    app = create_app(ctx, runner, any_host=any_host)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=5)
    with suppress(KeyboardInterrupt), listening:  # uvicorn raises the signal again after it stopped in good order
        uvicorn.Server(config).run(sockets=[listening])


def _wait_for_signal() -> None:
    """Sleep until Ctrl-C or a polite request to end."""
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


def _end(*_: object) -> None:
    """A polite request to end is the same as Ctrl-C: the runner must stop in good order."""
    raise KeyboardInterrupt


def _announce(shell: Shell, settings: Settings, where: str | None) -> None:
    if shell.json:
        say(to_json({"pages": where, "home": str(settings.home.absolute()), "broker": settings.broker}))
        sys.stdout.flush()
        return
    say(f"Clearance runs on {settings.home.absolute()} with the {settings.broker} broker. Ctrl-C stops it.")
    if where:
        say(f"Pages  {where}/\nAPI    {where}/v1/openapi.json")
    sys.stdout.flush()
