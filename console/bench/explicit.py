"""Nudity and sexual content: false alarms and finds of the pooled votes, beside each model alone on the same pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifiers.clip.content import ContentDetector
from classifiers.clip.nudity import NudityDetector
from classifiers.clip.voters import BoxVoter, SceneVoter, ScoreVoter
from classifiers.prompt.bench.figures import Figure, Goal, Section, percent
from console.bench.drawn import SKINS, cartoon, figure
from console.bench.material import photographs, scenes
from console.bench.report import Progress
from safety.media import ClipFacts, Frame, Picture, SampledClip

#: From here on a person is asked (the shipped policy), and NudeNet keeps a box (nudenet 3.4, ``_postprocess``).
HELD, NUDENET_KEEPS = 0.5, 0.2
GROUNDS = ((120, 160, 200), (240, 240, 240), (60, 90, 60), (150, 110, 90), (30, 30, 60))


def measure(progress: Progress, quick: bool) -> Section:
    """Every judge on harmless pictures and on crude drawings of naked figures."""
    naked = [figure(skin, ground, dressed=False) for skin in SKINS for ground in GROUNDS]
    dressed = [figure(skin, ground, dressed=True) for skin in SKINS for ground in GROUNDS]
    naked += [np.ascontiguousarray(p[:, ::-1]) for p in naked]
    harmless = {
        "harmless photographs": photographs(),
        "the same figures dressed": dressed,
        "flat drawn scenes": [cartoon(seed) for seed in range(20 if quick else 240)],
        "world scenes": [*scenes()][: 9 if quick else None],
    }
    figures: list[Figure] = []
    for number, (name, judge) in enumerate(_JUDGES.items()):
        progress("explicit content", number, len(_JUDGES))
        line = f"{NUDENET_KEEPS if name.startswith('nudenet') else HELD:g}"
        figures.append(percent(f"{name}: found", "crude drawings of naked figures", judge(naked), line, None))
        for kind, pictures in harmless.items():
            goal = Goal(value=1.0, at_most=True) if name == "ours" else None
            figures.append(percent(f"{name}: false alarms", kind, judge(pictures), line, None, goal))
    return Section(
        key="explicit",
        title="Nudity and sexual content",
        says="Held by `nudity` or `nsfw` from 0.5; the peers by their own threshold. No explicit photograph was looked at.",
        figures=tuple(figures),
    )


def _ours(pictures: Sequence[Picture]) -> list[bool]:
    nudity, content = NudityDetector(), ContentDetector()
    held = []
    for picture in pictures:
        reports = [d.detect(_clip(picture)) for d in (nudity, content)]
        held.append(any(s.score >= HELD for r in reports for s in r.signals if s.label in {"nudity", "nsfw"}))
    return held


def _nudenet(pictures: Sequence[Picture]) -> list[bool]:
    return [any(part.score >= NUDENET_KEEPS for part in parts) for parts in BoxVoter().look(pictures)]


def _opennsfw(pictures: Sequence[Picture]) -> list[bool]:
    return [bool(score >= HELD) for score in ScoreVoter().look(pictures)]


def _scene(pictures: Sequence[Picture]) -> list[bool]:
    return [bool(row[0] >= HELD or row[1] >= HELD) for row in SceneVoter().look(pictures)]


_JUDGES = {"ours": _ours, "nudenet alone": _nudenet, "open_nsfw alone": _opennsfw, "image-safety-classifier-s alone": _scene}


def _clip(picture: Picture) -> SampledClip:
    facts = ClipFacts(picture.shape[1], picture.shape[0], 24.0, 0.5, "h264", None)
    return SampledClip("sha256:" + "0" * 64, facts, (Frame(picture, 0.0, 0),), None)
