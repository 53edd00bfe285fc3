"""The rows that the heads of topics are trained, calibrated and reported on, each with the topics known of it.

Written families (``data/topics``), real captions that a word puts under a topic, and everything else that is known to be about
none. All fillings of a family fall on one side of a split. Nothing under ``data/topics/unseen`` is ever trained on.
"""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from classifiers.prompt.folding import fold
from classifiers.prompt.topic_heads import TOPICS
from classifiers.prompt.topics import pieces
from classifiers.prompt.training import corpus
from classifiers.prompt.training.corpus import DATA, HELD_OUT, Row, bucket
from classifiers.prompt.training.written import Page

FOLDER = DATA / "topics"
WORDS = FOLDER / "words.yaml"
#: Fillings of a family.
FILLINGS = 6
#: Of a hundred families, those under this number are reported, those up to the next calibrate, the rest train.
TEST_SHARE, CALIBRATION_SHARE = 15, 30
#: COCO captions used; more would only repeat them.
CAPTIONS = 2500
#: Labels of the prompt heads, and the topics that prompts written for them may be about.
_NEAR: Mapping[str, tuple[str, ...]] = {
    "sexual": ("swimwear_or_underwear", "romance", "alcohol_or_drugs"),
    "real_nudity": ("swimwear_or_underwear", "romance"),
    "violence": ("weapon",),
    "gore": ("weapon", "medical"),
    "self_harm": ("weapon", "medical", "alcohol_or_drugs"),
    "hate": ("politics", "religion"),
    "harassment": ("politics", "religion"),
    "illegal": ("weapon", "alcohol_or_drugs", "gambling", "medical", "advertising"),
    "deception": ("politics", "medical", "advertising", "religion"),
    "impersonation": ("politics", "religion", "advertising", "medical"),
    "sequence": ("weapon", "medical", "alcohol_or_drugs"),
    "injection": TOPICS,
}
#: Sets of the other heads' corpus that are used.
SOURCES = frozenset(
    {"vbench", "partiprompts", "coco_captions", "written", "written-hard", "prose", "prose-hard", "spoken", "i2p_quiet"}
)
#: What a passage of a president's speech counts: more, and every speech passes for politics.
SPEECH = 0.1
_NOT_IN_SPEECHES = ("swimwear_or_underwear", "smoking", "gambling", "romance")
#: What a captioned row counts in training, and one that is about nothing.
CAPTIONED, NOTHING = 0.6, 0.5
_BEFORE = {
    "en": ("", "", "", "", "a video of ", "Generate a video: ", "make a clip of ", "Scene: ", "Show "),
    "fr": ("", "", "", "", "une vidéo de ", "Génère une vidéo : ", "fais un clip : ", "Scène : "),
    "de": ("", "", "", "ein Video: ", "Erstelle ein Video: ", "Szene: "),
    "es": ("", "", "", "un vídeo de ", "Genera un vídeo: ", "Escena: "),
    "it": ("", "", "", "un video di ", "Genera un video: ", "Scena: "),
    "pt": ("", "", "", "um vídeo de ", "Gere um vídeo: ", "Cena: "),
}
_SLOT = re.compile(r"\{(\w+)\}")


def split_of(row: Row) -> str:
    """``test``, ``calibrate`` or ``train``, by family, so that it never moves."""
    if row.group.endswith(HELD_OUT):
        return "test"
    place = bucket("topics " + row.group)
    return "test" if place < TEST_SHARE else "calibrate" if place < CALIBRATION_SHARE else "train"


def rows(seed: int = 20) -> list[Row]:
    """Every row, in a fixed order."""
    return [*written(seed), *_captioned()]


def unseen() -> list[Row]:
    """Positives that no template made; for the report alone."""
    found = []
    for path in sorted((FOLDER / "unseen").glob("*.txt")):
        for section, line in _lines(path):
            found.append(Row(line, {section[-1]: 1}, f"unseen:{line}{HELD_OUT}", "unseen", path.stem[:2]))
    return found


