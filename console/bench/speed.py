"""How long the whole gate takes for one clip, where the time goes, and how much memory all of its processes hold."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.prompt.bench.figures import Figure, Goal, Section
from console.bench.report import Progress
from generator.codec import write_clip
from safety.media import Frame, Picture, Sound
from safety.settings import Settings
from streams.lanes.viewing import shared

SIZE, FPS, SECONDS = (1280, 720), 24, 10
#: The clip's four shots, and rounds that are timed (the best and the median are told; these machines are noisy).
SHOT, ROUNDS = SECONDS * FPS // 4, 5
GOAL_SECONDS, GOAL_BYTES = 5.0, 1500.0
#: What took less than this, seconds, is not told.
LEAST = 0.005
LINES = ("OPENING NIGHT", "Doors at seven, bring a friend")


def measure(progress: Progress, quick: bool) -> Section:
    """A 10 s 720p clip through every detector with models loaded, by the wall clock; memory, also of a far longer clip."""
    from streams.system import close, open_context

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        busy = _made("busy_clip", home / "busy.mp4")
        ctx = open_context(Settings(home=home / "home"))
        try:
            inspect = Inspection(ctx)
            progress("speed: loading models", 0, ROUNDS)
            first = inspect(busy)
            rounds = []
            for number in range(2 if quick else ROUNDS):
                rounds.append(inspect(busy))
                progress("speed: a 10 s clip", number + 1, ROUNDS)
            with watched_memory() as small:
                inspect(busy)
            figures = [
                _seconds("all detectors, models loaded, median", sorted(r[0] for r in rounds)[len(rounds) // 2], len(rounds)),
                _seconds("all detectors, models loaded, best", min(r[0] for r in rounds), len(rounds), goal=False),
                _seconds("the first clip, with loading", first[0], 1, goal=False),
                *_where([r[1] for r in rounds]),
                *_memory("10 s clip", small),
            ]
            if not quick:
                long = _made("long_clip", home / "long.mp4")
                progress("speed: a 200 s clip", 0, 1)
                with watched_memory() as large:
                    took = inspect(long)[0]
                figures += [*_memory("200 s clip", large), _seconds("a 200 s clip", took, 1, goal=False)]
        finally:
            shared().close()
            close(ctx)
    return Section(
        key="speed",
        title="A 10 s 720p clip through every detector",
        says=(
            "Four shots (a face that comes nearer, a drawn scene, the face mirrored with a title, a cartoon) and somebody "
            f"speaking, on {len(os.sched_getaffinity(0))} cores. Seconds by detector overlap: several processes look at once. "
            "Memory is the proportional share (PSS) of this process and all of its workers."
        ),
        figures=tuple(figures),
    )


class Inspection:
    """The clip gate of one context, timed: wall seconds of a clip, and seconds by who looked."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx

    def __call__(self, path: Path) -> tuple[float, dict[str, float]]:
        begun = time.perf_counter()
        found = self._ctx.gates.clip(path, "somebody", (), lambda _fraction, _words: None, None)
        took = time.perf_counter() - begun
        failed = [r.detector for r in found.reports if r.failure is not None]
        if failed:
            raise RuntimeError(f"{failed[0]} could not look, so its time says nothing")
        return took, found.seconds


def _made(what: str, path: Path) -> Path:
    """A clip made in a process of its own: what draws it would count as the gate's memory."""
    code = f"import sys; from pathlib import Path; from console.bench.speed import {what} as make; make(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(path)], check=True, timeout=900)
    return path


def busy_clip(path: Path) -> Path:
    """Ten seconds with faces, words, drawings and speech."""
    from console.bench import material

    face = material.astronaut()
    frames = [
        *material.approach(face, SHOT, SIZE),
        *islice(material.world_frames("A red car drives down a city street at night", 3, SIZE), SHOT),
        *(material.titled(f, LINES) for f in material.approach(np.ascontiguousarray(face[:, ::-1]), SHOT, SIZE)),
        *islice(material.world_frames('A sign saying "HELLO WORLD" next to a house', 4, SIZE), SHOT),
    ]
    _write(path, frames, material.speech(SECONDS))
    return path


def long_clip(path: Path, times: int = 20) -> Path:
    """The same shots again and again, ``times`` ten seconds, without keeping them."""
    from console.bench import material

    shots = [
        list(material.approach(material.astronaut(), SHOT, (640, 360))),
        list(islice(material.world_frames("A red car drives down a city street at night", 3, (640, 360)), SHOT)),
    ]
    frames = (f for i in range(times * 4) for f in shots[i % 2])
    sound = material.speech(SECONDS)
    _write(path, frames, np.tile(sound, times), (640, 360))
    return path


def _write(path: Path, frames: Any, sound: Sound, size: tuple[int, int] = SIZE) -> None:
    timed = (Frame(np.ascontiguousarray(f), i / FPS, i) for i, f in enumerate(frames))
    write_clip(path, timed, sound, width=size[0], height=size[1], fps=FPS)


@contextmanager
def watched_memory() -> Iterator[list[float]]:
    """Once it is left, the greatest memory in MB of this process and its workers: all of it, and what is not mapped files."""
    seen = [0.0, 0.0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            pids = [os.getpid(), *shared().processes().values()]
            seen[0] = max(seen[0], sum(proportional(pid) for pid in pids))
            seen[1] = max(seen[1], sum(proportional(pid, "Pss_Anon:") + proportional(pid, "Pss_Shmem:") for pid in pids))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def proportional(pid: int, kind: str = "Pss:") -> float:
    """MB of a process, pages it shares counted by their share; 0 for one that is gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines():
            if line.startswith(kind):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0


def _seconds(name: str, value: float, number: int, *, goal: bool = True) -> Figure:
    on = "200 s 640x360" if "200 s" in name else "10 s 1280x720"
    return Figure(
        name=name, on=on, number=number, threshold="-", false_positives=None, value=value, unit="s",
        goal=Goal(value=GOAL_SECONDS, at_most=True) if goal else None,
    )  # fmt: skip


def _memory(on: str, seen: list[float]) -> list[Figure]:
    goal = Goal(value=GOAL_BYTES, at_most=True)
    return [
        Figure(
            name=f"memory of all processes, {what}", on=on, number=1, threshold="-", false_positives=None, value=value, unit="MB",
            goal=goal,
        )
        for what, value in (("peak", seen[0]), ("peak without mapped files", seen[1]))
    ]  # fmt: skip


def _where(rounds: list[dict[str, float]]) -> list[Figure]:
    """Median seconds by who looked, the slowest first."""
    names = {name for r in rounds for name in r}
    median = {name: sorted(r.get(name, 0.0) for r in rounds)[len(rounds) // 2] for name in names}
    return [
        Figure(
            name=f"of which {name}",
            on="10 s 1280x720",
            number=len(rounds),
            threshold="-",
            false_positives=None,
            value=value,
            unit="s",
        )
        for name, value in sorted(median.items(), key=lambda pair: -pair[1])
    ]


__all__ = ["Picture", "busy_clip", "long_clip", "measure", "watched_memory"]
