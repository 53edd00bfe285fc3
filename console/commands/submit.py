"""``clearance submit``: send a prompt in, and wait for how it ends if asked to."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.errors import StillWorking
from console.plain import printable
from console.shapes import STAGES, read_size
from console.shell import Json, shell_of

if TYPE_CHECKING:
    from streams.context import Context
    from streams.submissions import Submission

#: While waiting for another process's runner, how often to see whether it is still there, seconds.
TAKE_OVER_SECONDS = 2.0


def submit(
    ctx: typer.Context,
    prompt: Annotated[str, typer.Argument(help="What should be seen.")],
    requester: Annotated[str, typer.Option("--as", metavar="USER", help="Who asks.")],
    cameo: Annotated[list[str] | None, typer.Option(help="Handle of an enrolled person to show; may be repeated.")] = None,
    remix: Annotated[str | None, typer.Option(metavar="CLIP", help="Id of a released clip to start from.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same clip.")] = 0,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Size in pixels, for example 640x360.", show_default=False)
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Length, 3 to 10 seconds.", show_default=False)] = None,
    language: Annotated[str | None, typer.Option(help="Language of the prompt, for example fr.")] = None,
    key: Annotated[str | None, typer.Option(help="Idempotency key: sending the same key again makes nothing new.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for how it ends; runs the pipeline here when nothing else does.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Longest wait, seconds.")] = 600.0,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Copy the released clip here.")] = None,
    json: Json = False,
) -> None:
    """Send a prompt through the gates.

    With --wait it leaves with 0 when a decision was reached (released, refused or held), 1 when making the clip failed, and 8
    when the time was up.
    """
    from streams import submitting
    from streams.submissions import Order, check_name, check_text

    check_text(prompt)  # bytes of the command line that are no UTF-8 would not even make an order
    for what, name in (("requester", requester), ("language", language), ("remixed clip", remix), ("key", key)):
        check_name(what, name)
    shell = shell_of(ctx)
    width, height = read_size(size) if size else (shell.settings.width, shell.settings.height)
    order = Order(
        prompt=prompt, requester=requester, language=language, cameos=tuple(cameo or ()), remix_of=remix, seed=seed, width=width,
        height=height, seconds=shell.settings.seconds if seconds is None else seconds, key=key,
    )  # fmt: skip
    with shell.context() as opened:
        sent = submitting.submit(opened, order)
        if not wait and out is None:
            shell.answer(_line(sent, None), f"{sent.id}  {sent.status}\nFollow it with: clearance status {sent.id}")
            return
        ended = follow(opened, sent, timeout)
        path = _path(opened, ended, out)
    shell.answer(_line(ended, path), _words(ended, path))
    if ended.status == "in-flight":
        raise StillWorking(f"It is still in the stage {ended.stage} after {timeout:g} s; `clearance status {ended.id}` goes on.")
    raise typer.Exit(1 if ended.status == "failed" else 0)


def follow(ctx: Context, sent: Submission, timeout: float) -> Submission:
    """Wait until ``sent`` ends or ``timeout`` seconds are over, running the pipeline here while nobody else does."""
    from safety.errors import Conflict
    from streams.submitting import wait
    from streams.system import make_runner

    runner: Any = None
    end = time.monotonic() + timeout
    try:
        with stage_bar() as show:
            while True:
                if runner is None and ctx.settings.broker == "local":
                    candidate = make_runner(ctx)
                    try:
                        candidate.start()
                        runner = candidate
                    except Conflict:  # another process has this home; it may stop, so ask again soon
                        pass
                left = end - time.monotonic()
                [now] = wait(ctx, [sent.id], left if runner else min(TAKE_OVER_SECONDS, left), on_change=show)
                if now.status != "in-flight" or time.monotonic() >= end:
                    return now
    finally:
        if runner is not None:
            runner.stop()


@contextmanager
def stage_bar() -> Iterator[Any]:
    """A bar on standard error that follows a submission through its stages; silent where there is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<10}"), BarColumn(40), TextColumn("{task.fields[words]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("screen", total=len(STAGES), words="")

        def show(rows: list[Submission]) -> None:
            for s in rows:
                done = STAGES.index(s.stage) + s.progress if s.stage in STAGES else 0.0
                bar.update(task, completed=done, description=s.stage, words=printable(s.words, 40))

        yield show


def _path(ctx: Context, ended: Submission, out: Path | None) -> str | None:
    """Where the released file lies; a copy when ``out`` is given."""
    from streams import serving

    if ended.clip is None:
        return None
    with serving.media(ctx, ended.clip) as kept:
        if out is not None:
            shutil.copyfile(kept, out)
    where = out or kept
    return str(where) if where.exists() else None


def _line(s: Submission, path: str | None) -> dict[str, object]:
    return {
        "id": s.id, "outcome": s.status, "clause": s.clause, "detail": s.detail, "stage": s.stage, "clip": s.clip, "path": path,
    }  # fmt: skip


def _words(s: Submission, path: str | None) -> str:
    named = s.clause is not None and (s.detail or "").startswith(s.clause)  # what is told begins with its clause
    why = f" by {s.clause}" if s.clause and not named else ""
    lines = [f"{s.status}{why}" + (f": {printable(s.detail)}" if s.detail else "")]
    if s.clip:
        lines += [f"clip  {s.clip}", f"file  {path or 'in the store'}"]
    return "\n".join([*lines, f"id    {s.id}"])
