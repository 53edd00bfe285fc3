"""Text inside text: base64, hex, percent and escape sequences, entities, binary, tag characters, shifted alphabets.

Each function gives a further reading or nothing. All are bounded: a prompt that is one long cipher costs no more than another.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import string
from collections.abc import Callable, Iterator

from classifiers.prompt.confusables import FLIPPED, FLIPPED_ONLY
from classifiers.prompt.folding import fold
from classifiers.prompt.tracing import Traced
from classifiers.prompt.vocabulary import vocabulary

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{8,4000}={0,2}(?![A-Za-z0-9+/_=-])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[\s:,-]?){4,2000}(?![0-9A-Za-z])")
_BINARY = re.compile(r"(?<!\d)(?:[01]{8}[\s,]?){3,500}(?!\d)")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){2,}|%[2-7][0-9A-Fa-f]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_ESCAPE = re.compile(r"\\u\{?([0-9A-Fa-f]{4,6})\}?|\\x([0-9A-Fa-f]{2})|U\+([0-9A-Fa-f]{4,6})\s?")
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
#: How much of a decoded text must be known words before it counts as language, and by how much it must beat the plain text.
_LANGUAGE = 0.55
_BETTER = 0.3
#: Letters under which a reversal or rot13 fits by accident; the other alphabets, being many, need three times as many.
_FEWEST = 4
#: Alphabets are tried on the head of the text; 600 letters say whether they fit.
_HEAD = 600


def embedded(source: Traced) -> Iterator[tuple[str, Traced]]:
    """Readings of ``source`` (as written: case matters) in which encoded pieces are replaced by what they encode."""
    kinds: list[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str | None]]] = [
        ("hidden tag characters", _TAGS, lambda m: "".join(chr(ord(c) - 0xE0000) for c in m.group())),
        ("entities", _ENTITY, lambda m: html.unescape(m.group())),
        ("percent encoding", _PERCENT, lambda m: _utf8(binascii.unhexlify(m.group().replace("%", "")))),
        ("escape sequences", _ESCAPE, _escape),
        ("binary", _BINARY, lambda m: _language(bytes(int(b, 2) for b in re.findall("[01]{8}", m.group())))),
        ("hex", _HEX, _hex),
        ("base64", _BASE64, _base64),
    ]
    for name, pattern, decode in kinds:
        found = source.substitute(pattern, decode)
        if found is not source and found.text != source.text:
            yield name, found


def whole(plain: Traced) -> Iterator[tuple[str, Traced]]:
    """Readings of the whole of ``plain``: back to front, words turned, shifted and mirrored alphabets, upside down."""
    words = vocabulary()
    before = words.known(fold(plain.text[:_HEAD]))
    if len(FLIPPED_ONLY.intersection(plain.text)) >= 2:
        yield "upside down", Traced("".join(FLIPPED.get(c, c) for c in plain.text), plain.origin).reverse()
    if before > 1 - _BETTER:
        return
    head = plain.cut(0, _HEAD)
    candidates: list[tuple[str, Callable[[Traced], Traced]]] = [
        ("reversed", Traced.reverse),
        ("words reversed", lambda t: t.substitute(re.compile(r"\w+"), lambda m: m.group()[::-1])),
        ("mirrored alphabet", lambda t: Traced(t.text.translate(_MIRROR), t.origin)),
    ]
    candidates += [(f"alphabet shifted by {n}", _shifter(n)) for n in (13, *range(1, 13), *range(14, 26))]
    best, name, undo = max(
        ((words.known(fold(undo(head).text)), name, undo) for name, undo in candidates),
        key=lambda row: row[0],
        default=(0.0, "", None),
    )
    least = _FEWEST if name in ("reversed", "words reversed", "alphabet shifted by 13") else 3 * _FEWEST
    if undo is not None and best >= _LANGUAGE and best >= before + _BETTER and sum(c.isalpha() for c in head.text) >= least:
        yield name, undo(plain)
        if name == "reversed":  # turned words in their order have the same words; only the order tells them apart
            yield candidates[1][0], candidates[1][1](plain)
        elif name == "words reversed":
            yield candidates[0][0], candidates[0][1](plain)


_MIRROR = str.maketrans(string.ascii_lowercase, string.ascii_lowercase[::-1])


def _shifter(n: int) -> Callable[[Traced], Traced]:
    table = str.maketrans(string.ascii_lowercase, string.ascii_lowercase[n:] + string.ascii_lowercase[:n])
    return lambda t: Traced(t.text.translate(table), t.origin)


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _language(data: bytes) -> str | None:
    """``data`` as text when it reads like language, surrounded by spaces."""
    text = _utf8(data)
    if text is None or (not text.isprintable() and not text.replace("\n", " ").isprintable()):
        return None
    return f" {text} " if len(text) >= 3 and vocabulary().known(fold(text)) >= _LANGUAGE else None


def _hex(match: re.Match[str]) -> str | None:
    digits = re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", match.group())
    return _language(binascii.unhexlify(digits)) if len(digits) % 2 == 0 else None


def _base64(match: re.Match[str]) -> str | None:
    body = match.group().rstrip("=").replace("-", "+").replace("_", "/")
    if len(body) % 4 == 1:
        return None
    try:
        return _language(base64.b64decode(body + "=" * (-len(body) % 4), validate=True))
    except (binascii.Error, ValueError):
        return None


def _escape(match: re.Match[str]) -> str | None:
    code = int(next(group for group in match.groups() if group), 16)
    return chr(code) if 0x20 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else None
