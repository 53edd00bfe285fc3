"""A person takes everything about them along in one file, and no key is in it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import sqlalchemy as sa

from consent import estate, grants, notices, representation, sightings
from consent.errors import VaultLocked
from consent.signing.receipts import verify_receipt
from consent.tables import person_keys, person_secrets
from consent.vault.keys import Vault
from safety import ledger, releases
from safety.errors import Forbidden
from safety.signer import verify
from safety.values import canonical
from streams import notices as tell
from streams import portability
from streams.export_parts import FORMAT, PARTS
from tests.streams.people_world import World, make_world

PORTRAIT = np.random.default_rng(5).integers(0, 255, (256, 256, 3), np.uint8)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """@ana, used by @kim twice, once withdrawn; @eva may act for others."""
    world = make_world(tmp_path / "home")
    world.enrol("ana", PORTRAIT), world.enrol("eva")
    with world.ctx.db.write() as conn:
        grants.grant(conn, "ana", "kim", world.vault, world.clock)
    made = [world.released("ana", "kim") for _ in range(2)]
    face = np.full(128, 128**-0.5, np.float32)
    with world.ctx.db.write() as conn:
        for release, permits in made:
            tell.tell_release(conn, release, permits, world.clock())
        ana = sightings.Sighted(world.id("ana"), "seen-face", "test/1", 0.5, 2.0, face)
        sightings.keep(conn, made[0][0].draft, [ana], world.vault)
        releases.withdraw(conn, [made[0][0].clip], cause="claim", subject="CLM", reason="r", at=world.clock())
    yield world
    world.ctx.db.close()


def taken(world: World, person: str, actor: str | None = None) -> dict[str, bytes]:
    """The files of an export by name."""
    with portability.exported(world.ctx, person, actor=actor, address="https://example.org") as path:
        assert path.stat().st_mode & 0o777 == 0o600
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            files = {name: archive.read(name) for name in archive.namelist()}
    assert not path.exists() and not list(path.parent.glob("export-*"))
    return files


def test_everything_is_in_it_and_reads_as_its_schema_says(world: World) -> None:
    files = taken(world, "ana")
    schema = json.loads(files["schema.json"])
    assert schema["format"] == FORMAT and set(schema["files"]) == {p.file for p in PARTS}
    for part in PARTS:
        rows = json.loads(files[part.file])
        assert schema["files"][part.file] and isinstance(rows, dict | list)
    assert json.loads(files["person.json"])["handle"] == "ana"
    uses = json.loads(files["uses.json"])
    assert [u["by"] for u in uses] == ["kim", "kim"] and {u["cause"] for u in uses} == {"claim", None}
    assert all(u["address"] == f"https://example.org/clips/{u['clip']}" for u in uses)
    told = json.loads(files["notices.json"])
    assert len(told) == 2 and told[0]["en"].startswith("@kim made") and told[0]["fr"].startswith("@kim a fait")
    (seen,) = json.loads(files["sightings.json"])
    assert seen["starts"] == 0.5 and len(seen["numbers"]) == 128
    with world.ctx.db.read() as conn:
        assert ledger.size(conn) and next(ledger.entries(conn, "person-exported")).body == {"represented": False, "sealed": True}
        assert "exported" in [n.kind for n in notices.listing(conn, world.id("ana"))]


def test_templates_and_portrait_are_the_ones_that_are_kept(world: World) -> None:
    files = taken(world, "ana")
    random = np.random.default_rng(int.from_bytes(b"ana", "big")).normal(size=(2, 128)).astype(np.float32)
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    rows = [np.array(t["numbers"], np.float32) for t in json.loads(files["templates.json"])]
    assert sorted(map(bytes, rows)) == sorted(map(bytes, random))
    picture = cv2.imdecode(np.frombuffer(files["portrait.png"], np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(np.asarray(picture)[:, :, ::-1], PORTRAIT)


def test_receipts_and_history_verify_with_the_key_in_the_export(world: World) -> None:
    files = taken(world, "ana")
    key = json.loads(files["person.json"])["public_key"]
    (name,) = (n for n in files if n.startswith("receipts/grant-"))
    (grant,) = json.loads(files["grants.json"])
    assert name == f"receipts/grant-{grant['id']}.json"
    assert verify_receipt(json.loads(files[name]), key)["record_id"] == grant["id"]
    (said,) = json.loads(files["history.json"])
    assert said["act"] == "granted" and verify(bytes.fromhex(key), bytes.fromhex(said["signature"]), canonical(said["statement"]))


def test_no_key_is_in_it_in_any_form(world: World) -> None:
    files = taken(world, "ana")
    with world.ctx.db.read() as conn:
        where = (person_secrets.c.person == world.id("ana"), person_secrets.c.role == "signing-key")
        row = conn.execute(sa.select(person_secrets).where(*where)).one()
        private = world.vault.open(conn, row.person, row.role, row.id, row.sealed)
        wrapped = conn.execute(sa.select(person_keys.c.wrapped).where(person_keys.c.person == row.person)).scalar_one()
    kek = (world.ctx.settings.keys / "people.kek").read_bytes()
    everything = b"\n".join(files.values()).lower()
    for secret in (private, wrapped, kek):
        for form in (secret, secret.hex().encode(), str(list(secret))[1:-1].encode()):
            assert form not in everything


def test_it_is_about_nobody_else(world: World) -> None:
    with world.ctx.db.write() as conn:
        grants.grant(conn, "eva", "zoe", world.vault, world.clock)
    world.asked("somebody else's secret prompt", "kim")
    world.asked("my own prompt", "ana")
    files = taken(world, "ana")
    everything = b"\n".join(files.values())
    assert b"secret prompt" not in everything and b"zoe" not in everything and world.id("eva").encode() not in everything
    assert [r["prompt"] for r in json.loads(files["requests.json"])] == ["my own prompt"]


def test_the_explanation_names_every_file_in_both_languages(world: World) -> None:
    files = taken(world, "ana")
    english, french = files["README.txt"].decode().split("Tout ce qui est", 1)
    for name in files:
        listed = name.split("/")[0] + "/" if "/" in name else name
        assert name == "README.txt" or (listed in english and listed in french)


def test_a_representative_may_have_it_and_a_stranger_may_not(world: World) -> None:
    world.enrol("kid")
    with world.ctx.db.write() as conn:
        representation.set_minor(conn, "kid", date(2030, 1, 1), "eva", "birth certificate", world.clock)
    files = taken(world, "kid", actor="eva")
    assert "templates.json" in files
    assert [r["role"] for r in json.loads(files["representatives.json"])["of_the_person"]] == ["guardian"]
    with pytest.raises(Forbidden):
        portability.export(world.ctx, "ana", actor="eva")
    assert not list((world.ctx.settings.home / "scratch").glob("export-*"))


def test_an_estate_gets_the_record_and_neither_numbers_nor_portrait(world: World) -> None:
    with world.ctx.db.write() as conn:
        representation.record_death(conn, "ana", world.clock().date(), "death certificate", "eva", world.clock)
        estate.confirm(conn, estate.confirmation(conn, "ana", "eva", world.clock()), world.vault, world.clock)
    files = taken(world, "ana", actor="eva")
    assert not {"templates.json", "sightings.json", "portrait.png"} & set(files)
    assert [h["act"] for h in json.loads(files["history.json"])] == ["granted", "died", "confirmed"]
    assert "templates.json" not in files["README.txt"].decode()


def test_an_export_that_cannot_be_made_leaves_nothing_behind(world: World, tmp_path: Path) -> None:
    locked = replace(world.ctx, parts=SimpleNamespace(vault=Vault(tmp_path / "other")))
    with pytest.raises(VaultLocked):
        portability.export(locked, "ana")
    assert not list((world.ctx.settings.home / "scratch").glob("export-*"))
    with world.ctx.db.read() as conn:
        assert ledger.count(conn, "person-exported") == 0


def test_it_opens_from_memory_as_a_plain_zip(world: World) -> None:
    path = portability.export(world.ctx, "@ana")
    data = path.read_bytes()
    path.unlink()
    assert zipfile.is_zipfile(io.BytesIO(data))
