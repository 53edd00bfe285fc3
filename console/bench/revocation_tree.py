"""A tree of remixes taken back: how long until the first receipt, how long others had to wait, how long until it is closed.

The tree is written by the thousand, straight into the tables: what is measured is taking it back, not making it. Every clip has
a file on disk and, in the database, what the gate keeps of a clip of four seconds: words, prints of frames and of sound, a
sighting, faces of nobody known, small pictures. The content is made up; only the sizes are those of real rows.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from classifiers.prompt.bench.figures import Figure, Goal
from consent import grants
from consent.cameo_tables import clip_faces, clip_keys
from consent.scope import EVERYONE
from consent.tables import person_sightings
from console.bench.consent_world import Time, admit, open_world, prepare
from provenance.tables import sealed_clips, sealed_looks
from safety import ledger
from safety.clock import utc_now
from safety.permit import Permit
from safety.tables import release_permits, releases
from safety.values import derive
from streams import revocation
from streams.context import Context
from streams.local import step
from streams.pipeline import BY_NAME
from streams.sealing import ClipSealing
from streams.tables import clip_words, shot_prints, sound_prints, submissions

#: Rows kept of one clip of four seconds, and their sizes in bytes: a print every half second, half a second of sound a row.
WORDS, PRINTS, SOUNDS, FACES, LOOKS = 3, 8, 4, 2, 8
POINTS_BYTES, SOUND_BYTES, FILE_BYTES, MANIFEST_BYTES = 3_600, 2_000, 4_096, 12_000
#: The goal is about a tree of so many clips; a smaller one says nothing of it.
GOAL_CLIPS = 10_000
#: Between two releases: a tree grows one clip after another.
GAP = timedelta(milliseconds=100)
#: Clips written in one transaction.
TOGETHER = 1_000


@dataclass
class Held:
    """How long each write transaction kept others waiting, seconds."""

    seconds: list[float]


@contextmanager
def timed_writes(ctx: Context) -> Iterator[Held]:
    """Measure every write transaction of this context's database, from having the lock to having given it back."""
    held, write = Held([]), ctx.db.write

    @contextmanager
    def measured() -> Iterator[sa.Connection]:
        begun = 0.0
        with write() as conn:
            begun = time.perf_counter()
            yield conn
        held.seconds.append(time.perf_counter() - begun)

    ctx.db.write = measured  # type: ignore[method-assign]
    try:
        yield held
    finally:
        ctx.db.write = write  # type: ignore[method-assign]


def measure_tree(home: Path, clips: int, url: str = "", *, seen: bool = True) -> tuple[Figure, ...]:
    """Grow a tree of ``clips`` under one grant, revoke it, and sweep it to the closing receipt.

    Without ``seen`` a clip has its file, its marks and a sighting, and nothing else of what the gate keeps.
    """
    ctx = open_tree(home, url)
    grant = plant(ctx, clips, seen=seen)
    with timed_writes(ctx) as held:
        begun, worked = time.perf_counter(), time.process_time()
        told = revocation.preview(ctx, "ana", grant)
        previewed = time.perf_counter()
        first = revocation.revoke(ctx, "ana", grant)
        revoked = time.perf_counter()
        while step(BY_NAME["sweep"], ctx) or step(BY_NAME["tidy"], ctx):
            pass
        closed, worked = time.perf_counter(), time.process_time() - worked
    name = str(first.document["withdrawal"])
    last = revocation.receipt_of(ctx, name).document
    if last["receipt"] != "revocation-closed" or last["different"] or told.clips != clips:
        raise AssertionError(f"the tree was not closed as promised: {last.get('different')}")
    with ctx.db.read() as conn:
        ledger.verify(conn, ctx.signer.public_key)
    what = "all that is kept of each" if seen else "their files and little else"
    where = f"{clips:,} remixes under one grant with {what}, {ctx.db.engine.dialect.name}, {os.cpu_count()} cores"
    ctx.db.close()

    def figure(what: str, value: float, goal: Goal | None = None, note: str = "") -> Figure:
        return Figure(
            name=what, on=where, number=1, threshold="-", false_positives=None, value=value, unit="s", goal=goal, note=note
        )  # fmt: skip

    ten = Goal(value=10.0, at_most=True) if clips >= GOAL_CLIPS else None
    return (
        figure("the preview answered", previewed - begun),
        figure("revocation returned with its first receipt", revoked - previewed),
        figure("tree closed, closing receipt signed", closed - previewed, ten, f"{last['how_many']}"),
        figure("processor time of all that", worked, note="the machine may have been busy with other things"),
        figure("longest one write kept others waiting", max(held.seconds), note=f"{len(held.seconds)} writes"),
    )


