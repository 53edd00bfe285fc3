"""Is a reserved name in this prompt? Exactly, by an alias, run together, misspelt, by its sound, or in other letters.

The index behind it follows the database change by change, so a new reservation is in force at the next prompt. It reads what the
prompt reader has freed from disguise, and says where in the user's own text it saw the name. A name that is a common word
("Frozen", "Up") makes a person look unless something else of the work is in the prompt too; what only sounds like a name or is
spelt in other letters makes a person look, and never blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from uuid import UUID

import sqlalchemy as sa

from consent.names.columns import CERTAIN, COMMON, STYLE
from consent.names.disguises import LEAST, variants
from consent.names.index import Layer, NameIndex
from consent.names.query import Hearing, Place, Spelling
from consent.names.styles import asks_for_style, parted
from consent.names.words import Fold, Words, plain_fold, real_words, split
from safety.db import Database
from safety.prompt import ReadPrompt
from safety.signal import Evidence, Report, Signal, Span

LABELS = frozenset({"reserved_name"})
#: Scores. The shipped policy blocks from 0.75 and makes a person look from 0.5.
EXACT = 0.98
NEARLY = 0.80  # one slip in a name of eight letters or more
DOUBTFUL = 0.60  # two slips, a short name with one, a sound, a common word, a holder whose standing is not verified
#: Words of a description that must be in the prompt for a common word to be taken for the work.
CONTEXT_WORDS = 2
#: Places told of one reservation.
MOST_PLACES = 20


@dataclass(frozen=True)
class Entry:
    """One way of writing one reservation's name."""

    reservation: str
    name: str
    common: bool
    certain: bool  # deny, by a verified holder
    style: bool
    context: frozenset[str]


@dataclass(frozen=True)
class Hit:
    """A name seen: where in the user's text, how sure, and how it was seen."""

    entry: Entry
    score: float
    span: Span
    note: str


class NameMatcher:
    """Every reserved name, for one process; safe to share between threads."""

    name = "works/1"
    labels = LABELS

    def __init__(self, fold: Fold = plain_fold, folder: Path | None = None) -> None:
        """``folder`` keeps what was read for the next start; without it every start reads all names."""
        self.index = NameIndex(fold, folder)

    def refresh(self, conn: sa.Connection) -> int:
        """Read what has changed; return the counter that the matcher stands for."""
        self.index.refresh(conn)
        return self.index.revision

    def match_prompt(self, conn: sa.Connection, read: ReadPrompt, now: datetime) -> Report:
        """One ``reserved_name`` signal a reservation, with every place it was seen; ``references`` are reservation ids."""
        begun = perf_counter()
        by_work: dict[str, list[Hit]] = {}
        layers = [layer for layer in self.index.refresh(conn) if len(layer.segment)]
        for hit in _Search(read, layers, self.index.fold, now).hits() if layers else ():
            by_work.setdefault(hit.entry.reservation, []).append(hit)
        signals = tuple(_signal(work, found) for work, found in sorted(by_work.items()))
        return Report(detector=self.name, labels=LABELS, signals=signals, milliseconds=(perf_counter() - begun) * 1000)


