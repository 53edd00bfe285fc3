"""Errors as RFC 9457 problem documents for programs, and as a page for people; the one place where either is made.

No traceback, no path of this machine and no input is ever in one.
"""

from __future__ import annotations

import errno
import logging
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import JsonValue
from starlette.exceptions import HTTPException

from console.errors import DiskFull
from console.plain import plain, to_json
from safety.errors import BadInput, ClearanceError
from safety.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)
#: Prefix of a problem's ``type``; what follows is the error's stable code.
URN = "urn:clearance:problem:"
MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: (
        "bad-request",
        "The request cannot be read",
        "The body of the request cannot be read; send what the API's page describes.",
    ),
    404: ("not-found", "Not found", "There is nothing at this address."),
    405: ("method-not-allowed", "Not this way", "This address does not answer that method; see the Allow header."),
    413: ("too-large", "The input is too large", "The request is larger than this address takes."),
}


class Problem(Value):
    """What every error answers (RFC 9457). ``detail`` is one sentence that says whose move it is."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: tuple[dict[str, JsonValue], ...] | None = None
    cause: str | None = None
    withdrawn_at: str | None = None
    withdrawal: str | None = None


def problem(request: Request, error: ClearanceError) -> Response:
    """The answer for an error of ours: a document, or a page where a person looks."""
    body: dict[str, object] = {
        "type": URN + error.code, "title": error.title, "status": error.status, "detail": error.detail,
        "instance": request.url.path,
    }  # fmt: skip
    body |= {k: plain(v) for k, v in error.extra.items() if k not in body}
    return _answer(request, error.status, body)


def install(app: FastAPI) -> None:
    """Register the handlers, so that nothing leaves in another shape."""
    handlers: dict[type[Exception], Callable[[Request, Exception], Response]] = {
        ClearanceError: _ours,
        RequestValidationError: _invalid,
        HTTPException: _http,
        OSError: _system,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ClearanceError)
    return problem(request, error)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [{"at": "/".join(str(p) for p in e["loc"]), "message": str(e["msg"])} for e in error.errors()]
    where = found[0]["at"].removeprefix("body/") if found else "body"
    says = found[0]["message"].rstrip(".") if found else "it cannot be read"
    return problem(request, BadInput(f"The request cannot be used: {where}: {says}.", errors=found))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, ClearanceError):  # raised while the body was read, and wrapped on the way
        return problem(request, error.__cause__)
    code, title, detail = _TITLES.get(
        error.status_code, ("http", "The request cannot be answered", "The request cannot be answered.")
    )
    body: dict[str, object] = {
        "type": URN + code, "title": title, "status": error.status_code, "detail": detail, "instance": request.url.path,
    }  # fmt: skip
    answer = _answer(request, error.status_code, body)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


def _system(request: Request, error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return problem(request, DiskFull("The disk is full; its operator must free space. Nothing that was finished is lost."))
    return _unexpected(request, error)


def _unexpected(request: Request, error: Exception) -> Response:
    logger.error("%s %s", request.method, request.url.path, exc_info=error)
    return problem(request, ClearanceError("Something went wrong on our side; it was logged. Nothing that was finished is lost."))


def _answer(request: Request, status: int, body: dict[str, object]) -> Response:
    headers = {"Cache-Control": "no-store"}
    if wants_page(request):
        from console.pages.paper import error_page

        return error_page(request, status, body, headers)
    return Response(to_json(body), status, headers, media_type=MEDIA_TYPE)


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks for a page: never under /v1, where programs and players are answered."""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")
