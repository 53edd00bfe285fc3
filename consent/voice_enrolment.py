"""Enrolling a voice: from recordings of one person to templates, sealed like those of the face.

It refuses rather than guesses: enough speech, loud enough, not distorted, and one person's throughout. What is enrolled for
somebody else is refused before anything is stored. The recording is not kept; the ledger learns only that it happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from consent import people
from consent.duplicates import Known
from consent.errors import LikenessRefused
from consent.people import Person
from consent.tables import person_secrets
from consent.vault.keys import Vault
from consent.version import bump
from consent.voice_thresholds import MATCH, ONE_PERSON
from safety import ledger
from safety.clock import Clock
from safety.media import SOUND_RATE, ClipFacts, SampledClip, Sound
from safety.values import derive
from safety.voice import Utterance, VoiceFinder

ROLE = "voice-template"
#: Seconds of speech that are needed, and recordings looked at, at most. From 4.0 s instead of 5.2 twice as many utterances of the
#: same person were not known again (10.6 against 4.5 % of 179, the half of 29 speakers that no threshold was chosen on).
LEAST_SPEECH, MOST_RECORDINGS = 5.0, 12
#: Longest recording, seconds; minutes are plenty.
LONGEST = 600.0
#: Loudest sample of a recording below which its speech drowns in the noise of its own digits (-34 dB of full scale).
LEAST_PEAK = 0.02
#: A sample this close to full scale is cut off; share of such samples from which a recording is distorted.
CUT_OFF, MOST_CUT_OFF = 0.985, 0.002
#: Utterances shorter than this are too rough to tell whether there are two speakers, seconds of speech.
TELLING = 2.5


class VoiceRefused(LikenessRefused):
    """The recordings cannot be enrolled."""

    title = "The voice cannot be enrolled"


@dataclass(frozen=True)
class Voice:
    """``templates`` float32 (n, 256) of unit length by ``engine``: of everything heard, then of each recording. Never printed."""

    engine: str
    seconds: float
    templates: NDArray[np.float32] = field(repr=False)


def read_voice(recordings: Sequence[Sound], listener: VoiceFinder) -> Voice:
    """The one voice in ``recordings`` (float32 at 48 kHz). Slow, and touches no database.

    Raises ``VoiceRefused`` in a sentence the person can act on.
    """
    if not recordings:
        raise VoiceRefused("There is no recording to enrol; give at least one.")
    if len(recordings) > MOST_RECORDINGS:
        raise VoiceRefused(f"There are {len(recordings)} recordings and at most {MOST_RECORDINGS} are listened to; give fewer.")
    heard: list[list[Utterance]] = []
    for number, sound in enumerate(recordings, 1):
        _check_level(sound, f"Recording {number}")
        facts = ClipFacts(0, 0, 0.0, sound.size / SOUND_RATE, None, None)
        heard.append(list(listener.look(SampledClip("", facts, (), sound))))
    everything = [u for recording in heard for u in recording]
    seconds = sum(u.voiced for u in everything)
    if seconds < LEAST_SPEECH:
        raise VoiceRefused(f"Only {seconds:.1f} seconds of speech were heard; {LEAST_SPEECH:.0f} are needed, so speak longer.")
    _check_one_speaker(everything)
    means = [_mean(everything), *(_mean(recording) for recording in heard if recording)]
    if len(means) == 2:  # one recording is everything
        means = means[:1]
    return Voice(engine=listener.engine, seconds=seconds, templates=np.stack(means))


def enrol_voice(
    conn: sa.Connection, person: str, templates: NDArray[np.float32], engine: str, vault: Vault, clock: Clock
) -> Person:
    """Seal ``templates`` (float32 (n, 256), by ``engine``) for a living person, in place of those the person had.

    Call ``read_voice`` first; it is slow and the write transaction must not be. Raises ``UnknownPerson``, ``VaultLocked`` and,
    when the voice is known as somebody else's, ``Known``.
    """
    owner, at = people.get(conn, person), clock()
    _refuse_known_voice(conn, owner, templates, engine, vault)
    conn.execute(sa.delete(person_secrets).where(person_secrets.c.person == owner.id, person_secrets.c.role == ROLE))
    for ordinal, template in enumerate(templates):
        row = derive(owner.id, ROLE, ordinal)
        sealed = vault.seal(conn, owner.id, ROLE, row, template.astype("<f4").tobytes())
        values = {"id": row, "person": owner.id, "role": ROLE, "engine": engine, "sealed": sealed, "at": at}
        conn.execute(sa.insert(person_secrets).values(**values))
    bump(conn, "people")
    ledger.append(conn, "voice-enrolled", owner.id, {"engine": engine, "templates": len(templates)}, at)
    return owner


def _check_level(sound: Sound, where: str) -> None:
    if sound.size > LONGEST * SOUND_RATE:
        raise VoiceRefused(f"{where} is longer than {LONGEST / 60:.0f} minutes; give a shorter one.")
    loud = np.abs(sound)
    if float(loud.max(initial=0.0)) < LEAST_PEAK:
        raise VoiceRefused(f"{where} is too quiet; come closer to the microphone and try again.")
    if float((loud >= CUT_OFF).mean()) > MOST_CUT_OFF:
        raise VoiceRefused(f"{where} is distorted because it is too loud; turn the level down and try again.")


def _check_one_speaker(utterances: Sequence[Utterance]) -> None:
    telling = [u for u in utterances if u.voiced >= TELLING]
    rows = np.stack([u.embedding for u in telling]) if telling else np.zeros((0, 256), np.float32)
    if len(rows) > 1 and float((rows @ rows.T).min()) < ONE_PERSON:
        raise VoiceRefused("More than one person seems to speak; give recordings in which only one does.")


def _mean(utterances: Sequence[Utterance]) -> NDArray[np.float32]:
    """The direction of all utterances together, longer ones counting for more."""
    total = np.sum([u.embedding * u.voiced for u in utterances], axis=0)
    return np.asarray(total / max(1e-12, float(np.linalg.norm(total))), np.float32)


def _refuse_known_voice(conn: sa.Connection, person: Person, templates: NDArray[np.float32], engine: str, vault: Vault) -> None:
    """Raise ``Taken`` when any template is like somebody else's; the other person's name is not given away."""
    owners, known = people.voice_templates(conn, engine, vault)
    others = [i for i, owner in enumerate(owners) if owner.id != person.id]
    if not others:
        return
    cosines = (known[others] @ templates.T).max(axis=1)
    nearest = int(np.argmax(cosines))
    if float(cosines[nearest]) < MATCH:
        return
    owner = owners[others[nearest]]
    if owner.kind == "protected":
        raise Known("This voice belongs to a protected person; it cannot be enrolled.", owner.id, "voice")
    sentence = "This voice is enrolled under another handle already; erase that one first, or ask the operator to look into it."
    raise Known(sentence, owner.id, "voice")
