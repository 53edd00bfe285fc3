"""One worker process, kept warm: started when needed, replaced after a crash or a missed deadline, never waited for in vain.

Why processes. A detector is native code on pictures somebody else chose. In a thread, a segmentation fault would end the whole
server, and a loop without end could not be stopped. A crash here is a closed socket, and a closed socket is a failure that
holds the clip: it can never become an ``allow``.

Why not ``multiprocessing``. Its spawned children import the parent's main module again, for us the whole command line with
torch; its forked children inherit locks that threads held. A plain child with one socket does neither, and ends by itself when
the parent does, even when that was killed.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from safety.errors import ClearanceError
from streams.lanes.messages import Broken, Decode, End, Look, Next, Refused
from streams.lanes.sharing import SharedPart, receive_part, send_part

#: Seconds a dead process is given to be told apart from a hanging one.
BURIAL_SECONDS = 1.0


@dataclass(frozen=True)
class Failed:
    """Why there is no answer, as what comes after the looker's name: "crashed (signal SIGSEGV)"."""

    why: str


class Lane:
    """One process: one question at a time; whoever comes meanwhile waits, as long as they said they would."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Connection | None = None
        self._loaded: set[bytes] = set()

    def ask(self, looker: object, part: SharedPart, seconds: float, loading: float = 0.0) -> object:
        """What ``looker`` says of ``part``, or ``Failed``. Blocks until then: ``seconds`` at most once it is this one's turn, and
        ``loading`` more where the process has not heard of it before."""
        try:
            packed = pickle.dumps(looker)
        except (pickle.PicklingError, AttributeError, TypeError):
            return Failed("cannot be sent to its own process; its author must make it picklable")
        with self._turn:
            try:
                wire = self._started()
                wire.send(Look(packed))
                send_part(wire, part)
                patience = seconds if packed in self._loaded else seconds + loading
                if not wire.poll(patience):
                    self._bury()
                    return Failed(f"did not answer within {patience:g} s")
                answer: object = wire.recv()
                self._loaded.add(packed)
            except (EOFError, OSError, pickle.UnpicklingError, AttributeError, ImportError) as reason:
                return Failed(f"crashed ({self._ending(reason)})")
        if isinstance(answer, Broken):
            return Failed(f"crashed while it looked ({answer.kind})")
        if isinstance(answer, Refused):
            return Failed(f"could not look: {answer.reason.detail}")
        return answer

    @contextmanager
    def decoding(self, reader: object, path: Path, seconds: float) -> Iterator[Iterator[SharedPart]]:
        """The parts of the file, each within ``seconds``; the next is made while the last is looked at. Close each part.

        Raises what the reader raises, and ``DecoderFailed``.
        """
        with self._turn:
            finished = False

            def parts() -> Iterator[SharedPart]:
                nonlocal finished
                wire = self._started()
                wire.send(Decode(pickle.dumps(reader), str(path)))
                while True:
                    said = self._word(wire, seconds)
                    if isinstance(said, End):
                        finished = True
                        return
                    if isinstance(said, Refused):
                        finished = True
                        raise said.reason
                    if not isinstance(said, Next):
                        raise DecoderFailed(said)
                    part = receive_part(wire)
                    wire.send(Next())
                    yield part

            try:
                yield parts()
            except (EOFError, OSError) as reason:
                raise DecoderFailed(self._ending(reason)) from reason
            finally:
                if not finished:  # left in the middle: what it still has to say is of no use to the next
                    self._bury()

    def memory(self) -> int | None:
        """Number of the process, or None while there is none; for whoever measures."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def close(self) -> None:
        """End the process; the next question starts it again."""
        if self._process is not None:
            self._process.kill()

    def _word(self, wire: Connection, seconds: float) -> Any:
        if not wire.poll(seconds):
            self._bury()
            raise DecoderFailed(f"it did not answer within {seconds:g} s")
        return wire.recv()

    def _started(self) -> Connection:
        """The socket of the living process; a dead one is buried first."""
        if self._process is not None and self._process.poll() is None and self._wire is not None:
            return self._wire
        self._bury()
        ours, theirs = socket.socketpair()
        with theirs:
            path = os.pathsep.join(p or str(Path.cwd()) for p in sys.path)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streams.lanes.worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._wire = Connection(ours.detach())
        return self._wire

    def _bury(self) -> None:
        if self._wire is not None:
            self._wire.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._wire = self._process = None
        self._loaded = set()

    def _ending(self, reason: Exception) -> str:
        """In a few words, how the process ended; it is gone afterwards."""
        if self._process is None:
            return f"its process could not be started: {type(reason).__name__}"
        ends = time.monotonic() + BURIAL_SECONDS
        while self._process.poll() is None and time.monotonic() < ends:
            time.sleep(0.01)
        code = self._process.poll()
        self._bury()
        if code is None:
            return "its process stopped answering"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"its process ended with {code}"


class DecoderFailed(ClearanceError):
    """The decoder crashed or hung: nobody has seen this clip, so it is shown to nobody."""

    status, code, title, exit_code = 415, "decoder-failed", "The clip could not be decoded", 6

    def __init__(self, why: object) -> None:
        words = why if isinstance(why, str) else getattr(why, "kind", type(why).__name__)
        super().__init__(f"The decoder failed on this file ({words}), so nobody has seen it; send it in another format.")
