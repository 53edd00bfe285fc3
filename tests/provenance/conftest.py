"""Keys, a database and sealed clips that the provenance tests share; each is made once, the tests only copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest

from provenance.authority import Authority, open_authority
from provenance.seal import Sealer, mark_id
from provenance.tables import SealedClip, record_sealed, sealed_clips, sealed_looks
from provenance.verify import Verification, Verifier
from safety.db import Database
from safety.media import Picture, Sound
from tests.provenance.material import FPS, Reader, bells, harbour, meadow, write

# The suite runs beside others on few cores: a pool of threads for pictures this small only waits for itself.
cv2.setNumThreads(1)


@dataclass
class Studio:
    """An authority, its database and folder, and the two calls the tests need."""

    folder: Path
    authority: Authority
    db: Database
    now: datetime

    def seal(
        self, clip: str, frames: list[Picture], sound: Sound | None = None, parent: Path | None = None, record: bool = True
    ) -> tuple[Path, SealedClip]:
        """Seal, encode, sign and record a clip."""
        height, width = frames[0].shape[:2]
        sealer = Sealer(self.authority)
        sealing = sealer.open(mark_id(clip), width, height, FPS, "@ada")
        shown = [sealing.frame(f, i / FPS) for i, f in enumerate(frames)]
        encoded = write(self.folder / f"{clip}.encoded.mp4", shown, sealing.sound(sound) if sound is not None else None)
        out = self.folder / f"{clip}.mp4"
        row = sealer.sign(
            sealing,
            encoded,
            out,
            clip=clip,
            title=f"The {clip}",
            creator="ada",
            generator="embedded",
            generator_version="0.1",
            now=self.now,
            parent=parent,
        )
        if record:
            with self.db.write() as conn:
                record_sealed(conn, row, sealing.looks)
        return out, row

    def verify(self, path: Path) -> Verification:
        """What the verifier says of ``path``."""
        with self.db.read() as conn:
            return Verifier(self.authority).verify(path, Reader(), conn)


def make_studio(folder: Path) -> Studio:
    now = datetime.now(UTC)
    db = Database(f"sqlite:///{folder / 'clearance.db'}")
    with db.write() as conn:
        for table in (sealed_clips, sealed_looks):
            table.create(conn)
    open_authority(folder / "keys", now)
    # One fixed secret: how close a hard attack comes differs a little from key to key, and a test must not be a lottery.
    (folder / "keys" / "master.key").write_text("5e" * 32)
    return Studio(folder, open_authority(folder / "keys", now), db, now)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = make_studio(tmp_path_factory.mktemp("studio"))
    yield made
    made.db.close()


@pytest.fixture(scope="session")
def sealed(studio: Studio) -> Path:
    """Four seconds of the meadow, sealed and recorded."""
    return studio.seal("meadow", meadow(96), bells(4))[0]


@pytest.fixture(scope="session")
def remix(studio: Studio, sealed: Path) -> Path:
    """A remix of the meadow, with the meadow as its parent."""
    return studio.seal("remix", [f[:, ::-1].copy() for f in meadow(72)], bells(3), parent=sealed)[0]


@pytest.fixture(scope="session")
def other(studio: Studio) -> Path:
    """Three seconds of the harbour, sealed and recorded."""
    return studio.seal("harbour", harbour(72), bells(3))[0]
