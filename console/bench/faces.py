"""How often faces are taken for the right person, for a wrong one, and for nobody; and what that costs among a million people.

Thresholds are chosen on every other person and reported on the rest. Where no labelled photographs are given
(``console/bench/faces_photos.py``), only what needs none is measured.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from classifiers.prompt.bench.figures import Figure, Section, Share
from consent.faces.engine import FaceEngine
from consent.faces.looker import FaceLooker
from consent.faces.thresholds import MATCH, threshold
from console.bench import faces_clips, faces_costs, faces_peer
from console.bench.faces_million import likely, look_up
from console.bench.faces_photos import Progress, Rows, Scores, Sitter, compare, folder, halves, sitters

#: Made-up people, and queries among each.
GALLERIES, QUICK_GALLERIES = (1_000, 100_000, faces_costs.MILLION), (1_000, 50_000)
QUERIES, QUICK_QUERIES = 500, 100
#: FMR of one face and one person that the threshold is chosen for on the first half.
WANTED_FMR = 1e-4
#: People of the quick run, and photographs of each person that are filmed.
QUICK_PEOPLE, FILMED = 4, 2
#: Comparisons with others of the first half from which on a threshold is chosen on them.
LEAST_PAIRS = 1000
#: What the gate uses. ``MATCH`` was chosen on other photographs; how it rises with the gallery was set with these in view.
SHIPPED = {"shipped": MATCH, "shipped for a million people": threshold(faces_costs.MILLION)}


@dataclass(frozen=True)
class Filmed:
    """Rows that the gate would search for one clip, its single sightings, and the peer's mean; none where no face was seen."""

    name: str
    size: int
    asked: Rows = field(repr=False)
    singles: Rows = field(repr=False)
    peer: Rows | None = field(repr=False)


def measure(progress: Progress, quick: bool) -> Section:
    """The section ``faces`` of the clip gate's report."""
    engine, root = FaceEngine(), folder()
    everybody = sitters(root, engine, progress, QUICK_PEOPLE if quick else None) if root else []
    figures: list[Figure] = []
    chosen, other = halves(everybody)
    tuning, held = _photographs(chosen), _photographs(other)
    if root and other:
        figures += _on_photographs(_photographs(everybody), tuning, held, root.name)
        figures += _on_clips(chosen, other, engine, progress, root.name, 1 if quick else FILMED)
    cosines = tuning.same if len(tuning.same) else np.linspace(0.5, 0.95, 50).astype(np.float32)
    where = likely(
        np.concatenate([np.stack([s.row for s in (*p.enrolled, *p.probes)]) for p in everybody]) if everybody else None
    )
    for size in QUICK_GALLERIES if quick else GALLERIES:
        looked = look_up(where, size, cosines, QUICK_QUERIES if quick else QUERIES, progress)
        figures += faces_costs.of_many(looked, _photographs(everybody))
    figures.append(faces_costs.of_reading(200 if quick else 2000, engine))
    figures.append(faces_costs.of_looking(engine, everybody))
    says = f"A match is a cosine of {MATCH} among few and of {threshold(faces_costs.MILLION):.2f} among a million people."
    return Section(key="faces", title="Faces of enrolled and protected people", says=says, figures=tuple(figures))


def choose(scores: Scores) -> float:
    """The least cosine, in hundredths, at which the FMR is ``WANTED_FMR`` at the most."""
    steps = np.arange(0.3, 0.9, 0.01).round(2)
    return next((float(at) for at in steps if scores.false_share(float(at)) <= WANTED_FMR), float(steps[-1]))


def film_all(
    some: Sequence[Sitter], engine: FaceEngine, peer: faces_peer.Peer | None, each: int, progress: Progress
) -> list[Filmed]:
    """Clips of the first ``each`` photographs of everybody at every size, looked at as the gate does."""
    looker, films = FaceLooker(engine), []
    wanted = [(p, s, size) for p in some for s in range(min(each, len(p.probes))) for size in faces_clips.SIZES]
    with tempfile.TemporaryDirectory() as aside:
        for number, (person, which, size) in enumerate(wanted):
            progress("clips at 240p", number, len(wanted))
            probe = person.probes[which]
            clip = faces_clips.film(probe.picture, probe.size_px, size, number, Path(aside) / "clip.mp4")
            tracks = faces_clips.tracks_of(clip, looker)
            asked = [row for track in tracks for _, row in track.asked]
            told = [sighting for track in tracks for sighting in track.told]
            singles = [s.embedding for s in told if s.embedding is not None]
            pictures = {frame.index: frame.picture for frame in clip.frames}
            theirs = [peer.embed(pictures[s.frame], s.box) for s in told] if peer else []
            mean = np.asarray(np.mean(theirs, axis=0), np.float32) if theirs else None
            films.append(Filmed(person.name, size, _stack(asked), _stack(singles), mean))
    return films


