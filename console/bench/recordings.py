"""How well a reserved recording is found in a clip's sound, and how quiet the search is elsewhere.

Recordings are filed among a thousand that do not exist, then cut, damaged and asked about; sounds that are not filed are asked
about too. The threshold (``recordings.NATS``) was chosen on other tracks and other excerpts than those reported. The
peer, where installed, is asked about the same sounds; its threshold is chosen here, on the sounds it is reported on, so that it
makes no more false matches than ours: that favours the peer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from time import process_time

import numpy as np
from numpy.typing import NDArray

from classifiers.prompt.bench.figures import Figure, Goal, Section, Share
from classifiers.sound.landmarks import SoundPrinter
from consent.sounds.recordings import find, score
from consent.sounds.sound_alignment import Alignment
from consent.sounds.sound_index import SoundIndex
from console.bench import recordings_attacks as attacks
from console.bench import recordings_peer as peer
from console.bench.recordings_material import Material, gather, made_up_prints, world_sounds
from safety.media import SOUND_RATE, Sound
from safety.sound_print import SoundPrint

Progress = Callable[[str, int, int], None]
Damage = Callable[[Sound, Material, int], Sound]
#: A score from which a recording counts as found, before any policy.
AT = 0.5
#: Recordings filed in all; what is missing is made up.
FILED, FILED_QUICK = 1000, 150
_PINK = 12


def _with_noise(sound: Sound, decibels: float, seed: int) -> Sound:
    return attacks.mixed(sound, attacks.noise(sound.size / SOUND_RATE + 1, _PINK + seed), decibels, seed)


#: What is done, the seconds that are left of the recording before it is done, and how.
DAMAGES: dict[str, tuple[float, Damage]] = {
    "3 s as they are": (3, lambda s, m, n: s),
    "3 s, AAC at 48 kbit/s": (3, lambda s, m, n: attacks.coded(s)),
    "3 s, AAC at 24 kbit/s and 22 kHz": (3, lambda s, m, n: attacks.coded(s, 24_000, 22_050)),
    "3 s, pink noise as loud": (3, lambda s, m, n: _with_noise(s, 0, n)),
    "3 s, speech as loud over it": (3, lambda s, m, n: attacks.mixed(s, m.speech, 0, n)),
    "6 s, speech twice as loud over it, AAC": (6, lambda s, m, n: attacks.coded(attacks.mixed(s, m.speech, -6, n))),
    "3 s, equalised by up to 12 dB": (3, lambda s, m, n: attacks.equalised(s, n)),
    "3 s, telephone band, 12 dB louder and clipped": (3, lambda s, m, n: attacks.loud(attacks.telephone(s), 12)),
    "3 s, 30 dB quieter, AAC": (3, lambda s, m, n: attacks.coded(attacks.loud(s, -30))),
    "3 s, speed and pitch -5, -2, 2 or 5 %": (3, lambda s, m, n: attacks.sped(s, (0.95, 0.98, 1.02, 1.05)[n % 4])),
    "6 s, speed and pitch +5 or -5 %, noise 3 dB down, AAC": (
        6, lambda s, m, n: attacks.coded(_with_noise(attacks.sped(s, (0.95, 1.05)[n % 2]), 3, n))),
    "4 s, 0.8 or 1.25 times as fast at its own pitch": (4, lambda s, m, n: attacks.stretched(s, (0.8, 1.25)[n % 2])),
    "4 s, a semitone up or down at its own speed": (4, lambda s, m, n: attacks.pitched(s, 2 ** ((1, -1)[n % 2] / 12))),
    "10 s, pink noise twice as loud": (10, lambda s, m, n: _with_noise(s, -6, n)),
}  # fmt: skip
_QUICK = ("3 s, AAC at 48 kbit/s", "3 s, speech as loud over it", "3 s, speed and pitch -5, -2, 2 or 5 %")


@dataclass
class _Bench:
    """The index, and everything asked so far: best alignment with the right recording and best score with any other."""

    material: Material
    index: SoundIndex
    printer: SoundPrinter = field(default_factory=SoundPrinter)
    print_seconds: list[float] = field(default_factory=list)
    search_seconds: list[float] = field(default_factory=list)

    def ask(self, sound: Sound) -> list[Alignment]:
        """Every alignment from a score of one half on."""
        begun = process_time()
        seen = self.printer.reference(sound)
        heard = process_time()
        found = find(self.index, np.ones(len(self.index), np.bool_), seen)
        length = sound.size / SOUND_RATE / 10
        self.print_seconds.append((heard - begun) / length)
        self.search_seconds.append((process_time() - heard) / length)
        return [match for match in found if score(match.nats) >= AT]


def measure(progress: Progress, quick: bool) -> Section:
    """The section of figures; ``quick`` on a few recordings, which says little."""
    material, printer = gather(quick), SoundPrinter()
    printer.reference(material.filed[0][: 3 * SOUND_RATE])  # what is loaded once is not measured
    prints = []
    for number, sound in enumerate(material.filed):
        progress("filing recordings", number, len(material.filed))
        prints.append(printer.reference(sound))
    more = max(0, (FILED_QUICK if quick else FILED) - len(prints))
    bench = _Bench(material, SoundIndex().grown([*prints, *made_up_prints(tuple(prints), more, 30.0, 9)]))
    asked = list(range(len(material.filed)))
    strangers = list(_strangers(material, quick))
    false, wrong = 0, []
    for number, sound in enumerate(strangers):
        progress("sounds that are not filed", number, len(strangers))
        false += bool(bench.ask(sound))
    quiet = Share(hits=false, of=len(strangers))
    rivals = _Peer.open(material, strangers, progress, allowed=false) if peer.is_installed() else None
    figures = []
    for name, (seconds, damage) in DAMAGES.items():
        if quick and name not in _QUICK:
            continue
        hits, others = [], []
        for number in asked:
            progress(name, number, len(material.filed))
            start, sound = _excerpt(material.filed[number], seconds, number)
            damaged = damage(sound, material, number)
            found = bench.ask(damaged)
            hits.append(any(_is_there(m, number, start, seconds) for m in found))
            others.append(damaged)
            wrong.append(any(m.number != number for m in found))
        figures.append(_figure(name, hits, quiet, Goal(value=90.0)))
        if rivals:
            figures.append(_figure(f"{name}: chromaprint", rivals.found(others, asked), rivals.quiet, None))
    figures.append(_quiet(quiet, Share(hits=sum(wrong), of=len(wrong))))
    figures += _costs(bench)
    if not quick:
        progress("a hundred thousand recordings", 0, 1)
        figures += _scale(bench, tuple(prints))
    says = (
        f"{material.source}; filed among {len(bench.index):,} recordings in all. "
        f"Excerpts begin anywhere; found means a score of {AT} or more for the right recording at the right moment."
    )
    return Section(key="recordings", title="Reserved recordings", says=says, figures=tuple(figures))


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """95 % interval of a share, per cent (Wilson 1927)."""
    if not tries:
        return 0.0, 100.0
    z, p = 1.96, hits / tries
    middle, wide = p + z * z / (2 * tries), z * np.sqrt(p * (1 - p) / tries + z * z / (4 * tries * tries))
    low, high = (middle - wide) / (1 + z * z / tries), (middle + wide) / (1 + z * z / tries)
    return float(max(0.0, 100 * low)), float(min(100.0, 100 * high))


def _strangers(material: Material, quick: bool) -> Iterator[Sound]:
    """Sounds that are not filed: three and ten seconds from others' recordings, speech, noise, and the world's soundtracks."""
    for sound in material.strange:
        for start in range(0, sound.size // SOUND_RATE - 10, 10 if quick else 5):
            yield sound[start * SOUND_RATE : (start + (3, 10)[start // 5 % 2]) * SOUND_RATE]
    for start in range(0, min(10 if quick else 300, material.speech.size // SOUND_RATE - 10), 6):
        yield material.speech[start * SOUND_RATE : (start + 6) * SOUND_RATE]
    yield from (attacks.noise(5.0, seed) for seed in range(2 if quick else 30))
    yield from world_sounds(4 if quick else 200, 4.0)


def _excerpt(sound: Sound, seconds: float, number: int) -> tuple[float, Sound]:
    """A stretch from anywhere that is not silent, and where it begins."""
    rng, length = np.random.default_rng((number, int(seconds))), int(seconds * SOUND_RATE)
    starts = rng.integers(0, max(1, sound.size - length), 20)
    loud = [float(np.abs(sound[s : s + length]).mean()) for s in starts]
    start = next((int(s) for s, level in zip(starts, loud, strict=True) if level > 0.3 * max(loud)), int(starts[0]))
    return start / SOUND_RATE, sound[start : start + length]


def _is_there(match: Alignment, number: int, start: float, seconds: float) -> bool:
    """Whether it is that recording, within half a second of what was cut out."""
    return match.number == number and start - 0.5 <= match.played[0] and match.played[1] <= start + seconds + 0.5


@dataclass
class _Peer:
    references: list[NDArray[np.uint32]]
    threshold: float
    quiet: Share

    @classmethod
    def open(cls, material: Material, strangers: list[Sound], progress: Progress, *, allowed: int) -> _Peer:
        """With the greatest threshold that makes at most ``allowed`` false matches among the strangers."""
        references = [peer.chromaprint(sound) for sound in material.filed]
        least = []
        for number, sound in enumerate(strangers):
            progress("the peer", number, len(strangers))
            least.append(min(peer.least_error(peer.chromaprint(sound), references)))
        ordered = np.sort(least)
        threshold = float(np.nextafter(ordered[min(allowed, ordered.size - 1)], 0))
        return cls(references, threshold, Share(hits=int((ordered <= threshold).sum()), of=len(least)))

    def found(self, sounds: list[Sound], numbers: list[int]) -> list[bool]:
        """Whether each is found as the recording of its number, which must also be the nearest."""
        answers = []
        for sound, number in zip(sounds, numbers, strict=True):
            errors = peer.least_error(peer.chromaprint(sound), self.references)
            answers.append(errors[number] <= self.threshold and errors[number] == min(errors))
        return answers


def _figure(name: str, hits: list[bool], false: Share, goal: Goal | None) -> Figure:
    share = Share(hits=sum(hits), of=len(hits))
    low, high = wilson(share.hits, share.of)
    return Figure(
        name=name, on="filed recordings", number=share.of, threshold=f"score {AT}", false_positives=false,
        value=share.percent if share.of else None, unit="%", goal=goal, note=f"95 % interval {low:.1f} to {high:.1f} %",
    )  # fmt: skip


def _quiet(quiet: Share, wrong: Share) -> Figure:
    low, high = wilson(quiet.hits, quiet.of)
    note = f"95 % interval {low:.2f} to {high:.2f} %; of {wrong.of} damaged excerpts, {wrong.hits} also matched another recording"
    return Figure(
        name="sounds that are not filed and match", on="not filed", number=quiet.of, threshold=f"score {AT}",
        false_positives=quiet, value=quiet.percent if quiet.of else None, unit="%", goal=Goal(value=0.1, at_most=True), note=note,
    )  # fmt: skip


def _costs(bench: _Bench) -> list[Figure]:
    known = f"{len(bench.index):,} recordings, {bench.index.bytes_held / 1e6:.0f} MB"
    listened, searched = bench.print_seconds, bench.search_seconds
    goal = Goal(value=300.0, at_most=True)
    return [
        _spent("CPU time to listen to 10 s", float(np.median(listened)), len(listened), "", goal),
        _spent("CPU time to search 10 s", float(np.median(searched)), len(searched), known, None),
    ]


def _spent(name: str, seconds: float, number: int, note: str, goal: Goal | None) -> Figure:
    return Figure(
        name=name, on="one core", number=number, threshold="", false_positives=None, value=1000 * seconds, unit="ms", goal=goal,
        note=note,
    )  # fmt: skip


def _scale(bench: _Bench, prints: tuple[SoundPrint, ...], count: int = 100_000) -> list[Figure]:
    """Time and memory with ``count`` recordings of half a minute, made up from a few thousand by changes of key."""
    some = list(made_up_prints(prints, 2000, 30.0, 10))
    rng, begun, index = np.random.default_rng(11), process_time(), SoundIndex()
    for first in range(0, count, len(some)):
        keys = rng.uniform(-0.5, 0.5, len(some)).astype(np.float32)
        index = index.grown([replace(s, pitches=s.pitches + k) for s, k in zip(some, keys, strict=True)][: count - first])
    built, spent = process_time() - begun, []
    for sound in bench.material.filed[:5]:
        seen = bench.printer.reference(sound[: 10 * SOUND_RATE])
        begun = process_time()
        find(index, np.ones(len(index), np.bool_), seen)
        spent.append(process_time() - begun)
    note = f"{len(index):,} made-up recordings of 30 s: {index.bytes_held / 1e6:,.0f} MB, laid out in {built:.0f} s of CPU time"
    return [_spent("CPU time to search 10 s among a hundred thousand", float(np.median(spent)), len(spent), note, None)]
