"""Copies of reserved pictures and clips among the frames of a clip, each proved by its corners and set in time.

Codes say what may be a copy; for a clip, the moments must lie on one line of time; then some frames are laid over the reference.
Only what holds against that is told. Nothing here scores or decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sqlalchemy as sa

from consent.copies.catalogue import Catalogue, Reference
from consent.copies.geometry import LEAST, Fit, lay_over
from consent.copies.timeline import Line, Moment, best_line
from consent.tables import reservation_pictures as pictures
from safety.fingerprint import PictureFingerprint, unit
from safety.signal import Box

#: References looked at for each frame, and the least cosine of their codes: far below copies, to leave the proof to the corners.
NEAREST, LEAST_COSINE = 16, 0.2
#: Pictures and clips that are looked at closely, the likeliest first, and frames laid over each.
CLOSELY, FRAMES = 12, 5
#: Frames that must be proved where more than one was tried, and pairs of corners that prove a copy by one frame alone.
PROVED, ALONE = 2, 18
#: Pairs of corners that are a hint, frames of a clip that must hint at the same, and how much of their boxes they must share.
#: Pictures with few corners, cropped or recoloured, keep no more than this.
HINT, HINTS, SAME_PLACE = 7, 3, 0.6
#: Seconds between sightings that are still one.
GAP = 2.5


@dataclass(frozen=True)
class Sighting:
    """``reference`` is seen from ``time`` to ``time``; ``fit`` is the best proof, in ``frame``."""

    reference: Reference
    frame: int | None
    time: tuple[float, float] | None
    fit: Fit
    line: Line | None


@dataclass(frozen=True)
class _Candidate:
    """One picture or clip, with the frames that may show it."""

    moments: tuple[Moment, ...]
    line: Line | None

    @property
    def weight(self) -> float:
        """How likely: what its frames' best moments weigh together."""
        best: dict[int, float] = {}
        for moment in self.line.moments if self.line else self.moments:
            best[moment.number] = max(best.get(moment.number, 0.0), moment.weight)
        return sum(weight * weight for weight in best.values())


def find(conn: sa.Connection, catalogue: Catalogue, prints: Sequence[PictureFingerprint]) -> list[Sighting]:
    """Sightings of copies among the whole frames of ``prints``, in order of time."""
    wholes = [p for p in prints if p.code is not None and p.points]
    if not wholes or not len(catalogue.codes):
        return []
    candidates = sorted(_candidates(catalogue, wholes), key=lambda c: -c.weight)[:CLOSELY]
    tried = [(c, _tried(c)) for c in candidates]
    kept = _points(conn, {catalogue.references[m.key].id for _, moments in tried for m in moments})
    found: list[Sighting] = []
    for candidate, moments in tried:
        hints = [(m, fit) for m in moments if (fit := _proof(wholes[m.number], kept.get(catalogue.references[m.key].id)))]
        fits = [(m, fit) for m, fit in hints if fit.pairs >= LEAST]
        if fits and (len(fits) >= min(PROVED, len(moments)) or max(f.pairs for _, f in fits) >= ALONE):
            found += _sightings(catalogue, wholes, candidate, fits)
        elif candidate.line is not None and (agreeing := _agreeing(hints)):
            found += _sightings(catalogue, wholes, candidate, agreeing)
    return sorted(found, key=lambda s: (s.time or (0.0, 0.0), s.reference.id))


def _candidates(catalogue: Catalogue, wholes: Sequence[PictureFingerprint]) -> Iterator[_Candidate]:
    keys, cosines = catalogue.codes.search(unit([p.code for p in wholes if p.code is not None]), NEAREST)
    moments: dict[tuple[str, bool, int], list[Moment]] = defaultdict(list)
    for number, seen in enumerate(wholes):
        for key, cosine in zip(keys[number].tolist(), cosines[number].tolist(), strict=True):
            if key in catalogue.references and cosine >= LEAST_COSINE:
                reference = catalogue.references[key]
                moments[reference.item].append(Moment(number, seen.time or 0.0, reference.time or 0.0, cosine, key))
    for (_, is_clip, _), its in moments.items():
        yield _Candidate(tuple(its), best_line(its) if is_clip else None)


