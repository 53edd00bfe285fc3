"""The process a clip detector lives in: ``python -m classifiers.clip.worker FD``.

A detector runs native code on pictures that somebody else chose; if that code crashes, this process ends and nothing else does.
It answers on one socket until the other end closes, so it ends with the process that started it, however that ended. It must
never open a network connection or write a file.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

import cv2
import numpy as np

from classifiers.clip.report import failed
from safety.media import ClipFacts, Frame, SampledClip
from safety.signal import Report

#: Seconds between looks at whether the parent is still there; the socket tells at once unless a detector is busy.
WATCH_SECONDS = 1.0


def send_clip(wire: Connection, clip: SampledClip) -> None:
    """Send a clip a frame at a time, so that no second copy of it is made on this side."""
    sound = None if clip.sound is None else clip.sound.shape
    wire.send((clip.digest, clip.facts, [(f.picture.shape, f.time, f.index) for f in clip.frames], sound))
    for frame in clip.frames:
        wire.send_bytes(np.ascontiguousarray(frame.picture).data.cast("B"))
    if clip.sound is not None:
        wire.send_bytes(np.ascontiguousarray(clip.sound).data.cast("B"))


def receive_clip(wire: Connection) -> SampledClip:
    """The other half of ``send_clip``."""
    digest, facts, shapes, sound_shape = wire.recv()
    if not isinstance(facts, ClipFacts):
        raise TypeError("the parent sent something else than a clip")
    frames = tuple(Frame(_array(wire, shape, np.uint8), when, index) for shape, when, index in shapes)
    sound = None if sound_shape is None else _array(wire, sound_shape, np.float32)
    return SampledClip(digest, facts, frames, sound)


def _array(wire: Connection, shape: tuple[int, ...], kind: Any) -> Any:
    return np.frombuffer(bytearray(wire.recv_bytes()), kind).reshape(shape)


def serve(wire: Connection) -> None:
    """Answer each detector and clip with a report, until the other end closes."""
    detector: Any = None
    packed_before = b""
    while True:
        try:
            packed = wire.recv_bytes()
            clip = receive_clip(wire)
        except EOFError:
            return
        try:
            if packed != packed_before:  # the same detector keeps its loaded models
                detector = pickle.loads(packed)  # noqa: S301  (from the parent, over a socket nobody else has)
                packed_before = packed
            report = detector.detect(clip)
        except Exception as reason:
            name, labels = getattr(detector, "name", "a detector"), frozenset(getattr(detector, "labels", ()))
            report = failed(
                name, labels, f"{name} crashed while it looked ({type(reason).__name__}); a person has to look instead."
            )
        wire.send(report if isinstance(report, Report) else None)


def _watch(parent: int) -> None:
    """End this process, whatever a detector is doing, once ``parent`` is gone."""
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


def main() -> None:
    """Serve on the socket whose number is the only argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides when we end
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    cv2.setNumThreads(1)
    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    main()
