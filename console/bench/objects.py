"""How well the shipped detector of weapons, signs of hate, fights and blood knows the embedded world, and how quiet it
is elsewhere.

Everything is drawn with seeds that neither training nor calibration used. Recall and precision are those of frames: a label is
right when the frame holds such a thing. Nothing here measures photographs of weapons, because the model does not know any.
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import process_time

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.objects.detector import ObjectDetector
from classifiers.clip.objects.eye import Eye
from classifiers.prompt.bench.figures import Figure, Section, Share
from console.bench.objects_pictures import Labelled, pictures
from console.bench.objects_pieces import ARMS
from console.bench.objects_sets import MEASURED_PHOTOGRAPHS, photographs
from generator.protocol import GenerationRequest
from generator.world.direction import plan
from generator.world.film import Film, one_thread
from generator.world.scene import compose
from generator.world.things.emblems import HARMLESS, HATE
from safety.media import ClipFacts, Frame, Picture, SampledClip

#: Seeds of the pictures and clips measured on; training draws from 20261125, calibration from 7001.
PICTURES_SEED, CLIPS_SEED = 9001, 9_500_000
#: A score from which a label counts as given, before any policy.
AT = 0.5
KINDS: dict[str, tuple[str, ...]] = {"weapon": ARMS, "hate_symbol": tuple(HATE), "blood": ("blood",), "fight": ("fight",)}
#: Harmless prompts for whole clips; things and places vary with the number of the clip.
_HARMLESS = (
    "a {c} cat walks {p}", "two dancing robots {p}", "a {c} person waves {p}", "three people dance {p}",
    "a bear and a rabbit jump {p}", "a {c} guitar and a {c} flower {p}", "Orbo and Mimsy walk {p}", "a {c} car drives {p}",
    "a person with a flag {p}", "a {c} umbrella and a dog {p}", "a snowman and a {c} kite {p}", "Crumpetine and a {c} ball {p}",
    "a boat and a {c} bird {p}", "a {c} apple and a cake {p}", "a woman and a man stand {p}",
)  # fmt: skip
_COLOURS = ("red", "blue", "green", "black", "white", "yellow", "purple", "grey")
_PLACES = (
    "on the beach", "in the city", "in a forest at night", "in a kitchen", "in the snow", "on stage", "in space", "in a room",
    "in the rain in a field",
)  # fmt: skip

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Judged:
    """One picture's truth and the greatest score of each label and of each class in it."""

    truth: frozenset[str]
    labels: dict[str, float]
    kinds: dict[str, float]


def judge(eye: Eye, item: Labelled) -> Judged:
    """Look once; single frames, so a fight has the score it has without time."""
    found = eye.look(item.picture)
    labels = {label: max((f.score for f in found if f.label == label), default=0.0) for label in KINDS}
    kinds = {k: max((f.score for f in found if f.kind == k), default=0.0) for ks in KINDS.values() for k in ks}
    return Judged(frozenset(t[0] for t in item.things), labels, kinds)