def open_tree(home: Path, url: str = "") -> Context:
    """A world whose clock is the wall's and whose sealing forgets real rows of provenance."""
    prepare(url or f"sqlite:///{home}/clearance.db")
    ctx = open_world(home, Time(), url)
    real = ClipSealing(ctx.db, ctx.blobs, None, None, utc_now, None)  # type: ignore[arg-type]
    ctx = Context(**{**ctx.__dict__, "clock": utc_now, "sealing": real})
    admit(ctx, "ana")
    return ctx


def plant(ctx: Context, clips: int, *, seen: bool = True) -> str:
    """Write a random tree of ``clips`` released under a grant of @ana to everyone; returns the grant's id."""
    left_out = () if seen else (clip_words, shot_prints, sound_prints, clip_faces, clip_keys, sealed_looks)
    with ctx.db.write() as conn:
        given = grants.grant(conn, "ana", EVERYONE, ctx.parts.vault, ctx.clock)
    rng = random.Random(7)  # noqa: S311  (the same tree every time)
    names, at = [f"{i:024x}" for i in range(clips)], ctx.clock() - timedelta(hours=2)
    rng.shuffle(names)
    parents = [None, *(rng.randrange(i) for i in range(1, clips))]
    for start in range(0, clips, TOGETHER):
        rows: dict[sa.Table, list[dict[str, object]]] = {}
        for i in range(start, min(start + TOGETHER, clips)):
            parent = parents[i]
            _plant_one(ctx, rows, names[i], None if parent is None else names[parent], given.person, given.id, at + i * GAP)
        with ctx.db.write() as conn:
            for table, values in ((t, v) for t, v in rows.items() if t not in left_out):
                conn.execute(sa.insert(table), values)
            told = [(str(r["submission"]), {"clip": r["clip"]}) for r in rows[releases]]
            ledger.append_many(conn, "release", told, at)
    return given.id


def _plant_one(
    ctx: Context,
    rows: dict[sa.Table, list[dict[str, object]]],
    clip: str,
    parent: str | None,
    person: str,
    grant: str,
    at: datetime,
) -> None:
    """Everything that is kept of one clip, into ``rows``; its file is written at once."""
    submission, draft, sealed = derive(clip, "submission"), "sha256:" + clip.ljust(64, "d"), "sha256:" + clip.ljust(64, "e")
    path = ctx.blobs.local_path(submission, sealed)
    assert path is not None
    path.parent.mkdir(parents=True)
    path.write_bytes(os.urandom(FILE_BYTES))

    def add(table: sa.Table, **values: object) -> None:
        rows.setdefault(table, []).append(values)

    maker = f"maker_{int(clip, 16) % 97}"
    add(
        submissions, id=submission, requester=maker, prompt="a boat", cameos="[]", parent=parent, seed=0, width=640, height=360,
        seconds=4.0, submitted_at=at, status="released", stage="release", progress=1.0, words="released", draft=draft, clip=clip,
        ended_at=at,
    )  # fmt: skip
    add(
        releases, clip=clip, submission=submission, requester=maker, parent=parent, draft=draft, sealed=sealed, released_at=at,
        prompt_verdict="p", clip_verdict="c", policy="h",
    )  # fmt: skip
    permit = Permit(
        id=derive(clip, "permit"), kind="cameo", subject=person, holder=maker, grant=grant, issued_at=at, request=submission
    )  # fmt: skip
    add(release_permits, clip=clip, permit=permit.id, subject=person, grant_id=grant, body=permit.model_dump_json())
    own = {"submission": submission, "draft": draft}
    for i in range(WORDS):
        add(clip_words, id=derive(clip, "word", i), **own, body='{"text":"ahoy"}')
    for i in range(PRINTS):
        add(
            shot_prints, id=derive(clip, "print", i), **own, frame=12 * i, time=i / 2, fingerprinter="p/1", pdq=os.urandom(32),
            quality=90, embedding=os.urandom(1024), code=os.urandom(256), points=os.urandom(POINTS_BYTES), shape=1.78,
        )  # fmt: skip
    for i in range(SOUNDS):
        add(sound_prints, id=derive(clip, "sound", i), **own, ordinal=i, printer="s/1", body=os.urandom(SOUND_BYTES))
    add(
        person_sightings, id=derive(clip, "sighting"), person=person, subject=draft, role="seen-face", engine="e", starts=0.0,
        ends=4.0, sealed=os.urandom(540),
    )  # fmt: skip
    for i in range(FACES):
        add(clip_faces, id=derive(clip, "face", i), subject=draft, engine="e", starts=0.0, ends=1.0, sealed=os.urandom(540))
    add(clip_keys, subject=draft, kek="k", wrapped=os.urandom(60))
    add(
        sealed_clips, mark=clip, clip=clip, sha256=sealed, content=sealed, manifest=os.urandom(MANIFEST_BYTES), title="a boat",
        creator=maker, sealed_at=at, status="sealed",
    )  # fmt: skip
    for i in range(LOOKS):
        add(sealed_looks, mark=clip, ordinal=i, time=i / 2, hash=os.urandom(8).hex(), high=36, wide=64, grey=os.urandom(36 * 64))
