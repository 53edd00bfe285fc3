"""How often a description is found in other words, and how often an ordinary prompt is taken for one.

The thresholds of ``consent/descriptions.py`` were chosen on the even descriptions of ``descriptions.txt``; figures: the odd ones.
``python -m bench.descriptions 0 1000 100000`` takes them with so many made-up descriptions beside, each read by the real encoder
(some minutes for the largest).
"""

from __future__ import annotations

import csv
import gzip
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.made_up_descriptions import descriptions
from classifiers.prompt.embedding import encoder
from classifiers.prompt.normaliser import read_prompt
from consent.descriptions import DescriptionIndex, parts
from safety.prompt import Prompt

HERE = Path(__file__).parent
SETS = HERE.parent / "classifiers" / "prompt" / "data" / "sets"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
#: Captions of the largest set that are taken.
CAPTIONS = 2000


def written() -> list[tuple[str, list[str]]]:
    """Each description with the prompts that mean it: two in English, two in French."""
    found: list[tuple[str, list[str]]] = []
    for line in (HERE / "descriptions.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            found.append((line[2:], []))
        elif line and not line.startswith("#"):
            found[-1][1].append(line)
    return found


def benign() -> list[str]:
    """Ordinary prompts and captions."""
    prompts: list[str] = []
    for name in ("vbench", "partiprompts", "coco_captions"):
        with gzip.open(SETS / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
            prompts += [row["prompt"] for row in csv.DictReader(file)][: CAPTIONS if name == "coco_captions" else None]
    return prompts


def measure(beside: int, ordinary: Sequence[str]) -> dict[str, float]:
    """Recall among the odd descriptions by language, false alarms per 1,000 ordinary prompts, and the search's own time."""
    index = DescriptionIndex(encoder)
    ours = written()
    texts = {f"ours {i}": description for i, (description, _) in enumerate(ours)}
    texts |= {f"other {i}": description for i, description in enumerate(descriptions(beside))}
    index.put(texts)
    prompts = [(f"ours {i}", n, text) for i, (_, meant) in enumerate(ours) for n, text in enumerate(meant) if i % 2]
    found = [(n, key in _seen(index, text)) for key, n, text in prompts]
    hits = {"recall, English": [hit for n, hit in found if n < 2], "recall, French": [hit for n, hit in found if n >= 2]}
    begun = time.thread_time()
    alarms = [bool(_seen(index, text)) for text in ordinary]
    taken = (time.thread_time() - begun) / len(ordinary) * 1000
    figures = {how: float(np.mean(each)) for how, each in hits.items()}
    return figures | {"false alarms per 1,000": 1000 * float(np.mean(alarms)), "ms a prompt, encoder included": taken}


def _seen(index: DescriptionIndex, text: str) -> set[str]:
    plain = read_prompt(Prompt(text=text)).plain
    return {reservation for _, reservation, _ in index.nearest([plain[s:e] for s, e in parts(plain)], NOW)}


if __name__ == "__main__":
    few = benign()
    for count in map(int, sys.argv[1:] or ["0", "1000"]):
        print(count, measure(count, few), flush=True)
