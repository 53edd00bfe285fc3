"""Voices, measured: how often two people are taken for one, and one person not known again.

The threshold comes from one half of the speakers (the even ones by name) and is reported on the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.prompt.bench.figures import Figure, Goal, Section, Share
from classifiers.sound.hearing import RATE, to_16k
from classifiers.sound.voices import LIFT, PAD, PAUSE, QUIETEST, VoiceListener, part, unit
from consent.voice_thresholds import MATCH
from console.bench import spoken
from console.bench.speakers import speakers
from safety.media import SOUND_RATE, Sound

Progress = Callable[[str, int, int], None]
Rows = NDArray[np.float32]
#: Windows of 0.4 s that are enrolled (5.2 s), and those heard: 2, 3.6 and 5.2 s.
ENROLLED, HEARD = 12, {2.0: 4, 3.6: 8, 5.2: 12}
#: Speakers of a quick run.
FEW = 6


@dataclass(frozen=True)
class Trials:
    """Cosines of one person's and of two people's voices."""

    same: Rows
    different: Rows


def measure(progress: Progress, quick: bool) -> Section:
    """Error rates on the half of the speakers that chose nothing, and the seconds of work."""
    listener = VoiceListener()
    heard: dict[str, Rows] = {}
    for name, pieces in speakers(FEW if quick else None):
        progress(f"voices: {name}", len(heard), 40)
        rows = windows(listener, pieces)
        if len(rows) >= ENROLLED + max(HEARD.values()):
            heard[name] = rows
    names = sorted(heard)
    chosen, held = names[::2], names[1::2]
    figures = [f for seconds, count in HEARD.items() for f in _rates(heard, chosen, held, seconds, count)]
    figures += [*_changes(heard, held), _cost(listener)]
    says = (
        f"{len(names)} speakers, {len(held)} of them reported on; 5.2 s enrolled. Speakers were mostly recorded on different "
        "microphones, so two people are easier to tell apart here than on one. Intervals: 95 %, from speakers drawn again and "
        "again, since one speaker's trials are not independent."
    )
    return Section(key="voices", title="Whose voice it is", says=says, figures=tuple(figures))


def windows(listener: VoiceListener, pieces: list[Sound]) -> Rows:
    """Unit rows float32 (n, 256), one for every 0.4 s of speech."""
    rows = [np.zeros((0, 256), np.float32)]
    for piece in pieces:
        sound = to_16k(piece)
        for stretch in listener._activity.stretches(sound, PAUSE, PAD):
            cut = sound[int(stretch.start * RATE) : int(stretch.end * RATE)]
            peak = float(np.abs(cut).max(initial=0.0))
            if stretch.end - stretch.start >= 0.8 and peak >= QUIETEST:
                rows.append(listener._windows(cut * (LIFT / peak)))
    return np.concatenate(rows)


def trials(heard: dict[str, Rows], names: list[str], count: int) -> Trials:
    """Every speaker's enrolment against everything that all of them say afterwards, ``count`` windows at a time."""
    known = {name: unit(heard[name][:ENROLLED].mean(axis=0)) for name in names}
    same, different = list[float](), list[float]()
    for name in names:
        rows = heard[name]
        for i in range(ENROLLED, len(rows) - count + 1, count):
            said = unit(rows[i : i + count].mean(axis=0))
            same.append(float(said @ known[name]))
            different += [float(said @ known[other]) for other in names if other != name]
    return Trials(np.array(same, np.float32), np.array(different, np.float32))


def equal_error(t: Trials) -> float:
    """The rate, in percent, at which both errors are as frequent."""
    bars = np.unique(np.concatenate([t.same, t.different]))
    missed = np.searchsorted(np.sort(t.same), bars) / len(t.same)
    false = 1 - np.searchsorted(np.sort(t.different), bars) / len(t.different)
    at = int(np.argmin(np.abs(missed - false)))
    return float(50 * (missed[at] + false[at]))


