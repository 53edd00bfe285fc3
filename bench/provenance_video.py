"""Measure the picture mark: fidelity, cost, bitrate and survival over attacks, on a film file or on drawn material.

    python -m bench.provenance_video FILM.mp4 [cartoon] [still]

Prints one line an attack. Uses the ffmpeg that imageio-ffmpeg carries.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np

from provenance.watermark import VideoDetector, VideoMarker
from safety.media import Picture
from tests.provenance.material import meadow, read, write

KEY, CLIP = b"k" * 32, bytes(range(1, 13))
X264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-crf"]
ATTACKS = {
    "as published": ["-c", "copy"],
    "crf 28": [*X264, "28"],
    "crf 33": [*X264, "33"],
    "half size": ["-vf", "scale=trunc(iw*.5/2)*2:-2", *X264, "23"],
    "0.7 size": ["-vf", "scale=trunc(iw*.7/2)*2:-2", *X264, "23"],
    "1.5 size": ["-vf", "scale=trunc(iw*1.5/2)*2:-2", *X264, "23"],
    "crop 25 %": ["-vf", "crop=iw*.866:ih*.866:iw*.07:ih*.11", *X264, "23"],
    "crop 50 %": ["-vf", "crop=iw*.707:ih*.707:iw*.2:ih*.13", *X264, "23"],
    "mirror": ["-vf", "hflip", *X264, "23"],
    "upside down": ["-vf", "vflip", *X264, "23"],
    "quarter turn": ["-vf", "transpose=1", *X264, "23"],
    "2 degrees": ["-vf", "rotate=2*PI/180", *X264, "23"],
    "bright, contrast": ["-vf", "eq=brightness=0.12:contrast=1.25", *X264, "23"],
    "gamma": ["-vf", "eq=gamma=1.4:saturation=.3", *X264, "23"],
    "15 fps": ["-vf", "fps=15", *X264, "23"],
    "one second": ["-ss", "1.3", "-t", "1", *X264, "23"],
    "4:3": ["-vf", "scale=trunc(ih*4/3/2)*2:ih", *X264, "23"],
    "letterbox": ["-vf", "pad=iw:iw*3/4:0:(oh-ih)/2", *X264, "23"],
    "noise": ["-vf", "noise=alls=12:allf=t", *X264, "28"],
    "blur": ["-vf", "gblur=sigma=1.5", *X264, "23"],
    "0.7+crop+bright+28": [
        "-vf",
        "scale=trunc(iw*.7/2)*2:-2,crop=trunc(iw*.866/2)*2:trunc(ih*.866/2)*2:iw*.09:ih*.05,eq=brightness=0.1:contrast=1.1",
        *X264,
        "28",
    ],
}


def measure(name: str, frames: list[Picture], fps: int, folder: Path) -> None:
    height, width = frames[0].shape[:2]
    marker = VideoMarker(KEY, CLIP, width, height, fps)
    begin = time.process_time()
    marked = [marker.mark(f) for f in frames]
    cost = (time.process_time() - begin) / len(frames) * 1e3
    error = np.mean([np.mean((a.astype(np.float32) - b) ** 2) for a, b in zip(frames, marked, strict=True)])
    plain, published = folder / "plain.mp4", folder / "published.mp4"
    write(plain, frames, fps=fps)
    write(published, marked, fps=fps)
    grown = published.stat().st_size / plain.stat().st_size
    psnr = 10 * np.log10(65025 / error)
    print(f"== {name} {width}x{height} {len(frames)} frames, PSNR {psnr:.1f} dB, {cost:.1f} ms a frame, bytes x{grown:.2f}")
    passed = 0
    for attack, how in {**ATTACKS, "UNMARKED": ["-c", "copy"]}.items():
        out = folder / "out.mp4"
        source = plain if attack == "UNMARKED" else published
        command = [
            imageio_ffmpeg.get_ffmpeg_exe(),
            "-v",
            "error",
            "-y",
            "-i",
            str(source),
            "-map_metadata",
            "-1",
            *how,
            "-an",
            str(out),
        ]
        subprocess.run(command, check=True)
        begin = time.process_time()
        detector = VideoDetector(KEY)
        for frame in read(out):
            detector.add(frame)
        front = time.process_time() - begin
        found = detector.result()
        whole = time.process_time() - begin
        word = "OK" if found.clip_id == CLIP else "none" if found.clip_id is None else "WRONG"
        passed += found.clip_id == CLIP
        print(f"{attack:20s} {word:5s} score {found.score:5.1f} probe {found.probe:5.1f}  {front:.2f}+{whole - front:.2f} s")
    print(f"-- {name}: {passed}/{len(ATTACKS)}", flush=True)


def main() -> None:
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        for what in sys.argv[1:]:
            if what == "cartoon":
                measure(what, meadow(96), 24, Path(folder))
            elif what == "still":
                measure(what, meadow(96, moving=False), 24, Path(folder))
            else:
                measure(Path(what).name, read(Path(what))[:100], 25, Path(folder))


if __name__ == "__main__":
    main()
