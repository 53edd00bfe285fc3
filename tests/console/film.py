"""The light plug-ins with real film: small mp4 files that a browser plays and a reader decodes, judged by their contrast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from generator.codec import Codec, write_clip
from provenance.authority import open_authority
from safety.clock import utc_now
from safety.media import Frame, Progress, ShouldStop
from safety.permit import Permit
from safety.settings import Settings
from streams.blobs import Blobs
from streams.context import ClipFindings, Context
from streams.sealed import Sealed
from streams.submissions import Submission
from tests.streams import doubles

WIDTH, HEIGHT, FPS, FRAMES = 320, 180, 12, 24


def _frames(foggy: bool) -> Iterator[Frame]:
    """A disc that crosses a slope of colour, or the same in dense fog."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    for index in range(FRAMES):
        picture = np.stack([x * 255 // WIDTH, y * 255 // HEIGHT, np.full_like(x, 120)], axis=2).astype(np.uint8)
        picture[(x - 30 - index * 10) ** 2 + (y - 90) ** 2 < 900] = (240, 230, 200)
        if foggy:
            picture = (picture // 32 + 180).astype(np.uint8)
        yield Frame(picture, index / FPS, index)


class FilmDrawing(doubles.Drawing):
    """Draws film; a prompt with fog in it draws fog."""

    def draw(self, order: Any, *, should_stop: ShouldStop, progress: Progress) -> str | None:
        with self.blobs.draft_file() as path:
            write_clip(path, _frames("fog" in order.prompt), None, width=WIDTH, height=HEIGHT, fps=FPS)
            progress(1.0, "drawn")
            return None if should_stop() else self.blobs.put(order.id, path)


class FilmGates(doubles.Gates):
    """Sees fog in a clip whose frames have hardly any contrast."""

    def clip(
        self, path: Path, requester: str, permits: tuple[Permit, ...], progress: Progress, prompt: str | None = None
    ) -> ClipFindings:
        foggy = all(frame.picture.std() < 10 for frame in Codec().sample(path).frames)
        found = [doubles._signal("blurred", "fog")] if foggy else []
        seen = doubles._report({"graphic", "blurred", "reserved_picture"}, found)
        return ClipFindings((seen, *doubles._wordless()), permits)


@dataclass
class FilmSealing(doubles.Sealing):
    """Adds an empty box, so that the sealed file is another file and still plays."""

    def seal_draft(self, submission: Submission, draft: str, progress: Progress) -> Sealed:
        made = super().seal_draft(submission, draft, progress)
        self.blobs.remove(submission.id, made.digest)
        with self.blobs.open_path(submission.id, draft) as source, self.blobs.draft_file() as path:
            path.write_bytes(source.read_bytes() + b"\x00\x00\x00\x08free")
            sealed = self.blobs.put(submission.id, path)
        return Sealed(clip=made.clip, digest=sealed, draft=draft, submission=submission.id, record=None)


def make_film_context(home: Path) -> Context:
    """A context whose clips are film, and whose files can really be verified."""
    settings = Settings(home=home)
    blobs = Blobs(settings.blobs_url, home / "scratch")
    parts = SimpleNamespace(authority=open_authority(settings.keys / "provenance", utc_now()), media=Codec())
    ctx = doubles.make_context(home, blobs=blobs, generation=FilmDrawing(blobs), sealing=FilmSealing(blobs), parts=parts)
    registry: Any = ctx.registry
    from dataclasses import replace

    return replace(ctx, gates=FilmGates(registry))
