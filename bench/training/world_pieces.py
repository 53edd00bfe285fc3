"""A small byte-pair vocabulary for the small CLIP, in the file format that open_clip's SimpleTokenizer reads.

The published vocabulary has 49,408 pieces, most of which a caption of the embedded world never contains; their embedding would be
larger than all the rest of the model. This one merges until every word of the captions is one piece.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

#: Bytes, bytes that end a word, and the two pieces that open and close a text: what stands in the vocabulary before any merge.
BASE = 2 * 256 + 2


def merges(words: Counter[str]) -> list[tuple[str, str]]:
    """Merges in order, the commonest pair first (Sennrich et al. 2016), until no pair is left; ties go by alphabet."""
    parts = {w: (*w[:-1], w[-1] + "</w>") for w in words}
    found = []
    while True:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, pieces in parts.items():
            for pair in pairwise(pieces):
                pairs[pair] += words[word]
        if not pairs:
            return found
        best = min(pairs, key=lambda p: (-pairs[p], p))
        found.append(best)
        parts = {w: _merged(pieces, best) for w, pieces in parts.items()}


def _merged(pieces: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    out: list[str] = []
    for piece in pieces:
        if out and (out[-1], piece) == pair:
            out[-1] += piece
        else:
            out.append(piece)
    return tuple(out)


def write(path: Path, captions: Iterable[str]) -> int:
    """Write the merges for ``captions`` and return the size of the vocabulary. The same captions give the same bytes."""
    import regex
    from open_clip.tokenizer import bytes_to_unicode

    letters = bytes_to_unicode()
    words: Counter[str] = Counter()
    for text in captions:
        for word in regex.findall(r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+", text.lower()):
            words["".join(letters[b] for b in word.encode())] += 1
    table = merges(words)
    lines = ["#version: 0.2", *(" ".join(pair) for pair in table)]
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as f:
        f.write("\n".join(lines).encode())  # no last line break: the tokenizer would take it for one more merge
    return BASE + len(table)
