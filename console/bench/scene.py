"""How well the small CLIP reads scenes: things, colours, places and times by words alone, French against English, retrieval,
and whether a clip shows what was asked for.

All pictures are drawn for the measurement, of things in places that training never put them in, with seeds of its own. The
prompts are written here and not by the training's grammar. Nothing is fitted here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from classifiers.clip.scene import bank
from classifiers.clip.scene.agreement import agreements, known_of
from classifiers.clip.scene.eyes import Eyes, Vectors, eyes
from classifiers.clip.scene.words import Language, held_out, slots
from classifiers.prompt.bench.figures import Figure, Goal, Section, Share, percent
from generator.protocol import GenerationRequest
from generator.world.direction import plan
from generator.world.film import Film, one_thread
from generator.world.scene import compose
from safety.media import ClipFacts, Frame, Picture, SampledClip

Progress = Callable[[str, int, int], None]
#: Clips of the whole measurement and of the quick one; seeds begin where no other set's do.
CLIPS, QUICK, FIRST_SEED = 300, 16, 500_000
#: When a frame is taken, as a share of the clip; the size it is drawn in.
MOMENTS, WIDTH, HEIGHT = (0.1, 0.3, 0.5, 0.7, 0.9), 320, 180
SECONDS, FPS = 4.0, 24
PHOTOGRAPHS = (
    "astronaut.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "gravel.png", "brick.png",
    "motorcycle_left.png", "rocket.jpg", "hubble_deep_field.jpg", "moon.png",
)  # fmt: skip
_FORMS: dict[Language, tuple[str, ...]] = {
    "en": (
        "{what} {place} {time}",
        "{what} {place} {time}, highly detailed",
        "a cinematic shot of {what} {place}, filmed {time}",
        "{time} {place}: {what}, slow camera",
        "Please show me {what} {place} {time}",
        "{what} {place}",
    ),
    "fr": (
        "{what} {place} {time}",
        "{what} {place} {time}, très détaillé",
        "un beau plan de cinéma avec {what} {place}, filmé {time}",
        "{time} {place} : {what}, caméra lente",
        "Montre-moi {what} {place} {time}",
        "{what} {place}",
    ),
}


@dataclass(frozen=True)
class Drawn:
    """A clip with what it shows; ``colour`` None where the thing has its own."""

    clip: SampledClip
    thing: str
    colour: str | None
    place: str
    time: str
    prompts: dict[Language, str]


def draw(seed: int, kept: bool = True) -> Drawn:
    """A clip of one thing, with its prompts in both languages; ``kept`` takes only the pairs that training never saw."""
    rng = np.random.default_rng((3, seed))
    while True:
        thing, place = _any(rng, bank.values_of("things")), _any(rng, bank.values_of("places"))
        if held_out(thing, place) == kept and thing != "sign":
            break
    colour = None if thing.startswith("cast:") or rng.random() < 0.3 else _any(rng, tuple(slots()["colours"]))
    time = _any(rng, ("day", "sunset", "night"))
    form = int(rng.integers(len(_FORMS["en"])))
    prompts = {language: _FORMS[language][form].format(**_parts(language, thing, colour, place, time)) for language in _FORMS}
    plain = "{what} {place} {time}".format(**_parts("en", thing, colour, place, time))
    return Drawn(replace(film(plain, seed), prompt=prompts["en"]), thing, colour, place, time, prompts)


def film(prompt: str, seed: int) -> SampledClip:
    """What the embedded world draws for ``prompt``, five frames of it, compressed as a clip is."""
    request = GenerationRequest(prompt=prompt, seed=seed, seconds=SECONDS, fps=FPS)
    with one_thread():
        scene = compose(request)
        drawn = Film(scene, tuple(plan(a, scene, SECONDS) for a in scene.actors), (), WIDTH, HEIGHT, FPS, SECONDS)
        indexes = [round(m * SECONDS * FPS) for m in MOMENTS]
        pictures = [drawn.frame(i).numpy() for i in indexes]
    frames = tuple(Frame(_packed(p), i / FPS, i) for i, p in zip(indexes, pictures, strict=True))
    return SampledClip(f"sha256:{seed}", ClipFacts(WIDTH, HEIGHT, FPS, SECONDS, "h264", None), frames, None, prompt=prompt)


def measure(progress: Progress, quick: bool) -> Section:
    """Draw, look, count. Some minutes; ``quick`` about twenty seconds with too few clips to judge by."""
    count = QUICK if quick else CLIPS
    seen = eyes()
    drawn, vectors = [], list[Vectors]()
    for i in range(count):
        drawn.append(draw(FIRST_SEED + i))
        vectors.append(seen.clip(drawn[-1].clip))
        drawn[-1] = replace(drawn[-1], clip=replace(drawn[-1].clip, frames=()))
        progress("scenes drawn and looked at", i + 1, count)
    figures = (
        *_read(seen, drawn, vectors),
        *_found(seen, drawn, vectors),
        *_followed(seen, drawn, vectors),
        *_known(seen, vectors),
    )
    return Section(
        key="scene",
        title="Scenes",
        says="What the small CLIP of the embedded world reads off frames of things in places that training never put them in; "
        "the prompts are not written by the training's grammar. It knows this one drawn world and nothing else.",
        figures=figures,
    )


def _read(seen: Eyes, drawn: list[Drawn], vectors: list[Vectors]) -> list[Figure]:
    """Zero-shot accuracy on the middle frame, by slot and language."""
    middle = np.stack([v[len(v) // 2] for v in vectors])
    figures = []
    for language, called in (("en", "English"), ("fr", "French")):
        told: Language = "fr" if language == "fr" else "en"
        for slot, name in (("things", "thing"), ("places", "place"), ("times", "time")):
            reading = bank.read(seen, middle, slot, told)  # type: ignore[arg-type]
            right = [reading.best(i)[0] == getattr(d, name) for i, d in enumerate(drawn)]
            figures.append(percent(f"{name} named, in {called}", f"one of {len(reading.values)}", right, "likeliest", None))
        right = [
            bank.colours(seen, middle[i : i + 1], d.thing, told).best(0)[0] == d.colour for i, d in enumerate(drawn) if d.colour
        ]
        figures.append(percent(f"colour named, in {called}", f"one of {len(slots()['colours'])}", right, "likeliest", None))
    return figures


def _found(seen: Eyes, drawn: list[Drawn], vectors: list[Vectors]) -> list[Figure]:
    """Retrieval: the right prompt is first of a hundred for a frame."""
    middle = np.stack([v[len(v) // 2] for v in vectors])
    figures = []
    for language, called in (("en", "English"), ("fr", "French")):
        words = seen.words([d.prompts["fr" if language == "fr" else "en"] for d in drawn])
        first = []
        for start in range(0, len(drawn), 100):
            near = middle[start : start + 100] @ words[start : start + 100].T
            first += [int(row.argmax()) == i for i, row in enumerate(near)]
        figures.append(percent(f"right prompt first, in {called}", f"of {min(100, len(drawn))} prompts", first, "nearest", None))
    return figures


def _followed(seen: Eyes, drawn: list[Drawn], vectors: list[Vectors]) -> list[Figure]:
    """False alarms on true pairs, and swapped prompts that are noticed."""
    known = [known_of(seen, v) for v in vectors]
    figures = []
    for language, called in (("en", "English"), ("fr", "French")):
        told: Language = "fr" if language == "fr" else "en"
        true = [agreements(seen, v, k, d.prompts[told]) for v, k, d in zip(vectors, known, drawn, strict=True)]
        others = drawn[1:] + drawn[:1]
        swapped = [agreements(seen, v, k, d.prompts[told]) for v, k, d in zip(vectors, known, others, strict=True)]
        alarms = [t is not None and t <= 0.5 for t in true]
        false = Share(hits=sum(alarms), of=len(alarms))
        figures.append(
            percent(f"false alarms of off_prompt, {called}", "true pairs", alarms, "0.5", None, Goal(value=1, at_most=True))
        )
        figures.append(
            percent(
                f"swapped prompts noticed, {called}", "swapped pairs", [s is not None and s <= 0.5 for s in swapped], "0.5", false
            )
        )
        figures.append(percent(f"clips judged at all, {called}", "true pairs", [t is not None for t in true], "known 0.5", None))
    return figures


def _known(seen: Eyes, vectors: list[Vectors]) -> list[Figure]:
    """Frames of the world that are known, and photographs that are not; the photographs come with scikit-image, where it is."""
    own = [bool(k >= 0.5) for k in known_of(seen, np.concatenate(vectors))]
    strange = [bool(k < 0.5) for k in known_of(seen, seen.pictures(photographs()))]
    return [
        percent("the world's frames known", "frames", own, "0.5", None),
        percent("photographs not known", "photographs and cuts of them", strange, "0.5", None),
    ]


def photographs() -> list[Picture]:
    """Photographs of scikit-image, whole and in quarters; none where it is not installed."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        return []
    found: list[Picture] = []
    for name in PHOTOGRAPHS:
        read = cv2.imread(str(Path(spec.origin).parent / "data" / name))
        if read is not None:
            whole = np.ascontiguousarray(np.asarray(read, np.uint8)[..., ::-1])
            h, w = whole.shape[0] // 2, whole.shape[1] // 2
            found += [whole, *(np.ascontiguousarray(whole[y : y + h, x : x + w]) for y in (0, h) for x in (0, w))]
    return found


def _parts(language: Language, thing: str, colour: str | None, place: str, time: str) -> dict[str, str]:
    what = bank.texts("things", thing, language)[0]
    if colour:
        what = bank.coloured(slots()["things"][thing], slots()["colours"][colour], language)[0]
    return {"what": what, "place": bank.texts("places", place, language)[0], "time": bank.texts("times", time, language)[0]}


def _any(rng: np.random.Generator, values: tuple[str, ...]) -> str:
    return values[int(rng.integers(len(values)))]


def _packed(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    jpeg = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 75])[1]
    return np.ascontiguousarray(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])
