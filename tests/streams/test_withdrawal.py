"""G3 and G4: a withdrawal takes its remixes, its files and its looks with it, is refused everywhere at once, and is proven."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safety import ledger, releases
from safety.clock import utc_now
from safety.db import Database
from safety.errors import Gone, NotFound, Unavailable
from safety.passage import Passage
from safety.releases import Release
from safety.signed import Signed, check_document
from streams import inspections
from streams.context import Context
from streams.inspections import Seen
from streams.serving import live, media
from streams.submissions import Order
from streams.submitting import submit
from streams.withdrawal import withdraw
from tests.streams.doubles import Sealing
from tests.streams.story import drain, look, open_cases, send


def take(ctx: Context, clip: str) -> Signed:
    with ctx.db.write() as conn:
        _, receipt = withdraw(
            conn, ctx, [clip], cause="revocation", subject="ana", reason="consent was taken back", at=ctx.clock()
        )
    return receipt


def released(ctx: Context, prompt: str = "a boat", parent: str | None = None) -> str:
    sent = send(ctx, prompt, remix_of=parent)
    drain(ctx)
    clip = look(ctx, sent).clip
    assert clip is not None
    return clip


def test_a_withdrawn_clip_and_its_remixes_are_gone_at_the_next_request(ctx: Context) -> None:
    parent = released(ctx)
    child = released(ctx, "a boat at night", parent)
    grandchild = released(ctx, "a boat at night in snow", child)
    other = released(ctx, "a tree")
    with media(ctx, parent) as path:
        assert path.exists()
    take(ctx, parent)
    for clip in (parent, child, grandchild):
        with pytest.raises(Gone, match="because a person shown in it, or in the clip it was made from, took back their consent"):
            live(ctx, clip)
    assert live(ctx, other).clip == other


def test_what_the_gate_saw_of_it_and_of_its_remixes_is_forgotten_with_its_files(ctx: Context) -> None:
    parent = released(ctx)
    child, other = released(ctx, "a boat at night", parent), released(ctx, "a tree")
    seen = Seen(passages=(Passage(medium="speech", text="ahoy", time=(0.0, 1.0), confidence=0.9),), sounds=(b"s",), printer="p/1")
    kept = {}
    with ctx.db.write() as conn:
        for clip in (parent, child, other):
            release = releases.get(conn, clip)
            kept[clip] = release.submission
            inspections.keep(conn, release.submission, release.draft, seen, None)
    take(ctx, parent)
    drain(ctx)
    with ctx.db.read() as conn:
        assert [len(inspections.words_of(conn, kept[clip])) for clip in (parent, child, other)] == [0, 0, 1]
        assert [inspections.sounds_of(conn, kept[clip], "p/1") for clip in (parent, child, other)] == [(), (), (b"s",)]


def test_its_files_are_deleted_and_its_looks_forgotten(ctx: Context) -> None:
    parent = released(ctx)
    child = released(ctx, "a boat at night", parent)
    with ctx.db.read() as conn:
        owners = [releases.get(conn, c).submission for c in (parent, child)]
    folders = [p for p in (ctx.settings.home / "blobs").rglob("*.mp4") if p.parent.name in owners]
    assert len(folders) == 2, "only the sealed file of each is kept"
    take(ctx, parent)
    drain(ctx)
    assert not any(p.exists() for p in folders)
    assert isinstance(ctx.sealing, Sealing)
    assert sorted(ctx.sealing.forgotten) == sorted([parent, child])


def test_the_receipt_is_signed_and_counts_what_it_says(ctx: Context) -> None:
    parent = released(ctx)
    child = released(ctx, "a boat at night", parent)
    receipt = take(ctx, parent)
    assert receipt.document["clips"] == sorted([parent, child])
    assert check_document(receipt, ctx.signer.public_key)
    forged = receipt.model_copy(update={"document": receipt.document | {"clips": [parent]}})
    assert not check_document(forged, ctx.signer.public_key)
    with ctx.db.read() as conn:
        assert {e.body["clip"] for e in ledger.entries(conn, kind="withdrawal")} == {parent, child}
        assert ledger.size(conn) == receipt.document["ledger_position"]
    json.loads(receipt.model_dump_json())


def test_a_server_that_cannot_know_refuses(ctx: Context, tmp_path: Path) -> None:
    clip = released(ctx)
    lost = Context(**{**ctx.__dict__, "db": Database(f"sqlite:///{tmp_path / 'away' / 'x.db'}")})
    with pytest.raises(Unavailable), media(lost, clip):
        pass


def test_an_unknown_clip_is_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound):
        live(ctx, "0" * 24)


def test_a_withdrawn_clip_cannot_be_remixed(ctx: Context) -> None:
    clip = released(ctx)
    take(ctx, clip)
    with pytest.raises(Gone, match="cannot be remixed"):
        submit(ctx, Order(prompt="a boat", requester="kim", remix_of=clip))


def test_a_held_draft_that_lost_its_permit_is_refused_with_its_case(ctx: Context) -> None:
    ctx.registry.grant("ana", "kim")  # type: ignore[attr-defined]
    held = send(ctx, "a borderline boat", cameos=("ana",))
    drain(ctx)
    assert look(ctx, held).status == "held"
    ctx.registry.revoke("ana")  # type: ignore[attr-defined]
    with ctx.db.write() as conn:
        withdraw(conn, ctx, [], cause="revocation", subject="ana", reason="consent was taken back", at=ctx.clock())
    assert (look(ctx, held).status, look(ctx, held).clause) == ("refused", "CLR-CONSENT-LOST")
    assert open_cases(ctx) == ()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_exactly_the_tree_under_a_clip_is_withdrawn(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('tree') / 'x.db'}")
    db.migrate()
    count = data.draw(st.integers(1, 40))
    rng = random.Random(data.draw(st.integers(0, 10_000)))
    parents: list[int | None] = [None] + [rng.choice([None, *range(i)]) for i in range(1, count)]
    now = utc_now()
    with db.write() as conn:
        for i, parent in enumerate(parents):
            releases.insert(
                conn,
                Release(
                    clip=f"{i:024x}", submission=f"s{i}", requester="kim", parent=None if parent is None else f"{parent:024x}",
                    draft="sha256:0", sealed=f"sha256:{i}", prompt_verdict="p", clip_verdict="c", policy="h", released_at=now,
                ),
                (),
            )  # fmt: skip
    start = data.draw(st.integers(0, count - 1))

    def under(i: int) -> bool:
        parent = parents[i]
        return i == start or (parent is not None and under(parent))

    with db.write() as conn:
        _, taken = releases.withdraw(conn, [f"{start:024x}"], cause="policy", subject="x", reason="test", at=now)
    assert set(taken) == {f"{i:024x}" for i in range(count) if under(i)}
    with db.read() as conn:
        assert {r.clip for r in releases.listing(conn, live_only=True)} == {f"{i:024x}" for i in range(count) if not under(i)}
    db.close()
