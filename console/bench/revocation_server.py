"""A server process of its own over one home, for measuring: ``python -m console.bench.revocation_server HOME [DATABASE]``.

It prints the port it listens on, and serves until its standard input ends. The real application over the real tables; nothing
that needs a model is ever asked.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path


def main(home: Path, url: str) -> None:
    """Serve until nobody holds the other end of the standard input."""
    import uvicorn

    from console.app import create_app
    from console.bench.consent_world import Time, open_world
    from console.serve import bind

    ctx = open_world(home, Time(), url)
    listening = bind("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(ctx, None), log_level="critical", access_log=False, lifespan="off"))

    def until_left() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=until_left, daemon=True).start()
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
