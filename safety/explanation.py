"""Saying a verdict to the person it is about: which clause, why, their own words that led to it, and what would pass.

English and French; every other language is answered in English. It must never repeat personal data, nor anything of a prompt
that is about minors, nor words that the sender did not write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from safety.built_in import BUILT_IN
from safety.signal import Evidence, Signal, Span

if TYPE_CHECKING:
    from safety.verdict import Hit, Verdict

#: A text for every language, or one by language.
Wording = str | Mapping[str, str]
#: Excerpts of the sender's words at most, and characters of each.
MOST_QUOTES, MOST_CHARACTERS = 2, 80
#: How far an excerpt grows to end with a whole word; scripts without spaces have no such place and are cut where they are.
REACH = 24
#: Labels whose evidence is never repeated, and the one that silences every quotation of its verdict.
UNQUOTED, SILENCING = frozenset({"pii"}), "sexual_minors"
#: Digits from which on an excerpt may be somebody's number, and the shape of an address.
MOST_DIGITS = 6
_ADDRESS = re.compile(r"\S@\S+\.\S")
#: How detectors note that words were read through a disguise.
_DISGUISED = ("disguise", "another reading")
_EDGES = " \t\n.,;:!?\"'()[]{}<>«»“”‘’…"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

_WORDS: dict[str, dict[str, str]] = {
    "nothing": {"en": "Nothing stands against it.", "fr": "Rien ne s'y oppose."},
    "wrote": {"en": "You wrote {quotes}.", "fr": "Vous avez écrit {quotes}."},
    "hidden": {
        "en": "You wrote {quotes}, which was read through a disguise.",
        "fr": "Vous avez écrit {quotes}, ce qui a été lu malgré un déguisement.",
    },
    "speech": {"en": "This is about what is said in the clip.", "fr": "Il s'agit de ce qui est dit dans la vidéo."},
    "writing": {"en": "This is about what is to be read in the clip.", "fr": "Il s'agit de ce qui se lit dans la vidéo."},
    "order": {"en": "This is about what the clip shows, taken in order.", "fr": "Il s'agit du déroulement de la vidéo."},
    "heard": {"en": "It says {quotes}.", "fr": "On y trouve {quotes}."},
    "quote": {"en": "“{text}”", "fr": "« {text} »"},
    "and": {"en": " and ", "fr": " et "},
    "passes": {"en": "What would pass: {text}", "fr": "Ce qui passerait : {text}"},
}


def spoken(language: str | None) -> str:
    """``fr`` for any French, ``en`` for everything else."""
    return "fr" if (language or "").lower().replace("_", "-").split("-")[0] == "fr" else "en"


def worded(text: Wording, language: str) -> str:
    """``text`` in ``language``, else in English, else nothing."""
    return text if isinstance(text, str) else text.get(language) or text.get("en", "")


def title(hit: Hit, language: str = "en") -> str:
    """What the clause is called."""
    return worded(BUILT_IN[hit.clause].title if hit.clause in BUILT_IN else hit.title, spoken(language))


def reason(verdict: Verdict, language: str = "en", source: str | None = None) -> str:
    """The deciding clause's code and title, its reason, and the sender's words that led to it. ``source`` is what they wrote."""
    hit = verdict.worst
    if hit is None:
        return _WORDS["nothing"][spoken(language)]
    language = spoken(language)
    where = _WORDS[hit.medium][language] if hit.medium else ""
    said = _headed(hit.clause, title(hit, language), worded(hit.says, language))
    return " ".join(part for part in (said, where, _quoted(verdict, hit, source, language)) if part)


def remedy(verdict: Verdict, language: str = "en") -> str:
    """What would pass, or nothing when the clause does not say."""
    hit = verdict.worst
    if hit is None:
        return ""
    return worded(hit.passes or (BUILT_IN[hit.clause].passes if hit.clause in BUILT_IN else {}), spoken(language))


def explain(verdict: Verdict, language: str = "en", source: str | None = None) -> str:
    """Clause and title, reason, the sender's own words, and what would pass, in this order."""
    return _together(reason(verdict, language, source), remedy(verdict, language), language)


def loss(clause: str, language: str = "en") -> tuple[str, str]:
    """Reason and remedy of a refusal that no verdict made: something the clip rested on was gone when it was to be shown."""
    words, language = BUILT_IN[clause], spoken(language)
    return _headed(clause, words.title[language], worded(words.says or {}, language)), words.passes[language]