class _Search:
    """One prompt's readings against every layer."""

    def __init__(self, read: ReadPrompt, layers: list[Layer], fold: Fold, now: datetime) -> None:
        self._read, self._layers, self._fold, self._now = read, layers, fold, now.timestamp()

    def hits(self) -> Iterator[Hit]:
        read = self._read
        words = split(read.plain, self._fold)
        yield from self._reading(words, read.origin, "")
        yield from self._disguised()
        yield from self._esque()
        for number, text in enumerate(read.readings):
            origin = read.reading_origins[number] if number < len(read.reading_origins) else ()
            yield from self._reading(split(text, self._fold), origin, " in another reading of the text")

    def _reading(self, words: Words, origin: tuple[int, ...], where: str) -> Iterator[Hit]:
        spelling = Spelling(words, real_words())
        hearing = None if where else Hearing(self._read.plain, words, real_words())
        present: frozenset[str] | None = None
        exact = [list(spelling.exact(layer.segment)) for layer in self._layers]
        known = frozenset((place.start, place.end) for places in exact for place in places)
        for layer, here in zip(self._layers, exact, strict=True):
            for place in here:
                entry = self._entry(layer, place.row)
                if entry is None or (entry.style and not asks_for_style(words.text, place.start, place.end)):
                    continue
                if entry.common and present is None:
                    present = frozenset(words.text.split())
                span = self._span(origin, *words.source(place.start, place.end))
                own = frozenset(words.text[place.start : place.end].split())
                yield _judge(entry, (present or frozenset()) - own, span, where)
            seen: dict[int, list[Place]] = {}
            for place in here:
                seen.setdefault(place.row, []).append(place)
            near = set(seen)
            for place in spelling.misspelt(layer.segment, known):
                if any(place.start < other.end and other.start < place.end for other in seen.get(place.row, ())):
                    continue  # the name itself with a letter of its neighbour
                entry = self._entry(layer, place.row)
                if entry is None or (entry.style and not asks_for_style(words.text, place.start, place.end)):
                    continue
                near.add(place.row)
                letters = len(layer.segment.folded[place.row].replace(" ", ""))
                score = NEARLY if place.slips == 1 and letters >= 8 and entry.certain else DOUBTFUL
                slips = "1 letter" if place.slips == 1 else f"{place.slips} letters"
                yield Hit(entry, score, self._span(origin, *words.source(place.start, place.end)), f"{slips} from {entry.name!r}")
            if hearing is not None:
                yield from self._heard(hearing, layer, near)

    def _heard(self, hearing: Hearing, layer: Layer, seen: set[int]) -> Iterator[Hit]:
        for place in hearing.heard(layer.segment):
            entry = None if place.row in seen else self._entry(layer, place.row)
            if entry is None or (entry.style and not self._style_at(place)):
                continue
            how = f"reads like {entry.name!r} in other letters" if place.abroad else f"sounds like {entry.name!r}"
            yield Hit(entry, DOUBTFUL, self._span(self._read.origin, place.start, place.end), how)

    def _style_at(self, place: Place) -> bool:
        before, behind = self._fold(self._read.plain[: place.start]), self._fold(self._read.plain[place.end :])
        return asks_for_style(f"{before} x {behind}", len(before) + 1, len(before) + 2)

    def _disguised(self) -> Iterator[Hit]:
        """Names behind digits for letters, or with their letters set apart."""
        read, fold = self._read, self._fold
        for variant in variants(read.plain):
            for place, entry, first, last in self._exact(variant.text):
                places = variant.origin[first:last]
                folded = place
                if len(folded) < LEAST or not places or folded in split(read.plain[places[0] : places[-1] + 1], fold).text:
                    continue  # written plainly, which was seen already
                score = EXACT if entry.certain and not entry.common else DOUBTFUL
                span = self._span(read.origin, places[0], places[-1] + 1)
                yield Hit(entry, score, span, f"the name {entry.name!r}, written in disguise")

    def _esque(self) -> Iterator[Hit]:
        """Styles in one word: "Dornesque"."""
        variant = parted(self._read.plain)
        if variant is None:
            return
        for _, entry, first, last in self._exact(variant[0]):
            if entry.style and variant[0].startswith(" esque", last):
                span = self._span(self._read.origin, variant[1][first], variant[1][last - 1] + 1)
                yield _judge(entry, frozenset(), span, "")

    def _exact(self, text: str) -> Iterator[tuple[str, Entry, int, int]]:
        words = split(text, self._fold)
        spelling = Spelling(words, real_words())
        for layer in self._layers:
            for place in spelling.exact(layer.segment):
                entry = self._entry(layer, place.row)
                if entry is not None and (not entry.style or asks_for_style(words.text, place.start, place.end)):
                    yield words.text[place.start : place.end], entry, *words.source(place.start, place.end)

    def _entry(self, layer: Layer, row: int) -> Entry | None:
        """What a row stands for, unless it was taken back or has run out."""
        segment = layer.segment
        work, flags = int(segment.of[row]), int(segment.flags[row])
        if not layer.alive[work] or segment.ends[work] <= self._now:
            return None
        common = bool(flags & COMMON)
        return Entry(
            reservation=str(UUID(bytes=segment.works[work].tobytes())), name=segment.written[row], common=common,
            certain=bool(flags & CERTAIN), style=bool(flags & STYLE),
            context=frozenset(segment.context[row].split()) if common else frozenset(),
        )  # fmt: skip

    def _span(self, origin: tuple[int, ...], start: int, end: int) -> Span:
        """From a reading's characters to those the user wrote; the whole text where that is not known."""
        places = origin[start:end]
        if not places:
            return Span(start=0, end=len(self._read.prompt.text))
        return Span(start=min(places), end=max(places) + 1)


def _judge(entry: Entry, others: frozenset[str], span: Span, where: str) -> Hit:
    note = f"the style of {entry.name!r}{where}" if entry.style else f"the name {entry.name!r}{where}"
    if entry.common and len(others & entry.context) < CONTEXT_WORDS:
        return Hit(entry, DOUBTFUL, span, f"{note}, a common word, without anything else of the work")
    return Hit(entry, EXACT if entry.certain else DOUBTFUL, span, note)


def _signal(work: str, hits: list[Hit]) -> Signal:
    unique = {(h.span.start, h.span.end, h.note): h for h in sorted(hits, key=lambda h: h.score)}
    best = sorted(unique.values(), key=lambda h: (-h.score, h.span.start))[:MOST_PLACES]
    evidence = tuple(Evidence(span=h.span, reference=work, note=h.note[:200]) for h in best)
    return Signal(label="reserved_name", score=best[0].score, detector=NameMatcher.name, evidence=evidence)


def match_prompt(database: Database, matcher: NameMatcher, read: ReadPrompt, now: datetime) -> Report:
    """Like the method, but never raises: what could not be looked up is a report that says so."""
    try:
        with database.read() as conn:
            return matcher.match_prompt(conn, read, now)
    except Exception as reason:
        return Report(
            detector=matcher.name, labels=LABELS, failure=f"Reserved names could not be searched ({type(reason).__name__})."
        )
