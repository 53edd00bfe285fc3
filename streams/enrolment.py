"""Enrolling by showing oneself now: a challenge is given, and one recording that answers it enrols face and voice together.

This is the path that proves presence; ``streams.people.enrol``, from photographs, proves nothing of the kind and is for operators
who saw the person. What is looked at and heard here is not kept. A refusal leaves the challenge answered and a ledger entry with
the reason, and changes nothing else; one because the face or voice is another person's is also told to that person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from classifiers.sound.digits import DigitReader, Digits
from classifiers.sound.voices import VoiceListener
from consent import cameos, duplicates, people, voice_enrolment
from consent.duplicates import Known
from consent.errors import LikenessRefused, Taken
from consent.faces.align import align
from consent.faces.engine import FaceFinder
from consent.likeness import Likeness, read_likeness
from consent.liveness import challenge as challenges
from consent.liveness.assessment import BESIDE, Sighting, hear, see
from consent.liveness.challenge import Challenge
from consent.liveness.errors import EnrolmentRefused, Reason
from consent.liveness.pose import Look, Motion
from consent.people import Person
from consent.voice_enrolment import Voice, read_voice
from consent.voice_thresholds import WORTH_SAYING
from generator.sampling import file_digest
from safety import ledger
from safety.errors import BadMedia, NotFound, TooLarge
from safety.media import Frame, Picture
from streams.context import Context

#: Frames looked at a second, every which of them for whose face it is, and the longest recording: no challenge holds longer.
PER_SECOND, EMBEDDED, LONGEST = 8.0, 2, 60.0
#: Largest recording, bytes: a minute of what phones film.
MOST_BYTES = 200_000_000
#: Of the frames ahead, those a likeness is read from; and how many times the face's size is kept of each around it.
PORTRAITS, AROUND = 10, 2.4


@dataclass(frozen=True)
class _Watched:
    """What was seen of a recording: every frame's sighting, and around each face that was alone a piece of the picture."""

    sightings: tuple[Sighting, ...] = field(repr=False)
    pieces: tuple[Picture | None, ...] = field(repr=False)


def challenge(ctx: Context, handle: str) -> Challenge:
    """What whoever wants to be ``@handle``, or is and wants to renew their face and voice, is to do within a minute.

    Raises ``BadInput``, ``TooManyChallenges`` and, for the handle of somebody protected, ``Taken``.
    """
    with ctx.db.write() as conn:
        _refuse_protected(people.find(conn, handle))
        return challenges.issue(conn, handle, ctx.clock)


def enrol_live(ctx: Context, challenge_id: str, file: Path, *, public_key: bytes | None = None) -> Person:
    """Enrol, or renew, the person who answers the challenge in ``file``, a recording that has just arrived.

    ``public_key`` (32 bytes of Ed25519) is a key of their own, when they are new and have one. Raises ``UnknownChallenge``;
    ``EnrolmentRefused`` with one reason; ``Known`` (a ``Taken``) when face or voice is another person's; ``Taken`` for the
    handle of somebody protected; ``NotFound`` and ``TooLarge`` for the file, before the challenge is spent.
    """
    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    if file.stat().st_size > MOST_BYTES:
        raise TooLarge(
            f"The recording is larger than {MOST_BYTES // 1_000_000} MB; film for less than a minute, or in a smaller size."
        )
    with ctx.db.write() as conn:
        asked, refused = challenges.take_up(conn, challenge_id, file_digest(file), ctx.clock)
        if refused is not None:
            _note(conn, ctx, asked, refused)
    if refused is not None:
        raise refused
    try:
        likeness, voice = _look(ctx, asked, file)
        return _enrol(ctx, asked, likeness, voice, public_key)
    except (EnrolmentRefused, Taken) as reason:
        with ctx.db.write() as conn:
            challenges.close(conn, asked.id, _code(reason))
            _note(conn, ctx, asked, reason)
        raise


def _look(ctx: Context, asked: Challenge, file: Path) -> tuple[Likeness, Voice]:
    """Face and voice of whoever answers the challenge. Slow, and outside of any transaction."""
    try:
        said = _listen(ctx, file)
        hear(asked, said.readings, said.voiced)
        watched = _watch(ctx, file)
    except BadMedia as reason:
        raise EnrolmentRefused("unreadable", reason.detail) from reason
    motion = see(asked, watched.sightings)
    try:
        likeness = read_likeness(_ahead(watched, motion), ctx.parts.faces, video=True)
    except LikenessRefused as reason:
        raise EnrolmentRefused("poor-picture", reason.detail) from reason
    try:
        voice = read_voice([said.speech], VoiceListener())
    except LikenessRefused as reason:
        raise EnrolmentRefused("poor-sound", reason.detail) from reason
    return likeness, voice


