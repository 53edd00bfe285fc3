"""The screen stage to be timed: the whole of it, on a home of its own that is thrown away, with as many reserved names as asked.

It never touches the home of the person who measures.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from classifiers.prompt.bench.judging import one_thread
from console.pool import ScreenPool
from safety.settings import Settings

#: Prompts before the clock starts: models load at the first, caches fill over the next.
WARM = 16
_SYLLABLES = (
    "ba",
    "dor",
    "el",
    "fin",
    "gra",
    "hu",
    "ka",
    "lim",
    "mor",
    "nes",
    "ol",
    "pra",
    "quin",
    "rus",
    "sta",
    "tev",
    "ul",
    "zan",
)


class ScreenStage:
    """``workers`` processes for the batch; ``names`` invented reservations."""

    def __init__(self, workers: int, names: int) -> None:
        self._workers, self._names = max(1, workers), names

    def milliseconds(self, texts: list[str]) -> list[float]:
        """One prompt after the other in one process that is held to one core."""
        with self._home() as settings, one_thread():
            how = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(1, how, initializer=_hold_to_one_core) as pool:
                return pool.submit(_time, settings, texts).result()

    def seconds(self, texts: list[str]) -> tuple[float, int]:
        """As ``clearance screen --file`` does it, after every process has warmed up."""
        lines = [text.encode() for text in texts]
        with self._home() as settings, one_thread(), ScreenPool(settings, self._workers) as pool:
            warm = (lines * WARM)[: 2 * WARM * self._workers]
            list(pool.screen(warm))
            started = perf_counter()
            list(pool.screen(lines))
            return perf_counter() - started, self._workers

    @contextmanager
    def _home(self) -> Iterator[Settings]:
        from streams.system import close, open_context
        from streams.works import import_file

        with TemporaryDirectory(prefix="clearance-bench-") as folder:
            settings = Settings(home=Path(folder) / "home")
            opened = open_context(settings)
            try:
                if self._names:
                    import_file(opened, write_names(Path(folder) / "names.csv", self._names))
            finally:
                close(opened)
            yield settings


def write_names(path: Path, count: int) -> Path:
    """A file of ``count`` different invented characters."""
    rng = random.Random(20)  # noqa: S311 - reproducible names, not a secret
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("holder", "title", "kind"))
        for i in range(count):
            first, last = ("".join(rng.choices(_SYLLABLES, k=3)).title() for _ in range(2))
            out.writerow((f"Holder {i % 97}", f"{first} {last}{_SYLLABLES[i % len(_SYLLABLES)]}", "character"))
    return path


def _hold_to_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _time(settings: Settings, texts: list[str]) -> list[float]:
    from streams.checks import screen_text
    from streams.system import close, open_context

    opened = open_context(settings)
    try:
        for text in texts[:WARM]:
            screen_text(opened, text)
        took = []
        for text in texts:
            started = perf_counter()
            screen_text(opened, text)
            took.append((perf_counter() - started) * 1000)
        return took
    finally:
        close(opened)
