"""The web server's application: pages for people and the API for programs, over one open system.

It starts nothing and opens nothing: whoever makes it passes the context and, if this process runs the stages, the runner.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from console import problems
from console.api import (
    cases,
    checks,
    claims,
    clips,
    consent,
    credentials,
    enrolment,
    health,
    ledger,
    people,
    reservations,
    submissions,
)
from console.guards import Guards
from console.pages import routers as pages
from streams.context import Context

STATIC = Path(__file__).parent / "static"
DESCRIPTION = """
Every prompt and every clip passes its gates, or a person decides, or nothing is shown.

**Errors** are RFC 9457 problem documents (`application/problem+json`); `detail` is one sentence that says whose move it is.

**Who acts** is taken at its word (`requester`, `moderator`): there are no accounts yet. The server therefore listens on
loopback only, unless it is told that a proxy in front of it signs people in.

**Media** are read from the release row at every request: a withdrawn clip answers 410 with the reason, and nothing is cached.
"""
TAGS = [
    {"name": "submissions", "description": "Send a prompt in, see where it stands."},
    {"name": "clips", "description": "What was released, its media, and why it was withdrawn."},
    {"name": "cases", "description": "What waits for a person, and their decision."},
    {"name": "people", "description": "Who is known, who may use their likeness, and taking it back."},
    {"name": "claims", "description": "Claims of people who have no account, and deciding them."},
    {"name": "reservations", "description": "Works and characters whose holders said no."},
    {"name": "checks", "description": "Single checks that release nothing."},
    {"name": "ledger", "description": "Checkpoints and proofs for outsiders."},
    {"name": "operation", "description": "Health and metrics."},
]


def create_app(ctx: Context, runner: Any = None, *, any_host: bool = False) -> FastAPI:
    """The application over ``ctx``. ``any_host`` answers under names other than this machine's (behind a proxy that signs in)."""
    app = FastAPI(
        title="Clearance", version="1", summary="Trust and safety for generated video.", description=DESCRIPTION,
        openapi_tags=TAGS, openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    app.state.ctx, app.state.runner, app.state.any_host = ctx, runner, any_host
    app.state.registry = health.new_registry(ctx, runner)
    parts = (
        submissions, clips, cases, people, consent, credentials, enrolment, claims, reservations, checks, ledger, health,
    )  # fmt: skip
    for part in parts:
        app.include_router(part.router)
    for router in pages():
        app.include_router(router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app)
    app.add_middleware(Guards, any_host=any_host)
    return app