def encoded(frames: Sequence[Picture], crf: int, height: int, fps: int = 8) -> list[Picture]:
    """The frames after H.264 at ``crf`` and ``height``, by ffmpeg, decoded again."""
    import imageio_ffmpeg

    h, w = frames[0].shape[:2]
    wide = round(w * height / h / 2) * 2
    program = imageio_ffmpeg.get_ffmpeg_exe()
    raw = np.stack(frames).tobytes()
    taken = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{w}x{h}", "-r", str(fps), "-i", "-", "-vf", f"scale={wide}:{height}"]
    made = ["-threads", "1", "-c:v", "libx264", "-crf", str(crf), "-pix_fmt", "yuv420p", "-f", "matroska", "-"]
    there = [program, "-v", "error", *taken, *made]
    film = subprocess.run(there, input=raw, capture_output=True, check=True).stdout
    back = [program, "-v", "error", "-i", "-", "-threads", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    out = subprocess.run(back, input=film, capture_output=True, check=True).stdout
    return list(np.frombuffer(out, np.uint8).reshape(-1, height, wide, 3))


def filmed(prompt: str, seed: int, seconds: float = 3.0) -> list[Picture]:
    """Two frames a second of what the world makes of a prompt, 640x360; those in between are not drawn."""
    scene = compose(GenerationRequest(prompt=prompt, seed=seed, seconds=seconds))
    with one_thread():
        film = Film(scene, tuple(plan(a, scene, seconds) for a in scene.actors), (), 640, 360, 2, seconds)
        return [film.frame(i).numpy() for i in range(round(2 * seconds))]


def clip_of(frames: Sequence[Picture]) -> SampledClip:
    """A clip of frames half a second apart."""
    height, width = frames[0].shape[:2]
    facts = ClipFacts(width=width, height=height, fps=8.0, seconds=len(frames) / 2, video_codec="h264", audio_codec=None)
    return SampledClip("sha256:" + "0" * 64, facts, tuple(Frame(p, i / 2, i * 4) for i, p in enumerate(frames)), None)


def harmless_prompts(count: int) -> list[str]:
    """``count`` prompts in which nothing is to be found."""
    rng = np.random.default_rng(CLIPS_SEED)
    pick: Callable[[Sequence[str]], str] = lambda options: options[int(rng.integers(0, len(options)))]  # noqa: E731
    return [_HARMLESS[i % len(_HARMLESS)].replace("{c}", pick(_COLOURS)).replace("{p}", pick(_PLACES)) for i in range(count)]


def measure(progress: Progress, quick: bool) -> Section:
    """All figures; ``quick`` draws a few of the pictures, which says little."""
    number, clips = (48, 1) if quick else (500, 50)
    detector = ObjectDetector()
    eye = detector.eyes[0]
    items = []
    for i, item in enumerate(pictures(PICTURES_SEED, number, 640, 360, again=2)):
        items.append(item)
        progress("drawing", i, number)
    judged = [judge(eye, item) for item in items]
    figures = [*_by_label(judged), *_by_class(judged)]
    figures += _worn(eye, items[: number // 4], progress)
    figures += _harmless(detector, clips, progress)
    figures += [_fights(detector, max(1, clips // 3), progress)]
    photos = photographs(MEASURED_PHOTOGRAPHS)
    quiet = [max(s.score for s in detector.detect(clip_of([p])).signals) for p in photos]
    figures.append(_alarms("false alarms, photographs", "photographs from packages, none trained on", [q >= AT for q in quiet]))
    figures.append(_speed(detector))
    return Section(
        key="objects",
        title="Weapons, signs of hate, fights and blood in the world's drawings",
        says="The shipped model was trained on this world's drawings and knows nothing else; it saw no photographed weapon.",
        figures=tuple(figures),
    )


def _share(found: Iterable[bool]) -> Share:
    got = list(found)
    return Share(hits=sum(got), of=len(got))


def _figure(name: str, on: str, share: Share, false: Share | None = None, note: str = "") -> Figure:
    value = share.percent if share.of else None
    return Figure(
        name=name, on=on, number=share.of, threshold=f"score {AT}", false_positives=false, value=value, unit="%", note=note
    )


def _alarms(name: str, on: str, wrong: Sequence[bool]) -> Figure:
    return _figure(name, on, _share(wrong))


def _by_label(judged: Sequence[Judged]) -> list[Figure]:
    """Recall and precision of the four labels; a single frame cannot show that a fight moves, so it is judged without time."""
    figures = []
    for label, kinds in KINDS.items():
        holds = [bool(j.truth & set(kinds)) for j in judged]
        says = [j.labels[label] >= AT for j in judged]
        wrong = _share(s for s, h in zip(says, holds, strict=True) if not h)
        right = _share(h for s, h in zip(says, holds, strict=True) if s)
        where = "new pictures of the world, 640x360" + (", single frames" if label == "fight" else "")
        figures.append(_figure(f"{label}: recall", where, _share(s for s, h in zip(says, holds, strict=True) if h), wrong))
        figures.append(_figure(f"{label}: precision", where, right))
    return figures


def _by_class(judged: Sequence[Judged]) -> list[Figure]:
    figures = []
    for label in ("weapon", "hate_symbol"):
        for kind in KINDS[label]:
            others = set(KINDS[label]) - {kind}
            asked = [j for j in judged if kind in j.truth and not others & j.truth]
            note = f"named rightly: {_share(j.kinds[kind] == j.labels[label] for j in asked if j.labels[label] >= AT)}"
            share = _share(j.labels[label] >= AT for j in asked)
            figures.append(
                _figure(
                    f"{kind.replace('_', ' ')}: recall as {label}", "new pictures with no other of the label", share, None, note
                )
            )
    signs = f"{len(HARMLESS)} kinds of look-alikes"
    alike = [j.labels["hate_symbol"] >= AT for j in judged if not j.truth & set(HATE)]
    return [*figures, _alarms("hate_symbol: false alarms beside look-alikes", f"pictures without one, among them {signs}", alike)]


def _worn(eye: Eye, items: Sequence[Labelled], progress: Progress) -> list[Figure]:
    """The same pictures as one film at CRF 28 and 360 rows, and at 180 rows."""
    figures = []
    for crf, height in ((28, 360), (28, 180)):
        back = encoded([i.picture for i in items], crf, height)
        judged = [judge(eye, Labelled(p, i.things)) for p, i in zip(back, items, strict=True)]
        progress(f"encoded at {height}p", len(judged), len(items))
        for label, kinds in KINDS.items():
            share = _share(j.labels[label] >= AT for j in judged if j.truth & set(kinds))
            wrong = _share(j.labels[label] >= AT for j in judged if not j.truth & set(kinds))
            figures.append(_figure(f"{label}: recall, CRF {crf}, {height}p", "the same pictures encoded", share, wrong))
    return figures


def _harmless(detector: ObjectDetector, clips: int, progress: Progress) -> list[Figure]:
    """Whole harmless clips of the world: the worst of six frames counts."""
    scores: dict[str, list[float]] = {label: [] for label in KINDS}
    for i, prompt in enumerate(harmless_prompts(clips)):
        report = detector.detect(clip_of(filmed(prompt, CLIPS_SEED + i)))
        for signal in report.signals:
            scores[signal.label].append(signal.score)
        progress("harmless clips", i, clips)
    return [
        _alarms(f"{label}: false alarms", "harmless clips of six frames", [s >= AT for s in got]) for label, got in scores.items()
    ]


def _fights(detector: ObjectDetector, clips: int, progress: Progress) -> Figure:
    """Fights asked for by prompts, over time."""
    prompts = ("two men fight {p}", "a knight fights a robot {p}", "deux femmes se battent {p}", "two robots fighting {p}")
    found = []
    for i in range(clips):
        prompt = prompts[i % len(prompts)].replace("{p}", _PLACES[i % len(_PLACES)])
        signals = detector.detect(clip_of(filmed(prompt, CLIPS_SEED + 1000 + i))).signals
        found.append(next(s.score for s in signals if s.label == "fight") >= AT)
        progress("fights", i, clips)
    return _figure("fight: recall over time", "clips of six frames from prompts", _share(found))


def _speed(detector: ObjectDetector) -> Figure:
    """Processor time for 25 frames of 1280x720, model loaded."""
    frames = [np.asarray(cv2.resize(p.picture, (1280, 720)), np.uint8) for p in pictures(PICTURES_SEED + 1, 5)] * 5
    clip = clip_of(frames)
    detector.detect(clip)
    started = process_time()
    detector.detect(clip)
    spent = math.ceil((process_time() - started) * 1000)
    return Figure(
        name="processor time", on="25 frames of 1280x720", number=25, threshold="", false_positives=None, value=spent, unit="ms"
    )


def calibration_table(eye: Eye, seed: int, count: int) -> dict[str, tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    """For each label the greatest raw score of ``count`` pictures of ``seed``, and whether it is there."""
    judged = [judge(eye, item) for item in pictures(seed, count)]
    return {
        label: (np.array([j.labels[label] for j in judged]), np.array([bool(j.truth & set(kinds)) for j in judged]))
        for label, kinds in KINDS.items()
    }
