"""Sealing a clip in one pass: decode, badge and mark, encode, sign; and remembering what was sealed from what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from generator.codec import Codec
from generator.protocol import Generator
from generator.writing import write_clip
from provenance import tables as provenance
from provenance.looks import Look
from provenance.seal import Sealer
from provenance.tables import SealedClip
from safety import releases
from safety.clock import Clock
from safety.db import Database, without_overwriting
from safety.media import Frame, Progress
from streams.blobs import Blobs
from streams.sealed import Sealed
from streams.submissions import Submission
from streams.tables import sealings

#: Quality of what is shown (x264 constant rate factor).
SHOWN_CRF = 20
#: What made a file that was not made here, in its manifest.
UNKNOWN_GENERATOR = ("unknown", "0")


@dataclass(frozen=True)
class Record:
    """What provenance keeps of a sealed clip."""

    clip: SealedClip
    looks: Sequence[Look]


def clip_id(submission: str, draft: str) -> str:
    """24 hex digits, the 96 bits its marks carry: the same draft of the same submission always has the same."""
    return hashlib.sha256(f"clip/{submission}/{draft}".encode()).hexdigest()[:24]


class ClipSealing:
    """Seals drafts of submissions, and files that people bring."""

    def __init__(self, db: Database, blobs: Blobs, sealer: Sealer, generator: Generator, clock: Clock, codec: Codec) -> None:
        self.blobs = blobs
        self._db, self._sealer, self._generator = db, sealer, generator
        self._clock, self._codec = clock, codec

    def seal_draft(self, submission: Submission, draft: str, progress: Progress) -> Sealed:
        """Seal a draft into the store; one that was sealed before is not sealed again."""
        clip = clip_id(submission.id, draft)
        with self._db.read() as conn:
            known = provenance.find_by_clip(conn, clip)
            parent = releases.get(conn, submission.parent) if submission.parent else None
        if known is not None and self.blobs.exists(submission.id, known.sha256):
            return Sealed(clip, known.sha256, draft, submission.id, Record(known, ()))
        maker = (self._generator.name, self._generator.version)
        with self.blobs.open_path(submission.id, draft) as source, self.blobs.draft_file() as out:
            if parent is None:
                record = self.seal(source, out, clip, submission.prompt, submission.requester, maker, progress=progress)
            else:
                with self.blobs.open_path(parent.submission, parent.sealed) as original:
                    record = self.seal(
                        source, out, clip, submission.prompt, submission.requester, maker, progress=progress,
                        parent=original, parent_mark=parent.clip,
                    )  # fmt: skip
            digest = self.blobs.put(submission.id, out)
        return Sealed(clip, digest, draft, submission.id, record)

    def seal(
        self,
        source: Path,
        out: Path,
        clip: str,
        title: str,
        creator: str,
        maker: tuple[str, str] = UNKNOWN_GENERATOR,
        *,
        progress: Progress = lambda _fraction, _words: None,
        parent: Path | None = None,
        parent_mark: str | None = None,
    ) -> Record:
        """Mark, encode and sign ``source`` into ``out``. Raises ``BadMedia`` and provenance's errors."""
        facts, sound = self._codec.facts(source), self._codec.sound(source)
        sealing = self._sealer.open(bytes.fromhex(clip), facts.width, facts.height, facts.fps, f"@{creator}")
        marked = out.with_name("marked.mp4")
        frames = (Frame(sealing.frame(f.picture, f.time), f.time, f.index) for f in self._codec.frames(source))
        shown = _tell(frames, facts.seconds, progress)
        write_clip(
            marked, shown, sealing.sound(sound) if sound is not None else None,
            width=facts.width, height=facts.height, fps=facts.fps, crf=SHOWN_CRF,
        )  # fmt: skip
        kept = self._sealer.sign(
            sealing, marked, out, clip=clip, title=title[:120], creator=creator, generator=maker[0], generator_version=maker[1],
            now=self._clock(), parent=parent, parent_mark=parent_mark,
        )  # fmt: skip
        marked.unlink()
        return Record(kept, sealing.looks)

    def record(self, conn: sa.Connection, sealed: Sealed, at: datetime) -> None:
        """Remember the marks and what was sealed from what."""
        assert isinstance(sealed.record, Record)
        provenance.record_sealed(conn, sealed.record.clip, sealed.record.looks)
        if not self.made_from(conn, sealed.digest, sealed.draft):
            row = {"sealed": sealed.digest, "clip": sealed.clip, "submission": sealed.submission, "draft": sealed.draft, "at": at}
            conn.execute(sa.insert(sealings).values(**row))

    def made_from(self, conn: sa.Connection, sealed: str, draft: str) -> bool:
        """Whether the file ``sealed`` was made by sealing exactly ``draft``."""
        row = conn.execute(sa.select(sealings.c.draft).where(sealings.c.sealed == sealed)).first()
        return row is not None and row.draft == draft

    def forget(self, conn: sa.Connection, clips: Sequence[str]) -> dict[str, int]:
        """Clips were withdrawn: their pictures go, their hashes stay, their records say so; how many pictures, by clip."""
        with without_overwriting(conn):
            return provenance.forget_pictures(conn, clips)


def _tell(frames: Iterator[Frame], seconds: float, progress: Progress) -> Iterator[Frame]:
    """The same frames, with word of how far they are."""
    for frame in frames:
        yield frame
        progress(min(1.0, frame.time / max(seconds, 0.04)), "sealing")
