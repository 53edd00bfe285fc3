"""Manifests: what we sign reads back trusted; what was changed, forged or signed by others does not."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import c2pa
import pytest

from provenance.authority import Authority, open_authority
from provenance.certificates import Issued, make_ca, make_leaf, pem
from provenance.errors import BadParent, KeyTrouble, SealRefused
from provenance.manifest import ClipFactsToSign, sign_clip
from provenance.reading import MIME, read_manifest, settings
from provenance.seal import mark_id
from tests.provenance.conftest import Studio
from tests.provenance.material import ffmpeg, harbour, write

FACTS = ClipFactsToSign(clip_id=b"a" * 12, title="A clip", generator="embedded", generator_version="0.1")


def flipped(source: Path, out: Path, after: int = 5000) -> Path:
    """``source`` with one bit of its media data changed."""
    data = bytearray(source.read_bytes())
    data[data.index(b"mdat") + after] ^= 1
    out.write_bytes(data)
    return out


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("encoded") / "plain.mp4", harbour(12))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return open_authority(tmp_path_factory.mktemp("stranger") / "keys", datetime.now(UTC))


def test_a_sealed_clip_reads_back_trusted_with_all_that_was_said(studio: Studio, sealed: Path) -> None:
    reading = read_manifest(sealed, studio.authority.anchors)
    assert (reading.state, reading.ours, reading.failures) == ("trusted", True, ())
    assert reading.clip_id == mark_id("meadow").hex()
    assert reading.generator == "embedded 0.1"
    assert reading.title == "The meadow"
    assert reading.actions == ("c2pa.created", "c2pa.watermarked.bound")
    assert reading.source_type is not None
    assert reading.source_type.endswith("/trainedAlgorithmicMedia")


def test_the_manifest_carries_a_thumbnail_and_forbids_training(studio: Studio, sealed: Path) -> None:
    context = c2pa.Context.from_dict(settings(studio.authority.anchors))
    with sealed.open("rb") as stream, c2pa.Reader(MIME, stream, context=context) as reader:
        text = reader.json()
        picture = io.BytesIO()
        store = json.loads(text)
        active = store["manifests"][store["active_manifest"]]
        reader.resource_to_stream(active["thumbnail"]["identifier"], picture)
    assert picture.getvalue()[:3] == b"\xff\xd8\xff"
    assert '"cawg.ai_generative_training"' in text
    assert '"notAllowed"' in text


@pytest.mark.parametrize("after", [16, 5000])
def test_one_changed_bit_of_the_media_makes_it_invalid_but_still_ours(
    studio: Studio, sealed: Path, tmp_path: Path, after: int
) -> None:
    reading = read_manifest(flipped(sealed, tmp_path / "t.mp4", after), studio.authority.anchors)
    assert (reading.state, reading.ours) == ("invalid", True)
    assert "assertion.bmffHash.mismatch" in reading.failures


def test_a_stripped_copy_has_no_manifest(studio: Studio, sealed: Path, tmp_path: Path) -> None:
    assert read_manifest(ffmpeg(sealed, tmp_path / "s.mp4", "-c", "copy"), studio.authority.anchors).state == "none"


def test_a_strangers_signature_is_valid_and_not_ours(studio: Studio, stranger: Authority, encoded: Path, tmp_path: Path) -> None:
    sign_clip(encoded, tmp_path / "foreign.mp4", FACTS, stranger, datetime.now(UTC))
    reading = read_manifest(tmp_path / "foreign.mp4", studio.authority.anchors)
    assert (reading.state, reading.ours) == ("valid", False)


def test_a_remix_names_its_parent_and_a_remix_of_it_both(studio: Studio, remix: Path, encoded: Path, tmp_path: Path) -> None:
    anchors = studio.authority.anchors
    reading = read_manifest(remix, anchors)
    assert reading.actions[:2] == ("c2pa.opened", "c2pa.edited")
    assert [(i.relationship, i.clip_id, i.all_failures) for i in reading.ingredients] == [
        ("parentOf", mark_id("meadow").hex(), ())
    ]
    sign_clip(encoded, tmp_path / "second.mp4", FACTS.model_copy(update={"parent": remix}), studio.authority, studio.now)
    second = read_manifest(tmp_path / "second.mp4", anchors)
    assert second.state == "trusted"
    assert second.ingredients[0].clip_id == mark_id("remix").hex()
    assert second.ingredients[0].ingredients[0].clip_id == mark_id("meadow").hex()


def test_a_parent_that_was_changed_is_stripped_or_is_not_ours_is_refused(
    studio: Studio, stranger: Authority, sealed: Path, encoded: Path, tmp_path: Path
) -> None:
    sign_clip(encoded, tmp_path / "foreign.mp4", FACTS, stranger, datetime.now(UTC))
    parents = (flipped(sealed, tmp_path / "changed.mp4"), tmp_path / "foreign.mp4", encoded)
    for parent, state in zip(parents, ("invalid", "valid", "none"), strict=True):
        with pytest.raises(BadParent, match=f"reads {state}"):
            sign_clip(encoded, tmp_path / "no.mp4", FACTS.model_copy(update={"parent": parent}), studio.authority, studio.now)
    assert not (tmp_path / "no.mp4").exists()


def test_a_broken_parent_hidden_inside_a_trusted_remix_is_found(
    studio: Studio, sealed: Path, encoded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside such a remix reads trusted: the failure stands only in the ingredient."""
    changed = flipped(sealed, tmp_path / "changed.mp4")
    with monkeypatch.context() as patch:
        patch.setattr("provenance.manifest._check_parent", lambda *_: "parent")
        sign_clip(encoded, tmp_path / "r.mp4", FACTS.model_copy(update={"parent": changed}), studio.authority, studio.now)
    reading = read_manifest(tmp_path / "r.mp4", studio.authority.anchors)
    assert reading.state == "trusted"
    assert "assertion.bmffHash.mismatch" in reading.ingredients[0].failures
    with pytest.raises(BadParent, match="made from one that failed"):
        sign_clip(
            encoded, tmp_path / "n.mp4", FACTS.model_copy(update={"parent": tmp_path / "r.mp4"}), studio.authority, studio.now
        )


