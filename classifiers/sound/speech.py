"""The words that are said in a clip.

Voice activity first, so that a clip without a voice costs next to nothing; then Whisper on the stretches that have one. Whisper
invents words for music and noise; what looks like that is left out, by rules that were measured (``console/bench/speech.py``).
It judges no word: what was said goes on as passages. It must never let doubtful speech count as silence: words read with little
confidence are given with little confidence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from classifiers.sound.disguises import undisguise
from classifiers.sound.hearing import RATE, Stretch, VoiceActivity, to_16k
from classifiers.sound.whisper import Line, Reading, Whisper
from safety.media import SampledClip, Sound
from safety.passage import Passage

#: Seconds read at a time at most, and the silence that begins another reading.
LONGEST, APART = 24.0, 2.0
#: Whisper's own rule for silence (openai/whisper, transcribe.py): the model doubts that there is speech, and its words.
NO_SPEECH, NO_WORDS = 0.6, -1.0
#: Words that Whisper itself holds for less likely than this are noise put into letters.
NOISE = -1.6
#: Seconds of speech after the last word read that are read again by themselves, and how often.
LEFT_OVER, AGAIN = 1.0, 3
#: How many times a phrase is given of those it was read one after the other.
REPEATS = 2
_ASIDE = re.compile(r"[\[(*♪][^\])*♪]*[\])*♪]|♪")
_WORD = re.compile(r"\w")


class SpeechReader:
    """Passages of medium "speech", in order. Deterministic; safe to pickle before loading."""

    name = "speech/1"

    def __init__(self) -> None:
        self._activity, self._whisper = VoiceActivity(), Whisper()

    def look(self, clip: SampledClip) -> tuple[Passage, ...]:
        """One passage a sentence or so, times in seconds from the clip's first frame; none where nobody speaks.

        Raises ``safety.weights.WeightsError``.
        """
        if clip.sound is None or clip.sound.size == 0:
            return ()
        sound = to_16k(clip.sound)
        stretches = self._activity.stretches(sound)
        found: list[Passage] = []
        for group in group_stretches(stretches):
            found += self._read(sound, group, clip.sound_from)
        return tuple(found)

    def _read(self, sound: Sound, group: tuple[Stretch, ...], offset: float) -> Iterator[Passage]:
        """Read one group, and again what the model left out at its end."""
        start, end = group[0].start, group[-1].end
        for _ in range(AGAIN):
            piece = sound[int(start * RATE) : int(end * RATE)]
            plain = self._whisper.read(piece)
            reading, note = undisguise(self._whisper.read, piece, plain, end - start)
            if believable(reading):
                yield from passages(reading, offset + start, note)
            if note is not None:
                return
            last = start + max((line.end for line in reading.lines), default=end - start)
            rest = sum(max(0.0, s.end - max(s.start, last)) for s in group)
            if rest < LEFT_OVER or last <= start:
                return
            start = last


def group_stretches(stretches: tuple[Stretch, ...]) -> list[tuple[Stretch, ...]]:
    """Stretches that are read together: close to one another and at most ``LONGEST`` seconds in all.

    One that is longer by itself is cut into equal pieces.
    """
    groups: list[list[Stretch]] = []
    for stretch in (piece for s in stretches for piece in _cut(s)):
        near = groups and stretch.start - groups[-1][-1].end <= APART and stretch.end - groups[-1][0].start <= LONGEST
        if near:
            groups[-1].append(stretch)
        else:
            groups.append([stretch])
    return [tuple(group) for group in groups]


def _cut(stretch: Stretch) -> list[Stretch]:
    length = stretch.end - stretch.start
    count = math.ceil(length / LONGEST)
    if count <= 1:
        return [stretch]
    step = length / count
    return [
        Stretch(stretch.start + i * step, stretch.start + (i + 1) * step, stretch.voiced / count) for i in range(count)
    ]  # fmt: skip


def believable(reading: Reading) -> bool:
    """Whether these are words that somebody said, rather than what Whisper makes of noise."""
    if reading.silence > NO_SPEECH and reading.likelihood < NO_WORDS:
        return False
    return reading.likelihood >= NOISE


def passages(reading: Reading, offset: float, note: str | None = None) -> Iterator[Passage]:
    """The lines as passages; asides such as "[Music]" are not speech. ``note`` says how a disguise was undone."""
    confidence = confidence_of(reading)
    for line in calm(reading.lines):
        text = _ASIDE.sub(" ", line.text).strip()
        if _WORD.search(text):
            time = (round(offset + line.start, 2), round(offset + line.end, 2))
            yield Passage(
                medium="speech", text=text[:4000], time=time, confidence=confidence, language=reading.language, note=note
            )


def confidence_of(reading: Reading) -> float:
    """0 to 1: the mean probability of a piece of word, less where the model doubts that anyone speaks."""
    doubt = max(0.0, reading.silence - 0.3)
    return round(max(0.0, min(1.0, math.exp(min(0.0, reading.likelihood)) * (1.0 - doubt))), 3)


def calm(lines: tuple[Line, ...]) -> Iterator[Line]:
    """The lines without endless repetition, inside a line and from one to the next."""
    before, times = "", 0
    for line in lines:
        text = _unlooped(line.text)
        times = times + 1 if text == before else 1
        before = text
        if times <= REPEATS:
            yield Line(line.start, line.end, text)


def _unlooped(text: str) -> str:
    """A phrase of up to eight words that comes more than ``REPEATS`` times in a row, ``REPEATS`` times."""
    words = text.split()
    for size in range(1, 9):
        i, kept = 0, list[str]()
        while i < len(words):
            phrase = words[i : i + size]
            times = 1
            while words[i + times * size : i + (times + 1) * size] == phrase and len(phrase) == size:
                times += 1
            if times == 1:
                kept.append(words[i])
                i += 1
            else:
                kept += phrase * min(times, REPEATS)
                i += times * size
        words = kept
    return " ".join(words)
