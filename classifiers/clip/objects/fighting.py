"""When two figures who touch are a fight: only if they are seen so in two frames in a row, and have moved in between.

The model knows single frames: two figures within reach, arms up, leaning. A photograph of wrestlers on a wall looks the same in
every frame, and two who hug are taken for fighters once in a while but rarely twice. So a frame's score is the geometric mean of
its own and its neighbour's where their boxes overlap and what is in them moved; seen alone, or standing still, it counts half.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from classifiers.clip.objects.eye import Found, overlap
from classifiers.clip.pictures import cut, resize
from safety.media import Frame
from safety.signal import Box

FIGHT = "fight"
#: Frames further apart than this, seconds, say nothing about movement (the gate samples two a second).
LONGEST_GAP = 1.01
#: Least overlap, intersection over union, of the same fight in two frames: figures lunge by a seventh of their height.
SAME_PLACE = 0.3
#: Mean change of brightness in the box, of 255, from which something moved there. Of 25 pairs of frames each of the world's
#: fights 0.1 quantile 16, least 7.8; of two who stand at most 5.1; of a still picture shifted by 4 of 640 pixels at most 8.7.
MOVED = 10.0
#: What a fight counts that was seen in one frame only or did not move.
ALONE = 0.5
#: Side of the square in which movement is measured, pixels.
_SIDE = 48


def over_time(frames: Sequence[Frame], found: Sequence[Sequence[Found]]) -> list[Found | None]:
    """For each frame its surest fight, scored with its neighbours; ``found`` holds all things of each frame."""
    fights = [[f for f in things if f.label == FIGHT] for things in found]
    out: list[Found | None] = []
    for i, here in enumerate(fights):
        best: Found | None = None
        for one in here:
            score = ALONE * one.score
            for j in (i - 1, i + 1):
                if 0 <= j < len(frames) and frames[j].shot == frames[i].shot and _near(frames[i], frames[j]):
                    score = max(score, max((_joint(frames[i], frames[j], one, other) for other in fights[j]), default=0.0))
            if best is None or score > best.score:
                best = Found(one.label, one.kind, score, one.box)
        out.append(best)
    return out


def _near(one: Frame, other: Frame) -> bool:
    return abs(one.time - other.time) <= LONGEST_GAP


def _joint(one: Frame, other: Frame, here: Found, there: Found) -> float:
    """The score of two sights of one fight; 0 when they are not of one, or nothing moved."""
    if overlap(here.box, there.box) < SAME_PLACE:
        return 0.0
    score = float(np.sqrt(here.score * there.score))
    if score <= ALONE * here.score:
        return 0.0
    return score if moved(one, other, here.box) >= MOVED else 0.0


def moved(one: Frame, other: Frame, box: Box) -> float:
    """Mean change of brightness, 0 to 255, within ``box`` between two frames, less what the whole picture changed alike."""
    views = []
    for frame in (one, other):
        grey = cv2.cvtColor(resize(cut(frame.picture, box), _SIDE, _SIDE), cv2.COLOR_RGB2GRAY).astype(np.float32)
        views.append(grey - grey.mean())
    return float(np.abs(views[0] - views[1]).mean())
