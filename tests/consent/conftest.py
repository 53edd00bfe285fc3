"""What every test of consent needs: the real face engine, two public faces, a migrated database, a vault, a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from consent import cameos, people
from consent.faces.engine import FaceEngine
from consent.likeness import Likeness, read_likeness
from consent.people import Person
from consent.vault.keys import Vault
from safety.db import Database
from safety.media import ClipFacts, Frame, Picture, SampledClip


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture(scope="session")
def engine() -> FaceEngine:
    return FaceEngine()


@pytest.fixture(scope="session")
def eileen() -> Picture:
    """Eileen Collins, by NASA; public domain. 512 by 512, the face 101 pixels wide."""
    return np.asarray(skimage.data.astronaut())


@pytest.fixture(scope="session")
def cameraman() -> Picture:
    """The photographer in a field, by Lav Varshney; CC0. 512 by 512, the face 74 pixels wide."""
    grey = np.asarray(skimage.data.camera())
    return np.ascontiguousarray(np.stack([grey] * 3, axis=-1))


@pytest.fixture(scope="session")
def meadow() -> Picture:
    """A picture without anybody in it."""
    return np.asarray(skimage.data.rocket())


@pytest.fixture(scope="session")
def eileens(engine: FaceEngine, eileen: Picture) -> Likeness:
    return read_likeness([eileen], engine)


@pytest.fixture(scope="session")
def cameramans(engine: FaceEngine, cameraman: Picture) -> Likeness:
    return read_likeness([cameraman], engine)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "keys")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    database.migrate()
    yield database
    database.close()


def clip_of(*pictures: Picture) -> SampledClip:
    """A sampled clip with these pictures at two a second."""
    height, width = pictures[0].shape[:2] if pictures else (360, 640)
    facts = ClipFacts(width=width, height=height, fps=24.0, seconds=len(pictures) / 2, video_codec="h264", audio_codec=None)
    frames = tuple(Frame(picture=p, time=i / 2, index=i) for i, p in enumerate(pictures))
    return SampledClip(digest="sha256:" + "0" * 64, facts=facts, frames=frames, sound=None)


def stage(face: Picture, x: int, size: int = 640) -> Picture:
    """A 640 by 360 frame with the picture pasted at ``x``, 300 pixels high."""
    frame = np.full((360, size, 3), (90, 120, 100), np.uint8)
    small = cv2.resize(face, (300, 300), interpolation=cv2.INTER_AREA)
    frame[30:330, x : x + 300] = small
    return frame


@pytest.fixture
def known(database: Database, vault: Vault, clock: Clock, engine: FaceEngine) -> Callable[..., Person]:
    """Enrols somebody by handle, with made-up templates that are nobody else's; the second time it finds them."""

    def one(handle: str, protected: bool = False) -> Person:
        with database.write() as conn:
            found = people.find(conn, handle)
            if found is not None:
                return found
            noise = np.random.default_rng(int.from_bytes(handle.encode(), "big")).normal(size=(1, 128)).astype(np.float32)
            likeness = Likeness(engine.name, noise / np.linalg.norm(noise), np.zeros((256, 256, 3), np.uint8))
            return (cameos.protect if protected else cameos.enrol)(conn, handle, likeness, engine, vault, clock)

    return one