def explain_loss(clause: str, language: str = "en") -> str:
    """Like ``explain`` for ``loss``."""
    return _together(*loss(clause, language), language)


def quotes(verdict: Verdict, hit: Hit, source: str | None) -> tuple[tuple[str, bool], ...]:
    """Short excerpts of what the sender wrote, the most telling first, and whether each was read through a disguise."""
    labels = {s.label for h in verdict.hits for s in h.signals}
    unquoted = SILENCING in labels or UNQUOTED.intersection(s.label for s in hit.signals)
    if unquoted or (verdict.gate != "prompt" and not hit.medium):
        return ()
    if hit.medium:
        source = None  # what the clip says is not what the sender wrote
    private = [e.span for s in verdict.signals if s.label in UNQUOTED for e in s.evidence if e.span is not None]
    found: list[tuple[str, bool]] = []
    for evidence in _evidence(hit.signals):
        text, span = _excerpt(evidence, source)
        if not text or _is_private(text, span, private):
            continue
        if any(text.casefold() in other.casefold() or other.casefold() in text.casefold() for other, _ in found):
            continue
        found.append((text, any(word in (evidence.note or "") for word in _DISGUISED)))
    return tuple(found[:MOST_QUOTES])


def _headed(clause: str, name: str, says: str) -> str:
    return f"{clause}, {name}. {says}"


def _together(why: str, passes: str, language: str) -> str:
    return f"{why} {_WORDS['passes'][spoken(language)].format(text=passes)}" if passes else why


def _quoted(verdict: Verdict, hit: Hit, source: str | None, language: str) -> str:
    found = quotes(verdict, hit, source)
    if not found:
        return ""
    marks = [_WORDS["quote"][language].format(text=text) for text, _ in found]
    key = "heard" if hit.medium else "hidden" if any(disguised for _, disguised in found) else "wrote"
    return _WORDS[key][language].format(quotes=_WORDS["and"][language].join(marks))


def _evidence(signals: Iterable[Signal]) -> Iterator[Evidence]:
    for signal in sorted(signals, key=lambda s: -s.score):
        yield from signal.evidence


def _excerpt(evidence: Evidence, source: str | None) -> tuple[str, Span | None]:
    """The sender's words at the evidence's place, whole, tidy and short; nothing when it is not known that they wrote them."""
    if source is None:  # without the source only what stands there as it was written can be repeated
        return (_tidy(evidence.text or "") if evidence.note in (None, "as written", "asked for") else ""), evidence.span
    span = evidence.span
    if span is None and evidence.text:
        at = source.casefold().find(evidence.text.casefold())
        if at >= 0 and source[at : at + len(evidence.text)].casefold() == evidence.text.casefold():
            span = Span(start=at, end=at + len(evidence.text))
    if span is None or not span.start < span.end <= len(source):
        return "", None
    start, end = _whole(source, span.start, span.end)
    return _tidy(source[start:end]), Span(start=start, end=end)


def _whole(source: str, start: int, end: int) -> tuple[int, int]:
    """The range grown to the nearest white space on each side, where there is one within reach."""
    left, right = start, end
    while left > 0 and start - left < REACH and not source[left - 1].isspace():
        left -= 1
    while right < len(source) and right - end < REACH and not source[right].isspace():
        right += 1
    whole_left = left == 0 or source[left - 1].isspace()
    whole_right = right == len(source) or source[right].isspace()
    return left if whole_left else start, right if whole_right else end


def _tidy(text: str) -> str:
    """On one line, without hidden characters or marks of quotation, cut between words after ``MOST_CHARACTERS``."""
    head = text[: 8 * MOST_CHARACTERS]
    shown = "".join(" " if c.isspace() else c for c in head if c.isspace() or unicodedata.category(c) not in _HIDDEN)
    line = " ".join(shown.split()).strip(_EDGES)
    for mark in '“”«»"':
        line = line.replace(mark, "’")
    if len(line) <= MOST_CHARACTERS and len(text) <= len(head):
        return line
    cut = line[:MOST_CHARACTERS]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).strip(_EDGES) + "…"


def _is_private(text: str, span: Span | None, private: Iterable[Span]) -> bool:
    """Whether the excerpt touches what a detector took for personal data, or looks like a number or an address by itself."""
    touched = span is not None and any(span.start < p.end and p.start < span.end for p in private)
    return touched or sum(c.isdigit() for c in text) > MOST_DIGITS or _ADDRESS.search(text) is not None
