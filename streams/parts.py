"""The real peers, opened once per process: what the adapters of this folder are built over."""

from __future__ import annotations

from dataclasses import dataclass

from consent.descriptions import DescriptionIndex
from consent.faces.engine import FaceFinder
from consent.faces.face_search import FaceSearch
from consent.search import PeopleIndex
from consent.sounds.recordings import RecordingMatcher
from consent.vault.keys import Vault
from consent.voices import VoiceIndex
from consent.works_names import NameMatcher
from consent.works_pictures import PictureMatcher
from generator.codec import Codec
from generator.protocol import Generator
from provenance.authority import Authority
from safety.clock import Clock
from safety.db import Database
from safety.fingerprint import Fingerprinter
from streams.lookers import Crew
from streams.sealing import ClipSealing


@dataclass(frozen=True)
class Parts:
    """Nothing here is loaded before it is first used; models wait for their first picture or prompt."""

    db: Database
    clock: Clock
    media: Codec
    generator: Generator
    vault: Vault
    faces: FaceFinder
    people: PeopleIndex
    clip_faces: FaceSearch
    voices: VoiceIndex
    names: NameMatcher
    descriptions: DescriptionIndex
    looks: PictureMatcher
    recordings: RecordingMatcher
    fingerprinter: Fingerprinter
    crew: Crew
    authority: Authority
    sealing: ClipSealing
