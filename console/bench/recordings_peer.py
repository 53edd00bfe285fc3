"""The peer that reserved recordings are measured beside: chromaprint's ``fpcalc``, compared by bits at the best offset.

Its numbers are 32 bits each, about eight a second; two sounds are compared by the share of bits that differ where they fit best,
as chromaprint's author describes. It is run only where it is installed and is no part of the gate.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.media import SOUND_RATE, Sound

PROGRAM = "fpcalc"


def is_installed() -> bool:
    """Whether the peer can be run."""
    return shutil.which(PROGRAM) is not None


def chromaprint(sound: Sound) -> NDArray[np.uint32]:
    """The peer's numbers for a sound; none when it is too short for it (under about 2.7 s)."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sound.wav"
        with wave.open(str(file), "wb") as out:
            out.setparams((1, 2, SOUND_RATE, 0, "NONE", ""))
            out.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
        done = subprocess.run([PROGRAM, "-raw", "-json", "-length", "0", str(file)], capture_output=True, check=False)
    try:  # some builds answer whole and then leave with 3 because the file ends
        numbers = json.loads(done.stdout)["fingerprint"]
    except (json.JSONDecodeError, KeyError):
        return np.zeros(0, np.uint32)
    return np.array(numbers, np.int64).astype(np.uint32)


def least_error(asked: NDArray[np.uint32], references: list[NDArray[np.uint32]]) -> list[float]:
    """For each reference the share of bits that differ at the best offset; 1.0 where it is too short."""
    errors = []
    for reference in references:
        if not 0 < asked.size <= reference.size:
            errors.append(1.0)
            continue
        windows = np.lib.stride_tricks.sliding_window_view(reference, asked.size)
        errors.append(float((np.bitwise_count(windows ^ asked).sum(axis=1) / (32 * asked.size)).min()))
    return errors
