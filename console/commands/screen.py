"""``clearance screen``: what the prompt gate says of any text, one line or many, without the pipeline.

Every line gets an answer, whatever it holds: a line that cannot be used is held, because it was not looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from console.plain import printable, to_json
from console.shell import Json, cores, say, shell_of
from safety.errors import BadInput, ClearanceError

if TYPE_CHECKING:
    from console.views import ScreenView
    from streams.context import Context

#: Longest line that is read whole, bytes; the rest of a longer one is skipped, and its answer says so.
MAX_LINE = 4_000_000
#: Lines from which a file is screened on all cores: loading the models once more takes as long as some hundred prompts.
LONG = 500


def screen(
    ctx: typer.Context,
    prompt: Annotated[str | None, typer.Argument(help="The text to screen.", show_default=False)] = None,
    file: Annotated[Path | None, typer.Option(help="A file of prompts, one a line; - reads standard input.")] = None,
    requester: Annotated[str, typer.Option("--as", metavar="USER", help="Who asks.")] = "anonymous",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes for a file; by default all cores for a long one.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Say what the prompt gate makes of a text, or of every line of a file."""
    from classifiers.prompt.bench.judging import one_thread
    from console.pool import ScreenPool

    shell = shell_of(ctx)
    if (prompt is None) == (file is None):
        raise BadInput("Give either a prompt or --file with one prompt a line.")
    with shell.context() as opened:
        if prompt is not None:
            _show(screen_line(opened, prompt, requester), shell.json)
            return
        path = file or Path("-")
        workers = workers or (cores() if _is_long(path) else 1)
        with _open(path) as lines:
            if workers == 1:
                for line in read_lines(lines):
                    _show(screen_bytes(opened, line, requester), shell.json)
                return
            with one_thread(), ScreenPool(opened.settings, workers) as pool:
                for view in pool.screen(read_lines(lines), requester):
                    _show(view, shell.json)


def screen_line(ctx: Context, text: str, requester: str) -> ScreenView:
    """One text's answer. What cannot be used is held under the clause for what was not looked at."""
    from classifiers.prompt.language import language_of
    from console.views import screen_view
    from streams.checks import screen_text

    try:
        return screen_view(text, screen_text(ctx, text, requester), language_of(text) or "en")
    except ClearanceError as reason:
        return unusable(text, reason.detail)


def screen_bytes(ctx: Context, line: bytes, requester: str) -> ScreenView:
    """One line of a file, as bytes."""
    if len(line) > MAX_LINE:
        return unusable(line[:200].decode("utf-8", "replace") + "…", f"The line is longer than {MAX_LINE:,} bytes; shorten it.")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as reason:
        return unusable(line.decode("utf-8", "replace"), f"The line is not UTF-8 at byte {reason.start + 1}; convert it.")
    return screen_line(ctx, text, requester)


def read_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines without their ends, each at most ``MAX_LINE`` + 1 bytes of memory; only a line feed ends a line."""
    first = True
    while line := file.readline(MAX_LINE + 1):
        whole = line.endswith(b"\n")
        rest = line
        while not whole and rest:
            rest = file.readline(MAX_LINE)
            whole = rest.endswith(b"\n")
        if len(line) <= MAX_LINE:
            line = line.removesuffix(b"\n").removesuffix(b"\r")
        yield line.removeprefix(b"\xef\xbb\xbf") if first else line
        first = False


def _is_long(path: Path) -> bool:
    """Whether starting processes is worth it. Standard input is answered line by line, as it may be a conversation."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) >= LONG


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    with path.open("rb") as file:
        yield file


def unusable(text: str, why: str) -> ScreenView:
    """The answer for a line that was not looked at: held."""
    from console.views import ScreenView
    from safety.judge import MISSING
    from safety.verdict import Outcome

    shown = text.encode("utf-8", "replace").decode()
    return ScreenView(prompt=shown, outcome=Outcome.HOLD, clause=MISSING, error=why)


def _show(view: ScreenView, as_json: bool) -> None:
    if as_json:
        say(to_json(view))
        return
    seen = ", ".join(f"{s.label} {s.score:.2f}" for s in view.signals[:4])
    tail = view.error or seen
    say(f"{view.outcome:<6} {view.clause or '-':<12} {printable(view.prompt, 70)}" + (f"   ({tail})" if tail else ""))
    if view.says:
        say(f"       {printable(view.says)}")
