"""Voices: enrolled from enough of one person's speech, recognised in clips, forgotten with the person."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from classifiers.sound.voices import ENGINE, VoiceListener
from consent import people, voices
from consent.erasure import erase
from consent.errors import LikenessRefused, Taken, UnknownPerson
from consent.nearest import NearIndex
from consent.people import Kind
from consent.tables import people as people_table
from consent.tables import person_secrets
from consent.vault.keys import Vault
from consent.vectors import ExactIndex
from consent.version import version
from consent.voice_enrolment import LEAST_SPEECH, Voice, enrol_voice, read_voice
from consent.voice_thresholds import MATCH, WORTH_SAYING, score
from consent.voices import VoiceIndex, build_index
from safety import ledger
from safety.db import Database
from safety.errors import NotFound
from safety.media import SampledClip
from safety.values import derive
from safety.voice import Utterance
from streams import people as streams_people
from tests.classifiers.sound.conftest import ASSETS, heard, spoken
from tests.consent.conftest import Clock


@pytest.fixture(scope="module")
def listener() -> VoiceListener:
    return VoiceListener()


@pytest.fixture(scope="module")
def readers(listener: VoiceListener) -> Voice:
    return read_voice([spoken("reader")], listener)


@pytest.fixture(scope="module")
def womans(listener: VoiceListener) -> Voice:
    return read_voice([spoken("woman-french")], listener)


def admit(conn: sa.Connection, handle: str, vault: Vault, clock: Clock, kind: Kind = "enrolled") -> str:
    """A person without pictures."""
    identity = derive("person", handle, 0)
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw() if kind == "enrolled" else None
    conn.execute(
        sa.insert(people_table).values(id=identity, handle=handle, kind=kind, public_key=public, enrolled_at=clock())
    )  # fmt: skip
    vault.admit(conn, identity)
    return identity


def along(direction: NDArray[np.float32], cosine: float, seed: int = 0) -> NDArray[np.float32]:
    """A unit vector with this cosine to ``direction``."""
    other = np.random.default_rng(seed).standard_normal(256)
    other -= direction * float(other @ direction)
    other /= np.linalg.norm(other)
    return (cosine * direction + np.sqrt(1 - cosine**2) * other).astype(np.float32)


def said(embedding: NDArray[np.float32], start: float = 0.0, engine: str = ENGINE) -> Utterance:
    return Utterance((start, start + 3.0), 2.8, engine, embedding)


def test_an_enrolled_voice_is_recognised_in_other_words_with_its_time_and_nobody_elses_is(
    database: Database, listener: VoiceListener, readers: Voice, vault: Vault, clock: Clock
) -> None:
    index = VoiceIndex(vault, ENGINE)
    with database.write() as conn:
        person = admit(conn, "tom", vault, clock)
        enrol_voice(conn, "tom", readers.templates, readers.engine, vault, clock)
    with database.read() as conn:
        report = index.match_voices(conn, listener.look(heard(spoken("reader-again"), 40.0)), clock())
        strangers = [index.match_voices(conn, listener.look(heard(spoken(n))), clock()) for n in ("woman-french", "man-italian")]
    (signal,) = report.signals
    assert report.failure is None and report.labels == {"enrolled_voice", "protected_voice"}
    assert signal.label == "enrolled_voice" and signal.score > 0.5 and signal.references == {person}
    assert signal.evidence[0].time is not None and 39.5 < signal.evidence[0].time[0] < 52.0
    assert "cosine" in (signal.evidence[0].note or "")
    assert [s.signals for s in strangers] == [(), ()]


def test_a_protected_voice_has_its_own_label(database: Database, womans: Voice, vault: Vault, clock: Clock) -> None:
    with database.write() as conn:
        person = admit(conn, "claim_1", vault, clock, "protected")
        enrol_voice(conn, person, womans.templates, womans.engine, vault, clock)
        report = VoiceIndex(vault, ENGINE).match_voices(conn, [said(womans.templates[0])], clock())
    assert [(s.label, s.references) for s in report.signals] == [("protected_voice", {person})]


def test_the_threshold_is_one_half_and_what_is_by_chance_is_not_said(
    database: Database, readers: Voice, vault: Vault, clock: Clock
) -> None:
    template = readers.templates[0]
    with database.write() as conn:
        admit(conn, "tom", vault, clock)
        enrol_voice(conn, "tom", readers.templates[:1], ENGINE, vault, clock)
        index = VoiceIndex(vault, ENGINE)
        at = [index.match_voices(conn, [said(along(template, c))], clock()).signals for c in (MATCH, WORTH_SAYING - 0.01)]
    assert at[0][0].score == pytest.approx(0.5, abs=0.01) and at[1] == ()
    assert score(WORTH_SAYING) < 0.25 and score(MATCH + 0.07) > 0.75


def test_a_person_heard_often_is_one_signal_with_the_likest_evidence_first(
    database: Database, readers: Voice, vault: Vault, clock: Clock
) -> None:
    template = readers.templates[0]
    with database.write() as conn:
        admit(conn, "tom", vault, clock)
        enrol_voice(conn, "tom", readers.templates[:1], ENGINE, vault, clock)
        heard_often = [said(along(template, c, i), float(i)) for i, c in enumerate((0.72, 0.95, 0.85))]
        (signal,) = VoiceIndex(vault, ENGINE).match_voices(conn, heard_often, clock()).signals
    assert [e.time[0] for e in signal.evidence if e.time] == [1.0, 2.0, 0.0]


def test_too_little_speech_is_refused(listener: VoiceListener) -> None:
    with pytest.raises(LikenessRefused, match=f"{LEAST_SPEECH:.0f} are needed"):
        read_voice([spoken("reader")[: 3 * 48_000]], listener)


def test_two_speakers_are_refused_in_one_recording_and_in_two(listener: VoiceListener) -> None:
    man, woman = spoken("reader")[: 7 * 48_000], spoken("woman-french")[: 7 * 48_000]
    for recordings in ([np.concatenate([man, woman])], [man, woman]):
        with pytest.raises(LikenessRefused, match="More than one person"):
            read_voice(recordings, listener)


def test_a_quiet_or_distorted_recording_is_refused(listener: VoiceListener) -> None:
    with pytest.raises(LikenessRefused, match="too quiet"):
        read_voice([spoken("reader") * 0.005], listener)
    with pytest.raises(LikenessRefused, match="distorted"):
        read_voice([np.clip(spoken("reader") * 40, -1, 1)], listener)
    with pytest.raises(LikenessRefused, match="no recording"):
        read_voice([], listener)


def test_a_voice_that_is_somebody_elses_is_refused_without_their_name(
    database: Database, listener: VoiceListener, readers: Voice, vault: Vault, clock: Clock
) -> None:
    again = read_voice([spoken("reader-again")], listener)
    with database.write() as conn:
        admit(conn, "tom", vault, clock)
        admit(conn, "eve", vault, clock)
        enrol_voice(conn, "tom", readers.templates, ENGINE, vault, clock)
        with pytest.raises(Taken, match="another handle") as refusal:
            enrol_voice(conn, "eve", again.templates, ENGINE, vault, clock)
        enrol_voice(conn, "tom", again.templates, ENGINE, vault, clock)  # one's own voice may be given anew
        owners, rows = people.voice_templates(conn, ENGINE, vault)
        with pytest.raises(UnknownPerson):
            enrol_voice(conn, "nobody", again.templates, ENGINE, vault, clock)
    assert "tom" not in str(refusal.value) and [o.handle for o in owners] == ["tom"] * len(again.templates)
    assert np.allclose(rows, again.templates)


def test_a_protected_voice_cannot_be_enrolled_by_another(database: Database, readers: Voice, vault: Vault, clock: Clock) -> None:
    with database.write() as conn:
        admit(conn, "claim_1", vault, clock, "protected")
        admit(conn, "eve", vault, clock)
        enrol_voice(conn, "claim_1", readers.templates, ENGINE, vault, clock)
        with pytest.raises(Taken, match="protected person"):
            enrol_voice(conn, "eve", readers.templates, ENGINE, vault, clock)


def test_templates_lie_sealed_and_erasure_takes_them(
    database: Database, readers: Voice, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    index = VoiceIndex(vault, ENGINE)
    with database.write() as conn:
        person = admit(conn, "tom", vault, clock)
        before = version(conn, "people")
        enrol_voice(conn, "tom", readers.templates, ENGINE, vault, clock)
        assert version(conn, "people") == before + 1
        assert len(index.match_voices(conn, [said(readers.templates[0])], clock()).signals) == 1
        sealed = conn.execute(sa.select(person_secrets.c.sealed, person_secrets.c.role)).all()
        assert {r.role for r in sealed} == {"voice-template"}
        assert all(readers.templates[0].astype("<f4").tobytes()[:16] not in r.sealed for r in sealed)
        assert "0." not in str([e.body for e in ledger.entries(conn, "voice-enrolled", person)])
    with database.write() as conn:
        conn.execute(sa.update(people_table).values(kind="protected"))  # erasure of grants is another test's subject
        assert erase(conn, person, vault, clock).secrets == len(readers.templates)
        assert conn.execute(sa.select(sa.func.count()).select_from(person_secrets)).scalar() == 0
        assert index.match_voices(conn, [said(readers.templates[0])], clock()).signals == ()


def test_what_cannot_be_compared_is_a_failure_and_not_a_clip_without_voices(
    database: Database, readers: Voice, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    with database.write() as conn:
        admit(conn, "tom", vault, clock)
        enrol_voice(conn, "tom", readers.templates, ENGINE, vault, clock)
        locked = VoiceIndex(Vault(tmp_path / "other"), ENGINE).match_voices(conn, [said(readers.templates[0])], clock())
        foreign = VoiceIndex(vault, ENGINE).match_voices(conn, [said(readers.templates[0], engine="another/2")], clock())

        def broken(rows: NDArray[np.float32]) -> ExactIndex:
            raise MemoryError

        crashed = VoiceIndex(vault, ENGINE, broken).match_voices(conn, [said(readers.templates[0])], clock())
    assert locked.failure and foreign.failure and crashed.failure and "MemoryError" in crashed.failure
    assert locked.signals == foreign.signals == crashed.signals == ()


def test_many_voices_are_found_through_a_graph_and_few_by_comparing_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((3_000, 256)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert isinstance(build_index(rows), ExactIndex)
    monkeypatch.setattr(voices, "EXACT_UP_TO", 2_999)
    graph = build_index(rows)
    found, cosines = graph.search(rows[:5], 3)
    assert isinstance(graph, NearIndex) and found[:, 0].tolist() == [0, 1, 2, 3, 4] and float(cosines[:, 0].min()) > 0.99


def test_the_listener_is_what_enrolment_asks_for(listener: VoiceListener) -> None:
    class Deaf:
        engine = ENGINE

        def look(self, clip: SampledClip) -> tuple[Utterance, ...]:
            return ()

    with pytest.raises(LikenessRefused, match=r"Only 0\.0 seconds"):
        read_voice([spoken("reader")], Deaf())


def test_a_voice_is_enrolled_from_a_sound_file_and_a_missing_file_is_named(
    database: Database, listener: VoiceListener, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    ctx: Any = SimpleNamespace(db=database, clock=clock, parts=SimpleNamespace(vault=vault))
    with database.write() as conn:
        person = admit(conn, "tom", vault, clock)
    with pytest.raises(NotFound, match=r"no file .*nothing\.wav"):
        streams_people.enrol_voice(ctx, "@tom", [tmp_path / "nothing.wav"])
    assert streams_people.enrol_voice(ctx, "@tom", [ASSETS / "reader.opus"]).id == person
    with database.read() as conn:
        report = VoiceIndex(vault, ENGINE).match_voices(conn, listener.look(heard(spoken("reader-again"))), clock())
    assert [s.references for s in report.signals] == [{person}]
