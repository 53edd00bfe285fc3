"""Clips to find again, and what is done to them, for ``copies.py``.

Clips are pictures of scikit-image seen by a camera that moves, scenes of the embedded world, and what lies in the folder that
``CLEARANCE_BENCH_MEDIA`` names: pictures, and films in pieces of four seconds. Another folder, ``CLEARANCE_BENCH_OTHERS``, holds
pictures that are only ever filed, never shown; without it places of the world stand for them. Nothing here is fetched.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from safety.media import ClipFacts, Frame, Picture, SampledClip

#: Frames as clips are shown, and frames a second and seconds of a clip.
WIDTH, HEIGHT, FPS, SECONDS = 640, 360, 24, 4.0
#: Sampling of what is inspected, and how far it is out of step with the references' samples.
PER_SECOND, PHASE = 2.0, 0.13
#: Pictures of scikit-image that are colour or grey photographs, drawings or scans; half of each stereo pair is left out.
SCIKIT = (
    "astronaut.png", "brick.png", "camera.png", "cell.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "gravel.png",
    "hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png", "page.png", "retina.jpg", "rocket.jpg", "text.png",
)  # fmt: skip
PROMPTS = (
    "a cat sleeps on a sofa", "a pirate ship at sea", "children play football in a park", "a snowman in the mountains",
    "a spaceship lands on mars", "an elephant drinks at a river", "a baker in his shop", "a dragon over a castle",
    "two penguins on the ice", "a taxi in the rain", "a gardener with roses", "a lighthouse at night", "a wizard reads a book",
    "a monkey in the jungle", "a tractor on a farm", "a ballerina on a stage", "a shark under water", "a windmill and tulips",
    "a firefighter and a red truck", "an owl in a tree",
)  # fmt: skip

Edit = Callable[[Sequence[Picture]], list[Picture]]


@dataclass(frozen=True)
class Film:
    """``at(seconds)`` is the frame at a time, of any time between 0 and ``seconds``; ``kind`` where it comes from."""

    name: str
    kind: str
    at: Callable[[float], Picture]
    seconds: float = SECONDS

    def frames(self, times: Sequence[float]) -> list[Picture]:
        return [self.at(min(t, self.seconds - 1e-3)) for t in times]


def films(quick: bool) -> list[Film]:
    """Clips, the same in every run."""
    found = [*_scikit(), *_folder(), *_world(range(1) if quick else range(9))]
    return found[:: max(1, len(found) // 5)] if quick else found


def others(count: int) -> Iterator[Picture]:
    """Pictures that are filed beside the clips, and shown by none of them."""
    folder, made = os.environ.get("CLEARANCE_BENCH_OTHERS"), 0
    files = _files(Path(folder), (".jpg", ".png", ".webp")) if folder else []
    for file in files:
        for picture in places(file, 24):
            if made < count:
                made += 1
                yield picture
    seed = 0
    while made < count:
        frames = _drawn(PROMPTS[seed % len(PROMPTS)] + (" in winter" if seed % 3 else ""), 900_000 + seed, first=True)
        made, seed = made + 1, seed + 1
        yield frames[0]


def places(file: Path, count: int) -> Iterator[Picture]:
    """At most ``count`` places of a picture that do not overlap, as frames; plain ones are left out."""
    picture = _read(file)
    if picture is None:
        return
    height, width = picture.shape[:2]
    for row, column in [(r, c) for r in range(4) for c in range(6)][:count]:
        part = picture[row * height // 4 : (row + 1) * height // 4, column * width // 6 : (column + 1) * width // 6]
        if min(part.shape[:2]) > 100 and part.std() > 12:
            yield _sized(part)


def _scikit() -> Iterator[Film]:
    try:
        import skimage.data
    except ImportError:
        return
    folder = Path(skimage.data.__file__).parent
    for number, name in enumerate(n for n in SCIKIT if (folder / n).exists()):
        picture = _read(folder / name)
        if picture is not None:
            yield Film(name, "scikit-image, panned", _camera(picture, number))


def _folder() -> Iterator[Film]:
    folder = os.environ.get("CLEARANCE_BENCH_MEDIA")
    if not folder:
        return
    for number, file in enumerate(_files(Path(folder), (".jpg", ".png", ".webp"))):
        picture = _read(file)
        if picture is not None:
            yield Film(file.stem, "pictures of packages, panned", _camera(picture, 100 + number))
    for file in _files(Path(folder), (".mp4",)):
        frames = _decoded(file)
        for piece in range(int(len(frames) / FPS / SECONDS)):
            start = int(piece * SECONDS * FPS)
            yield Film(f"{file.stem} {piece}", "films", _playing(frames[start : start + int(SECONDS * FPS)]))


def _world(numbers: Sequence[int]) -> Iterator[Film]:
    for number in numbers:
        frames = _drawn(PROMPTS[number % len(PROMPTS)], 500_000 + number)
        if len(frames) >= SECONDS * FPS:
            yield Film(PROMPTS[number % len(PROMPTS)], "the embedded world", _playing(frames))


def _drawn(prompt: str, seed: int, *, first: bool = False) -> list[Picture]:
    from generator.protocol import GenerationRequest
    from generator.world.studio import World

    frames: list[Picture] = []
    for chunk in World().generate(
        GenerationRequest(prompt=prompt, seed=seed), should_stop=lambda: False, progress=lambda *_: None
    ):
        frames += list(chunk.frames)
        if first:
            break
    return [f if f.shape[:2] == (HEIGHT, WIDTH) else _sized(f) for f in frames]


def _camera(picture: Picture, seed: int) -> Callable[[float], Picture]:
    """A camera that moves over a picture and comes nearer."""
    rng = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    wide = min(width, height * WIDTH / HEIGHT)
    ends = [(rng.uniform(0.6, 0.95), rng.uniform(0, 1), rng.uniform(0, 1)) for _ in range(2)]

    def at(time: float) -> Picture:
        part = time / SECONDS
        size, x, y = (a + (b - a) * part for a, b in zip(*ends, strict=True))
        w, h = wide * size, wide * size * HEIGHT / WIDTH
        left, top = x * (width - w), y * (height - h)
        warp = np.array([[w / WIDTH, 0, left], [0, h / HEIGHT, top]], np.float64)
        return np.asarray(cv2.warpAffine(picture, warp, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP), np.uint8)

    return at


def _playing(frames: Sequence[Picture]) -> Callable[[float], Picture]:
    return lambda time: frames[min(len(frames) - 1, int(time * FPS))]


def _decoded(file: Path) -> list[Picture]:
    """The film at ``FPS``, in the size of all clips."""
    from generator.codec import Codec

    frames: list[Picture] = []
    for frame in Codec().frames(file):
        while len(frames) <= frame.time * FPS:
            frames.append(_sized(frame.picture))
    return frames


def _sized(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def _read(file: Path) -> Picture | None:
    read = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if read is None:
        return None
    scale = 1600 / max(read.shape[:2])
    if scale < 1:
        read = cv2.resize(read, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(read[..., ::-1])


def _files(folder: Path, kinds: tuple[str, ...]) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.suffix.lower() in kinds and f.is_file())


def sampled(pictures: Sequence[Picture], times: Sequence[float], name: str) -> SampledClip:
    """Frames as the gate's workers get them."""
    frames = tuple(Frame(np.ascontiguousarray(p), t, round(t * FPS)) for p, t in zip(pictures, times, strict=True))
    height, width = frames[0].picture.shape[:2]
    return SampledClip(name, ClipFacts(width, height, FPS, SECONDS, "h264", None), frames, None)


