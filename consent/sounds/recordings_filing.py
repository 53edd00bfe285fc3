"""Filing a recording: what can be reserved by its sound, and keeping its print.

Only the print is kept; the recording itself is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa

from consent.errors import FilingRefused
from consent.tables import reservation_sounds
from safety.media import SOUND_RATE, Sound
from safety.sound_print import SoundListener, SoundPrint
from safety.values import derive

#: Seconds of sound that can be known again, and the longest recording.
LEAST, MOST = 3.0, 1200.0
#: Sound that can be known again has landmarks at two pitches, a semitone apart, in this many seconds.
_STEP, _SEMITONE = 0.5, 1 / 12


@dataclass(frozen=True)
class SoundReferences:
    """Prints of a filing's recordings, in the order given."""

    prints: tuple[SoundPrint, ...] = field(repr=False)

    def keep(self, conn: sa.Connection, reservation: str) -> None:
        """Write them down for a reservation in the caller's transaction."""
        for ordinal, sound in enumerate(self.prints):
            values = {"id": derive(reservation, "sound", ordinal), "reservation": reservation, "ordinal": ordinal}
            conn.execute(sa.insert(reservation_sounds).values(**values, printer=sound.name, print=sound.to_bytes()))


def read_recordings(sounds: Iterable[Sound], listener: SoundListener) -> SoundReferences:
    """Listen to a filing's recordings, mono at 48 kHz, one in memory at a time; do it before the write transaction.

    Raises ``FilingRefused`` for one that is too short or long, or has less than ``LEAST`` seconds that can be known again.
    """
    prints = []
    for number, sound in enumerate(sounds, 1):
        seconds = sound.size / SOUND_RATE
        if seconds > MOST:
            raise FilingRefused(f"Recording {number} is longer than {MOST / 60:.0f} minutes; give the part that matters.")
        if seconds < LEAST:
            raise FilingRefused(f"Recording {number} is {seconds:.1f} s long; give at least {LEAST:.0f} s, or every clip has it.")
        heard = listener.reference(sound)
        if telling_seconds(heard) < LEAST - _STEP:  # the ends of a recording of exactly 3 s may be faded
            raise FilingRefused(
                f"Recording {number} is silence or a plain tone but for {telling_seconds(heard):.1f} s and would match "
                f"everything like it; give at least {LEAST:.0f} s of the work."
            )
        prints.append(heard)
    return SoundReferences(tuple(prints))


def telling_seconds(sound: SoundPrint) -> float:
    """How much of a sound has landmarks at more than one pitch, in steps of half a second."""
    steps = ((sound.times - sound.span[0]) / _STEP).astype(int)
    telling = 0
    for step in np.unique(steps):
        pitches = sound.pitches[steps == step]
        telling += bool(np.ptp(pitches) > _SEMITONE)
    return telling * _STEP
