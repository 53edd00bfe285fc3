"""How well a reserved character is found in a finished clip: ``python bench/reserved_pictures.py [--clips N] [--sheet FILE]``.

Each named character of the embedded world is filed as its portrait. Clips are drawn by the generator from prompts, each with one
character or with none, compressed (JPEG 70 a frame), some mirrored. For every clip and reference the figure is the best cosine of
any pair of fingerprints; a pair is true when the world says that it drew that character, whatever the prompt called it.
Printed: the distributions, and
for thresholds the recall with its 95 % interval and the false alarms. Exits 1 when recall at the published threshold is below
0.9 or a false alarm occurs.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from classifiers.clip.fingerprint import SAME_LOOK_COSINE, PictureFingerprinter, similarity
from generator.protocol import GenerationRequest
from generator.world.characters import CHARACTERS
from generator.world.portraits import portrait
from generator.world.scene import compose
from generator.world.studio import World
from safety.fingerprint import PictureFingerprint
from safety.media import ClipFacts, Frame, Picture, SampledClip

PLACES = (
    "in a snowy forest", "on a beach at sunset", "in a city street at night", "in a kitchen", "on the moon", "under water",
    "in the mountains", "in a field of flowers", "in a library", "by a lake in the rain",
)  # fmt: skip
ACTIONS = ("walks", "dances", "waves", "jumps", "runs", "sits")
#: Scenes without any named character, several with creatures of the same kind.
OTHERS = (
    "a grey robot walks through a city",
    "a brown owl on a branch at night",
    "a red car drives along the beach",
    "a girl flies a kite in a field",
    "a green cactus in the desert",
    "a white cloud over the mountains",
    "an astronaut on the moon",
    "a dog chases a ball in the snow",
    "a cup of tea and toast on a table",
    "a green dragon sleeps in a forest",
    "a pink fish swims under water",
    "a boat on a lake at sunset",
    "a cat and a butterfly in a garden",
    "a train crosses the mountains",
    "a blue bird sings in the rain",
    "a wizard with a purple hat in a library",
    "a horse runs on the beach",
    "a yellow robot dances in a room",
    "a troll under a bridge",
    "three balloons over the city",
)


def film(prompt: str, seed: int, *, mirrored: bool) -> SampledClip:
    """Eight frames of a four-second clip, two a second."""
    request = GenerationRequest(prompt=prompt, seed=seed)
    pictures: list[Picture] = []
    for chunk in World().generate(request, should_stop=lambda: False, progress=lambda *_: None):
        pictures += list(chunk.frames)
    step = request.fps // 2
    frames = tuple(Frame(_packed(p[:, ::-1] if mirrored else p), i * 0.5, i * step) for i, p in enumerate(pictures[::step]))
    return SampledClip(f"{prompt}#{seed}", ClipFacts(request.width, request.height, request.fps, 4.0, "h264", None), frames, None)


def cast(prompt: str, seed: int) -> set[str]:
    """Keys of the named characters the world draws for a prompt."""
    actors = compose(GenerationRequest(prompt=prompt, seed=seed), ()).actors
    return {a.kind.removeprefix("cast:") for a in actors if a.kind.startswith("cast:")}


def _packed(picture: Picture) -> Picture:
    jpeg = cv2.imencode(".jpg", np.ascontiguousarray(picture), [cv2.IMWRITE_JPEG_QUALITY, 70])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def best(found: tuple[PictureFingerprint, ...], reference: tuple[PictureFingerprint, ...]) -> tuple[float, PictureFingerprint]:
    """Greatest cosine and the fingerprint of the clip that has it."""
    pairs = [(max(similarity(p, r) for r in reference), p) for p in found]
    return max(pairs, key=lambda pair: pair[0])


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if not tries:
        return 0.0, 1.0
    z, p = 1.96, hits / tries
    middle, wide = p + z * z / (2 * tries), z * np.sqrt(p * (1 - p) / tries + z * z / (4 * tries * tries))
    return float((middle - wide) / (1 + z * z / tries)), float((middle + wide) / (1 + z * z / tries))


def main() -> int:
    """Draw, fingerprint, compare, print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--clips", type=int, default=6, help="clips a character")
    asked.add_argument("--sheet", type=Path, help="write the hardest true clips with their best region here (PNG)")
    options = asked.parse_args()
    cv2.setNumThreads(1)
    printer, rng = PictureFingerprinter(), np.random.default_rng(4)
    references = {key: printer.reference(portrait(key)) for key in CHARACTERS}
    true, false, spent, rows = [], [], [], []
    jobs = [
        f"{c.name} {ACTIONS[i % len(ACTIONS)]} {PLACES[int(rng.integers(len(PLACES)))]}"
        for c in CHARACTERS.values()
        for i in range(options.clips)
    ]
    jobs += OTHERS
    for number, prompt in enumerate(jobs):
        clip = film(prompt, number, mirrored=number % 3 == 2)
        started = time.perf_counter()
        found = printer.clip(clip)
        spent.append(time.perf_counter() - started)
        drawn = cast(prompt, number)
        for other, reference in references.items():
            cosine, where = best(found, reference)
            (true if other in drawn else false).append((cosine, prompt, other))
            if other in drawn:
                rows.append((cosine, clip, where))
        print(
            f"{number + 1}/{len(jobs)} {prompt}: " + " ".join(f"{k} {best(found, r)[0]:.2f}" for k, r in references.items()),
            flush=True,
        )
    if options.sheet:
        sheet(options.sheet, rows)
    return report(true, false, spent)


