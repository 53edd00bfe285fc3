"""Copies of reserved clips and pictures: found after each alteration, false matches, and one shot among a million.

The thresholds of the search were set beforehand and fitted to nothing that is shown here; its codes were fitted on other pictures
and other scenes. Everything runs through the database and the matcher as it does at the gate; only regions, which copies do not
need, are left out of the fingerprints. The peer is the rule of ThreatExchange's vpdq over our PDQ: the share of a clip's frames
of quality 50 with a reference frame within 31 bits, matched from 80 % on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.fingerprint import SAME_LOOK_COSINE, SAME_PICTURE_PDQ, PictureFingerprinter
from classifiers.prompt.bench.figures import Figure, Goal, Section, Share, percent
from consent import works
from consent.copies.filing import ReferenceClip, References, read_references
from consent.copies.hamming import HashIndex
from consent.errors import FilingRefused
from consent.nearest import NearIndex
from consent.works import Filing
from consent.works_pictures import COPY, PictureMatcher, PictureThresholds
from console.bench import copies_material as material
from console.bench.copies_material import FPS, PER_SECOND, PHASE, SECONDS, Edit, Film
from safety.db import Database
from safety.fingerprint import CODE, PictureFingerprint, unit
from safety.media import Frame, Picture

Progress = Callable[[str, int, int], None]
Vectors = NDArray[np.float32]

#: Speed that a copy is played at; everything else plays at its own.
FASTER = 1.25
EDITS: dict[str, Edit | None] = {
    "mirrored": material.mirrored, "25 % cropped away": material.cropped, "letterboxed": material.letterboxed,
    "recoloured": material.recoloured, "1.25 times as fast": None, "with a logo": material.marked,
    "360p at CRF 35": material.compressed, "seen off a screen": material.filmed, "picture in picture": None,
}  # fmt: skip
GOALS = frozenset(list(EDITS)[:7])
OTHERS, OTHERS_QUICK = 960, 16
MILLION, MILLION_QUICK = 1_000_000, 20_000
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class _Found:
    """What became of the clips altered in one way."""

    hits: list[bool] = field(default_factory=list)
    peer: list[bool] = field(default_factory=list)
    wrong: int = 0
    asked: int = 0
    off: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


def measure(progress: Progress, quick: bool) -> Section:
    """File, alter, search, count."""
    cv2.setNumThreads(1)
    printer = PictureFingerprinter()
    given = material.films(quick)
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'copies.db'}")
        database.migrate()
        read = [(film, _reference(film, printer)) for film in given]
        films = [film for film, references in read if references]
        clips = [references for _, references in read if references]
        stills = []
        for number, picture in enumerate(material.others(OTHERS_QUICK if quick else OTHERS)):
            progress("filing others", number, OTHERS_QUICK if quick else OTHERS)
            stills.append(_still(picture, printer))
        with database.write() as conn:
            ids = [_file(conn, f"clip {n}", references) for n, references in enumerate(clips)]
            for number, references in enumerate(stills):
                _file(conn, f"other {number}", references)
        thresholds = PictureThresholds(hamming=SAME_PICTURE_PDQ, cosine=SAME_LOOK_COSINE, sure=0.85)
        matcher = PictureMatcher(printer.name, thresholds)
        found, codes = {name: _Found() for name in EDITS}, []
        for number in range(len(films)):
            for name in EDITS:
                progress(f"searching for copies {name}", number, len(films))
                prints = _altered(films, number, name, printer)
                codes += [p.code for p in prints if p.code is not None][:1]
                with database.read() as conn:
                    _judge(found[name], matcher, conn, prints, ids, number, name, clips[number].prints)
        database.close()
    real = unit([p.code for references in (*clips, *stills) for p in references.prints if p.code is not None])
    many = _million(progress, real, unit(codes), MILLION_QUICK if quick else MILLION)
    return Section(
        key="copies", title="Copies of reserved pictures and clips", says=_says(films, len(given) - len(films), len(stills)),
        figures=(*_figures(films, found, len(stills)), *many),
    )  # fmt: skip


def _reference(film: Film, printer: PictureFingerprinter) -> References | None:
    """The film as a rights holder files it; None for one that is refused, as it shows nothing to hold on to."""
    times = np.arange(0, SECONDS, 0.5).tolist()
    frames = (Frame(p, t, round(t * FPS)) for p, t in zip(film.frames(times), times, strict=True))
    try:
        return read_references((), printer, [ReferenceClip(SECONDS, frames)])
    except FilingRefused:
        return None


def _still(picture: Picture, printer: PictureFingerprinter) -> References:
    """As a picture is filed, without its look: only copies are searched for here."""
    prints = printer.reference_clip([Frame(picture, 0.0, 0)])
    seen = tuple(replace(p, frame=None, time=None) for p in prints)
    return References(printer.name, seen, (1,) * len(seen))


def _file(conn: object, title: str, references: References) -> str:
    filing = Filing(holder="Bench", title=title, kind="work", names=())
    return works.add(conn, filing, lambda: WHEN, verified=True, references=references).id  # type: ignore[arg-type]


def _altered(films: Sequence[Film], number: int, name: str, printer: PictureFingerprinter) -> tuple[PictureFingerprint, ...]:
    """Fingerprints of a film after an alteration, sampled out of step with its reference."""
    film, speed = films[number], FASTER if name.startswith("1.25") else 1.0
    times = np.arange(PHASE, film.seconds / speed, 1 / PER_SECOND).tolist()
    if name == "360p at CRF 35":
        every = material.compressed(film.frames(np.arange(0, film.seconds, 1 / FPS).tolist()))
        pictures = [every[min(len(every) - 1, round(t * FPS))] for t in times]
    elif name == "picture in picture":
        pictures = material.nested(film.frames(times), films[(number + len(films) // 2) % len(films)].frames(times))
    else:
        edit, plain = EDITS[name], film.frames([t * speed for t in times])
        pictures = edit(plain) if edit else plain
    return printer.wholes(material.sampled(pictures, times, film.name))


def _judge(
    found: _Found, matcher: PictureMatcher, conn: object, prints: Sequence[PictureFingerprint], ids: Sequence[str], number: int,
    name: str, reference: Sequence[PictureFingerprint],
) -> None:  # fmt: skip
    """Count what a search finds; in a picture in picture the clip around is a true match, too."""
    begun = perf_counter()
    report = matcher.match_pictures(conn, prints, WHEN)  # type: ignore[arg-type]
    found.milliseconds.append((perf_counter() - begun) * 1000)
    copies = {r: s for s in report.signals if s.score >= COPY for r in s.references}
    right = {ids[number]}
    around = {ids[(number + len(ids) // 2) % len(ids)]} if name == "picture in picture" else set()
    found.hits.append(ids[number] in copies)
    found.wrong += len(copies.keys() - right - around)
    found.asked += 1
    usable = [p for p in prints if p.quality >= 50]
    near = [any(_bits(p.pdq, r.pdq) <= SAME_PICTURE_PDQ for r in reference if r.quality >= 50) for p in usable]
    found.peer.append(bool(near) and float(np.mean(near)) >= 0.8)
    if ids[number] in copies:
        speed = FASTER if name.startswith("1.25") else 1.0
        found.off += [abs(there - speed * here) for here, there in _told(copies[ids[number]].evidence)]


def _told(evidence: Sequence[object]) -> list[tuple[float, float]]:
    """Begin of each sighting that says so: seconds of the clip and of the reference, read off the note."""
    pairs = []
    for note in (str(getattr(e, "note", "")) for e in evidence):
        words = note.split()
        if " is " in note and len(words) > 6:
            pairs.append((float(words[0]), float(words[6])))
    return pairs


def _bits(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_count()


def _figures(films: Sequence[Film], found: dict[str, _Found], others: int) -> list[Figure]:
    on, rule = f"{len(films)} clips of 4 s", "10 pairs of corners on one map"
    figures = [
        percent(
            f"copies found, {name}", on, one.hits, rule,
            Share(hits=one.wrong, of=one.asked * (len(films) - 1 + others)), Goal(value=95.0) if name in GOALS else None,
        )
        for name, one in found.items()
    ]  # fmt: skip
    figures += [percent(f"peer: share of PDQ frames, {n}", on, o.peer, "31 bits, 80 % of frames", None) for n, o in found.items()]
    asked = sum(o.asked for o in found.values())
    pairs = asked * (len(films) - 1 + others)
    wrong = sum(o.wrong for o in found.values())
    off = [x for o in found.values() for x in o.off]
    figures += [
        Figure(
            name="false matches", on=f"{asked} altered clips against {len(films) - 1 + others} others", number=pairs,
            threshold=rule, false_positives=Share(hits=wrong, of=pairs), value=100.0 * wrong / max(pairs, 1), unit="%",
            goal=Goal(value=0.1, at_most=True), note=f"{wrong} wrong sightings in {asked} searches",
        ),
        Figure(
            name="begin of a sighting off by", on="clips that were found", number=len(off), threshold="median",
            false_positives=None, value=1000 * float(np.median(off)) if off else None, unit="ms",
            note=f"90 % at most {1000 * float(np.quantile(off, 0.9)):.0f} ms" if off else "",
        ),
        Figure(
            name="search of a clip", on=f"{len(films) + others} references", number=asked, threshold="99th percentile",
            false_positives=None, value=float(np.quantile([m for o in found.values() for m in o.milliseconds], 0.99)), unit="ms",
        ),
    ]  # fmt: skip
    return figures


def _million(progress: Progress, real: Vectors, asked: Vectors, count: int) -> list[Figure]:
    """One altered shot among ``count`` prints, all but the real ones drawn from the real ones' distribution."""
    made = _drawn(real, count - len(real))
    index = NearIndex(np.zeros((0, CODE), np.float32), "i8")
    for start in range(0, len(made), 20_000):
        progress("building the index", start, count)
        index.add(np.arange(start, min(start + 20_000, len(made))), made[start : start + 20_000])
    index.add(np.arange(len(made), count), real)
    every = np.concatenate([made, real])
    hits, spent = [], []
    for query in asked:
        begun = perf_counter()
        keys, _ = index.search(query[None], 16)
        spent.append((perf_counter() - begun) * 1000)
        hits.append(int(np.argmax(every @ query)) in keys[0])
    hashes = HashIndex()
    rng = np.random.default_rng(8)
    hashes.add(rng.integers(0, 256, (count, 32), dtype=np.uint8))
    looked = []
    for _ in range(200):
        query_hash = rng.integers(0, 256, 32, dtype=np.uint8).tobytes()
        begun = perf_counter()
        hashes.within(query_hash)
        looked.append((perf_counter() - begun) * 1000)
    on = f"{count:,} references, {len(made):,} of them made up around the real ones' distribution"
    return [
        percent("nearest shot found as by brute force", on, hits, "among 16", None, Goal(value=99.0)),
        Figure(
            name="one shot", on=on, number=len(spent), threshold="99th percentile", false_positives=None,
            value=float(np.quantile(spent, 0.99)), unit="ms", goal=Goal(value=10.0, at_most=True),
            note=f"median {np.median(spent):.1f} ms; index {index.megabytes:.0f} MB",
        ),
        Figure(
            name="one hash, none missed", on=f"{count:,} made-up hashes", number=len(looked), threshold="99th percentile",
            false_positives=None, value=float(np.quantile(looked, 0.99)), unit="ms", goal=Goal(value=10.0, at_most=True),
        ),
    ]  # fmt: skip


