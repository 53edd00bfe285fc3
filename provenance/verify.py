"""Whose clip is this? Reads the manifest, the marks and the looks of any file and says what they prove together.

No single trace decides. A manifest proves the bytes but is easily stripped; a mark survives stripping but can be pasted onto
another picture; looks find a clip whose mark is gone but only say that two clips look alike. The answer names the weakest claim
that the traces support, and "cannot-tell" rather than a guess. This module knows nothing of consent or releases: whoever calls
it adds what became of the clip through ``annotate``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from provenance.authority import Authority
from provenance.boxes import media_digest
from provenance.inspection import Traces, inspect
from provenance.looks import agreement, hash_agreement
from provenance.reading import Ingredient, ManifestReading, read_manifest
from provenance.tables import SealedClip, Status, find_by_content, find_by_mark, find_by_media, looks_of
from safety.media import MediaReader
from safety.values import Value

Answer = Literal["ours", "not-ours", "cannot-tell", "tampered", "transplanted"]

#: Agreement of looks from which a picture counts as the clip's own, and below which it is certainly another. Measured: the same
#: clip after the attacks of the bench 0.84 to 1.0, another scene at most 0.35.
SAME, OTHER = 0.75, 0.65
#: Without a mark looks must carry the answer alone, so they must agree better.
SAME_ALONE = 0.88
#: A mark would have been found: score of the probe, seconds, lines of the short side.
PROBE_CLEAR, SECONDS_CLEAR, LINES_CLEAR = 11.0, 1.5, 240

Annotate = Callable[[sa.Connection, str], tuple[str, ...]]


class Evidence(Value):
    """What was found, trace by trace. Ids are the 24 hex digits of marks.

    ``video_score`` and ``sound_score`` are in standard deviations; ``video_probe`` is what a mark of ours would have scored in
    these frames. ``looks`` is how well the picture fits the recorded clip (1 is the same). ``same_media``: the coded picture and
    sound are, byte for byte, those of a clip we sealed. ``lineage``: the clips it was made from, nearest first. ``status``: of
    the record.
    """

    manifest: ManifestReading
    video_mark: str | None = None
    video_others: tuple[str, ...] = ()
    video_score: float = 0.0
    video_probe: float = 0.0
    sound_mark: str | None = None
    sound_score: float = 0.0
    looks: float | None = None
    same_media: bool = False
    lineage: tuple[str, ...] = ()
    foreign: str | None = None
    status: Status | None = None
    notes: tuple[str, ...] = ()


class Verification(Value):
    """The answer; ``clip`` is the pipeline's id of the clip it names (its mark where no record is known); the evidence."""

    answer: Answer
    clip: str | None
    evidence: Evidence


@dataclass(frozen=True)
class _Verdict:
    answer: Answer
    mark: str | None
    looks: float | None
    notes: tuple[str, ...]


class Verifier:
    """Verifies files against one authority's keys. ``annotate`` may add notes to a clip that was recognised."""

    def __init__(self, authority: Authority, annotate: Annotate | None = None) -> None:
        self._authority = authority
        self._annotate = annotate

    def verify(self, path: Path, reader: MediaReader, conn: sa.Connection) -> Verification:
        """Say whose the file at ``path`` is. Raises ``safety.errors.BadMedia`` when it cannot be decoded."""
        traces = inspect(path, reader, self._authority.mark_keys)
        manifest = read_manifest(path, self._authority.anchors)
        same = find_by_media(conn, media_digest(path))
        verdict = _judge(conn, manifest, traces, same)
        record = find_by_mark(conn, verdict.mark) if verdict.mark else None
        notes = (*verdict.notes, *_manifest_notes(manifest), *traces.notes)
        if record and record.status == "withdrawn":
            notes = (*notes, "The clip has been withdrawn and should no longer be shown.")
        if record and self._annotate:
            notes = (*notes, *self._annotate(conn, record.clip))
        return Verification(
            answer=verdict.answer,
            clip=record.clip if record else verdict.mark,
            evidence=Evidence(
                manifest=manifest,
                video_mark=traces.video_ids[0] if traces.video_ids else None,
                video_others=traces.video_ids[1:],
                video_score=round(traces.video_score, 2),
                video_probe=round(traces.probe, 2),
                sound_mark=traces.sound_ids[0] if traces.sound_ids else None,
                sound_score=round(traces.sound_score, 2),
                looks=None if verdict.looks is None else round(verdict.looks, 3),
                same_media=same is not None,
                lineage=tuple(_lineage(manifest.ingredients)) if manifest.ours else (),
                foreign=_foreign(manifest),
                status=record.status if record else None,
                notes=notes,
            ),
        )


def _judge(conn: sa.Connection, manifest: ManifestReading, traces: Traces, same: SealedClip | None) -> _Verdict:
    if manifest.ours and manifest.clip_id:
        return _with_manifest(conn, manifest, manifest.clip_id, traces)
    marks = traces.video_ids or traces.sound_ids
    if marks:
        return _with_mark(conn, marks[0], traces)
    if same is not None:
        return _Verdict("ours", same.mark, None, ("Its picture and sound are byte for byte those we sealed.",))
    return _with_looks(conn, manifest, traces)


