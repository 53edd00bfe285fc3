"""Still pictures read as clips of one frame, so that the gates and ``verify`` can be asked about a screenshot too.

They go through Pillow, which says how large a picture is before it decodes it; a picture is never written here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from generator.errors import BadClip, ClipTooLarge
from generator.sources import MAX_PIXELS
from safety.media import ClipFacts, Frame, Picture, SampledClip

#: How each kind begins (PNG 1.2 section 3.1, JFIF, GIF89a, RIFF/WebP, BMP).
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM")
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
#: Formats that move when they hold several pictures. A photograph (JPEG) may hold a second one for depth or brightness.
ANIMATED = ("PNG", "WEBP")
#: A picture lasts no time; one frame a second keeps every division by the rate harmless.
RATE = 1.0


def is_still(path: Path) -> bool:
    """Whether the file begins like a still picture."""
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            return False
        with path.open("rb") as f:
            head = f.read(12)
    except OSError:
        return False
    return head.startswith(_BEGINNINGS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def read_still(path: Path) -> Picture:
    """The picture, upright, RGB. Raises ``BadClip`` when it cannot be decoded and ``ClipTooLarge`` before it is."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if getattr(image, "is_animated", False) and image.format in ANIMATED:
                raise BadClip(f"{path.name} is an animation; give it as an mp4, webm, mkv or mov file.")
            if image.width * image.height > MAX_PIXELS:
                raise ClipTooLarge(f"{path.name} is {image.width}x{image.height} pixels; at most {MAX_PIXELS} pixels are read.")
            return np.ascontiguousarray(ImageOps.exif_transpose(image).convert("RGB"), np.uint8)
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as reason:
        raise BadClip(f"{path.name} is a damaged picture; send the file again.") from reason


def still_facts(picture: Picture) -> ClipFacts:
    """What a container would say of it."""
    height, width = picture.shape[:2]
    return ClipFacts(width=width, height=height, fps=RATE, seconds=0.0, video_codec="still", audio_codec=None)


def still_frame(picture: Picture) -> Frame:
    """Its only frame."""
    return Frame(picture=picture, time=0.0, index=0)


def sample_still(path: Path) -> SampledClip:
    """The one frame, and the digest of the file."""
    picture = read_still(path)
    with path.open("rb") as f:
        digest = "sha256:" + hashlib.file_digest(f, "sha256").hexdigest()
    return SampledClip(digest=digest, facts=still_facts(picture), frames=(still_frame(picture),), sound=None)
