"""Our own layers: what training changed of the published encoder, in eight bits; a file made for other code is refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.errors import BrokenHeads
from classifiers.prompt.reader.published import published

FILE = Path(__file__).parents[1] / "data" / "reader.npz"
#: Layers that are run, and the first of them that is ours; those below are as published. Six of twelve layers read a sentence of
#: twenty words in some 3 ms on one core; ``docs/prompt-gate.md`` has the figures.
DEPTH, FIRST_TUNED = 6, 2
#: Raise it when names or shapes of the file's arrays change.
FORMAT = 1
#: The matrices of a layer: name here, names in the published file (several are laid side by side).
MATRICES = {"q": "q", "k": "k", "v": "v", "o": "ao", "up": "fi", "down": "fo"}
NORMS = {"attended": "aln", "fed": "oln"}

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]


@dataclass(frozen=True)
class Matrix:
    """An 8-bit matrix (inputs, outputs), the scale of each output, and its bias."""

    weights: Bytes
    scale: Floats
    bias: Floats


@dataclass(frozen=True)
class Layer:
    """Matrices and the (gain, bias) of the two normalisations by their names above."""

    matrices: dict[str, Matrix]
    norms: dict[str, tuple[Floats, Floats]]


def quantise(weights: Floats, bias: Floats) -> Matrix:
    """``weights`` (outputs, inputs) in eight bits, one scale an output."""
    scale = np.maximum(np.abs(weights).max(axis=1), 1e-9) / 127.0
    whole = np.clip(np.rint(weights / scale[:, None]), -127, 127).astype(np.int8)
    return Matrix(np.ascontiguousarray(whole.T), scale.astype(np.float32), bias.astype(np.float32))


def published_layer(number: int) -> Layer:
    """Layer ``number`` as published, in eight bits."""
    file = published()
    found = {}
    for name, theirs in MATRICES.items():
        bias = file.tensor(f"l{number}.{theirs}.b")
        found[name] = quantise(file.tensor(f"l{number}.{theirs}.w").reshape(len(bias), -1), bias)
    norms = {n: (file.tensor(f"l{number}.{t}.w"), file.tensor(f"l{number}.{t}.b")) for n, t in NORMS.items()}
    return Layer(found, norms)


@lru_cache(maxsize=1)
def tuned_layers() -> tuple[Layer, ...]:
    """The committed layers from ``FIRST_TUNED`` up. Raises ``BrokenHeads`` when the file does not fit this code."""
    try:
        with np.load(FILE, allow_pickle=False) as file:
            if int(file["format"]) != FORMAT or tuple(file["range"].tolist()) != (FIRST_TUNED, DEPTH):
                raise BrokenHeads("The tuned layers were made for other code; run `python -m classifiers.prompt.train`.")
            return tuple(_layer(file, number) for number in range(FIRST_TUNED, DEPTH))
    except (OSError, KeyError, ValueError) as reason:
        raise BrokenHeads(
            f"The tuned layers {FILE.name} cannot be read; `python -m classifiers.prompt.train` makes them."
        ) from reason


def _layer(file: np.lib.npyio.NpzFile, number: int) -> Layer:
    def matrix(name: str) -> Matrix:
        w, s, b = (file[f"{number}.{name}.{part}"] for part in ("weights", "scale", "bias"))
        return Matrix(w, s.astype(np.float32), b.astype(np.float32))

    norms = {n: (file[f"{number}.{n}.gain"], file[f"{number}.{n}.bias"]) for n in NORMS}
    return Layer({name: matrix(name) for name in MATRICES}, norms)


def write(layers: list[Layer], file: Path = FILE) -> None:
    """Keep ``layers``, the first of which is layer ``FIRST_TUNED``."""
    arrays: dict[str, NDArray[np.generic]] = {"format": np.array(FORMAT), "range": np.array((FIRST_TUNED, DEPTH))}
    for number, layer in enumerate(layers, FIRST_TUNED):
        for name, m in layer.matrices.items():
            arrays |= {f"{number}.{name}.weights": m.weights, f"{number}.{name}.scale": m.scale, f"{number}.{name}.bias": m.bias}
        for name, (gain, bias) in layer.norms.items():
            arrays |= {f"{number}.{name}.gain": gain, f"{number}.{name}.bias": bias}
    with file.open("wb") as out:
        np.savez_compressed(out, **arrays)  # type: ignore[arg-type]
