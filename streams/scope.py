"""Whether what is asked for, said, written and shown stays inside what the people shown allow: words they ruled out, company they
did not approve.

Labels a grant forbids need nobody here: ``safety.judge`` holds every signal against them. This report says the rest, as signals
that name the person whose scope was left; no policy file can switch them off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from time import perf_counter

from classifiers.prompt.folding import fold
from safety.passage import Passage
from safety.permit import OUTSIDE, Permit
from safety.prompt import ReadPrompt
from safety.signal import Evidence, Report, Signal

DETECTOR = "scope/1"
LABELS = frozenset({OUTSIDE})
#: Pieces of evidence for one person; more say nothing new.
MOST_EVIDENCE = 20
#: Scripts that are written without spaces: a word of them is looked for anywhere.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def prompt_scope(permits: Iterable[Permit], read: ReadPrompt, asked: frozenset[str]) -> Report:
    """The prompt, in every reading of it, and the people asked for together (ids), against each permit's words and company."""
    begun = perf_counter()
    texts = [(fold(text), None) for text in (read.plain, *read.readings)]
    return _report(permits, texts, asked, "asked for", begun)


def clip_scope(permits: Iterable[Permit], passages: Sequence[Passage], shown: frozenset[str]) -> Report:
    """What is said and written in a clip, and who was recognised in it (ids), against each permit's words and company."""
    begun = perf_counter()
    texts: list[tuple[str, Passage | None]] = [(fold(p.text), p) for p in passages]
    for medium in ("speech", "writing"):  # a phrase may stand on two screens or in two sentences
        whole = " ".join(fold(p.text) for p in sorted(passages, key=lambda p: p.time) if p.medium == medium)
        texts.append((whole, None))
    return _report(permits, texts, shown, "shown", begun)


def _report(
    permits: Iterable[Permit], texts: Sequence[tuple[str, Passage | None]], people: frozenset[str], how: str, begun: float
) -> Report:
    spaced = [(f" {text} ", passage) for text, passage in texts]
    signals = []
    for permit in permits:
        if permit.kind != "cameo":
            continue
        evidence = [*_words(permit, spaced), *_company(permit, people, how)]
        if evidence:
            signals.append(Signal(label=OUTSIDE, score=1.0, detector=DETECTOR, evidence=tuple(evidence[:MOST_EVIDENCE])))
    return Report(detector=DETECTOR, labels=LABELS, signals=tuple(signals), milliseconds=(perf_counter() - begun) * 1000)


def _words(permit: Permit, texts: Sequence[tuple[str, Passage | None]]) -> Iterable[Evidence]:
    for word in permit.words:
        folded = fold(word)
        for text, passage in texts:
            if folded and (folded if _UNSPACED.search(folded) else f" {folded} ") in text:
                time = None if passage is None else passage.time
                yield Evidence(text=word, reference=permit.subject, time=time, note="words this person rules out")
                break


def _company(permit: Permit, people: frozenset[str], how: str) -> Iterable[Evidence]:
    if permit.company is not None:
        for other in sorted(people - permit.company - {permit.subject}):
            yield Evidence(reference=permit.subject, note=f"{how} with {other}, whom this person did not approve beside them")