def _tried(candidate: _Candidate) -> list[Moment]:
    """The frames that are laid over their references: the likeliest, spread over the time it is seen."""
    best: dict[int, Moment] = {}
    for moment in candidate.line.moments if candidate.line else candidate.moments:
        if moment.number not in best or moment.weight > best[moment.number].weight:
            best[moment.number] = moment
    ordered = [best[number] for number in sorted(best)]
    if len(ordered) <= FRAMES:
        return ordered
    parts = np.array_split(np.arange(len(ordered)), FRAMES)
    return [max((ordered[i] for i in part), key=lambda m: m.weight) for part in parts]


def _points(conn: sa.Connection, ids: set[str]) -> dict[str, tuple[bytes, bytes, float]]:
    table = pictures.c
    query = sa.select(table.id, table.points, table.mirrored, table.shape).where(table.id.in_(ids))
    return {row.id: (row.points or b"", row.mirrored or b"", row.shape) for row in conn.execute(query)}


def _proof(seen: PictureFingerprint, kept: tuple[bytes, bytes, float] | None) -> Fit | None:
    """The better of the two ways round."""
    if kept is None:
        return None
    points, turned, shape = kept
    fits = [lay_over(seen, points, shape, least=HINT), lay_over(seen, turned, shape, mirrored=True, least=HINT)]
    return max((f for f in fits if f is not None), key=lambda f: f.pairs, default=None)


def _agreeing(hints: list[tuple[Moment, Fit]]) -> list[tuple[Moment, Fit]]:
    """The hints of a clip's frames that say the same: the same way round, on the same part of the frame; none when they are few.

    Each alone may be chance; three that lie on one line of time and on one place are not (``HINTS``).
    """
    for _, first in sorted(hints, key=lambda pair: -pair[1].pairs):
        same = [(m, f) for m, f in hints if f.mirrored == first.mirrored and _shared(f.box, first.box) >= SAME_PLACE]
        if len(same) >= HINTS:
            return same
    return []


def _shared(a: Box, b: Box) -> float:
    """Intersection over union."""
    across = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    down = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    if across <= 0 or down <= 0:
        return 0.0
    return across * down / (a.w * a.h + b.w * b.h - across * down)


def _sightings(
    catalogue: Catalogue, wholes: Sequence[PictureFingerprint], candidate: _Candidate, fits: list[tuple[Moment, Fit]]
) -> Iterator[Sighting]:
    """One a stretch of time; a stretch without any proof of its own is not told."""
    moments = list(candidate.line.moments) if candidate.line else sorted(candidate.moments, key=lambda m: m.number)
    stretches: list[list[Moment]] = []
    for moment in moments:
        if stretches and moment.here - stretches[-1][-1].here <= GAP:
            stretches[-1].append(moment)
        else:
            stretches.append([moment])
    for stretch in stretches:
        numbers = {m.number for m in stretch}
        proofs = [(m, f) for m, f in fits if m.number in numbers]
        if not proofs:
            continue
        moment, fit = max(proofs, key=lambda pair: pair[1].pairs)
        # frames between the first and the last proof, and beyond them as far as the codes are as near as at the proofs
        least = 0.7 * min(m.weight for m, _ in proofs)
        times = [m.here for m in stretch if m.weight >= least]
        timed = wholes[moment.number].time is not None
        yield Sighting(
            catalogue.references[moment.key], wholes[moment.number].frame, (min(times), max(times)) if timed else None,
            replace(fit, box=_within(wholes[moment.number].box, fit.box)), candidate.line,
        )  # fmt: skip


def _within(outer: Box | None, box: Box) -> Box:
    """``box`` of what lies in ``outer``, as a box of the frame."""
    if outer is None:
        return box
    return Box(x=outer.x + box.x * outer.w, y=outer.y + box.y * outer.h, w=box.w * outer.w, h=box.h * outer.h)
