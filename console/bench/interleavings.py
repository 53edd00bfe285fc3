"""Release against the loss of a permit, in every order, with a crash at every point: no release may need what was lost before.

Beside one loss (a grant revoked, everything taken back, erasure, a pause, an approval ended, a grant or a permit that expires, a
limit that is reached) a submission is carried to its release, once or by two deliveries of the same event, and processes die
before and after their commits and are started again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from classifiers.prompt.bench.figures import Figure, Goal, Section
from consent.cameo_tables import issued_permits
from consent.scope import Limit
from console.bench.consent_world import Time, WorldDrawing, admit, open_world, prepare
from console.bench.exploring import Explorer, Memory, Outcome, Process
from console.bench.losses import ANYONE, CASES, Case, Hours, Somebody
from console.bench.report import Progress
from safety import ledger
from safety.tables import release_permits
from safety.values import digest
from streams import granting, log, submissions
from streams.context import Context
from streams.events import Event
from streams.generate import Draft
from streams.handle import TryAgain, _settle, handle
from streams.pipeline import BY_NAME, STAGES
from streams.stage import Stage
from streams.submissions import Order
from streams.submitting import submit

#: Ledger entries that take a permit away.
LOSSES = ("grant-revoked", "grant-paused", "person-erased", "circle-ended")
#: Looks between two steps of drawing.
LOOKS = 2


class Parked(BaseException):
    """Work was done and is held in memory; the settlement is another transaction, and comes when its turn does."""

    def __init__(self, made: Any) -> None:
        super().__init__("parked")
        self.made = made


@dataclass(frozen=True)
class Looking:
    """Drawing that has come to its next look at the permits."""

    order: Any
    should_stop: Callable[[], bool]


class SlowDrawing(WorldDrawing):
    """Stops before each look, so that others can come between."""

    def draw(self, order: Any, *, should_stop: Callable[[], bool], progress: Any) -> str | None:
        raise Parked(Looking(order, should_stop))

    def finish(self, order: Any) -> str | None:
        """Draw at once."""
        return super().draw(order, should_stop=lambda: False, progress=lambda *_: None)


@dataclass
class Carrier:
    """Carries a submission from the event ``first`` to its end, one transaction at a time, as a runner's stages do.

    Memory: ``("waits", event)``, ``("looks", event, what was begun, looks left)``, ``("holds", event, what was made)``.
    """

    first: Event
    events: dict[str, Event] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.first.id

    @property
    def begin(self) -> Memory:
        return self._waits(self.first)

    def done(self, memory: Memory) -> bool:
        return bool(memory[0] == "ended")

    def mortal(self, memory: Memory) -> bool:
        return bool(memory[0] != "looks")  # it writes nothing: dying there is dying before what follows

    def after_crash(self, memory: Memory) -> Memory:
        return ("waits", memory[1])  # delivered again

    def act(self, ctx: Context, memory: Memory) -> Memory:
        event = self.events[memory[1]]
        stage = next(s for s in STAGES if s.consumes == event.type)
        if memory[0] == "waits":
            return self._take(ctx, stage, event)
        if memory[0] == "looks":
            return self._look(ctx, event, memory[2], memory[3])
        made = self.held[memory[2]]
        follows = _settle(stage, event, ctx, lambda _: None, lambda conn: stage.settle(conn, event, made, ctx))
        return self._next(follows)

    def _take(self, ctx: Context, stage: Stage, event: Event) -> Memory:
        """Count the attempt and do the work; its settlement waits."""

        def work(event: Event, ctx: Context) -> Any:
            raise Parked(stage.work(event, ctx))

        try:
            handle(Stage(stage.name, stage.consumes, work, stage.settle), event, ctx)
        except Parked as parked:
            name = self._hold(parked.made)
            return ("looks", event.id, name, LOOKS) if isinstance(parked.made, Looking) else ("holds", event.id, name)
        except TryAgain:
            return ("waits", event.id)
        with ctx.db.read() as conn:  # settled before: what followed is in the log
            return self._next([e for _, e in log.read(conn, 0, limit=1_000) if e.parent == event.id])

    def _look(self, ctx: Context, event: Event, name: str, left: int) -> Memory:
        looking: Looking = self.held[name]
        if looking.should_stop():
            return ("holds", event.id, self._hold(Draft(None)))
        if left > 1:
            return ("looks", event.id, name, left - 1)
        drawing = ctx.generation
        assert isinstance(drawing, SlowDrawing)
        return ("holds", event.id, self._hold(Draft(drawing.finish(looking.order))))

    def _next(self, follows: Sequence[Event]) -> Memory:
        going_on = [e for e in follows if any(s.consumes == e.type for s in STAGES)]
        return self._waits(going_on[0]) if going_on else ("ended",)

    def _waits(self, event: Event) -> Memory:
        self.events[event.id] = event
        return ("waits", event.id)

    def _hold(self, made: Any) -> str:
        shown = (made.order, LOOKS) if isinstance(made, Looking) else made
        name = digest(repr(shown).encode())
        self.held[name] = made
        return name


def measure(progress: Progress, quick: bool) -> Section:
    """Explore every case: two deliveries of a release beside the loss, and a whole life of a prompt beside it."""
    plans = [(case, until, carriers, crashes) for case in CASES for until, carriers, crashes in _plans(case, quick)]
    total, figures = Outcome(), dict[str, Outcome]()
    for number, (case, until, carriers, crashes) in enumerate(plans):
        progress("interleavings", number, len(plans))
        found = explore(case, until=until, carriers=carriers, crashes=crashes)
        figures.setdefault(case.name, Outcome()).add(found)
        total.add(found)
    progress("interleavings", len(plans), len(plans))
    return Section(
        key="interleavings", title="Release against the loss of a permit",
        says=(
            "Every order of the transactions of a release, or of a prompt's whole life, of a second delivery of the same event "
            "and of the loss of a permit, with processes dying before and after their commits, on SQLite. Histories that come to "
            f"the same state are carried out once: {total.transactions:,} transactions in {total.states:,} states cover "
            f"{total.histories:,} histories."
        ),
        figures=tuple(_figure(name, found) for name, found in [("all", total), *figures.items()]),
    )  # fmt: skip


def explore(case: Case, *, until: str | None = None, carriers: int = 1, crashes: int = 1) -> Outcome:
    """Explore one case in a new world: submissions are carried to the stage ``until`` first, then ``carriers`` deliver each.

    ``crashes`` is how many deaths there are at most in one history.
    """
    with tempfile.TemporaryDirectory(prefix="interleavings-", dir=_memory()) as folder:
        home, clock = Path(folder), Time()
        prepare(f"sqlite:///{home / 'clearance.db'}", page=1024)
        ctx = open_world(home, clock)
        ctx = Context(**{**ctx.__dict__, "generation": SlowDrawing(ctx.blobs)})
        grant = _begin(ctx, clock, case)
        ids = [_submit(ctx, case, number) for number in range(case.orders)]
        firsts = [_carry(ctx, id, until) for id in ids]
        processes: list[Process] = [Carrier(first) for first in firsts for _ in range(carriers)]
        if isinstance(case.loss, float):
            processes.append(Hours(case.loss))
        elif case.loss is not None:
            loss = case.loss
            processes.append(Somebody(lambda ctx: loss(ctx, grant)))
        ends = None if case.hours is None else clock.now + timedelta(hours=case.hours)
        judge = _Judge(ids, case.scope.limit, ends)
        found = Explorer(ctx, clock, tuple(processes), judge, crashes).explore()
        ctx.db.close()
    return found


@dataclass(frozen=True)
class _Judge:
    """Reads a finished history from its database."""

    ids: list[str]
    limit: Limit | None
    ends: datetime | None

    def __call__(self, ctx: Context) -> tuple[str, str | None]:
        with ctx.db.read() as conn:
            told = list(ledger.entries(conn))
            ended = sorted(submissions.get(conn, id).status for id in self.ids)
            permits = conn.execute(sa.select(release_permits)).all()
            issued = {row.id: row for row in conn.execute(sa.select(issued_permits))}
        out = [e for e in told if e.kind == "release"]
        lost = [e.position for e in told if e.kind in LOSSES]
        wrong = {
            "a release needed a permit that was lost before it": any(e.position > p for e in out for p in lost),
            "a release came after its grant had expired": any(
                self.ends is not None and datetime.fromisoformat(e.at) >= self.ends for e in out
            ),
            "a limit was passed": self.limit is not None and len(out) > self.limit.count,
            "a submission was released twice": len({e.subject for e in out}) < len(out),
            "a clip has no permit of its own": {e.body["clip"] for e in out} != {row.clip for row in permits},
            "a permit was not spent on its clip": not all(_spent(row, issued) for row in permits),
            "a permit was spent too late": any(r.spent_at and r.spent_at >= r.expires_at for r in issued.values()),
            "a permit is left over": any(r.spent_at is None and r.voided_at is None for r in issued.values()),
            "a submission has not ended": "in-flight" in ended,
        }
        return " and ".join(ended), next((what for what, holds in wrong.items() if holds), None)


def _memory() -> str | None:
    """A folder in memory, where there is one: the disk has no part in this, and putting copies back is most of the work."""
    return next((place for place in ("/dev/shm",) if os.access(place, os.W_OK)), None)  # noqa: S108 - a new folder within


def _spent(row: Any, issued: dict[str, Any]) -> bool:
    mine = issued.get(row.permit)
    return mine is not None and mine.spent_at is not None and mine.clip == row.clip


def _plans(case: Case, quick: bool) -> list[tuple[str | None, int, int]]:
    """Up to which stage, how many deliveries, how many deaths."""
    if case.orders > 1:  # whether the second is let on at all is part of the race
        return [(None, 1, 0 if quick else 1)]
    if quick:
        return [("release", 2, 0), (None, 1, 0)]
    return [("release", 2, 2), ("seal", 2, 1), (None, 1, 1)]


def _begin(ctx: Context, clock: Time, case: Case) -> str:
    for handle_ in ("ana", "ben", "kim"):
        admit(ctx, handle_)
    granting.grant(ctx, "ben", "kim", ANYONE)
    granting.approve(ctx, "ana", "kim")
    granting.approve(ctx, "kim", "ana")
    granting.approve(ctx, "ana", "ben", "co-star")
    ends = None if case.hours is None else clock.now + timedelta(hours=case.hours)
    return granting.grant(ctx, "ana", case.to, case.scope, ends).id


def _submit(ctx: Context, case: Case, number: int) -> str:
    prompt = f"{' '.join('@' + name for name in case.named)} walking {number}"
    return submit(ctx, Order(prompt=prompt, requester="kim", language="en", key=str(number))).id


def _carry(ctx: Context, id: str, until: str | None) -> Event:
    """Carry a submission to the stage ``until``, from the first by default; the event that it waits with."""
    with ctx.db.read() as conn:
        (event,) = [e for _, e in log.read(conn, 0, limit=1_000) if e.submission == id]
    carrier = Carrier(event)
    memory = carrier.begin
    while until is not None and not (memory[0] == "waits" and BY_NAME[until].consumes == carrier.events[memory[1]].type):
        memory = carrier.act(ctx, memory)
    return carrier.events[memory[1]]


def _figure(name: str, found: Outcome) -> Figure:
    ended = ", ".join(f"{number:,} {end}" for end, number in sorted(found.ends.items()))
    told = f"; for example {' > '.join(found.example)}" if found.example else ""
    return Figure(
        name=f"histories in which something was released that must not be: {name}", on=f"{found.transactions:,} transactions",
        number=found.histories, threshold="-", false_positives=None, value=float(found.wrong), unit="",
        goal=Goal(value=0, at_most=True), note=f"{ended}{told}",
    )  # fmt: skip
