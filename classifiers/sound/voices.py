"""Whose voice is it? Every voiced stretch as one unit vector that can be compared with enrolled voices.

Stretches are parted where the speaker seems to change; a change that is not noticed mixes two voices. It compares with nobody:
that needs the people, whom only ``consent/`` knows. It must never print or keep an embedding.
"""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifiers.sound.fbank import BANDS, HOP, log_mel
from classifiers.sound.hearing import RATE, Stretch, VoiceActivity, to_16k
from safety import weights
from safety.media import SampledClip, Sound
from safety.voice import Utterance

if TYPE_CHECKING:
    import onnxruntime

#: Version of the embeddings: those of different engines are never compared.
ENGINE = "voicefilter-lite-dvector-int8/1"
#: Frames the model takes at a time and the step between two (its own metadata: 80 and 40), hundredths of a second.
SPAN, STRIDE = 80, 40
#: Windows a run; bounds memory.
BATCH = 16
#: Seconds of speech below which a stretch says nothing of whose it is.
LEAST = 1.5
#: Seconds: silence that does not end a turn, and what is kept on both sides.
PAUSE, PAD = 0.6, 0.05
#: Windows looked at on both sides of a possible change of speaker (2.4 s), and the cosine below which it is one: of 16 speakers,
#: 92 % of the changes between two were found within 0.8 s, and one voice was parted 0.09 times in 10 s.
SIDE, CHANGE = 5, 0.55
#: Peak below which a stretch is not looked at, so that silence is not lifted; all else is lifted to the peak ``LIFT``.
QUIETEST, LIFT = 1e-3, 0.5


class VoiceListener:
    """Deterministic; loads at the first sound; safe to share between threads, and to pickle (the models stay behind)."""

    name = "voices/1"
    engine = ENGINE

    def __init__(self) -> None:
        self._activity = VoiceActivity()
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None

    def __reduce__(self) -> tuple[type[VoiceListener], tuple[()]]:
        return type(self), ()

    def look(self, clip: SampledClip) -> tuple[Utterance, ...]:
        """Utterances of at least ``LEAST`` seconds of speech, in order, times in seconds from the clip's first frame.

        Raises ``safety.weights.WeightsError``.
        """
        if clip.sound is None or clip.sound.size == 0:
            return ()
        sound = to_16k(clip.sound)
        found: list[Utterance] = []
        for stretch in self._activity.stretches(sound, PAUSE, PAD):
            if stretch.voiced >= LEAST:
                found += self._turns(sound, stretch, clip.sound_from)
        return tuple(found)

    def _turns(self, sound: Sound, stretch: Stretch, offset: float) -> list[Utterance]:
        """The stretch, parted where the speaker changes."""
        piece = sound[int(stretch.start * RATE) : int(stretch.end * RATE)]
        peak = float(np.abs(piece).max(initial=0.0))
        if peak < QUIETEST:
            return []
        rows = self._windows(piece * (LIFT / peak))
        density = stretch.voiced / max(1e-9, stretch.end - stretch.start)
        turns = []
        for first, last in part(rows):
            start = stretch.start + (0.0 if first == 0 else (first * STRIDE + (SPAN - STRIDE) / 2) * HOP / RATE)
            whole = last == len(rows)
            end = stretch.end if whole else stretch.start + (last * STRIDE + (SPAN - STRIDE) / 2) * HOP / RATE
            voiced = density * (end - start)
            if voiced >= LEAST:
                time = (round(offset + start, 2), round(offset + end, 2))
                turns.append(Utterance(time, round(voiced, 2), ENGINE, unit(rows[first:last].mean(axis=0))))
        return turns

    def _windows(self, sound: Sound) -> NDArray[np.float32]:
        """One unit vector for every 0.4 s of ``sound`` (16 kHz), float32 (n, 256)."""
        session = self._loaded()
        mel = log_mel(sound)
        if len(mel) < SPAN:
            mel = np.concatenate([mel, np.zeros((SPAN - len(mel), BANDS), np.float32)])
        views = np.lib.stride_tricks.sliding_window_view(mel, SPAN, axis=0)[::STRIDE].transpose(0, 2, 1)
        rows = []
        for i in range(0, len(views), BATCH):
            batch = np.ascontiguousarray(views[i : i + BATCH], np.float32)
            rows.append(session.run(None, {"mel_window": batch})[0])
        raw = np.concatenate(rows)
        return np.asarray(raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-12), np.float32)

    def _loaded(self) -> Any:
        with self._lock:
            if self._session is None:
                import onnxruntime

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = options.inter_op_num_threads = 1
                options.log_severity_level = 3
                options.enable_cpu_mem_arena = False  # the arena keeps what the largest batch needed for ever
                path = weights.find("voice-embedder.int8.onnx")
                self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
            return self._session


def part(rows: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Ranges of windows (first, one past the last) between the changes of speaker, together all of ``rows``."""
    cosines = np.full(len(rows) + 1, np.inf)
    for i in range(SIDE, len(rows) - SIDE + 1):
        before, after = unit(rows[i - SIDE : i].mean(axis=0)), unit(rows[i : i + SIDE].mean(axis=0))
        cosines[i] = float(before @ after)
    cuts = [0]
    while True:
        allowed = np.where([min(abs(i - c) for c in (*cuts, len(rows))) >= SIDE for i in range(len(cosines))], cosines, np.inf)
        at = int(np.argmin(allowed))
        if allowed[at] >= CHANGE:
            break
        cuts.append(at)
    edges = [*sorted(cuts), len(rows)]
    return list(pairwise(edges))


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector at length one."""
    return np.asarray(vector / max(1e-12, float(np.linalg.norm(vector))), np.float32)
