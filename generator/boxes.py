"""Whether the pieces of a file fit together from its first byte to its last, before anything decodes it.

Decoders jump over what they cannot read: a film with a hole in the middle plays, and a gate that saw it has judged another film.
It only ever reads headings, and never judges what is in a piece; other containers are left to the decoder.
"""

from __future__ import annotations

from typing import BinaryIO

_BOX_HEADER = 8
#: Boxes that a file in ISO base media format may begin with (ISO/IEC 14496-12; QuickTime files may lack ``ftyp``).
_FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp"})
_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
#: What may stand in a segment and in a cluster (RFC 9559, sections 5.1 and 5.1.3), the two transparent ones aside.
_ELEMENTS = frozenset({
    0x1A45DFA3, 0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1941A469, 0x1043A770, 0x1254C367, 0xEC, 0xBF,
    0xE7, 0xA3, 0xA0, 0xAB, 0xA7, 0x5854, 0xAF,
})  # fmt: skip


def is_whole(file: BinaryIO, size: int) -> bool:
    """False when a piece runs past the end of the file, does not fit the one before it, or the index is missing."""
    if size < _BOX_HEADER:
        return True  # too short for any container; the decoder says so
    file.seek(0)
    head = file.read(_BOX_HEADER)
    if head[:4] == _EBML:
        return _elements_fit(file, size)
    return _boxes_fit(file, size) if head[4:8] in _FIRST_BOXES else True


def _boxes_fit(file: BinaryIO, size: int) -> bool:
    at, kinds = 0, set[bytes]()
    while at + _BOX_HEADER <= size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        kinds.add(head[4:8])
        if length == 0:
            return True
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < _BOX_HEADER or at + length > size:
            return False
        at += length
    return at == size and b"moov" in kinds


def _elements_fit(file: BinaryIO, size: int) -> bool:
    """Matroska and WebM. Segments and clusters are looked into as if they were not there: a live recording does not know how
    long they are."""
    at, segment_end = 0, None
    while at < size:
        file.seek(at)
        head = file.read(12)
        id_length = _length(head[0])
        if id_length > 4 or id_length >= len(head):
            return False
        kind = int.from_bytes(head[:id_length], "big")
        long = _length(head[id_length])
        if long > 8 or id_length + long > len(head):
            return False
        count = int.from_bytes(head[id_length : id_length + long], "big") & ((1 << 7 * long) - 1)
        unknown = count == (1 << 7 * long) - 1
        at += id_length + long
        if kind in (_SEGMENT, _CLUSTER):
            if not unknown and at + count > size:
                return False
            segment_end = at + count if kind == _SEGMENT and not unknown else segment_end
            continue
        if kind not in _ELEMENTS or unknown:
            return False
        at += count
    return at == size and segment_end in (None, size)


def _length(first: int) -> int:
    """Bytes of a variable-length number by its first byte (RFC 8794, section 4); 9 for none."""
    return 9 - first.bit_length()
