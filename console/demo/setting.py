"""The people and works the demonstration needs: made once, found again when a stopped run is taken up."""

from __future__ import annotations

from pathlib import Path

import cv2

from console.demo.script import ALIASES, CHARACTER, DESCRIPTION, FRIEND, PERSON, TITLE
from generator.world import portrait
from safety.errors import ClearanceError
from streams import granting, people, works
from streams.context import Context

#: Official portrait of the astronaut Eileen Collins; NASA, public domain.
PHOTO = Path(__file__).parent / "astronaut.jpg"
HOLDER = "Tanglewick Pictures"


def prepare(ctx: Context) -> None:
    """Enrol the person and let the friend use her likeness; reserve the character by name and by look."""
    if PERSON not in {p.handle for p in people.listing(ctx)}:
        people.enrol(ctx, PERSON, [PHOTO])
    if not granting.grants_of(ctx, PERSON):
        granting.grant(ctx, PERSON, FRIEND)
    if not works.listing(ctx, HOLDER):
        filing = works.simple_filing(
            holder=HOLDER, title=TITLE, kind="character", names=(TITLE, *ALIASES),
            description=DESCRIPTION,
        )  # fmt: skip
        works.add(ctx, filing, _pictures(ctx.settings.home / "reference"))


def is_taken_back(ctx: Context) -> bool:
    """Whether the person has revoked already (in a run that was stopped after it)."""
    return all(g.status == "revoked" for g in granting.grants_of(ctx, PERSON))


def _pictures(folder: Path) -> list[Path]:
    """Reference pictures as the rights holder would file them: the character alone, drawn by the world it lives in."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{CHARACTER}.png"
    if not cv2.imwrite(str(path), portrait(CHARACTER)[:, :, ::-1]):
        raise ClearanceError(f"The reference picture {path} could not be written; make room on the disk.")
    return [path]
