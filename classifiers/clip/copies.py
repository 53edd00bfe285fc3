"""Fingerprints of a clip as the clip gate's workers make them, a part at a time.

What was seen is compared with what is reserved afterwards and elsewhere, where the database is; nothing here knows a reservation.
"""

from __future__ import annotations

from classifiers.clip.fingerprint import PictureFingerprinter
from safety.fingerprint import PictureFingerprint
from safety.media import SampledClip


class CopyLooker:
    """Observer of frames and regions; cheap to make, and picklable before and after its network was loaded."""

    name = "prints/1"

    def __init__(self, printer: PictureFingerprinter | None = None) -> None:
        self.printer = printer or PictureFingerprinter()

    @property
    def fingerprinter(self) -> str:
        """Name of what made the prints; only prints of one name are compared."""
        return self.printer.name

    def look(self, clip: SampledClip) -> tuple[PictureFingerprint, ...]:
        """Fingerprints of every sampled frame of a part, with the frames' own times and indexes."""
        return self.printer.clip(clip)
