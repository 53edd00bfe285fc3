"""G2: once a revocation has returned, no release that needs the lost permit ever commits.

Two real threads on one real database: one releases, one revokes, thousands of times, the start of each jittered. What is
checked is the order in the ledger, which both write in their own transaction.
"""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

import pytest

from safety import ledger, releases
from safety.values import derive
from streams.context import Context
from streams.permits import lost_permits
from tests.streams.doubles import Registry, make_context
from tests.streams.story import drain, look, run, send

CAMPAIGN = "CLEARANCE_CAMPAIGN" in os.environ
ROUNDS = 2000 if CAMPAIGN else 60


def test_a_permit_lost_before_release_is_never_released(ctx: Context) -> None:
    assert isinstance(ctx.registry, Registry)
    ctx.registry.grant("ana", "kim")
    sent = send(ctx, cameos=("ana",))
    drain(ctx, until="release")
    ctx.registry.revoke("ana")
    run(ctx, "release")
    done = look(ctx, sent)
    assert (done.status, done.clause) == ("refused", "CLR-CONSENT-LOST")


@pytest.mark.parametrize("seed", [1, 2])
def test_revocation_and_release_have_an_order(tmp_path: Path, seed: int) -> None:
    jitter = random.Random(seed)
    ctx = make_context(tmp_path / "home", pause=0.0, steps=0)
    assert isinstance(ctx.registry, Registry)
    registry = ctx.registry
    names = [f"p{n:04d}" for n in range(ROUNDS)]
    for name in names:
        registry.grant(name, "kim")
    sent = {name: send(ctx, cameos=(name,), key=name) for name in names}
    drain(ctx, until="release")
    revoked_at: dict[str, int] = {}
    waits = {name: (jitter.random() * 0.003, jitter.random() * 0.003) for name in names}
    gate = threading.Barrier(2, timeout=30)  # both start each round together, so that either may win it

    def revoke_each() -> None:
        for name in names:
            gate.wait()
            time.sleep(waits[name][0])
            with ctx.db.write() as conn:  # what a revocation does, in one transaction
                registry.revoke_in(conn, name)
                ledger.append(conn, "revoked", derive(name, "person"), {}, ctx.clock())
            with ctx.db.read() as conn:
                revoked_at[name] = ledger.size(conn)  # it has returned: nothing later may be a release of this person

    thread = threading.Thread(target=revoke_each)
    thread.start()
    for name in names:
        gate.wait()
        time.sleep(waits[name][1])
        run(ctx, "release")
    thread.join()
    released = 0
    with ctx.db.read() as conn:
        position = {e.subject: e.position for e in ledger.entries(conn, kind="release")}
        for name in names:
            if sent[name].id in position:
                released += 1
                assert position[sent[name].id] <= revoked_at[name]
        assert len(releases.listing(conn, limit=10_000)) == released
    assert 0 < released < len(names), "the race was no race: widen the jitter"
    ctx.db.close()


def test_the_race_notices_when_the_check_is_taken_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: without the reading in the transaction, a release commits after the revocation returned."""
    ctx = make_context(tmp_path / "home")
    assert isinstance(ctx.registry, Registry)
    ctx.registry.grant("ana", "kim")
    sent = send(ctx, cameos=("ana",))
    drain(ctx, until="release")
    ctx.registry.revoke("ana")
    assert lost_permits is not None
    monkeypatch.setattr("streams.release.lost_permits", lambda conn, permits, ctx: ())
    run(ctx, "release")
    assert look(ctx, sent).status == "released"
    ctx.db.close()


def test_consent_lost_while_drawing_stops_the_drawing(tmp_path: Path) -> None:
    ctx = make_context(tmp_path / "home", steps=200, pause=0.01)
    assert isinstance(ctx.registry, Registry)
    ctx.registry.grant("ana", "kim")
    sent = send(ctx, cameos=("ana",))
    run(ctx, "screen")
    thread = threading.Thread(target=run, args=(ctx, "generate"))
    thread.start()
    assert ctx.generation.begun.wait(5)  # type: ignore[attr-defined]
    ctx.registry.revoke("ana")
    thread.join(5)
    done = look(ctx, sent)
    assert (done.status, done.clause) == ("refused", "CLR-CONSENT-LOST")
    assert not ctx.generation.drawn  # type: ignore[attr-defined]
    ctx.db.close()
