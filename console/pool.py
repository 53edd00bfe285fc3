"""Many prompts through the gate on all cores: processes that open the system and load its models once.

Answers come in the order of the lines. A line whose process died was not looked at, so it is held; it is never left out.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from importlib import import_module
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Self

from safety.settings import Settings

if TYPE_CHECKING:
    from console.views import ScreenView
    from streams.context import Context

#: Lines handed over at once, and chunks under way for each process: what a process's death can cost in held lines.
CHUNK, AHEAD = 8, 3
#: Times that dead processes are replaced; whatever kills them more often kills them always, and the rest is held unlooked.
MOST_DEATHS = 3
DIED = "The process that looked at this line ended before it answered; screen the line by itself."
#: The module that opens the system in each process.
SYSTEM = "streams.system"


class ScreenPool:
    """``workers`` processes over the system at ``settings``."""

    def __init__(self, settings: Settings, workers: int, system: str = SYSTEM) -> None:
        self._settings, self._workers, self._system, self._deaths = settings, workers, system, 0
        self._pool = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, reason: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def screen(self, lines: Iterable[bytes], requester: str = "anonymous") -> Iterator[ScreenView]:
        """An answer for each line, in order; lines are read only as fast as they are answered."""
        rest = iter(lines)
        waiting: deque[tuple[list[bytes], Future[list[ScreenView]] | None]] = deque()
        while True:
            while len(waiting) < AHEAD * self._workers and (chunk := list(islice(rest, CHUNK))):
                waiting.append((chunk, self._submit(chunk, requester)))
            if not waiting:
                return
            yield from self._answer(*waiting.popleft())

    def _submit(self, chunk: list[bytes], requester: str) -> Future[list[ScreenView]] | None:
        try:
            return self._pool.submit(_screen, chunk, requester)
        except BrokenExecutor:
            self._deaths += 1
            if self._deaths > MOST_DEATHS:
                return None
            self._pool = self._start()
            return self._pool.submit(_screen, chunk, requester)

    def _answer(self, chunk: list[bytes], answer: Future[list[ScreenView]] | None) -> list[ScreenView]:
        from console.commands.screen import unusable

        try:
            if answer is not None:
                return answer.result()
        except BrokenExecutor:
            pass
        return [unusable(line[:200].decode("utf-8", "replace"), DIED) for line in chunk]

    def _start(self) -> ProcessPoolExecutor:
        how = multiprocessing.get_context("spawn")  # a fork would copy the locks of threads that do not exist in the copy
        return ProcessPoolExecutor(self._workers, how, initializer=_open, initargs=(self._settings, self._system))


_opened: list[Context] = []


def _open(settings: Settings, system: str) -> None:
    _opened.append(import_module(system).open_context(settings))


def _screen(chunk: list[bytes], requester: str) -> list[ScreenView]:
    from console.commands.screen import screen_bytes

    return [screen_bytes(_opened[0], line, requester) for line in chunk]
