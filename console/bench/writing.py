"""How much of what stands in a picture is read, how much is read that does not stand there, and what that costs.

Lines are drawn over photographs (scikit-image's, where that development package is installed) and painted by the embedded
generator on its boards. Recall counts letters and digits without case or accents, as every judge of words folds them. Nothing
was chosen on these pictures but what ``says`` tells.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from classifiers.clip.writing import WritingReader
from classifiers.clip.writing.codes import codes_in
from classifiers.clip.writing.sightings import folded
from classifiers.prompt.bench.figures import Figure, Section, Share, Unit
from generator.codec import Codec, write_clip
from generator.protocol import GenerationRequest
from generator.registry import get
from generator.world.lettering import FONT
from safety.media import ClipFacts, Frame, Picture, SampledClip

Progress = Callable[[str, int, int], None]
SIZE = (1280, 720)
SIZES = (12, 14, 16, 20, 28, 40)
#: A line is found when this much of it, of 100, was read.
FOUND = 80.0
WORDS = (
    "the", "quick", "brown", "fox", "jumps", "over", "lazy", "dog", "people", "shout",
    "never", "again", "buy", "gold", "now", "secret", "message", "meet", "tonight", "bring",
    "money", "house", "river", "winter", "garden", "music", "station", "yellow", "window", "open",
    "closed", "danger", "private", "photo", "camera", "street", "market",
)  # fmt: skip
FRENCH = (
    "Où êtes-vous né, à Besançon ?", "L'été s'achève près du château", "Déjà là, ça commence", "Le garçon a reçu la leçon",
    "Âgée de quatre-vingts années", "Défense d'entrer sans clé", "Élève modèle, tête brûlée", "Très célèbre opéra français",
)  # fmt: skip
SIGNS = (
    ("HELLO WORLD", 'A sign saying "HELLO WORLD" next to a house'), ("BUY GOLD NOW", 'A sign saying "BUY GOLD NOW" on a beach'),
    ("MEET ME AT NOON", 'A sign saying "MEET ME AT NOON" in a forest'),
    ("Défense d'entrer", 'Un panneau "Défense d\'entrer" dans un champ'),
    ("no photos please", 'A sign saying "no photos please" in the city'), ("RUE FERMÉE", 'Un panneau "RUE FERMÉE" en ville'),
)  # fmt: skip
SCENES = (
    "A purple owl with teal glasses dances on stage", "A red car drives down a city street at night, the camera pans right",
    "Un gros ballon bleu rebondit dans la cuisine", "three butterflies over flowers in a garden",
    "Grumbold Fenn walks through a forest at night", "A green dinosaur runs past a castle",
    "An orange fish and two blue fish swim under the sea", "A girl flies a kite on a hill",
    "A small green boat sails on a lake at sunrise", "A rocket launches into space",
)  # fmt: skip


def measure(progress: Progress, quick: bool) -> Section:
    """Every figure of this topic; ``quick`` takes a few of each set and leaves the generator's clips out."""
    figures: list[Figure] = []
    photos = photographs()
    parts = [_by_size, _ways, _french, _encoded, _codes, _false_lines, _cost] + (
        [] if quick else [_signs, _world_false_lines, _world_cost]
    )
    for done, part in enumerate(parts):
        progress("words in the picture", done, len(parts))
        figures.extend(part(photos, quick))
    progress("words in the picture", len(parts), len(parts))
    return Section(
        key="writing", title="Words in the picture", figures=tuple(figures),
        says="Lines of three words in two typefaces, light, dark or coloured, half of them outlined, anywhere in a 720p frame; "
        "sizes are the typeface's, an x is about half as tall. A line is found when 80 of 100 of its letters were read in order. "
        "The least density of strokes that is looked at was chosen on lines drawn like these with other words and places; "
        "everything else is the library's setting or was chosen on other pictures.",
    )  # fmt: skip


def photographs() -> list[Picture]:
    """Photographs of 1280x720: the first is an astronaut with badges, the others have no writing.

    Without scikit-image, smooth noise of as many colours.
    """
    try:
        from skimage import data
    except ImportError:
        chance = np.random.default_rng(7)
        return [_sized(chance.integers(0, 256, (45, 80, 3), np.uint8)) for _ in range(6)]
    load: Any = data
    shots = [
        load.astronaut()[180:468],
        load.coffee(),
        load.chelsea(),
        load.rocket(),
        load.grass(),
        load.camera()[:288],
        load.gravel(),
    ]
    return [_sized(s if s.ndim == 3 else np.repeat(s[:, :, None], 3, 2)) for s in shots]


def _sized(picture: Picture, size: tuple[int, int] = SIZE) -> Picture:
    way = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)