def _enrol(ctx: Context, asked: Challenge, likeness: Likeness, voice: Voice, public_key: bytes | None) -> Person:
    """One transaction: the challenge is passed, and face and voice are those of its handle."""
    with ctx.db.write() as conn:
        known = people.find(conn, asked.handle)
        _refuse_protected(known)
        if known is None:
            person = cameos.enrol(
                conn, asked.handle, likeness, ctx.parts.faces, ctx.parts.vault, ctx.clock, public_key=public_key
            )  # fmt: skip
        else:
            person = _renew(conn, ctx, known, likeness, voice)
        voice_enrolment.enrol_voice(conn, person.id, voice.templates, voice.engine, ctx.parts.vault, ctx.clock)
        challenges.close(conn, asked.id, "passed")
        body: dict[str, object] = {"challenge": asked.id, "turns": len(asked.turns), "renewed": known is not None}
        ledger.append(conn, "enrolment-proved", person.id, body, ctx.clock())
        return person


def _refuse_protected(known: Person | None) -> None:
    if known is not None and known.kind == "protected":
        raise Taken(f"@{known.handle} is a protected person, who is not enrolled; choose another handle.")


def _renew(conn: sa.Connection, ctx: Context, known: Person, likeness: Likeness, voice: Voice) -> Person:
    """The person's new face, once face and voice are known for theirs."""
    owners, rows = people.voice_templates(conn, voice.engine, ctx.parts.vault)
    own = rows[[i for i, owner in enumerate(owners) if owner.id == known.id]]
    if len(own) and float((own @ voice.templates.T).max()) < WORTH_SAYING:
        raise EnrolmentRefused(
            "another-voice", f"The voice is not the one that is enrolled as @{known.handle}; only they can renew it."
        )
    try:
        return cameos.renew(conn, known.id, likeness, ctx.parts.vault, ctx.clock)
    except LikenessRefused as reason:
        raise EnrolmentRefused("another-person", reason.detail) from reason


def _listen(ctx: Context, file: Path) -> Digits:
    """The digits said in the recording. Raises ``BadMedia``, and ``EnrolmentRefused`` for one that is too long."""
    facts = ctx.parts.media.facts(file)
    if facts.seconds > LONGEST:
        raise EnrolmentRefused("unreadable", f"The recording is longer than {LONGEST:.0f} seconds; record only what was asked.")
    sound = ctx.parts.media.sound(file)
    return Digits((), 0.0, np.zeros(0, np.float32)) if sound is None else DigitReader().read(sound)


def _watch(ctx: Context, file: Path) -> _Watched:
    """Every face of the recording, in bounded memory. Raises ``BadMedia``."""
    sightings: list[Sighting] = []
    pieces: list[Picture | None] = []
    for part in ctx.parts.media.parts(file, PER_SECOND):
        for frame in part.frames:
            sighting, piece = _sight(frame, ctx.parts.faces, embed=len(sightings) % EMBEDDED == 0)
            sightings.append(sighting)
            pieces.append(piece)
    return _Watched(tuple(sightings), tuple(pieces))


def _sight(frame: Frame, engine: FaceFinder, *, embed: bool) -> tuple[Sighting, Picture | None]:
    faces = engine.locate(frame.picture)
    if not faces:
        return Sighting(frame.time, None, None), None
    face, height, width = faces[0], *frame.picture.shape[:2]
    embedding = engine.embed(align(np.ascontiguousarray(frame.picture), face.landmarks)) if embed else None
    box = (face.box.x * width, face.box.y * height, face.box.w * width, face.box.h * height)
    beside = sum(1 for other in faces[1:] if other.size_px >= BESIDE * face.size_px)
    sighting = Sighting(frame.time, Look(face.landmarks, box), embedding, beside)
    reach, x, y = AROUND * face.size_px / 2, box[0] + box[2] / 2, box[1] + box[3] / 2
    top, left = max(0, int(y - reach)), max(0, int(x - reach))
    return sighting, frame.picture[top : int(y + reach), left : int(x + reach)].copy()


def _ahead(watched: _Watched, motion: Motion) -> list[Picture]:
    """Up to ``PORTRAITS`` pieces of frames in which the person looks ahead, spread over the recording."""
    seen = [piece for s, piece in zip(watched.sightings, watched.pieces, strict=True) if s.look is not None]
    ahead = [piece for i in motion.middle if (piece := seen[i]) is not None]
    chosen = np.unique(np.linspace(0, len(ahead) - 1, PORTRAITS).round().astype(int))
    return [ahead[i] for i in chosen]


def _code(refused: EnrolmentRefused | Taken) -> Reason:
    if isinstance(refused, EnrolmentRefused):
        return refused.reason
    return "duplicate" if isinstance(refused, Known) else "taken"


def _note(conn: sa.Connection, ctx: Context, asked: Challenge, refused: EnrolmentRefused | Taken) -> None:
    """What the ledger learns of a refusal, and whoever it was whose face or voice was used."""
    at = ctx.clock()
    if isinstance(refused, Known):
        duplicates.report(conn, refused, asked.handle, at)
    ledger.append(conn, "enrolment-refused", asked.id, {"reason": _code(refused)}, at)
