"""Enrolment, the vault, and what is left of a person after erasure."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from consent import cameos, people, sightings
from consent.erasure import erase, scrub
from consent.errors import LikenessRefused, Taken, UnknownPerson, VaultLocked
from consent.faces.engine import FaceEngine
from consent.likeness import PORTRAIT_PX, Likeness, read_likeness
from consent.tables import person_keys, person_secrets, person_sightings
from consent.vault.keys import Vault
from consent.version import searchable, version
from safety import ledger
from safety.db import Database
from safety.errors import BadInput
from safety.media import Picture
from safety.values import derive
from tests.consent.conftest import Clock, stage


def bytes_on_disk(database: Database) -> bytes:
    """The database's file and everything SQLite keeps beside it."""
    path = Path(database.url.removeprefix("sqlite:///"))
    return b"".join(p.read_bytes() for p in sorted(path.parent.glob(path.name + "*")))


def test_an_enrolled_person_is_found_by_handle_and_by_id_and_has_a_portrait(
    database: Database, engine: FaceEngine, eileen: Picture, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        person = cameos.enrol(conn, "@Ana", [eileen], engine, vault, clock)
    with database.read() as conn:
        assert person.id == derive("person", "ana") and person.handle == "ana" and person.kind == "enrolled"
        assert people.get(conn, "ana") == people.get(conn, "@ana") == people.get(conn, person.id) == person
        picture = people.portrait(conn, "ana", vault)
        assert [p.handle for p in people.listing(conn)] == ["ana"]
    assert picture.shape == (PORTRAIT_PX, PORTRAIT_PX, 3) and picture.dtype == np.uint8
    (face,) = engine.find(picture)
    assert float(face.embedding @ engine.find(eileen)[0].embedding) > 0.9
    assert 0.3 < face.box.x + face.box.w / 2 < 0.7 and 0.4 < face.box.w < 0.6


def test_a_photograph_of_nobody_is_refused(engine: FaceEngine, meadow: Picture) -> None:
    with pytest.raises(LikenessRefused, match="Photograph 1 shows no face"):
        read_likeness([meadow], engine)


def test_a_photograph_of_two_people_is_refused(engine: FaceEngine, eileen: Picture, cameraman: Picture) -> None:
    with pytest.raises(LikenessRefused, match="2 faces"):
        read_likeness([np.concatenate([eileen, cameraman], axis=1)], engine)


def test_photographs_of_different_people_are_refused(engine: FaceEngine, eileen: Picture, cameraman: Picture) -> None:
    with pytest.raises(LikenessRefused, match="different people"):
        read_likeness([eileen, cameraman], engine)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p[::3, ::3], "pixels wide"),
        (lambda p: (p * 0.15).astype(np.uint8), "too dark"),
        (lambda p: __import__("cv2").GaussianBlur(p, (0, 0), 3.5), "blurred"),
    ],
)  # fmt: skip
def test_a_small_dark_or_blurred_face_is_refused(engine: FaceEngine, eileen: Picture, change: object, sentence: str) -> None:
    with pytest.raises(LikenessRefused, match=sentence):
        read_likeness([np.ascontiguousarray(change(eileen))], engine)  # type: ignore[operator]


def test_no_photograph_at_all_is_refused(engine: FaceEngine) -> None:
    with pytest.raises(LikenessRefused, match="no photograph"):
        read_likeness([], engine)


def test_a_video_may_lose_the_face_for_a_moment_but_never_show_another(
    engine: FaceEngine, eileen: Picture, cameraman: Picture, meadow: Picture
) -> None:
    frames = [stage(eileen, x) for x in (20, 60, 100, 140)]
    likeness = read_likeness([*frames, meadow], engine, video=True)
    assert 1 <= len(likeness.templates) <= 4
    with pytest.raises(LikenessRefused, match="2 faces"):
        read_likeness([*frames, np.concatenate([eileen, cameraman], axis=1)], engine, video=True)
    with pytest.raises(LikenessRefused, match="Only 1 of 4 frames"):
        read_likeness([frames[0], meadow, meadow, meadow], engine, video=True)


