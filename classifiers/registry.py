"""Every detector, one line each, and the one way they are run: guarded, timed, and never silent.

A detector that raises, answers too late or answers out of contract becomes a ``Report`` with ``failure``, which the policy holds
on. Nothing is loaded until it is first asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from functools import lru_cache
from importlib import import_module
from time import perf_counter
from typing import Literal, Protocol, TypeVar

from classifiers.errors import UnknownDetector
from classifiers.protocol import ClipDetector, PromptDetector
from safety.prompt import Prompt, ReadPrompt
from safety.signal import Report

Gate = Literal["prompt", "clip"]

#: gate, where the detector's class (or a function that makes one) stands. To add a detector, add a line.
DETECTORS: tuple[tuple[Gate, str], ...] = (
    ("prompt", "classifiers.prompt.heads:PromptHeads"),
    ("prompt", "classifiers.prompt.pii:PersonalData"),
    ("prompt", "classifiers.prompt.presidio:PresidioPersonalData"),
    ("prompt", "classifiers.prompt.buildup:BuildUp"),
    ("prompt", "classifiers.prompt.topics:Topics"),
    ("clip", "classifiers.clip.nudity:NudityDetector"),
    ("clip", "classifiers.clip.content:ContentDetector"),
    ("clip", "classifiers.clip.objects:configured"),
    ("clip", "classifiers.clip.scene.detector:SceneDetector"),
)
#: Like ``DETECTORS``, for what is made only when the settings ask for it: a function that answers a detector or None.
OPTIONAL: tuple[tuple[Gate, str], ...] = (("prompt", "classifiers.prompt.guard:configured"),)
#: Seconds one detector may take, models loaded; far above the slowest measured, below a person's patience.
PROMPT_SECONDS = 5.0
#: Seconds a detector's first answer in a process may take, loading its models included.
LOADING_SECONDS = 60.0
#: Late detectors keep a thread until they return; with this many late ones at once the gate answers "late" without asking.
_WORKERS = 8

Subject_contra = TypeVar("Subject_contra", contravariant=True)
Detector = TypeVar("Detector", PromptDetector, ClipDetector)


class _Looks(Protocol[Subject_contra]):
    """What ``guard`` needs of a detector, whichever gate it stands at."""

    name: str
    labels: frozenset[str]

    def detect(self, subject: Subject_contra, /) -> Report: ...


def prompt_detectors() -> tuple[PromptDetector, ...]:
    """The detectors of the prompt gate, made once."""
    return _made("prompt")  # type: ignore[return-value]


def clip_detectors() -> tuple[ClipDetector, ...]:
    """The detectors of the clip gate, made once."""
    return _made("clip")  # type: ignore[return-value]


def emitted_labels(gate: Gate) -> frozenset[str]:
    """Every label that some detector of ``gate`` answers for; the policy's labels are checked against it."""
    return frozenset().union(*(detector.labels for detector in _made(gate)))


def run_prompt(prompt: Prompt, seconds: float = PROMPT_SECONDS) -> list[Report]:
    """Read ``prompt`` and ask every prompt detector; one report each, in the table's order. Never raises."""
    from classifiers.prompt import read_prompt

    detectors = prompt_detectors()
    try:
        read = read_prompt(prompt)
    except Exception as reason:
        sentence = f"The prompt could not be read ({type(reason).__name__}); a person will look at it."
        return [Report(detector=d.name, labels=d.labels, failure=sentence) for d in detectors]
    return [guard(detector, read, seconds) for detector in detectors]


def run_read(prompt: ReadPrompt, seconds: float = PROMPT_SECONDS, asked: frozenset[str] | None = None) -> list[Report]:
    """Like ``run_prompt`` for a prompt that was read already.

    With ``asked``, detectors that matter only where somebody asks for their labels (``when_asked``) are left out unless one is
    among these: a third of prompts would pay for them, and nearly nobody needs them.
    """
    wanted = (d for d in prompt_detectors() if asked is None or not getattr(d, "when_asked", False) or d.labels & asked)
    return [guard(detector, prompt, seconds) for detector in wanted]


def guard(detector: _Looks[Subject_contra], subject: Subject_contra, seconds: float) -> Report:
    """Ask one detector; an exception, lateness or an answer out of contract becomes a report with ``failure``.

    A detector that names a deadline of its own (``patience``, seconds) is waited for that long, be it the first time or not.
    """
    started = perf_counter()
    failure: str
    if (patience := getattr(detector, "patience", None)) is not None:
        seconds = float(patience)
    elif detector.name not in _loaded:
        seconds = max(seconds, LOADING_SECONDS) if seconds >= PROMPT_SECONDS else seconds
    if not _free.acquire(blocking=False):
        return _failed(detector, "Too many detectors are late; the submission is held, nothing was lost.", started)
    answer: Future[Report] = _threads().submit(_ask, detector.detect, subject)
    try:
        report = answer.result(timeout=seconds)
        _loaded.add(detector.name)
        if report.detector != detector.name or not {s.label for s in report.signals} <= detector.labels:
            failure = f"The detector {detector.name} answered for labels or a name that are not its own."
        elif report.failure is not None and report.signals:
            failure = f"The detector {detector.name} gave signals although it failed."
        else:
            return report.model_copy(update={"milliseconds": (perf_counter() - started) * 1000})
    except TooLate:
        failure = f"The detector {detector.name} did not answer within {seconds:g} s."
    except Exception as reason:
        failure = f"The detector {detector.name} could not look ({type(reason).__name__}: {str(reason)[:160]})."
    return _failed(detector, failure, started)


def _ask(look: Callable[[Subject_contra], Report], subject: Subject_contra) -> Report:
    try:
        return look(subject)
    finally:
        _free.release()


def _failed(detector: _Looks[Subject_contra], failure: str, started: float) -> Report:
    return Report(detector=detector.name, labels=detector.labels, failure=failure, milliseconds=(perf_counter() - started) * 1000)


@lru_cache(maxsize=2)
def _made(gate: Gate) -> tuple[PromptDetector | ClipDetector, ...]:
    made = (_make(place) for kind, place in (*DETECTORS, *OPTIONAL) if kind == gate)
    return tuple(detector for detector in made if detector is not None)


def _make(place: str) -> PromptDetector | ClipDetector | None:
    module, _, name = place.partition(":")
    try:
        made: PromptDetector | ClipDetector | None = getattr(import_module(module), name)()
    except (ImportError, AttributeError) as reason:
        raise UnknownDetector(f"The registry names {place}, which cannot be loaded ({reason}).") from reason
    return made


#: Names of detectors that have answered in this process.
_loaded: set[str] = set()
_free = threading.BoundedSemaphore(_WORKERS)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_WORKERS, thread_name_prefix="detector")
