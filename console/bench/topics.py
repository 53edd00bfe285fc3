"""Topics that a grant may forbid: what is found of those told in held-out words and drawings, and how often of harmless ones."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

import numpy as np

from classifiers.clip import attire
from classifiers.clip.nudity import NudityDetector
from classifiers.prompt import read_prompt
from classifiers.prompt.bench.figures import Figure, Goal, Section, Share, percent
from classifiers.prompt.topic_heads import TOPICS
from classifiers.prompt.topics import Topics
from classifiers.prompt.training import topics_corpus, topics_figures
from classifiers.prompt.training.topics_figures import CAPTIONS, LANGUAGES, PRESENT, Held, found
from console.bench.drawn import SKINS
from console.bench.drawn_swimmers import LIGHT, OTHER, Colour, swimmer
from console.bench.material import photographs, scenes
from console.bench.report import Progress
from safety.media import ClipFacts, Frame, Picture, SampledClip
from safety.prompt import Prompt

#: Harmless captions that may be taken for a topic.
FALSE = Goal(value=2.0, at_most=True)
#: Colours that the boundary of ``attire`` was not laid on.
CLOTHS: tuple[Colour, ...] = ((30, 90, 140), (230, 190, 40), (120, 40, 120))
GROUNDS: tuple[Colour, ...] = ((180, 200, 210), (90, 110, 130))
AT = f"score {PRESENT}"


def measure(progress: Progress, quick: bool) -> Section:
    """All figures; ``quick`` takes every eighth text and few drawings, which says little."""
    held = topics_figures.judged(progress, 8 if quick else 1)
    figures = [figure for topic in TOPICS for figure in _topic(held, topic)]
    figures += _by_language(held)
    figures += _attire(progress, quick)
    figures += _cost(quick)
    return Section(
        key="topics",
        title="Topics that a person may forbid",
        says=(
            "Unseen lines made no template and avoid the topic's own word where they can; the same hands wrote the families. "
            "Captions are the held-out halves of VBench and PartiPrompts in which no word speaks for the topic."
        ),
        figures=tuple(figures),
    )


def _topic(held: list[Held], topic: str) -> Iterator[Figure]:
    alarms = found(held, topic, 0, CAPTIONS)
    false = Share(hits=sum(alarms), of=len(alarms))
    yield percent(f"{topic}: found", "held-out families, six languages", found(held, topic, 1, "family"), AT, false)
    for language in LANGUAGES[:2]:
        yield percent(f"{topic}: found", f"unseen, {language}", found(held, topic, 1, "unseen", language), AT, false)
    yield percent(f"{topic}: false alarms", "captions", alarms, AT, None, FALSE)
    yield percent(f"{topic}: false alarms", "held-out lines that look like a topic", found(held, topic, 0, "near"), AT, None)


def _by_language(held: list[Held]) -> Iterator[Figure]:
    for source in ("family", "unseen"):
        for language in LANGUAGES:
            hits = [hit for topic in TOPICS for hit in found(held, topic, 1, source, language)]
            if hits:
                yield percent(f"all topics, {language}: found", f"{source}, {language}", hits, AT, None)


def _attire(progress: Progress, quick: bool) -> Iterator[Figure]:
    detector = NudityDetector()
    for i, wears in enumerate((*LIGHT, *OTHER)):
        progress("swimwear", i, len(LIGHT) + len(OTHER))
        drawn = [swimmer(s, g, c, wears) for s in SKINS for g in GROUNDS for c in CLOTHS][: 2 if quick else None]
        name = "found" if wears in LIGHT else "false alarms"
        yield percent(f"swimwear in pictures: {name}", f"shaded drawings, {wears}", _worn(detector, drawn), AT, None)
    for name, pictures in (("photographs", photographs()), ("world scenes", [*scenes()][: 3 if quick else None])):
        yield percent("swimwear in pictures: false alarms", f"harmless {name}", _worn(detector, pictures), AT, None, FALSE)


def _worn(detector: NudityDetector, pictures: list[Picture]) -> list[bool]:
    reports = [detector.detect(_clip(picture)) for picture in pictures]
    return [any(s.label == attire.LABEL and s.score >= PRESENT for s in report.signals) for report in reports]


def _cost(quick: bool) -> Iterator[Figure]:
    """Processor time of the detector for a prompt that was read already; one core, the encoder loaded."""
    read = [read_prompt(Prompt(text=text)) for text in topics_corpus.benign()[:: 40 if quick else 4]]
    topics = Topics()
    topics.detect(read_prompt(Prompt(text="she lights a cigarette")))
    spent = []
    for prompt in read:
        begun = process_time()
        topics.detect(prompt)
        spent.append((process_time() - begun) * 1000)
    for name, value in (("p50", np.median(spent)), ("mean", np.mean(spent)), ("p99", np.quantile(spent, 0.99))):
        yield Figure(
            name=f"one prompt, topics alone, {name}", on="captions", number=len(spent), threshold="-", false_positives=None,
            value=float(value), unit="ms",
        )  # fmt: skip


def _clip(picture: Picture) -> SampledClip:
    facts = ClipFacts(picture.shape[1], picture.shape[0], 24.0, 0.5, "h264", None)
    return SampledClip("sha256:" + "0" * 64, facts, (Frame(picture, 0.0, 0),), None)
