"""Swimwear and underwear in pictures: seen on drawings by the real model, from the look that nudity takes anyway."""

from __future__ import annotations

import pytest

from classifiers.clip.attire import LABEL, judge
from classifiers.clip.nudity import NudityDetector
from classifiers.clip.voters import BoxVoter, Part
from console.bench.drawn import SKINS
from console.bench.drawn_swimmers import OTHER, Colour, swimmer
from safety.signal import Box, Signal
from tests.classifiers.clip.drawings import PHOTOGRAPHS, cartoon, clip, photograph

DETECTOR = NudityDetector()
GROUND, CLOTH = (120, 160, 200), (30, 90, 140)


def seen(*pictures: object) -> Signal:
    report = DETECTOR.detect(clip(pictures))  # type: ignore[arg-type]
    assert report.failure is None
    return next(s for s in report.signals if s.label == LABEL)


@pytest.mark.parametrize("wears", ["bikini", "trunks"])
@pytest.mark.parametrize("skin", SKINS)
def test_a_figure_in_a_bikini_or_in_trunks_is_seen(skin: Colour, wears: str) -> None:
    assert seen(swimmer(skin, GROUND, CLOTH, wears)).score >= 0.5


@pytest.mark.parametrize("wears", OTHER)
def test_the_same_figure_dressed_is_not(wears: str) -> None:
    assert seen(swimmer(SKINS[0], GROUND, CLOTH, wears)).score < 0.5


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_of_harmless_things_stay_quiet(name: str) -> None:
    assert seen(photograph(name)).score < 0.1


def test_the_worst_frame_counts_and_the_evidence_names_its_parts_and_place() -> None:
    signal = seen(cartoon(1, 480, 640), swimmer(SKINS[0], GROUND, CLOTH, "bikini"))
    (evidence,) = signal.evidence
    assert evidence.frame == 12
    assert "belly exposed" in (evidence.note or "")
    assert evidence.box is not None


def test_the_model_looks_once_for_both_labels() -> None:
    class Counting:
        looks = 0

        def run(self, pictures: object) -> object:
            self.looks += 1
            return real.run(pictures)  # type: ignore[arg-type]

    real = BoxVoter().model
    model = Counting()
    report = NudityDetector(boxes=BoxVoter(model)).detect(clip([cartoon(1)]))  # type: ignore[arg-type]
    assert {s.label for s in report.signals} == {"nudity", LABEL}
    assert model.looks == 1


def part(kind: str, score: float, x: float = 0.4, y: float = 0.4) -> Part:
    return Part(kind, score, Box(x=x, y=y, w=0.1, h=0.1))


def test_one_part_alone_is_nobody() -> None:
    assert judge([part("BUTTOCKS_EXPOSED", 0.9)])[0] == 0.0


def test_parts_of_two_people_are_not_put_together() -> None:
    together = [part("BELLY_EXPOSED", 0.8), part("MALE_BREAST_EXPOSED", 0.8, y=0.25), part("ARMPITS_EXPOSED", 0.8, y=0.2)]
    apart = [together[0], part("MALE_BREAST_EXPOSED", 0.8, x=0.9), part("ARMPITS_EXPOSED", 0.8, x=0.02)]
    assert judge(together)[0] >= 0.5
    assert judge(apart)[0] == 0.0
