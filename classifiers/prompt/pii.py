"""Details by which a private person can be reached, paid for or found: e-mail, phone, card, IBAN, social security, home address.

Numbers count only when their own check digits or numbering plans agree, so that "1920x1080, 24 fps" is no phone. A name alone is
never personal data here: "Marie walks" must pass. Patterns are our own with ``phonenumbers`` for numbering plans; ``presidio.py``
is the second opinion. No network, ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from classifiers.prompt.checksums import iban_agrees, luhn_agrees, nir_agrees
from classifiers.prompt.tracing import source_span
from safety.prompt import ReadPrompt
from safety.signal import Evidence, Report, Signal, Span

#: Numbering plans tried for numbers without a country code.
REGIONS = ("FR", "US", "GB", "DE", "ES", "IT")
#: Characters read; every pattern is linear, this only bounds the phone matcher, which is not fast.
MOST_CHARACTERS = 20_000
#: Phone numbers looked at in one prompt.
MOST_NUMBERS = 50

_DOMAIN = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"(?<![\w.+-])[\w.+%-]{{1,64}}@(?:{_DOMAIN}\.){{1,4}}[^\W\d_]{{2,24}}(?![\w-])")
_SPOKEN_EMAIL = re.compile(
    r"(?<!\w)[\w-]{2,30}(?:(?: ?(?:\.|\(dot\)|\[dot\]| dot | point ) ?)[\w-]{2,30}){0,2} ?(?:\(at\)|\[at\]| at | arobase |@) ?"
    r"(?:gmail|outlook|hotmail|yahoo|icloud|proton|protonmail|orange|wanadoo|free|sfr|laposte|gmx|web)"
    r" ?(?:\.|\(dot\)|\[dot\]| dot | point ) ?(?:com|fr|net|org|de|es|it|me|ch)(?!\w)"
)
_CARD = re.compile(r"(?<![\d.,])\d(?:[ -]?\d){12,18}(?![\d.,]\d|\d)")
_IBAN = re.compile(r"(?<!\w)[a-z]{2}\d{2}(?:[ -]?[a-z0-9]){11,30}(?!\w)", re.IGNORECASE)
_NIR = re.compile(r"(?<!\d)[12][ .]?\d{2}[ .]?\d{2}[ .]?(?:\d{2}|2[ab])[ .]?\d{3}[ .]?\d{3}[ .]?\d{2}(?!\d)")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_US_PHONE = re.compile(r"(?<![\d.])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[.-]\d{4}(?!\d)")
_SHORT_PHONE = re.compile(r"(?<![\d-])\d{3}-\d{4}(?![\d-])")
_PHONE_WORDS = re.compile(
    r"\b(?:phone|call|tel|cell|mobile|whatsapp|text (?:me|him|her)|t[ée]l[ée]phone|appel\w*|joindre|portable|num[ée]ro"
    r"|llama\w*|tel[ée]fono|m[óo]vil|anruf\w*|handy|nummer)\b"
)
_HOME_WORDS = re.compile(
    r"\b(?:lives? (?:at|on)|living at|resid\w+ at|home (?:is|address)|address|adresse|habite|demeure|domicile|vive en"
    r"|direcci[óo]n|wohnt|anschrift)\b"
)
_STREET = re.compile(
    r"(?<![\w.])\d{1,5} ?(?:bis|ter|[a-d])?,? (?:"
    r"(?:rue|avenue|av\.|boulevard|bd|all[ée]e|impasse|place|chemin|quai|route|cours|square|calle|avenida|plaza|via"
    r"|viale)(?: [\w'’.-]+){1,5}"
    r"|(?:[\w'’.-]+ ){1,3}(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|terrace|way|square)\b\.?"
    r")"
)
_GERMAN_STREET = re.compile(r"(?<!\w)[\w-]{3,30}(?:stra(?:ß|ss)e|str\.|gasse|weg|platz|allee) \d{1,4} ?[a-d]?(?!\w)")
_POSTCODE = re.compile(r"(?<!\d)\d{5}(?:-\d{4})?(?!\d)|\b[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b")
#: How far from a street its postcode, and from a number its introducing word, may stand.
_NEAR = 40


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at [start, end) of the plain reading, and how sure that is."""

    kind: str
    start: int
    end: int
    score: float


