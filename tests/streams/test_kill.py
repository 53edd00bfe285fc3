"""G6: kill the process at any moment: nothing lost, nothing done twice, and every attempt still ends (G5)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from safety import ledger, releases
from safety.db import Database
from streams import submissions
from streams.context import Context
from streams.handle import MAX_ATTEMPTS
from streams.tables import attempts, dead_letters, log
from tests.streams.doubles import Registry, make_context
from tests.streams.story import send

CAMPAIGN = "CLEARANCE_CAMPAIGN" in os.environ
KILLS = 60 if CAMPAIGN else 6
SENT = 40


def start(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.streams.killed", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "running"
    return process


def shoot(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)


def in_flight(ctx: Context) -> int:
    with ctx.db.read() as conn:
        counted = submissions.count(conn)
    assert counted["attempts"] == sum(counted[s] for s in submissions.STATUSES), "the sum must hold at every moment"
    return counted["in-flight"]


def spare_third_attempts(ctx: Context) -> None:
    """Let what was shot twice already get through: an event under way at three deaths is taken for what kills the process, and on
    a slow machine several shots may fall on the same one."""
    end = time.monotonic() + 30
    most = sa.select(sa.func.max(attempts.c.count))
    while time.monotonic() < end:
        with ctx.db.read() as conn:
            if (conn.execute(most).scalar_one() or 0) < MAX_ATTEMPTS:
                return
        time.sleep(0.02)


@pytest.mark.parametrize("seed", [7])
def test_shot_again_and_again_it_finishes_everything_once(tmp_path: Path, seed: int) -> None:
    jitter = random.Random(seed)
    home = tmp_path / "home"
    ctx = make_context(home)
    assert isinstance(ctx.registry, Registry)
    ctx.registry.grant("ana", "kim")
    prompts = ["a boat", "a massacre", "a borderline boat", "a bowl of blood", "a tree in fog"]
    sent = [send(ctx, prompts[n % 5], key=f"k{n}", cameos=("ana",) if n % 3 == 0 else ()) for n in range(SENT)]
    for _ in range(KILLS):
        process = start(home)
        time.sleep(jitter.random() * 0.5)
        spare_third_attempts(ctx)
        shoot(process)
        in_flight(ctx)
        # sent again by a client that never got its answer: the same submission
        assert send(ctx, prompts[0], key="k0", cameos=("ana",)).id == sent[0].id
    process = start(home)
    end = time.monotonic() + 60
    while in_flight(ctx) and time.monotonic() < end:
        time.sleep(0.1)
    shoot(process)
    _check(ctx, [s.id for s in sent])
    ctx.db.close()


def _check(ctx: Context, sent: list[str]) -> None:
    with ctx.db.read() as conn:
        counted = submissions.count(conn)
        assert counted == {"attempts": SENT, "in-flight": 0, "failed": 0, "released": 8, "refused": 16, "held": 16}
        outcomes = [e.subject for e in ledger.entries(conn, kind="outcome")]
        assert sorted(outcomes) == sorted(sent), "each submission ended exactly once"
        releases_ = releases.listing(conn, limit=1000)
        assert len({r.submission for r in releases_}) == len(releases_) == 8
        assert [e.subject for e in ledger.entries(conn, kind="release")].count(releases_[0].submission) == 1
        ids = conn.execute(sa.select(log.c.event)).scalars().all()
        assert len(ids) == len(set(ids))
        assert conn.execute(sa.select(sa.func.count()).select_from(dead_letters)).scalar_one() == 0
        assert ledger.verify(conn, ctx.signer.public_key, ctx.settings.home / "checkpoints.jsonl") > SENT


def test_an_event_that_kills_the_process_each_time_ends_as_failed_and_is_set_aside(tmp_path: Path) -> None:
    from streams import log as the_log
    from tests.streams.story import drain, look

    ctx = make_context(tmp_path / "home")
    sent = send(ctx)
    with ctx.db.write() as conn:  # what three attempts that never returned leave behind
        ((_, event),) = the_log.read(conn, 0, type="submitted")
        for _ in range(MAX_ATTEMPTS):
            the_log.count_attempt(conn, "screen", event)
    drain(ctx)
    done = look(ctx, sent)
    assert (done.status, done.clause) == ("failed", "CLR-FAILED")
    assert "it ended the process each time" in (done.detail or "")
    with ctx.db.read() as conn:
        assert conn.execute(sa.select(dead_letters.c.stage)).scalar_one() == "screen"
    ctx.db.close()


def test_an_event_of_another_house_is_set_aside(tmp_path: Path) -> None:
    from streams.events import first
    from streams.handle import handle
    from streams.pipeline import BY_NAME

    ctx = make_context(tmp_path / "home")
    assert handle(BY_NAME["screen"], first("somebody else's", ctx.clock()), ctx) == []
    with ctx.db.read() as conn:
        assert conn.execute(sa.select(dead_letters.c.reason)).scalar_one() == "the submission it names is not in this database"
    ctx.db.close()


def test_two_workers_that_get_the_same_event_settle_it_once(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from streams import log as the_log
    from streams.handle import handle
    from streams.pipeline import BY_NAME
    from tests.streams.story import run

    ctx = make_context(tmp_path / "home", steps=10, pause=0.02)
    send(ctx)
    run(ctx, "screen")
    with ctx.db.read() as conn:
        ((_, event),) = the_log.read(conn, 0, type="screened")
    with ThreadPoolExecutor(2) as pool:
        follows = list(pool.map(lambda _: handle(BY_NAME["generate"], event, ctx), range(2)))
    assert sorted(len(f) for f in follows) == [0, 1]
    assert ctx.generation.drawn["a boat"] == 2, "both did draw, so both came to settle"  # type: ignore[attr-defined]
    ctx.db.close()


def test_two_runners_of_one_home_are_refused(tmp_path: Path) -> None:
    from safety.errors import Conflict
    from streams.local import LocalRunner

    ctx = make_context(tmp_path / "home")
    with LocalRunner(ctx), pytest.raises(Conflict, match="Another process already runs"):
        LocalRunner(ctx).start()
    ctx.db.close()


def test_the_database_knows_each_thing_once_even_when_it_is_opened_anew(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ctx = make_context(home)
    sent = send(ctx, key="k")
    ctx.db.close()
    again = Database(ctx.settings.database_url)
    with again.read() as conn:
        assert submissions.get(conn, sent.id).status == "in-flight"
    again.close()