def test_an_expired_certificate_is_refused_and_nothing_is_written(studio: Studio, encoded: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyTrouble, match="expired"):
        sign_clip(encoded, tmp_path / "out.mp4", FACTS, studio.authority, studio.authority.expires + timedelta(days=1))
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_that_expired_by_the_validators_clock_is_refused_too(tmp_path: Path, encoded: Path) -> None:
    """A wrong clock of ours must not produce clips that nobody can verify."""
    then = datetime.now(UTC) - timedelta(days=4000)
    authority = open_authority(tmp_path / "keys", then)
    with pytest.raises(SealRefused):
        sign_clip(encoded, tmp_path / "out.mp4", FACTS, authority, then)
    assert not (tmp_path / "out.mp4").exists()


def test_a_key_that_does_not_fit_its_chain_signs_nothing(
    studio: Studio, stranger: Authority, encoded: Path, tmp_path: Path
) -> None:
    with pytest.raises(SealRefused):
        sign_clip(encoded, tmp_path / "out.mp4", FACTS, replace(studio.authority, _key=stranger._key), studio.now)
    assert list(tmp_path.iterdir()) == []


def test_a_signer_under_another_root_does_not_become_trusted(studio: Studio, encoded: Path, tmp_path: Path) -> None:
    """Somebody who copies our names into a certificate of their own is still a stranger."""
    root = make_ca("Clearance local root", studio.now, timedelta(days=100))
    issuing = make_ca("Clearance local issuer", studio.now, timedelta(days=90), issuer=root)
    leaf: Issued = make_leaf(issuing, studio.now)
    forged = replace(
        studio.authority, anchors=pem(root.certificate), chain=pem(leaf.certificate, issuing.certificate), _key=leaf.key
    )
    sign_clip(encoded, tmp_path / "forged.mp4", FACTS, forged, studio.now)
    assert read_manifest(tmp_path / "forged.mp4", studio.authority.anchors).ours is False


@pytest.mark.parametrize("data", [b"", b"hello" * 100, b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 100])
def test_what_is_no_mp4_or_a_broken_one_is_never_trusted(studio: Studio, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(data)
    assert read_manifest(tmp_path / "x.mp4", studio.authority.anchors).state in ("none", "invalid")
    with pytest.raises(SealRefused):
        sign_clip(tmp_path / "x.mp4", tmp_path / "out.mp4", FACTS, studio.authority, studio.now)
    assert not (tmp_path / "out.mp4").exists()
