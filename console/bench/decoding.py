"""How well shots are told apart, and what reading a clip costs: the figures of ``generator.shots`` and ``generator.parts``.

Films are cut together here from scenes that have no cut of their own, so that every edit is known to the frame: film
(``tests/provenance/assets/bunny.mp4``, where the checkout has it) and the embedded generator's. The thresholds were chosen on
other scenes, of other films and other prompts. It must never be used to choose them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.prompt.bench.figures import Figure, Goal, Section, Share
from generator.codec import Codec, write_clip
from generator.protocol import GenerationRequest
from generator.reading import raw_frames
from generator.registry import get
from generator.shots import Look, Shots, thumbnails

Progress = Callable[[str, int, int], None]
#: uint8 (frames, height, width, 3).
Film = NDArray[np.uint8]

WIDTH, HEIGHT, FPS = 320, 180, 24
FILM = Path(__file__).resolve().parents[2] / "tests" / "provenance" / "assets" / "bunny.mp4"
PROMPTS = (
    "a grey robot walks through a city", "a brown owl on a branch at night", "a red car drives along the beach",
    "a pink fish swims under water", "a wizard with a purple hat in a library", "a horse runs on the beach",
    "three balloons over the city", "a dog chases a ball in the snow",
)  # fmt: skip
#: A transition counts as found until so many frames after its end.
GRACE = 6
#: Memory a window needs must not grow with the clip, MB of a process of its own (the interpreter and the decoder among them).
MEMORY = 400


@dataclass
class Edit:
    """A film and what was done to it: first and last frame of each transition, and single foreign frames."""

    frames: list[NDArray[np.uint8]]
    cuts: list[tuple[int, int]] = field(default_factory=list)
    flashes: list[int] = field(default_factory=list)


@dataclass
class Score:
    """What was found of it. ``extra`` are changes of shot where there is none; ``films`` is the number of films."""

    found: int = 0
    true: int = 0
    extra: int = 0
    seen: int = 0
    flashes: int = 0
    films: int = 0


def hard_cuts(scenes: list[Film], rng: np.random.Generator) -> Edit:
    """Six pieces of 0.3 to 1.5 s, no two in a row of one scene."""
    edit, last = Edit([]), -1
    for _ in range(6):
        last = int(rng.choice([i for i in range(len(scenes)) if i != last]))
        piece = _piece(scenes[last], int(rng.integers(8, 36)), rng)
        if edit.frames:
            edit.cuts.append((len(edit.frames), len(edit.frames)))
        edit.frames += list(piece)
    return edit


def dissolves(scenes: list[Film], rng: np.random.Generator) -> Edit:
    """Three scenes that flow into one another in 0.4 to 1.2 s."""
    return _joined(scenes, rng, lambda one, two, share: one * (1 - share) + two * share)


def fades(scenes: list[Film], rng: np.random.Generator) -> Edit:
    """Three scenes with black between them: down and up in 0.4 to 1.2 s each."""
    return _joined(scenes, rng, lambda one, two, share: one * max(0.0, 1 - 2 * share) + two * max(0.0, 2 * share - 1), slow=2)


def foreign_frames(scenes: list[Film], rng: np.random.Generator) -> Edit:
    """One scene, and three single frames of others in it."""
    first, *others = rng.permutation(len(scenes))
    edit = Edit(list(_piece(scenes[first], 60, rng)))
    edit.flashes = [int(at) for at in 12 + 16 * np.arange(3) + rng.integers(0, 4, 3)]
    for at, other in zip(edit.flashes, others * 3, strict=False):
        edit.frames[at] = _piece(scenes[other], 1, rng)[0]
    return edit


def pans(scenes: list[Film], rng: np.random.Generator) -> Edit:
    """A window of half the picture that is swept across it and back, 0.5 to 2.5 of its own widths a second, from a standstill."""
    film = _piece(scenes[int(rng.integers(len(scenes)))], 60, rng)
    wide, speed = WIDTH // 2, rng.uniform(0.5, 2.5) * WIDTH / 2 / FPS
    swing = np.abs((np.maximum(0, np.arange(60) - 12) * speed + wide) % (2 * wide) - wide).astype(int)
    return Edit([_fit(f[HEIGHT // 4 : HEIGHT * 3 // 4, x : x + wide]) for f, x in zip(film, swing, strict=True)])


def lights(scenes: list[Film], rng: np.random.Generator) -> Edit:
    """Camera flashes, a burning light, a lamp that is switched off: the picture is the same and brighter or darker."""
    film = _piece(scenes[int(rng.integers(len(scenes)))], 60, rng).astype(np.float32)
    gain = 1 + 0.25 * np.sin(np.arange(60) * rng.uniform(1.0, 3.0)) * (np.arange(60) < 24)
    lift = np.zeros(60)
    for at in (28, 36, 44):
        gain[at : at + 2], lift[at : at + 2] = (1.5, 1.2), (70, 25)
    gain[50:] = 0.45
    return Edit([np.clip(f * g + up, 0, 255).astype(np.uint8) for f, g, up in zip(film, gain, lift, strict=True)])


def explosions(scenes: list[Film], rng: np.random.Generator) -> Edit:
    """A fireball that fills most of the picture in a quarter of a second and burns away in one and a half."""
    film = _piece(scenes[int(rng.integers(len(scenes)))], 60, rng).astype(np.float32)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    far = np.hypot(y - rng.uniform(0.3, 0.7) * HEIGHT, x - rng.uniform(0.3, 0.7) * WIDTH) / HEIGHT
    out = []
    for i, f in enumerate(film):
        heat = np.interp(i, [14, 20, 24, 56], [0, 1, 1, 0])
        glow = np.clip(1.6 * heat - far * (1.4 - heat * 0.4), 0, 1)[..., None] * rng.uniform(0.9, 1.0)
        out.append(np.clip(f * (1 - glow) + glow * np.array([255, 190, 70]), 0, 255).astype(np.uint8))
    return Edit(out)


def strobes(scenes: list[Film], rng: np.random.Generator) -> Edit:
    """One scene with black between, on for two frames and off for two: two looks, whatever they are called."""
    film = _piece(scenes[int(rng.integers(len(scenes)))], 60, rng)
    return Edit([f if i % 4 < 2 else np.zeros_like(f) for i, f in enumerate(film)])


#: What has transitions to find, and what has none.
EDITS = {"hard cuts": hard_cuts, "dissolves": dissolves, "fades through black": fades}
QUIET = {"fast pans": pans, "changing light": lights, "explosions": explosions}


def judge(edit: Edit, looks: list[Look]) -> Score:
    """Compare what was told with what was done. A change of shot matches one transition; around a foreign frame two are right."""
    changes = [i for i in range(1, len(looks)) if looks[i].shot != looks[i - 1].shot]
    free = {at + d for at in edit.flashes for d in (0, 1)}
    left = [i for i in changes if i not in free]
    score = Score(true=len(edit.cuts), flashes=len(edit.flashes), seen=sum(looks[i].new for i in edit.flashes), films=1)
    for first, last in edit.cuts:
        match = next((i for i in left if first <= i <= last + (GRACE if last > first else 0)), None)
        if match is not None:
            left.remove(match)
            score.found += 1
    score.extra = len(left)
    return score


def tell(path: Path) -> list[Look]:
    """The look of every frame of the file."""
    shots, shrink = Shots(), thumbnails()
    return [shots.see(shrink(raw), at) for raw, _, at in raw_frames(path)]


def tally(kind: Callable[[list[Film], np.random.Generator], Edit], scenes: list[Film], films: int, seed: int) -> Score:
    """Make ``films`` edits of one kind, compress them, and add up what is found."""
    total = Score()
    with tempfile.TemporaryDirectory() as folder:
        for n in range(films):
            edit = kind(scenes, np.random.default_rng((seed, n)))
            path = Path(folder) / "edit.mp4"
            write_clip(path, edit.frames, None, width=WIDTH, height=HEIGHT, fps=FPS, crf=26, preset="ultrafast")
            for name, value in vars(judge(edit, tell(path))).items():
                setattr(total, name, getattr(total, name) + value)
    return total


def drawn(prompt: str, seed: int) -> Film:
    """Three seconds of the embedded generator's."""
    request = GenerationRequest(prompt=prompt, seed=seed, width=WIDTH * 2, height=HEIGHT * 2, fps=FPS, seconds=3.0)
    chunks = get().generate(request, should_stop=lambda: False, progress=lambda *_: None)
    return np.stack([_fit(picture) for chunk in chunks for picture in chunk.frames])


