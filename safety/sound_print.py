"""What a stretch of sound is known by again: its landmarks, the spectral peaks that stand out, with when and how high.

``classifiers`` finds them, ``consent`` searches them among reserved recordings; the value stands here because those two may not
import one another. It holds no sound, and none can be made from it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from safety.errors import BadInput
from safety.media import SampledClip, Sound

#: First bytes of a stored print: what it is, and the version of this layout.
_MAGIC = b"CSP1"
#: Stored times are whole milliseconds, stored pitches whole thousandths of an octave above 1 Hz.
_PER_SECOND, _PER_OCTAVE = 1000.0, 1000.0


@dataclass(frozen=True)
class SoundPrint:
    """Landmarks in order of time: ``times`` float32 seconds (of the whole clip, not of the part), ``pitches`` float32 octaves
    above 1 Hz, ``ranks`` uint8, how many stronger ones stand near (0 is the strongest of its neighbourhood). ``span`` is the
    stretch that was listened to, seconds. ``name`` is the printer's; prints of different names are never compared."""

    name: str
    span: tuple[float, float]
    times: NDArray[np.float32] = field(repr=False)
    pitches: NDArray[np.float32] = field(repr=False)
    ranks: NDArray[np.uint8] = field(repr=False)

    def __len__(self) -> int:
        return int(self.times.size)

    @property
    def seconds(self) -> float:
        """Length of what was listened to."""
        return self.span[1] - self.span[0]

    def to_bytes(self) -> bytes:
        """Seven bytes a landmark and a short head; the same for the same print on every machine."""
        name = self.name.encode()
        head = _MAGIC + struct.pack("<BddI", len(name), *self.span, len(self)) + name
        times = np.rint((self.times.astype(np.float64) - self.span[0]) * _PER_SECOND).clip(0, 2**32 - 1).astype("<u4")
        pitches = np.rint(self.pitches.astype(np.float64) * _PER_OCTAVE).clip(0, 2**16 - 1).astype("<u2")
        return head + times.tobytes() + pitches.tobytes() + self.ranks.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> SoundPrint:
        """The print that ``to_bytes`` stored. Raises ``BadInput`` when the bytes are none."""
        fixed = struct.calcsize("<BddI")
        if data[:4] != _MAGIC or len(data) < 4 + fixed:
            raise BadInput("These bytes are not a stored print of a sound.")
        letters, begin, end, count = struct.unpack_from("<BddI", data, 4)
        at = 4 + fixed + letters
        if len(data) != at + 7 * count:
            raise BadInput("A stored print of a sound is cut short.")
        times = np.frombuffer(data, "<u4", count, at) / _PER_SECOND + begin
        pitches = np.frombuffer(data, "<u2", count, at + 4 * count) / _PER_OCTAVE
        ranks = np.frombuffer(data, np.uint8, count, at + 6 * count)
        name = data[4 + fixed : at].decode()
        return cls(name, (begin, end), times.astype(np.float32), pitches.astype(np.float32), ranks)


class SoundListener(Protocol):
    """``name`` carries the version."""

    name: str

    def look(self, clip: SampledClip) -> SoundPrint:
        """The print of a clip's sound, or of a part's, at the clip's own times; an empty print where there is no sound."""
        ...

    def reference(self, sound: Sound) -> SoundPrint:
        """The print of a rights holder's recording, mono at 48 kHz."""
        ...
