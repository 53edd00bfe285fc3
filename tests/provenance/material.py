"""Pictures, sounds and files for the tests and the bench: drawn scenes, a small codec, and the attacks that ffmpeg makes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import imageio_ffmpeg
import numpy as np

from safety.errors import BadMedia
from safety.media import SOUND_RATE, ClipFacts, Frame, Picture, SampledClip, Sound

FPS = 24
X264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "copy", "-crf"]


class Reader:
    """A ``MediaReader`` of a few lines."""

    def facts(self, path: Path) -> ClipFacts:
        try:
            with av.open(str(path)) as box:
                video = box.streams.video[0]
                return ClipFacts(
                    width=video.width,
                    height=video.height,
                    fps=float(video.average_rate or FPS),
                    seconds=float((box.duration or 0) / 1e6),
                    video_codec=video.codec_context.name,
                    audio_codec=box.streams.audio[0].codec_context.name if box.streams.audio else None,
                )
        except (av.FFmpegError, IndexError) as reason:
            raise BadMedia(f"{path.name} is not a video.") from reason

    def frames(self, path: Path) -> Iterator[Frame]:
        try:
            with av.open(str(path)) as box:
                for i, frame in enumerate(box.decode(video=0)):
                    yield Frame(frame.to_ndarray(format="rgb24"), float(frame.time or 0.0), i)
        except (av.FFmpegError, IndexError) as reason:
            raise BadMedia(f"{path.name} cannot be decoded.") from reason

    def sound(self, path: Path) -> Sound | None:
        try:
            with av.open(str(path)) as box:
                if not box.streams.audio:
                    return None
                turn = av.AudioResampler(format="flt", layout="mono", rate=SOUND_RATE)
                pieces = [p.to_ndarray().ravel() for f in box.decode(audio=0) for p in turn.resample(f)]
                pieces += [p.to_ndarray().ravel() for p in turn.resample(None)]
                return np.concatenate(pieces).astype(np.float32) if pieces else None
        except av.FFmpegError as reason:
            raise BadMedia(f"The sound of {path.name} cannot be decoded.") from reason

    def sample(self, path: Path, per_second: float = 2.0) -> SampledClip:
        raise NotImplementedError


def write(path: Path, frames: list[Picture], sound: Sound | None = None, fps: int = FPS, crf: int = 20) -> Path:
    """An H.264 and AAC mp4 of ``frames`` and ``sound``."""
    with av.open(str(path), "w") as box:
        video = box.add_stream("libx264", rate=fps)
        video.height, video.width = frames[0].shape[:2]
        video.pix_fmt, video.options = "yuv420p", {"crf": str(crf), "preset": "veryfast"}
        audio = None
        if sound is not None:
            audio = box.add_stream("aac", rate=SOUND_RATE, layout="mono")
            audio.bit_rate = 96_000
        for frame in frames:
            box.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        box.mux(video.encode())
        if audio is not None and sound is not None:
            for start in range(0, len(sound), 1024):
                piece = av.AudioFrame.from_ndarray(sound[None, start : start + 1024], format="fltp", layout="mono")
                piece.sample_rate, piece.pts = SOUND_RATE, start
                box.mux(audio.encode(piece))
            box.mux(audio.encode())
    return path


def ffmpeg(source: Path, out: Path, *how: str, before: tuple[str, ...] = ()) -> Path:
    """Run ffmpeg over ``source``, dropping metadata."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *before, "-i", str(source), "-map_metadata", "-1", *how]
    subprocess.run([*command, str(out)], check=True, timeout=120)
    return out


def read(path: Path) -> list[Picture]:
    return [f.picture for f in Reader().frames(path)]


