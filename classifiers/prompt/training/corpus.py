"""The rows the heads are trained, calibrated and tested on, each with the labels that are known of it.

A set says nothing about labels it was not annotated for: those stay unknown and the row is left out of that head. Splits are by
group (a template, a test case without its target), by a hash, so that they never move.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers.prompt.features import windows
from classifiers.prompt.folding import fold
from classifiers.prompt.labels import HEADS, UNSAFE
from classifiers.prompt.lexicon import lexicon
from classifiers.prompt.training.written import pages

DATA = Path(__file__).parents[1] / "data"
SETS = DATA / "sets"
#: Prompts written one by one: ``prose`` to train on (a tenth held out), ``unseen`` by other hands and never trained on.
PROSE, UNSEEN = DATA / "prose", DATA / "unseen"
#: Of a hundred groups, those under this number are the test split, which training and calibration never see.
TEST_SHARE = 15
#: ... and those from there to this one calibrate: they are neither fitted on nor reported.
CALIBRATION_SHARE = 30
#: Groups with this ending are test rows whatever their hash: whole halves and whole languages.
HELD_OUT = ":held out"
#: Sets whose rows without any known harm are benign prompts of the kind people write for videos.
BENIGN = ("vbench", "partiprompts", "coco_captions", "written", "written-hard", "prose", "prose-hard")
#: Captions of COCO used; the rest would only repeat them.
CAPTIONS = 3500
#: A prompt written for itself says more than the fillings of a template.
PROSE_WEIGHT = 1.3
#: Ordinary speech counts so much: more, and plain statements of hate pass for it.
SPOKEN_WEIGHT = 0.35
#: Fillings of one template in the corpus.
FILLINGS = {"en": 5, "fr": 6, "es": 6, "de": 6}
#: Fillings of a template of the everyday grammar (subject, action, place).
MANY = 120
#: Labels so near to one another that a prompt written for the first may carry the second: unknown rather than absent.
_NEAR: dict[str, tuple[str, ...]] = {
    "sexual": ("impersonation", "real_nudity"),
    "real_nudity": ("impersonation", "harassment", "deception"),
    "violence": ("gore", "illegal", "hate", "sequence", "harassment"),
    "gore": ("violence", "self_harm"),
    "self_harm": ("gore", "violence", "sequence"),
    "hate": ("harassment", "violence", "deception"),
    "harassment": ("hate", "violence", "self_harm", "deception", "sexual"),
    "illegal": ("violence", "sequence", "deception", "harassment"),
    "deception": ("impersonation", "hate", "illegal"),
    "impersonation": ("deception", "illegal", "real_nudity"),
    "injection": ("sexual", "real_nudity", "violence", "gore", "self_harm", "hate", "harassment", "illegal", "deception"),
    "sequence": ("violence", "self_harm", "illegal", "harassment"),
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
        if self.source in ("hatecheck", "toxigen", "neuralchemy"):
            return -1  # thousands of short statements would drown the few hundred prompts that ask for a video
        if any(self.known.values()):
            return 1
        return 0 if len(self.known) >= len(HEADS) - 2 else -1

    @property
    def test(self) -> bool:
        """Whether the row belongs to the test split."""
        return self.group.endswith(HELD_OUT) or (bucket(self.group) < TEST_SHARE and not self.group.startswith("prose:"))

    @property
    def calibrates(self) -> bool:
        """Whether the row belongs to the rows that scores are calibrated on.

        Of the prompts written one by one none are test rows: many have a twin on purpose, so only other hands can test them.
        """
        share = CALIBRATION_SHARE - TEST_SHARE if self.group.startswith("prose:") else CALIBRATION_SHARE
        return not self.test and bucket(self.group) < share


_BENIGN = dict.fromkeys(HEADS, 0)


def bucket(group: str) -> int:
    """0 to 99, the same for ever for the same group."""
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % 100


def rows(seed: int = 20, spoken: bool = False) -> list[Row]:
    """Every row, in a fixed order; with ``spoken`` also those for the heads that judge the words of clips."""
    made = [
        *_written(seed), *_prose(PROSE), *_benign_sets(), *_hatecheck(), *_toxigen(), *_injection(), *_donotanswer(),
        *_neuralchemy(), *_in_the_wild(),
    ]  # fmt: skip
    return [*made, *_spoken()] if spoken else made


def split(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The rows to tune and fit on, and those to calibrate on; test rows are in neither.

    Nor is any row that says the same as one of a test set: published sets take prompts over from one another (the injection sets
    hold some seventy of XSTest's).
    """
    asked = {fold(row.text) for row in (*rows, *unseen(), *public()) if row.test} | {fold(text) for text, _ in xstest()}
    clean = [row for row in rows if not row.test and fold(row.text) not in asked]
    return [row for row in clean if not row.calibrates], [row for row in clean if row.calibrates]


