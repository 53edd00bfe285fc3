"""What reserved recordings are measured on: a folder of real sound where there is one, else pieces composed here.

``CLEARANCE_BENCH_SOUNDS`` names the folder. Sound files in it are filed as reserved; those under ``not-filed/`` are not and
must match nothing; ``speech/`` is laid over the others. Nothing is fetched.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from classifiers.sound.landmarks import SoundPrinter
from console.bench.recordings_attacks import noise
from console.bench.recordings_music import compose
from generator.protocol import GenerationRequest
from generator.reading import read_sound_file
from generator.world.direction import plan
from generator.world.scene import compose as compose_scene
from generator.world.soundtrack import compose_sound
from safety.media import SOUND_RATE, Sound
from safety.sound_print import SoundPrint

FOLDER = "CLEARANCE_BENCH_SOUNDS"
ENDINGS = {".wav", ".ogg", ".mp3", ".flac", ".m4a", ".opus", ".npy"}
#: Seconds of a file that are filed or cut from; enough for excerpts, and a hundred files are read in a minute.
LONGEST = 60
_PROMPTS = (
    "a dog and a cat in a garden", "a train crosses the mountains in the rain", "a robot plays a guitar on stage",
    "an owl in a forest at night", "a rocket launches", "a boat on the sea at sunset", "a bell rings in a city street",
    "a frog jumps by a lake", "music and dancing in the desert", "fish swim under water", "a red car drives in the snow",
)  # fmt: skip


@dataclass(frozen=True)
class Material:
    """``filed`` recordings, others that are ``strange`` to them, ``speech`` to lay over, and where it is all ``from``."""

    filed: tuple[Sound, ...]
    strange: tuple[Sound, ...]
    speech: Sound
    source: str


def gather(quick: bool) -> Material:
    """The folder's sound, of a quick run only some; composed where no folder is named."""
    named = os.environ.get(FOLDER)
    if named:
        root = Path(named)
        # by digest of the name, so that a quick run and a whole one are not both the beginning of the alphabet
        files = sorted(
            (p for p in root.rglob("*") if p.suffix in ENDINGS), key=lambda p: hashlib.sha256(p.name.encode()).digest()
        )
        most = 6 if quick else 1000
        part = {"filed": [], "not-filed": [], "speech": []}  # type: dict[str, list[Sound]]
        for file in files:
            top = file.relative_to(root).parts[0]
            into = part[top if top in part else "filed"]
            if len(into) < most:
                into.append(_read(file))
        speech = np.concatenate(part["speech"]) if part["speech"] else _murmur(60.0)
        names = f"{len(part['filed'])} recordings of the folder in {FOLDER}, {len(part['not-filed'])} others"
        return Material(tuple(part["filed"]), tuple(part["not-filed"]), speech, names)
    filed, strange = (6, 3) if quick else (60, 40)
    pieces = [compose(seed, 14.0 if quick else 24.0) for seed in range(filed + strange)]
    said = f"{filed} pieces composed here, {strange} others"
    return Material(tuple(pieces[:filed]), tuple(pieces[filed:]), _murmur(30.0), said)


def world_sounds(count: int, seconds: float) -> Iterator[Sound]:
    """Soundtracks of the embedded world; no two have the same seed."""
    for seed in range(count):
        prompt = _PROMPTS[seed % len(_PROMPTS)]
        scene = compose_scene(GenerationRequest(prompt=prompt, seed=31_000 + seed, seconds=seconds))
        motions = tuple(plan(actor, scene, seconds) for actor in scene.actors)
        yield compose_sound(scene, motions, int(seconds * SOUND_RATE))


def made_up_prints(like: tuple[SoundPrint, ...], count: int, seconds: float, seed: int) -> Iterator[SoundPrint]:
    """Prints of recordings that do not exist: two seconds from here and there in real ones, each moved to a key so far off
    that it is no copy any more, and to another pace; their landmarks are as dense and as near each other as in music."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        times, pitches, ranks, at = [], [], [], 0.0
        pace, key = rng.uniform(0.8, 1.25), rng.choice([-1.0, 1.0]) * rng.uniform(3, 7) / 12
        while at < seconds:
            one = like[int(rng.integers(len(like)))]
            start = one.span[0] + rng.uniform(0, max(0.1, one.seconds - 2))
            low, high = np.searchsorted(one.times, [start, start + 2.0])
            times.append((one.times[low:high] - start) * pace + at)
            pitches.append(one.pitches[low:high] + np.float32(key))
            ranks.append(one.ranks[low:high])
            at += 2.0 * pace
        yield SoundPrint(
            SoundPrinter.name, (0.0, at), np.concatenate(times).astype(np.float32), np.concatenate(pitches), np.concatenate(ranks)
        )


def _read(file: Path) -> Sound:
    """At most ``LONGEST`` seconds from the beginning; ``.npy`` holds samples as int16."""
    if file.suffix == ".npy":
        samples = np.load(file, mmap_mode="r")[: LONGEST * SOUND_RATE]
        return cast(Sound, samples.astype(np.float32) / np.float32(32768))
    return read_sound_file(file)[: LONGEST * SOUND_RATE].copy()


def _murmur(seconds: float) -> Sound:
    """In place of speech where there is none: a voice's harmonics at a wandering pitch, in syllables."""
    rng, time = np.random.default_rng(5), np.arange(int(seconds * SOUND_RATE)) / SOUND_RATE

    def wander(step: float, low: float, high: float) -> NDArray[np.float64]:
        points = np.arange(0, seconds + 2 * step, step)
        return np.interp(time, points, rng.uniform(low, high, points.size))

    pitch, formant, syllables = 130 * np.exp2(wander(0.3, -0.4, 0.4)), wander(0.2, 400, 1800), wander(0.1, 0, 1) ** 2
    phase = 2 * np.pi * np.cumsum(pitch) / SOUND_RATE
    voice = sum(np.sin(n * phase) * np.exp(-(((n * pitch - formant) / 500) ** 2)) for n in range(1, 25))
    murmur = 0.3 * np.asarray(voice) * syllables + 0.02 * noise(seconds, 6)[: time.size]
    return cast(Sound, murmur.astype(np.float32))
