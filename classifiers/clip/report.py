"""How a detector of this folder answers, whatever happens inside it.

One place, so that every detector fails the same way: what could not be looked at is a report with ``failure``, never an empty
report and never an exception (guarantee G7).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from safety.errors import ClearanceError
from safety.media import SampledClip
from safety.signal import Report, Signal


def answer(name: str, labels: frozenset[str], clip: SampledClip, look: Callable[[SampledClip], tuple[Signal, ...]]) -> Report:
    """The report of detector ``name`` whose work is ``look``; a clip without frames is one that nobody has seen."""
    started = time.perf_counter()
    if not clip.frames:
        return failed(name, labels, f"{name} was given a clip without a single frame, so nobody has seen it.")
    try:
        signals = look(clip)
    except ClearanceError as reason:
        return failed(name, labels, reason.detail)
    except Exception as reason:
        return failed(name, labels, f"{name} crashed while it looked ({type(reason).__name__}); a person has to look instead.")
    return Report(detector=name, labels=labels, signals=signals, milliseconds=(time.perf_counter() - started) * 1000)


def failed(name: str, labels: frozenset[str], why: str) -> Report:
    """A report that says in one sentence why ``name`` could not look."""
    return Report(detector=name, labels=labels, failure=why)
