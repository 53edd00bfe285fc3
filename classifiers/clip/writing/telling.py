"""From lines and codes seen frame by frame to passages: each text once, with from when to when it stood there.

Nothing that was read is left out but what is very likely no writing: a reading that is not sure and has not even three letters
in a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from classifiers.clip.writing.codes import Code
from classifiers.clip.writing.paragraphs import paragraphs
from classifiers.clip.writing.sightings import GAP, SHORT, Line, folded
from safety.media import Frame
from safety.passage import Passage
from safety.signal import Box

#: A less sure reading without three letters in a row is left out. Foliage, bricks and outlines read as one or two
#: signs of confidence 0.1 to 0.5; the words that people put on a screen, even ill read, have three letters.
FLOOR = 0.5
WORD = re.compile(r"[^\W\d_]{3}")
#: Longest text of one passage.
LONGEST = 4000


@dataclass
class _Block:
    """One paragraph: when it was first and last seen, by ordinal and by time, and where at first."""

    lines: tuple[Line, ...]
    ordinals: list[int]
    time: list[float]
    frame: int
    box: Box

    @property
    def letters(self) -> str:
        return "".join(folded(line.reading.text) for line in self.lines)

    def part_of(self, whole: _Block) -> bool:
        """Whether ``whole`` has all of these lines, or all of their text."""
        if {line.number for line in self.lines} <= {line.number for line in whole.lines}:
            return True
        return len(self.letters) >= SHORT and self.letters in whole.letters


@dataclass
class Account:
    """What was seen so far."""

    _blocks: dict[tuple[int, ...], _Block] = field(default_factory=dict)
    _codes: list[tuple[Code, list[int], list[float], int]] = field(default_factory=list)

    def note_lines(self, frame: Frame, ordinal: int, lines: Sequence[Line]) -> None:
        """The lines of one frame."""
        height, width = frame.picture.shape[:2]
        for block in paragraphs([line for line in lines if line.reading.text]):
            key = tuple(line.number for line in block)
            known = self._blocks.get(key)
            if known is None:
                box = _box(block, width, height)
                self._blocks[key] = _Block(tuple(block), [ordinal, ordinal], [frame.time, frame.time], frame.index, box)
            else:
                known.ordinals[1], known.time[1] = ordinal, frame.time

    def note_codes(self, frame: Frame, ordinal: int, codes: Sequence[Code]) -> None:
        """The codes of one frame."""
        for code in codes:
            for known, ordinals, time, _ in reversed(self._codes):
                if (known.kind, known.text) == (code.kind, code.text) and ordinal - ordinals[1] <= GAP + 1:
                    ordinals[1], time[1] = ordinal, frame.time
                    break
            else:
                self._codes.append((code, [ordinal, ordinal], [frame.time, frame.time], frame.index))

    def passages(self) -> tuple[Passage, ...]:
        """Everything, in the order of time and then of place."""
        told = [passage for block in self._wholes() for passage in _told(block)]
        for code, _, time, frame in self._codes:
            told.extend(_pieces(code.text, (time[0], time[1]), 1.0, frame, code.box, code.kind))
        place = [(p, p.box or Box(x=0, y=0, w=0, h=0)) for p in told]
        return tuple(p for p, box in sorted(place, key=lambda pair: (pair[0].time, pair[1].y, pair[1].x)))

    def _wholes(self) -> list[_Block]:
        """Blocks that are not part of another at about the same time, by their lines or by their text.

        A line that is missed for a frame, read in two halves, or only coming into the picture does not make two passages.
        """
        wholes: list[_Block] = []
        for block in sorted(self._blocks.values(), key=lambda b: (-len(b.letters), -len(b.lines), b.ordinals)):
            for whole in wholes:
                near = block.ordinals[0] <= whole.ordinals[1] + GAP + 1 and block.ordinals[1] >= whole.ordinals[0] - GAP - 1
                if near and block.part_of(whole):
                    whole.ordinals = [min(whole.ordinals[0], block.ordinals[0]), max(whole.ordinals[1], block.ordinals[1])]
                    whole.time = [min(whole.time[0], block.time[0]), max(whole.time[1], block.time[1])]
                    break
            else:
                wholes.append(block)
        return wholes


def worth_telling(text: str, confidence: float) -> bool:
    """Whether a reading is passed on."""
    return bool(text) and (confidence >= FLOOR or WORD.search(text) is not None)


def _told(block: _Block) -> Iterator[Passage]:
    lines = [line for line in block.lines if worth_telling(line.reading.text, line.reading.confidence)]
    if not lines:
        return
    text = " ".join(line.reading.text for line in lines)
    letters = [len(line.reading.text) for line in lines]
    confidence = float(np.average([line.reading.confidence for line in lines], weights=letters))
    notes = []
    if lines[0].reading.turns:
        notes.append("upside down" if lines[0].reading.turns == 2 else "turned")
    if lines[0].reading.mirrored:
        notes.append("mirrored")
    yield from _pieces(text, (block.time[0], block.time[1]), confidence, block.frame, block.box, ", ".join(notes) or None)


def _pieces(text: str, time: tuple[float, float], confidence: float, frame: int, box: Box, note: str | None) -> Iterator[Passage]:
    for start in range(0, len(text), LONGEST):
        yield Passage(
            medium="writing", text=text[start : start + LONGEST], time=time, confidence=min(1.0, confidence),
            frame=frame, box=box, note=note,
        )  # fmt: skip


def _box(block: Sequence[Line], width: int, height: int) -> Box:
    corners = np.concatenate([line.quad for line in block]) / np.array((width, height), np.float32)
    (left, top), (right, bottom) = np.clip(corners.min(0), 0, 1), np.clip(corners.max(0), 0, 1)
    return Box(x=float(left), y=float(top), w=float(right - left), h=float(bottom - top))
