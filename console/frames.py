"""Evidence frames of a held clip, for the person who decides: blurred and grey on this side of the wire, clear on request.

What is held may be dreadful, and may be somebody's face: nothing clear is sent that was not asked for, nothing is kept on
disk, and nothing is shown once the draft is gone from the store.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from PIL import Image, ImageFilter

from consent.claim import Filed
from console.views import CaseView
from generator.codec import Codec
from safety import releases
from safety.errors import Gone, NotFound
from safety.media import Picture
from streams.context import Context

#: Frames on the contact sheet, and their width, pixels.
FRAMES, WIDTH = 6, 480
#: Radius of the blur, pixels at ``WIDTH``: faces and gore are shapes, the scene can still be made out.
BLUR = 14
#: Cases whose frames are held in memory at once.
KEPT = 4

_sheets: OrderedDict[tuple[str, str], tuple[tuple[float, bytes], ...]] = OrderedDict()
_lock = Lock()


def times(ctx: Context, case: CaseView) -> tuple[float, ...]:
    """Seconds into the clip of each evidence frame; empty for a prompt, or when the draft is gone or cannot be read."""
    try:
        return tuple(time for time, _ in _sheet(ctx, case.submission, case.subject)) if case.gate == "clip" else ()
    except Exception:  # whatever is wrong with the file must not hide the case from the person who decides it
        return ()


def picture(ctx: Context, case_id: str, number: int, *, clear: bool) -> bytes:
    """JPEG of frame ``number`` (from 1). Raises ``NotFound``, ``Gone`` and ``BadMedia``."""
    from safety import cases

    with ctx.db.read() as conn:
        case = cases.get(conn, case_id)
    if case.gate != "clip":
        raise NotFound("This case is about a prompt and has no frames.")
    return _one(_sheet(ctx, case.submission, case.subject), number, clear)


def claimed_picture(ctx: Context, claim: Filed, clip: str, number: int, *, clear: bool) -> bytes:
    """JPEG of a clip of an open claim, withheld or not: its beginning (1), middle (2) or end (3). Raises as ``picture`` does."""
    if claim.status != "open" or clip not in {f.clip for f in claim.found}:
        raise NotFound("No open claim of that number is about this clip.")
    with ctx.db.read() as conn:
        release = releases.get(conn, clip)
    if release.withdrawal is not None:
        raise Gone("This clip was withdrawn; nothing of it is shown any more.")
    sheet = _sheet(ctx, release.submission, release.sealed)
    few = tuple(sheet[i] for i in (0, len(sheet) // 2, len(sheet) - 1)) if sheet else ()
    return _one(few, number, clear)


def _one(sheet: tuple[tuple[float, bytes], ...], number: int, clear: bool) -> bytes:
    if not 1 <= number <= len(sheet):
        raise NotFound(f"There are {len(sheet)} frames; {number} is not one of them.")
    jpeg = sheet[number - 1][1]
    return jpeg if clear else _veil(jpeg)


def _sheet(ctx: Context, owner: str, subject: str) -> tuple[tuple[float, bytes], ...]:
    """Evenly spread frames of the draft. The store is asked every time, so that a removed draft is not shown from memory."""
    key = (owner, subject)
    with ctx.blobs.open_path(owner, subject) as path:
        with _lock:
            if key in _sheets:
                _sheets.move_to_end(key)
                return _sheets[key]
        sheet = _read(path)
    with _lock:
        _sheets[key] = sheet
        while len(_sheets) > KEPT:
            _sheets.popitem(last=False)
    return sheet


def _read(path: Path) -> tuple[tuple[float, bytes], ...]:
    frames = Codec().sample(path).frames
    step = max(1.0, len(frames) / FRAMES)
    chosen = [frames[int(i * step)] for i in range(min(FRAMES, len(frames)))]
    return tuple((f.time, _jpeg(f.picture)) for f in chosen)


def _jpeg(pixels: Picture) -> bytes:
    whole = Image.fromarray(pixels)
    whole.thumbnail((WIDTH, WIDTH))
    return _encode(whole)


def _veil(jpeg: bytes) -> bytes:
    with Image.open(io.BytesIO(jpeg)) as opened:
        return _encode(opened.convert("L").filter(ImageFilter.GaussianBlur(BLUR)))


def _encode(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()