def filmed(path: Path, first: int = 0, last: int = 10**6) -> Film:
    """The frames ``first`` to ``last`` of a film."""
    return np.stack([_fit(frame.picture) for frame in Codec().frames(path) if first <= frame.index <= last])


def _fit(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def _piece(film: Film, length: int, rng: np.random.Generator) -> Film:
    start = int(rng.integers(0, max(1, len(film) - length)))
    return film[start : start + length]


def _joined(
    scenes: list[Film],
    rng: np.random.Generator,
    mix: Callable[[NDArray[np.float32], NDArray[np.float32], float], NDArray[np.float32]],
    slow: int = 1,
) -> Edit:
    edit = Edit([])
    order = rng.permutation(len(scenes))[:3]
    lengths = [int(n) * slow for n in rng.integers(10, 30, 2)]
    for n, scene in enumerate(order):
        piece = list(_piece(scenes[scene], 70, rng))
        if n:
            over = min(lengths[n - 1], 30)
            start = len(edit.frames) - over
            for i in range(over):
                one, two = edit.frames[start + i].astype(np.float32), piece[i].astype(np.float32)
                edit.frames[start + i] = np.clip(mix(one, two, (i + 1) / (over + 1)), 0, 255).astype(np.uint8)
            edit.cuts.append((start, start + over))
            piece = piece[over:]
        edit.frames += piece
    return edit


def measure(progress: Progress, quick: bool) -> Section:
    """Shots told apart, processor time of a ten-second clip, and memory of a long one. ``quick`` takes fewer films."""
    scenes = _scenes(2 if quick else len(PROMPTS))
    films = 2 if quick else 20
    steps, figures = len(EDITS) + len(QUIET) + 4, list[Figure]()
    for n, (name, kind) in enumerate(EDITS.items()):
        progress(name, n, steps)
        figures.append(_found(name, tally(kind, scenes, films, seed=n)))
    for n, (name, kind) in enumerate(QUIET.items(), len(EDITS)):
        progress(name, n, steps)
        figures.append(_quiet(name, tally(kind, scenes, films, seed=n)))
    done = len(EDITS) + len(QUIET)
    progress("foreign frames", done, steps)
    figures.append(_foreign(tally(foreign_frames, scenes, films, seed=done)))
    progress("strobes", done + 1, steps)
    figures.append(_strobed(scenes, films))
    progress("processor time", done + 2, steps)
    figures.append(_cost(scenes, runs=1 if quick else 3))
    progress("memory", done + 3, steps)
    figures.append(_memory(seconds=8 if quick else 600))
    return Section(
        key="decoding",
        title="Shots and parts",
        says="Whether every picture of a clip is looked at: shots told apart in films cut together here, and what reading costs.",
        figures=tuple(figures),
    )


def _scenes(drawings: int) -> list[Film]:
    film = [filmed(FILM)] if FILM.is_file() else []
    return film + [drawn(prompt, 900 + n) for n, prompt in enumerate(PROMPTS[:drawings])]


def _found(name: str, score: Score) -> Figure:
    return Figure(
        name=f"recall, {name}", on=f"{score.films} films cut together here", number=score.true, threshold="SAME_SCENE, MIXTURE",
        false_positives=Share(hits=score.extra, of=score.found + score.extra),
        value=100 * score.found / score.true if score.true else None, unit="%",
        goal=Goal(value=95.0 if name == "hard cuts" else 80.0),
    )  # fmt: skip


def _quiet(name: str, score: Score) -> Figure:
    return Figure(
        name=f"false shots a film, {name}", on="films of 2.5 s without a cut", number=score.films, threshold="SAME_SCENE",
        false_positives=None, value=score.extra / score.films, unit="", goal=Goal(value=1.0, at_most=True),
    )  # fmt: skip


def _foreign(score: Score) -> Figure:
    return Figure(
        name="single foreign frames that are looked at", on=f"{score.films} films", number=score.flashes, threshold="SAME_SCENE",
        false_positives=Share(hits=score.extra, of=score.flashes + score.extra),
        value=100 * score.seen / score.flashes if score.flashes else None, unit="%", goal=Goal(value=100.0),
    )  # fmt: skip


def _strobed(scenes: list[Film], films: int) -> Figure:
    most = 0
    with tempfile.TemporaryDirectory() as folder:
        for n in range(films):
            path = Path(folder) / "strobe.mp4"
            edit = strobes(scenes, np.random.default_rng((77, n)))
            write_clip(path, edit.frames, None, width=WIDTH, height=HEIGHT, fps=FPS, crf=26, preset="ultrafast")
            most = max(most, 1 + max(look.shot for look in tell(path)))
    return Figure(
        name="most shots in a strobe of 30 flashes", on="films of 2.5 s", number=films, threshold="BACK_LEVELS",
        false_positives=None, value=float(most), unit="", goal=Goal(value=10.0, at_most=True),
    )  # fmt: skip


def _cost(scenes: list[Film], runs: int = 3) -> Figure:
    """Processor milliseconds of ``parts`` for ten seconds of 1280x720 at 24 frames a second, with sound; the best of ``runs``."""
    import cv2

    sound = np.random.default_rng(0).normal(0, 0.1, 480_000).astype(np.float32)
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        frames = (np.asarray(cv2.resize(f, (1280, 720)), np.uint8) for f in _looped(scenes, 240))
        write_clip(path, frames, sound, width=1280, height=720, fps=FPS)
        for _ in range(runs):
            start = time.process_time()
            for _part in Codec().parts(path):
                pass
            costs.append(1000 * (time.process_time() - start))
    return Figure(
        name="processor time to read 10 s of 720p in parts", on="film and drawings, H.264", number=runs, threshold="the best",
        false_positives=None, value=min(costs), unit="ms", goal=Goal(value=1200.0, at_most=True),
    )  # fmt: skip


def _memory(seconds: int) -> Figure:
    """Peak memory of a process that does nothing but read a long clip of 1920x1080 in parts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.mp4"
        write_long(path, seconds)
        peak = peak_memory(path)
    return Figure(
        name="memory to read a long clip of 1080p in parts, MB", on=f"{seconds} s at 24 frames a second", number=1,
        threshold="peak of the process", false_positives=None, value=peak, unit="", goal=Goal(value=MEMORY, at_most=True),
    )  # fmt: skip


def write_long(path: Path, seconds: int) -> None:
    """A slideshow of 1920x1080 at 24 frames a second with noise for sound, cheap to make."""
    rng = np.random.default_rng(5)

    def slides() -> Iterator[NDArray[np.uint8]]:
        for _ in range(0, seconds, 4):
            slide = np.repeat(np.repeat(rng.integers(0, 255, (9, 16, 3), np.uint8), 120, 0), 120, 1)
            for _frame in range(4 * FPS):
                yield slide

    sound = rng.normal(0, 0.05, seconds * 48_000).astype(np.float32)
    write_clip(path, slides(), sound, width=1920, height=1080, fps=FPS, preset="ultrafast")


def peak_memory(path: Path) -> float:
    """Megabytes at the most that a new process holds while it reads ``path`` in parts."""
    code = (
        "import sys; from pathlib import Path; from generator.codec import Codec\n"
        "for part in Codec().parts(Path(sys.argv[1])): pass\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"  # getrusage would tell of the parent too
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def _looped(scenes: list[Film], count: int) -> Iterator[NDArray[np.uint8]]:
    frames = [f for film in scenes for f in film]
    return (frames[i % len(frames)] for i in range(count))
