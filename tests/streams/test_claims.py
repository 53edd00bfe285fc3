"""A claim from the form to the receipt: clips found by name, copy and face; withheld, decided, withdrawn; no face is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
import sqlalchemy as sa

from classifiers.clip.fingerprint import PictureFingerprinter
from consent import cameos
from consent.claim import Claim
from consent.errors import ClaimRefused, LikenessRefused
from consent.faces.clip_faces import ClipFace
from consent.faces.engine import FaceEngine
from consent.faces.face_search import FaceSearch
from consent.faces.looker import FaceLooker
from consent.likeness import read_likeness
from consent.search import PeopleIndex
from consent.sightings import Sighted
from consent.vault.keys import Vault
from consent.vectors import Vectors
from generator.codec import Codec, write_clip
from provenance.authority import Authority, open_authority
from safety import releases
from safety.errors import BadInput, Gone
from safety.fingerprint import PictureFingerprint
from safety.media import ClipFacts, Frame, Picture, SampledClip
from safety.releases import Release
from safety.signed import check_document
from safety.tables import ledger as ledger_table
from safety.weights import sha256_of
from streams import claims, inspections, sweep
from streams.claim_search import clips_showing
from streams.claims import claim_of, decide, file, status
from streams.clip_gate import _Gathering
from streams.context import Context
from streams.errors import Withheld
from streams.events import Event
from streams.inspections import Seen
from streams.same_clips import copies_of, same_clips
from streams.serving import live
from streams.tables import submissions
from tests.streams.doubles import make_context

FILM = Path(__file__).parents[1] / "provenance" / "assets" / "bunny.mp4"
Out = Callable[..., str]
Prints = tuple[PictureFingerprint, ...]


class Clock:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture(scope="module")
def faces() -> FaceEngine:
    return FaceEngine()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return open_authority(tmp_path_factory.mktemp("keys"), datetime.now(UTC))


@pytest.fixture(scope="module")
def eileen() -> Picture:
    """By NASA; public domain."""
    return np.asarray(skimage.data.astronaut())


@pytest.fixture(scope="module")
def photograph(eileen: Picture, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(eileen, tmp_path_factory.mktemp("photographs") / "me.png")


@pytest.fixture(scope="module")
def template(faces: FaceEngine, eileen: Picture) -> Vectors:
    return faces.find(eileen)[0].embedding[None]


@pytest.fixture(scope="module")
def film() -> Prints:
    return PictureFingerprinter().clip(Codec().sample(FILM))


@pytest.fixture
def ctx(tmp_path: Path, faces: FaceEngine, authority: Authority) -> Iterator[Context]:
    vault, clock = Vault(tmp_path / "keys"), Clock()
    parts = SimpleNamespace(
        vault=vault, faces=faces, people=PeopleIndex(vault, faces), clip_faces=FaceSearch(vault, faces.name),
        fingerprinter=PictureFingerprinter(), media=Codec(), authority=authority,
    )  # fmt: skip
    context = make_context(tmp_path / "home", parts=parts, clock=clock)
    yield context
    context.db.close()


@pytest.fixture
def out(ctx: Context) -> Out:
    """Releases a clip of which this was seen; returns its id."""

    def make(
        number: int, *, prints: Prints = (), faces: tuple[ClipFace, ...] = (), people: tuple[Sighted, ...] = (),
        parent: str | None = None, draft: str | None = None,
    ) -> str:  # fmt: skip
        clip, submission = f"{number:024x}", f"sub-{number}"
        subject = draft or f"sha256:{number:064x}"
        seen = Seen(fingerprinter=ctx.parts.fingerprinter.name, prints=prints, people=people, faces=faces)
        one = Release(
            clip=clip, submission=submission, requester="mara", parent=parent, draft=subject, sealed=f"sha256:5{number:063x}",
            prompt_verdict="p", clip_verdict="c", policy="sha256:p", released_at=ctx.clock(),
        )  # fmt: skip
        row = {
            "id": submission, "requester": "mara", "prompt": "a lake", "cameos": "[]", "seed": 1, "width": 64, "height": 64,
            "seconds": 1.0, "submitted_at": ctx.clock(), "status": "released", "stage": "done", "progress": 1.0, "words": "",
            "draft": subject, "clip": clip,
        }  # fmt: skip
        with ctx.db.write() as conn:
            conn.execute(sa.insert(submissions).values(**row))
            inspections.keep(conn, submission, subject, seen, ctx.parts.vault)
            releases.insert(conn, one, ())
        return clip

    return make


def save(picture: Picture, path: Path) -> Path:
    cv2.imwrite(str(path), picture[:, :, ::-1])
    return path


def say(*clips: str, **changes: object) -> Claim:
    said: dict[str, object] = {
        "kind": "intimate", "contact": "ines@example.org", "statement": "This is me.", "signature": "Ines Okonkwo",
        "good_faith": True, "clips": clips,
    }  # fmt: skip
    return claim_of(**(said | changes))  # type: ignore[arg-type]


def is_shown(ctx: Context, clip: str) -> bool:
    try:
        return live(ctx, clip).clip == clip
    except Gone:
        return False


def test_a_named_clip_and_identical_ones_are_withheld_until_a_person_decides(ctx: Context, out: Out) -> None:
    clip, other = out(1), out(3)
    same, remix = out(2, draft=f"sha256:{1:064x}"), out(4, parent=clip)
    filed = file(ctx, say(f"https://clearance.example/clips/{clip}?t=3", "the one with the lake"))
    assert [(f.clip, f.how) for f in filed.clips] == [(clip, "named"), (same, "identical")]
    assert filed.unknown == ("the one with the lake",) and filed.withheld
    assert [is_shown(ctx, c) for c in (clip, same, remix, other)] == [False, False, False, True]
    with pytest.raises(Withheld, match="withheld while a person looks"):
        live(ctx, same)
    done = decide(ctx, filed.number, False, "noor", "It shows a lake and nobody.")
    assert done.status == "rejected" and done.reason == "It shows a lake and nobody."
    assert all(is_shown(ctx, c) for c in (clip, same, remix, other))
    assert done.receipt is not None and check_document(done.receipt, ctx.signer.public_key)
    assert status(ctx, filed.number).receipt == done.receipt


def test_upheld_it_withdraws_the_clip_its_copies_and_everything_made_from_them(ctx: Context, out: Out) -> None:
    clip = out(1)
    filed = file(ctx, say(clip, kind="depicted"))
    assert is_shown(ctx, clip) and not filed.withheld  # nobody has looked yet, and it can wait
    same, other = out(2, draft=f"sha256:{1:064x}"), out(3)  # released after the claim
    remix = out(4, parent=same)
    done = decide(ctx, filed.number, True, "noor", "She is recognisable and did not agree.")
    assert (done.status, done.withdrawn) == ("upheld", 3)
    assert [is_shown(ctx, c) for c in (clip, same, remix, other)] == [False, False, False, True]
    with pytest.raises(Gone, match="the claim was upheld"):
        live(ctx, clip)
    assert done.receipt is not None and check_document(done.receipt, ctx.signer.public_key)
    assert done.receipt.document["clips"] == [clip, same, remix]


def test_a_status_shows_nothing_personal_and_no_clip(ctx: Context, out: Out) -> None:
    clip = out(1)
    filed = file(ctx, say(clip))
    told = status(ctx, filed.number.lower()).model_dump_json()
    assert clip not in told and "ines" not in told.lower() and "This is me" not in told
    assert status(ctx, filed.number).clips == 1


def test_clips_are_found_by_a_photograph_and_not_withheld_for_it(
    ctx: Context, out: Out, photograph: Path, template: Vectors, faces: FaceEngine
) -> None:
    mine = [out(n, faces=(ClipFace(faces.name, 0.0, 1.0, template),)) for n in (1, 2)]
    out(3, faces=(ClipFace(faces.name, 0.0, 1.0, np.roll(template, 5)),))
    filed = file(ctx, say(), face=photograph)
    assert {f.clip: f.how for f in filed.clips} == dict.fromkeys(mine, "face")
    assert all(is_shown(ctx, c) for c in mine)
    with pytest.raises(ClaimRefused, match="by the face"):
        decide(ctx, filed.number, True, "noor", "It is her.")
    done = decide(ctx, filed.number, True, "noor", "It is her in the first.", clips=mine[:1])
    assert done.withdrawn == 1 and [is_shown(ctx, c) for c in mine] == [False, True]


def test_a_face_that_is_only_perhaps_theirs_is_told_apart_and_withdrawn_only_by_name(
    ctx: Context, out: Out, photograph: Path, template: Vectors, faces: FaceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = np.roll(template, 5) - float(np.roll(template, 5)[0] @ template[0]) * template
    alike = 0.5 * template + np.sqrt(0.75) * other / np.linalg.norm(other)
    clip = out(1, faces=(ClipFace(faces.name, 0.0, 1.0, np.asarray(alike, np.float32)),))
    monkeypatch.setattr(FaceSearch, "least", 0.65)  # as among a million
    filed = file(ctx, say(), face=photograph)
    assert [(f.clip, f.how, f.likeness) for f in filed.clips] == [(clip, "perhaps", 0.5)]
    with pytest.raises(ClaimRefused, match="by the face"):
        decide(ctx, filed.number, True, "noor", "It is her.", faces=True)
    assert decide(ctx, filed.number, True, "noor", "It is her.", clips=[clip]).withdrawn == 1


def test_somebody_enrolled_is_found_by_their_face_in_what_they_were_recognised_in(
    ctx: Context, out: Out, photograph: Path, eileen: Picture, faces: FaceEngine,
    template: Vectors,
) -> None:  # fmt: skip
    with ctx.db.write() as conn:
        owner = cameos.enrol(conn, "eileen", read_likeness([eileen], faces), faces, ctx.parts.vault, ctx.clock)
    clip = out(1, people=(Sighted(owner.id, "seen-face", faces.name, 0.0, 1.0, template[0]),))
    assert [f.clip for f in file(ctx, say(), face=photograph).clips] == [clip]


def test_the_photograph_and_what_was_made_of_it_are_nowhere_on_disk_afterwards(
    ctx: Context, out: Out, photograph: Path, template: Vectors,
    faces: FaceEngine, tmp_path: Path,
) -> None:  # fmt: skip
    out(1, faces=(ClipFace(faces.name, 0.0, 1.0, template),))
    number = file(ctx, say(), face=photograph).number
    decide(ctx, number, True, "noor", "It is her.", faces=True)
    raw, row = photograph.read_bytes(), template[0]
    needles = [raw[i : i + 64] for i in range(0, len(raw) - 64, 4096)]
    needles += [row.astype(kind).tobytes()[:64] for kind in ("<f4", "<f2", "<f8")]
    needles.append(np.rint(row / (np.abs(row).max() / 127)).astype(np.int8).tobytes()[:32])
    written = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert ctx.db.engine.dialect.name != "sqlite" or any(p.suffix == ".db" for p in written)
    for path in written:
        body = path.read_bytes()
        assert not any(needle in body for needle in needles), path.name


def test_a_photograph_without_exactly_one_face_is_refused_before_anything_is_filed(
    ctx: Context, eileen: Picture, tmp_path: Path
) -> None:
    two = save(np.concatenate([eileen, eileen[:, ::-1]], axis=1), tmp_path / "two.png")
    lake = save(np.asarray(skimage.data.rocket()), tmp_path / "rocket.png")
    for path, what in ((two, "2 faces"), (lake, "no face")):
        with pytest.raises(LikenessRefused, match=what):
            file(ctx, say(), face=path)
    assert claims.listing(ctx) == ()


def test_a_claim_is_filed_although_faces_cannot_be_searched(
    ctx: Context, out: Out, photograph: Path, tmp_path: Path, faces: FaceEngine,
    template: Vectors,
) -> None:  # fmt: skip
    clip = out(1, faces=(ClipFace(faces.name, 0.0, 1.0, template),))
    ctx.parts.clip_faces = FaceSearch(Vault(tmp_path / "other keys"), faces.name)
    filed = file(ctx, say(clip), face=photograph)
    assert filed.withheld and "could not be searched" in filed.notes[0]


def test_altered_copies_of_a_released_clip_are_found_by_a_file(ctx: Context, out: Out, film: Prints, tmp_path: Path) -> None:
    clip = out(1, prints=film)
    out(2, prints=PictureFingerprinter().clip(Codec().sample(_another(tmp_path / "another.mp4"))))
    mirrored = tmp_path / "mirrored.mp4"
    facts = Codec().facts(FILM)
    frames = (Frame(np.ascontiguousarray(f.picture[20:, ::-1]), f.time, f.index) for f in Codec().frames(FILM))
    write_clip(mirrored, frames, None, width=facts.width, height=facts.height - 20, fps=facts.fps, crf=30)
    filed = file(ctx, say(), copy=mirrored)
    assert [(f.clip, f.how) for f in filed.clips] == [(clip, "copy")] and not is_shown(ctx, clip)


def test_what_takes_time_to_find_follows_and_the_named_clip_is_withheld_before(
    ctx: Context, out: Out, film: Prints, template: Vectors, faces: FaceEngine, photograph: Path
) -> None:
    clip, looks_the_same = out(1, prints=film), out(2, prints=film, faces=(ClipFace(faces.name, 0.0, 1.0, template),))
    filed = file(ctx, say(clip), face=photograph, further=False)
    assert {f.clip: f.how for f in filed.clips} == {clip: "named", looks_the_same: "face"}
    assert (is_shown(ctx, clip), is_shown(ctx, looks_the_same)) == (False, True)
    more = claims.look_further(ctx, filed.number)
    assert {f.clip: f.how for f in more.found} == {clip: "named", looks_the_same: "identical"}
    assert not is_shown(ctx, looks_the_same)
    claims.withhold(ctx, filed.number, [], "noor")
    claims.look_further(ctx, filed.number)  # looking again undoes nobody's decision
    assert is_shown(ctx, clip) and is_shown(ctx, looks_the_same)


def test_a_clip_is_the_same_when_its_frames_are_and_not_because_one_is(ctx: Context, out: Out, film: Prints) -> None:
    clip, again = out(1, prints=film), out(2, prints=film)
    blank = [PictureFingerprint(bytes(32), 0, p.embedding, p.frame, p.time) for p in film if p.box is None]
    out(3, prints=(film[0], *blank[1:]))
    rng = np.random.default_rng(1)
    more = [PictureFingerprint(rng.bytes(32), 90, film[0].embedding, 100 + n, 9.0 + n) for n in range(len(film))]
    out(4, prints=(*film, *more))  # it contains the clip, and as much again
    assert same_clips(ctx, clip) == (again,)


def test_the_bytes_of_a_clip_find_it(ctx: Context, out: Out, photograph: Path) -> None:
    clip = out(1, draft="sha256:" + sha256_of(photograph))
    assert copies_of(ctx, photograph) == (clip,)


def test_a_person_protected_later_is_found_in_older_clips(
    ctx: Context, out: Out, photograph: Path, faces: FaceEngine,
    template: Vectors,
) -> None:  # fmt: skip
    clip = out(1, faces=(ClipFace(faces.name, 0.0, 1.0, template),))
    named = out(2)
    number = file(ctx, say(named)).number
    with pytest.raises(ClaimRefused, match="is open"):
        claims.protected(ctx, number, [photograph])
    decide(ctx, number, True, "noor", "It is her.", protect=[photograph])
    with ctx.db.read() as conn:
        handles = conn.execute(sa.text("SELECT handle, kind FROM people")).all()
    assert [(h.handle.startswith("claim_"), h.kind) for h in handles] == [(True, "protected")]
    assert [f.clip for f in clips_showing(ctx, handles[0].handle)] == [clip]


def test_opening_what_a_claimant_wrote_is_written_into_the_ledger(ctx: Context, out: Out) -> None:
    filed = file(ctx, say(out(1)))
    _, said = claims.read(ctx, filed.number, "noor")
    assert said is not None and said.signature == "Ines Okonkwo"
    with ctx.db.read() as conn:
        kinds = conn.execute(sa.select(ledger_table.c.kind).order_by(ledger_table.c.position)).scalars().all()
    assert kinds[-2:] == ["claim-filed", "claim-read"]


def test_a_claim_says_which_clip_and_is_refused_in_words(ctx: Context) -> None:
    with pytest.raises(ClaimRefused, match="which clip"):
        file(ctx, say())
    with pytest.raises(BadInput, match="good faith"):
        say(good_faith=False)


def test_overdue_claims_are_counted(ctx: Context, out: Out) -> None:
    number = file(ctx, say(out(1))).number
    assert claims.counts(ctx) == claims.Counts(open=1, overdue=0)
    ctx.clock.now += timedelta(hours=49)  # type: ignore[attr-defined]
    assert claims.counts(ctx).overdue == 1 and status(ctx, number).overdue


def test_the_gate_keeps_a_strangers_face_with_the_clip_and_a_known_ones_with_the_person(
    ctx: Context, eileen: Picture, faces: FaceEngine
) -> None:
    with ctx.db.write() as conn:
        owner = cameos.enrol(conn, "eileen", read_likeness([eileen], faces), faces, ctx.parts.vault, ctx.clock)
    stranger = np.stack([np.asarray(skimage.data.camera())] * 3, axis=-1)
    both = np.concatenate([eileen, stranger], axis=1)
    facts = ClipFacts(width=1024, height=512, fps=2.0, seconds=1.0, video_codec="h264", audio_codec=None)
    frames = (Frame(both, 0.0, 0), Frame(both, 0.5, 1))
    seen = FaceLooker(faces).look(SampledClip(digest="sha256:0", facts=facts, frames=frames, sound=None))
    with ctx.db.read() as conn:
        reports = ctx.parts.people.match_faces(conn, seen)
    crew = SimpleNamespace(faces=SimpleNamespace(name="faces", version=faces.name), voices=SimpleNamespace(name="voices"))
    viewing = SimpleNamespace(gathered=lambda name: seen if name == "faces" else ())
    gate: Any = _Gathering(ctx.parts, crew, viewing, "mara")  # type: ignore[arg-type]
    [kept] = gate._nobodys(reports)
    assert float((kept.embeddings @ faces.find(stranger)[0].embedding).max()) > 0.7
    assert {s.person for s in gate._people(reports)} == {owner.id}


def faces_kept(ctx: Context) -> int:
    with ctx.db.read() as conn:
        return int(conn.execute(sa.text("SELECT count(*) FROM clip_faces")).scalar_one())


def test_a_draft_that_ends_unshown_keeps_no_face_unless_another_clip_is_the_same(
    ctx: Context, out: Out, template: Vectors, faces: FaceEngine
) -> None:
    out(1, faces=(ClipFace(faces.name, 0.0, 1.0, template),))
    draft = f"sha256:{1:064x}"
    with ctx.db.write() as conn:
        assert inspections.forget_faces(conn, "sub-9", draft) == 0
    assert faces_kept(ctx) == 1
    with ctx.db.write() as conn:
        releases.withdraw(conn, [f"{1:024x}"], cause="moderation", subject="s", reason="r", at=ctx.clock())
        assert inspections.forget_faces(conn, "sub-9", draft) == 1
    assert faces_kept(ctx) == 0


@pytest.mark.parametrize(("status", "left"), [("refused", 0), ("failed", 0), ("held", 1), ("released", 1)])
def test_faces_go_when_a_submission_ends_unshown_and_wait_while_it_may_be_shown(
    ctx: Context, out: Out, template: Vectors, faces: FaceEngine, status: str, left: int
) -> None:
    out(1, faces=(ClipFace(faces.name, 0.0, 1.0, template),))
    with ctx.db.write() as conn:
        if status != "released":
            conn.execute(sa.text("DELETE FROM releases"))
        conn.execute(sa.update(submissions).values(status=status))
        event = Event(id="e", type="ended", submission="sub-1", at=ctx.clock())
        sweep.settle_ended(conn, event, None, ctx)
    assert faces_kept(ctx) == left


def _another(path: Path) -> Path:
    """A clip of another picture that moves."""
    picture = np.asarray(skimage.data.coffee())
    frames = (Frame(np.ascontiguousarray(picture[i : i + 360, i : i + 560]), i / 12, i) for i in range(36))
    write_clip(path, frames, None, width=560, height=360, fps=12)
    return path


def test_a_few_live_clips_are_looked_up_without_going_through_all_of_them(ctx: Context, out: Out) -> None:
    out(1)
    if ctx.db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps statistics and needs no hint")
    ask = "EXPLAIN QUERY PLAN SELECT clip FROM releases WHERE withdrawal IS NULL AND clip IN ('a', 'b')"
    with ctx.db.read() as conn:
        [plan] = conn.execute(sa.text(ask)).all()
    assert "ix_releases_withdrawal" not in plan.detail
