"""Films in which a head made of a photograph says digits and turns, and what an attacker would send instead.

The digits are recorded ones where the checkout has them (``tests/consent/assets``, two women) and else spoken by flite. Nothing
here was filmed; see ``enrolment_heads`` for what that means.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from consent.liveness.challenge import Turn
from console.bench import spoken
from console.bench.enrolment_heads import Pose, Sitting, head, moves, shaken
from generator.codec import write_clip
from safety.media import SOUND_RATE, Picture, Sound

ASSETS = Path(__file__).parents[2] / "tests/consent/assets"
#: Voices: two recorded, four synthetic.
RECORDED = ("en", "fr")
MADE = ("slt", "rms", "awb", "kal16")
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
#: Frames a second of a film, and pauses in seconds: before and after, between digits, between groups.
FPS = 8
AROUND, BETWEEN, GROUPS = 0.4, 0.15, 0.45
Drawn = Callable[[Sitting, Pose], Picture]


def say(digits: str, voice: str = "en", times: int = 3) -> Sound:
    """``digits`` in two groups, said ``times`` times, float32 at 48 kHz."""
    quiet = {s: np.zeros(round(s * SOUND_RATE), np.float32) for s in (AROUND, BETWEEN, GROUPS)}
    pieces: list[Sound] = [quiet[AROUND]]
    for _ in range(times):
        for place, digit in enumerate(digits, 1):
            pieces += [_digit(voice, int(digit)), quiet[GROUPS if place % 3 == 0 else BETWEEN]]
    return np.concatenate([*pieces, quiet[AROUND]])


def film(
    target: Path, sitting: Sitting, digits: str, turns: Sequence[Turn], *, voice: str = "en", drawn: Drawn = head,
    poses: Iterable[Pose] | None = None, sound: Sound | None = None, degrees: float = 28.0, fps: int = FPS,
) -> Path:  # fmt: skip
    """A film of ``sitting`` that says ``digits`` and then makes ``turns``; ``poses`` and ``sound`` stand in for those."""
    heard = say(digits, voice) if sound is None else sound
    frames = [Pose(mouth=m) for m in _mouth(heard, fps)]
    held = [*frames, *moves(turns, degrees, still=4)] if poses is None else list(poses)
    longest = max(len(held), -(-heard.size * fps // SOUND_RATE))
    held += [held[-1]] * (longest - len(held))
    made: dict[Pose, Picture] = {}
    for pose in held:
        if pose not in made:
            made[pose] = drawn(sitting, pose)
    padded = np.concatenate([heard, np.zeros(max(0, longest * SOUND_RATE // fps - heard.size), np.float32)])
    height, width = made[held[0]].shape[:2]
    pictures = (shaken(made[pose], number) for number, pose in enumerate(held))
    write_clip(target, pictures, padded, width=width, height=height, fps=fps)
    return target


def _mouth(sound: Sound, fps: int) -> list[float]:
    """How far the mouth is open in each frame, 0 to 1 in steps of a fifth, by how loud it is."""
    step = SOUND_RATE // fps
    loud = np.array([np.abs(sound[i : i + step]).mean() for i in range(0, sound.size, step)])
    return [round(float(v) * 5) / 5 for v in np.clip(loud / max(1e-9, float(np.percentile(loud, 90))), 0, 1)]


@cache
def _digit(voice: str, digit: int) -> Sound:
    """One digit without silence around it."""
    if voice in RECORDED:
        sound = _recorded(voice)[digit * SOUND_RATE : (digit + 1) * SOUND_RATE]
    else:
        with tempfile.TemporaryDirectory() as folder:
            said = Path(folder) / "said.wav"
            subprocess.run(["flite", "-voice", voice, "-t", WORDS[digit], "-o", str(said)], check=True, capture_output=True)
            sound = spoken.read(said)
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    return sound[loud[0] : loud[-1] + 1]


@cache
def _recorded(language: str) -> Sound:
    return spoken.read(ASSETS / f"digits-{language}.opus")


def voices() -> tuple[str, ...]:
    """The voices at hand."""
    recorded = tuple(v for v in RECORDED if (ASSETS / f"digits-{v}.opus").is_file())
    return recorded + (MADE if shutil.which("flite") else ())