def _rates(heard: dict[str, Rows], chosen: list[str], held: list[str], seconds: float, count: int) -> list[Figure]:
    on = f"{seconds:g} s heard, {len(held)} speakers"
    if len(held) < 2:
        return [_figure("equal error rate", on, 0, "", None, None)]
    t = trials(heard, held, count)
    tuned = trials(heard, chosen, count)
    asked = float(np.quantile(tuned.different, 0.99))
    false, missed = t.different >= MATCH, t.same < MATCH
    bar = f"cosine {MATCH:.2f}"
    low, high = _interval(heard, held, count)
    return [
        _figure("equal error rate", on, len(t.same), "where both are equal", equal_error(t), None),
        _figure(
            "one person not known again", on, len(t.same), bar, 100 * float(missed.mean()), None,
            Share(hits=int(false.sum()), of=len(false)), f"95 %: {low[0]:.1f} to {high[0]:.1f}",
        ),
        _figure(
            "two people taken for one", on, len(t.different), bar, 100 * float(false.mean()), Goal(value=1, at_most=True), None,
            f"95 %: {low[1]:.2f} to {high[1]:.2f}; one in a hundred of the other half reached {asked:.2f}",
        ),
    ]  # fmt: skip


def _interval(heard: dict[str, Rows], names: list[str], count: int) -> tuple[list[float], list[float]]:
    """95 % of both error rates at ``MATCH``, in percent, by drawing speakers with replacement 300 times."""
    rng = np.random.default_rng(9)
    table: dict[tuple[str, str], tuple[int, int]] = {}
    for said in names:
        rows = [unit(heard[said][i : i + count].mean(axis=0)) for i in range(ENROLLED, len(heard[said]) - count + 1, count)]
        for owner in names:
            cosines = np.stack(rows) @ unit(heard[owner][:ENROLLED].mean(axis=0))
            table[said, owner] = (int((cosines >= MATCH).sum()), len(cosines))
    drawn = []
    for _ in range(300):
        some = [names[i] for i in rng.integers(0, len(names), len(names))]
        hit, of = (sum(table[s, s][k] for s in some) for k in (0, 1))
        pairs = [(s, o) for s in some for o in some if s != o]
        wrong, tried = (sum(table[p][k] for p in pairs) for k in (0, 1))
        drawn.append((100 * (1 - hit / of), 100 * wrong / max(1, tried)))
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    return low.tolist(), high.tolist()


def _changes(heard: dict[str, Rows], names: list[str]) -> list[Figure]:
    """Two speakers joined without a pause after 4.4 s, and one who goes on."""
    pairs = [(a, b) for a in names for b in names if a != b]
    found = [any(abs(cut - 10) <= 2 for cut, _ in part(np.concatenate([heard[a][:10], heard[b][:10]]))[1:]) for a, b in pairs]
    alone = [len(part(heard[n][i : i + 25])) > 1 for n in names for i in range(0, len(heard[n]) - 25, 25)]
    share = Share(hits=sum(alone), of=len(alone))
    value = 100 * sum(found) / len(found) if found else None
    return [_figure("changes of speaker found within 0.8 s", "two speakers joined", len(found), "", value, None, share)]


def _cost(listener: VoiceListener) -> Figure:
    """CPU time for ten seconds of which six are speech."""
    spent = list[float]()
    for said in spoken.committed():
        sound = said.sound[: 6 * SOUND_RATE].copy()
        sound.resize(10 * SOUND_RATE)
        begun = time.process_time()
        listener.look(spoken.as_clip(sound))
        spent.append(1000 * (time.process_time() - begun))
    value = float(np.mean(spent[1:])) if len(spent) > 1 else None  # the first one loads the model
    figure = _figure("work for 10 s with 6 s of speech", "the tests' recordings", len(spent[1:]), "", value, None)
    return figure.model_copy(update={"unit": "ms"})


def _figure(
    name: str, on: str, number: int, bar: str, value: float | None, goal: Goal | None, false: Share | None = None, note: str = ""
) -> Figure:
    return Figure(
        name=name, on=on, number=number, threshold=bar, false_positives=false, value=value, unit="%", goal=goal, note=note
    )  # fmt: skip
