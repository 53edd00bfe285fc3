"""What a person sees while the demonstration runs, and the table at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from console.demo.script import Scene
from streams.submissions import Submission

STAGES = ("screen", "generate", "inspect", "seal", "release")
COLOURS = {"released": "green", "refused": "red", "held": "yellow", "failed": "bright_red", "in-flight": "cyan"}
BAR = 24
#: From this width on a prompt fits a line; narrower terminals fold it.
WIDE = 120


@dataclass(frozen=True)
class Row:
    """One scene as it stands; ``path`` of the released file, ``moderated`` once a person decided, ``good`` if as expected."""

    scene: Scene
    now: Submission
    seconds: float | None
    path: str
    good: bool
    moderated: bool = False


class Board:
    """Live progress: a stage bar for each submission on a terminal, a line for each change elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._words = ""
        self._told: dict[int, tuple[str, str]] = {}

    @contextmanager
    def live(self, words: str) -> Iterator[None]:
        self.say(words)
        if not self._console.is_terminal:
            yield
            return
        with Live(Text(words), console=self._console, refresh_per_second=8, transient=True) as self._live:
            yield
        self._live = None

    def say(self, words: str) -> None:
        """What is going on that is not about one submission."""
        self._words = words
        if self._live is not None:
            self._live.update(Text(words, style="italic"))
        elif not self._console.is_terminal:
            self._console.print(f"· {words}")

    def show(self, rows: Sequence[Row]) -> None:
        """Bring the board up to date."""
        if self._live is not None:
            table = Table.grid(padding=(0, 2))
            for row in rows:
                table.add_row(
                    f"{row.scene.number:>2}", row.scene.about, _bar(row.now), Text(_where(row.now), style=COLOURS[row.now.status])
                )
            self._live.update(Group(table))
            return
        for row in rows:
            seen = (row.now.status, row.now.stage)
            if self._told.get(row.scene.number) != seen:
                self._told[row.scene.number] = seen
                self._console.print(f"  {row.scene.number:>2} {row.scene.about:<32} {_where(row.now)}", highlight=False)


def final_table(console: Console, rows: Sequence[Row]) -> None:
    """Prompt, outcome, clause, time; then the released files."""
    table = Table(title="What was asked, and how it ended", title_justify="left", header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("prompt", overflow="ellipsis", no_wrap=console.width >= WIDE, max_width=76)
    for name in ("outcome", "by clause"):
        table.add_column(name, no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("as expected")
    for row in rows:
        by = " (moderator)" if row.moderated else ""
        outcome = Text(row.now.status + by, style=COLOURS[row.now.status])
        seconds = f"{row.seconds:.1f} s" if row.seconds is not None else ""
        sign = (
            Text("✓", style="green")
            if row.good
            else Text(f"✗ {row.scene.expected} {row.scene.clause}{' by a moderator' if row.scene.decided else ''}", style="red")
        )
        prompt = Text(f"{row.scene.about}: ", style="dim").append(row.scene.prompt, style="default")
        table.add_row(str(row.scene.number), prompt, outcome, row.now.clause or "", seconds, sign)
    console.print(table)
    for row in rows:
        if row.path:
            console.print(f"  {row.scene.number:>2}  {row.path}", highlight=False, soft_wrap=True)


def _bar(now: Submission) -> Text:
    done = len(STAGES) if now.status != "in-flight" else STAGES.index(now.stage) + now.progress if now.stage in STAGES else 0.0
    full = round(BAR * done / len(STAGES))
    return Text("━" * full, style=COLOURS[now.status]).append("━" * (BAR - full), style="grey30")


def _where(now: Submission) -> str:
    if now.status != "in-flight":
        return f"{now.status}{' by ' + now.clause if now.clause else ''}"
    return f"{now.stage} {now.progress:.0%}  {now.words}"
