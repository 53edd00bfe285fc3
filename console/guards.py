"""What every request passes before anything reads it: who may speak through a visitor's browser, how much may be sent, and the
headers that every answer carries.

Plain ASGI, so that uploads and clips stream through it. It knows no route but the limit of each.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.errors import ForeignOrigin
from console.problems import problem
from safety.errors import BadInput, ClearanceError, TooLarge

#: Largest body of an address that takes no files, bytes; a prompt of 20,000 characters with room.
MAX_BODY = 1_500_000
#: Largest body of an address that takes files, bytes: a minute of good video.
MAX_UPLOAD = 300_000_000
#: Names a browser on this machine reaches us by. Any other means that somebody's name server points at us (DNS rebinding).
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "testserver"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: Nothing but our own files; no inline script or style, no frame.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}


class Guards:
    """``any_host`` is for a server behind a proxy that signs people in and answers to another name."""

    def __init__(self, app: ASGIApp, any_host: bool = False) -> None:
        self.app, self._any_host = app, any_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        sender = _with_headers(send)
        try:
            self._check(request)
        except ClearanceError as reason:
            await problem(request, reason)(scope, receive, sender)
            return
        await self.app(scope, _limited(receive, limit_of(request)), sender)

    def _check(self, request: Request) -> None:
        headers = request.headers
        host = _name(headers.get("host", ""))
        if not self._any_host and host not in LOCAL_NAMES:
            raise ForeignOrigin("This server answers on this machine only, under localhost or 127.0.0.1.")
        if request.method not in SAFE_METHODS:
            check_origin(headers)
        length = headers.get("content-length", "")
        if length and not (length.isascii() and length.isdigit()):
            raise BadInput("The Content-Length of the request is not a number.")
        if length and int(length) > limit_of(request):
            raise _too_large(limit_of(request))


def check_origin(headers: Headers) -> None:
    """Refuse a change that another site asks for through a visitor's browser. Programs send neither header and may pass."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    refused = ForeignOrigin("This request came from another site; open the page here and send it again.")
    if site is not None and site not in ("same-origin", "none"):
        raise refused
    if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        raise refused


def limit_of(request: Request) -> int:
    """Most bytes this request's body may have: files come as multipart, everything else is small."""
    return MAX_UPLOAD if request.headers.get("content-type", "").startswith("multipart/form-data") else MAX_BODY


def _limited(receive: Receive, most: int) -> Receive:
    """``receive`` that raises ``TooLarge`` once more than ``most`` bytes came, whatever was announced."""
    seen = 0

    async def inner() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise _too_large(most)
        return message

    return inner


def _with_headers(send: Send) -> Send:
    async def inner(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return inner


def _too_large(most: int) -> TooLarge:
    size = f"{most // 1_000_000} MB" if most >= 2_000_000 else f"{most:,} bytes"
    return TooLarge(f"The request is larger than {size}, the most this address takes.")


def _name(host: str) -> str:
    """The host without its port; brackets of an IPv6 address are taken off."""
    if host.startswith("["):
        return host[1:].split("]", 1)[0].lower()
    return host.rsplit(":", 1)[0].lower() if host.count(":") == 1 else host.lower()
