"""Is a reserved name in this prompt? Exactly, by an alias, run together, or misspelt.

The matcher is built from the database when the ``works`` counter has moved, so a new reservation is in force at the next prompt.
It reads what the prompt reader has freed from disguise, and says where in the user's own text it saw the name. A name that
is a common word ("Frozen", "Up") makes a person look unless something else of the work is in the prompt too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

import ahocorasick
import sqlalchemy as sa

from consent.disguises import LEAST, variants
from consent.tables import reservation_names, reservations
from consent.typos import Speller
from consent.version import version
from consent.words import Fold, Words, common_words, is_common, is_unspaced, plain_fold, split
from safety.db import Database
from safety.prompt import ReadPrompt
from safety.signal import Evidence, Report, Signal, Span

LABELS = frozenset({"reserved_name"})
#: Scores. The shipped policy blocks from 0.75 and makes a person look from 0.5.
EXACT = 0.98
NEARLY = 0.80  # one slip in a name of eight letters or more
DOUBTFUL = 0.60  # two slips, a short name with one, a common word, a holder whose standing is not verified
#: Words of a description that must be in the prompt for a common word to be taken for the work.
CONTEXT_WORDS = 2
#: Shortest name that is also looked for run together ("spiderman" for "Spider-Man"), in letters.
JOINED = 6


@dataclass(frozen=True)
class Entry:
    """One way of writing one reservation's name."""

    reservation: str
    name: str
    common: bool
    certain: bool  # deny, by a verified holder
    expires_at: datetime | None
    context: frozenset[str]


@dataclass(frozen=True)
class Hit:
    """A name seen: where in the user's text, how sure, and how it was seen."""

    entry: Entry
    score: float
    span: Span
    note: str


class NameMatcher:
    """Every reserved name in memory, for one process; safe to share between threads."""

    name = "works/1"
    labels = LABELS

    def __init__(self, fold: Fold = plain_fold) -> None:
        self._fold = fold
        self._lock = threading.Lock()
        self._version = -1
        self._names: dict[str, tuple[Entry, ...]] = {}
        self._automaton: ahocorasick.Automaton = ahocorasick.Automaton()
        self._speller = Speller(())

    def refresh(self, conn: sa.Connection) -> int:
        """Build again when the counter moved; return the counter that the matcher stands for."""
        with self._lock:
            now = version(conn, "works")
            if now != self._version:
                self._build(list(_entries(conn, self._fold)))
                self._version = now
            return self._version

    def match_prompt(self, conn: sa.Connection, read: ReadPrompt, now: datetime) -> Report:
        """One ``reserved_name`` signal a reservation, with every place it was seen; ``references`` are reservation ids."""
        begun = perf_counter()
        self.refresh(conn)
        hits = [hit for hit in self._search(read) if hit.entry.expires_at is None or now < hit.entry.expires_at]
        by_work: dict[str, list[Hit]] = {}
        for hit in hits:
            by_work.setdefault(hit.entry.reservation, []).append(hit)
        signals = tuple(self._signal(work, found) for work, found in sorted(by_work.items()))
        return Report(detector=self.name, labels=LABELS, signals=signals, milliseconds=(perf_counter() - begun) * 1000)

    def _build(self, entries: list[tuple[str, Entry]]) -> None:
        names: dict[str, list[Entry]] = {}
        for folded, entry in entries:
            names.setdefault(folded, []).append(entry)
        automaton = ahocorasick.Automaton()
        for folded in names:
            automaton.add_word(folded, folded)
        automaton.make_automaton()
        self._names = {folded: tuple(found) for folded, found in names.items()}
        self._automaton, self._speller = automaton, Speller(names)

    def _search(self, read: ReadPrompt) -> Iterator[Hit]:
        with self._lock:
            names, automaton, speller = self._names, self._automaton, self._speller
        if not names:
            return
        whole = Span(start=0, end=len(read.prompt.text))
        for number, text in enumerate(read.texts):
            words = split(text, self._fold)
            present = frozenset(words.text.split())
            exact = list(_exact(automaton, words))
            for start, end, folded in exact:
                span = _span(read, *words.source(start, end)) if number == 0 else whole
                for entry in names[folded]:
                    yield _judge(entry, folded, present, span, number)
            if number == 0:
                yield from self._disguised(read, names, automaton)
            for start, end, folded, slips in speller.search(words.text, common_words()):
                if any(folded == name and start < after and before < end for before, after, name in exact):
                    continue  # the name itself with a letter of its neighbour
                span = _span(read, *words.source(start, end)) if number == 0 else whole
                score = NEARLY if slips == 1 and len(folded) >= 8 else DOUBTFUL
                for entry in names[folded]:
                    if not entry.common:
                        yield Hit(entry, score if entry.certain else DOUBTFUL, span, f"{slips} letters from {entry.name!r}")

    def _disguised(
        self, read: ReadPrompt, names: dict[str, tuple[Entry, ...]], automaton: ahocorasick.Automaton
    ) -> Iterator[Hit]:
        """Names behind digits for letters, or with their letters set apart."""
        for variant in variants(read.plain):
            words = split(variant.text, self._fold)
            for start, end, folded in _exact(automaton, words):
                first, last = words.source(start, end)
                places = variant.origin[first:last]
                if len(folded) < LEAST or not places or folded in split(read.plain[places[0] : places[-1] + 1], self._fold).text:
                    continue  # written plainly, which was seen already
                span = _span(read, places[0], places[-1] + 1)
                for entry in names[folded]:
                    score = EXACT if entry.certain and not entry.common else DOUBTFUL
                    yield Hit(entry, score, span, f"the name {entry.name!r}, written in disguise")

    def _signal(self, work: str, hits: list[Hit]) -> Signal:
        unique = {(h.span.start, h.span.end, h.note): h for h in sorted(hits, key=lambda h: h.score)}
        best = sorted(unique.values(), key=lambda h: (-h.score, h.span.start))[:20]
        evidence = tuple(Evidence(span=h.span, reference=work, note=h.note[:200]) for h in best)
        return Signal(label="reserved_name", score=best[0].score, detector=self.name, evidence=evidence)


