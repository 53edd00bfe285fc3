"""/v1/health for whoever restarts us, /v1/metrics for whoever watches us (Prometheus)."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from console.api.common import Ctx, problems
from safety import cases
from safety.errors import Unavailable
from safety.values import Value
from streams import figures, submissions
from streams.context import Context

router = APIRouter(prefix="/v1", tags=["operation"])


class Health(Value):
    """All is well. `runner` is `here` (alive in this process) or `elsewhere` (this process only serves)."""

    status: str
    runner: str
    submissions: dict[str, int]
    waiting: dict[str, int]


@router.get("/health", summary="Is it well?", responses=problems())
def health(ctx: Ctx, request: Request) -> Health:
    """200 when the database answers, the runner is alive and every attempt is accounted for; else 503 with the sentence."""
    runner: Any = request.app.state.runner
    if runner is not None and not runner.alive:
        raise Unavailable("The runner has stopped, so nothing moves; its operator must start it again. Nothing was lost.")
    with ctx.db.read() as conn:
        counts, waiting = submissions.count(conn), figures.waiting(conn)
    if sum(counts[s] for s in submissions.STATUSES) != counts["attempts"]:
        raise Unavailable("The submissions do not add up to the attempts in the ledger; its operator must look.")
    return Health(status="ok", runner="elsewhere" if runner is None else "here", submissions=counts, waiting=waiting)


@router.get("/metrics", summary="Prometheus metrics", response_class=Response, responses=problems())
def metrics(request: Request) -> Response:
    """Submissions by status, events waiting by stage, verdicts by gate, outcome and clause, open cases, dead letters."""
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)


def new_registry(ctx: Context, runner: Any) -> CollectorRegistry:
    """A registry of this system's own, so that two in one process do not meet."""
    registry = CollectorRegistry()
    registry.register(Figures(ctx, runner))
    return registry


class Figures(Collector):
    """Reads the database at each scrape; verdicts are counted from where the last scrape stopped."""

    def __init__(self, ctx: Context, runner: Any) -> None:
        self._ctx, self._runner = ctx, runner
        self._verdicts: dict[tuple[str, str, str], int] = {}
        self._position = 0
        self._lock = Lock()

    def describe(self) -> Iterator[Metric]:
        """Nothing is read at registration."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Every figure from one snapshot."""
        with self._lock, self._ctx.db.read() as conn:
            counts, waiting = submissions.count(conn), figures.waiting(conn)
            self._position, new = figures.verdicts_after(conn, self._position)
            for key, number in new.items():
                self._verdicts[key] = self._verdicts.get(key, 0) + number
            verdicts = dict(self._verdicts)
            dead, open_cases = figures.dead_letters(conn), len(cases.listing(conn, status="open", limit=100_000))
        by_status = GaugeMetricFamily("clearance_submissions", "Submissions by status.", labels=["status"])
        for status in submissions.STATUSES:
            by_status.add_metric([status], counts[status])
        yield by_status
        yield GaugeMetricFamily("clearance_attempts", "Submissions the ledger saw begin.", value=counts["attempts"])
        lag = GaugeMetricFamily("clearance_stage_lag", "Events waiting for a stage.", labels=["stage"])
        for stage, number in waiting.items():
            lag.add_metric([stage], number)
        yield lag
        said = CounterMetricFamily("clearance_verdicts", "Verdicts.", labels=["gate", "outcome", "clause"])
        for (gate, outcome, clause), number in sorted(verdicts.items()):
            said.add_metric([gate, outcome, clause], number)
        yield said
        yield GaugeMetricFamily("clearance_open_cases", "Cases that wait for a person.", value=open_cases)
        yield GaugeMetricFamily("clearance_dead_letters", "Events that were set aside.", value=dead)
        alive = self._runner is None or bool(self._runner.alive)
        yield GaugeMetricFamily(
            "clearance_runner_alive", "1 while the runner of this process, if it has one, is alive.", value=alive
        )
