"""Progress of work under way."""

from __future__ import annotations

from pathlib import Path

from streams import submissions
from streams.watch import Watch
from tests.streams.doubles import make_context
from tests.streams.flow import look, submit


def test_progress_is_written_while_in_flight_and_an_outcome_is_not_written_over(tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    (id,) = submit(ctx, "a calm sea")
    Watch(ctx, id, ()).progress(0.5, "half")
    (half,) = look(ctx, [id])
    assert (half.progress, half.words) == (0.5, "half")
    with ctx.db.write() as conn:
        submissions.end(conn, id, "refused", ctx.clock(), clause="X")
    watch = Watch(ctx, id, ())
    assert watch.should_stop()
    watch.progress(0.7, "drawing")
    (ended,) = look(ctx, [id])
    assert (ended.progress, ended.words) == (1.0, "refused")
