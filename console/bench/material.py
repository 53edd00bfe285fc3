"""Pictures and clips to measure on that anybody has: the demonstration's photograph, scikit-image's, and the embedded world's."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from console.demo.setting import PHOTO
from generator.hearing import read_sound_file
from generator.protocol import GenerationRequest
from generator.world import World
from safety.media import SOUND_RATE, Picture

#: Photographs of scikit-image that show nothing anyone would stop, if it is installed.
PHOTOGRAPHS = (
    "astronaut",
    "chelsea",
    "coffee",
    "rocket",
    "cat",
    "hubble_deep_field",
    "retina",
    "immunohistochemistry",
    "colorwheel",
)
#: Harmless prompts, one for a scene of each place.
PROMPTS = (
    "A red ball bounces on a beach at sunset", "A purple owl with teal glasses dances on stage", "A rocket launches into space",
    "An orange fish and two blue fish swim under the sea", "A red car drives down a city street at night, the camera pans right",
    "Un chat noir et un chien blanc dansent dans un champ, il neige", "A girl flies a kite on a hill",
    "Kaztor sings in the desert", "A small green boat sails on a lake at sunrise", "three butterflies over flowers in a garden",
)  # fmt: skip


def astronaut() -> Picture:
    """The portrait the demonstration enrols."""
    read = cv2.imread(str(PHOTO), cv2.IMREAD_COLOR)
    assert read is not None  # it comes with the package
    return np.ascontiguousarray(read[:, :, ::-1], np.uint8)


def photographs() -> list[Picture]:
    """Harmless photographs: the astronaut, and scikit-image's where it is installed."""
    found = [astronaut()]
    if find_spec("skimage") is not None:
        from skimage import data

        for name in PHOTOGRAPHS:
            try:
                picture = np.asarray(getattr(data, name)(), np.uint8)
            except (OSError, ModuleNotFoundError, ValueError):  # some are fetched from the network by it, which is not to be had
                continue
            if picture.ndim == 3:
                found.append(np.ascontiguousarray(picture[..., :3]))
    return found


def scenes(prompts: tuple[str, ...] = PROMPTS, seed: int = 1, size: tuple[int, int] = (640, 360)) -> Iterator[Picture]:
    """Three frames of a world clip for every prompt, half a second apart."""
    for number, prompt in enumerate(prompts):
        yield from islice(world_frames(prompt, seed + number, size), 0, 36, 12)


def world_frames(prompt: str, seed: int, size: tuple[int, int] = (640, 360), seconds: float = 3.0) -> Iterator[Picture]:
    """The frames of the embedded world's clip for ``prompt``, 24 a second."""
    width, height = size
    request = GenerationRequest(prompt=prompt, seconds=seconds, width=width, height=height, fps=24, seed=seed)
    for chunk in World().generate(request, should_stop=lambda: False, progress=lambda _fraction, _words: None):
        yield from (np.asarray(frame, np.uint8) for frame in chunk.frames)


def approach(picture: Picture, frames: int, size: tuple[int, int], *, closer: float = 1.3) -> Iterator[Picture]:
    """A slow zoom into a photograph, filling ``size`` (width, height)."""
    width, height = size
    h, w = picture.shape[:2]
    scale = max(width / w, height / h)
    for i in range(frames):
        zoom = scale * (1 + (closer - 1) * i / max(1, frames - 1))
        shift = np.array([[zoom, 0, width / 2 - zoom * w / 2], [0, zoom, height / 2 - zoom * h / 2]], np.float32)
        seen = cv2.warpAffine(picture, shift, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        yield np.asarray(seen, np.uint8)


def titled(picture: Picture, lines: tuple[str, ...]) -> Picture:
    """The picture with white lines of text on it."""
    out = picture.copy()
    for i, line in enumerate(lines):
        at = (60, 120 + 70 * i)
        cv2.putText(out, line, at, cv2.FONT_HERSHEY_DUPLEX, 1.6, (0, 0, 0), 6, cv2.LINE_AA)
        cv2.putText(out, line, at, cv2.FONT_HERSHEY_DUPLEX, 1.6, (255, 255, 255), 2, cv2.LINE_AA)
    return out


def speech(seconds: int) -> NDArray[np.float32]:
    """So many seconds of somebody reading aloud, mono at 48 kHz, the sample over and over (``data/README.md`` says whose)."""
    sound = read_sound_file(Path(__file__).parent / "data" / "speech.opus")
    return np.asarray(np.resize(sound, seconds * SOUND_RATE), np.float32)