def _with_manifest(conn: sa.Connection, manifest: ManifestReading, mark: str, traces: Traces) -> _Verdict:
    """Our own signature: intact or not, and does the picture carry the mark the manifest names?"""
    family = {mark, *_lineage(manifest.ingredients)}
    strangers = [m for m in (*traces.video_ids[:1], *traces.sound_ids[:1]) if m not in family]
    looks = _compare(conn, mark, traces)
    if strangers and mark not in (*traces.video_ids, *traces.sound_ids):
        return _Verdict("transplanted", mark, looks, (f"The manifest names {mark} but the mark says {strangers[0]}.",))
    if manifest.state == "trusted":
        known = find_by_mark(conn, mark) is not None
        notes = ("The manifest is intact and signed by us.",) if known else ("Signed by us, but our records do not hold it.",)
        return _Verdict("ours", mark, looks, notes)
    if looks is not None and looks < OTHER and mark not in traces.video_ids:
        return _Verdict("transplanted", mark, looks, ("Our manifest was put on another picture.",))
    return _Verdict("tampered", mark, looks, ("Our manifest is there but the file was changed after it was signed.",))


def _with_mark(conn: sa.Connection, mark: str, traces: Traces) -> _Verdict:
    """No manifest of ours, but a mark: it is a soft binding, so the looks must confirm it."""
    where = "picture" if traces.video_ids else "sound"
    record = find_by_mark(conn, mark)
    if record is None:
        note = f"The {where} carries a mark made with our key that our records do not hold, so it cannot be compared."
        return _Verdict("cannot-tell", mark, None, (note,))
    looks = _compare(conn, mark, traces)
    if looks is None:
        note = f"The {where} carries our mark, but no picture is left to compare it with, so it may have been pasted on."
        return _Verdict("cannot-tell", mark, None, (note,))
    if looks < SAME:
        note = f"The {where} carries our mark, but the picture is not the one we sealed."
        return _Verdict("transplanted", mark, looks, (note,))
    other = [m for m in traces.sound_ids[:1] if traces.video_ids and m not in traces.video_ids]
    if other and other[0] != record.parent:
        return _Verdict("transplanted", mark, looks, (f"The picture is {mark}, but the sound is that of {other[0]}.",))
    note = f"Recognised by the mark in its {where} and by its looks (a soft-binding match; the signature is gone)."
    return _Verdict("ours", mark, looks, (note,))


def _compare(conn: sa.Connection, mark: str, traces: Traces) -> float | None:
    """How well the picture fits the recorded clip, under the best of the geometries it may have."""
    kept = looks_of(conn, mark)
    if kept and all(look.grey is None for look in kept):
        fits = [fit for frames in traces.righted if (fit := hash_agreement(kept, frames)) is not None]
        best = max(fits, default=None)
        # Hashes cannot see that a picture was cropped, so they may confirm a clip but never accuse.
        return best if best is not None and best >= SAME else None
    found = [fit for frames in traces.righted if (fit := agreement(kept, frames)) is not None]
    return max(found, default=None)


def _with_looks(conn: sa.Connection, manifest: ManifestReading, traces: Traces) -> _Verdict:
    """No trace that names a clip: does it look like one, and if not, would a mark have shown?"""
    best: _Verdict | None = None
    sides = ((traces.hashes, traces.righted[0]), (traces.mirrored_hashes, traces.righted[-1]))
    for hashes, frames in sides:
        for match in find_by_content(conn, hashes):
            looks = agreement(looks_of(conn, match.mark), frames)
            if looks is not None and looks >= SAME_ALONE and (best is None or looks > (best.looks or 0)):
                note = "Recognised by its looks alone: no manifest and no mark are left in it."
                best = _Verdict("ours", match.mark, looks, (note,))
    if best:
        return best
    if manifest.state == "valid":
        return _Verdict("not-ours", None, None, ("It carries somebody else's intact manifest and no mark of ours.",))
    doubts = []
    if traces.seconds < SECONDS_CLEAR:
        doubts.append("too short")
    if traces.short_side < LINES_CLEAR:
        doubts.append("too small")
    if traces.probe < PROBE_CLEAR:
        doubts.append("too still, too dark or too busy")
    if doubts:
        note = f"Nothing of ours was found, but the clip is {' and '.join(doubts)} for a mark to be sure to show."
        return _Verdict("cannot-tell", None, None, (note,))
    return _Verdict("not-ours", None, None, ("Nothing of ours was found, and a mark would have shown in a clip like this.",))


def _lineage(ingredients: tuple[Ingredient, ...]) -> list[str]:
    nearest = [i.clip_id for i in ingredients if i.clip_id]
    return nearest + [mark for i in ingredients for mark in _lineage(i.ingredients)]


def _foreign(manifest: ManifestReading) -> str | None:
    if manifest.state == "none" or manifest.ours:
        return None
    if manifest.state == "invalid" and not manifest.generator:
        return "a manifest that cannot be read"
    made = manifest.generator or "an unnamed program"
    return f"{made}, signed by {manifest.signer or 'someone unnamed'}, {'intact' if manifest.state == 'valid' else 'broken'}"


def _manifest_notes(manifest: ManifestReading) -> tuple[str, ...]:
    notes = []
    broken = [i for i in manifest.ingredients if i.all_failures]
    if broken and manifest.ours:
        notes.append(f"It was made from “{broken[0].title}”, which did not verify then ({broken[0].all_failures[0]}).")
    foreign = _foreign(manifest)
    if foreign:
        notes.append(f"It carries a manifest that is not ours: {foreign}.")
    return tuple(notes)
