"""Putting the house together: from settings to a context, and from a context to a runner."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import cv2
import sqlalchemy as sa

from classifiers.clip.fingerprint import SAME_LOOK_COSINE, SAME_PICTURE_PDQ, PictureFingerprinter
from classifiers.prompt.embedding import encoder
from classifiers.prompt.folding import fold
from consent import people as consent_people
from consent.descriptions import DescriptionIndex
from consent.faces.engine import FaceEngine
from consent.faces.face_search import FaceSearch
from consent.search import PeopleIndex
from consent.sounds.recordings import RecordingMatcher
from consent.vault.keys import Vault
from consent.voices import VoiceIndex
from consent.works_names import NameMatcher
from consent.works_pictures import PictureMatcher, PictureThresholds
from generator.codec import Codec
from generator.registry import LateGenerator
from provenance.authority import open_authority
from provenance.seal import Sealer
from safety.clock import utc_now
from safety.db import Database
from safety.errors import Unavailable
from safety.media import Picture
from safety.policy import DEFAULT, Policy, PolicyError, load
from safety.settings import Settings, read_settings
from safety.signer import Signer
from streams.blobs import Blobs
from streams.context import Context
from streams.errors import BrokerError
from streams.gates import DetectorGates, emitted
from streams.generation import Drawing
from streams.local import LocalRunner
from streams.lookers import Crew
from streams.parts import Parts
from streams.portraits import Portraits
from streams.registry import ConsentRegistry
from streams.sealing import ClipSealing

#: Cosine from which a look is surely the reserved one; between this and ``SAME_LOOK_COSINE`` a person looks.
SURE_LOOK_COSINE = 0.88

logger = logging.getLogger(__name__)


class Runner(Protocol):
    """What carries events between the stages: local or Kafka."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    @property
    def alive(self) -> bool: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, reason: BaseException | None, trace: TracebackType | None) -> None: ...


def open_context(settings: Settings | None = None) -> Context:
    """Open everything at ``settings`` (the environment's by default), bring the schema up to date and return the context.

    Keys are made at first start. Raises ``PolicyError``, ``KeyTrouble``, ``VaultLocked`` or ``Unavailable``.
    """
    settings = settings or read_settings()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # its warnings would be written across the progress
    cv2.setNumThreads(1)  # the stages are the parallelism here; OpenCV's own threads would fight with them for the cores
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        settings.keys.mkdir(mode=0o700, exist_ok=True)
    except OSError as reason:
        raise Unavailable(
            f"The folder {settings.home} cannot be used ({reason.strerror}); choose another with --home."
        ) from reason
    db = Database(settings.database_url)
    db.migrate()
    parts = _open_parts(settings, db)
    return Context(
        settings=settings,
        db=db,
        clock=parts.clock,
        blobs=parts.sealing.blobs,
        policy=PolicySource(settings.policy or DEFAULT),
        gates=DetectorGates(parts),
        registry=ConsentRegistry(db, timedelta(hours=settings.permit_hours)),
        generation=Drawing(parts.generator, parts.sealing.blobs, _portraits(parts.vault)),
        sealing=parts.sealing,
        signer=Signer(settings.keys),
        parts=parts,
    )


def close(ctx: Context) -> None:
    """Give back what the context holds."""
    ctx.db.close()


def make_runner(ctx: Context, bootstrap: str | None = None) -> Runner:
    """The runner that the settings name; ``bootstrap`` overrides the Kafka servers. Raises ``BrokerError`` without any."""
    if ctx.settings.broker == "local":
        return LocalRunner(ctx)
    from streams.kafka import KafkaRunner  # Faust takes a second to import and the local runner never needs it

    servers = bootstrap or ctx.settings.kafka
    if not servers:
        raise BrokerError("No Kafka servers are named; set KAFKA_BOOTSTRAP_SERVERS, or use --kafka embedded.")
    return KafkaRunner(ctx, servers, ctx.settings.topics, ctx.settings.topics)


class PolicySource:
    """The policy in force: read again when its file changes. At the start a bad file is an error; later it holds everything."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._stamp()
        self._policy = load(path, emitted())

    def __call__(self) -> Policy:
        """The policy now. One that became unreadable or wrong is replaced by the empty one, under which every verdict holds."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            try:
                self._policy = load(self._path, emitted())
            except PolicyError as reason:
                logger.error("%s Everything is held until it is mended.", reason.detail)
                self._policy = Policy(name="none: the policy file cannot be used", version="0")
        return self._policy

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def _open_parts(settings: Settings, db: Database) -> Parts:
    codec, faces, fingerprinter = Codec(), FaceEngine(), PictureFingerprinter()
    vault, generator = Vault(settings.keys), LateGenerator(settings.generator)
    authority = open_authority(settings.keys / "provenance", utc_now())
    blobs = Blobs(settings.blobs_url, settings.home / "scratch")
    crew = Crew()
    thresholds = PictureThresholds(hamming=SAME_PICTURE_PDQ, cosine=SAME_LOOK_COSINE, sure=SURE_LOOK_COSINE)
    return Parts(
        db=db, clock=utc_now, media=codec, generator=generator, vault=vault, faces=faces, people=PeopleIndex(vault, faces),
        clip_faces=FaceSearch(vault, faces.name),
        voices=VoiceIndex(vault, crew.voices.engine), recordings=RecordingMatcher(crew.sounds.name), crew=crew,
        names=NameMatcher(fold, settings.home / "index"), descriptions=DescriptionIndex(encoder),
        looks=PictureMatcher(fingerprinter.name, thresholds), fingerprinter=fingerprinter, authority=authority,
        sealing=ClipSealing(db, blobs, Sealer(authority), generator, utc_now, codec),
    )  # fmt: skip


def _portraits(vault: Vault) -> Portraits:
    def read(conn: sa.Connection, person: str) -> tuple[str, Picture]:
        return consent_people.get(conn, person).handle, consent_people.portrait(conn, person, vault)

    return read