def meadow(count: int, width: int = 640, height: int = 360, moving: bool = True) -> list[Picture]:
    """A flat picture-book scene: sky, hills, a house, a sun, clouds, a ball that bounces and a walker."""
    s = height / 360

    def pt(x: float, y: float) -> tuple[int, int]:
        return int(x * s), int(y * s)

    out = []
    for i in range(count):
        t = i / FPS if moving else 0.0
        page = np.full((height, width, 3), (168, 214, 240), np.uint8)
        cv2.circle(page, pt(540, 70), int(36 * s), (250, 215, 90), -1, cv2.LINE_AA)
        cv2.ellipse(page, pt(160, 330), pt(280, 130), 0, 180, 360, (120, 180, 110), -1, cv2.LINE_AA)
        cv2.ellipse(page, pt(480, 340), pt(320, 110), 0, 180, 360, (98, 160, 92), -1, cv2.LINE_AA)
        cv2.rectangle(page, pt(0, 300), pt(640, 360), (90, 140, 80), -1)
        cv2.rectangle(page, pt(90, 200), pt(190, 300), (222, 190, 150), -1)
        cv2.fillPoly(page, [np.array([pt(75, 205), pt(140, 150), pt(205, 205)])], (190, 80, 70), cv2.LINE_AA)
        cv2.rectangle(page, pt(125, 245), pt(155, 300), (110, 70, 50), -1)
        for k in range(3):
            cloud = pt(100 + 180 * k + 14 * t, 60 + 20 * (k % 2))
            cv2.ellipse(page, cloud, pt(46, 16), 0, 0, 360, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(page, pt(250 + 60 * t, 280 - 90 * abs(np.sin(3 * t))), int(22 * s), (225, 70, 90), -1, cv2.LINE_AA)
        x = 560 - 50 * t
        cv2.ellipse(page, pt(x, 255), pt(18, 34), 0, 0, 360, (70, 90, 160), -1, cv2.LINE_AA)
        cv2.circle(page, pt(x, 210), int(15 * s), (240, 200, 170), -1, cv2.LINE_AA)
        for swing in (10 * np.sin(8 * t), -10 * np.sin(8 * t)):
            cv2.line(page, pt(x, 285), pt(x + swing, 315), (60, 50, 60), int(5 * s), cv2.LINE_AA)
        out.append(page)
    return out


def harbour(count: int, width: int = 640, height: int = 360) -> list[Picture]:
    """Another flat scene with sky above and a dark ground below: boats on a sea, a lighthouse, a moon."""
    s = height / 360

    def pt(x: float, y: float) -> tuple[int, int]:
        return int(x * s), int(y * s)

    out = []
    for i in range(count):
        t = i / FPS
        page = np.full((height, width, 3), (40, 50, 96), np.uint8)
        cv2.circle(page, pt(110, 80), int(40 * s), (240, 236, 210), -1, cv2.LINE_AA)
        cv2.rectangle(page, pt(0, 230), pt(640, 360), (30, 84, 120), -1)
        cv2.rectangle(page, pt(500, 90), pt(540, 240), (230, 230, 225), -1)
        cv2.rectangle(page, pt(500, 130), pt(540, 160), (200, 60, 60), -1)
        cv2.rectangle(page, pt(492, 70), pt(548, 95), (250, 210, 90), -1)
        for k in range(2):
            x, y = 120 + 200 * k + 40 * t, 255 + 30 * k + 5 * np.sin(4 * t + k)
            cv2.fillPoly(page, [np.array([pt(x - 60, y), pt(x + 60, y), pt(x + 40, y + 28), pt(x - 40, y + 28)])], (150, 90, 60))
            cv2.fillPoly(page, [np.array([pt(x, y - 90), pt(x, y - 5), pt(x + 48, y - 5)])], (245, 240, 235), cv2.LINE_AA)
        out.append(page)
    return out


def bells(seconds: float) -> Sound:
    """Notes, steps and a breath of wind: what a drawn scene sounds like."""
    rng, t = np.random.default_rng(0), np.arange(int(SOUND_RATE * seconds)) / SOUND_RATE
    pitches = (262, 330, 392, 523, 660, 784)
    notes = sum(np.sin(2 * np.pi * f * t) * np.exp(-((t * 2 + i * 0.3) % 1) * 4) / (i + 1) for i, f in enumerate(pitches))
    steps = rng.standard_normal(len(t)) * np.exp(-((t * 2.5) % 1) * 30)
    return np.asarray(0.12 * notes + 0.1 * steps + 0.01 * rng.standard_normal(len(t)), np.float32)
