"""Where in a sound somebody speaks: the house's 48 kHz brought down to 16 kHz, and Silero's voice activity on it.

Every listener of this folder starts here, so that a clip without a voice costs almost nothing. It must never cut off a stretch
because it is long, and it keeps no sound. The detector is the file inside faster-whisper, named by digest.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from safety.media import SOUND_RATE, Sound
from safety.weights import WeightsError, sha256_of

if TYPE_CHECKING:
    import onnxruntime

#: Sample rate of all models of this folder, hertz.
RATE = 16_000
STEP = SOUND_RATE // RATE
#: Half the length of the low-pass filter, samples at 48 kHz, and its edge in hertz: at 8 kHz it is down 60 dB and more.
HALF, EDGE, BETA = 96, 7_200.0, 8.0
#: Silero VAD 6 as faster-whisper 1.2.1 carries it (MIT).
SILERO = "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"
#: Samples the network takes at a time, and those it sees again of the time before (snakers4/silero-vad).
HOP, CONTEXT = 512, 64
#: Windows a run, 16 s; bounds memory whatever the length of the sound.
BATCH = 512
#: Probability from which a stretch of speech begins, and below which it ends (Silero's own 0.5 and 0.15 less).
BEGINS, ENDS = 0.5, 0.35
#: Seconds: shortest stretch that counts, silence that does not part two, and what is kept on both sides.
LEAST, PAUSE, PAD = 0.2, 0.5, 0.2


@dataclass(frozen=True)
class Stretch:
    """Somebody speaks from ``start`` to ``end``, seconds from the first sample, of which ``voiced`` seconds are speech."""

    start: float
    end: float
    voiced: float


@cache
def _low_pass() -> NDArray[np.float32]:
    """A sinc under a Kaiser window, float32 (2 * ``HALF`` + 1,), sum 1."""
    n = np.arange(-HALF, HALF + 1)
    taps = np.sinc(2 * EDGE / SOUND_RATE * n) * np.kaiser(2 * HALF + 1, BETA)
    return np.asarray(taps / taps.sum(), np.float32)


def to_16k(sound: Sound) -> Sound:
    """float32 mono at 48 kHz as float32 mono at 16 kHz, band-limited; what is not a number is silence.

    Written with numpy: ``scipy.signal`` takes 2 s and 48 MB to import.
    """
    clean = np.nan_to_num(np.asarray(sound, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    if clean.size == 0:
        return np.zeros(0, np.float32)
    return np.ascontiguousarray(np.convolve(np.clip(clean, -1.0, 1.0), _low_pass())[HALF : HALF + clean.size : STEP], np.float32)


class VoiceActivity:
    """Silero VAD. Loads at the first sound; safe to share between threads, and to pickle (the session stays behind)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None

    def __reduce__(self) -> tuple[type[VoiceActivity], tuple[()]]:
        return type(self), ()

    def probabilities(self, sound: Sound) -> NDArray[np.float32]:
        """Probability of speech for every ``HOP`` samples of ``sound`` (16 kHz), float32 (ceil(n / 512),)."""
        if sound.size == 0:
            return np.zeros(0, np.float32)
        session = self._loaded()
        windows = -(-sound.size // HOP)
        padded = np.zeros(CONTEXT + windows * HOP, np.float32)
        padded[CONTEXT : CONTEXT + sound.size] = sound
        views = np.lib.stride_tricks.sliding_window_view(padded, CONTEXT + HOP)[::HOP]
        h = c = np.zeros((1, 1, 128), np.float32)
        found = [np.zeros(0, np.float32)]
        for i in range(0, windows, BATCH):
            batch = np.ascontiguousarray(views[i : i + BATCH])
            out, h, c = session.run(None, {"input": batch, "h": h, "c": c})
            found.append(np.asarray(out, np.float32).reshape(-1))
        return np.concatenate(found)

    def stretches(self, sound: Sound, pause: float = PAUSE, pad: float = PAD) -> tuple[Stretch, ...]:
        """Where ``sound`` (16 kHz) has speech, in order and apart; silences up to ``pause`` seconds part nothing."""
        return join(self.probabilities(sound), sound.size / RATE, pause, pad)

    def _loaded(self) -> Any:
        with self._lock:
            if self._session is None:
                import onnxruntime

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = options.inter_op_num_threads = 1
                options.log_severity_level = 3
                options.enable_cpu_mem_arena = False  # the arena keeps what the largest batch needed for ever
                self._session = onnxruntime.InferenceSession(
                    str(_silero()), options, providers=["CPUExecutionProvider"]
                )  # fmt: skip
            return self._session


def join(probabilities: NDArray[np.float32], seconds: float, pause: float = PAUSE, pad: float = PAD) -> tuple[Stretch, ...]:
    """Stretches from one probability every ``HOP`` samples: begun at ``BEGINS``, ended below ``ENDS`` for ``pause`` seconds."""
    raw: list[tuple[int, int]] = []
    begun: int | None = None
    for i, p in enumerate(probabilities):
        if begun is None and p >= BEGINS:
            begun = i
        elif begun is not None and p < ENDS:
            raw.append((begun, i))
            begun = None
    if begun is not None:
        raw.append((begun, len(probabilities)))
    step = HOP / RATE
    merged: list[list[float]] = []
    for a, b in raw:
        if merged and a * step - merged[-1][1] <= pause:
            merged[-1][1] = b * step
            merged[-1][2] += (b - a) * step
        else:
            merged.append([a * step, b * step, (b - a) * step])
    kept = [m for m in merged if m[2] >= LEAST]
    found = []
    for i, (start, end, voiced) in enumerate(kept):
        before = kept[i - 1][1] if i else 0.0
        after = kept[i + 1][0] if i + 1 < len(kept) else seconds
        left = max(start - pad, (before + start) / 2 if i else 0.0)
        right = min(end + pad, (end + after) / 2 if i + 1 < len(kept) else seconds)
        found.append(Stretch(left, right, min(voiced, right - left)))
    return tuple(found)


@cache
def _silero() -> Path:
    """The detector's file. Raises ``WeightsError`` when the package is missing or carries other bytes."""
    spec = find_spec("faster_whisper")  # finds the folder, imports nothing
    folder = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    path = Path(folder or ".") / "assets" / "silero_vad_v6.onnx"
    if not path.is_file():
        raise WeightsError("The voice detector is missing; install faster-whisper 1.2.1, which carries it.")
    if sha256_of(path) != SILERO:
        raise WeightsError("The voice detector inside faster-whisper has other bytes than named; install faster-whisper 1.2.1.")
    return path
