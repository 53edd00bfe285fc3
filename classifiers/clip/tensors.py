"""Weights out of a file that PyTorch wrote before 2020, without PyTorch.

A process that only needs the numbers would otherwise load a library of several hundred megabytes to read twenty. The file is a
row of pickles and then the raw numbers. Only the few names that such a file needs are ever looked up; anything else in it is
refused, so that a file can run no code.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

#: First number of such a file, and the version of its layout (PyTorch's ``serialization.py``, legacy format).
MAGIC, LAYOUT = 0x1950A86A20F9469CFC6C, 1001
KINDS = {"FloatStorage": "<f4", "LongStorage": "<i8", "DoubleStorage": "<f8", "IntStorage": "<i4"}

Weights = dict[str, NDArray[Any]]


class _Place:
    """A tensor's place in one of the stores that follow: key, first number, shape and strides in numbers."""

    def __init__(self, store: tuple[str, str], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object) -> None:
        self.kind, self.key = store
        self.offset, self.shape, self.strides = offset, shape, strides

    def read(self, stores: dict[str, NDArray[Any]]) -> NDArray[Any]:
        numbers = stores[self.key]
        needed = self.offset + sum((side - 1) * step for side, step in zip(self.shape, self.strides, strict=True)) + 1
        if min((*self.shape, *self.strides, 1)) < 0 or self.offset < 0 or needed > len(numbers):
            raise ValueError("a tensor lies outside its store")
        steps = tuple(step * numbers.itemsize for step in self.strides)
        return np.ascontiguousarray(np.lib.stride_tricks.as_strided(numbers[self.offset :], self.shape, steps))


class _Pickles(pickle.Unpickler):
    """Reads the few things a file of weights is made of."""

    def find_class(self, module: str, name: str) -> Any:
        known: dict[tuple[str, str], Callable[..., Any]] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _Place,
        }
        if module == "torch" and name in KINDS:
            return name
        if (module, name) in known:
            return known[module, name]
        raise pickle.UnpicklingError(f"a file of weights has no business with {module}.{name}")

    def persistent_load(self, pid: Any) -> tuple[str, str]:
        """("storage", kind, key, place, count, ...) as (kind, key)."""
        return str(pid[1]), str(pid[2])


def read(path: Path) -> Weights:
    """Every tensor by its name. Raises ``ValueError`` for a file of another making."""
    with path.open("rb") as file:
        try:
            if (_next(file), _next(file)) != (MAGIC, LAYOUT):
                raise ValueError("no legacy file")
            _next(file)  # sizes of the writer's numbers; always those of KINDS
            places: dict[str, _Place] = _next(file)
            kinds = {place.key: place.kind for place in places.values()}
            stores: dict[str, NDArray[Any]] = {}
            for key in _next(file):
                kind = np.dtype(KINDS[kinds[key]])
                count = int.from_bytes(file.read(8), "little")
                stores[key] = np.frombuffer(file.read(count * kind.itemsize), kind)
            return {name: place.read(stores) for name, place in places.items()}
        except (pickle.UnpicklingError, KeyError, TypeError, IndexError, AttributeError, EOFError) as reason:
            raise ValueError(f"{path.name} holds no weights that can be read ({reason})") from reason


def _next(file: BinaryIO) -> Any:
    return _Pickles(file).load()
