"""Everything that is to be read in a clip's picture, as passages.

Words in a picture are a way round every gate that looks at prompts and at bodies; this finds them and leaves it to
others what they mean. It must not judge a word, open an address, or keep a picture.
"""

from __future__ import annotations

import numpy as np

from classifiers.clip.writing.codes import Code, codes_in
from classifiers.clip.writing.engine import Counts, Engine
from classifiers.clip.writing.page import Page
from classifiers.clip.writing.reading import Reading, read
from classifiers.clip.writing.sightings import Line, Sightings
from classifiers.clip.writing.strips import cut, print_of
from classifiers.clip.writing.telling import Account
from safety.media import Picture, SampledClip
from safety.passage import Passage

#: Of the frames that changed, every so many is searched for the codes that are not QR codes, and the first and last of a shot.
THOROUGH = 2


class WritingReader:
    """Constructed without loading anything; safe to pickle (the networks stay behind)."""

    name = "writing/1"

    def __init__(self) -> None:
        self._engine = Engine()

    @property
    def counts(self) -> Counts:
        """How often the networks ran since this was made."""
        return self._engine.counts

    def look(self, clip: SampledClip) -> tuple[Passage, ...]:
        """The passages of ``clip``, or of a part of one, in the order of time.

        Raises ``safety.weights.WeightsError`` when a network's file is missing or has other bytes.
        """
        account, sightings, page = Account(), Sightings(), Page(self._engine)
        lines: list[Line] = []
        codes: list[Code] = []
        size: tuple[int, int] | None = None
        for ordinal, frame in enumerate(clip.frames):
            picture = frame.picture
            if picture.shape[:2] != size:
                page, size = Page(self._engine), (picture.shape[0], picture.shape[1])
            after = clip.frames[ordinal + 1] if ordinal + 1 < len(clip.frames) else None
            last = after is None or after.picture.shape[:2] != size or after.shot != frame.shot
            found = page.find(frame, last)
            if found.looked:
                strips = [cut(picture, quad) for quad in found.quads]

                def reading(i: int, strips: list[Picture] = strips) -> Reading:
                    return read(self._engine, strips[i])

                looks = [print_of(strip) for strip in strips]
                lines = sightings.meet(list(found.quads), looks, reading, ordinal, float(np.hypot(*picture.shape[:2])))
                thorough = found.fresh or last or (ordinal % THOROUGH == 0)
                codes = codes_in(picture) if thorough else _kept(codes, codes_in(picture, False))
            else:
                lines = sightings.stay(lines, ordinal)
            account.note_lines(frame, ordinal, lines)
            account.note_codes(frame, ordinal, codes)
        return account.passages()


def _kept(before: list[Code], now: list[Code]) -> list[Code]:
    """The QR codes of ``now``, and the codes of other kinds that were there ``before`` and were not looked for."""
    return [*(code for code in before if "qr" not in code.kind), *now]
