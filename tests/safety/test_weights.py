"""Models by digest: other bytes than the named ones are refused, wherever they come from, and the next source is tried."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from safety import weights
from safety.errors import NotFound
from safety.weights import WeightsError

GOOD, OTHER = b"the right bytes", b"somebody else's bytes"
SHA = hashlib.sha256(GOOD).hexdigest()


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list with one model and two sources on disk, of which the first has other bytes, and an empty store."""
    (tmp_path / "first").write_bytes(OTHER)
    (tmp_path / "second").write_bytes(GOOD)
    rows = "".join(f"      - url: {(tmp_path / name).as_uri()}\n" for name in ("first", "second"))
    head = f"weights:\n  - name: m.bin\n    sha256: {SHA}\n    bytes: 15\n    licence: MIT\n    purpose: a test\n    sources:\n"
    (tmp_path / "list.yaml").write_text(head + rows)
    monkeypatch.setattr(weights, "LIST", tmp_path / "list.yaml")
    monkeypatch.setenv("CLEARANCE_MODELS", str(tmp_path / "store"))
    return tmp_path


def test_a_source_with_other_bytes_is_passed_over_and_the_next_is_used(sources: Path) -> None:
    assert weights.fetch("m.bin").read_bytes() == GOOD
    assert weights.find("m.bin").read_bytes() == GOOD


def test_when_no_source_has_the_right_bytes_nothing_is_kept(sources: Path) -> None:
    (sources / "second").write_bytes(OTHER)
    with pytest.raises(WeightsError, match="other bytes than named, refused"):
        weights.fetch("m.bin")
    assert not (sources / "store" / "m.bin").exists()


def test_a_file_that_was_changed_in_the_store_is_not_loaded_and_fetching_mends_it(sources: Path) -> None:
    weights.fetch("m.bin").write_bytes(OTHER)
    with pytest.raises(WeightsError, match=rf"has digest .* but {SHA[:12]}… was named; delete it and run"):
        weights.find("m.bin")
    assert weights.fetch("m.bin").read_bytes() == GOOD


def test_a_model_that_is_missing_or_unknown_says_whose_move_it_is(sources: Path) -> None:
    with pytest.raises(WeightsError, match=r"run `clearance models fetch m\.bin`"):
        weights.find("m.bin")
    for ask in (weights.find, weights.fetch):
        with pytest.raises(NotFound, match="clearance models list"):
            ask("nothing")