# What is done to a clip. Each alone, as the goals say.


def mirrored(frames: Sequence[Picture]) -> list[Picture]:
    return [np.ascontiguousarray(f[:, ::-1]) for f in frames]


def cropped(frames: Sequence[Picture]) -> list[Picture]:
    """A quarter of the width and of the height is cut away, off the middle, and the rest enlarged."""
    x, y = int(WIDTH * 0.2), int(HEIGHT * 0.05)
    return [_sized(f[y : y + HEIGHT * 3 // 4, x : x + WIDTH * 3 // 4]) for f in frames]


def letterboxed(frames: Sequence[Picture]) -> list[Picture]:
    """Made smaller and put between black bars above and below, as a wide picture on a square screen."""
    out = []
    for frame in frames:
        canvas = np.zeros((HEIGHT * 4 // 3, WIDTH, 3), np.uint8)
        canvas[HEIGHT // 6 : HEIGHT // 6 + HEIGHT] = frame
        out.append(canvas)
    return out


def recoloured(frames: Sequence[Picture]) -> list[Picture]:
    """Every hue turned by 60 degrees, saturation up by 40 %."""
    out = []
    for frame in frames:
        hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV).astype(np.float32)
        hsv[..., 0], hsv[..., 1] = (hsv[..., 0] + 30) % 180, np.clip(hsv[..., 1] * 1.4, 0, 255)
        out.append(np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB), np.uint8))
    return out


def marked(frames: Sequence[Picture]) -> list[Picture]:
    """A station's logo in a corner, a fifth of the height."""
    out = []
    for frame in frames:
        marked = frame.copy()
        cv2.circle(marked, (WIDTH - 60, 50), 36, (220, 30, 40), -1)
        cv2.putText(marked, "K7", (WIDTH - 84, 62), cv2.FONT_HERSHEY_DUPLEX, 1.2, (255, 255, 255), 3)
        out.append(marked)
    return out


def compressed(frames: Sequence[Picture]) -> list[Picture]:
    """Through H.264 at 360 lines and a constant rate factor of 35, as one film of these frames."""
    import av

    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=FPS, options={"crf": "35", "preset": "medium"})
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for frame in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
            container.mux(stream.encode(None))
        with av.open(str(path)) as container:
            return [np.asarray(f.to_ndarray(format="rgb24"), np.uint8) for f in container.decode(video=0)]


def nested(frames: Sequence[Picture], around: Sequence[Picture]) -> list[Picture]:
    """Picture in picture: two fifths of the width, in a corner of another clip."""
    out = []
    for frame, other in zip(frames, around, strict=True):
        canvas, small = other.copy(), cv2.resize(frame, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
        canvas[20 : 20 + small.shape[0], WIDTH - 20 - small.shape[1] : WIDTH - 20] = small
        out.append(canvas)
    return out


def filmed(frames: Sequence[Picture]) -> list[Picture]:
    """Off a screen in a dim room, from the side, unsharp and paler."""
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    seen = np.array([[70, 40], [590, 15], [565, 330], [95, 350]], np.float32)
    warp = cv2.getPerspectiveTransform(corners, seen)
    out = []
    for frame in frames:
        room = cv2.warpPerspective(frame, warp, (WIDTH, HEIGHT), borderValue=(38, 34, 30))
        soft = cv2.GaussianBlur(room, (0, 0), 1.0).astype(np.float32)
        out.append(np.clip(soft * 0.8 + 25, 0, 255).astype(np.uint8))
    return out
