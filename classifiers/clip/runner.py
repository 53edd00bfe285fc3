"""Runs clip detectors so that none of them can stop, crash or outwait the pipeline.

Why processes. A detector is native code on pictures somebody else chose. In a thread, a segmentation fault would end the whole
server, and a loop without end could not be stopped. So each detector lives in a process of its own (``worker.py``), started at
first use, kept warm with its models loaded, and replaced after a crash or a missed deadline. A crash is then a closed socket,
and a closed socket is a report with ``failure``: it can never become an ``allow``. The price, measured: 1.2 s for the first
clip, 180 to 200 MB a detector, and a copy of the sampled frames a detector (8 frames of 640x360: 4 ms).

Why not ``multiprocessing``. Its spawned children import the parent's main module again, for us the whole command line with
torch; its forked children inherit locks that threads held. A plain child with one socket does neither, and ends by itself when
the parent does, even when that was killed.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from multiprocessing.connection import Connection

from classifiers.clip.report import failed
from classifiers.clip.worker import send_clip
from classifiers.protocol import ClipDetector
from safety.media import SampledClip
from safety.signal import Report

#: Seconds a call may take besides its frames: two model loads on a busy machine.
BASE_SECONDS = 30.0
#: Seconds a sampled frame may take on top; ten times what the slowest detector here needs on one core.
FRAME_SECONDS = 0.5


class Lane:
    """One detector's process: at most one clip at a time, started when needed."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Connection | None = None
        self._serving: object | None = None

    def look(self, detector: ClipDetector, clip: SampledClip, ends: float, ticket: object) -> Report:
        """The report of ``detector``; blocks. Whoever waits stops it with ``stop(ticket)``."""
        if not self._turn.acquire(timeout=max(0.0, ends - time.monotonic())):
            return _late(detector)
        try:
            packed = pickle.dumps(detector)
            with self._guard:
                if time.monotonic() >= ends:
                    return _late(detector)
                self._serving = ticket
                wire = self._started()
            wire.send_bytes(packed)
            send_clip(wire, clip)
            return checked(detector, wire.recv())
        except (EOFError, OSError) as reason:
            return failed(
                detector.name, detector.labels, f"{detector.name} crashed ({self._ending(reason)}); a person has to look instead."
            )
        except (pickle.PicklingError, AttributeError, TypeError):
            return failed(
                detector.name,
                detector.labels,
                f"{detector.name} cannot be sent to its own process; its author must make it picklable.",
            )
        finally:
            self._serving = None
            self._turn.release()

    def stop(self, ticket: object | None = None) -> None:
        """End the process; with a ``ticket``, only while it serves that one."""
        with self._guard:
            if ticket is not None and self._serving is not ticket:
                return
            if self._process is not None:
                self._process.kill()

    def _started(self) -> Connection:
        """The socket of the living process; a dead one is buried first."""
        if self._process is not None and self._process.poll() is None and self._wire is not None:
            return self._wire
        self._bury()
        ours, theirs = socket.socketpair()
        with theirs:
            path = os.pathsep.join(p or str(os.getcwd()) for p in sys.path)  # noqa: PTH109
            self._process = subprocess.Popen(
                [sys.executable, "-m", "classifiers.clip.worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
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

    def _ending(self, reason: Exception) -> str:
        """In a few words, how the process ended; it is gone afterwards."""
        if self._process is None:
            return f"its process could not be started: {type(reason).__name__}"
        try:
            code = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return "its process stopped answering"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"its process ended with {code}"


class Lanes:
    """One ``Lane`` a detector's name, for one process; a process forked from this one must make its own."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}
        self._guard = threading.Lock()
        atexit.register(self.close)

    def lane(self, name: str) -> Lane:
        with self._guard:
            return self._lanes.setdefault(name, Lane())

    def close(self) -> None:
        """End all processes; the next clip starts them again."""
        with self._guard:
            for lane in self._lanes.values():
                lane.stop()


_shared: dict[int, Lanes] = {}


def shared() -> Lanes:
    """The lanes of this process."""
    return _shared.setdefault(os.getpid(), Lanes()) if os.getpid() not in _shared else _shared[os.getpid()]


def run_clip(
    clip: SampledClip, detectors: Sequence[ClipDetector], *, deadline: float | None = None, lanes: Lanes | None = None
) -> list[Report]:
    """One report a detector, in their order, within ``deadline`` seconds whatever they do.

    ``deadline`` defaults to ``BASE_SECONDS`` and ``FRAME_SECONDS`` a frame. A detector that crashes, is late, answers for
    something else or cannot be sent yields a report with ``failure``. Nothing is raised.
    """
    lanes = lanes or shared()
    limit = BASE_SECONDS + FRAME_SECONDS * len(clip.frames) if deadline is None else deadline
    ends = time.monotonic() + limit
    jobs = [(d, lanes.lane(d.name), object(), Future[Report]()) for d in detectors]
    for detector, lane, ticket, future in jobs:
        threading.Thread(target=_work, args=(lane, detector, clip, ends, ticket, future), daemon=True).start()
    reports = []
    for detector, lane, ticket, future in jobs:
        try:
            reports.append(future.result(timeout=max(0.0, ends - time.monotonic())))
        except Late:
            lane.stop(ticket)
            reports.append(_late(detector, limit))
    return reports


def _work(lane: Lane, detector: ClipDetector, clip: SampledClip, ends: float, ticket: object, future: Future[Report]) -> None:
    try:
        future.set_result(lane.look(detector, clip, ends, ticket))
    except BaseException as reason:
        future.set_result(failed(detector.name, detector.labels, f"{detector.name} could not be run ({type(reason).__name__})."))


def checked(detector: ClipDetector, answer: object) -> Report:
    """``answer`` if it is this detector's whole and proper report; otherwise a failed one."""
    proper = (
        isinstance(answer, Report)
        and answer.detector == detector.name
        and answer.labels == detector.labels
        and all(s.label in detector.labels for s in answer.signals)
        and not (answer.failure and answer.signals)
    )
    if proper and isinstance(answer, Report):
        return answer
    return failed(
        detector.name,
        detector.labels,
        f"{detector.name} answered with something that is not its report; its author must mend it.",
    )


def _late(detector: ClipDetector, limit: float | None = None) -> Report:
    within = f" within {limit:g} s" if limit is not None else " in time"
    return failed(detector.name, detector.labels, f"{detector.name} did not answer{within}; a person has to look instead.")
