"""Speech to text, measured: words that were said and missed, words that nobody said, and what disguises do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import islice
from statistics import mean

from classifiers.prompt.bench.figures import Figure, Goal, Section, Unit, percent
from classifiers.sound.speech import SpeechReader
from console.bench import spoken
from console.bench.hush import hush
from console.bench.spoken import Said
from safety.media import SOUND_RATE, Sound

Progress = Callable[[str, int, int], None]
#: Rows of each set, and seconds without speech, in a full and in a quick run.
FULL, QUICK = (30, 600.0), (2, 60.0)
#: What is done to a sound, and in what words.
CHANGES: dict[str, Callable[[Sound], Sound]] = {
    "with pink noise 10 dB below": spoken.noisy,
    "through AAC at 48 kbit/s": spoken.coded,
    "1.25 times as fast": spoken.at_speed(1.25),
    "1.5 times as fast": spoken.at_speed(1.5),
    "slowed to 0.75": spoken.at_speed(0.75),
    "backwards": spoken.backwards,
}
#: Rows of the sets that are changed.
CHANGED = 6


def measure(progress: Progress, quick: bool) -> Section:
    """Words wrong, heard and invented, and the seconds of work."""
    reader, (rows, silent) = SpeechReader(), QUICK if quick else FULL
    sets = {
        "the tests' recordings, English and French": list(spoken.committed())[:: 2 if quick else 1],
        "LibriVox reader, English": list(islice(spoken.librivox(), 1 if quick else None)),
        "telephone prompts, English": list(spoken.asterisk("en", rows)),
        "telephone prompts, French": list(spoken.asterisk("fr", rows)),
    }
    steps, done = len(sets) + len(CHANGES) * (not quick) + 3, 0
    figures: list[Figure] = []
    for name, said in sets.items():
        progress(name, done, steps)
        figures.append(_wrong("words wrong", name, reader, said, Goal(value=20, at_most=True)))
        done += 1
    both = [*sets["telephone prompts, English"][:CHANGED], *sets["telephone prompts, French"][:CHANGED]]
    for words, change in () if quick else CHANGES.items():
        progress(words, done, steps)
        changed = [Said(s.text, s.language, change(s.sound)) for s in both]
        figures.append(_wrong(f"words wrong, {words}", "telephone prompts, both languages", reader, changed, None))
        done += 1
    progress("harmful sentences", done, steps)
    figures += _harmful(reader, 4 if quick else None)
    progress("sounds without speech", done + 1, steps)
    figures += _invented(reader, silent)
    progress("seconds", done + 2, steps)
    figures.append(_cost(reader))
    says = (
        "Whisper base in bytes with five beams, on the stretches that Silero holds for speech. Words are compared in lower case, "
        "numbers as they were written; a wrong word is one to change, add or leave out."
    )
    return Section(key="speech", title="Words that are said", says=says, figures=tuple(figures))


def _wrong(name: str, on: str, reader: SpeechReader, said: Iterable[Said], goal: Goal | None) -> Figure:
    wrong = count = 0
    for one in said:
        heard = " ".join(p.text for p in reader.look(spoken.as_clip(one.sound)))
        a, b = spoken.errors(one.text, heard)
        wrong, count = wrong + a, count + b
    return _figure(name, on, count, 100 * wrong / count if count else None, "%", goal)


def _harmful(reader: SpeechReader, most: int | None) -> Iterable[Figure]:
    found: dict[str, list[bool]] = {"en": [], "fr": []}
    for _, said, key in islice(spoken.harmful(), most):
        heard = set(spoken.words(" ".join(p.text for p in reader.look(spoken.as_clip(said.sound)))))
        found[said.language] += [word in heard for word in sorted(key)]
    names = {"en": "English, five synthetic voices", "fr": "French, one robotic voice"}
    for language, yes in found.items():
        yield percent("words that matter, heard", f"harmful sentences, {names[language]}", yes, "", None)


def _invented(reader: SpeechReader, seconds: float) -> Iterable[Figure]:
    words, spent, pieces = 0, 0.0, 0
    for _, sound in hush(seconds):
        begun = time.process_time()
        found = reader.look(spoken.as_clip(sound))
        spent, pieces = spent + time.process_time() - begun, pieces + 1
        words += sum(len(spoken.words(p.text)) for p in found)
    on = f"{seconds / 60:.0f} min of noise, tones, music and the world's sounds"
    yield _figure("words invented", on, pieces, float(words), "", Goal(value=0, at_most=True))
    yield _figure("work for 10 s without speech", on, pieces, 1000 * spent / pieces, "ms", Goal(value=150, at_most=True))


def _cost(reader: SpeechReader) -> Figure:
    """CPU time for ten seconds of which six are speech."""
    spent = []
    for said in spoken.committed():
        sound = said.sound[: 6 * SOUND_RATE].copy()
        sound.resize(10 * SOUND_RATE)
        begun = time.process_time()
        reader.look(spoken.as_clip(sound))
        spent.append(1000 * (time.process_time() - begun))
    value = mean(spent) if spent else None
    return _figure(
        "work for 10 s with 6 s of speech", "the tests' recordings", len(spent), value, "ms", Goal(value=1800, at_most=True)
    )


def _figure(name: str, on: str, number: int, value: float | None, unit: Unit, goal: Goal | None) -> Figure:
    return Figure(name=name, on=on, number=number, threshold="", false_positives=None, value=value, unit=unit, goal=goal)
