"""The sentence encoder: near meanings are near, across languages, whatever they are batched with."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.prompt.embedding import DIMENSIONS, SentenceEncoder, encoder
from safety import weights
from safety.weights import WeightsError


def test_a_translation_is_nearer_than_another_sentence():
    english, french, other = encoder().embed(
        ["a woman walks her dog", "une femme promène son chien", "the bank raised its rates"]
    )
    assert english @ french > 0.6
    assert english @ other < 0.3


def test_vectors_have_length_one_even_for_nothing_at_all():
    rows = encoder().embed(["", " ", "\ud800", "x" * 5000, "word " * 1000])
    assert rows.shape == (5, DIMENSIONS)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


def test_a_text_has_the_same_vector_alone_and_in_company():
    texts = ["a cat", "two dogs run along the beach at sunset", "feu", "an orchestra plays in a large hall " * 8]
    together = encoder().embed(texts)
    for text, row in zip(texts, together, strict=True):
        np.testing.assert_allclose(encoder().embed([text])[0], row, atol=2e-5)


def test_missing_weights_are_a_sentence_not_a_traceback(tmp_path, monkeypatch):
    monkeypatch.setenv("CLEARANCE_MODELS", str(tmp_path))
    with pytest.raises(WeightsError, match="models fetch"):
        SentenceEncoder()
    assert weights.store() == tmp_path