class PersonalData:
    """The detector; evidence says the kind and place, never the value itself, so that logs hold no personal data."""

    name = "personal-data/1"
    labels = frozenset({"pii"})

    def detect(self, prompt: ReadPrompt) -> Report:
        """One signal with every place, scored by the surest."""
        found = [(item, prompt.origin) for item in find(prompt.plain[:MOST_CHARACTERS])]
        if not found:
            for text, origin in zip(prompt.readings, prompt.reading_origins, strict=False):
                found += [(item, origin) for item in find(text[:MOST_CHARACTERS]) if item.score >= 0.9]
        if not found:
            return Report(detector=self.name, labels=self.labels)
        evidence = tuple(
            Evidence(span=span, note=item.kind)
            for item, origin in found[:20]
            if (span := source_span(origin, item.start, item.end)) is not None
        )
        signal = Signal(label="pii", score=max(item.score for item, _ in found), detector=self.name, evidence=evidence)
        return Report(detector=self.name, labels=self.labels, signals=(signal,))


def find(text: str) -> list[Found]:
    """Every personal detail in ``text`` (lower case), none overlapping a surer one, in order of place."""
    candidates = sorted(_candidates(text), key=lambda f: (-f.score, f.start))
    kept: list[Found] = []
    for item in candidates:
        if not any(item.start < other.end and other.start < item.end for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda f: f.start)


def _candidates(text: str) -> Iterator[Found]:
    checks: list[tuple[str, re.Pattern[str], float, Callable[[str], bool]]] = [
        ("e-mail address", _EMAIL, 0.95, lambda _: True),
        ("e-mail address", _SPOKEN_EMAIL, 0.9, lambda _: True),
        ("bank account (IBAN)", _IBAN, 0.95, iban_agrees),
        ("payment card", _CARD, 0.95, luhn_agrees),
        ("social security number", _NIR, 0.95, nir_agrees),
        ("social security number", _SSN, 0.92, lambda _: True),
    ]
    for kind, pattern, score, agrees in checks:
        for match in pattern.finditer(text):
            if agrees(match.group()):
                yield Found(kind, match.start(), match.end(), score)
    yield from _phones(text)
    yield from _addresses(text)


def _phones(text: str) -> Iterator[Found]:
    for match in _US_PHONE.finditer(text):
        yield Found("phone number", match.start(), match.end(), 0.85)
    for match in _SHORT_PHONE.finditer(text):
        if _PHONE_WORDS.search(text, max(0, match.start() - _NEAR), match.start()):
            yield Found("phone number", match.start(), match.end(), 0.7)
    if sum(c.isdigit() for c in text) < 8:
        return
    import phonenumbers

    for region in REGIONS:
        for number in phonenumbers.PhoneNumberMatcher(text, region, phonenumbers.Leniency.VALID, MOST_NUMBERS):
            introduced = _PHONE_WORDS.search(text, max(0, number.start - _NEAR), number.start) is not None
            written = number.raw_string
            digits = re.findall(r"\d+", written)
            # A bare run of digits may be anything; a plus, a leading zero, groups or the word "call" make it a number to dial.
            single = sum(len(g) == 1 for g in digits) > 2
            if introduced or ((written.startswith(("+", "00", "0", "(")) or len(digits) >= 3) and not single):
                yield Found("phone number", number.start, number.end, 0.9)


def _addresses(text: str) -> Iterator[Found]:
    for pattern in (_STREET, _GERMAN_STREET):
        for match in pattern.finditer(text):
            introduced = _HOME_WORDS.search(text, max(0, match.start() - _NEAR), match.start()) is not None
            placed = _POSTCODE.search(text, match.start() + 6, match.end() + _NEAR) is not None
            if introduced or placed:
                yield Found("home address", match.start(), match.end(), 0.85 if introduced and placed else 0.7)


def spans(report: Report) -> tuple[Span, ...]:
    """The places a report of this detector names, for whoever wants to blot them out."""
    return tuple(e.span for s in report.signals for e in s.evidence if e.span is not None)
