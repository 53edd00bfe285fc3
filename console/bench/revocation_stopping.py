"""How many steps a drawing still takes after a revocation has returned: the embedded generator, the real watch, the real tables.

While a clip of the person is drawn, their grant is revoked by another thread at a step chosen at random. Counted are the steps
that begin after the revocation has returned.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

from classifiers.prompt.bench.figures import Figure, Goal
from console.bench.consent_world import Time, admit, open_world, prepare
from generator.registry import get
from streams import granting, revocation
from streams.context import Context
from streams.generation import Drawing
from streams.people import read_picture
from streams.pipeline import BY_NAME
from streams.stage import Stage
from streams.submissions import Order
from streams.submitting import submit

#: A face that the generator puts into its clips.
FACE = Path(__file__).parents[1] / "demo" / "astronaut.jpg"
#: Seconds of the clips that are drawn, and their size.
SECONDS, WIDTH, HEIGHT = 4.0, 320, 320
STEPS = int(SECONDS * 24 / 6)


class _Counted:
    """A drawing that counts its steps; at step ``at`` it lets the revoker go on, without waiting for them."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self.at, self.begun, self.after = 0, 0, 0
        self.reached, self.returned = threading.Event(), threading.Event()

    def order(self, *args: object) -> object:
        return self._drawing.order(*args)  # type: ignore[arg-type]

    def draw(self, order: object, *, should_stop: Callable[[], bool], progress: Callable[[float, str], None]) -> str | None:
        def asked() -> bool:
            self.begun += 1
            if self.begun == self.at:
                self.reached.set()
            was_over = self.returned.is_set()
            stop = should_stop()
            self.after += was_over and not stop
            return stop

        return self._drawing.draw(order, should_stop=asked, progress=progress)  # type: ignore[arg-type]


def measure_stopping(home: Path, runs: int, url: str = "") -> tuple[Figure, ...]:
    """Draw and revoke ``runs`` times."""
    prepare(url or f"sqlite:///{home}/clearance.db")
    ctx, rng = open_world(home, Time(), url), random.Random(11)  # noqa: S311  (the same steps every time)
    admit(ctx, "ana")
    face = read_picture(FACE)
    more, waits, drawn = [], [], 0
    for number in range(runs):
        counted = _Counted(Drawing(get(), ctx.blobs, lambda conn, person: ("ana", face)))
        counted.at = rng.randrange(2, STEPS)
        ours = Context(**{**ctx.__dict__, "generation": counted})
        waited = _one(ours, counted, f"kim_{number}")
        more.append(counted.after)
        waits.append(waited)
        drawn += counted.begun > STEPS
    ctx.db.close()
    where = f"clips of {SECONDS:.0f} s, {STEPS} steps, {ctx.db.engine.dialect.name}, {os.cpu_count()} cores"

    def figure(name: str, value: float, unit: str = "", goal: Goal | None = None) -> Figure:
        return Figure(
            name=name, on=where, number=runs, threshold="-", false_positives=None, value=value, unit=unit, goal=goal
        )  # fmt: skip

    return (
        figure("steps begun after the revocation returned, most", float(max(more)), goal=Goal(value=1.0, at_most=True)),
        figure("drawings that were finished all the same", float(drawn), goal=Goal(value=0.0, at_most=True)),
        figure("from the revocation's return to the end of the drawing, longest", 1000 * max(waits), "ms"),
    )


def _one(ctx: Context, counted: _Counted, holder: str) -> float:
    """Draw one clip and revoke meanwhile; seconds from the return of the revocation to the end of the drawing."""
    given = granting.grant(ctx, "ana", holder)
    submit(ctx, Order(prompt="@ana walks on a beach", requester=holder, width=WIDTH, height=HEIGHT, seconds=SECONDS))
    returned: list[float] = []

    def revoke() -> None:
        if counted.reached.wait(60):
            revocation.revoke(ctx, "ana", given.id)
            returned.append(time.perf_counter())
            counted.returned.set()

    other = threading.Thread(target=revoke)
    other.start()
    for stage in ("screen", "generate"):
        _step(BY_NAME[stage], ctx)
    ended = time.perf_counter()
    other.join()
    return max(0.0, ended - returned[0])


def _step(stage: Stage, ctx: Context) -> None:
    from streams.local import step

    if not step(stage, ctx):
        raise AssertionError(f"there was nothing for {stage.name}")