def written(seed: int) -> Iterator[Row]:
    """Families filled; the lines near a topic are known to be about none that no word speaks for."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible corpus, not a secret
    for path in sorted(FOLDER.glob("*.txt")):
        page = Page(path.stem)
        for section, line in _lines(path):
            if section[0] == "slot":
                page.slots.setdefault(section[1], []).extend(part.strip() for part in line.split(" | "))
                continue
            for text in sorted({_fill(page, line, rng) for _ in range(FILLINGS)}):
                known = known_by_words(text)
                known[section[-1]] = int(section[0] != "near")
                yield Row(text, known, f"family:{path.stem}:{line}", "near" if section[0] == "near" else "family", path.stem)


def known_by_words(text: str) -> dict[str, int]:
    """1 for a topic that a clear word speaks for; a topic that a doubtful word may speak for is left out; 0 for the others."""
    folded = fold(text)
    known = {}
    for topic, (says, may) in _words().items():
        if says.search(folded):
            known[topic] = 1
        elif not may.search(folded):
            known[topic] = 0
    return known


def benign() -> list[str]:
    """The held-out halves of VBench and PartiPrompts, whole captions; no head of this house was trained on them."""
    return [row["prompt"] for name in ("vbench", "partiprompts") for i, row in enumerate(_set(name)) if i % 2]


def _captioned() -> Iterator[Row]:
    """Captions, prompts of the other heads and speeches, piece by piece, by the words in them; their test rows stay test rows."""
    seen = {text[start:end].lower() for text in benign() for start, end in pieces(text)}  # what is reported on is not trained on
    captions = 0
    for row in corpus.rows(spoken=True):
        if row.source not in SOURCES or row.group.startswith("spoken:wordnet") or row.language not in ("en", "fr"):
            continue  # example sentences are about anything, and the words are English and French
        group = row.group if not row.test or row.group.endswith(HELD_OUT) else row.group + HELD_OUT
        doubtful = {t for label, value in row.known.items() if value for t in _NEAR.get(label, ())}
        captions += row.source == "coco_captions"
        if group.endswith(HELD_OUT) or (row.source == "coco_captions" and captions > CAPTIONS):
            continue
        for start, end in pieces(row.text):
            text = row.text[start:end]
            if text.lower() in seen:
                continue
            seen.add(text.lower())
            known = {t: v for t, v in known_by_words(text).items() if v or t not in doubtful}
            weight = CAPTIONED if any(known.values()) else NOTHING
            if row.group.startswith("spoken:sotu"):
                known, weight = {"politics": 1} | dict.fromkeys(_NOT_IN_SPEECHES, 0), SPEECH
            yield Row(text, known, group, row.source, row.language, weight)


def _set(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(corpus.SETS / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _fill(page: Page, line: str, rng: random.Random) -> str:
    text = rng.choice(_BEFORE[page.language]) + line
    if "style" in page.slots and rng.random() < 0.3:
        text += ", {style}"
    text = _SLOT.sub(lambda m: rng.choice(page.slots[m.group(1)]), text)
    return text[:1].upper() + text[1:] if rng.random() < 0.5 else text


def _lines(path: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    section: tuple[str, ...] = ()
    for raw in path.read_text("utf-8").splitlines():
        line = raw.strip()
        if line.startswith("[") and line.endswith("]"):
            section = tuple(line[1:-1].split())
        elif line and not line.startswith("#"):
            yield section, line


@lru_cache(maxsize=1)
def _words() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    read = yaml.safe_load(WORDS.read_text("utf-8"))
    return {topic: (_any(read[topic]["says"]), _any(read[topic]["may"])) for topic in TOPICS}


def _any(words: list[str]) -> re.Pattern[str]:
    """Any of ``words`` as a whole word of a folded text; a star at the end stands for any ending."""
    return re.compile("|".join(r"\b" + re.escape(fold(w)) + (r"\w*" if w.endswith("*") else "") + r"\b" for w in words))
