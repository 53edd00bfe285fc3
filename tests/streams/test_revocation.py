"""Taking back is one act: what the preview says is what happens, and the closing receipt counts what truly went."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from consent import grants
from consent.cameo_tables import issued_permits
from consent.errors import UnknownGrant, UnknownPerson
from consent.tables import person_keys
from console.bench.consent_world import Crash, Time, admit, open_world, prepare
from safety import ledger, releases
from safety.errors import BadInput, Gone, NotFound
from safety.passage import Passage
from safety.signed import check_document
from safety.tables import ledger as ledger_table
from safety.tables import releases as released
from streams import closing, granting, inspections, log, people, revocation, submissions, sweep, withdrawal
from streams.context import Context
from streams.events import Event
from streams.handle import handle
from streams.inspections import Seen
from streams.local import step
from streams.pipeline import BY_NAME
from streams.serving import live
from streams.submissions import Submission
from streams.tables import sweepings
from tests.postgres import database
from tests.streams.story import drain, look, run, send


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables and nothing in them."""
    path = tmp_path_factory.mktemp("tables") / "clearance.db"
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, tables: Path) -> Iterator[Context]:
    """The real registry over text in place of pictures; @ana lets everyone use her. On SQLite unless asked otherwise."""
    home, url = tmp_path / "home", ""
    home.mkdir()
    if getattr(request, "param", "sqlite") == "postgres":
        url = database(request.getfixturevalue("postgres"), f"t{secrets.token_hex(8)}")
        prepare(url)
    else:
        shutil.copy(tables, home / "clearance.db")
    ctx = open_world(home, Time(), url)
    for handle_ in ("ana", "kim", "leo"):
        admit(ctx, handle_)
    granting.grant(ctx, "ana", "everyone")
    yield ctx
    ctx.db.close()


def made(ctx: Context, prompt: str = "@ana on a boat", requester: str = "kim", parent: str | None = None) -> str:
    sent = send(ctx, prompt, requester, remix_of=parent)
    drain(ctx)
    clip = look(ctx, sent).clip
    assert clip is not None, look(ctx, sent)
    return clip


def waiting(ctx: Context) -> tuple[Submission, Submission]:
    """One draft that a moderator is asked about, and one submission that is about to be drawn."""
    held = send(ctx, "@ana in fog", "leo")
    drain(ctx)
    drawn = send(ctx, "@ana on a lake", "leo")
    run(ctx, "screen")
    assert (look(ctx, held).status, look(ctx, drawn).stage) == ("held", "generate")
    return held, drawn


def id_of(receipt: Any) -> str:
    return str(receipt.document["withdrawal"])


@pytest.mark.parametrize("world", ["sqlite", "postgres"], indirect=True)
def test_the_preview_is_what_then_happens(world: Context) -> None:
    first = made(world)
    remix = made(world, "@ana at night", "leo", first)
    own, other = made(world, "@ana at home", "ana"), made(world, "a tree")
    held, drawn = waiting(world)
    seen = revocation.preview(world, "ana")
    assert seen == revocation.preview(world, "ana"), "a preview changes nothing"
    receipt = revocation.revoke(world, "ana")
    with world.db.read() as conn:
        gone = [r for r in releases.listing(conn) if r.withdrawal]
        ended = [g.id for g in grants.listing(conn, "ana", world.clock()) if g.status == "revoked"]
        voided = conn.execute(sa.select(issued_permits.c.request).where(issued_permits.c.voided_at.is_not(None))).scalars().all()
    assert {r.clip for r in gone} == {first, remix} and live(world, own) and live(world, other)
    assert (seen.clips, seen.direct + seen.remixes, seen.by_others) == (len(gone), len(gone), len(gone))
    assert seen.grants == tuple(ended) and seen.makers == ("kim", "leo") and not seen.erases
    assert (seen.permits, sorted(voided)) == (len(voided), sorted([held.id, drawn.id]))
    assert look(world, held).status == "refused" and seen.drafts == 1
    assert receipt.document["generations_stopped"] == [drawn.id] and seen.generations == 1
    drain(world)
    assert (look(world, drawn).status, look(world, drawn).clause) == ("refused", "CLR-CONSENT-LOST")


def test_one_grant_taken_back_leaves_what_rests_on_another(world: Context) -> None:
    named = granting.grant(world, "ana", "leo")
    by_kim, by_leo = made(world), made(world, "@ana in snow", "leo")
    assert revocation.preview(world, "ana", named.id).clips == 1
    revocation.revoke(world, "ana", named.id)
    assert live(world, by_kim)
    with pytest.raises(Gone):
        live(world, by_leo)