def _exact(automaton: ahocorasick.Automaton, words: Words) -> Iterator[tuple[int, int, str]]:
    for last, folded in automaton.iter(words.text):
        start, end = last + 1 - len(folded), last + 1
        if words.is_whole(start, end):
            yield start, end, folded


def _judge(entry: Entry, folded: str, present: frozenset[str], span: Span, reading: int) -> Hit:
    note = f"the name {entry.name!r}" if reading == 0 else f"the name {entry.name!r} in another reading of the text"
    if entry.common and len((present - set(folded.split())) & entry.context) < CONTEXT_WORDS:
        return Hit(entry, DOUBTFUL, span, f"{note}, a common word, without anything else of the work")
    return Hit(entry, EXACT if entry.certain else DOUBTFUL, span, note)


def _span(read: ReadPrompt, start: int, end: int) -> Span:
    """From the plain text's characters to those the user wrote."""
    places = read.origin[start:end]
    if not places:
        return Span(start=0, end=len(read.prompt.text))
    return Span(start=min(places), end=max(places) + 1)


def _entries(conn: sa.Connection, fold: Fold) -> Iterator[tuple[str, Entry]]:
    """Every folded name in force for prompts with what it stands for; names that fold to nothing are left out."""
    query = (
        sa.select(reservation_names.c.name, reservations)
        .join(reservations, reservations.c.id == reservation_names.c.reservation)
        .where(reservations.c.withdrawn_at.is_(None), reservations.c.policy != "allow", reservations.c.scope.contains('"prompt"'))
    )
    for row in conn.execute(query):
        certain = row.policy == "deny" and row.verified
        folded = _spaced(fold(row.name))
        if not folded:
            continue
        common = is_common(folded)
        context = frozenset(fold(f"{row.description} {row.holder} {row.title}").split()) - _STOP if common else frozenset()
        entry = Entry(row.id, row.name, common, certain, row.expires_at, context)
        yield folded, entry
        joined = folded.replace(" ", "")
        if joined != folded and len(joined) >= JOINED and not is_common(joined):
            yield joined, entry


def _spaced(folded: str) -> str:
    """Put the spaces around letters of unspaced scripts that ``split`` puts there."""
    return " ".join("".join(f" {c} " if is_unspaced(c) else c for c in folded).split())


#: Words that stand in every sentence and so are no context.
_STOP = frozenset(
    "a an and are as at by for from her his in is it of on or the to who with au de des du en et la le les un une".split()  # noqa: SIM905
)


def match_prompt(database: Database, matcher: NameMatcher, read: ReadPrompt, now: datetime) -> Report:
    """Like the method, but never raises: what could not be looked up is a report that says so."""
    try:
        with database.read() as conn:
            return matcher.match_prompt(conn, read, now)
    except Exception as reason:
        return Report(
            detector=matcher.name, labels=LABELS, failure=f"Reserved names could not be searched ({type(reason).__name__})."
        )
