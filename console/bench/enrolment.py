"""Enrolment by a challenge, measured: answers that are accepted, and attacks that are refused.

No film of a real person turning the head was at hand. What can be told of real heads is told on photographs labelled by eye
(``ASIDE``); the rest on heads made of photographs and on their flat copies. Every figure about heads is of every other person:
the thresholds of ``consent.liveness.pose`` were chosen on the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from classifiers.prompt.bench.figures import Figure, Section, percent
from classifiers.sound.digits import DigitReader
from consent.faces.engine import FaceEngine
from consent.liveness import assessment
from consent.liveness import challenge as challenges
from consent.liveness.assessment import Sighting
from consent.liveness.challenge import Challenge, Turn
from consent.liveness.errors import EnrolmentRefused
from consent.liveness.pose import BACK, TURNED, fits, parallax
from console.bench.enrolment_heads import head, print_of
from console.bench.enrolment_looks import Album, album, look, most_frontal, photographs, read
from console.bench.enrolment_material import RECORDED, say, voices
from console.bench.faces_photos import folder, interval

Progress = Callable[[str, int, int], None]
#: ORL faces (``console.bench.faces_photos``) that clearly look to their own right and left, out of 120 drawn by chance; labelled
#: by eye at 184 by 224 pixels, before anything was measured.
ASIDE: dict[Turn, str] = {
    "right": "s13/8 s10/9 s13/4 s35/9 s35/5 s36/2 s40/9 s29/8 s25/5 s5/7 s36/6 s13/7 s40/10 s5/6 s17/6 s33/8",
    "left": "s16/7 s3/2 s13/6 s15/1 s30/8 s30/2 s26/5 s4/5 s30/3 s21/8 s23/8 s26/10 s18/2 s6/8 s39/7",
}
#: Films of each head and attack, people and films in a quick run, and challenges said by each voice.
FILMS, FEW, SAID = 10, 2, 20
#: Degrees that heads are turned by, and prints.
HEADS, PRINTS = (22.0, 35.0), (25.0, 50.0)
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def measure(progress: Progress, quick: bool) -> Section:
    """Accepted answers, refused attacks, digits, and the work."""
    figures: list[Figure] = []
    root, engine = folder(), FaceEngine()
    if root is not None:
        figures.append(_real(root, engine, progress))
        figures += _films(albums(root, engine, progress, FEW if quick else None), FEW if quick else FILMS)
    figures += _digits(progress, FEW if quick else SAID)
    says = (
        "Heads: photographs of other people than those the thresholds were chosen on, laid over a head with depth and turned by "
        "22 to 35 degrees with unsteady hands; prints: the same photographs, flat or bent, turned as was asked by 25 to 50 "
        "degrees. Nobody was filmed. Digits: recorded by two women, and synthetic voices, said three times; "
        "read as a whole, and in halves and thirds."
    )
    return Section(key="enrolment", title="Whether somebody is there", says=says, figures=tuple(figures))


def albums(root: Path, engine: FaceEngine, progress: Progress, most: int | None = None) -> list[dict[str, Album]]:
    """Every other person as a head, as a print and as a bent print."""
    found: list[dict[str, Album]] = []
    everybody = list(photographs(root))[1::2][:most]
    for number, (name, files) in enumerate(everybody):
        progress(f"heads: {name}", number, len(everybody))
        rng = np.random.default_rng(number)
        sitting = most_frontal([f for stem, f in files.items() if stem != "target"], engine)
        if sitting is None:
            continue
        made = {"head": album(head, sitting, float(rng.uniform(*HEADS)), engine, rng)}
        for kind, bent in (("print", 0.0), ("bent", 0.3)):
            made[kind] = album(partial(print_of, bent=bent), sitting, float(rng.uniform(*PRINTS)), engine, rng)
        found.append(made)
    return found


def outcome(asked: Challenge, frames: Iterable[Sighting]) -> str:
    """``passed``, or the code of the refusal."""
    try:
        assessment.see(asked, list(frames))
    except EnrolmentRefused as refused:
        return refused.reason
    return "passed"


def _films(people: list[dict[str, Album]], films: int) -> list[Figure]:
    """What becomes of films put together from the albums."""
    got: dict[str, list[str]] = {k: [] for k in ("head", "order", "still", "print", "bent", "other")}
    rng = np.random.default_rng(17)
    for number, made in enumerate(people):
        other = people[(number + 1) % len(people)]["head"]
        got["still"].append(outcome(drawn(), made["head"].still()))
        for _ in range(films):
            asked, unlike = drawn(), drawn()
            while fits(unlike.turns, asked.turns):  # a mirrored order is accepted by design
                unlike = drawn()
            got["head"].append(outcome(asked, made["head"].film(asked.turns, rng)))
            got["order"].append(outcome(asked, made["head"].film(unlike.turns, rng)))
            got["other"].append(outcome(asked, made["head"].film(asked.turns, rng, other)))
            for kind in ("print", "bent"):
                got[kind].append(outcome(asked, made[kind].film(asked.turns, rng)))
    names = {
        "order": "turns in another order, refused",
        "still": "a still picture, refused",
        "print": "a print turned as asked, refused",
        "bent": "a bent print turned as asked, refused",
        "other": "another person makes the turns, refused",
    }
    bar = f"{TURNED[0]:g} across, {TURNED[1]:g} up and down"
    people_said = f"{len(people)} people"
    accepted = percent("answers accepted", people_said, [o == "passed" for o in got["head"]], bar, None)
    return [_noted(accepted, got["head"])] + [
        _noted(percent(name, people_said, [o != "passed" for o in got[kind]], bar, None), got[kind])
        for kind, name in names.items()
    ]


def _real(root: Path, engine: FaceEngine, progress: Progress) -> Figure:
    """Photographs of real heads whose side is told, against the person's most frontal photograph."""
    progress("real heads", 0, 1)
    files = dict(photographs(root))
    right = wrong = of = 0
    for turn, names in ASIDE.items():
        for one in names.split():
            person, stem = one.split("/")
            if person not in files or stem not in files[person] or (seen := look(read(files[person][stem]), engine)) is None:
                continue
            shift = float(parallax(seen[0].points, _frontal(files[person], stem, engine))[0]) / TURNED[0]
            of += 1
            right += (shift > 0) == (turn == "left") and abs(shift) >= BACK
            wrong += (shift > 0) != (turn == "left") and abs(shift) >= BACK
    low, high = interval(right, of)
    note = f"{wrong} taken for the other side; 95 %: {100 * low:.0f} to {100 * high:.0f}"
    return Figure(
        name="real heads, side told from a photograph", on="ORL faces, labelled by eye", number=of,
        threshold=f"{BACK * TURNED[0]:.3f}", false_positives=None, value=100 * right / of if of else None, unit="%", note=note,
    )  # fmt: skip


