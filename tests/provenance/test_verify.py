"""Whose clip is this? Every answer, from files as people send them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from provenance.authority import open_authority
from provenance.manifest import ClipFactsToSign, sign_clip
from provenance.seal import mark_id
from provenance.tables import forget_looks, set_status
from provenance.verify import Verifier
from provenance.watermark import VideoMarker
from provenance.watermark.sound import mark_sound
from safety.errors import BadMedia
from tests.provenance.conftest import Studio, make_studio
from tests.provenance.material import FPS, X264, Reader, bells, ffmpeg, harbour, meadow, read, write
from tests.provenance.test_manifest import flipped

BUNNY = Path(__file__).parent / "assets" / "bunny.mp4"


def test_a_sealed_clip_is_ours_by_every_trace(studio: Studio, sealed: Path) -> None:
    found = studio.verify(sealed)
    assert (found.answer, found.clip) == ("ours", "meadow")
    mark = mark_id("meadow").hex()
    assert (found.evidence.manifest.clip_id, found.evidence.video_mark, found.evidence.sound_mark) == (mark, mark, mark)
    assert found.evidence.same_media
    assert (found.evidence.looks or 0) > 0.95


@pytest.mark.parametrize(
    "how",
    [
        ("-c", "copy"),
        (*X264, "28"),
        ("-vf", "scale=iw/2:-2", *X264, "23"),
        ("-vf", "crop=iw*.866:ih*.866:iw*.07:ih*.11", *X264, "23"),
        ("-vf", "hflip", *X264, "23"),
        ("-vf", "eq=brightness=0.12:contrast=1.25", *X264, "23"),
        ("-vf", "pad=iw:iw*3/4:0:(oh-ih)/2", *X264, "23"),
        ("-vf", "hflip", *X264, "40"),
    ],
    ids=["stripped", "re-encoded", "half size", "cropped", "mirrored", "brighter", "letterboxed", "ruined but for its sound"],
)
def test_a_copy_without_its_manifest_is_still_ours(studio: Studio, sealed: Path, tmp_path: Path, how: tuple[str, ...]) -> None:
    found = studio.verify(ffmpeg(sealed, tmp_path / "copy.mp4", *how))
    assert (found.answer, found.clip, found.evidence.manifest.state) == ("ours", "meadow", "none")
    assert "soft-binding" in found.evidence.notes[0]


def test_a_changed_byte_is_tampering(studio: Studio, sealed: Path, tmp_path: Path) -> None:
    found = studio.verify(flipped(sealed, tmp_path / "t.mp4"))
    assert (found.answer, found.clip) == ("tampered", "meadow")


def test_a_mark_pasted_onto_another_picture_is_a_transplant(studio: Studio, sealed: Path, tmp_path: Path) -> None:
    marker = VideoMarker(studio.authority.mark_key, mark_id("meadow"), 640, 360, FPS)
    found = studio.verify(write(tmp_path / "pasted.mp4", [marker.mark(f) for f in read(BUNNY)]))
    assert (found.answer, found.clip) == ("transplanted", "meadow")
    assert (found.evidence.looks or 0) < 0.65


def test_our_sound_under_anothers_picture_is_a_transplant(studio: Studio, sealed: Path, tmp_path: Path) -> None:
    sound = mark_sound(bells(3), studio.authority.mark_key, mark_id("meadow"))
    found = studio.verify(write(tmp_path / "dubbed.mp4", read(BUNNY), sound))
    assert (found.answer, found.evidence.video_mark) == ("transplanted", None)


def test_a_manifest_that_names_another_clip_than_the_mark_is_a_transplant(
    studio: Studio, sealed: Path, other: Path, tmp_path: Path
) -> None:
    """Even when the signature is good: someone with access to the signer sealed one clip as another."""
    plain = ffmpeg(sealed, tmp_path / "plain.mp4", "-c", "copy")
    facts = ClipFactsToSign(clip_id=mark_id("harbour"), title="x", generator="embedded", generator_version="0.1")
    sign_clip(plain, tmp_path / "wrong.mp4", facts, studio.authority, studio.now)
    assert studio.verify(tmp_path / "wrong.mp4").answer == "transplanted"


def test_a_remix_is_itself_and_names_its_parent(studio: Studio, remix: Path) -> None:
    found = studio.verify(remix)
    assert (found.answer, found.clip) == ("ours", "remix")
    assert found.evidence.lineage == (mark_id("meadow").hex(),)


def test_a_remix_drawn_over_its_parents_pictures_is_no_transplant(studio: Studio, sealed: Path) -> None:
    path, _ = studio.seal("overdrawn", read(sealed)[:72], Reader().sound(sealed), parent=sealed)
    found = studio.verify(path)
    assert (found.answer, found.clip) == ("ours", "overdrawn")
    family = {mark_id("meadow").hex(), mark_id("overdrawn").hex()}
    assert {found.evidence.video_mark, *found.evidence.video_others} <= family
    assert found.evidence.lineage == (mark_id("meadow").hex(),)


def test_a_clip_whose_mark_is_gone_is_known_by_its_looks_and_says_so(studio: Studio, sealed: Path, tmp_path: Path) -> None:
    found = studio.verify(write(tmp_path / "erased.mp4", meadow(96)))
    assert (found.answer, found.clip, found.evidence.video_mark) == ("ours", "meadow", None)
    assert "looks alone" in found.evidence.notes[0]


def test_a_mirrored_clip_without_its_mark_is_known_by_its_looks(studio: Studio, other: Path, tmp_path: Path) -> None:
    found = studio.verify(write(tmp_path / "mirrored.mp4", [np.ascontiguousarray(f[:, ::-1]) for f in harbour(48)]))
    assert (found.answer, found.clip) == ("ours", "harbour")


def test_a_strangers_film_is_not_ours(studio: Studio, sealed: Path) -> None:
    found = studio.verify(BUNNY)
    assert (found.answer, found.clip) == ("not-ours", None)


def test_a_strangers_signed_clip_is_not_ours_and_is_described(studio: Studio, sealed: Path, tmp_path: Path) -> None:
    stranger = open_authority(tmp_path / "keys", studio.now)
    facts = ClipFactsToSign(clip_id=mark_id("meadow"), title="x", generator="elsewhere", generator_version="9")
    sign_clip(BUNNY, tmp_path / "foreign.mp4", facts, stranger, studio.now)
    found = studio.verify(tmp_path / "foreign.mp4")
    assert (found.answer, found.clip) == ("not-ours", None)
    assert found.evidence.foreign == "elsewhere 9, signed by Clearance local signer, intact"


def test_a_stranger_who_signs_our_clip_again_does_not_take_it_over(studio: Studio, sealed: Path, tmp_path: Path) -> None:
    stranger = open_authority(tmp_path / "keys", studio.now)
    plain = ffmpeg(sealed, tmp_path / "plain.mp4", "-c", "copy")
    facts = ClipFactsToSign(clip_id=b"z" * 12, title="mine", generator="elsewhere", generator_version="9")
    sign_clip(plain, tmp_path / "resigned.mp4", facts, stranger, studio.now)
    found = studio.verify(tmp_path / "resigned.mp4")
    assert (found.answer, found.clip) == ("ours", "meadow")
    assert any("not ours" in note for note in found.evidence.notes)


@pytest.mark.parametrize(
    ("how", "doubt"),
    [(("-t", "0.6"), "too short"), (("-vf", "scale=240:-2"), "too small")],
)
def test_a_clip_too_short_or_small_cannot_be_told(studio: Studio, tmp_path: Path, how: tuple[str, ...], doubt: str) -> None:
    found = studio.verify(ffmpeg(BUNNY, tmp_path / "x.mp4", *how, *X264, "23"))
    assert (found.answer, found.clip) == ("cannot-tell", None)
    assert doubt in found.evidence.notes[0]


def test_a_black_clip_cannot_be_told(studio: Studio, tmp_path: Path) -> None:
    black = write(tmp_path / "black.mp4", [np.zeros((360, 640, 3), np.uint8)] * 48)
    assert studio.verify(black).answer in ("cannot-tell", "not-ours")


def test_a_mark_of_ours_that_no_record_holds_cannot_be_told(tmp_path: Path) -> None:
    studio = make_studio(tmp_path)
    path, _ = studio.seal("unrecorded", harbour(48), record=False)
    assert studio.verify(path).answer == "ours"
    found = studio.verify(ffmpeg(path, tmp_path / "stripped.mp4", "-c", "copy"))
    assert (found.answer, found.clip) == ("cannot-tell", mark_id("unrecorded").hex())


def test_a_withdrawn_clip_is_recognised_and_said_to_be_withdrawn(tmp_path: Path) -> None:
    studio = make_studio(tmp_path)
    path, row = studio.seal("gone", harbour(48), bells(2))
    with studio.db.write() as conn:
        set_status(conn, row.mark, "withdrawn")
        assert forget_looks(conn, row.mark) == 4
    found = studio.verify(ffmpeg(path, tmp_path / "copy.mp4", *X264, "26"))
    assert (found.answer, found.clip, found.evidence.status) == ("ours", "gone", "withdrawn")
    assert any("withdrawn" in note for note in found.evidence.notes)


def test_streams_may_add_what_became_of_the_clip(studio: Studio, sealed: Path) -> None:
    def annotate(conn: sa.Connection, clip: str) -> tuple[str, ...]:
        return (f"{clip} lost a person's consent.",)

    with studio.db.read() as conn:
        found = Verifier(studio.authority, annotate).verify(sealed, Reader(), conn)
    assert found.evidence.notes[-1] == "meadow lost a person's consent."


def test_our_clip_inside_a_longer_film_is_found(studio: Studio, sealed: Path, tmp_path: Path) -> None:
    film = read(BUNNY)
    long = [*film * 4, *read(sealed)[:72], *film]
    found = studio.verify(write(tmp_path / "long.mp4", long, crf=24))
    assert (found.answer, found.clip) == ("ours", "meadow")


@pytest.mark.parametrize("data", [b"", b"hello" * 50])
def test_a_file_that_is_no_media_is_refused(studio: Studio, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.mp4").write_bytes(data)
    with pytest.raises(BadMedia):
        studio.verify(tmp_path / "x.mp4")


def test_a_truncated_clip_is_refused(studio: Studio, sealed: Path, tmp_path: Path) -> None:
    data = sealed.read_bytes()
    (tmp_path / "x.mp4").write_bytes(data[: len(data) // 3])
    with pytest.raises(BadMedia):
        studio.verify(tmp_path / "x.mp4")