def _drawn(real: Vectors, count: int) -> Vectors:
    """Unit rows with the mean and the covariance of the real ones, each near to one of them by half."""
    rng = np.random.default_rng(5)
    mean, spread = real.mean(0), np.cov(real.T) + 1e-6 * np.eye(real.shape[1])
    root = np.linalg.cholesky(spread).astype(np.float32)
    rows = np.empty((count, real.shape[1]), np.float32)
    for start in range(0, count, 50_000):
        end = min(count, start + 50_000)
        drawn = rng.standard_normal((end - start, real.shape[1]), np.float32) @ root.T
        near = real[rng.integers(0, len(real), end - start)] - mean
        rows[start:end] = mean + np.sqrt(0.5) * (drawn + near)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


def _says(films: Sequence[Film], refused: int, others: int) -> str:
    kinds = {kind: sum(f.kind == kind for f in films) for kind in sorted({f.kind for f in films})}
    told = ", ".join(f"{count} of {kind}" for kind, count in kinds.items())
    return (
        f"{len(films)} clips ({told}), each filed with a print every half second beside {others} other pictures, then searched "
        f"for after each alteration. The peer is ThreatExchange's vpdq rule over our PDQ, not its own code. "
        f"{refused} clips were refused at filing, as they show nothing to hold on to."
    )
