"""One clip through everything that looks at pictures or listens to sound: decoded in one process, watched in others, in parts.

Memory does not grow with the clip: two parts at a time are in memory, whoever is slowest. A looker that fails once is not asked
about the rest: the clip is held anyway, and its name says why. Nothing here judges or reaches the database.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from safety.media import ClipFacts, Progress
from streams.lanes.lane import DecoderFailed, Failed, Lane
from streams.lanes.sharing import SharedPart

#: Seconds a looker may take besides its frames and its sound, and more for its first answer: loading the largest takes 5 s alone
#: on a core, and a minute where a dozen processes want two.
BASE_SECONDS, LOADING_SECONDS = 20.0, 160.0
#: Seconds a sampled frame, and a second of sound, may take on top: ten times what the slowest here needs on one core.
FRAME_SECONDS, SOUND_SECONDS = 2.0, 2.0
#: Seconds the decoder may take for one part: a window of the largest frames on one busy core.
PART_SECONDS = 120.0
#: Parts in memory at once.
MOST_PARTS = 2
#: Name of the lane that decodes.
DECODING = "decoding"

Sense = Literal["picture", "sound"]


@runtime_checkable
class Looker(Protocol):
    """What can be sent to a worker: it has ``detect(clip) -> Report`` or ``look(clip) -> tuple`` and is picklable."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Task:
    """Who looks, in which process, and at what."""

    looker: Any
    lane: str
    sense: Sense = "picture"

    @property
    def name(self) -> str:
        return str(self.looker.name)


class Lanes:
    """One ``Lane`` a name, for one process; a process forked from this one must make its own."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}
        self._guard = threading.Lock()
        atexit.register(self.close)

    def lane(self, name: str) -> Lane:
        with self._guard:
            return self._lanes.setdefault(name, Lane(name))

    def processes(self) -> dict[str, int]:
        """Numbers of the living processes by lane; for whoever measures."""
        with self._guard:
            return {name: pid for name, lane in self._lanes.items() if (pid := lane.memory()) is not None}

    def close(self) -> None:
        """End all processes; the next clip starts them again."""
        with self._guard:
            for lane in self._lanes.values():
                lane.close()


_shared: dict[int, Lanes] = {}


def shared() -> Lanes:
    """The lanes of this process."""
    if os.getpid() not in _shared:
        _shared[os.getpid()] = Lanes()
    return _shared[os.getpid()]


@dataclass
class Viewing:
    """What everybody saw of one clip. ``answers`` has one answer a part, in order; a looker that failed is in ``failures``."""

    digest: str = ""
    facts: ClipFacts | None = None
    answers: dict[str, list[Any]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def gathered(self, name: str) -> tuple[Any, ...] | Failed:
        """All that an observer saw, over all parts in order, or why it saw nothing. Tuples are joined, single values listed."""
        if name in self.failures:
            return Failed(self.failures[name])
        seen: list[Any] = []
        for answer in self.answers.get(name, ()):
            if answer is None:
                return Failed("answered nothing; its author must mend it")
            seen += answer if isinstance(answer, tuple) else (answer,)
        return tuple(seen)


def view(
    path: Path,
    reader: Any,
    tasks: Sequence[Task],
    progress: Progress = lambda _fraction, _words: None,
    *,
    prompt: str | None = None,
    lanes: Lanes | None = None,
    base_seconds: float = BASE_SECONDS,
    loading_seconds: float = LOADING_SECONDS,
) -> Viewing:
    """Decode ``path`` with ``reader.viewed`` and let every task look at every part that concerns it.

    Raises what the reader raises (``safety.errors.BadMedia``) and ``DecoderFailed``; then nobody may use what was seen before.
    """
    lanes = lanes or shared()
    seen = Viewing(answers={t.name: [] for t in tasks}, seconds={t.name: 0.0 for t in tasks})
    by_lane = {name: [t for t in tasks if t.lane == name] for name in dict.fromkeys(t.lane for t in tasks)}
    crews = {name: ThreadPoolExecutor(1, thread_name_prefix=f"lane-{name}") for name in by_lane}
    under_way: deque[tuple[SharedPart, list[Future[None]]]] = deque()
    begun = time.perf_counter()
    try:
        with lanes.lane(DECODING).decoding(reader, path, PART_SECONDS) as parts:
            for part in parts:
                part = SharedPart(replace(part.layout, prompt=prompt), part.descriptor)  # noqa: PLW2901
                seen.digest, seen.facts = part.layout.digest, part.layout.facts
                jobs = [
                    crews[name].submit(_pass, lanes, name, by_lane[name], part, seen, (base_seconds, loading_seconds))
                    for name in by_lane
                ]
                under_way.append((part, jobs))
                while len(under_way) >= MOST_PARTS:
                    _finish(under_way.popleft())
                progress(_reached(part), "watching")
        seen.seconds[DECODING] = time.perf_counter() - begun
        while under_way:
            _finish(under_way.popleft())
    finally:
        for part, jobs in under_way:  # only after an error
            wait([job for job in jobs if not job.cancel()])  # one that runs still holds the part's descriptor
            part.close()
        for crew in crews.values():
            crew.shutdown(wait=False, cancel_futures=True)
    if seen.facts is None:
        raise DecoderFailed("it gave no part of it")
    return seen


def _pass(
    lanes: Lanes, name: str, tasks: Sequence[Task], part: SharedPart, seen: Viewing, seconds: tuple[float, float]
) -> None:  # fmt: skip
    """Let the tasks of one lane look at one part, one after the other."""
    for task in tasks:
        if task.name in seen.failures or not _concerns(task, part):
            continue
        begun = time.perf_counter()
        answer = lanes.lane(name).ask(task.looker, part, _patience(part, seconds[0]), seconds[1])
        seen.seconds[task.name] += time.perf_counter() - begun
        if isinstance(answer, Failed):
            seen.failures[task.name] = answer.why
        else:
            seen.answers[task.name].append(answer)


def _concerns(task: Task, part: SharedPart) -> bool:
    return bool(part.layout.frames) if task.sense == "picture" else part.layout.sound is not None


def _patience(part: SharedPart, base_seconds: float) -> float:
    sound = 0.0 if part.layout.sound is None else part.layout.sound[0] / 48_000
    return base_seconds + FRAME_SECONDS * len(part.layout.frames) + SOUND_SECONDS * sound


def _finish(under_way: tuple[SharedPart, list[Future[None]]]) -> None:
    part, jobs = under_way
    try:
        for job in jobs:
            job.result()
    finally:
        part.close()


def _reached(part: SharedPart) -> float:
    """How far into the clip this part is, 0 to 1."""
    last = part.layout.frames[-1][2] if part.layout.frames else 0.0
    return min(1.0, last / max(part.layout.facts.seconds, 0.1))
