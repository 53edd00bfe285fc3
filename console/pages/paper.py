"""What pages are printed on: templates, the reader's language, and the page that says what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import RedirectResponse

from consent.scope import AUDIENCES
from console import words, words_claims, words_consent, words_doors, words_receipts
from console.plain import printable
from safety import cases
from safety.errors import ClearanceError

TEMPLATES = Path(__file__).parent.parent / "templates"
CATALOGUE = words.WORDS | words_doors.WORDS | words_consent.WORDS | words_receipts.WORDS | words_claims.WORDS
#: How long a browser remembers the language and the name it acts under, seconds: a year.
REMEMBER = 31_536_000


@lru_cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    env.filters["when"] = when
    env.filters["short"] = lambda text, most=80: printable(text, most)
    env.globals["who"] = who
    return env


def who(holder: str, t: Callable[[str], str]) -> str:
    """Whom a grant lets in, in words; ``t`` says a key in the reader's language."""
    return t(f"own.who.{holder}") if holder in AUDIENCES else f"@{holder}"


def say(key: str, language: str, **values: object) -> str:
    """The words of ``key`` with ``values`` put in. A key that does not exist is a defect and raises ``KeyError``."""
    text = CATALOGUE[key][words.LANGUAGES.index(language)]
    return text.format(**values) if values else text


def when(at: datetime | str) -> str:
    """A time for people, in UTC."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def language_of(request: Request) -> str:
    """``?lang=``, else what was chosen before, else what the browser prefers, else English."""
    for choice in (request.query_params.get("lang"), request.cookies.get("lang")):
        if choice in words.LANGUAGES:
            return str(choice)
    for part in request.headers.get("accept-language", "").split(","):
        if (short := part.split(";")[0].strip().lower()[:2]) in words.LANGUAGES:
            return short
    return "en"


def acting_name(request: Request) -> str:
    """The name this browser acted under last, as a convenience; it proves nothing."""
    return request.cookies.get("name", "")


def page(request: Request, template: str, code: int = 200, headers: dict[str, str] | None = None, **values: Any) -> Response:
    """Render ``template`` in the reader's language."""
    language = language_of(request)
    html = _environment().get_template(template).render(
        t=lambda key, **more: say(key, language, **more), lang=language, other="fr" if language == "en" else "en",
        path=request.url.path, name=acting_name(request), open_cases=_open_cases(request), **values,
    )  # fmt: skip
    answer = HTMLResponse(html, code, headers)
    if request.query_params.get("lang") in words.LANGUAGES:
        answer.set_cookie("lang", language, max_age=REMEMBER, samesite="strict", httponly=True)
    return answer


def go(to: str, name: str = "") -> Response:
    """Send the browser on after a form, and remember the name it acted under."""
    answer = RedirectResponse(to, 303)
    if name.isascii() and name:
        answer.set_cookie("name", name[:64], max_age=REMEMBER, samesite="strict", httponly=True)
    return answer


def error_page(request: Request, status: int, body: dict[str, object], headers: dict[str, str]) -> Response:
    """The page for an error: the same sentence that the problem document carries."""
    return page(request, "error.html", status, headers, problem=body)


def _open_cases(request: Request) -> int:
    try:
        with request.app.state.ctx.db.read() as conn:
            return len(cases.listing(conn, status="open", limit=1000))
    except (ClearanceError, AttributeError):  # the page that says the database is away must not need the database
        return 0
