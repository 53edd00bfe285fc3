"""The invisible mark in picture and sound: written while a clip is sealed, read back from what is left of it.

It names a clip (96 bits) and nothing else, and never decides anything: whoever reads it must still compare the clip's stored
looks, because a mark can be estimated and pasted onto another picture by someone who knows this code.
"""

from provenance.watermark.detect import Detection, Geometry, VideoDetector
from provenance.watermark.embed import VideoMarker
from provenance.watermark.keys import ID_BYTES

__all__ = ["ID_BYTES", "Detection", "Geometry", "VideoDetector", "VideoMarker"]
