"""Changing the key-encryption key: nothing is lost wherever it stops, and afterwards the old key is nowhere."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from consent import erasure
from consent.cameo_tables import claims as claim_rows
from consent.cameo_tables import clip_keys
from consent.errors import VaultLocked
from consent.faces import clip_faces
from consent.people import Person, get
from consent.tables import person_keys
from consent.vault import key_files, rotation
from consent.vault.keys import Vault, new_key
from safety import ledger
from safety.db import Database
from safety.errors import Conflict
from safety.signer import verify
from streams import keys
from tests.consent.authenticator import somebody
from tests.consent.conftest import Clock

CLIPS = ("sha256:" + "a" * 64, "sha256:" + "b" * 64)


@dataclass
class House:
    database: Database
    vault: Vault
    clock: Clock
    folder: Path
    people: list[Person]
    key: bytes

    def fresh(self) -> Vault:
        """The vault of a process that starts now."""
        return Vault(self.folder)

    def check(self, vault: Vault) -> None:
        """Everything that was sealed opens, and the kept keys sign."""
        with self.database.read() as conn:
            for person in self.people:
                assert verify(bytes.fromhex(person.public_key or ""), vault.sign(conn, person.id, b"x"), b"x")
            for row in conn.execute(sa.select(clip_keys)).all():
                assert vault.unwrap(row.subject, rotation.CLIP_KEY, row.wrapped) == self.key
            for row in conn.execute(sa.select(claim_rows.c.number, claim_rows.c.key)).all():
                assert vault.unwrap(row.number, rotation.CLAIM_KEY, row.key) == self.key


@pytest.fixture
def house(database: Database, vault: Vault, clock: Clock, tmp_path: Path) -> House:
    with database.write() as conn:
        people = [somebody(conn, f"person_{n}", vault, clock, seed=n) for n in range(3)]
        key = new_key()
        for clip in CLIPS:
            wrapped = vault.wrap(clip, rotation.CLIP_KEY, key)
            conn.execute(sa.insert(clip_keys).values(subject=clip, kek=vault.kek_id, wrapped=wrapped))
        values: dict[str, Any] = {"kind": "depicted", "clips": "[]", "found": "[]", "filed_at": clock(), "due_at": clock()}
        values |= {"status": "open", "key": vault.wrap("CLM-1", rotation.CLAIM_KEY, key)}
        conn.execute(sa.insert(claim_rows).values(number="CLM-1", **values))
    return House(database, vault, clock, tmp_path / "keys", people, key)


def rotate(house: House) -> rotation.Rotation:
    ctx: Any = SimpleNamespace(db=house.database, clock=house.clock, parts=SimpleNamespace(vault=house.vault))
    return keys.rotate(ctx)


def test_afterwards_everything_opens_and_the_old_key_is_nowhere(house: House) -> None:
    old, path = (house.folder / "people.kek").read_bytes(), house.folder / "people.kek"
    elsewhere, name = house.fresh(), house.vault.pseudonym("contact", "a@b.example")
    second = os.open(path, os.O_RDONLY)
    told = rotate(house)
    assert (told.people, told.clips, told.claims) == (3, 2, 1) and told.new == house.vault.kek_id != told.old
    for vault in (house.vault, elsewhere, house.fresh()):
        house.check(vault)
        assert vault.kek_id == told.new and vault.pseudonym("contact", "a@b.example") == name
    assert old not in b"".join(file.read_bytes() for file in house.folder.iterdir())
    assert os.pread(second, 64, 0) == bytes(32), "what the file held was overwritten, not only unnamed"
    os.close(second)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and len(list(house.folder.iterdir())) == 2
    with house.database.read() as conn:
        positions = [entry.position for entry in ledger.entries(conn, "keys-rotated")]
    assert positions == [told.ledger_position]
    assert rotate(house).people == 3, "and again"


def test_what_an_old_backup_holds_of_an_erased_person_opens_no_more(house: House) -> None:
    gone = house.people.pop(0)
    with house.database.write() as conn:
        backup = conn.execute(sa.select(person_keys).where(person_keys.c.person == gone.id)).one()
        conn.execute(sa.delete(person_keys).where(person_keys.c.person == gone.id))
        assert house.vault.unwrap(gone.id, "data-key", backup.wrapped), "until then it would"
    rotate(house)
    with house.database.write() as conn:
        conn.execute(sa.insert(person_keys).values(**backup._mapping))
        for vault in (house.vault, house.fresh()):
            with pytest.raises(VaultLocked):
                vault.sign(conn, gone.id, b"x")
            with pytest.raises(VaultLocked):
                vault.unwrap(gone.id, "data-key", backup.wrapped)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("where", ["begin", "step", "second step", "conclude", "scrub", "destroy", "replace"])
def test_killed_anywhere_nothing_is_lost_and_it_is_taken_up_again(
    house: House, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation.step, "__defaults__", (2,))
    name, seen = where.removeprefix("second "), list[int]()
    real = getattr(rotation, name, None)

    def kill(*given: Any, **more: Any) -> Any:
        if where == "second step" and not seen:
            seen.append(1)
            return real(*given, **more) if real else None
        if real:
            real(*given, **more)
        raise Killed

    if where == "scrub":
        monkeypatch.setattr(erasure, "scrub", kill)
    elif where == "replace":
        monkeypatch.setattr(key_files, "_sync_folder", kill)
    else:
        monkeypatch.setattr(rotation, name, kill)
    with pytest.raises(Killed):
        rotate(house)
    second = os.open(house.folder / "people.kek.old", os.O_RDONLY) if where == "replace" else None
    house.check(house.vault)
    house.check(house.fresh())
    # somebody is enrolled in between, by a process that started before
    with house.database.write() as conn:
        house.people.append(somebody(conn, "between", house.vault, house.clock, seed=9))
    monkeypatch.undo()
    rotate(house)
    house.check(house.vault)
    house.check(house.fresh())
    assert {file.name for file in house.folder.iterdir()} == {"people.kek", "pseudonyms.key"}
    if second is not None:
        assert os.pread(second, 64, 0) == bytes(32)
        os.close(second)
    with house.database.read() as conn:
        assert set(conn.execute(sa.select(person_keys.c.kek)).scalars()) == {house.fresh().kek_id}


def test_the_old_key_stays_while_anything_needs_it(house: House) -> None:
    with house.database.write() as conn:
        rotation.begin(conn, house.vault)
        assert not rotation.destroy(conn, house.vault)
        with pytest.raises(Conflict, match="are left"):
            rotation.conclude(conn, house.vault, rotation.Cursor(), house.clock())
    house.check(house.vault)


def test_a_damaged_key_row_stops_the_change_and_loses_nobody(house: House) -> None:
    with house.database.write() as conn:
        conn.execute(sa.update(clip_keys).where(clip_keys.c.subject == CLIPS[0]).values(wrapped=b"damaged"))
    with pytest.raises(VaultLocked):
        rotate(house)
    with house.database.write() as conn:
        conn.execute(sa.delete(clip_keys).where(clip_keys.c.subject == CLIPS[0]))
    house.check(house.fresh())
    rotate(house)
    house.check(house.fresh())


def test_without_a_change_begun_there_is_nothing_to_wrap(house: House) -> None:
    with house.database.write() as conn, pytest.raises(Conflict):
        rotation.step(conn, house.vault, rotation.Cursor())


def test_the_roles_are_those_that_the_rows_are_sealed_with(house: House) -> None:
    from consent import claims

    assert (clip_faces.KEY, claims.KEY) == (rotation.CLIP_KEY, rotation.CLAIM_KEY)
    with house.database.read() as conn:
        assert get(conn, "person_0").id == house.people[0].id
