"""The bridge to the generator: what it is given, where its frames go, and how it is stopped."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from generator.protocol import Ancestor, CameoReference, GenerationRequest, Generator, Stopped
from generator.writing import write_chunks
from safety import releases
from safety.media import Progress, ShouldStop
from safety.permit import Permit
from streams import submissions
from streams.blobs import Blobs
from streams.portraits import Portraits
from streams.submissions import Submission

#: Quality of a draft (x264 constant rate factor): visually lossless, so that sealing starts from clean frames.
DRAFT_CRF = 14
#: How many generations of remix a scene is followed back; the request takes no more.
MAX_ANCESTORS = 32


@dataclass(frozen=True)
class DrawingOrder:
    """Everything a drawing needs, gathered under one read: the request and the faces that were permitted."""

    submission: str
    request: GenerationRequest
    cameos: tuple[CameoReference, ...]


class Drawing:
    """Draws with ``generator`` into ``blobs``."""

    def __init__(self, generator: Generator, blobs: Blobs, portraits: Portraits, fps: int = 24) -> None:
        self.generator, self._blobs, self._portraits, self._fps = generator, blobs, portraits, fps

    def order(self, conn: sa.Connection, submission: Submission, permits: tuple[Permit, ...]) -> DrawingOrder:
        """Gather the request, the lineage of a remix and the portraits of permitted people, opened in memory only."""
        request = GenerationRequest(
            prompt=submission.prompt, seed=submission.seed, width=submission.width, height=submission.height, fps=self._fps,
            seconds=submission.seconds, remix_of=submission.parent, ancestors=_ancestors(conn, submission),
        )  # fmt: skip
        people = sorted({p.subject for p in permits if p.kind == "cameo"})
        return DrawingOrder(submission.id, request, tuple(self._reference(conn, person) for person in people))

    def draw(self, order: DrawingOrder, *, should_stop: ShouldStop, progress: Progress) -> str | None:
        """Draw into the store and return the draft's digest, or None when it was stopped."""
        r = order.request
        with self._blobs.draft_file() as path:
            try:
                chunks = self.generator.generate(r, cameos=order.cameos, should_stop=should_stop, progress=progress)
                write_chunks(path, chunks, width=r.width, height=r.height, fps=r.fps, crf=DRAFT_CRF)
            except Stopped:
                return None
            return None if should_stop() else self._blobs.put(order.submission, path)

    def _reference(self, conn: sa.Connection, person: str) -> CameoReference:
        name, picture = self._portraits(conn, person)
        return CameoReference(person=person, name=name, picture=picture)


def _ancestors(conn: sa.Connection, submission: Submission) -> tuple[Ancestor, ...]:
    """What the clips this is a remix of were made from, oldest first."""
    line: list[Ancestor] = []
    parent = submission.parent
    while parent is not None and len(line) < MAX_ANCESTORS:
        made = submissions.get(conn, releases.get(conn, parent).submission)
        line.append(Ancestor(prompt=made.prompt, seed=made.seed))
        parent = made.parent
    return tuple(reversed(line))
