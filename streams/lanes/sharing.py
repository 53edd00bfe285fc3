"""A part of a clip in shared memory: written once by the decoder, mapped by every process that looks at it.

A window of frames is tens of megabytes, and five processes want it. Copying it through a socket to each cost more than some
detectors take; a file in memory (memfd) is passed on as a descriptor instead, and is gone when the last holder closes it,
however that one ended. A mapping is private: whoever writes into it writes into a copy of their own.
"""

from __future__ import annotations

import mmap
import os
import socket
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from safety.media import ClipFacts, Frame, SampledClip

#: Frames begin at multiples of this in the file, bytes; a cache line.
ALIGNED = 64


@dataclass(frozen=True)
class Layout:
    """What is where in the file: everything of a ``SampledClip`` but the numbers themselves."""

    digest: str
    facts: ClipFacts
    frames: tuple[tuple[tuple[int, ...], int, float, int, int], ...]  # shape, offset, time, index, shot
    sound: tuple[int, int] | None  # samples, offset
    sound_from: float
    prompt: str | None
    size: int


@dataclass(frozen=True)
class SharedPart:
    """A part on its way: its layout and the descriptor of the memory it lies in. Close it when it is no longer needed."""

    layout: Layout
    descriptor: int

    def close(self) -> None:
        os.close(self.descriptor)

    def open(self) -> SampledClip:
        """The part, mapped into this process; it stays valid after ``close``."""
        return opened(self.layout, self.descriptor)


def share(clip: SampledClip) -> SharedPart:
    """Write ``clip`` into new shared memory."""
    at, frames = 0, []
    for frame in clip.frames:
        frames.append((frame.picture.shape, at, frame.time, frame.index, frame.shot))
        at += -(-frame.picture.nbytes // ALIGNED) * ALIGNED
    sound = None if clip.sound is None else (clip.sound.size, at)
    size = max(1, at + (0 if clip.sound is None else clip.sound.nbytes))
    layout = Layout(clip.digest, clip.facts, tuple(frames), sound, clip.sound_from, clip.prompt, size)
    descriptor = os.memfd_create("clearance-part", os.MFD_CLOEXEC)
    try:
        os.ftruncate(descriptor, size)
        with mmap.mmap(descriptor, size) as memory:
            for frame, (_, offset, *_) in zip(clip.frames, frames, strict=True):
                _write(memory, offset, frame.picture)
            if clip.sound is not None and sound is not None:
                _write(memory, sound[1], clip.sound)
    except BaseException:
        os.close(descriptor)
        raise
    return SharedPart(layout, descriptor)


def opened(layout: Layout, descriptor: int) -> SampledClip:
    """The clip that lies in ``descriptor``, without a copy. The arrays keep the mapping alive."""
    memory = mmap.mmap(descriptor, layout.size, access=mmap.ACCESS_COPY)
    frames = tuple(
        Frame(_read(memory, offset, shape, np.uint8), time, index, shot) for shape, offset, time, index, shot in layout.frames
    )
    sound = None if layout.sound is None else _read(memory, layout.sound[1], (layout.sound[0],), np.float32)
    return SampledClip(layout.digest, layout.facts, frames, sound, layout.sound_from, layout.prompt)


def send_part(wire: Connection, part: SharedPart) -> None:
    """Send a part to the process at the other end of a local socket."""
    wire.send(part.layout)
    with socket.socket(fileno=os.dup(wire.fileno())) as door:
        socket.send_fds(door, [b"p"], [part.descriptor])


def receive_part(wire: Connection) -> SharedPart:
    """The other half of ``send_part``. Raises ``EOFError`` when the other end is gone."""
    layout = wire.recv()
    with socket.socket(fileno=os.dup(wire.fileno())) as door:
        said, descriptors, *_ = socket.recv_fds(door, 1, 1)
    if not said or not descriptors:
        raise EOFError
    if not isinstance(layout, Layout):
        os.close(descriptors[0])
        raise EOFError
    return SharedPart(layout, descriptors[0])


def _write(memory: mmap.mmap, offset: int, numbers: np.ndarray[Any, Any]) -> None:
    memory[offset : offset + numbers.nbytes] = np.ascontiguousarray(numbers).data.cast("B")


def _read(memory: mmap.mmap, offset: int, shape: tuple[int, ...], kind: Any) -> Any:
    return np.frombuffer(memory, kind, count=int(np.prod(shape)), offset=offset).reshape(shape)