def unseen() -> list[Row]:
    """Prompts by hands that wrote nothing of the training rows; for reports alone."""
    return list(_prose(UNSEEN, HELD_OUT))


def public() -> list[Row]:
    """Public sets of harmful requests that are never trained on: HarmBench's standard behaviours and AdvBench."""
    names = ("harmbench", "advbench")
    return [Row(row["prompt"], {"illegal": 1}, f"{name}{HELD_OUT}", name) for name in names for row in _read(name)]


def xstest() -> list[tuple[str, bool]]:
    """XSTest, never trained on: (prompt, unsafe)."""
    return [(row["prompt"], row["type"].startswith("contrast_")) for row in _read("xstest")]


def _written(seed: int) -> Iterator[Row]:
    rng = random.Random(seed)  # noqa: S311 - a reproducible corpus, not a secret
    for page in pages():
        for section, template in page.templates:
            known = _known(section)
            source = "written-hard" if "hard" in section else "written"
            many = "many" in section
            for text in sorted({page.fill(template, rng) for _ in range(MANY if many else FILLINGS[page.language])}):
                # The everyday grammar is nothing but its slots, so each sentence of it stands for itself.
                group = f"grammar:{text}" if many else f"written:{template}"
                yield Row(text, known, group, source, page.language)


def _prose(folder: Path, held_out: str = "") -> Iterator[Row]:
    """Files named ``language-hand.txt``: sections of labels, one prompt a line, each its own group."""
    for path in sorted(folder.glob("*.txt")):
        known: dict[str, int] = {}
        name = "unseen" if held_out else "prose"
        source = name
        for raw in path.read_text("utf-8").splitlines():
            line = raw.strip()
            if line.startswith("[") and line.endswith("]"):
                section = line[1:-1].split()
                known = _known(section)
                if "sexual" in section and "real_nudity" not in section:
                    known["real_nudity"] = 0  # written as nobody in particular; templates may name a star
                source = f"{name}-hard" if "hard" in section else name
            elif line and not line.startswith("#"):
                yield Row(line, known, f"prose:{line}{held_out}", source, path.stem[:2], PROSE_WEIGHT)


def _known(section: Sequence[str]) -> dict[str, int]:
    """What a section's labels say of every label: present, absent, or unknown where it lies near."""
    known = dict(_BENIGN)
    for label in section:
        if label in known:
            for near in _NEAR[label]:
                if near not in section:
                    known.pop(near, None)
            known[label] = 1
    return known


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
            if code != "nl" and bucket(row["test_case"]) % 2:
                continue  # the same sentence for seven targets: half of them say as much
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


def _neuralchemy() -> Iterator[Row]:
    """Injections of many kinds. The rows it took over from HarmBench are left out: that set is a test."""
    for row in _read("neuralchemy"):
        if row["source"].startswith("harmbench"):
            continue
        group = f"neuralchemy{HELD_OUT}" if row["split"] == "test" else f"neuralchemy:{row['group']}"
        known = {"injection": int(row["label"])}
        # One contest's entries are half of the set; they are alike, so they count less.
        yield Row(row["text"][:1500], known, group, "neuralchemy", weight=0.25 if row["source"] == "hackaprompt" else 0.5)


def _in_the_wild() -> Iterator[Row]:
    """Jailbreaks people shared; every second one is held out."""
    for i, row in enumerate(_read("inthewild")):
        group = f"inthewild{HELD_OUT}" if i % 2 else f"inthewild:{i}"
        yield Row(row["text"][:1500], {"injection": 1}, group, "inthewild", weight=0.5)


def _donotanswer() -> Iterator[Row]:
    for row in _read("donotanswer"):
        yield Row(row["text"], {"illegal": 1}, f"donotanswer:{row['text']}", "donotanswer", weight=0.5)


def _spoken() -> Iterator[Row]:
    """What people say and write when they ask for nothing: example sentences, a novel, speeches. Clips' words are read too."""
    for row in _read("spoken"):
        for start, end in windows(row["text"]):
            yield Row(row["text"][start:end], dict(_BENIGN), f"spoken:{row['group']}", "spoken", weight=SPOKEN_WEIGHT)


def _read(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(SETS / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
