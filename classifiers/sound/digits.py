"""The digits that are said, by a reader that can write nothing else.

Whisper takes single digits for half a dozen languages and loops over them; held to digits, and asked in both languages, it wrote
recorded digits without an error where the free reading got most of them wrong (``console/bench/enrolment.py``). Held so it writes
digits for any sound; that they are the ones asked for is what tells. It never knows which were asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classifiers.sound.hearing import RATE, Stretch, VoiceActivity, to_16k
from classifiers.sound.whisper import Whisper
from safety.media import SOUND_RATE, Sound

#: Languages the digits may be said in.
LANGUAGES = ("en", "fr")
#: Seconds of speech that are read, the first ones; and the silence left between two stretches.
LONGEST, GAP = 25.0, 0.1
#: How far from an even part the quietest place is looked for, as a share of the part.
NEAR = 0.25


@dataclass(frozen=True)
class Digits:
    """``readings``: what was heard in all of it, then in its halves and thirds; of each one a language, the likeliest first,
    digits with commas or spaces. ``voiced`` seconds of speech; ``speech`` float32 at 48 kHz, without its long silences."""

    readings: tuple[str, ...]
    voiced: float
    speech: Sound


class DigitReader:
    """Deterministic; loads at the first sound; safe to share between threads, and to pickle before loading."""

    name = "digits/1"

    def __init__(self) -> None:
        self._activity, self._whisper = VoiceActivity(), Whisper()

    def read(self, sound: Sound) -> Digits:
        """The digits said in ``sound`` (float32 at 48 kHz). Raises ``safety.weights.WeightsError``."""
        stretches = self._activity.stretches(to_16k(sound))
        speech = joined(sound, stretches)
        voiced = sum(s.voiced for s in stretches)
        if not stretches:
            return Digits((), 0.0, speech)
        piece = to_16k(speech)[: int(LONGEST * RATE)]
        # Said several times, the long row is read worse than a short one: 94 of 96 answers of six voices were read so, and of
        # 120 answers said three times, read in one piece, two of three recorded and half of the synthetic ones.
        pieces = [piece, *cut(piece, 2), *cut(piece, 3)]
        readings = dict.fromkeys(text for part in pieces for text in self._whisper.spell(part, LANGUAGES))
        return Digits(tuple(readings), voiced, speech)


def cut(sound: Sound, parts: int) -> list[Sound]:
    """``sound`` (16 kHz) in so many parts of about the same length, parted where it is quietest near by."""
    step = RATE // 50
    loud = np.convolve(np.abs(sound[: len(sound) // step * step]).reshape(-1, step).mean(axis=1), np.ones(5) / 5, "same")
    edges = [0]
    for i in range(1, parts):
        about, reach = len(loud) * i // parts, max(1, int(len(loud) * NEAR / parts))
        near = loud[max(0, about - reach) : about + reach]
        edges.append((max(0, about - reach) + int(near.argmin())) * step if near.size else 0)
    found = [sound[a:b] for a, b in zip(edges, [*edges[1:], len(sound)], strict=True)]
    return [part for part in found if part.size >= RATE]


def joined(sound: Sound, stretches: tuple[Stretch, ...]) -> Sound:
    """The stretches of ``sound`` (48 kHz) one after the other, ``GAP`` seconds of silence between each two."""
    gap = np.zeros(int(GAP * SOUND_RATE), np.float32)
    pieces: list[Sound] = []
    for stretch in stretches:
        pieces += [sound[int(stretch.start * SOUND_RATE) : int(stretch.end * SOUND_RATE)], gap]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