def _stack(rows: Sequence[Rows]) -> Rows:
    return np.stack(rows) if rows else np.zeros((0, 128), np.float32)


def _photographs(some: Sequence[Sitter]) -> Scores:
    return compare([(p.name, s.row[None]) for p in some for s in p.probes], some)


def _figure(name: str, on: str, scores: Scores, at: float, unit: str, note: str = "") -> Figure:
    """How many are found at a threshold, and how many strangers with them."""
    false = Share(hits=int((scores.other >= at).sum()), of=len(scores.other))
    found = 100 * float((scores.same >= at).mean()) if len(scores.same) else None
    return Figure(
        name=name, on=on, number=len(scores.same), threshold=f"{unit} {abs(at):.3f}", false_positives=false, value=found,
        unit="%", note=f"{scores.rates(at)}{note}",
    )  # fmt: skip


def _on_photographs(everybody: Scores, tuning: Scores, held: Scores, name: str) -> list[Figure]:
    """The thresholds that are shipped were not chosen on these photographs, so everybody counts; the other only on the rest."""
    figures = [
        _figure(f"one photograph, threshold {which}", f"photographs of {name}, everybody", everybody, at, "cosine")
        for which, at in SHIPPED.items()
    ]
    if len(tuning.other) >= LEAST_PAIRS:
        which = f"one photograph, threshold chosen on the other half for an FMR of {WANTED_FMR:g}"
        figures.append(_figure(which, f"photographs of {name}, every other person", held, choose(tuning), "cosine"))
    return figures


def _on_clips(
    chosen: Sequence[Sitter], other: Sequence[Sitter], engine: FaceEngine, progress: Progress, name: str, each: int
) -> list[Figure]:
    peer = faces_peer.find_peer()
    tuning, held = (film_all(half, engine, peer, each, progress) for half in (chosen, other))
    everybody, films = [*chosen, *other], [*tuning, *held]
    pairs = compare([(f.name, f.asked) for f in tuning], chosen)
    figures: list[Figure] = []
    for size in faces_clips.SIZES:
        what = f"240p CRF 36, face of {size} pixels, threshold"
        mine, rest = [f for f in films if f.size == size], [f for f in held if f.size == size]
        scores = compare([(f.name, f.asked) for f in mine], everybody)
        alone = compare([(f.name, f.singles) for f in mine], everybody)
        for which, at in SHIPPED.items():
            note = f"; every sighting alone: {alone.rates(at)}"
            figures.append(_figure(f"{what} {which}", f"clips of {name}, everybody", scores, at, "cosine", note))
        if len(pairs.other) >= LEAST_PAIRS:
            left = compare([(f.name, f.asked) for f in rest], other)
            which = f"{what} chosen on the other half for an FMR of {WANTED_FMR:g}"
            figures.append(_figure(which, f"clips of {name}, every other person", left, choose(pairs), "cosine"))
    return figures + (_of_peer(peer, films, everybody) if peer is not None else [])


def _of_peer(peer: faces_peer.Peer, held: Sequence[Filmed], other: Sequence[Sitter]) -> list[Figure]:
    """dlib on the same clips: at its own tolerance, and at the one that takes no stranger of these clips for anybody."""
    known = {p.name: [peer.embed(s.picture, s.box) for s in p.enrolled] for p in other}
    figures = []
    for size in faces_clips.SIZES:
        same: list[float] = []
        others: list[float] = []
        for film in (f for f in held if f.size == size):
            for name, rows in known.items():
                likeness = faces_peer.likeness(film.peer, rows) if film.peer is not None else -2.0
                (same if name == film.name else others).append(likeness)
        scores = Scores(np.array(same, np.float32), np.array(others, np.float32))
        strict = float(scores.other.max(initial=-2.0)) + 1e-6
        for name, at in (("its authors'", -faces_peer.TOLERANCE), ("that takes no stranger here", strict)):
            what = f"peer {peer.name}, 240p CRF 36, face of {size} pixels, tolerance {name}"
            figures.append(_figure(what, "the same clips", scores, at, "distance"))
    return figures
