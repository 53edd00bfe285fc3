"""The shipped detector of weapons, signs of hate, fights and blood, on freshly drawn pictures of the world."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from classifiers.clip.objects import ObjectDetector
from classifiers.clip.objects.detector import OWN_MODEL, OWN_SHA256
from classifiers.clip.objects.eye import Found
from classifiers.clip.objects.fighting import over_time
from classifiers.contract import check_clip_detector
from console.bench.objects_pictures import pictures
from console.bench.objects_pieces import CLASSES
from generator.protocol import GenerationRequest
from generator.world import World
from generator.world.canvas import Canvas, Paint
from generator.world.shapes import circle
from generator.world.things.emblems import HARMLESS, HATE, harmless_sign, hate_sign
from safety.media import Frame, Picture
from safety.signal import Box, Report, Signal
from safety.weights import sha256_of
from tests.classifiers.clip.drawings import PHOTOGRAPHS, clip, photograph

DETECTOR = ObjectDetector()
AT = 0.5


@cache
def film(prompt: str, seed: int = 5) -> tuple[Picture, ...]:
    """Three frames half a second apart."""
    request = GenerationRequest(prompt=prompt, seed=seed, fps=8, seconds=3.0)
    chunks = World().generate(request, should_stop=lambda: False, progress=lambda share, words: None)
    frames = np.concatenate([next(chunks).frames for _ in range(2)])
    return frames[0], frames[4], frames[8]


def seen(pictures: tuple[Picture, ...] | list[Picture]) -> dict[str, Signal]:
    report = DETECTOR.detect(clip(pictures))
    assert report.failure is None
    return {s.label: s for s in report.signals}


def sign(name: str, *, hateful: bool) -> Picture:
    """A sign in black on a white disc on a red ground, 320x180."""
    canvas = Canvas.blank(320, 180, 180)
    canvas.wash((0.75, 0.2, 0.2), 1.0)
    pen = canvas.pen(0.9, 0.5, 0.3)
    pen.fill(circle(0, 0, 1.15), Paint((0.95, 0.93, 0.9)))
    (hate_sign if hateful else harmless_sign)(pen, name, (0.1, 0.1, 0.1))
    return (canvas.pixels.clamp(0, 1) * 255).byte().permute(1, 2, 0).contiguous().numpy()


@pytest.mark.parametrize(
    "prompt",
    [
        "a knight with a sword in a field",
        "un pirate avec un pistolet sur la plage",
        "a pistol in a room",
    ],
)
def test_a_weapon_is_found_also_in_the_mirror(prompt: str) -> None:
    frames = film(prompt)
    assert seen(frames)["weapon"].score > AT
    assert seen([np.ascontiguousarray(f[:, ::-1]) for f in frames])["weapon"].score > AT


def test_the_evidence_names_the_class_the_frame_and_the_place_and_says_what_the_model_does_not_know() -> None:
    empty, armed = film("a knight in a field"), film("a knight with a sword in a field")
    (evidence, *_) = seen([empty[0], empty[1], armed[2]])["weapon"].evidence
    assert (evidence.frame, evidence.time) == (24, (1.0, 1.5))
    assert evidence.note is not None
    assert "sword" in evidence.note and "only the embedded world's drawings" in evidence.note
    there = seen([np.ascontiguousarray(armed[2][:, ::-1])])["weapon"].evidence[0].box
    box = evidence.box
    assert box is not None and there is not None
    assert box.w < 0.3
    assert 0.5 < box.x + box.w / 2 < 0.75
    assert there.x + there.w / 2 == pytest.approx(1 - box.x - box.w / 2, abs=0.02)


def test_signs_of_hate_score_far_above_signs_that_only_look_like_them() -> None:
    """Sign by sign the shipped model is unsure, see its card; as a whole it knows the one from the other."""
    hateful = [seen([sign(name, hateful=True)])["hate_symbol"].score for name in HATE]
    alike = [seen([sign(name, hateful=False)])["hate_symbol"].score for name in HARMLESS]
    assert min(hateful) > 3 * float(np.median(alike))
    assert sum(score >= AT for score in alike) <= len(alike) // 7


def test_a_fight_is_found_and_a_dance_is_not() -> None:
    assert seen(film("two men fight in the city"))["fight"].score > AT
    assert seen(film("two men dance in the city"))["fight"].score < AT


def test_a_red_puddle_is_blood() -> None:
    assert seen(film("a pool of blood in a room"))["blood"].score > AT


@pytest.mark.parametrize(
    "prompt",
    [
        "a cat and a guitar on the beach",
        "Orbo and Mimsy walk in a forest",
        "a red ball and an umbrella in a kitchen",
        "a dog and a kite in a field in the snow",
    ],
)
def test_harmless_scenes_stay_quiet(prompt: str) -> None:
    assert max(s.score for s in seen(film(prompt)).values()) < AT


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_stay_quiet(name: str) -> None:
    assert max(s.score for s in seen([photograph(name)]).values()) < AT


def test_the_contract_is_kept() -> None:
    check_clip_detector(ObjectDetector())


def test_the_shipped_model_is_the_one_that_is_named_and_small() -> None:
    assert sha256_of(OWN_MODEL) == OWN_SHA256
    assert OWN_MODEL.stat().st_size <= 4 * 1024 * 1024


def test_the_detector_travels_to_another_process_and_answers_the_same() -> None:
    pictures = film("a knight with a sword in a field")
    plain = {"milliseconds": 0.0}
    there: Report = pickle.loads(pickle.dumps(DETECTOR)).detect(clip(pictures))
    assert there.model_copy(update=plain) == DETECTOR.detect(clip(pictures)).model_copy(update=plain)


def test_looking_needs_no_torch() -> None:
    code = "import sys; from classifiers.clip.objects import configured; configured(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def _found(score: float, x: float = 0.3) -> Found:
    return Found("fight", "fight", score, Box(x=x, y=0.2, w=0.4, h=0.6))


def _frames(moving: bool) -> list[Frame]:
    noise = np.random.default_rng(3).integers(0, 256, (2, 90, 160, 3), np.uint8)
    return [Frame(noise[i % 2 if moving else 0], i / 2, i) for i in range(3)]


def test_a_fight_needs_two_frames_one_place_one_shot_and_movement() -> None:
    """The table of what makes two sights of two figures a fight."""
    frames = _frames(moving=True)
    steady = [[_found(0.9)], [_found(0.9)], []]
    assert [f.score if f else None for f in over_time(frames, steady)] == [pytest.approx(0.9), pytest.approx(0.9), None]
    once = over_time(frames, [[_found(0.9)], [], []])[0]
    still = over_time(_frames(moving=False), steady)[0]
    elsewhere = over_time(frames, [[_found(0.9, 0.0)], [_found(0.9, 0.55)], []])[0]
    other_shot = over_time([frames[0], replace(frames[1], shot=1), frames[2]], steady)[0]
    later = over_time([frames[0], replace(frames[1], time=5.0), frames[2]], steady)[0]
    for lone in (once, still, elsewhere, other_shot, later):
        assert lone is not None
        assert lone.score == pytest.approx(0.45)


def test_the_renderer_says_where_things_are_and_says_it_again_for_the_same_seed() -> None:
    """Boxes are fractions of the picture; a box's part of the picture is what drawing the thing changed."""
    drawn = list(pictures(41, 12))
    again = list(pictures(41, 12))
    things = [thing for item in drawn for thing in item.things]
    assert things
    assert [item.things for item in drawn] == [item.things for item in again]
    assert all(0 <= left < right <= 1 and 0 <= top < bottom <= 1 for _, left, top, right, bottom in things)
    assert {name for name, *_ in things} <= set(CLASSES)
    assert [i for i in pictures(41, 12, harm=0.0) if i.things] == []
