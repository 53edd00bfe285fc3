"""Texts as vectors in which our labels lie apart: the tuned reader, run on one core, one text at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from classifiers.prompt.reader import graph
from classifiers.prompt.reader.pieces import MOST_PIECES, pieces
from classifiers.prompt.reader.published import published

DIMENSIONS = 384

Floats = NDArray[np.float32]


class PromptReader:
    """The loaded model; safe to share between threads."""

    def __init__(self) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # texts run side by side, each on one core
        options.log_severity_level = 3
        self._session = ort.InferenceSession(graph.build(), options, providers=["CPUExecutionProvider"])
        file = published()
        kind = file.tensor("emb.type")[: file.width]
        self._places = file.tensor("emb.pos").reshape(-1, file.width)[:MOST_PIECES] + kind
        self._file, self._pieces = file, pieces()

    def embed(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, shape (len(texts), 384). The same text has the same vector, whatever it is asked with."""
        out = np.empty((len(texts), DIMENSIONS), np.float32)
        for i, text in enumerate(texts):
            (mean,) = self._run(self._pieces.cut(text), graph.MEAN)
            out[i] = mean / max(float(np.linalg.norm(mean)), 1e-9)
        return out

    def weigh(self, text: str, direction: Floats) -> list[tuple[int, float]]:
        """For each piece of ``text`` where it begins and how far it points along ``direction`` (384 numbers)."""
        starts = self._pieces.starts(text)
        states = self._run(self._pieces.cut(text), graph.STATES)[0]
        along = states @ direction / max(float(np.linalg.norm(states.mean(axis=0))), 1e-9) / len(states)
        return [(start, float(share)) for start, share in zip(starts, along[1:-1], strict=False)]

    def _run(self, ids: list[int], wanted: str) -> Floats:
        rows = self._file.rows(np.array(ids)) + self._places[: len(ids)]
        (answer,) = self._session.run([wanted], {graph.INPUT: rows[None]})
        return np.asarray(answer, np.float32)


@lru_cache(maxsize=1)
def reader() -> PromptReader:
    """The reader, loaded on first use (about half a second). Raises ``WeightsError`` or ``BrokenHeads``."""
    return PromptReader()
