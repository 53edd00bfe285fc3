"""What people do about their likeness: enrol, grant, pause, resume; each in one transaction. Taking back is ``revocation``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from consent import cameos, duplicates, people, voice_enrolment
from consent.duplicates import Known
from consent.errors import LikenessRefused
from consent.likeness import Likeness, read_likeness
from consent.people import Person
from consent.voice_enrolment import read_voice
from generator.reading import read_sound_file
from safety.errors import BadInput, NotFound
from safety.media import Picture
from streams.context import Context

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
#: Largest photograph, bytes.
MAX_PICTURE = 30_000_000


def enrol(ctx: Context, handle: str, files: Sequence[Path]) -> Person:
    """Enrol ``handle`` from photographs, or from one short video. Raises ``BadInput`` and ``LikenessRefused``."""
    likeness = _look(ctx, files)
    with _duplicates_told(ctx, handle), ctx.db.write() as conn:
        return cameos.enrol(conn, handle, likeness, ctx.parts.faces, ctx.parts.vault, ctx.clock)


def protect(ctx: Context, handle: str, files: Sequence[Path]) -> Person:
    """Enter a person who is never to be depicted; ``claim_search.clips_showing`` finds clips that show them already."""
    likeness = _look(ctx, files)
    with _duplicates_told(ctx, handle), ctx.db.write() as conn:
        return cameos.protect(conn, handle, likeness, ctx.parts.faces, ctx.parts.vault, ctx.clock)


def enrol_voice(ctx: Context, handle: str, files: Sequence[Path]) -> Person:
    """Enrol the voice of somebody who is known, from sound files or clips in which only they speak.

    Raises ``UnknownPerson``, ``LikenessRefused``, ``BadMedia`` and, when it is somebody else's voice, ``Taken``.
    """
    from classifiers.sound.voices import VoiceListener

    with ctx.db.read() as conn:
        owner = people.get(conn, handle)
    for file in files:
        if not file.is_file():
            raise NotFound(f"There is no file {file}.")
    voice = read_voice([read_sound_file(file) for file in files], VoiceListener())
    with _duplicates_told(ctx, handle), ctx.db.write() as conn:
        return voice_enrolment.enrol_voice(conn, owner.id, voice.templates, voice.engine, ctx.parts.vault, ctx.clock)


@contextmanager
def _duplicates_told(ctx: Context, handle: str) -> Iterator[None]:
    """Whoever owns a face or voice that somebody tries to enrol under another name is told, although the attempt is refused."""
    try:
        yield
    except Known as known:
        with ctx.db.write() as conn:
            duplicates.report(conn, known, people.check_handle(handle), ctx.clock())
        raise


def listing(ctx: Context) -> tuple[Person, ...]:
    """Everyone who is enrolled or protected."""
    with ctx.db.read() as conn:
        return people.listing(conn)


def _look(ctx: Context, files: Sequence[Path]) -> Likeness:
    """Read photographs, or the frames of one video, and find the one person they show."""
    if not files:
        raise BadInput("Give at least one photograph, or a short video.")
    for file in files:
        if not file.is_file():
            raise NotFound(f"There is no file {file}.")
    if len(files) == 1 and files[0].suffix.lower() not in PICTURES:
        sampled = ctx.parts.media.sample(files[0], per_second=4.0)
        return read_likeness([f.picture for f in sampled.frames], ctx.parts.faces, video=True)
    return read_likeness([read_picture(file) for file in files], ctx.parts.faces)


def read_picture(file: Path) -> Picture:
    """A photograph as RGB. Raises ``LikenessRefused`` when it cannot be read as one."""
    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    if file.stat().st_size > MAX_PICTURE:
        raise BadInput(f"{file.name} is larger than {MAX_PICTURE // 1_000_000} MB; give a smaller picture.")
    raw = np.frombuffer(file.read_bytes(), np.uint8)
    picture = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
    if picture is None:
        raise LikenessRefused(f"{file.name} is not a picture that can be read; give a JPEG or PNG.")
    return np.ascontiguousarray(picture[:, :, ::-1], np.uint8)