def lettered(
    photo: Picture, size: int, chance: random.Random, lines: Sequence[str] | None = None, fonts: float = 0.5
) -> tuple[Picture, list[str]]:
    """``photo`` with six lines of ``size`` pixels, apart from one another, and the lines."""
    image = Image.fromarray(photo)
    draw = ImageDraw.Draw(image)
    lines = lines or [" ".join(chance.sample(WORDS, 3)) for _ in range(6)]
    for row, text in enumerate(lines):
        font = ImageFont.truetype(str(FONT), size) if chance.random() >= fonts else ImageFont.load_default(size)
        paint = chance.choice([(255, 255, 255), (255, 230, 40), (20, 20, 20), (220, 30, 30)])
        rim = (0, 0, 0) if sum(paint) > 200 else (255, 255, 255)
        at = chance.randrange(16, max(17, SIZE[0] - 40 - round(draw.textlength(text, font=font)))), 30 + row * 112
        draw.text(
            at, text, fill=paint, font=font, stroke_width=max(1, size // 14) if chance.random() < 0.5 else 0, stroke_fill=rim
        )
    return np.asarray(image, np.uint8), list(lines)


def _chance(seed: int | str) -> random.Random:
    return random.Random(seed)  # noqa: S311  (the same pictures every time, not a secret)


def clip_of(pictures: Sequence[Picture]) -> SampledClip:
    """A clip of 2.5 frames a second."""
    height, width = pictures[0].shape[:2]
    frames = tuple(Frame(picture, i / 2.5, i) for i, picture in enumerate(pictures))
    return SampledClip("sha256:0", ClipFacts(width, height, 2.5, len(pictures) / 2.5, None, None), frames, None)


def recall(truth: Sequence[str], clip: SampledClip) -> list[float]:
    """For each line the part of its letters, 0 to 100, that some passage has in order and close together."""
    texts = [folded(p.text) for p in _READER.look(clip)]
    return [max((_held(folded(line), text) for text in texts), default=0.0) for line in truth]


_READER = WritingReader()


def _held(line: str, text: str) -> float:
    place = fuzz.partial_ratio_alignment(line, text)
    if place is None or not text:
        return 0.0
    part = text if len(text) < len(line) else text[place.dest_start : place.dest_end]
    return 100.0 * LCSseq.similarity(line, part) / len(line)


def _two(name: str, on: str, shares: Sequence[float]) -> Iterator[Figure]:
    """Recall of characters and of lines."""
    found = sum(share >= FOUND for share in shares)
    yield _figure(f"{name}: letters", on, len(shares), float(np.mean(shares)), "%")
    yield _figure(f"{name}: lines", on, len(shares), 100 * found / len(shares), "%")


def _figure(name: str, on: str, number: int, value: float, unit: Unit = "", note: str = "", false: Share | None = None) -> Figure:
    return Figure(
        name=name, on=on, number=number, threshold="", false_positives=false, value=round(value, 2), unit=unit, note=note
    )  # fmt: skip


def _by_size(photos: list[Picture], quick: bool) -> Iterator[Figure]:
    for size in SIZES[1:4:2] if quick else SIZES:
        chance, shares = _chance(size), []
        for i in range(2 if quick else 14):
            picture, lines = lettered(photos[i % len(photos)], size, chance)
            shares += recall(lines, clip_of([picture]))
        yield from _two(f"read at {size} px", "lines over photographs", shares)


def _ways(photos: list[Picture], quick: bool) -> Iterator[Figure]:
    ways: dict[str, Callable[[Picture], Picture]] = {
        "on its head": lambda p: p[::-1, ::-1], "in the mirror": lambda p: p[:, ::-1],
        "turned left": np.rot90, "turned right": lambda p: np.rot90(p, 3),
    }  # fmt: skip
    for name, turn in ways.items():
        chance, shares = _chance(name), []
        for i in range(1 if quick else 7):
            picture, lines = lettered(photos[i % len(photos)], 28, chance)
            shares += recall(lines, clip_of([np.ascontiguousarray(turn(picture))]))
        yield from _two(f"read {name}", "lines of 28 px over photographs", shares)


def _french(photos: list[Picture], quick: bool) -> Iterator[Figure]:
    chance, shares = _chance("fr"), []
    for i in range(1 if quick else len(photos)):
        picture, lines = lettered(photos[i], 28, chance, chance.sample(FRENCH, 6), fonts=0.0)
        shares += recall(lines, clip_of([picture]))
    yield from _two("read French", "lines of 28 px with accents, over photographs", shares)


def _encoded(photos: list[Picture], quick: bool) -> Iterator[Figure]:
    """Two seconds of a photograph that moves, with still lines over it, through the codec."""
    for name, size, crf in (("H.264 CRF 28", SIZE, 28), ("H.264 CRF 35 at 360p", (640, 360), 35)):
        for height in (28,) if quick else (16, 20, 28, 40):
            chance, shares = _chance(f"{crf}{height}"), []
            for i in range(1 if quick else 5):
                lines, state = [" ".join(chance.sample(WORDS, 3)) for _ in range(6)], chance.getstate()
                pictures = []
                for step in range(16):
                    chance.setstate(state)
                    pictures.append(lettered(np.roll(photos[i % len(photos)], 6 * step, axis=1), height, chance, lines)[0])
                shares += recall(lines, encoded(pictures, size, crf))
            yield from _two(f"read after {name}, {height} px of 720", "lines over moving photographs", shares)


def encoded(pictures: Sequence[Picture], size: tuple[int, int], crf: int, fps: int = 8) -> SampledClip:
    """The pictures as a clip of ``size``, written, read and sampled."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        small = [_sized(p, size) for p in pictures]
        write_clip(path, small, None, width=size[0], height=size[1], fps=fps, crf=crf)
        return Codec().sample(path)


def _codes(photos: list[Picture], quick: bool) -> Iterator[Figure]:
    import zxingcpp

    for module in (2, 3, 4, 6):
        read = []
        for turn in (0, 15, 45, 90):
            for i, photo in enumerate(photos[:2] if quick else photos):
                payload = f"https://example.org/{module}/{turn}/{i}"
                code = np.asarray(zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode).to_image(scale=module))
                read.append(any(c.text == payload for c in codes_in(_pasted(photo, code, turn))))
        yield _figure(f"QR codes read, {module} px a module", "turned by 0, 15, 45 and 90 degrees over photographs", len(read),
                      100 * float(np.mean(read)), "%")  # fmt: skip


def _pasted(photo: Picture, code: np.ndarray, degrees: float) -> Picture:
    side = code.shape[0]
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), degrees, 1.0)
    matrix[:, 2] += 640 - side / 2, 360 - side / 2
    ink = cv2.warpAffine(code, matrix, SIZE, flags=cv2.INTER_LINEAR)
    mask = cv2.warpAffine(np.full_like(code, 255), matrix, SIZE, flags=cv2.INTER_LINEAR)[:, :, None] / 255.0
    return np.asarray(ink[:, :, None] * mask + photo * (1 - mask), np.uint8)


def _false_lines(photos: list[Picture], quick: bool) -> Iterator[Figure]:
    """Crops of the photographs, one frame a clip; the astronaut wears badges with writing on them and is left out."""
    chance, frames = _chance(5), []
    for i in range(10 if quick else 100):
        x, y, scale = chance.randrange(320), chance.randrange(180), chance.choice((1.0, 0.75))
        part = photos[1 + i % (len(photos) - 1)][y : y + round(540 * scale), x : x + round(960 * scale)]
        frames.append(_sized(part))
    yield _false("photographs without writing", frames)


def _world_false_lines(_: list[Picture], __: bool) -> Iterator[Figure]:
    frames = [picture for scene in SCENES for picture in painted(scene, 1.25)]
    yield _false("the generator's scenes without writing", frames)


def _false(on: str, frames: Sequence[Picture]) -> Figure:
    told = [_READER.look(clip_of([frame])) for frame in frames]
    worded = sum(any(sum(c.isalpha() for c in p.text) >= 3 for p in passages) for passages in told)
    note = f"{worded} frames with three letters or more"
    false = Share(hits=sum(map(bool, told)), of=len(frames))
    return _figure("passages where nothing is written", on, len(frames), float(sum(map(len, told))), note=note, false=false)


def _signs(_: list[Picture], __: bool) -> Iterator[Figure]:
    for name, size, crf in (("as drawn", SIZE, 18), ("H.264 CRF 28", SIZE, 28), ("H.264 CRF 35 at 360p", (640, 360), 35)):
        shares = [recall([text], encoded(painted(prompt, 1.0), size, crf))[0] for text, prompt in SIGNS]
        yield from _two(f"boards read, {name}", "the generator's boards", shares)


def painted(prompt: str, seconds: float) -> list[Picture]:
    """The generator's frames for ``prompt``, eight a second."""
    request = GenerationRequest(prompt=prompt, width=SIZE[0], height=SIZE[1], seconds=seconds, fps=8)
    chunks = get().generate(request, should_stop=lambda: False, progress=lambda share, words: None)
    return [picture for chunk in chunks for picture in chunk.frames]


def _cost(photos: list[Picture], quick: bool) -> Iterator[Figure]:
    """A camera that pans over a photograph: every block of every frame changes."""
    count, chance = (6 if quick else 25), _chance(3)
    plain = [np.roll(photos[1], 12 * step, axis=1) for step in range(count)]
    lines, state, worded = ["meet tonight station"] * 3, chance.getstate(), []
    for picture in plain:
        chance.setstate(state)
        worded.append(lettered(picture, 28, chance, lines)[0])
    yield _seconds("a photograph that moves", plain)
    yield _seconds("a photograph that moves, with three lines", worded)


def _world_cost(_: list[Picture], __: bool) -> Iterator[Figure]:
    yield _seconds("a generated scene", painted(SCENES[0], 10.0)[::3][:25])
    yield _seconds("a generated scene with a board", painted(SIGNS[0][1], 10.0)[::3][:25])


def _seconds(on: str, frames: Sequence[Picture]) -> Figure:
    _READER.look(clip_of(frames[:1]))
    start = time.process_time()
    _READER.look(clip_of(frames))
    return _figure("CPU seconds", f"{on}, {len(frames)} frames of 720p", 1, time.process_time() - start, note="on one busy core")
