"""Recordings that answer a challenge, or do not, from the file to the person: real detectors, a head made of one photograph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
import sqlalchemy as sa

from classifiers.sound.voices import VoiceListener
from consent import people
from consent.cameo_tables import notices
from consent.duplicates import Known
from consent.errors import Taken
from consent.likeness import Likeness, read_likeness
from consent.liveness import challenge as challenges
from consent.liveness.challenge import Challenge
from consent.liveness.errors import EnrolmentRefused, UnknownChallenge
from consent.people import Person
from consent.tables import person_secrets
from consent.voice_enrolment import Voice, read_voice
from console.bench.enrolment_heads import Pose, Sitting, sit
from console.bench.enrolment_material import film, say
from safety import ledger
from safety.errors import NotFound
from safety.media import Picture
from safety.settings import Settings
from streams import enrolment
from streams import people as streams_people
from streams.context import Context
from streams.system import close, open_context
from tests.classifiers.sound.conftest import spoken
from tests.consent.conftest import Clock

#: Frames a second of the films here; enough for these slow turns.
FPS = 6


@dataclass(frozen=True)
class Enrolled:
    person: Person
    asked: Challenge
    file: Path
    likeness: Likeness
    voice: Voice


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Context]:
    opened = open_context(Settings(home=tmp_path_factory.mktemp("home")))
    yield replace(opened, clock=clock)
    close(opened)


@pytest.fixture(scope="module")
def eileen(ctx: Context) -> Sitting:
    """Eileen Collins, by NASA; public domain."""
    found = sit(np.asarray(skimage.data.astronaut()), ctx.parts.faces)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def cameraman() -> Picture:
    """The photographer in a field, by Lav Varshney; CC0. Too much in profile to be turned."""
    return np.ascontiguousarray(np.stack([np.asarray(skimage.data.camera())] * 3, axis=-1))


@pytest.fixture(scope="module")
def ana(ctx: Context, eileen: Sitting, tmp_path_factory: pytest.TempPathFactory) -> Enrolled:
    """Enrolled by a whole recording; what was read of it is kept for the tests that are about what happens then."""
    file, kept, look = tmp_path_factory.mktemp("films") / "ana.mp4", list[tuple[Likeness, Voice]](), enrolment._look

    def keep(*given: Any) -> tuple[Likeness, Voice]:
        kept.append(look(*given))
        return kept[-1]

    with pytest.MonkeyPatch.context() as patch:
        # which orders this one rendered head is told in is a matter of measurement; here one that it is
        patch.setattr(challenges, "draw", lambda: ("381942", ("left", "up", "right", "down")))
        asked = enrolment.challenge(ctx, "@Ana")
        film(file, eileen, asked.digits, asked.turns, sound=say(asked.digits, times=2), fps=FPS, degrees=33.0)
        patch.setattr(enrolment, "_look", keep)
        person = enrolment.enrol_live(ctx, asked.id, file)
    return Enrolled(person, asked, file, *kept[0])


def state(ctx: Context) -> tuple[object, ...]:
    """Everything that an attempt that is refused must leave alone."""
    with ctx.db.read() as conn:
        secrets = conn.execute(sa.select(person_secrets.c.id, person_secrets.c.sealed).order_by(person_secrets.c.id)).all()
        return people.listing(conn), [tuple(row) for row in secrets]


def refused(ctx: Context, handle: str, file: Path, asked: Challenge | None = None) -> tuple[str, str]:
    """Code and sentence with which ``file`` is refused, having changed nothing but its challenge and the ledger."""
    asked, before = asked or enrolment.challenge(ctx, handle), state(ctx)
    with pytest.raises(EnrolmentRefused) as refusal:
        enrolment.enrol_live(ctx, asked.id, file)
    assert state(ctx) == before
    with ctx.db.read() as conn:
        assert challenges.outcome(conn, asked.id) == refusal.value.reason
        assert [e.body for e in ledger.entries(conn, "enrolment-refused", asked.id)] == [{"reason": refusal.value.reason}]
    return refusal.value.reason, refusal.value.detail


def read_as(patch: pytest.MonkeyPatch, likeness: Likeness, voice: Voice) -> None:
    """As if the next recordings showed this face and held this voice."""
    patch.setattr(enrolment, "_look", lambda *given: (likeness, voice))


def new_file(tmp_path: Path) -> Path:
    file = tmp_path / "another.mp4"
    file.write_bytes(file.name.encode() + str(tmp_path).encode())
    return file


@pytest.fixture
def other_face(ctx: Context, cameraman: Picture) -> Likeness:
    return read_likeness([cameraman], ctx.parts.faces)


@pytest.fixture(scope="module")
def other_voice() -> Voice:
    return read_voice([spoken("woman-french")], VoiceListener())


def test_whoever_says_the_digits_and_turns_as_asked_is_enrolled_with_face_and_voice(ctx: Context, ana: Enrolled) -> None:
    with ctx.db.read() as conn:
        assert people.get(conn, "ana") == ana.person and ana.person.kind == "enrolled"
        owners, _ = people.templates(conn, ctx.parts.faces.name, ctx.parts.vault)
        speakers, _ = people.voice_templates(conn, ana.voice.engine, ctx.parts.vault)
        assert {o.handle for o in owners} == {o.handle for o in speakers} == {"ana"}
        assert people.portrait(conn, "ana", ctx.parts.vault).shape == (256, 256, 3)
        assert challenges.outcome(conn, ana.asked.id) == "passed" and challenges.proved_at(conn, "ana") is not None
        (entry,) = ledger.entries(conn, "enrolment-proved", ana.person.id)
    assert entry.body == {"challenge": ana.asked.id, "turns": 4, "renewed": False}
    picture: Picture = np.asarray(skimage.data.astronaut())
    assert float((ana.likeness.templates @ ctx.parts.faces.find(picture)[0].embedding).max()) > 0.8


def test_the_same_recording_is_refused_for_another_challenge(ctx: Context, ana: Enrolled) -> None:
    assert refused(ctx, "replay", ana.file) == (
        "replayed", "This recording was sent before; ask for a new challenge and record yourself now.",
    )  # fmt: skip


def test_a_second_answer_and_a_challenge_that_never_was_are_refused(ctx: Context, ana: Enrolled, tmp_path: Path) -> None:
    with pytest.raises(EnrolmentRefused, match="This challenge was answered before; ask for a new one") as again:
        enrolment.enrol_live(ctx, ana.asked.id, new_file(tmp_path))
    assert again.value.reason == "answered-before"
    with ctx.db.read() as conn:
        assert challenges.outcome(conn, ana.asked.id) == "passed"
    with pytest.raises(UnknownChallenge):
        enrolment.enrol_live(ctx, "nothing", new_file(tmp_path))
    with pytest.raises(NotFound):
        enrolment.enrol_live(ctx, ana.asked.id, tmp_path / "missing.mp4")


def test_a_recording_that_comes_after_a_minute_is_refused(ctx: Context, clock: Clock, tmp_path: Path) -> None:
    asked = enrolment.challenge(ctx, "late")
    clock.wait(seconds=61)
    assert refused(ctx, "late", new_file(tmp_path), asked) == (
        "expired", "The recording came later than 60 seconds after the challenge; ask for a new one.",
    )  # fmt: skip


def test_other_digits_than_those_shown_are_refused(ctx: Context, eileen: Sitting, tmp_path: Path) -> None:
    asked = enrolment.challenge(ctx, "words")
    wrong = asked.digits[:2] + str((int(asked.digits[2]) + 1) % 10) + asked.digits[3:]
    film(tmp_path / "a.mp4", eileen, wrong, (), poses=[Pose()], sound=say(wrong, times=1), fps=FPS)
    assert refused(ctx, "words", tmp_path / "a.mp4", asked) == (
        "wrong-words", "The digits heard are not the ones shown; ask for new ones and say each clearly, in their order.",
    )  # fmt: skip


def test_a_still_picture_with_the_right_digits_is_refused(ctx: Context, eileen: Sitting, tmp_path: Path) -> None:
    asked = enrolment.challenge(ctx, "still")
    film(tmp_path / "a.mp4", eileen, asked.digits, (), poses=[Pose()], sound=say(asked.digits, times=1), fps=4)
    reason, sentence = refused(ctx, "still", tmp_path / "a.mp4", asked)
    assert reason == "still-picture" and sentence in (
        "The face does not move; film yourself, not a picture, and turn your head as asked.",
        "The face moves as a picture does and not as a head; turn your head itself, further to each side.",
    )


def test_a_recording_in_which_somebody_else_takes_over_is_refused(
    ctx: Context, eileen: Sitting, cameraman: Picture, tmp_path: Path
) -> None:
    asked, stranger = enrolment.challenge(ctx, "swap"), cv2.resize(cameraman, eileen.picture.shape[:2])
    film(
        tmp_path / "a.mp4", eileen, asked.digits, (), poses=[Pose(mouth=m) for m in (0.0, 1.0) for _ in range(8)],
        sound=say(asked.digits, times=1), fps=4, drawn=lambda who, pose: np.asarray(stranger) if pose.mouth else who.picture,
    )  # fmt: skip
    assert refused(ctx, "swap", tmp_path / "a.mp4", asked) == (
        "another-person", "The face becomes another person's in the recording; one person must be in it throughout.",
    )  # fmt: skip


def test_what_is_no_film_is_refused_and_the_challenge_is_spent(ctx: Context, tmp_path: Path) -> None:
    reason, _ = refused(ctx, "nofilm", new_file(tmp_path))
    assert reason == "unreadable"


def test_renewing_keeps_the_person_and_replaces_face_and_voice(
    ctx: Context, ana: Enrolled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with ctx.db.read() as conn:
        before = set(conn.execute(sa.select(person_secrets.c.sealed).where(person_secrets.c.role != "signing-key")).scalars())
        keys = conn.execute(sa.select(person_secrets.c.sealed).where(person_secrets.c.role == "signing-key")).scalars().all()
    read_as(monkeypatch, ana.likeness, ana.voice)
    assert enrolment.enrol_live(ctx, enrolment.challenge(ctx, "ana").id, new_file(tmp_path)) == ana.person
    with ctx.db.read() as conn:
        after = set(conn.execute(sa.select(person_secrets.c.sealed).where(person_secrets.c.role != "signing-key")).scalars())
        assert len(after) == len(before) and not after & before
        assert (
            conn.execute(sa.select(person_secrets.c.sealed).where(person_secrets.c.role == "signing-key")).scalars().all() == keys
        )
        assert [e.body["renewed"] for e in ledger.entries(conn, "enrolment-proved", ana.person.id)] == [False, True]


def test_another_face_or_voice_cannot_renew_a_person(
    ctx: Context, ana: Enrolled, other_face: Likeness, other_voice: Voice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read_as(monkeypatch, other_face, ana.voice)
    assert refused(ctx, "ana", new_file(tmp_path)) == (
        "another-person", "The face is not the one that is enrolled as @ana; only they can renew it.",
    )  # fmt: skip
    read_as(monkeypatch, ana.likeness, other_voice)
    file = tmp_path / "voice.mp4"
    file.write_bytes(b"another voice")
    assert refused(ctx, "ana", file) == (
        "another-voice", "The voice is not the one that is enrolled as @ana; only they can renew it.",
    )  # fmt: skip


@pytest.mark.parametrize("what", ["face", "voice"])
def test_somebodys_face_or_voice_under_another_handle_is_refused_whole_and_told_to_them(
    what: str, ctx: Context, ana: Enrolled, other_face: Likeness, other_voice: Voice, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    handle = f"thief_{what}"
    read_as(monkeypatch, *((ana.likeness, other_voice) if what == "face" else (other_face, ana.voice)))
    asked, before = enrolment.challenge(ctx, handle), state(ctx)
    with pytest.raises(Known, match=f"This {what} is enrolled under another handle already") as refusal:
        enrolment.enrol_live(ctx, asked.id, new_file(tmp_path))
    assert "ana" not in refusal.value.detail and ana.person.id not in str(refusal.value.extra) and state(ctx) == before
    with ctx.db.read() as conn:
        assert challenges.outcome(conn, asked.id) == "duplicate"
        bodies = conn.execute(sa.select(notices.c.body).where(notices.c.person == ana.person.id)).scalars().all()
        assert any(handle in body for body in bodies)
        assert {"what": what} in [e.body for e in ledger.entries(conn, "duplicate-enrolment", ana.person.id)]
        assert [e.body for e in ledger.entries(conn, "enrolment-refused", asked.id)] == [{"reason": "duplicate"}]


def test_the_handle_of_a_protected_person_gets_no_challenge(ctx: Context, cameraman: Picture, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), cameraman)
    streams_people.protect(ctx, "claim_1", [tmp_path / "a.png"])
    with pytest.raises(Taken, match="@claim_1 is a protected person"):
        enrolment.challenge(ctx, "claim_1")
