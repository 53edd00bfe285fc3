"""The rows the heads are trained, calibrated and tested on, each with the labels that are known of it.

A set says nothing about labels it was not annotated for: those stay unknown and the row is left out of that head. Splits are by
group (a template, a test case without its target), by a hash, so that they never move.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from classifiers.prompt.features import windows
from classifiers.prompt.folding import fold
from classifiers.prompt.labels import HEADS, UNSAFE
from classifiers.prompt.lexicon import lexicon
from classifiers.prompt.training.written import pages

SETS = Path(__file__).parents[1] / "data" / "sets"
#: Of a hundred groups, those under this number are the test split, which training and calibration never see.
TEST_SHARE = 15
#: Groups with this ending are test rows whatever their hash: whole halves and whole languages.
HELD_OUT = ":held out"
#: Sets whose rows without any known harm are benign prompts of the kind people write for videos.
BENIGN = ("vbench", "partiprompts", "coco_captions", "written", "written-hard")
#: Captions of COCO used; the rest would only repeat them.
CAPTIONS = 5000
#: Fillings of one template in the corpus.
FILLINGS = {"en": 10, "fr": 12, "es": 8, "de": 8}
#: Fillings of a template of the everyday grammar (subject, action, place).
MANY = 300
#: Labels so near to one another that a prompt written for the first may carry the second: unknown rather than absent.
_NEAR: dict[str, tuple[str, ...]] = {
    "sexual": ("impersonation",),
    "violence": ("gore", "illegal", "hate"),
    "gore": ("violence",),
    "self_harm": ("gore", "violence"),
    "hate": ("harassment", "violence", "deception"),
    "harassment": ("hate", "violence", "self_harm", "deception", "sexual"),
    "illegal": ("violence",),
    "deception": ("impersonation", "hate", "illegal"),
    "impersonation": ("deception", "illegal"),
    "injection": (),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A text, what is known of it (label to 0 or 1), its group, its set, its language and its weight in training."""

    text: str
    known: Mapping[str, int]
    group: str
    source: str
    language: str = "en"
    weight: float = 1.0

    def answer(self, label: str) -> int:
        """1 or 0 where ``label`` is known of the row, -1 where it is not; ``unsafe`` is known when everything is, or any harm."""
        if label != UNSAFE:
            return self.known.get(label, -1)
        if self.source in ("hatecheck", "toxigen"):
            return -1  # thousands of short statements would drown the few hundred prompts that ask for a video
        if any(self.known.values()):
            return 1
        return 0 if len(self.known) >= len(HEADS) - 2 else -1

    @property
    def test(self) -> bool:
        """Whether the row belongs to the test split."""
        return self.group.endswith(HELD_OUT) or bucket(self.group) < TEST_SHARE


_BENIGN = dict.fromkeys(HEADS, 0)


def bucket(group: str) -> int:
    """0 to 99, the same for ever for the same group."""
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % 100


def rows(seed: int = 20) -> list[Row]:
    """Every row, in a fixed order."""
    return [*_written(seed), *_benign_sets(), *_hatecheck(), *_toxigen(), *_injection(), *_donotanswer()]


def xstest() -> list[tuple[str, bool]]:
    """XSTest, never trained on: (prompt, unsafe)."""
    return [(row["prompt"], row["type"].startswith("contrast_")) for row in _read("xstest")]


def _written(seed: int) -> Iterator[Row]:
    rng = random.Random(seed)  # noqa: S311 - a reproducible corpus, not a secret
    for page in pages():
        for section, template in page.templates:
            known = dict(_BENIGN)
            for label in section:
                if label in known:
                    for near in _NEAR[label]:
                        if near not in section:
                            known.pop(near, None)
                    known[label] = 1
            source = "written-hard" if "hard" in section else "written"
            many = "many" in section
            for text in sorted({page.fill(template, rng) for _ in range(MANY if many else FILLINGS[page.language])}):
                # The everyday grammar is nothing but its slots, so each sentence of it stands for itself.
                group = f"grammar:{text}" if many else f"written:{template}"
                yield Row(text, known, group, source, page.language)


def _benign_sets() -> Iterator[Row]:
    for name, weight in (("vbench", 1.0), ("partiprompts", 1.0), ("coco_captions", 0.7), ("i2p_quiet", 0.5)):
        halved = name in ("vbench", "partiprompts")
        for i, row in enumerate(_read(name)):
            if name == "coco_captions" and i >= CAPTIONS:
                break
            # Every second prompt of vbench and of partiprompts is held out.
            group = f"{name}:{row['prompt']}{HELD_OUT if halved and i % 2 else ''}"
            known = dict(_BENIGN)
            if any(hit.label == "impersonation" for hit in lexicon().find(fold(row["prompt"]))):
                known.pop("impersonation")
                known.pop("deception")
            for start, end in windows(row["prompt"]):
                yield Row(row["prompt"][start:end], known, group, name, weight=weight)


def _hatecheck() -> Iterator[Row]:
    for language, code in (("french", "fr"), ("german", "de"), ("spanish", "es"), ("dutch", "nl")):
        for row in _read(f"hatecheck_{language}"):
            # Dutch is a language the heads never train on: it says how they transfer.
            group = (
                f"hatecheck{HELD_OUT}" if code == "nl" else f"hatecheck:{code}:{row['functionality']}:{_shape(row['test_case'])}"
            )
            known = {"hate": int(row["label_gold"] == "hateful")}
            yield Row(row["test_case"], known, group, "hatecheck", code, 0.35)


def _shape(text: str) -> str:
    """The ends of a test case: what its sisters for other targets share."""
    words = fold(text).split()
    return " ".join(words[:1] + words[-2:])


def _toxigen() -> Iterator[Row]:
    for row in _read("toxigen"):
        score = float(row["toxicity_score"])
        if row["label"] == "hate" and score >= 4.5:
            yield Row(row["text"], {"hate": 1}, f"toxigen:{row['text']}", "toxigen", weight=0.2)
        elif row["label"] == "neutral" and score <= 1.5:
            yield Row(row["text"], {"hate": 0}, f"toxigen:{row['text']}", "toxigen", weight=0.4)


def _injection() -> Iterator[Row]:
    for row in _read("injection"):
        group = f"injection{HELD_OUT}" if row["split"] == "test" else f"injection:train:{row['text']}"
        known = {"injection": 1} if row["label"] == "1" else dict(_BENIGN)
        if row["label"] == "0" and any(hit.weight == "clear" for hit in lexicon().find(fold(row["text"]))):
            known = {"injection": 0}
        yield Row(row["text"], known, group, row["source"], weight=0.5)


def _donotanswer() -> Iterator[Row]:
    for row in _read("donotanswer"):
        yield Row(row["text"], {"illegal": 1}, f"donotanswer:{row['text']}", "donotanswer", weight=0.5)


def _read(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(SETS / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
