"""Opening a file somebody gave us, with every door to other files and to the network shut.

FFmpeg's demuxers include playlists that open further files and addresses; only plain containers are let in here. Nothing
else in the house may hand a stranger's file to FFmpeg.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from generator.boxes import is_whole
from generator.errors import BadClip, ClipTooLarge

#: Longest clip we read, seconds: sixty times what the generator makes, and minutes of work for the gates on two cores.
MAX_SECONDS = 600.0
#: Largest frame we read: 4096 x 2304 pixels, in either direction (one RGB frame is 28 MB).
MAX_PIXELS = 4096 * 2304
#: Most frames we read: ``MAX_SECONDS`` at 240 a second.
MAX_PICTURES = 144_000
#: Containers we read. Playlists, subtitles, stills and device inputs are left out on purpose.
CONTAINERS = "mov,matroska,avi,mpegts,ogg,flv"
#: Containers a reference recording may come in: those above, and the plain sound files.
SOUND_CONTAINERS = f"{CONTAINERS},wav,mp3,flac,aac,aiff"
#: Longest sound file we read, seconds; mono at 48 kHz that is 230 MB while it is in memory.
MAX_SOUND_SECONDS = 1200.0


@contextmanager
def open_clip(path: Path, *, threads: int = 1) -> Iterator[tuple[Any, Any]]:
    """Yield the open container and its first video stream; every failure is one ``BadClip`` sentence.

    ``threads`` are the decoder's; one keeps two decoders from fighting over two cores.
    """
    _refuse_at_the_door(path)
    try:
        options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file", "max_pixels": str(MAX_PIXELS)}
        with av.open(f"file:{path}", options=options, metadata_errors="replace") as container:
            video = next((s for s in container.streams.video if not _is_cover(s)), None)
            if video is None:
                held = "only sound" if container.streams.audio else "neither picture nor sound"
                raise BadClip(f"{path.name} holds {held}; give a file with a video track.")
            if video.codec_context is None or video.width <= 0 or video.height <= 0:
                raise BadClip(f"{path.name} has a video track that cannot be decoded here; give an H.264 mp4.")
            refuse_size(path, video.width, video.height)
            if seconds_of(container, video) > MAX_SECONDS:
                raise ClipTooLarge(f"{path.name} is longer than {MAX_SECONDS:.0f} seconds; give a shorter clip.")
            video.codec_context.thread_count = threads
            video.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
            yield container, video
    except FFmpegError as reason:
        raise BadClip(f"{path.name} cannot be decoded as video; give a whole mp4, webm, mkv or mov file.") from reason


@contextmanager
def open_sound(path: Path) -> Iterator[tuple[Any, Any]]:
    """Yield the open container and its first sound track, behind the same doors as ``open_clip``; it may hold nothing else."""
    _refuse_at_the_door(path)
    try:
        options = {"format_whitelist": SOUND_CONTAINERS, "protocol_whitelist": "file", "max_pixels": str(MAX_PIXELS)}
        with av.open(f"file:{path}", options=options, metadata_errors="replace") as container:
            if not container.streams.audio:
                raise BadClip(f"{path.name} holds no sound; give a file with a sound track.")
            stream = container.streams.audio[0]
            if stream.codec_context is None:
                raise BadClip(f"{path.name} has a sound track that cannot be decoded here; give wav, flac, mp3, ogg or AAC.")
            if seconds_of(container, stream) > MAX_SOUND_SECONDS:
                raise ClipTooLarge(f"{path.name} is longer than {MAX_SOUND_SECONDS / 60:.0f} minutes; give a shorter part.")
            stream.codec_context.thread_count = 1
            yield container, stream
    except FFmpegError as reason:
        raise BadClip(f"{path.name} cannot be decoded as sound; give a whole wav, flac, mp3, ogg or m4a file.") from reason


def seconds_of(container: Any, video: Any) -> float:
    """Length the container declares, seconds; 0.0 when it declares none."""
    if video.duration is not None and video.time_base is not None:
        return float(video.duration * video.time_base)
    return float(Fraction(container.duration, av.time_base)) if container.duration else 0.0


def refuse_size(path: Path, width: int, height: int) -> None:
    """Raise ``ClipTooLarge`` for frames of more than ``MAX_PIXELS``; a stream may grow in the middle."""
    if width * height > MAX_PIXELS:
        raise ClipTooLarge(f"{path.name} is {width}x{height} pixels; at most {MAX_PIXELS} pixels are read.")


def cut_short(path: Path) -> BadClip:
    """The error for a file whose end is missing."""
    return BadClip(f"{path.name} is cut short: part of the file is missing; send the whole file again.")


def _is_cover(stream: Any) -> bool:
    """Cover art is a still inside a sound file, not a clip."""
    return bool(int(stream.disposition) & int(av.stream.Disposition.attached_pic))


def _refuse_at_the_door(path: Path) -> None:
    """Say the plain reasons plainly before FFmpeg sees the file."""
    try:
        if not path.exists():
            raise BadClip(f"There is no file at {path}; check the path.")
        if not path.is_file():
            raise BadClip(f"{path.name} is no file but a {_what(path)}; give the clip itself.")
        size = path.stat().st_size
        if size == 0:
            raise BadClip(f"{path.name} is empty (0 bytes); send the file again.")
        with path.open("rb") as f:
            if not is_whole(f, size):
                raise cut_short(path)
    except (OSError, RuntimeError) as reason:  # a loop of links is a RuntimeError in some versions of pathlib
        why = getattr(reason, "strerror", None) or "it leads nowhere"
        raise BadClip(f"{path.name} cannot be opened ({why}); check the path and its permissions.") from reason


def _what(path: Path) -> str:
    return "folder" if path.is_dir() else "device or pipe"
