"""Whisper base over CTranslate2, with only as much padding as it needs.

Whisper reads half a minute at a time, and padding a sentence to that costs a second. Its encoder takes less: with four seconds
of quiet behind the speech it wrote the same words for a sixth of the work, and with none it begins to stutter. It must never
sample: the same sound gives the same words.
"""

from __future__ import annotations

import re
import threading
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

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
        self._silent: list[int] | None = None

    def __reduce__(self) -> tuple[type[Whisper], tuple[()]]:
        return type(self), ()

    def read(self, sound: Sound, beam: int = BEAM) -> Reading:
        """What is said in ``sound`` (16 kHz, at most 26 s; more is not read). Raises ``safety.weights.WeightsError``."""
        model = self._loaded()
        features = _features(model, sound)
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

    def spell(self, sound: Sound, languages: tuple[str, ...]) -> tuple[str, ...]:
        """The digits in ``sound`` (16 kHz), one reading a language, the likeliest first; nothing but digits can be written.

        Raises ``safety.weights.WeightsError``.
        """
        model = self._loaded()
        found: list[tuple[float, str]] = []
        with self._lock:
            encoded = model.encode(_features(model, sound))
            for language in languages:
                tokenizer = self._tokenizer(model, language)
                prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
                answer = model.model.generate(
                    encoded,
                    [prompt],
                    beam_size=BEAM,
                    suppress_tokens=self._no_digits(model, tokenizer),
                    max_length=min(440, len(prompt) + SPARE + int(PIECES * sound.size / 16_000)),
                    return_scores=True,
                )[0]
                pieces = [piece for piece in answer.sequences_ids[0] if piece < tokenizer.eot]
                found.append((float(answer.scores[0]), tokenizer.decode(pieces).strip()))
        return tuple(text for _, text in sorted(found, key=lambda f: -f[0]))

    def _no_digits(self, model: WhisperModel, tokenizer: Any) -> list[int]:
        """Every piece of word that is not one digit, a comma or a space."""
        if self._silent is None:
            plain = {piece: model.hf_tokenizer.decode([piece]) for piece in range(tokenizer.eot)}
            self._silent = [piece for piece, text in plain.items() if not re.fullmatch(r" ?[0-9]|,| ", text)]
        return self._silent

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


def _features(model: WhisperModel, sound: Sound) -> NDArray[np.float32]:
    """Features of ``sound`` with ``QUIET`` behind it."""
    features = model.feature_extractor(sound)
    frames = min(MOST, sound.size * PACE // 16_000 + QUIET)
    features = features[:, :frames]
    return np.asarray(np.pad(features, ((0, 0), (0, frames - features.shape[1]))), np.float32)


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