def report(true: list[tuple[float, str, str]], false: list[tuple[float, str, str]], spent: list[float]) -> int:
    """Print the distributions; 1 when the published threshold does not hold."""
    yes, no = np.array([t[0] for t in true]), np.array([f[0] for f in false])
    print(f"\nseconds a clip of 8 frames: median {np.median(spent):.2f}, greatest {np.max(spent):.2f}")
    print("true pairs :", len(yes), "quantiles 0, 5, 25, 50 %:", np.round(np.quantile(yes, [0, 0.05, 0.25, 0.5]), 3))
    print("false pairs:", len(no), "quantiles 50, 95, 99, 100 %:", np.round(np.quantile(no, [0.5, 0.95, 0.99, 1]), 3))
    for at in (0.74, 0.76, 0.78, 0.80, 0.82, 0.84):
        low, high = wilson(int((yes >= at).sum()), len(yes))
        recall, alarms = np.mean(yes >= at), int((no >= at).sum())
        print(f"at {at:.2f}: recall {recall:.3f} ({low:.3f} to {high:.3f}), false alarms {alarms} of {len(no)}")
    print("hardest:", *sorted(true)[:6], sep="\n  ")
    print("nearest false:", *sorted(false, reverse=True)[:8], sep="\n  ")
    return int(np.mean(yes >= SAME_LOOK_COSINE) < 0.9 or (no >= SAME_LOOK_COSINE).any())


def sheet(path: Path, rows: list[tuple[float, SampledClip, PictureFingerprint]]) -> None:
    """The hardest true clips: the frame of the best match with its box."""
    tiles = []
    for cosine, clip, where in sorted(rows, key=lambda r: r[0])[:12]:
        frame = next(f for f in clip.frames if f.index == where.frame).picture.copy()
        height, width = frame.shape[:2]
        if where.box:
            corner, size = (where.box.x * width, where.box.y * height), (where.box.w * width, where.box.h * height)
            cv2.rectangle(
                frame, (int(corner[0]), int(corner[1])), (int(corner[0] + size[0]), int(corner[1] + size[1])), (255, 0, 0), 2
            )
        cv2.putText(frame, f"{cosine:.2f} {clip.digest[:40]}", (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
        tiles.append(frame)
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 3)
    cv2.imwrite(str(path), np.concatenate([np.concatenate(tiles[i : i + 3], 1) for i in range(0, len(tiles), 3)])[..., ::-1])


if __name__ == "__main__":
    sys.exit(main())
