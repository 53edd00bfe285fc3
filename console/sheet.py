"""A clip's verdict as one picture: when each signal was seen, and the frames it was seen in, with boxes.

For people who want to see at a glance why; drawn from the verdict and the file, nothing is judged again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from console.plain import printable
from console.views import EvidenceView, VerdictView
from safety.media import Frame, SampledClip
from safety.signal import Box, Evidence

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

FONT = Path(__file__).parents[1] / "generator" / "world" / "fonts" / "DejaVuSans-Bold.ttf"
WIDTH, PAD, LEFT = 1280, 24, 250
#: Signals drawn, the highest first; those under this score are left out, one row at least.
MOST_SIGNALS, FAINT = 14, 0.1
LANE, THUMB, COLUMNS, MOST_FRAMES = 24, 296, 4, 12
INK, PAPER, RULE, CALM = (28, 32, 38), (250, 249, 246), (208, 205, 198), (126, 148, 172)
HOLD, BLOCK, ALLOW = (196, 136, 32), (178, 58, 46), (46, 125, 80)


def draw_sheet(clip: SampledClip, verdict: VerdictView, out: Path) -> None:
    """Write the picture, PNG or whatever the name of ``out`` says."""
    from PIL import Image, ImageDraw, ImageFont

    signals = [s for s in verdict.signals if s.score >= FAINT][:MOST_SIGNALS] or list(verdict.signals[:1])
    frames = chosen(clip, signals)
    rows = -(-len(frames) // COLUMNS)
    tall = round(THUMB * clip.facts.height / max(1, clip.facts.width)) if clip.facts.width else THUMB
    tall = min(tall, 2 * THUMB)
    top = 104
    height = top + LANE * (len(signals) + 1) + PAD + rows * (tall + 46) + PAD
    sheet = Image.new("RGB", (WIDTH, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    large, small = ImageFont.truetype(str(FONT), 22), ImageFont.truetype(str(FONT), 13)
    colour = {"allow": ALLOW, "hold": HOLD, "block": BLOCK}[verdict.outcome]
    pen.rectangle((0, 0, WIDTH, 10), fill=colour)
    head = f"{verdict.outcome.upper()}   {verdict.clause or ''}"
    pen.text((PAD, 24), head, INK, large)
    facts = f"{clip.facts.seconds:.1f} s, {clip.facts.width}x{clip.facts.height}, {clip.digest[:19]}…"
    pen.text((PAD, 58), printable(verdict.says, 150), INK, small)
    pen.text((PAD, 78), facts, CALM, small)
    _lanes(pen, small, clip, signals, top)
    at = top + LANE * (len(signals) + 1) + PAD
    for number, frame in enumerate(frames):
        x, y = PAD + (number % COLUMNS) * (THUMB + 16), at + (number // COLUMNS) * (tall + 46)
        picture = Image.fromarray(np.ascontiguousarray(frame.picture)).resize((THUMB, tall))
        sheet.paste(picture, (x, y))
        _boxes(pen, small, frame, signals, (x, y, THUMB, tall))
        pen.text((x, y + tall + 6), f"{frame.time:.1f} s, shot {frame.shot + 1}", INK, small)
    sheet.save(out)


def chosen(clip: SampledClip, signals: Sequence[EvidenceView]) -> list[Frame]:
    """The frames that evidence names, the worst signals' first, filled up with the first of each shot; in order of time."""
    named = [e.frame for s in signals if s.score >= 0.3 for e in s.evidence if e.frame is not None]
    by_index = {f.index: f for f in clip.frames}
    first: dict[int, int] = {}
    for frame in clip.frames:
        first.setdefault(frame.shot, frame.index)
    spread = [clip.frames[i * len(clip.frames) // MOST_FRAMES].index for i in range(min(MOST_FRAMES, len(clip.frames)))]
    picked = [i for i in dict.fromkeys([*named, *first.values(), *spread, *by_index]) if i in by_index][:MOST_FRAMES]
    return [by_index[i] for i in sorted(picked)]


def _lanes(pen: ImageDraw, font: FreeTypeFont, clip: SampledClip, signals: Sequence[EvidenceView], top: int) -> None:
    """A line a signal: its label and score, and a bar for every stretch of time it was seen in."""
    seconds = max(clip.facts.seconds, 0.1)
    wide = WIDTH - PAD - LEFT - PAD
    bottom = top + LANE * len(signals)
    starts = sorted({f.shot: f.time for f in reversed(clip.frames)}.values())
    for start in starts[1:]:
        x = LEFT + PAD + wide * min(1.0, start / seconds)
        pen.line((x, top, x, bottom), fill=RULE)
    for number, signal in enumerate(signals):
        y = top + LANE * number
        where = f" ({signal.medium})" if signal.medium else ""
        pen.text((PAD, y + 3), f"{signal.score:.2f}  {signal.label}{where}"[:32], INK, font)
        pen.line((LEFT + PAD, y + LANE / 2, LEFT + PAD + wide, y + LANE / 2), fill=RULE)
        colour = BLOCK if signal.score >= 0.75 else HOLD if signal.score >= 0.5 else CALM
        for evidence in signal.evidence:
            if evidence.time is not None:
                a, b = (LEFT + PAD + wide * min(1.0, max(0.0, t) / seconds) for t in evidence.time)
                pen.rectangle((a, y + 5, max(b, a + 5), y + LANE - 5), fill=colour)
    for tick in range(5):
        x = LEFT + PAD + wide * tick / 4
        words = f"{seconds * tick / 4:.1f} s"
        pen.text((x - pen.textlength(words, font) * tick / 4, bottom + 4), words, CALM, font)


def _boxes(
    pen: ImageDraw, font: FreeTypeFont, frame: Frame, signals: Sequence[EvidenceView], place: tuple[int, int, int, int]
) -> None:  # fmt: skip
    x, y, w, h = place
    for signal in signals:
        for evidence in signal.evidence:
            box = _box(evidence, frame)
            if box is None:
                continue
            colour = BLOCK if signal.score >= 0.75 else HOLD if signal.score >= 0.5 else CALM
            corners = [x + box.x * w, y + box.y * h, x + (box.x + box.w) * w, y + (box.y + box.h) * h]
            left, top, right, bottom = (
                min(max(v, lo), hi) for v, lo, hi in zip(corners, (x, y, x, y), (x + w, y + h) * 2, strict=True)
            )
            pen.rectangle((left, top, max(left, right), max(top, bottom)), outline=colour, width=2)
            pen.text((left + 3, top + 1), signal.label[:22], colour, font)


def _box(evidence: Evidence, frame: Frame) -> Box | None:
    return evidence.box if evidence.frame == frame.index else None
