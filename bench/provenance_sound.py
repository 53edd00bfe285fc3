"""Measure the sound mark: level of the change and survival over encoders, on a film's track and on drawn sounds.

python -m bench.provenance_sound FILM.mp4
"""

from __future__ import annotations

import subprocess
import sys
import time

import imageio_ffmpeg
import numpy as np

from provenance.watermark.sound import mark_sound, read_sound
from tests.provenance.material import bells

KEY, CLIP, RATE = b"k" * 32, bytes(range(1, 13)), 48_000
RAW = ["-f", "f32le", "-ar", str(RATE), "-ac", "1"]
ATTACKS = {
    "aac 128": ["-c:a", "aac", "-b:a", "128k", "-f", "adts"],
    "aac 96": ["-c:a", "aac", "-b:a", "96k", "-f", "adts"],
    "aac 64": ["-c:a", "aac", "-b:a", "64k", "-f", "adts"],
    "mp3 64": ["-c:a", "libmp3lame", "-b:a", "64k", "-f", "mp3"],
    "opus 32": ["-c:a", "libopus", "-b:a", "32k", "-f", "ogg"],
    "16 kHz": ["-ar", "16000", "-f", "wav"],
    "quieter": ["-af", "volume=.3", "-f", "wav"],
    "cut .37 s": ["-ss", "0.37", "-c:a", "aac", "-b:a", "96k", "-f", "adts"],
}


def ffmpeg(args: list[str], data: bytes) -> bytes:
    return subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *args], input=data, capture_output=True, check=True
    ).stdout


def film(path: str) -> np.ndarray:
    return np.frombuffer(ffmpeg(["-i", path, *RAW, "-"], b""), np.float32)


def main() -> None:
    noise = np.random.default_rng(1).standard_normal(3 * RATE).astype(np.float32) * 0.1
    sounds = {"drawn 3 s": bells(3), "drawn 5 s": bells(5), "noise 3 s": noise}
    for path in sys.argv[1:]:
        sounds |= {"film 3 s": film(path)[: 3 * RATE], "film 5 s": film(path)}
    for name, sound in sounds.items():
        begin = time.process_time()
        marked = mark_sound(sound, KEY, CLIP)
        took = time.process_time() - begin
        ratio = 10 * np.log10((sound**2).sum() / ((sound - marked) ** 2).sum())
        line = [f"{name}: change {ratio:.1f} dB below, {took:.2f} s"]
        for attack, how in {"none": ["-f", "wav"], **ATTACKS}.items():
            sent = ffmpeg([*RAW, "-i", "-", *how, "-"], marked.tobytes())
            got = read_sound(np.frombuffer(ffmpeg(["-i", "-", *RAW, "-"], sent), np.float32), KEY)
            line.append(f"{attack} {'OK' if got.clip_id == CLIP else '--'}({got.score:.1f})")
        line.append(f"unmarked {read_sound(sound, KEY).score:.1f}")
        print("  ".join(line), flush=True)


if __name__ == "__main__":
    main()
