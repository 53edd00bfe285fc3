"""The badge people see, and the recipe that puts badge, mark and looks together."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.badge import FADE, STAY, Badge
from provenance.errors import SealRefused
from provenance.seal import Sealer, mark_id
from tests.provenance.conftest import Studio
from tests.provenance.material import FPS, meadow


def changed_part(time: float, width: int = 640, height: int = 360, handle: str = "@ada") -> tuple[float, float, float]:
    """Centre (x, y as fractions) and share of the picture that the badge changes at ``time``."""
    blank = np.full((height, width, 3), 200, np.uint8)
    rows, columns = np.nonzero((Badge(width, height, handle).draw(blank, time) != blank).any(2))
    return columns.mean() / width, rows.mean() / height, len(rows) / (width * height)


def test_the_badge_moves_from_corner_to_corner() -> None:
    corners = [changed_part(i * STAY + 1) for i in range(4)]
    sides = [(x > 0.5, y > 0.5) for x, y, _ in corners]
    assert sides == [(False, False), (True, True), (False, True), (True, False)]
    assert all(0.005 < share < 0.08 for _, _, share in corners)


def test_the_badge_is_there_at_every_moment_also_between_corners() -> None:
    for time in (0.0, STAY - FADE / 2, STAY - 1e-6, STAY, 1000.3):
        assert changed_part(time)[2] > 0.005


def test_the_letters_stand_out_from_light_and_from_dark() -> None:
    for level in (0, 128, 255):
        shown = Badge(640, 360).draw(np.full((360, 640, 3), level, np.uint8), 1.0)[:60, :200].astype(int)
        assert shown.max() - shown.min() > 100


@pytest.mark.parametrize(("width", "height"), [(64, 36), (360, 640), (1920, 1080)])
def test_the_badge_fits_every_size_and_any_handle(width: int, height: int) -> None:
    blank = np.zeros((height, width, 3), np.uint8)
    assert Badge(width, height, "漢字 \n" * 40).draw(blank, 1.0).shape == blank.shape


def test_sealing_leaves_the_frames_given_as_they_are_and_takes_two_looks_a_second(studio: Studio) -> None:
    frames = meadow(36)
    before = [f.copy() for f in frames]
    sealing = Sealer(studio.authority).open(mark_id("x"), 640, 360, FPS)
    for i, frame in enumerate(frames):
        sealing.frame(frame, i / FPS)
    assert all(np.array_equal(a, b) for a, b in zip(frames, before, strict=True))
    assert [look.time for look in sealing.looks] == [0.0, 0.5, 1.0]
    assert sealing.thumbnail[:3] == b"\xff\xd8\xff"


def test_a_seal_without_frames_is_refused(studio: Studio) -> None:
    with pytest.raises(SealRefused, match="No frame"):
        _ = Sealer(studio.authority).open(mark_id("x"), 640, 360, FPS).thumbnail


def test_the_same_clip_always_has_the_same_mark() -> None:
    assert mark_id("clip") == mark_id("clip") != mark_id("clip2")
    assert len(mark_id("clip")) == 12
