"""The secret side of the mark: what is derived from the key, and the payload that only its holder can write or confirm.

A payload is the clip's 96-bit id and a 48-bit truncated HMAC of it. The tag does two things: it picks the right path of the
list decoder, and it makes a wrong id improbable (a search of about 40 decodes of 8 paths accepts noise once in 2^39 clips).
Everything keyed comes from SHAKE-256 over an HMAC of the key, never from a library's random generator, whose stream may change
between versions and would orphan every clip marked before.
"""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
from numpy.typing import NDArray

from provenance.watermark import polar
from provenance.watermark.polar import Floats

ID_BYTES = 12
TAG_BYTES = 6
PAYLOAD_BITS = 8 * (ID_BYTES + TAG_BYTES)
#: Shorter secrets could be searched.
MIN_KEY_BYTES = 16


class MarkKey:
    """One marking secret (at least 16 bytes). Equal secrets give equal marks on every machine."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MIN_KEY_BYTES:
            raise ValueError(f"a marking key needs at least {MIN_KEY_BYTES} bytes")
        self._secret = secret

    def stream(self, purpose: str, count: int) -> bytes:
        """``count`` pseudo-random bytes for ``purpose``."""
        seed = hmac.new(self._secret, f"clearance mark 1/{purpose}".encode(), hashlib.sha256).digest()
        return hashlib.shake_256(seed).digest(count)

    def permutation(self, purpose: str, size: int) -> NDArray[np.intp]:
        """A keyed order of ``range(size)``."""
        return np.argsort(np.frombuffer(self.stream(purpose, 8 * size), "<u8"), kind="stable")

    def signs(self, purpose: str, size: int) -> Floats:
        """Keyed +1 and -1."""
        bits = np.unpackbits(np.frombuffer(self.stream(purpose, -(-size // 8)), np.uint8))[:size]
        return (1 - 2 * bits.astype(np.float32)).astype(np.float32)

    def offset(self, channel: str, clip_id: bytes, size: int) -> int:
        """Where in a period of ``size`` this clip's pattern begins: two marks in one picture must not share a grid."""
        return int.from_bytes(self.stream(f"offset/{channel}/{clip_id.hex()}", 4), "little") % size

    def tag(self, clip_id: bytes) -> bytes:
        """The 6 bytes that prove ``clip_id`` was written with this key."""
        return hmac.new(self._secret, b"clearance mark 1/tag/" + clip_id, hashlib.sha256).digest()[:TAG_BYTES]


class Payload:
    """Writes an id as 1024 scrambled symbols and reads it back, for one ``channel`` (``picture`` or ``sound``)."""

    def __init__(self, key: MarkKey, channel: str) -> None:
        self._key = key
        self._scramble = key.signs(f"scramble/{channel}", polar.LENGTH)

    def symbols(self, clip_id: bytes) -> Floats:
        """The (1024,) symbols, +1 or -1, of a 12-byte id."""
        if len(clip_id) != ID_BYTES:
            raise ValueError(f"a clip id has {ID_BYTES} bytes, not {len(clip_id)}")
        bits = np.unpackbits(np.frombuffer(clip_id + self._key.tag(clip_id), np.uint8))
        return (1 - 2 * polar.encode(bits).astype(np.float32)).astype(np.float32) * self._scramble

    def read(self, soft: Floats) -> bytes | None:
        """The id in (1024,) soft symbols, or None when no path's tag agrees: never a guess."""
        scale = float(np.abs(soft).mean())
        if not np.isfinite(scale) or scale <= 0:
            return None
        for bits in polar.decode((soft * self._scramble / scale).astype(np.float32), PAYLOAD_BITS):
            data = np.packbits(bits).tobytes()
            clip_id, tag = data[:ID_BYTES], data[ID_BYTES:]
            if any(clip_id) and hmac.compare_digest(tag, self._key.tag(clip_id)):
                return clip_id
        return None
