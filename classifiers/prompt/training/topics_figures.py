"""What the heads of topics find of what was held out, through the detector as the pipeline runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from classifiers.prompt.normaliser import read_prompt
from classifiers.prompt.topic_heads import TOPICS
from classifiers.prompt.topics import Topics
from classifiers.prompt.training import topics_corpus as corpus
from safety.prompt import Prompt

#: From here on a grant that forbids the topic forbids the prompt (``safety.judge.PRESENT``).
PRESENT = 0.5
LANGUAGES = ("en", "fr", "de", "es", "it", "pt")
CAPTIONS = "captions"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Held:
    """One held-out text: what is known of it, its set and language, and the topics found in it."""

    text: str
    known: Mapping[str, int]
    source: str
    language: str
    found: frozenset[str]


def judged(progress: Progress, every: int = 1) -> list[Held]:
    """Held-out families and near misses, what no template made, and whole captions; ``every`` takes each so-manieth text."""
    rows = [r for r in corpus.written(20) if corpus.split_of(r) == "test"] + corpus.unseen()
    todo = [(r.text, r.known, r.source, r.language) for r in rows]
    todo += [(text, corpus.known_by_words(text), CAPTIONS, "en") for text in corpus.benign()]
    topics, held = Topics(), []
    for i, (text, known, source, language) in enumerate(todo[::every]):
        progress("topics", i, len(todo[::every]))
        signals = topics.detect(read_prompt(Prompt(text=text))).signals
        held.append(Held(text, known, source, language, frozenset(s.label for s in signals if s.score >= PRESENT)))
    return held


def found(held: Sequence[Held], topic: str, answer: int, source: str, language: str | None = None) -> list[bool]:
    """Of the texts of which it is known whether they are about ``topic``: was it found in each?"""
    return [
        topic in h.found
        for h in held
        if h.source == source and h.known.get(topic) == answer and language in (None, h.language)
    ]  # fmt: skip


def report() -> Iterator[str]:
    """Tables in Markdown: found of what is about a topic, and false alarms."""
    held = judged(lambda _what, _done, _of: None)
    yield (
        "| topic | held-out families | " + " | ".join(f"unseen {language}" for language in LANGUAGES[:4]) + " | captions | near |"
    )
    yield "|---" * 8 + "|"
    for topic in TOPICS:
        cells = [found(held, topic, 1, "family"), *(found(held, topic, 1, "unseen", lang) for lang in LANGUAGES[:4])]
        cells += [found(held, topic, 0, CAPTIONS), found(held, topic, 0, "near")]
        yield f"| {topic} | " + " | ".join(f"{sum(c)} of {len(c)}" for c in cells) + " |"
