"""The recipe of a seal, for whoever encodes a clip: badge, then mark, frame by frame; the sound; then signing and the record.

The order matters. The badge is drawn first so that the mark covers it; the looks are taken last, of what people will see; the
manifest is signed over the finished file, because one byte changed afterwards breaks it. This module never encodes and never
decides whether a clip may be released.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np

from provenance.authority import Authority
from provenance.badge import Badge
from provenance.boxes import media_digest
from provenance.errors import SealRefused
from provenance.looks import Look, LookTaker
from provenance.manifest import ClipFactsToSign, sign_clip
from provenance.tables import SealedClip
from provenance.watermark import ID_BYTES, VideoMarker
from provenance.watermark.sound import mark_sound
from safety.media import Picture, Sound

#: Width of the thumbnail in the manifest.
_THUMBNAIL = 320


def mark_id(clip: str) -> bytes:
    """The 12 bytes that the pipeline's ``clip`` is marked with: derived, so that sealing twice gives the same mark."""
    return hashlib.sha256(b"clearance mark id 1/" + clip.encode()).digest()[:ID_BYTES]


class Sealing:
    """One clip being sealed: pass every frame, in order, and the whole sound through it while encoding."""

    def __init__(self, key: bytes, clip_id: bytes, width: int, height: int, fps: float, badge_handle: str | None) -> None:
        self.clip_id = clip_id
        self._key = key
        self._marker = VideoMarker(key, clip_id, width, height, fps)
        self._badge = None if badge_handle is None else Badge(width, height, badge_handle)
        self._taker = LookTaker()
        self._cover: Picture | None = None

    def frame(self, picture: Picture, time: float) -> Picture:
        """The frame to encode for ``picture`` (height, width, 3) at ``time`` seconds."""
        shown = self._badge.draw(picture, time) if self._badge else picture
        marked = self._marker.mark(shown)
        self._taker.see(marked, time)
        # The first frame is often a blank or a fade; one second in, the clip has begun.
        if self._cover is None or time <= 1.0:
            self._cover = marked
        return marked

    def sound(self, sound: Sound) -> Sound:
        """The whole track to encode for ``sound`` (mono, 48 kHz); call it once."""
        return mark_sound(sound, self._key, self.clip_id)

    @property
    def looks(self) -> tuple[Look, ...]:
        """Looks of the frames so far, for ``record_sealed``."""
        return tuple(self._taker.looks)

    @property
    def thumbnail(self) -> bytes:
        """A JPEG of the clip, 320 wide, for the manifest. Raises ``SealRefused`` before the first frame."""
        if self._cover is None:
            raise SealRefused("No frame was sealed, so there is no clip to sign; encode at least one frame.")
        height, width = self._cover.shape[:2]
        small = cv2.resize(self._cover, (_THUMBNAIL, max(2, round(height * _THUMBNAIL / width))), interpolation=cv2.INTER_AREA)
        bgr = cv2.cvtColor(np.asarray(small, np.uint8), cv2.COLOR_RGB2BGR)
        done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 82])
        if not done:
            raise SealRefused("The thumbnail could not be made; the clip was not sealed.")
        return bytes(data.tobytes())


class Sealer:
    """Opens seals with the keys of one authority."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority

    def open(self, clip_id: bytes, width: int, height: int, fps: float, badge_handle: str | None = "") -> Sealing:
        """Begin to seal a clip. ``badge_handle`` is shown beside "AI-generated"; None draws no badge."""
        return Sealing(self.authority.mark_key, clip_id, width, height, fps, badge_handle)

    def sign(
        self,
        sealing: Sealing,
        encoded: Path,
        out: Path,
        *,
        clip: str,
        title: str,
        creator: str,
        generator: str,
        generator_version: str,
        now: datetime,
        source_type: str = "trainedAlgorithmicMedia",
        parent: Path | None = None,
        parent_mark: str | None = None,
    ) -> SealedClip:
        """Sign the ``encoded`` file into ``out``; returns the row for ``record_sealed`` (with ``sealing.looks``)."""
        facts = ClipFactsToSign(
            clip_id=sealing.clip_id,
            title=title,
            generator=generator,
            generator_version=generator_version,
            source_type=source_type,
            thumbnail=sealing.thumbnail,
            parent=parent,
        )
        manifest = sign_clip(encoded, out, facts, self.authority, now)
        with out.open("rb") as f:
            whole = "sha256:" + hashlib.file_digest(f, "sha256").hexdigest()
        return SealedClip(
            mark=sealing.clip_id.hex(),
            clip=clip,
            sha256=whole,
            content=media_digest(out),
            manifest=manifest,
            title=title[:300],
            creator=creator,
            parent=parent_mark,
            sealed_at=now,
        )
