"""Judging many texts on all cores: processes that load a detector or a peer once. A text that could not be judged is held."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib import import_module
from typing import TypeVar

from classifiers.errors import ClassifierError, UnknownDetector
from classifiers.prompt.labels import HOLD
from classifiers.prompt.normaliser import read_prompt
from classifiers.protocol import PromptDetector
from safety.prompt import Prompt

HEADS_PLACE = "classifiers.prompt.heads:PromptHeads"
#: Pseudo-label of a text whose judging failed: the gate holds it, so it counts as stopped.
FAILED = "failed"
#: Texts handed to a process at once: enough to hide the handing over, few enough for a moving progress line.
CHUNK = 32
#: One thread a process: the processes are the parallelism.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Scores = Mapping[str, float]
Progress = Callable[[str, int, int], None]
T = TypeVar("T")


class Judges:
    """``workers`` processes; 0 judges in this one, for tests and debuggers. Use as made by ``open_judges``."""

    def __init__(self, pool: ProcessPoolExecutor | None, place: str, progress: Progress) -> None:
        self._pool, self._place, self._progress = pool, place, progress

    def scores(self, texts: Sequence[str], what: str) -> list[Scores]:
        """Label to score of each text, in order."""
        return self.run(partial(judge, self._place), texts, what)

    def run(self, look: Callable[[Sequence[str]], list[T]], texts: Sequence[str], what: str) -> list[T]:
        """``look`` over chunks of ``texts``, answers in order. Raises ``ClassifierError`` when a process dies."""
        chunks = [texts[i : i + CHUNK] for i in range(0, len(texts), CHUNK)]
        found: list[T] = []
        try:
            for answers in self._answers(look, chunks):
                found += answers
                self._progress(what, len(found), len(texts))
        except BrokenExecutor as reason:
            raise ClassifierError("A judging process died, perhaps for want of memory; try again with --workers 1.") from reason
        return found

    def _answers(self, look: Callable[[Sequence[str]], list[T]], chunks: list[Sequence[str]]) -> Iterator[list[T]]:
        if self._pool is None:
            yield from map(look, chunks)
            return
        waiting: list[Future[list[T]]] = [self._pool.submit(look, chunk) for chunk in chunks]
        for answer in waiting:
            yield answer.result()


@contextmanager
def open_judges(workers: int, place: str, progress: Progress) -> Iterator[Judges]:
    """Processes of their own, ended afterwards. The detector is looked up once here, so that a wrong name is told at once."""
    _detector(place)
    if not workers:
        yield Judges(None, place, progress)
        return
    with one_thread(), ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield Judges(pool, place, progress)


@contextmanager
def one_thread() -> Iterator[None]:
    """Processes started meanwhile compute on one thread each."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def judge(place: str, texts: Sequence[str]) -> list[Scores]:
    """Label to score, through reading and detector as the pipeline runs them."""
    detector = _detector(place)
    found: list[Scores] = []
    for text in texts:
        try:
            report = detector.detect(read_prompt(Prompt(text=text)))
            failed = {FAILED: HOLD} if report.failure is not None else {}
            found.append({s.label: s.score for s in report.signals} | failed)
        except Exception:  # the gate holds on what breaks, and so does its measure
            found.append({FAILED: HOLD})
    return found


@lru_cache(maxsize=4)
def _detector(place: str) -> PromptDetector:
    module, _, name = place.partition(":")
    try:
        made: PromptDetector = getattr(import_module(module), name)()
    except (ImportError, AttributeError, ValueError) as reason:
        raise UnknownDetector(f"There is no detector {place!r} ({reason}); name it as module:Class.") from reason
    return made
