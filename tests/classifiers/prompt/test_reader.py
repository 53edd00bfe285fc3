"""The reader: the published file, our layers, the graph made of both, and what it answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from classifiers.errors import BrokenHeads
from classifiers.prompt.features import extract
from classifiers.prompt.model import MOST_READ, heads
from classifiers.prompt.reader import published, tuned
from classifiers.prompt.reader.encoder import DIMENSIONS, reader
from classifiers.prompt.reader.pieces import MOST_PIECES, pieces
from classifiers.prompt.training.network import TunedLayer

CALM, HARM = "a red kite over a green hill", "a man stabs another man to death in an alley"


def test_a_text_has_the_same_vector_whatever_it_is_asked_with():
    alone = reader().embed([CALM])
    among = reader().embed([HARM, CALM, "x " * 90])
    assert np.array_equal(alone[0], among[1])


def test_vectors_have_unit_length_for_any_text():
    found = reader().embed(["", "\ud800", "中文 عربى", "word " * 3000])
    assert found.shape == (4, DIMENSIONS)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_long_texts_are_cut_to_what_the_positions_hold():
    assert len(pieces().cut("word " * 3000)) == MOST_PIECES


def test_eight_bits_keep_what_a_layer_says():
    """The published layer in floats and the same one in eight bits give nearly the same product."""
    layer = TunedLayer(0).eval()
    x = torch.from_numpy(published.published().rows(np.arange(100, 110)))
    exact = layer.matrices["up"](x).detach().numpy()
    small = layer.export().matrices["up"]
    rough = x.numpy() @ (small.weights * small.scale) + small.bias
    assert np.corrcoef(exact.ravel(), rough.ravel())[0, 1] > 0.999


def test_the_words_behind_a_score_are_those_that_weigh():
    text = "a sunny village square with flowers, and a man stabs his neighbour to death"
    direction = heads().deep[list(_rows()).index("violence")]
    shares = reader().weigh(text, direction)
    cut = text.index("a man")
    assert sum(s for at, s in shares if at >= cut) > sum(s for at, s in shares if at < cut)


@pytest.mark.parametrize(("form", "layers"), [(tuned.FORMAT + 1, (tuned.FIRST_TUNED, tuned.DEPTH)), (tuned.FORMAT, (0, 4))])
def test_a_file_of_another_format_is_refused(tmp_path, monkeypatch, form, layers):
    with np.load(tuned.FILE) as ours:
        arrays = {name: ours[name] for name in ours.files}
    other = tmp_path / "reader.npz"
    np.savez(other, **arrays | {"format": np.array(form), "range": np.array(layers)})
    monkeypatch.setattr(tuned, "FILE", other)
    tuned.tuned_layers.cache_clear()
    try:
        with pytest.raises(BrokenHeads, match="other code"):
            tuned.tuned_layers()
        other.write_bytes(b"no archive")
        with pytest.raises(BrokenHeads, match="cannot be read"):
            tuned.tuned_layers()
    finally:
        monkeypatch.undo()
        tuned.tuned_layers.cache_clear()


def test_a_published_file_of_another_kind_is_refused(tmp_path):
    other = tmp_path / "other.bin"
    other.write_bytes(b"GGUF" + bytes(200))
    with pytest.raises(BrokenHeads, match="models fetch"):
        published.read(other)


def test_layers_that_are_kept_are_read_back_the_same(tmp_path):
    layers = list(tuned.tuned_layers())
    tuned.write(layers, tmp_path / "again.npz")
    with np.load(tmp_path / "again.npz") as again, np.load(tuned.FILE) as first:
        assert all(np.array_equal(again[name], first[name]) for name in first.files)


def test_a_harmless_text_is_settled_by_the_cheap_judge():
    seen, _ = extract(["a golden retriever puppy plays in the grass in a sunny park"])
    assert heads().cheap_logits(seen).max() < heads().calm


def test_what_the_reader_has_no_time_for_makes_a_person_look():
    texts = [f"{HARM} number {i}" for i in range(MOST_READ + 3)]
    seen, _ = extract(texts)
    assert (heads().score(texts, seen)[:, -1] >= 0.5).all()


def _rows():
    from classifiers.prompt.labels import ROWS

    return ROWS
