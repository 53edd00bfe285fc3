"""Keys are made once, kept private, and anything wrong with them is said in a sentence."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from provenance.authority import RENEW_BEFORE, open_authority, rotate_mark_key
from provenance.errors import KeyTrouble

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    open_authority(tmp_path / "keys", NOW)
    return tmp_path / "keys"


def test_the_second_start_finds_the_keys_of_the_first(keys: Path) -> None:
    one, two = open_authority(keys, NOW), open_authority(keys, NOW)
    assert (one.mark_keys, one.anchors, one.chain) == (two.mark_keys, two.anchors, two.chain)


def test_two_machines_have_different_keys(tmp_path: Path) -> None:
    one, two = open_authority(tmp_path / "a", NOW), open_authority(tmp_path / "b", NOW)
    assert one.mark_key != two.mark_key
    assert one.anchors != two.anchors


def test_every_file_is_readable_by_its_owner_alone(keys: Path) -> None:
    files = [p for p in keys.rglob("*") if p.is_file()]
    assert len(files) >= 8
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}


def test_starts_at_the_same_moment_agree_on_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: open_authority(tmp_path / "keys", NOW), range(8)))
    assert len({a.mark_key for a in made}) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["keys"]


def test_the_signer_has_the_profile_that_validators_accept(keys: Path) -> None:
    leaf, issuing = x509.load_pem_x509_certificates(open_authority(keys, NOW).chain.encode())
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign) == (True, False)
    assert leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    assert issuing.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is True


def test_a_rotated_marking_key_is_used_and_the_old_one_still_read(keys: Path) -> None:
    before = open_authority(keys, NOW)
    assert rotate_mark_key(keys) == 2
    after = open_authority(keys, NOW)
    assert after.mark_key != before.mark_key
    assert after.mark_keys[1:] == before.mark_keys


def test_a_signer_near_its_end_is_renewed_under_the_same_root(keys: Path) -> None:
    before = open_authority(keys, NOW)
    after = open_authority(keys, before.expires - RENEW_BEFORE + timedelta(days=1))
    assert after.expires > before.expires
    assert after.anchors == before.anchors
    assert sorted(p.name for p in (keys / "signers").iterdir()) == ["0001", "0002"]


def test_an_expired_certificate_signs_nothing(keys: Path) -> None:
    authority = open_authority(keys, NOW)
    with pytest.raises(KeyTrouble, match="expired on 2036"):
        authority.signer(authority.expires)


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("master.key", None, "master.key cannot be read"),
        ("master.key", "not hex", "master.key is damaged"),
        ("master.key", "ab", "master.key is damaged"),
        ("ring.json", "{", "ring.json is damaged"),
        ("ring.json", json.dumps({"marks": []}), "ring.json is damaged"),
        ("root.pem", "junk", "root.pem is not a certificate"),
        ("issuing.pem", None, "issuing.pem cannot be read"),
        ("signers/0001/leaf.key", "junk", "leaf.key is not a private key"),
        ("signers/0001/chain.pem", "", "chain.pem is not a certificate"),
    ],
)
def test_a_missing_or_damaged_file_is_a_clear_error(keys: Path, file: str, content: str | None, sentence: str) -> None:
    if content is None:
        (keys / file).unlink()
    else:
        (keys / file).write_text(content)
    with pytest.raises(KeyTrouble, match=sentence):
        open_authority(keys, NOW)


def test_a_key_of_another_certificate_is_refused(keys: Path, tmp_path: Path) -> None:
    open_authority(tmp_path / "other", NOW)
    (keys / "signers/0001/leaf.key").write_bytes((tmp_path / "other/signers/0001/leaf.key").read_bytes())
    with pytest.raises(KeyTrouble, match="does not fit its certificate"):
        open_authority(keys, NOW)


def test_certificates_of_another_root_are_refused(keys: Path, tmp_path: Path) -> None:
    open_authority(tmp_path / "other", NOW)
    (keys / "root.pem").write_bytes((tmp_path / "other/root.pem").read_bytes())
    with pytest.raises(KeyTrouble, match="do not belong together"):
        open_authority(keys, NOW)


def test_a_key_that_others_can_read_is_refused(keys: Path) -> None:
    (keys / "master.key").chmod(0o644)
    with pytest.raises(KeyTrouble, match="can be read by others"):
        open_authority(keys, NOW)


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KeyTrouble, match="cannot be written"):
        open_authority(tmp_path / "file" / "keys", NOW)
