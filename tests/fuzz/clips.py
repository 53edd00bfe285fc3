"""Damaged media by number, and a runner that tells a function that answers from one that dies, hangs or eats the memory.

    mutated(17)                                  # always the same bytes
    run(range(100), Path.stat, deadline=5)       # what came of each

The function is any that takes a path and can be imported by name; a clean answer is a value or a ``ClearanceError``, whose
sentence is a person's. Each runs in a child process that is kept as long as it lives.
"""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import numpy as np

from safety.errors import ClearanceError

ASSETS = Path(__file__).with_name("assets")
SUFFIXES = ("mp4", "webm", "mkv", "mov", "ts")
#: What one file may add to the address space of the child, bytes.
MEMORY = 1_000_000_000
#: Starting the child and importing what the function needs, seconds.
START = 120.0

Kind = Literal["answered", "refused", "error", "crash", "hang", "memory"]


@dataclass(frozen=True)
class Outcome:
    """What came of file number ``seed``. ``detail`` is the sentence, the error or the signal."""

    seed: int
    kind: Kind
    detail: str = ""

    @property
    def clean(self) -> bool:
        return self.kind in ("answered", "refused")


def mutated(seed: int) -> bytes:
    """File number ``seed``: one of the small seeds with one to four injuries. The suffix is ``suffix(seed)``."""
    rng = np.random.default_rng(seed)
    data = bytearray((ASSETS / f"seed.{suffix(seed)}").read_bytes())
    # half of them keep every length, so that they get past the door and to the decoders
    light = rng.random() < 0.5
    for _ in range(int(rng.integers(1, 2 if light else 5))):
        choice = MUTATORS[:3] if light else MUTATORS
        choice[int(rng.integers(len(choice)))](data, rng)
    return bytes(data)


def suffix(seed: int) -> str:
    """The kind of file that number ``seed`` is made from."""
    return SUFFIXES[seed % len(SUFFIXES)]


def _flip_bits(data: bytearray, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 9))):
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))


def _fill_run(data: bytearray, rng: np.random.Generator) -> None:
    at, length = _place(data, rng), int(rng.integers(1, 600))
    fill = (bytes(length), b"\xff" * length, rng.bytes(length))[int(rng.integers(3))]
    data[at : at + length] = fill[: len(data) - at]


def _resize_box(data: bytearray, rng: np.random.Generator) -> None:
    """Another size, small, huge or negative, in front of a box; in files without boxes, any four bytes."""
    at = _box(data, rng)
    data[at : at + 4] = int(rng.choice([0, 1, 7, 8, 9, 2**31 - 1, 2**31, 2**32 - 1, int(rng.integers(2**32))])).to_bytes(4, "big")


def _cut_box(data: bytearray, rng: np.random.Generator) -> None:
    at = _box(data, rng)
    del data[at + 4 : at + 4 + int(rng.integers(1, 60))]


def _splice_box(data: bytearray, rng: np.random.Generator) -> None:
    """A piece of this or another seed put in where a box begins."""
    other = data if rng.random() < 0.5 else (ASSETS / f"seed.{SUFFIXES[int(rng.integers(len(SUFFIXES)))]}").read_bytes()
    start = _place(other, rng)
    at = _box(data, rng)
    data[at:at] = other[start : start + int(rng.integers(8, 2000))]


def _swap_chunks(data: bytearray, rng: np.random.Generator) -> None:
    length = int(rng.integers(4, max(5, len(data) // 4)))
    one, two = sorted(int(at) for at in rng.integers(0, max(1, len(data) - 2 * length), 2))
    two = max(two, one + length)
    data[one : one + length], data[two : two + length] = data[two : two + length], data[one : one + length]


def _change_header(data: bytearray, rng: np.random.Generator) -> None:
    """A number in the first or the last kilobyte, where sizes, rates, counts and tables stand."""
    near = int(rng.integers(0, min(1500, len(data) - 8)))
    at = near if rng.random() < 0.6 else len(data) - 8 - near
    width = int(rng.choice([1, 2, 4]))
    data[at : at + width] = (2 ** (8 * width) - 1 - int(rng.choice([0, 1, 2 ** (8 * width - 1)]))).to_bytes(width, "big")


def _truncate(data: bytearray, rng: np.random.Generator) -> None:
    del data[max(64, _place(data, rng)) :]


MUTATORS: tuple[Callable[[bytearray, np.random.Generator], None], ...] = (
    _flip_bits, _fill_run, _change_header, _resize_box, _cut_box, _splice_box, _swap_chunks, _truncate,
)  # fmt: skip
#: Names of boxes whose first byte of size is looked for, where they stand in the file.
_NAMES = (
    b"ftyp", b"moov", b"trak", b"mdia", b"stbl", b"stsd", b"stts", b"stsz", b"stco", b"stsc", b"ctts", b"elst", b"tkhd",
    b"mvhd", b"mdhd", b"avcC", b"esds", b"mdat",
)  # fmt: skip


def _place(data: bytes | bytearray, rng: np.random.Generator) -> int:
    return int(rng.integers(0, max(1, len(data))))


def _box(data: bytearray, rng: np.random.Generator) -> int:
    at = data.find(_NAMES[int(rng.integers(len(_NAMES)))])
    return at - 4 if at >= 4 else _place(data, rng)


def run(
    seeds: Iterable[int], look: Callable[[Path], object], *, deadline: float = 10.0, memory: int = MEMORY,
    make: Callable[[int], bytes] = mutated,
) -> list[Outcome]:  # fmt: skip
    """Give each file to ``look`` in a child process; ``deadline`` seconds and ``memory`` bytes more than it starts with."""
    child, out = _Child(look, memory), []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for seed in seeds:
                path = Path(folder) / f"{seed}.{suffix(seed)}"
                path.write_bytes(make(seed))
                kind, detail = child.ask(path, deadline)
                out.append(Outcome(seed, kind, detail))
                path.unlink()
        finally:
            child.end()
    return out


class _Child:
    """The process that looks; started when needed, ended when it is late."""

    def __init__(self, look: Callable[[Path], object], memory: int) -> None:
        self._look, self._memory = look, memory
        self._context = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._pipe: Connection | None = None

    def ask(self, path: Path, deadline: float) -> tuple[Kind, str]:
        pipe = self._pipe or self._start()
        pipe.send(path)
        try:
            if pipe.poll(deadline):
                kind, detail = pipe.recv()
                return kind, detail
        except EOFError:
            self._process.join()
            code = self._process.exitcode
            self.end()
            return "crash", f"the process ended with {code}"
        self.end()
        return "hang", f"no answer in {deadline:g} seconds"

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    def _start(self) -> Connection:
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(theirs, self._look, self._memory), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(START) or self._pipe.recv() != "ready":
            self.end()
            raise RuntimeError("the child did not start")
        return self._pipe


def _serve(pipe: Connection, look: Callable[[Path], object], memory: int) -> None:
    look_first = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (look_first + memory, look_first + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pipe.send("ready")
    while True:
        try:
            path = pipe.recv()
        except EOFError:
            return
        try:
            look(path)
            answer: tuple[Kind, str] = ("answered", "")
        except ClearanceError as reason:
            answer = ("refused", reason.detail)
        except MemoryError as reason:
            answer = ("memory", repr(reason))
        except BaseException as reason:
            answer = ("error", repr(reason))
        pipe.send(answer)
