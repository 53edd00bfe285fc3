"""The process that clips are decoded or looked at in: ``python -m streams.lanes.worker FD``.

It runs native code on files and pictures that somebody else chose; if that code crashes, this process ends and nothing else
does. It answers on one socket until the other end closes, so it ends with the process that started it, however that ended.
Nothing here opens a network connection or writes a file.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from safety.errors import ClearanceError
from streams.lanes.messages import Broken, Decode, End, Look, Next, Refused
from streams.lanes.sharing import receive_part, send_part, share

#: Seconds between looks at whether the parent is still there; the socket tells at once unless a detector is busy.
WATCH_SECONDS = 1.0


class _Lookers:
    """Everything this process was asked to look with; they keep their models."""

    def __init__(self) -> None:
        self._made: dict[bytes, Any] = {}

    def knows(self, packed: bytes) -> bool:
        return packed in self._made

    def get(self, packed: bytes) -> Any:
        if packed not in self._made:
            self._made[packed] = pickle.loads(packed)  # noqa: S301  (from the parent, over a socket nobody else has)
        return self._made[packed]


def serve(wire: Connection) -> None:
    """Answer until the other end closes."""
    lookers = _Lookers()
    while True:
        try:
            asked = wire.recv()
            if isinstance(asked, Look):
                _look(wire, lookers, asked)
            elif isinstance(asked, Decode):
                _decode(wire, lookers, asked)
        except EOFError:
            return


def _look(wire: Connection, lookers: _Lookers, asked: Look) -> None:
    part = receive_part(wire)
    try:
        clip = part.open()
    finally:
        part.close()
    answer: object
    loads = not lookers.knows(asked.packed)
    try:
        looker = lookers.get(asked.packed)
        answer = looker.detect(clip) if hasattr(looker, "detect") else looker.look(clip)
    except ClearanceError as reason:
        answer = Refused(reason)
    except Exception as reason:
        answer = Broken(type(reason).__name__)
    del clip
    wire.send(answer)
    if loads:
        _give_back()


def _give_back() -> None:
    """Return what loading a model took and freed to the system; glibc keeps it otherwise, some 50 MB a process."""
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def _decode(wire: Connection, lookers: _Lookers, asked: Decode) -> None:
    try:
        reader = lookers.get(asked.packed)
        for clip in reader.viewed(Path(asked.path)):
            part = share(clip)
            del clip
            try:
                wire.send(Next())
                send_part(wire, part)
            finally:
                part.close()
            if not isinstance(wire.recv(), Next):
                return
        wire.send(End())
    except ClearanceError as reason:
        wire.send(Refused(reason))
    except (EOFError, BrokenPipeError):
        raise EOFError from None
    except Exception as reason:
        wire.send(Broken(type(reason).__name__))


def _watch(parent: int) -> None:
    """End this process, whatever a detector is doing, once ``parent`` is gone."""
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


def main() -> None:
    """Serve on the socket whose number is the only argument."""
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides when we end
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    main()