def _frontal(files: dict[str, Path], but: str, engine: FaceEngine) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Landmarks of the person's most frontal other photograph."""
    best: tuple[float, np.ndarray[tuple[int, ...], np.dtype[np.float32]]] | None = None
    for stem, file in files.items():
        seen = look(read(file), engine) if stem not in (but, "target") else None
        if seen is None:
            continue
        points = seen[0].points
        across = points[1] - points[0]
        aside = abs(float((points[2] - points[0]) @ across / max(1e-6, float(across @ across))) - 0.5)
        if best is None or aside < best[0]:
            best = aside, points
    return np.zeros((5, 2), np.float32) if best is None else best[1]


def _digits(progress: Progress, said: int) -> list[Figure]:
    """Digits that are heard, and ones with one wrong that are taken for right."""
    reader, rng = DigitReader(), np.random.default_rng(5)
    heard: dict[str, list[bool]] = {"recorded": [], "synthetic": []}
    wrong: list[bool] = []
    begun, seconds = time.process_time(), 0.0
    for number, voice in enumerate(voices()):
        progress(f"digits: {voice}", number, len(voices()))
        for _ in range(said):
            digits = "".join(rng.permutation(list("0123456789"))[:6])
            sound = say(digits, voice)
            readings = reader.read(sound)
            seconds += sound.size / 48_000
            heard["recorded" if voice in RECORDED else "synthetic"].append(_said(digits, readings.readings, readings.voiced))
            place = int(rng.integers(6))
            other = digits[:place] + rng.choice([d for d in "0123456789" if d not in digits]) + digits[place + 1 :]
            wrong.append(_said(other, readings.readings, readings.voiced))
    work = time.process_time() - begun
    bar = "one faultless reading"
    return [
        percent("digits accepted", "recorded digits of two women", heard["recorded"], bar, None),
        percent("digits accepted", "synthetic voices", heard["synthetic"], bar, None),
        percent("one digit wrong, refused", "all voices", [not w for w in wrong], bar, None),
        Figure(
            name="work for the digits", on="processor seconds for 10 s of sound", number=len(wrong), threshold="",
            false_positives=None, value=10 * work / seconds if seconds else None, unit="s",
        ),
    ]  # fmt: skip


def _said(digits: str, readings: tuple[str, ...], voiced: float) -> bool:
    try:
        assessment.hear(drawn(digits), readings, voiced)
    except EnrolmentRefused:
        return False
    return True


def drawn(digits: str | None = None) -> Challenge:
    """A challenge like those that are issued; ``digits`` for its own."""
    said, turns = challenges.draw()
    return Challenge(id="", handle="measured", digits=digits or said, turns=turns, issued_at=_NOW, expires_at=_NOW)


def _noted(figure: Figure, outcomes: list[str]) -> Figure:
    """The figure with its interval and what the outcomes were."""
    found = sum(o == "passed" for o in outcomes)
    hits = found if figure.name == "answers accepted" else len(outcomes) - found
    low, high = interval(hits, len(outcomes))
    kinds = ", ".join(f"{o} {outcomes.count(o)}" for o in sorted(set(outcomes)))
    note = f"{kinds}; 95 %: {100 * low:.1f} to {100 * high:.1f}, films of one person not independent"
    return figure.model_copy(update={"note": note})
