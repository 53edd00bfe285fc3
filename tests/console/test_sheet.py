"""The sheet shows when and where: drawn from a verdict, it has a bar for each stretch and a box for each place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from console.sheet import HOLD, MOST_FRAMES, chosen, draw_sheet
from console.views import EvidenceView, VerdictView
from safety.media import ClipFacts, Frame, SampledClip
from safety.signal import Box, Evidence
from safety.verdict import Outcome


def clip(frames: int) -> SampledClip:
    facts = ClipFacts(320, 180, 24.0, frames / 2, "h264", None)
    shown = tuple(Frame(np.full((180, 320, 3), 120, np.uint8), i / 2, i * 12, i // 10) for i in range(frames))
    return SampledClip("sha256:" + "0" * 64, facts, shown, None)


def verdict(*signals: EvidenceView) -> VerdictView:
    return VerdictView(
        id="v", gate="clip", outcome=Outcome.HOLD, clause="X-1", says="X-1. Wait.", hits=(), signals=signals, unchecked={},
        policy="p", at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def seen(score: float, frame: int, time: tuple[float, float]) -> EvidenceView:
    box = Box(x=0.25, y=0.25, w=0.5, h=0.5)
    return EvidenceView(label="weapon", score=score, detector="d/1", evidence=(Evidence(time=time, frame=frame, box=box),))


def test_frames_of_the_evidence_come_before_others_and_every_shot_is_there() -> None:
    frames = chosen(clip(40), [seen(0.6, 37 * 12, (18.5, 19.0))])
    assert 37 * 12 in [f.index for f in frames]
    assert {f.shot for f in frames} == {0, 1, 2, 3}
    assert len(frames) == MOST_FRAMES
    assert [f.time for f in frames] == sorted(f.time for f in frames)


def test_a_signal_is_a_bar_at_its_time_and_a_box_at_its_place(tmp_path: Path) -> None:
    with_it, without = tmp_path / "with.png", tmp_path / "without.png"
    draw_sheet(clip(4), verdict(seen(0.6, 12, (0.5, 1.0))), with_it)
    draw_sheet(clip(4), verdict(seen(0.0, 12, (0.5, 1.0))), without)
    amber = [int((np.asarray(Image.open(p).convert("RGB")) == HOLD).all(axis=2)[12:].sum()) for p in (with_it, without)]
    assert amber[0] > amber[1] + 500


def test_a_clip_without_signals_and_an_upright_one_are_drawn(tmp_path: Path) -> None:
    draw_sheet(clip(1), verdict(), tmp_path / "none.png")
    with Image.open(tmp_path / "none.png") as sheet:
        assert sheet.size[0] == 1280
