"""Nothing of an erased person's face is left: looked for byte by byte, in every spelling, in everything that is kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from consent import sightings
from consent.cameo_tables import acquaintances, credentials
from consent.cameo_tables import clip_faces as clip_face_rows
from consent.errors import UnknownPerson
from consent.faces import clip_faces
from consent.faces.clip_faces import ClipFace
from consent.faces.face_search import FaceSearch
from consent.sightings import Sighted
from consent.tables import person_keys, person_secrets
from console.bench.consent_world import ENGINE, Time, admit, likeness, open_world, prepare
from console.bench.leftovers import files_under, find, rows_of, spellings
from safety import ledger, releases
from safety.errors import Gone
from safety.tables import releases as released
from safety.values import derive
from streams import granting, revocation, traces
from streams.context import Context
from streams.serving import live
from tests.streams.story import drain, look, send

FACE = likeness("ana").templates


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Context]:
    """A clip of her by a stranger, made before she enrolled; then @ana, a clip of herself and one that @kim made of her."""
    home = tmp_path / "home"
    home.mkdir()
    prepare(f"sqlite:///{home}/clearance.db")
    ctx = open_world(home, Time())
    ctx.parts.clip_faces = FaceSearch(ctx.parts.vault, ENGINE)
    told = logging.FileHandler(home / "clearance.log")
    logging.getLogger().addHandler(told)
    before = made(ctx, "a stranger", "kim")
    other = likeness("somebody else").templates
    faces = (ClipFace(ENGINE, 0.0, 1.0, FACE[1:]), ClipFace(ENGINE, 1.0, 2.0, other[:1]))
    with ctx.db.write() as conn:
        clip_faces.keep(conn, releases.get(conn, before).draft, faces, ctx.parts.vault)
    admit(ctx, "ana"), admit(ctx, "kim")
    granting.grant(ctx, "ana", "everyone")
    for prompt, who in (("@ana at home", "ana"), ("@ana on a boat", "kim")):
        clip = made(ctx, prompt, who)
        with ctx.db.write() as conn:
            seen = Sighted(derive("person", "ana"), "seen-face", ENGINE, 0.0, 1.0, FACE[0])
            sightings.keep(conn, releases.get(conn, clip).draft, [seen], ctx.parts.vault)
    granting.ask(ctx, "kim", "ana")
    yield ctx
    logging.getLogger().removeHandler(told)
    told.close()
    ctx.db.close()


def made(ctx: Context, prompt: str, requester: str) -> str:
    sent = send(ctx, prompt, requester)
    drain(ctx)
    return look(ctx, sent).clip or ""


def everywhere(ctx: Context) -> list[tuple[str, bytes]]:
    return [*files_under(ctx.settings.home), *rows_of(ctx.db)]


def test_no_byte_of_an_erased_face_is_left_anywhere(world: Context) -> None:
    home, wanted = world.settings.home, {f"{i}: {n}": s for i, face in enumerate(FACE) for n, s in spellings(face).items()}
    assert find(wanted, everywhere(world)) == {}, "it is never kept in the clear"
    sealed = {}
    with world.db.read() as conn:
        rows = conn.execute(sa.select(person_secrets).where(person_secrets.c.role == "face-template")).all()
        mine = [r for r in rows if r.person == derive("person", "ana")]
        opened = {world.parts.vault.open(conn, r.person, r.role, r.id, r.sealed) for r in mine}
        sealed = {f"sealed {r.id}": bytes(r.sealed) for r in mine}
        sealed["her key"] = bytes(
            conn.execute(sa.select(person_keys.c.wrapped).where(person_keys.c.person == mine[0].person)).scalar_one()
        )
    assert opened == {face.astype("<f4").tobytes() for face in FACE}, "what is sealed is what is looked for"
    assert set(find(sealed, files_under(home))) == set(sealed), "the search sees the database's pages"
    receipt: Any = revocation.erase(world, "ana")
    drain(world)
    left = everywhere(world)
    assert find(wanted, left) == {} and find(sealed, left) == {}
    assert receipt.document["forgotten"]["templates"] == 2 and receipt.document["faces_searched"] is True
    last: Any = revocation.receipt_of(world, receipt.document["withdrawal"]).document
    assert last["receipt"] == "revocation-closed" and last["different"] == []
    assert {"templates", "portraits", "keys", "sightings", "faces_in_clips"} <= set(last["how_many"])


@pytest.mark.parametrize("place", ["a log file", "a blob", "the ledger", "a topic", "the write-ahead log"])
def test_the_search_finds_a_face_that_lies_about(world: Context, place: str) -> None:
    wanted, home = spellings(FACE[0]), world.settings.home
    for number, (name, spelt) in enumerate(wanted.items()):
        text = spelt if (spelt.isascii() and b"\x00" not in spelt and "," in name) or name == "numbers" else spelt.hex().encode()
        if place == "a log file":
            logging.getLogger("x").error("%s", text.decode())
        elif place == "a blob":
            (home / "blobs").mkdir(exist_ok=True)
            (home / "blobs" / f"{name}.mp4").write_bytes(b"\0" * 77 + spelt)
        else:
            with world.db.write() as conn:
                if place == "the ledger":
                    ledger.append(conn, "x", "x", {"face": text.decode()}, world.clock())
                elif place == "a topic":
                    conn.exec_driver_sql(
                        "INSERT INTO log (position, type, event, submission, body) VALUES (?, 'x', ?, 'x', ?)",
                        (900_000 + number, name, spelt),
                    )  # fmt: skip
                else:
                    conn.exec_driver_sql("CREATE TABLE IF NOT EXISTS forgotten (body BLOB)")
                    conn.exec_driver_sql("INSERT INTO forgotten VALUES (?)", (spelt,))
    found = find(wanted, everywhere(world))
    spelt_in_text = {"numbers"} | {n for n in wanted if "," in n}
    assert set(found) >= (spelt_in_text if place in ("a log file", "the ledger") else set(wanted))


def test_an_erasure_takes_her_clips_and_the_face_that_was_nobodys_and_leaves_others(world: Context) -> None:
    seen = revocation.preview(world, "ana", erase=True)
    with world.db.read() as conn:
        clips = {r.requester + str(bool(releases.permits_of(conn, r.clip))): r.clip for r in releases.listing(conn)}
    receipt: Any = revocation.erase(world, "ana")
    assert seen.clips == 2 == len(receipt.document["clips"]) and seen.erases and seen.by_others == 1
    assert seen.forgotten == receipt.document["forgotten"] and seen.forgotten["faces_in_clips"] == 1
    assert live(world, clips["kimFalse"])
    for clip in (clips["anaTrue"], clips["kimTrue"]):
        with pytest.raises(Gone):
            live(world, clip)
    with world.db.read() as conn:
        left = [*clip_faces.read(conn, ENGINE, world.parts.vault)]
        assert len(left) == 1 and not np.allclose(left[0].face.embeddings[0], FACE[1], atol=0.01)
        assert conn.execute(sa.select(credentials)).all() == [] == conn.execute(sa.select(acquaintances)).all()
        assert conn.execute(sa.select(clip_face_rows.c.id)).scalars().all() == [left[0].id]
    with pytest.raises(UnknownPerson):
        world.registry.person("ana")
    assert any("17(3)(e)" in one.why for one in seen.kept)


def test_an_erasure_goes_on_without_the_key_and_says_what_was_not_searched(world: Context) -> None:
    with world.db.write() as conn:
        conn.execute(sa.update(person_keys).values(kek="another"))
    receipt: Any = revocation.erase(world, "ana")
    assert receipt.document["signed"] is False and receipt.document["faces_searched"] is False
    with world.db.read() as conn:
        assert conn.execute(sa.select(person_secrets).where(person_secrets.c.person == derive("person", "ana"))).all() == []


def test_what_the_person_signed_can_still_be_verified_and_no_device_is_named(world: Context) -> None:
    owner = derive("person", "ana")
    row = {
        "id": "c",
        "person": owner,
        "kind": "software",
        "label": "my phone",
        "public_key": b"k" * 32,
        "added_at": world.clock(),
    }
    with world.db.write() as conn:
        conn.execute(sa.insert(credentials).values(**row))
    revocation.erase(world, "ana")
    with world.db.read() as conn:
        kept = conn.execute(sa.select(credentials).where(credentials.c.person == owner)).one()
    assert (bytes(kept.public_key), kept.label) == (b"k" * 32, "")
    assert kept.removed_at is not None


def test_a_clip_that_is_the_same_to_the_byte_keeps_what_was_seen_of_it(world: Context) -> None:
    """The same prompt and seed can draw the same clip for two people; taking one back must not blind us to the other."""
    with world.db.read() as conn:
        first, second = releases.listing(conn)[:2]
    with world.db.write() as conn:
        conn.execute(sa.update(released).where(released.c.clip == second.clip).values(draft=first.draft))
        gone = traces.forget(conn, {second.submission: [first.draft]})
        assert gone == {second.submission: 0} and sightings.clips_of(conn, derive("person", "ana")) != ()
        conn.execute(sa.update(released).values(withdrawal="w"))
        assert traces.forget(conn, {second.submission: [first.draft]})[second.submission] > 0