def test_a_face_is_enrolled_once_and_the_refusal_names_nobody(
    database: Database, engine: FaceEngine, eileens: Likeness, eileen: Picture, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        cameos.enrol(conn, "ana", eileens, engine, vault, clock)
    mirrored = read_likeness([np.ascontiguousarray(eileen[:, ::-1])], engine)
    with pytest.raises(Taken, match="another handle") as refusal, database.write() as conn:
        cameos.enrol(conn, "bob", mirrored, engine, vault, clock)
    assert "ana" not in refusal.value.detail
    with pytest.raises(Taken, match="choose another handle"), database.write() as conn:
        cameos.enrol(conn, "ana", eileens, engine, vault, clock)
    with database.read() as conn:
        assert len(people.listing(conn)) == 1


def test_a_protected_face_cannot_be_enrolled(
    database: Database, engine: FaceEngine, eileens: Likeness, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        assert cameos.protect(conn, "claim_7", eileens, engine, vault, clock).public_key is None
    with pytest.raises(Taken, match="protected person"), database.write() as conn:
        cameos.enrol(conn, "ana", eileens, engine, vault, clock)


@pytest.mark.parametrize("handle", ["", "a", "a" * 33, "ana lisa", "ana!", "éva", "everyone", "@"])
def test_a_handle_that_cannot_be_mentioned_is_refused(handle: str) -> None:
    with pytest.raises(BadInput, match="handle"):
        people.check_handle(handle)


def test_no_template_portrait_or_key_lies_in_the_database_in_the_clear(
    database: Database, engine: FaceEngine, eileens: Likeness, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    with database.write() as conn:
        person = cameos.enrol(conn, "ana", eileens, engine, vault, clock)
        _, rows = people.templates(conn, engine.name, vault)
        (secret,) = conn.execute(sa.select(person_secrets).where(person_secrets.c.role == "signing-key")).all()
        signing_key = vault.open(conn, person.id, "signing-key", secret.id, secret.sealed)
    disk = bytes_on_disk(database)
    assert person.id.encode() in disk  # the search would find what is there
    template = rows[0].astype("<f4").tobytes()
    for plain in (template, template[:64], template[-64:], eileens.portrait.tobytes()[60_000:60_064], signing_key):
        assert plain not in disk
    assert (tmp_path / "keys" / "people.kek").read_bytes() not in disk


def test_nothing_biometric_shows_in_a_repr_or_in_the_ledger(
    database: Database, engine: FaceEngine, eileen: Picture, eileens: Likeness, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        cameos.enrol(conn, "ana", eileens, engine, vault, clock)
        entries = [entry.model_dump_json() for entry in ledger.entries(conn)]
    (face,) = engine.find(eileen)
    number = f"{eileens.templates[0, 0]:.4f}"[:6].lstrip("-")
    for text in (repr(eileens), repr(face), repr(vault), *entries):
        assert number not in text and "array([[" not in text.replace(repr(face.landmarks), "")
    assert "array" not in repr(eileens) and "embedding" not in repr(face)
    assert len(entries) == 1 and "ana" not in entries[0]


def test_the_key_file_is_for_its_owner_alone_and_damage_to_it_is_told(tmp_path: Path) -> None:
    Vault(tmp_path / "keys")
    path = tmp_path / "keys" / "people.kek"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault(tmp_path / "keys").kek_id == Vault(tmp_path / "keys").kek_id
    path.write_bytes(b"short")
    with pytest.raises(VaultLocked, match="damaged"):
        Vault(tmp_path / "keys")


def test_sealed_bytes_open_only_for_their_person_role_and_row_and_unchanged(
    database: Database, engine: FaceEngine, eileens: Likeness, cameramans: Likeness, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    with database.write() as conn:
        ana = cameos.enrol(conn, "ana", eileens, engine, vault, clock).id
        bob = cameos.enrol(conn, "bob", cameramans, engine, vault, clock).id
        sealed = vault.seal(conn, ana, "face-template", "row", b"secret")
        assert vault.open(conn, ana, "face-template", "row", sealed) == b"secret"
        assert sealed != vault.seal(conn, ana, "face-template", "row", b"secret")
        broken = bytes([*sealed[:-1], sealed[-1] ^ 1])
        for person, role, row, data in [
            (bob, "face-template", "row", sealed), (ana, "portrait", "row", sealed), (ana, "face-template", "other", sealed),
            (ana, "face-template", "row", broken), (ana, "face-template", "row", b""),
        ]:  # fmt: skip
            with pytest.raises(VaultLocked):
                vault.open(conn, person, role, row, data)
        with pytest.raises(VaultLocked, match="another key file"):
            Vault(tmp_path / "elsewhere").open(conn, ana, "face-template", "row", sealed)


def test_erasing_leaves_neither_key_nor_sealed_rows_nor_name_in_any_file(
    database: Database, engine: FaceEngine, eileens: Likeness, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        person = cameos.enrol(conn, "zelda_fitz", eileens, engine, vault, clock)
        wrapped = conn.execute(sa.select(person_keys.c.wrapped)).scalar_one()
        sealed = [bytes(row.sealed) for row in conn.execute(sa.select(person_secrets.c.sealed))]
    assert wrapped in bytes_on_disk(database) and b"zelda_fitz" in bytes_on_disk(database)
    with database.write() as conn:
        done = erase(conn, "zelda_fitz", vault, clock)
    scrub(database)
    disk = bytes_on_disk(database)
    assert done.secrets == len(sealed) == 3
    assert wrapped not in disk and b"zelda_fitz" not in disk
    assert not any(blob[:64] in disk or blob[-64:] in disk for blob in sealed)
    with database.read() as conn:
        assert people.find(conn, person.id) is None and people.listing(conn) == ()
        with pytest.raises(UnknownPerson):
            people.portrait(conn, "zelda_fitz", vault)
        with pytest.raises(VaultLocked, match="deleted"):
            vault.open(conn, person.id, "portrait", "x", sealed[0])
        assert next(ledger.entries(conn, kind="person-erased")).subject == person.id


def test_erasing_takes_where_the_person_was_seen(
    database: Database, engine: FaceEngine, eileens: Likeness, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        person = cameos.enrol(conn, "zelda_fitz", eileens, engine, vault, clock)
        seen = sightings.Sighted(person.id, "seen-face", engine.name, 0.0, 1.0, np.ones(128, np.float32))
        sightings.keep(conn, "sha256:clip", [seen], vault)
        sealed = bytes(conn.execute(sa.select(person_sightings.c.sealed)).scalar_one())
        assert sightings.clips_of(conn, person.id) == ("sha256:clip",)
        erase(conn, "zelda_fitz", vault, clock)
        assert sightings.clips_of(conn, person.id) == ()
    scrub(database)
    assert sealed[:64] not in bytes_on_disk(database)


def test_the_next_owner_of_an_erased_handle_is_another_person(
    database: Database, engine: FaceEngine, eileens: Likeness, cameramans: Likeness, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        first = cameos.enrol(conn, "ana", eileens, engine, vault, clock)
        erase(conn, "ana", vault, clock)
        second = cameos.enrol(conn, "ana", cameramans, engine, vault, clock)
        again = cameos.enrol(conn, "eileen", eileens, engine, vault, clock)
    assert len({first.id, second.id, again.id}) == 3


def test_scrubbing_says_when_a_reader_holds_the_log(
    database: Database, engine: FaceEngine, eileens: Likeness, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        cameos.enrol(conn, "ana", eileens, engine, vault, clock)
    reader = sqlite3.connect(database.url.removeprefix("sqlite:///"), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM people").fetchone()
    with database.write() as conn:
        erase(conn, "ana", vault, clock)
    impatient = Database(database.url)
    sa.event.listen(impatient.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=50"))
    with pytest.raises(Exception, match="scrub again"):
        scrub(impatient)
    reader.execute("ROLLBACK")
    reader.close()
    scrub(impatient)
    impatient.close()


def test_counters_move_with_every_change_and_not_when_it_is_undone(
    database: Database, engine: FaceEngine, eileens: Likeness, vault: Vault, clock: Clock
) -> None:
    with database.read() as conn:
        assert version(conn, "people") == searchable(conn) == 0
    with pytest.raises(RuntimeError), database.write() as conn:
        cameos.enrol(conn, "ana", eileens, engine, vault, clock)
        raise RuntimeError
    with database.read() as conn:
        assert version(conn, "people") == 0
    with database.write() as conn:
        cameos.enrol(conn, "ana", eileens, engine, vault, clock)
        assert version(conn, "people") == 1
        erase(conn, "ana", vault, clock)
        assert version(conn, "people") == searchable(conn) == 2


@given(st.integers(1, 40), st.integers(1, 40), st.randoms())
def test_a_packed_picture_unpacks_to_itself(height: int, width: int, random: object) -> None:
    picture = np.random.default_rng(random.getrandbits(32)).integers(0, 256, (height, width, 3), dtype=np.uint8)  # type: ignore[attr-defined]
    assert np.array_equal(people.unpack(people.pack(picture)), picture)
