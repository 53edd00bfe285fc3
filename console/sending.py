"""Sending a file for as long as it may be shown: a download that is under way ends when its clip is withdrawn.

The row is read again while the file goes out. What was handed to the network before cannot be called back; what comes after is
never sent, and the transfer is visibly cut short. It must never turn a file that was cut into one that looks whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import anyio.to_thread
from fastapi.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

#: A file goes on without asking for this long, seconds, and for this many bytes.
ASK_SECONDS, ASK_BYTES = 0.25, 1_000_000


class Cut(Exception):
    """The file may not be shown any more."""


class WatchedFile(FileResponse):
    """A file response, ranges included, that asks ``may_go_on`` again and again. Set ``may_go_on`` before it is sent."""

    may_go_on: Callable[[], bool]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file. A cut transfer ends without its last message: the server then closes the connection."""
        # a server that would send the whole file by itself cannot be stopped
        extensions = {name: what for name, what in scope.get("extensions", {}).items() if name != "http.response.pathsend"}
        background, self.background = self.background, None
        try:
            await super().__call__({**scope, "extensions": extensions}, receive, _Asking(send, self.may_go_on))
        except* Cut:
            pass
        finally:
            if background is not None:
                await background()


class _Asking:
    """Hands messages on, and asks before a piece of the body when it is time."""

    def __init__(self, send: Send, may_go_on: Callable[[], bool]) -> None:
        self._send, self._may_go_on = send, may_go_on
        self._asked, self._sent = time.monotonic(), 0

    async def __call__(self, message: Message) -> None:
        size = len(message.get("body", b""))
        if size:
            if self._sent + size > ASK_BYTES or time.monotonic() - self._asked >= ASK_SECONDS:
                if not await anyio.to_thread.run_sync(self._may_go_on):
                    raise Cut
                self._asked, self._sent = time.monotonic(), 0
            self._sent += size
        await self._send(message)