@pytest.mark.parametrize("world", ["sqlite", "postgres"], indirect=True)
def test_the_closing_receipt_comes_when_the_last_thing_is_done_and_counts_what_went(world: Context) -> None:
    first = made(world)
    made(world, "@ana at night", "leo", first)
    held, drawn = waiting(world)
    with world.db.write() as conn:
        release = releases.get(conn, first)
        said = (Passage(medium="speech", text="ahoy", time=(0.0, 1.0), confidence=0.9),)
        inspections.keep(conn, release.submission, release.draft, Seen(passages=said * 3), None)
    name = id_of(revocation.revoke(world, "ana"))
    while step(BY_NAME["sweep"], world) or step(BY_NAME["tidy"], world):
        pass
    assert [(d.kind, d.due, d.done) for d in revocation.state(world, name).due] == [
        ("clip", 2, 2), ("draft", 1, 1), ("generation", 1, 0),
    ]  # fmt: skip
    assert revocation.receipt_of(world, name).document["receipt"] == "withdrawal"
    drain(world)
    last = revocation.receipt_of(world, name)
    document: Any = last.document
    assert check_document(last, world.signer.public_key) and revocation.state(world, name).closed_at is not None
    assert document["different"] == []
    assert {k: document["how_many"][k] for k in document["promised"]} == document["promised"]
    assert document["how_many"]["files_deleted"] == 3, "two sealed clips and a held draft"
    assert document["how_many"]["records_deleted"] >= 3
    assert document["kept"] and all(one["why"] for one in document["kept"])
    with world.db.read() as conn:
        [entry] = ledger.entries(conn, "revocation-closed")
        assert entry.position == document["ledger_position"] and entry.body["done"] == document["how_many"]
        ledger.verify(conn, world.signer.public_key)
    assert [r.document["receipt"] for r in revocation.receipts_of(world, name)] == ["withdrawal", "revocation-closed"]
    assert {look(world, s).status for s in (held, drawn)} == {"refused"}


def test_a_promise_that_turned_out_different_is_said(world: Context) -> None:
    first, second = made(world), made(world, "@ana in snow")
    name = id_of(revocation.revoke(world, "ana"))
    with world.db.write() as conn:  # somebody changes the database by hand
        conn.execute(sa.update(released).where(released.c.clip == first).values(withdrawal=None, withdrawn_at=None))
        conn.execute(sa.delete(ledger_table).where(ledger_table.c.kind == "withdrawal", ledger_table.c.subject == second))
    drain(world)
    document: Any = revocation.receipt_of(world, name).document
    assert document["different"] == [{"what": "clips", "promised": 2, "done": 1}]
    assert document["how_many"]["clips_in_ledger"] == 0


def test_a_sweep_that_dies_after_deleting_counts_the_same_and_closes_once(world: Context) -> None:
    made(world), made(world, "@ana in snow")
    name = id_of(revocation.revoke(world, "ana"))
    db: Any = world.db
    for lost in (4, 3):  # dies in the settlement, when the files are gone; then again when it looks for files
        db.calm()
        db.lose, db.kept = lost, False
        with pytest.raises(Crash):
            step(BY_NAME["sweep"], world)
    db.calm()
    drain(world)
    document: Any = revocation.receipt_of(world, name).document
    assert document["how_many"]["files_deleted"] == 2 and document["different"] == []
    with world.db.read() as conn:
        events = [event for _, event in log.read(conn, 0, type="withdrawn")]
        before = ledger.size(conn)
    for event in events:  # delivered again
        sweep.work_withdrawn(event, world)
        handle(BY_NAME["sweep"], event, world)
    with world.db.read() as conn:
        assert ledger.size(conn) == before and len([*ledger.entries(conn, "revocation-closed")]) == 1
    assert revocation.receipt_of(world, name).document == document


def test_a_tree_is_swept_part_by_part(world: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawal, "SWEPT_TOGETHER", 2)
    clip = made(world)
    for number in range(4):
        made(world, f"@ana on boat {number}", "leo", clip)
    name = id_of(revocation.revoke(world, "ana"))
    with world.db.read() as conn:
        assert log.lag(conn, "sweep", "withdrawn") == 3
    assert step(BY_NAME["sweep"], world)
    assert sum(d.done for d in revocation.state(world, name).due) == 2
    drain(world)
    document: Any = revocation.receipt_of(world, name).document
    assert document["how_many"]["clips_swept"] == 5 == document["how_many"]["files_deleted"]


def test_an_event_of_an_earlier_version_about_one_clip_is_still_understood(world: Context) -> None:
    clip = made(world)
    with world.db.write() as conn:
        kept, taken = releases.withdraw(conn, [clip], cause="policy", subject="x", reason="before", at=world.clock())
        owner = releases.get(conn, clip)
        event = Event(
            id="0" * 36, type="withdrawn", submission=owner.submission, at=kept.at, data={"clip": clip, "withdrawal": kept.id}
        )
        log.append(conn, [event])
    assert taken == (clip,) and world.blobs.exists(owner.submission, owner.sealed)
    drain(world)
    assert not world.blobs.exists(owner.submission, owner.sealed)


