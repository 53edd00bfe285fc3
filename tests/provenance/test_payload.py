"""The code and its tag: every id comes back through noise, and noise never becomes an id."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.watermark import polar
from provenance.watermark.keys import ID_BYTES, PAYLOAD_BITS, MarkKey, Payload
from provenance.watermark.tile import SIDE, TileLayout, whiten

KEY = MarkKey(b"k" * 32)
IDS = st.binary(min_size=ID_BYTES, max_size=ID_BYTES).filter(any)
SEEDS = st.integers(0, 2**32 - 1)
LAYOUT_START = [992, 2467, 658, 1688]
TAG_OF_A = "917088763c3e"


@settings(max_examples=40, deadline=None)
@given(IDS, SEEDS)
def test_any_id_comes_back_through_noise_louder_than_the_signal(clip_id: bytes, seed: int) -> None:
    payload = Payload(KEY, "picture")
    noise = np.random.default_rng(seed).standard_normal(polar.LENGTH) * 1.4
    assert payload.read((payload.symbols(clip_id) + noise).astype(np.float32)) == clip_id


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_noise_alone_never_becomes_an_id(seed: int) -> None:
    soft = np.random.default_rng(seed).standard_normal(polar.LENGTH).astype(np.float32)
    assert Payload(KEY, "picture").read(soft) is None


@settings(max_examples=20, deadline=None)
@given(IDS)
def test_another_key_or_channel_reads_nothing(clip_id: bytes) -> None:
    symbols = Payload(KEY, "picture").symbols(clip_id)
    assert Payload(MarkKey(b"x" * 32), "picture").read(symbols) is None
    assert Payload(KEY, "sound").read(symbols) is None


@settings(max_examples=20, deadline=None)
@given(IDS, st.integers(0, 8 * ID_BYTES - 1))
def test_the_tag_of_an_id_does_not_fit_its_neighbour(clip_id: bytes, bit: int) -> None:
    """A codeword that decodes perfectly but whose tag belongs to another id is refused."""
    changed = bytearray(clip_id)
    changed[bit // 8] ^= 1 << bit % 8
    bits = np.unpackbits(np.frombuffer(bytes(changed) + KEY.tag(clip_id), np.uint8))
    word = (1 - 2 * polar.encode(bits).astype(np.float32)) * KEY.signs("scramble/picture", polar.LENGTH)
    assert Payload(KEY, "picture").read(word.astype(np.float32)) is None


@given(st.integers(1, 512), SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_clean_codeword_decodes_at_any_rate(bits: int, seed: int) -> None:
    word = np.random.default_rng(seed).integers(0, 2, bits).astype(np.uint8)
    llr = 1 - 2 * polar.encode(word).astype(np.float32)
    assert np.array_equal(polar.decode(llr, bits)[0], word)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_a_random_tile_never_yields_an_id(seed: int) -> None:
    layout, payload = TileLayout(KEY), Payload(KEY, "picture")
    spectrum = whiten(np.random.default_rng(seed).standard_normal((SIDE, SIDE)).astype(np.float32))
    peak = layout.find(spectrum)
    assert peak.score < 7.5
    assert payload.read(layout.soft_symbols(spectrum, layout.centre(spectrum, peak))) is None


def test_the_layout_of_a_key_never_changes_between_versions() -> None:
    """Clips marked today must be readable with tomorrow's libraries: these bytes may never change."""
    layout = TileLayout(KEY)
    assert (len(layout.data), len(layout.sync)) == (512, 154)
    assert layout.data[:4].tolist() == LAYOUT_START
    assert KEY.tag(b"a" * 12).hex() == TAG_OF_A
    assert len(polar.information_set(PAYLOAD_BITS)) == 144


def test_keys_and_ids_of_a_wrong_length_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        MarkKey(b"short")
    with pytest.raises(ValueError, match="12 bytes"):
        Payload(KEY, "picture").symbols(b"short")
