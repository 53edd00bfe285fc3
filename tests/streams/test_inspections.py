"""What the gate saw of a draft is kept beside its verdict, searched later, and gone when it must be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from consent import sightings
from consent.errors import VaultLocked
from consent.sightings import Sighted
from consent.tables import people, person_keys, person_sightings
from consent.vault.keys import Vault
from safety.clock import utc_now
from safety.db import Database
from safety.fingerprint import PictureFingerprint
from safety.passage import Passage
from safety.signal import Box
from streams import inspections, traces
from streams.inspections import Seen
from streams.tables import clip_words, shot_prints, sound_prints

DRAFT = "sha256:" + "a" * 64


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


@pytest.fixture
def db(tmp_path: Path, vault: Vault) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'c.db'}")
    database.migrate()
    with database.write() as conn:
        conn.execute(sa.insert(people).values(id="ana", handle="ana", kind="enrolled", enrolled_at=utc_now()))
        vault.admit(conn, "ana")
    return database


def seen(words: int = 2) -> Seen:
    rng = np.random.default_rng(1)

    def unit(n: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        v = rng.normal(size=n).astype(np.float32)
        return v / np.float32(np.linalg.norm(v))

    code = rng.integers(-100, 100, 256).astype(np.int8)
    prints = tuple(
        PictureFingerprint(bytes([i] * 32), 80, unit(64), i, i / 2, code=code, points=b"p" * 36, shape=1.5) for i in range(3)
    )
    region = PictureFingerprint(bytes(32), 80, unit(64), 1, 0.5, Box(x=0, y=0, w=0.5, h=0.5))
    said = tuple(Passage(medium="speech", text=f"word {i}", time=(float(-i % 5), 5.0), confidence=0.8) for i in range(words))
    who = (Sighted("ana", "seen-face", "engine/1", 0.5, 2.0, unit(128)),)
    return Seen(said, "prints/1", (*prints, region), "landmarks/1", (b"one", b"two"), who)


def test_what_was_seen_is_kept_and_read_again(db: Database, vault: Vault) -> None:
    it = seen()
    with db.write() as conn:
        inspections.keep(conn, "sub", DRAFT, it, vault)
    with db.read() as conn:
        assert set(inspections.words_of(conn, "sub")) == set(it.passages)
        prints = inspections.prints_of(conn, "sub", "prints/1")
        assert [p.frame for p in prints] == [0, 1, 2]  # whole frames only
        assert all(p.pdq == q.pdq and p.embedding @ q.embedding > 0.9999 for p, q in zip(prints, it.prints, strict=False))
        assert all(
            p.code is not None and q.code is not None and np.array_equal(p.code, q.code)
            for p, q in zip(prints, it.prints, strict=False)
        )
        assert {(p.points, p.shape) for p in prints} == {(b"p" * 36, 1.5)}
        assert inspections.prints_of(conn, "sub", "other/1") == ()
        assert inspections.sounds_of(conn, "sub", "landmarks/1") == (b"one", b"two")
        (who,) = sightings.of(conn, DRAFT, vault)
        assert (who.person, who.starts, who.ends) == ("ana", 0.5, 2.0)
        assert np.array_equal(who.embedding, it.people[0].embedding)
        assert sightings.clips_of(conn, "ana") == (DRAFT,)


def test_a_second_look_replaces_the_first(db: Database, vault: Vault) -> None:
    with db.write() as conn:
        inspections.keep(conn, "sub", DRAFT, seen(), vault)
        inspections.keep(conn, "sub", DRAFT, seen(words=1), vault)
    with db.read() as conn:
        assert len(inspections.words_of(conn, "sub")) == 1
        assert len(sightings.of(conn, DRAFT, vault)) == 1


def test_a_template_is_not_stored_in_the_clear(db: Database, vault: Vault) -> None:
    it = seen()
    with db.write() as conn:
        inspections.keep(conn, "sub", DRAFT, it, vault)
    with db.read() as conn:
        sealed = conn.execute(sa.select(person_sightings.c.sealed)).scalar_one()
    assert it.people[0].embedding.tobytes() not in sealed
    assert len(sealed) > it.people[0].embedding.nbytes


def test_without_the_persons_key_it_is_noise(db: Database, vault: Vault) -> None:
    with db.write() as conn:
        inspections.keep(conn, "sub", DRAFT, seen(), vault)
        conn.execute(sa.delete(person_keys))
    with db.read() as conn, pytest.raises(VaultLocked):
        sightings.of(conn, DRAFT, vault)


def test_forgetting_a_draft_leaves_no_row(db: Database, vault: Vault) -> None:
    with db.write() as conn:
        inspections.keep(conn, "sub", DRAFT, seen(), vault)
        inspections.keep(conn, "other", "sha256:b", seen(), vault)
        traces.forget(conn, {"sub": [DRAFT]})
    with db.read() as conn:
        for table in (clip_words, shot_prints, sound_prints):
            assert set(conn.execute(sa.select(table.c.submission)).scalars()) == {"other"}
        assert sightings.of(conn, DRAFT, vault) == ()