def test_what_was_being_made_and_came_to_be_held_for_another_reason_ends_too(world: Context) -> None:
    drawn = send(world, "@ana in fog", "leo")
    for stage in ("screen", "generate"):
        run(world, stage)
    name = id_of(revocation.revoke(world, "ana"))
    run(world, "inspect")
    assert look(world, drawn).status == "held"
    drain(world)
    assert (look(world, drawn).status, look(world, drawn).clause) == ("refused", "CLR-CONSENT-LOST")
    document: Any = revocation.receipt_of(world, name).document
    assert document["how_many"]["generations"] == 1 and document["how_many"]["files_deleted"] == 1


def test_a_remix_under_way_ends_with_the_clip_it_was_made_from(world: Context) -> None:
    clip = made(world, "a boat")
    held, drawn = send(world, "fog", "leo", remix_of=clip), send(world, "a boat at night", "leo", remix_of=clip)
    fog = send(world, "fog at night", "leo", remix_of=clip)
    drain(world, until="generate")
    for stage in ("generate", "inspect"):
        run(world, stage)
    with world.db.write() as conn:
        kept, _ = withdrawal.withdraw(conn, world, [clip], cause="moderation", subject=clip, reason="x", at=world.clock())
    assert look(world, held).clause == "CLR-PARENT-WITHDRAWN"
    drain(world)
    assert {(look(world, s).status, look(world, s).clause) for s in (drawn, fog)} == {("refused", "CLR-PARENT-WITHDRAWN")}
    assert revocation.state(world, kept.id).closed_at is not None


def test_pausing_stops_what_is_being_made_and_withdraws_nothing_and_revoking_does_both(world: Context) -> None:
    for act, stays in ((lambda: granting.pause(world, "ana"), True), (lambda: revocation.revoke(world, "ana"), False)):
        clip = made(world)
        drawn = send(world, "@ana on a lake", "leo")
        run(world, "screen")
        hear: Any = world.generation
        hear.on_draw = lambda *_, act=act: act()
        run(world, "generate")
        hear.on_draw = lambda *_: None
        drain(world)
        assert (look(world, drawn).status, look(world, drawn).clause) == ("refused", "CLR-CONSENT-LOST")
        if stays:
            assert live(world, clip)
            granting.resume(world, "ana")
        else:
            with pytest.raises(Gone):
                live(world, clip)


def test_revoking_waits_for_no_key_and_says_that_nobody_signed(world: Context) -> None:
    made(world)
    assert revocation.preview(world, "ana").clips == 1
    with world.db.write() as conn:
        conn.execute(sa.delete(person_keys).where(person_keys.c.person == people.listing(world)[0].id))
    receipt = revocation.revoke(world, "ana")
    assert receipt.document["signed"] is False and len(receipt.document["clips"]) == 1  # type: ignore[arg-type]


def test_revoking_nothing_is_closed_at_once_and_twice_takes_nothing_more(world: Context) -> None:
    made(world)
    revocation.revoke(world, "ana")
    again = revocation.revoke(world, "ana")
    assert again.document["clips"] == [] and again.document["grants"] == []
    assert revocation.state(world, id_of(again)).closed_at is not None
    assert revocation.listing(world, "ana")[0].id == id_of(again)


def test_what_does_not_exist_or_is_not_theirs_is_refused(world: Context) -> None:
    theirs = granting.grant(world, "leo", "kim")
    with pytest.raises(UnknownPerson):
        revocation.revoke(world, "nobody_here")
    with pytest.raises(UnknownGrant, match="no such grant"):
        revocation.preview(world, "ana", theirs.id)
    with pytest.raises(BadInput, match="ends every grant"):
        revocation.revoke(world, "ana", theirs.id, erase=True)
    with pytest.raises(NotFound):
        revocation.state(world, "nothing")


def test_only_who_waits_with_a_permit_is_read_however_many_wait(world: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        send(world, f"fog {number}", "leo")
    held = send(world, "@ana borderline", "leo")  # held before any permit was issued
    drain(world)
    read: list[str] = []
    whole = submissions.get

    def get(conn: sa.Connection, id: str) -> Submission:
        read.append(id)
        return whole(conn, id)

    monkeypatch.setattr(submissions, "get", get)
    revocation.revoke(world, "ana")
    assert set(read) == {held.id} and look(world, held).status == "refused"


def test_nothing_is_closed_while_anything_is_due(world: Context) -> None:
    made(world)
    name = id_of(revocation.revoke(world, "ana"))
    with world.db.write() as conn:
        assert closing.close_if_done(conn, world, name) is None
        conn.execute(sa.update(sweepings).values(done_at=world.clock()))
        assert closing.close_if_done(conn, world, name) is not None
        assert closing.close_if_done(conn, world, name) is None
