"""What every command shares: the settings, the open system, and how answers and errors are written.

An answer goes to standard output, everything else (progress, errors) to standard error. No traceback reaches a person: an
unexpected error is one sentence and the path of the log that holds the rest.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.errors import DiskFull
from console.plain import printable, to_json
from safety.errors import ClearanceError
from safety.settings import Settings, read_settings

if TYPE_CHECKING:
    from streams.context import Context


class Shell:
    """One run of the command line. ``json`` is set by the command's own ``--json``."""

    def __init__(self, home: Path | None = None) -> None:
        self.home, self.json = home, False

    @cached_property
    def settings(self) -> Settings:
        return read_settings(home=self.home)

    def with_options(self, **overrides: object) -> Settings:
        """The settings, with those that the command's own options change."""
        return read_settings(None, home=self.home, **overrides)

    @contextmanager
    def context(self, settings: Settings | None = None) -> Iterator[Context]:
        """The open system, closed afterwards."""
        from streams.system import close, open_context

        ctx = open_context(settings or self.settings)
        try:
            yield ctx
        finally:
            close(ctx)

    def answer(self, value: object, text: str = "") -> None:
        """Write ``value`` as a line of JSON when asked for, else ``text``."""
        say(to_json(value) if self.json else text)

    def table(self, value: object, heads: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
        """Write ``value`` as JSON when asked for, else rows under heads, or the sentence that says there are none."""
        if self.json:
            say(to_json(value))
        elif not rows:
            say(empty)
        else:
            write_table(heads, [[printable(str(cell)) for cell in row] for row in rows])


def shell_of(ctx: typer.Context) -> Shell:
    """The run that this command belongs to."""
    shell: Shell = ctx.find_root().ensure_object(Shell)
    return shell


def _remember_json(ctx: typer.Context, value: bool) -> bool:
    if value:
        shell_of(ctx).json = True
    return value


Json = Annotated[bool, typer.Option("--json", callback=_remember_json, help="Answer in JSON, for scripts.")]


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def say(text: str) -> None:
    """Write a line to standard output, in UTF-8 whatever the terminal claims."""
    typer.echo(text.encode("utf-8", "replace"))


def hint(text: str) -> None:
    """Write a line for the person to standard error."""
    typer.echo(text.encode("utf-8", "replace"), err=True)


def write_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A ruled table on a terminal; elsewhere plain columns that no width cuts."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, header_style="bold", pad_edge=False)
        for head in heads:
            table.add_column(head, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        Console().print(table)
        return
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


class Door(typer.core.TyperGroup):
    """The root command: the one place where an error becomes a sentence and an exit code."""

    shell: Shell | None = None

    def invoke(self, ctx: Any) -> Any:
        self.shell = ctx.ensure_object(Shell)
        return super().invoke(ctx)

    def main(self, *args: Any, **more: Any) -> Any:
        try:
            return super().main(*args, **more)
        except ClearanceError as reason:
            problem = reason
        except OSError as reason:
            problem = _of_the_system(reason)
        except Exception as reason:
            problem = _unexpected(reason)
        if self.shell is not None and self.shell.json:
            say(to_json({"type": problem.code, "title": problem.title, "status": problem.status, "detail": problem.detail}))
        hint(problem.detail)
        sys.exit(problem.exit_code)


def _of_the_system(reason: OSError) -> ClearanceError:
    if reason.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("The disk is full; free space and try again. Nothing that was finished is lost.")
    return _unexpected(reason) if reason.filename is None else _unusable(reason)


def _unusable(reason: OSError) -> ClearanceError:
    """A file the person named, or a folder of ours, that the system does not let us use."""
    return ClearanceError(f"{reason.filename} cannot be used: {(reason.strerror or type(reason).__name__).lower()}.")


def _unexpected(reason: Exception) -> ClearanceError:
    """A defect of ours: the traceback goes to a file, the person gets its path."""
    with tempfile.NamedTemporaryFile("w", prefix="clearance-", suffix=".log", delete=False, encoding="utf-8") as log:
        traceback.print_exception(reason, file=log)
    return ClearanceError(f"Something went wrong inside ({type(reason).__name__}); please report it with the file {log.name}.")
