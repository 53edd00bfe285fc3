"""QR codes and their kin: words that only machines read, and every telephone does.

QR codes are looked for in the picture and at half its size, the other kinds at half size alone. A code whose modules are under
about two pixels of a 720p frame is not read. A payload is passed on as it is; it must never be opened or followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from safety.media import Picture
from safety.signal import Box

#: Pixels of the picture that is searched for every kind.
AREA = 640 * 360


@dataclass(frozen=True)
class Code:
    """A payload, what kind of code it is in lower case, and its place in the frame."""

    text: str
    kind: str
    box: Box


def codes_in(picture: Picture, every_kind: bool = True) -> list[Code]:
    """The codes of one picture, each once, in the order of their places; QR codes alone unless ``every_kind``."""
    import zxingcpp

    kinds = zxingcpp.BarcodeFormat
    quick = [kinds.QRCode, kinds.MicroQRCode]
    thorough = [
        *quick, kinds.RMQRCode, kinds.Aztec, kinds.DataMatrix, kinds.PDF417, kinds.EANUPC, kinds.Code128, kinds.Code39,
    ]  # fmt: skip
    grey = np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    scale = min(1.0, float(np.sqrt(AREA / grey.size)))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    found: dict[tuple[str, str], Code] = {}
    wanted = thorough if every_kind else quick
    looks = [(small, wanted)] if scale == 1 else [(grey, quick), (small, wanted)]
    for view, formats in looks:
        for barcode in zxingcpp.read_barcodes(view, formats=zxingcpp.BarcodeFormats(formats)):
            code = _code(barcode, view.shape[1], view.shape[0])
            if code.text:
                found.setdefault((code.kind, code.text), code)
    return sorted(found.values(), key=lambda code: (code.box.y, code.box.x, code.text))


def _code(barcode: Any, width: int, height: int) -> Code:
    place = barcode.position
    xs = [p.x / width for p in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)]
    ys = [p.y / height for p in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)]
    left, top = max(0.0, min(xs)), max(0.0, min(ys))
    kind = str(barcode.format).lower()
    return Code(
        barcode.text,
        kind if "code" in kind else f"{kind} code",
        Box(x=left, y=top, w=min(1.0, max(xs)) - left, h=min(1.0, max(ys)) - top),
    )
