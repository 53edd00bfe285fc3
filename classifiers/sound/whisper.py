"""Whisper base over CTranslate2, with only as much padding as it needs.

Whisper reads half a minute at a time, and padding a sentence to that costs a second. Its encoder takes less: with four seconds
of quiet behind the speech it wrote the same words for a sixth of the work, and with none it begins to stutter. It must never
sample: the same sound gives the same words.
"""

from __future__ import annotations

import threading
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from safety import weights
from safety.media import Sound

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

#: Features a second, quiet behind the speech in features, and the most that the encoder takes.
PACE, QUIET, MOST = 100, 400, 3000
#: Seconds one timestamp is worth.
TICK = 0.02
#: Pieces of words a second of speech may have, and on top; the fastest speakers say some ten (and loops know no end).
PIECES, SPARE = 12, 24
#: Beams. Five take a tenth to a fifth more time than one and make a third fewer errors in English, a seventh fewer in French.
BEAM = 5
#: A language told with less than this is not taken for granted: those of ``ASKED`` are tried too, and the likeliest words win.
SURE = 0.6
ASKED = ("en", "fr")
#: Words that compress better than this are a loop (openai/whisper, transcribe.py: 2.4).
LOOPS = 2.4


@dataclass(frozen=True)
class Line:
    """``text`` said from ``start`` to ``end``, seconds from the first sample."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Reading:
    """One pass: the lines, the mean log probability of a piece of word, how likely it was no speech at all, the language."""

    lines: tuple[Line, ...]
    likelihood: float
    silence: float
    language: str

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def loops(self) -> bool:
        """Whether it repeats itself as only a machine does."""
        raw = self.text.encode()
        return bool(raw) and len(raw) / len(zlib.compress(raw)) > LOOPS


class Whisper:
    """Loads at the first sound; safe to share between threads, and to pickle (the model stays behind)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: WhisperModel | None = None
        self._tokenizers: dict[str, Any] = {}

    def __reduce__(self) -> tuple[type[Whisper], tuple[()]]:
        return type(self), ()

    def read(self, sound: Sound, beam: int = BEAM) -> Reading:
        """What is said in ``sound`` (16 kHz, at most 26 s; more is not read). Raises ``safety.weights.WeightsError``."""
        model = self._loaded()
        features = model.feature_extractor(sound)
        frames = min(MOST, sound.size * PACE // 16_000 + QUIET)
        features = features[:, :frames]
        features = np.pad(features, ((0, 0), (0, frames - features.shape[1])))
        seconds = sound.size / 16_000
        with self._lock:
            encoded = model.encode(features)
            told = model.model.detect_language(encoded)[0]
            first, surety = told[0][0][2:-2], told[0][1]
            tried = [first] if surety >= SURE else list(dict.fromkeys([first, *ASKED]))
            readings = [self._decode(model, encoded, language, seconds, beam) for language in tried]
            best = max(readings, key=lambda r: (not r.loops, r.likelihood))
            if best.loops:
                best = self._decode(model, encoded, best.language, seconds, 5, no_repeat=4)
        return best

    def _decode(self, model: WhisperModel, encoded: Any, language: str, seconds: float, beam: int, no_repeat: int = 0) -> Reading:
        tokenizer = self._tokenizer(model, language)
        answer = model.model.generate(
            encoded,
            [tokenizer.sot_sequence],
            beam_size=beam,
            no_repeat_ngram_size=no_repeat,
            max_length=min(440, len(tokenizer.sot_sequence) + SPARE + int(PIECES * seconds)),
            return_scores=True,
            return_no_speech_prob=True,
            max_initial_timestamp_index=50,
        )[0]
        pieces = answer.sequences_ids[0]
        likelihood = answer.scores[0] * len(pieces) / (len(pieces) + 1)
        lines = _lines(pieces, tokenizer, seconds)
        return Reading(lines, float(likelihood), float(answer.no_speech_prob), language)

    def _tokenizer(self, model: WhisperModel, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(model.hf_tokenizer, True, task="transcribe", language=language)
        return self._tokenizers[language]

    def _loaded(self) -> WhisperModel:
        with self._lock:
            if self._model is None:
                folder = weights.find("whisper-base/model.bin").parent
                for beside in ("config.json", "tokenizer.json", "vocabulary.txt"):
                    weights.find(f"whisper-base/{beside}")
                from faster_whisper import WhisperModel

                self._model = WhisperModel(
                    str(folder), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1, local_files_only=True
                )
            return self._model


def _lines(pieces: list[int], tokenizer: Any, seconds: float) -> tuple[Line, ...]:
    """The words between each two timestamps; without the last one, up to the end of the sound."""
    zero = tokenizer.timestamp_begin
    lines: list[Line] = []
    start, held = 0.0, list[int]()
    for piece in pieces:
        if piece < zero:
            held.append(piece)
            continue
        at = min((piece - zero) * TICK, seconds)
        if held:
            lines.append(Line(start, max(at, start), tokenizer.decode(held).strip()))
            held = []
        start = at
    if held:
        lines.append(Line(start, max(seconds, start), tokenizer.decode(held).strip()))
    return tuple(line for line in lines if line.text)
